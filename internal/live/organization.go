package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// AccountsByEmail returns the ids of the organization's accounts that are not
// closed, by e-mail in lower case.
func (s *Session) AccountsByEmail(ctx context.Context) (map[string]string, error) {
	ids := map[string]string{}
	pages := organizations.NewListAccountsPaginator(s.organizations(), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the accounts: %w", err)
		}
		for _, a := range page.Accounts {
			if a.Status != orgtypes.AccountStatusSuspended {
				ids[strings.ToLower(aws.ToString(a.Email))] = aws.ToString(a.Id)
			}
		}
	}
	return ids, nil
}

// Settings are the trusted services and the enabled policy types of the
// organization, each sorted.
func (s *Session) Settings(ctx context.Context) (services, policyTypes []string, err error) {
	pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(s.organizations(), &organizations.ListAWSServiceAccessForOrganizationInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("list the trusted services: %w", err)
		}
		for _, p := range page.EnabledServicePrincipals {
			services = append(services, aws.ToString(p.ServicePrincipal))
		}
	}
	roots, err := s.organizations().ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return nil, nil, fmt.Errorf("list the policy types: %w", err)
	}
	for _, r := range roots.Roots {
		for _, t := range r.PolicyTypes {
			if t.Status == orgtypes.PolicyTypeStatusEnabled {
				policyTypes = append(policyTypes, string(t.Type))
			}
		}
	}
	slices.Sort(services)
	slices.Sort(policyTypes)
	return services, policyTypes, nil
}

// Children are the ids of the accounts and units directly in a unit, sorted.
// A unit that does not exist has none.
func (s *Session) Children(ctx context.Context, unit string) (accounts, units []string, err error) {
	if accounts, err = s.children(ctx, unit, orgtypes.ChildTypeAccount); err != nil {
		return nil, nil, err
	}
	units, err = s.children(ctx, unit, orgtypes.ChildTypeOrganizationalUnit)
	return accounts, units, err
}

func (s *Session) children(ctx context.Context, unit string, t orgtypes.ChildType) ([]string, error) {
	var ids []string
	pages := organizations.NewListChildrenPaginator(s.organizations(), &organizations.ListChildrenInput{ParentId: &unit, ChildType: t})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isGone(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list what is in unit %s: %w", unit, err)
		}
		for _, c := range page.Children {
			ids = append(ids, aws.ToString(c.Id))
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Root is the id of the organization's root.
func (s *Session) Root(ctx context.Context) (string, error) {
	out, err := s.organizations().ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return "", fmt.Errorf("read the root: %w", err)
	}
	for _, r := range out.Roots {
		return aws.ToString(r.Id), nil
	}
	return "", fmt.Errorf("read the root: the organization has none")
}

// Policies are the ids of all policies of a type, by name.
func (s *Session) Policies(ctx context.Context, policyType string) (map[string]string, error) {
	ids := map[string]string{}
	pages := organizations.NewListPoliciesPaginator(s.organizations(), &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType(policyType)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the policies of type %s: %w", policyType, err)
		}
		for _, p := range page.Policies {
			ids[aws.ToString(p.Name)] = aws.ToString(p.Id)
		}
	}
	return ids, nil
}

// Targets are the ids of the nodes that a policy is attached to.
func (s *Session) Targets(ctx context.Context, policy string) (map[string]bool, error) {
	targets := map[string]bool{}
	pages := organizations.NewListTargetsForPolicyPaginator(s.organizations(), &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the targets of policy %s: %w", policy, err)
		}
		for _, t := range page.Targets {
			targets[aws.ToString(t.TargetId)] = true
		}
	}
	return targets, nil
}

// Units are the ids of the units directly below a parent, by name.
func (s *Session) Units(ctx context.Context, parent string) (map[string]string, error) {
	ids := map[string]string{}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(s.organizations(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the units below %s: %w", parent, err)
		}
		for _, u := range page.OrganizationalUnits {
			ids[aws.ToString(u.Name)] = aws.ToString(u.Id)
		}
	}
	return ids, nil
}
