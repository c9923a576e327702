package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

var organizationKinds = []*kind{
	{
		token: "aws:organizations/organization:Organization", label: "Organizations Organization",
		docs: []string{registry + "organizations/organization/", terraform + "organizations_organization"},
		fields: map[string]field{
			// Leaving either list out is a change that switches everything off.
			"awsServiceAccessPrincipals": {set: true},
			"enabledPolicyTypes":         {set: true},
			"featureSet":                 {def: "ALL"},
		},
		outputs: []string{"accounts", "arn", "masterAccountArn", "masterAccountEmail", "masterAccountId", "masterAccountName", "nonMasterAccounts", "roots"},
		create:  createOrganization, read: readOrganization, update: updateOrganization,
		delete: func(ctx context.Context, c *clients, _ string, _ props) error {
			_, err := c.organizations.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
			return err
		},
		stateID: func(out props) string { return out.string("id") },
	},
	{
		token: "aws:organizations/organizationalUnit:OrganizationalUnit", label: "Organizations Organizational Unit",
		docs: []string{registry + "organizations/organizationalunit/", terraform + "organizations_organizational_unit"},
		fields: map[string]field{
			"name":     {auto: true},
			"parentId": {required: true, replace: true}, // there is no call to move a unit
			"tags":     {},
		},
		outputs: []string{"accounts", "arn", "tagsAll"},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			out, err := c.organizations.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
				Name: aws.String(in.string("name")), ParentId: aws.String(in.string("parentId")), Tags: organizationTags(in),
			})
			if err != nil {
				return "", err
			}
			return aws.ToString(out.OrganizationalUnit.Id), nil
		},
		read: readUnit,
		update: func(ctx context.Context, c *clients, id string, old, in props) error {
			if old.string("name") != in.string("name") {
				if _, err := c.organizations.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{
					OrganizationalUnitId: &id, Name: aws.String(in.string("name")),
				}); err != nil {
					return err
				}
			}
			return c.retagOrganization(ctx, id, old, in)
		},
		delete: func(ctx context.Context, c *clients, id string, _ props) error {
			_, err := c.organizations.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
			return err
		},
	},
	{
		token: "aws:organizations/account:Account", label: "Organizations Account",
		docs: []string{registry + "organizations/account/", terraform + "organizations_account"},
		fields: map[string]field{
			"name":                   {auto: true, replace: true},
			"email":                  {required: true, replace: true},
			"iamUserAccessToBilling": {replace: true, unread: true},
			"roleName":               {replace: true, unread: true},
			"closeOnDeletion":        {unread: true},
			"createGovcloud":         {unread: true},
			"parentId":               {computed: true}, // MoveAccount
			"tags":                   {},
		},
		outputs: []string{"arn", "govcloudId", "joinedMethod", "joinedTimestamp", "status", "tagsAll"},
		imported: func(id string) (string, props, error) { // <account> or <account>_<ALLOW|DENY>
			id, billing, has := strings.Cut(id, "_")
			if !has {
				return id, props{}, nil
			}
			return id, props{"iamUserAccessToBilling": billing}, nil
		},
		create: createAccount, read: readAccount, update: updateAccount, delete: deleteAccount,
	},
	{
		token: "aws:organizations/delegatedAdministrator:DelegatedAdministrator", label: "Organizations Delegated Administrator",
		docs: []string{registry + "organizations/delegatedadministrator/", terraform + "organizations_delegated_administrator"},
		fields: map[string]field{
			"accountId":        {required: true, replace: true},
			"servicePrincipal": {required: true, replace: true},
		},
		outputs: []string{"arn", "delegationEnabledDate", "email", "joinedMethod", "joinedTimestamp", "name", "status"},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			account, service := in.string("accountId"), in.string("servicePrincipal")
			_, err := c.organizations.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{
				AccountId: &account, ServicePrincipal: &service,
			})
			if err != nil {
				return "", err
			}
			return account + "/" + service, nil
		},
		read: readDelegatedAdministrator,
		delete: func(ctx context.Context, c *clients, id string, _ props) error {
			account, service, _ := strings.Cut(id, "/")
			_, err := c.organizations.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{
				AccountId: &account, ServicePrincipal: &service,
			})
			return err
		},
	},
}

