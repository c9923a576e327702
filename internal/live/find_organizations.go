package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func (s *Session) findUnit(ctx context.Context, o Object) (string, error) {
	parent, name := o.text("parentId"), o.text("name")
	if parent == "" {
		return "", nil
	}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(s.organizations(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, u := range page.OrganizationalUnits {
			if aws.ToString(u.Name) == name {
				return aws.ToString(u.Id), nil
			}
		}
	}
	return "", nil
}

// creation is how long AWS may take to make an account.
const creation = 10 * time.Minute

// findAccount finds an account by its e-mail. One that AWS is still making is
// waited for: nobody else would.
func (s *Session) findAccount(ctx context.Context, o Object) (string, error) {
	email, name := o.text("email"), o.text("name")
	for until := time.Now().Add(creation); ; {
		ids, err := s.AccountsByEmail(ctx)
		if err != nil {
			return "", err
		}
		if id := ids[strings.ToLower(email)]; id != "" {
			return id, nil
		}
		making, err := s.making(ctx, name)
		if err != nil || !making {
			return "", err
		}
		if time.Now().After(until) || !pause(ctx, 2*time.Second) {
			return "", errors.Join(fmt.Errorf("AWS is still making account %s", name), ctx.Err())
		}
	}
}

func (s *Session) making(ctx context.Context, name string) (bool, error) {
	pages := organizations.NewListCreateAccountStatusPaginator(s.organizations(), &organizations.ListCreateAccountStatusInput{
		States: []orgtypes.CreateAccountState{orgtypes.CreateAccountStateInProgress},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		for _, st := range page.CreateAccountStatuses {
			if aws.ToString(st.AccountName) == name && st.State == orgtypes.CreateAccountStateInProgress {
				return true, nil
			}
		}
	}
	return false, nil
}

func (s *Session) findPolicy(ctx context.Context, o Object) (string, error) {
	pages := organizations.NewListPoliciesPaginator(s.organizations(), &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType(o.text("type"))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range page.Policies {
			if aws.ToString(p.Name) == o.text("name") {
				return aws.ToString(p.Id), nil
			}
		}
	}
	return "", nil
}

func (s *Session) findAttachment(ctx context.Context, o Object) (string, error) {
	policy, target := o.text("policyId"), o.text("targetId")
	if policy == "" || target == "" {
		return "", nil
	}
	pages := organizations.NewListTargetsForPolicyPaginator(s.organizations(), &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, t := range page.Targets {
			if aws.ToString(t.TargetId) == target {
				return target + ":" + policy, nil
			}
		}
	}
	return "", nil
}

func (s *Session) findAdministrator(ctx context.Context, o Object) (string, error) {
	account, service := o.text("accountId"), o.text("servicePrincipal")
	if account == "" {
		return "", nil
	}
	pages := organizations.NewListDelegatedAdministratorsPaginator(s.organizations(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: &service})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, a := range page.DelegatedAdministrators {
			if aws.ToString(a.Id) == account {
				return account + "/" + service, nil
			}
		}
	}
	return "", nil
}
