package live

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

// CloseAccount has AWS close a member account. AWS takes some minutes over it: the account is
// PENDING_CLOSURE until then. One that is closed already is no error: the
// answer to an earlier try may have been lost.
func (s *Session) CloseAccount(ctx context.Context, id string) error {
	_, err := s.organizations().CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
	if code(err) == "AccountAlreadyClosedException" {
		return nil
	}
	var limit *orgtypes.ConstraintViolationException
	var api smithy.APIError
	switch {
	case errors.As(err, &limit):
		return fmt.Errorf("%s %s: %s", limit.ErrorCode(), limit.Reason, limit.ErrorMessage())
	case errors.As(err, &api):
		return fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	}
	return err
}

// Administers are the services that an account is delegated administrator of, sorted.
func (s *Session) Administers(ctx context.Context, id string) ([]string, error) {
	var services []string
	pages := organizations.NewListDelegatedServicesForAccountPaginator(s.organizations(), &organizations.ListDelegatedServicesForAccountInput{AccountId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isGone(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list what account %s is delegated administrator of: %w", id, err)
		}
		for _, d := range page.DelegatedServices {
			services = append(services, aws.ToString(d.ServicePrincipal))
		}
	}
	slices.Sort(services)
	return services, nil
}

// Places are the units that accounts are in, by account id: their names from
// the root down, root for the root itself.
func (s *Session) Places(ctx context.Context) (map[string]string, error) {
	root, err := s.Root(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string]string{}
	return places, s.places(ctx, root, "root", places)
}

func (s *Session) places(ctx context.Context, id, path string, places map[string]string) error {
	accounts, err := s.children(ctx, id, orgtypes.ChildTypeAccount)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		places[a] = path
	}
	units, err := s.Units(ctx, id)
	if err != nil {
		return err
	}
	for name, unit := range units {
		below := name
		if path != "root" {
			below = path + "/" + name
		}
		if err := s.places(ctx, unit, below, places); err != nil {
			return err
		}
	}
	return nil
}