func createOrganization(ctx context.Context, c *clients, in props) (string, error) {
	out, err := c.organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSet(in.string("featureSet"))})
	if err != nil {
		return "", err
	}
	id := aws.ToString(out.Organization.Id)
	return id, updateOrganization(ctx, c, id, props{}, in)
}

func updateOrganization(ctx context.Context, c *clients, _ string, old, in props) error {
	wanted, had := in.list("awsServiceAccessPrincipals"), old.list("awsServiceAccessPrincipals")
	for _, s := range missing(had, wanted) {
		if _, err := c.organizations.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: &s}); err != nil {
			return fmt.Errorf("disabling AWS service access (%s): %w", s, err)
		}
	}
	for _, s := range missing(wanted, had) {
		if _, err := c.organizations.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &s}); err != nil {
			return fmt.Errorf("enabling AWS service access (%s): %w", s, err)
		}
	}
	wanted, had = in.list("enabledPolicyTypes"), old.list("enabledPolicyTypes")
	if len(missing(wanted, had))+len(missing(had, wanted)) == 0 {
		return nil
	}
	roots, err := c.organizations.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return fmt.Errorf("reading roots: %w", err)
	}
	root := roots.Roots[0].Id
	for _, t := range missing(had, wanted) {
		if _, err := c.organizations.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: types.PolicyType(t)}); err != nil {
			return fmt.Errorf("disabling policy type (%s): %w", t, err)
		}
	}
	for _, t := range missing(wanted, had) {
		if _, err := c.organizations.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyType(t)}); err != nil {
			return fmt.Errorf("enabling policy type (%s): %w", t, err)
		}
	}
	return nil
}

// missing are those of a that are not in b.
func missing(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func readOrganization(ctx context.Context, c *clients, _ string, _ props) (props, bool, error) {
	out, err := c.organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	o := out.Organization
	p := props{
		"id": aws.ToString(o.Id), "arn": aws.ToString(o.Arn), "featureSet": string(o.FeatureSet),
		"masterAccountArn": aws.ToString(o.MasterAccountArn), "masterAccountEmail": aws.ToString(o.MasterAccountEmail), "masterAccountId": aws.ToString(o.MasterAccountId),
		"accounts": []any{}, "nonMasterAccounts": []any{}, "roots": []any{}, "awsServiceAccessPrincipals": []any{}, "enabledPolicyTypes": []any{},
	}
	accounts, err := c.accounts(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("reading accounts: %w", err)
	}
	for _, a := range accounts {
		p["accounts"] = append(p["accounts"].([]any), describeAccount(a))
		if aws.ToString(a.Id) == aws.ToString(o.MasterAccountId) {
			p["masterAccountName"] = aws.ToString(a.Name)
		} else {
			p["nonMasterAccounts"] = append(p["nonMasterAccounts"].([]any), describeAccount(a))
		}
	}
	roots, err := c.organizations.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return nil, false, fmt.Errorf("reading roots: %w", err)
	}
	for _, r := range roots.Roots {
		enabled, enabledTypes := []any{}, []string{}
		for _, t := range r.PolicyTypes {
			enabled = append(enabled, map[string]any{"status": string(t.Status), "type": string(t.Type)})
			if t.Status == types.PolicyTypeStatusEnabled {
				enabledTypes = append(enabledTypes, string(t.Type))
			}
		}
		p["roots"] = append(p["roots"].([]any), map[string]any{
			"arn": aws.ToString(r.Arn), "id": aws.ToString(r.Id), "name": aws.ToString(r.Name), "policyTypes": enabled,
		})
		p["enabledPolicyTypes"] = anys(slices.Sorted(slices.Values(enabledTypes)))
	}
	if o.FeatureSet != types.OrganizationFeatureSetAll || c.account != aws.ToString(o.MasterAccountId) {
		return p, true, nil
	}
	var services []string
	pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(c.organizations, &organizations.ListAWSServiceAccessForOrganizationInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("reading AWS service access: %w", err)
		}
		for _, s := range page.EnabledServicePrincipals {
			services = append(services, aws.ToString(s.ServicePrincipal))
		}
	}
	p["awsServiceAccessPrincipals"] = anys(slices.Sorted(slices.Values(services)))
	return p, true, nil
}

