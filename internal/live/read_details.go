package live

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamPage is the most that a list of IAM puts on a page.
const iamPage = 1000

// details are what is kept of an account's authorization details: the roles
// that can be assumed, the groups that grant it, and the policies these need.
type details struct {
	Roles    []Role          `json:"roles"`
	Groups   []Group         `json:"groups"`
	Policies []ManagedPolicy `json:"policies"`
}

// details reads roles, groups and customer managed policies in one list,
// attachments and documents included; asking one by one would take several
// calls for each.
func (r *reader) details(account string) Answer[details] {
	q := question{what: "the roles, groups and customer managed policies", api: "iam:GetAccountAuthorizationDetails", account: account,
		about: strings.Join(r.opts.Keep, " ")}
	return in(r, q, func(ctx context.Context, s *Session) (details, error) {
		f := found{keep: r.opts.Keep}
		pages := iam.NewGetAccountAuthorizationDetailsPaginator(s.iam(), &iam.GetAccountAuthorizationDetailsInput{
			Filter:   []iamtypes.EntityType{iamtypes.EntityTypeRole, iamtypes.EntityTypeGroup, iamtypes.EntityTypeLocalManagedPolicy},
			MaxItems: aws.Int32(iamPage),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return details{}, err
			}
			f.add(page)
		}
		return f.chosen(), nil
	})
}

// found is everything on the pages, which come in any order.
type found struct {
	keep       []string // names, sorted
	roles      []Role   // that can be assumed, or are kept
	groups     []iamtypes.GroupDetail
	policies   map[string]ManagedPolicy // by ARN
	boundaries map[string]bool          // ARNs
}

func (f *found) kept(name string) bool {
	_, ok := slices.BinarySearch(f.keep, name)
	return ok
}

func (f *found) add(page *iam.GetAccountAuthorizationDetailsOutput) {
	if f.policies == nil {
		f.policies, f.boundaries = map[string]ManagedPolicy{}, map[string]bool{}
	}
	for _, v := range page.RoleDetailList {
		role := Role{
			ARN: aws.ToString(v.Arn), Name: aws.ToString(v.RoleName), Path: aws.ToString(v.Path),
			Trust:            document(aws.ToString(v.AssumeRolePolicyDocument)),
			AttachedPolicies: attached(v.AttachedManagedPolicies), InlinePolicies: inline(v.RolePolicyList), Tags: map[string]string{},
		}
		if v.PermissionsBoundary != nil {
			role.Boundary = aws.ToString(v.PermissionsBoundary.PermissionsBoundaryArn)
			f.boundaries[role.Boundary] = true
		}
		for _, t := range v.Tags {
			role.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		if isAssumable(role.Trust) || f.kept(role.Name) {
			f.roles = append(f.roles, role)
		}
	}
	f.groups = append(f.groups, page.GroupDetailList...)
	for _, v := range page.Policies {
		p := ManagedPolicy{ARN: aws.ToString(v.Arn), Name: aws.ToString(v.PolicyName), Path: aws.ToString(v.Path)}
		if v.Description != nil {
			p.Description = answered(*v.Description)
		}
		for _, version := range v.PolicyVersionList {
			if version.IsDefaultVersion {
				p.Document = document(aws.ToString(version.Document))
			}
		}
		if aws.ToInt32(v.PermissionsBoundaryUsageCount) > 0 {
			f.boundaries[p.ARN] = true
		}
		f.policies[p.ARN] = p
	}
}

// chosen leaves out the groups that grant nothing of interest, and the
// policies that nothing of interest has.
func (f *found) chosen() details {
	d := details{Roles: append([]Role{}, f.roles...), Groups: []Group{}, Policies: []ManagedPolicy{}}
	wanted := map[string]bool{}
	want := func(arns []string) {
		for _, a := range arns {
			wanted[a] = true
		}
	}
	for _, role := range d.Roles {
		want(role.AttachedPolicies)
	}
	for _, v := range f.groups {
		g := Group{ARN: aws.ToString(v.Arn), Name: aws.ToString(v.GroupName), Path: aws.ToString(v.Path),
			AttachedPolicies: attached(v.AttachedManagedPolicies), InlinePolicies: inline(v.GroupPolicyList)}
		grants := slices.ContainsFunc(g.AttachedPolicies, func(arn string) bool {
			p, ok := f.policies[arn]
			return ok && grantsAssume(p.Document)
		}) || slices.ContainsFunc(v.GroupPolicyList, func(p iamtypes.PolicyDetail) bool { return grantsAssume(document(aws.ToString(p.PolicyDocument))) })
		if grants || f.kept(g.Name) {
			d.Groups = append(d.Groups, g)
			want(g.AttachedPolicies)
		}
	}
	for arn, p := range f.policies {
		if p.Boundary = f.boundaries[arn]; p.Boundary || wanted[arn] || f.kept(p.Name) {
			d.Policies = append(d.Policies, p)
		}
	}
	slices.SortFunc(d.Roles, func(a, b Role) int { return strings.Compare(a.ARN, b.ARN) })
	slices.SortFunc(d.Groups, func(a, b Group) int { return strings.Compare(a.ARN, b.ARN) })
	slices.SortFunc(d.Policies, func(a, b ManagedPolicy) int { return strings.Compare(a.ARN, b.ARN) })
	return d
}

func attached(list []iamtypes.AttachedPolicy) []string {
	arns := []string{}
	for _, p := range list {
		arns = append(arns, aws.ToString(p.PolicyArn))
	}
	slices.Sort(arns)
	return arns
}

func inline(list []iamtypes.PolicyDetail) []string {
	names := []string{}
	for _, p := range list {
		names = append(names, aws.ToString(p.PolicyName))
	}
	slices.Sort(names)
	return names
}
