package live

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// policies reads all types, the content of each policy, and what it is
// attached to. Attachments are asked for by policy: there are far fewer
// policies than units and accounts.
func (r *reader) policies(o *organizations.Client, root Answer[Root]) []PoliciesOfType {
	types := policyTypes(root)
	lists := make([]Answer[[]Policy], len(types))
	r.each(len(types), func(i int) { lists[i] = r.policiesOf(o, types[i]) })

	var all []*Policy
	for i := range lists {
		list, _ := lists[i].Get()
		for j := range list {
			all = append(all, &list[j])
		}
	}
	r.progress("policies", 0, len(all))
	r.progress("attachments", 0, len(all))
	together(
		func() {
			r.each(len(all), func(i int) {
				all[i].Content = r.content(o, all[i])
				r.progress("policies", 1, 0)
			})
		},
		func() {
			r.each(len(all), func(i int) {
				all[i].Targets = r.targets(o, all[i])
				r.progress("attachments", 1, 0)
			})
		},
	)
	out := make([]PoliciesOfType, len(types))
	for i := range types {
		out[i] = PoliciesOfType{types[i], lists[i]}
	}
	return out
}

func (r *reader) policiesOf(o *organizations.Client, policyType string) Answer[[]Policy] {
	q := question{what: "the policies of type " + policyType, api: "organizations:ListPolicies", about: policyType}
	return ask(r, q, func(ctx context.Context) ([]Policy, error) {
		policies := []Policy{}
		pages := organizations.NewListPoliciesPaginator(o, &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType(policyType), MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, p := range page.Policies {
				policies = append(policies, Policy{ID: aws.ToString(p.Id), Name: aws.ToString(p.Name), Description: aws.ToString(p.Description), AWSManaged: p.AwsManaged})
			}
		}
		slices.SortFunc(policies, func(a, b Policy) int { return strings.Compare(a.ID, b.ID) })
		return policies, nil
	})
}

func (r *reader) content(o *organizations.Client, p *Policy) Answer[string] {
	q := question{what: "the content of policy " + p.ID + " (" + p.Name + ")", api: "organizations:DescribePolicy", about: p.ID}
	return ask(r, q, func(ctx context.Context) (string, error) {
		out, err := o.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &p.ID})
		if err != nil {
			return "", err
		}
		if out.Policy == nil || out.Policy.Content == nil {
			return "", errIncomplete
		}
		return *out.Policy.Content, nil
	})
}

func (r *reader) targets(o *organizations.Client, p *Policy) Answer[[]Target] {
	q := question{what: "the targets of policy " + p.ID + " (" + p.Name + ")", api: "organizations:ListTargetsForPolicy", about: p.ID}
	return ask(r, q, func(ctx context.Context) ([]Target, error) {
		targets := []Target{}
		pages := organizations.NewListTargetsForPolicyPaginator(o, &organizations.ListTargetsForPolicyInput{PolicyId: &p.ID, MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, t := range page.Targets {
				targets = append(targets, Target{aws.ToString(t.TargetId), string(t.Type)})
			}
		}
		slices.SortFunc(targets, func(a, b Target) int { return strings.Compare(a.ID, b.ID) })
		return targets, nil
	})
}
