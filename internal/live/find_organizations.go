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
	if o.text("parentId") == "" {
		return "", nil
	}
	ids, err := s.Units(ctx, o.text("parentId"))
	return ids[o.text("name")], err
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
		making, err := s.Making(ctx)
		if err != nil || !making[name] {
			return "", err
		}
		if time.Now().After(until) || !pause(ctx, 2*time.Second) {
			return "", errors.Join(fmt.Errorf("AWS is still making account %s", name), ctx.Err())
		}
	}
}

// Making are the names of the accounts that AWS is making right now.
func (s *Session) Making(ctx context.Context) (map[string]bool, error) {
	names := map[string]bool{}
	pages := organizations.NewListCreateAccountStatusPaginator(s.organizations(), &organizations.ListCreateAccountStatusInput{
		States: []orgtypes.CreateAccountState{orgtypes.CreateAccountStateInProgress},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the accounts in the making: %w", err)
		}
		for _, st := range page.CreateAccountStatuses {
			if st.State == orgtypes.CreateAccountStateInProgress {
				names[aws.ToString(st.AccountName)] = true
			}
		}
	}
	return names, nil
}

func (s *Session) findPolicy(ctx context.Context, o Object) (string, error) {
	ids, err := s.Policies(ctx, o.text("type"))
	return ids[o.text("name")], err
}

func (s *Session) findAttachment(ctx context.Context, o Object) (string, error) {
	policy, target := o.text("policyId"), o.text("targetId")
	if policy == "" || target == "" {
		return "", nil
	}
	targets, err := s.Targets(ctx, policy)
	if err != nil || !targets[target] {
		return "", err
	}
	return target + ":" + policy, nil
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
