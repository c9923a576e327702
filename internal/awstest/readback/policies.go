package readback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// prefix begins the name of every Organizations policy of ours.
const prefix = "orgrails-"

// policies compares every Organizations policy and attachment, and finds what
// is left over of ours. Every node must keep AWS's FullAWSAccess, but those at
// which the plan has an allow list in its place.
func (c *checker) policies() error {
	o := organizations.NewFromConfig(c.mgmt)
	targets := map[string][]string{} // policy name -> target ids
	for _, a := range c.plan.Attachments {
		targets[a.Type+" "+a.Policy] = append(targets[a.Type+" "+a.Policy], c.res.IDs[a.Target])
	}
	planned := map[string]bool{}
	for _, t := range c.plan.Organization.PolicyTypes {
		live, err := c.livePolicies(o, types.PolicyType(t))
		if err != nil {
			return err
		}
		for _, p := range c.plan.Policies {
			if p.Type != t {
				continue
			}
			key := t + " " + p.Name
			planned[key] = true
			id, ok := live[p.Name]
			if !ok {
				c.thing("policy %s does not exist", p.Name)
				continue
			}
			got, err := o.DescribePolicy(c.ctx, &organizations.DescribePolicyInput{PolicyId: &id})
			if err != nil {
				return fmt.Errorf("describe policy %s: %w", p.Name, err)
			}
			c.same("policy "+p.Name,
				prop("content", *got.Policy.Content, c.fill(p.Content)),
				prop("description", *got.Policy.PolicySummary.Description, p.Description))
			attached, err := c.targets(o, id)
			if err != nil {
				return err
			}
			for _, want := range targets[key] {
				c.same("policy "+p.Name+" on "+want, prop("attached", slices.Contains(attached, want), true))
			}
			for _, have := range attached {
				if !slices.Contains(targets[key], have) {
					c.problem("policy %s is attached to %s, the plan does not say so", p.Name, have)
				}
			}
		}
		for name := range live {
			if strings.HasPrefix(name, prefix) && !planned[t+" "+name] {
				c.problem("policy %s is left over", name)
			}
		}
	}
	if !slices.Contains(c.plan.Organization.PolicyTypes, "SERVICE_CONTROL_POLICY") {
		return nil
	}
	full, err := c.targets(o, "p-FullAWSAccess")
	if err != nil {
		return err
	}
	for ref, id := range c.res.IDs {
		if ref == "organization" || ref == "account:management" {
			continue
		}
		switch has, replaced := slices.Contains(full, id), slices.Contains(c.plan.NoFullAccess, ref); {
		case !has && !replaced:
			c.problem("%s (%s) has lost FullAWSAccess", ref, id)
		case has && replaced:
			c.problem("%s (%s) still has FullAWSAccess beside its allow list", ref, id)
		}
	}
	return nil
}

func (c *checker) livePolicies(o *organizations.Client, t types.PolicyType) (map[string]string, error) {
	live := map[string]string{}
	pages := organizations.NewListPoliciesPaginator(o, &organizations.ListPoliciesInput{Filter: t})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the policies of type %s: %w", t, err)
		}
		for _, p := range page.Policies {
			if _, twice := live[*p.Name]; twice {
				c.problem("two policies are named %s", *p.Name)
			}
			live[*p.Name] = *p.Id
		}
	}
	return live, nil
}

func (c *checker) targets(o *organizations.Client, policy string) ([]string, error) {
	var ids []string
	pages := organizations.NewListTargetsForPolicyPaginator(o, &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the targets of %s: %w", policy, err)
		}
		for _, t := range page.Targets {
			ids = append(ids, *t.TargetId)
		}
	}
	return ids, nil
}