func (c *clients) accounts(ctx context.Context) ([]types.Account, error) {
	var all []types.Account
	pages := organizations.NewListAccountsPaginator(c.organizations, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Accounts...)
	}
	return all, nil
}

func describeAccount(a types.Account) map[string]any {
	return map[string]any{
		"arn": aws.ToString(a.Arn), "email": aws.ToString(a.Email), "id": aws.ToString(a.Id), "name": aws.ToString(a.Name), "status": string(a.Status),
	}
}

func anys(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

func readUnit(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	out, err := c.organizations.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	p := props{"name": aws.ToString(out.OrganizationalUnit.Name), "arn": aws.ToString(out.OrganizationalUnit.Arn)}
	if p["parentId"], err = c.parent(ctx, id); err != nil {
		return nil, false, err
	}
	accounts := []any{}
	pages := organizations.NewListAccountsForParentPaginator(c.organizations, &organizations.ListAccountsForParentInput{ParentId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("reading accounts: %w", err)
		}
		for _, a := range page.Accounts {
			d := describeAccount(a)
			delete(d, "status")
			accounts = append(accounts, d)
		}
	}
	p["accounts"] = accounts
	return p, true, c.readOrganizationTags(ctx, id, p)
}

func (c *clients) parent(ctx context.Context, child string) (string, error) {
	out, err := c.organizations.ListParents(ctx, &organizations.ListParentsInput{ChildId: &child})
	if err != nil {
		return "", fmt.Errorf("reading parent: %w", err)
	}
	if len(out.Parents) == 0 {
		return "", nil
	}
	return aws.ToString(out.Parents[0].Id), nil
}

func createAccount(ctx context.Context, c *clients, in props) (string, error) {
	input := &organizations.CreateAccountInput{AccountName: aws.String(in.string("name")), Email: aws.String(in.string("email")), Tags: organizationTags(in)}
	if s := in.string("roleName"); s != "" {
		input.RoleName = &s
	}
	if s := in.string("iamUserAccessToBilling"); s != "" {
		input.IamUserAccessToBilling = types.IAMUserAccessToBilling(s)
	}
	out, err := c.organizations.CreateAccount(ctx, input)
	if err != nil {
		return "", err
	}
	request := out.CreateAccountStatus.Id
	for wait := 50 * time.Millisecond; ; wait = min(wait*2, 2*time.Second) {
		s, err := c.organizations.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: request})
		if err != nil {
			return "", err
		}
		switch status := s.CreateAccountStatus; status.State {
		case types.CreateAccountStateFailed:
			return "", fmt.Errorf("waiting for AWS Organizations Account (%s) create: unexpected state 'FAILED', wanted target 'SUCCEEDED'. last error: %s", in.string("name"), status.FailureReason)
		case types.CreateAccountStateSucceeded:
			id := aws.ToString(status.AccountId)
			return id, c.moveAccount(ctx, id, in.string("parentId"))
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (c *clients) moveAccount(ctx context.Context, id, to string) error {
	if to == "" {
		return nil
	}
	from, err := c.parent(ctx, id)
	if err != nil || from == to {
		return err
	}
	_, err = c.organizations.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &from, DestinationParentId: &to})
	if err != nil {
		return fmt.Errorf("moving to %s: %w", to, err)
	}
	return nil
}

