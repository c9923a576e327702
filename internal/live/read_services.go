package live

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func (r *reader) trusted(o *organizations.Client) Answer[[]string] {
	q := question{what: "the services with trusted access", api: "organizations:ListAWSServiceAccessForOrganization"}
	return ask(r, q, func(ctx context.Context) ([]string, error) {
		services := []string{}
		pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(o, &organizations.ListAWSServiceAccessForOrganizationInput{MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, p := range page.EnabledServicePrincipals {
				services = append(services, aws.ToString(p.ServicePrincipal))
			}
		}
		slices.Sort(services)
		return services, nil
	})
}

func (r *reader) delegated(o *organizations.Client) Answer[[]DelegatedAdministrator] {
	q := question{what: "the delegated administrators", api: "organizations:ListDelegatedAdministrators"}
	accounts := ask(r, q, func(ctx context.Context) ([]string, error) {
		accounts := []string{}
		pages := organizations.NewListDelegatedAdministratorsPaginator(o, &organizations.ListDelegatedAdministratorsInput{MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.DelegatedAdministrators {
				accounts = append(accounts, aws.ToString(a.Id))
			}
		}
		slices.Sort(accounts)
		return accounts, nil
	})
	list, ok := accounts.Get()
	if !ok {
		return Answer[[]DelegatedAdministrator]{}
	}
	out := make([]DelegatedAdministrator, len(list))
	r.progress("delegated administrators", 0, len(list))
	r.each(len(list), func(i int) {
		out[i] = DelegatedAdministrator{list[i], r.delegatedTo(o, list[i])}
		r.progress("delegated administrators", 1, 0)
	})
	return answered(out)
}

func (r *reader) delegatedTo(o *organizations.Client, account string) Answer[[]string] {
	q := question{what: "the services that account " + account + " administers", api: "organizations:ListDelegatedServicesForAccount", about: account}
	return ask(r, q, func(ctx context.Context) ([]string, error) {
		services := []string{}
		pages := organizations.NewListDelegatedServicesForAccountPaginator(o, &organizations.ListDelegatedServicesForAccountInput{AccountId: &account, MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, s := range page.DelegatedServices {
				services = append(services, aws.ToString(s.ServicePrincipal))
			}
		}
		slices.Sort(services)
		return services, nil
	})
}

func (r *reader) delegation(o *organizations.Client) Answer[ResourcePolicy] {
	q := question{what: "the organization's resource policy", api: "organizations:DescribeResourcePolicy"}
	return ask(r, q, func(ctx context.Context) (ResourcePolicy, error) {
		out, err := o.DescribeResourcePolicy(ctx, &organizations.DescribeResourcePolicyInput{})
		var none *orgtypes.ResourcePolicyNotFoundException
		switch {
		case errors.As(err, &none):
			return ResourcePolicy{}, nil
		case err != nil:
			return ResourcePolicy{}, err
		case out.ResourcePolicy == nil || out.ResourcePolicy.Content == nil:
			return ResourcePolicy{}, errIncomplete
		}
		p := ResourcePolicy{Content: *out.ResourcePolicy.Content}
		if s := out.ResourcePolicy.ResourcePolicySummary; s != nil {
			p.ID = aws.ToString(s.Id)
		}
		return p, nil
	})
}

// rootAccess reads what of centralized root access is on. Without trusted
// access of IAM nothing of it can be.
func (r *reader) rootAccess() Answer[[]string] {
	q := question{what: "centralized root access", api: "iam:ListOrganizationsFeatures"}
	return ask(r, q, func(ctx context.Context) ([]string, error) {
		features := []string{}
		out, err := r.s.iam().ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
		var off *iamtypes.ServiceAccessNotEnabledException
		if errors.As(err, &off) {
			return features, nil
		}
		if err != nil {
			return nil, err
		}
		for _, f := range out.EnabledFeatures {
			features = append(features, string(f))
		}
		slices.SortFunc(features, strings.Compare)
		return features, nil
	})
}