func readAccount(ctx context.Context, c *clients, id string, old props) (props, bool, error) {
	out, err := c.organizations.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	a := out.Account
	if a.Status == types.AccountStatusSuspended {
		return nil, false, nil
	}
	p := props{
		"name": aws.ToString(a.Name), "email": aws.ToString(a.Email), "arn": aws.ToString(a.Arn), "status": string(a.Status),
		"joinedMethod": string(a.JoinedMethod), "joinedTimestamp": rfc3339(a.JoinedTimestamp), "govcloudId": "",
	}
	if p["parentId"], err = c.parent(ctx, id); err != nil {
		return nil, false, err
	}
	return p, true, c.readOrganizationTags(ctx, id, p)
}

func updateAccount(ctx context.Context, c *clients, id string, old, in props) error {
	if in.string("parentId") != old.string("parentId") {
		if err := c.moveAccount(ctx, id, in.string("parentId")); err != nil {
			return err
		}
	}
	return c.retagOrganization(ctx, id, old, in)
}

// deleteAccount closes an account only when that was asked for; else it only
// leaves the organization.
func deleteAccount(ctx context.Context, c *clients, id string, old props) error {
	if !old.bool("closeOnDeletion") {
		_, err := c.organizations.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id})
		return err
	}
	_, err := c.organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
	if e := (*types.AccountAlreadyClosedException)(nil); errors.As(err, &e) {
		return nil
	}
	return err
}

func readDelegatedAdministrator(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	account, service, ok := strings.Cut(id, "/")
	if !ok {
		return nil, false, fmt.Errorf("unexpected format of id (%s), expected DELEGATED_ACCOUNT_ID/DELEGATED_SERVICE_PRINCIPAL", id)
	}
	pages := organizations.NewListDelegatedAdministratorsPaginator(c.organizations, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: &service})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if gone(err) {
			return nil, false, nil
		} else if err != nil {
			return nil, false, err
		}
		for _, a := range page.DelegatedAdministrators {
			if aws.ToString(a.Id) == account {
				return props{
					"accountId": account, "servicePrincipal": service, "arn": aws.ToString(a.Arn), "email": aws.ToString(a.Email), "name": aws.ToString(a.Name),
					"status": string(a.Status), "joinedMethod": string(a.JoinedMethod), "joinedTimestamp": rfc3339(a.JoinedTimestamp),
					"delegationEnabledDate": rfc3339(a.DelegationEnabledDate),
				}, true, nil
			}
		}
	}
	return nil, false, nil
}

func rfc3339(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func organizationTags(in props) []types.Tag {
	tags := in.stringMap("tags")
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

func (c *clients) readOrganizationTags(ctx context.Context, id string, into props) error {
	tags := map[string]any{}
	pages := organizations.NewListTagsForResourcePaginator(c.organizations, &organizations.ListTagsForResourceInput{ResourceId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reading tags: %w", err)
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	into["tags"], into["tagsAll"] = tags, tags
	return nil
}

func (c *clients) retagOrganization(ctx context.Context, id string, old, in props) error {
	set, remove := tagChanges(old, in)
	if len(remove) > 0 {
		if _, err := c.organizations.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: &id, TagKeys: remove}); err != nil {
			return fmt.Errorf("removing tags: %w", err)
		}
	}
	if len(set) > 0 {
		if _, err := c.organizations.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &id, Tags: organizationTags(props{"tags": set})}); err != nil {
			return fmt.Errorf("setting tags: %w", err)
		}
	}
	return nil
}

func tagChanges(old, in props) (set map[string]any, remove []string) {
	before, after := old.stringMap("tags"), in.stringMap("tags")
	set = map[string]any{}
	for k, v := range after {
		if was, had := before[k]; !had || was != v {
			set[k] = v
		}
	}
	for _, k := range slices.Sorted(maps.Keys(before)) {
		if _, kept := after[k]; !kept {
			remove = append(remove, k)
		}
	}
	return set, remove
}
