package stacks

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// Organization is the component of the organization stack: the settings of the
// organization, its units and accounts, and its delegated administrators.
type Organization struct {
	pulumi.ResourceState
}

// OrganizationToken is the component's Pulumi type.
const OrganizationToken = "orgrails:index:Organization"

// organizationPlacement places the organization stack. Organizations refuses
// concurrent writes, so everything that writes to it is one chain: last is
// what the next one waits for.
type organizationPlacement struct {
	placement
	parent *Organization
	live   *organizations.LookupOrganizationResult
	waits  []string // keys of accounts that are not in their own units yet
	absent map[string]string
	last   []pulumi.Resource
}

func (p placement) organization(ctx *pulumi.Context, provider *aws.Provider, opts ...pulumi.ResourceOption) (pulumi.Map, error) {
	c := &Organization{}
	props := pulumi.Map{DigestOutput: pulumi.String(p.stack.Digest)}
	if err := ctx.RegisterComponentResourceV2(OrganizationToken, p.stack.Name, props, c, opts...); err != nil {
		return nil, fmt.Errorf("register the organization: %w", err)
	}
	live, err := organizations.LookupOrganization(ctx, pulumi.Provider(provider))
	if err != nil {
		return nil, fmt.Errorf("read the organization: %w", err)
	}
	if want := p.plan.IDs["organization"]; want != "" && want != live.Id {
		return nil, fmt.Errorf("the credentials are of organization %s, and the file is about %s: "+
			"use credentials of its management account", live.Id, want)
	}
	if len(live.Roots) != 1 {
		return nil, fmt.Errorf("the organization %s has %d roots, expected one", live.Id, len(live.Roots))
	}
	o := &organizationPlacement{placement: p, parent: c, live: live}
	o.absent = o.findAbsent()
	if o.waits, err = p.waiting(ctx, o.absent); err != nil {
		return nil, err
	}
	if err := sayWaiting(ctx, p.plan, o.waits); err != nil {
		return nil, err
	}
	trusted, types := o.union()
	if err := o.settings(ctx, trusted, types); err != nil {
		return nil, err
	}
	units, err := o.units(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := o.accounts(ctx, units)
	if err != nil {
		return nil, err
	}
	if err := o.administrators(ctx, accounts); err != nil {
		return nil, err
	}
	return p.finish(ctx, c, pulumi.Map{
		OrganizationIDOutput:      pulumi.String(live.Id),
		RootIDOutput:              pulumi.String(live.Roots[0].Id),
		ManagementAccountIDOutput: pulumi.String(live.MasterAccountId),
		UnitIDsOutput:             units,
		AccountIDsOutput:          accounts,
		TrustedServicesOutput:     pulumi.ToStringArray(trusted),
		PolicyTypesOutput:         pulumi.ToStringArray(types),
		WaitingOutput:             pulumi.ToStringArray(o.waits),
		AbsentOutput:              pulumi.ToStringMap(o.absent),
	})
}

// write are the options of the next thing written to Organizations.
func (o *organizationPlacement) write(name string, more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return o.child(o.parent, name, append(more, pulumi.DependsOn(o.last))...)
}

// union is what the plan wants and what is there: leaving out what somebody
// switched on by hand would switch it off.
func (o *organizationPlacement) union() (trusted, types []string) {
	merge := func(a, b []string) []string {
		all := slices.Concat(a, b)
		slices.Sort(all)
		return slices.Compact(all)
	}
	return merge(o.plan.Organization.TrustedServices, o.live.AwsServiceAccessPrincipals),
		merge(o.plan.Organization.PolicyTypes, o.live.EnabledPolicyTypes)
}

func (o *organizationPlacement) settings(ctx *pulumi.Context, trusted, types []string) error {
	org, err := organizations.NewOrganization(ctx, organizationName(), &organizations.OrganizationArgs{
		AwsServiceAccessPrincipals: pulumi.ToStringArray(trusted),
		EnabledPolicyTypes:         pulumi.ToStringArray(types),
		FeatureSet:                 pulumi.String("ALL"),
	}, o.child(o.parent, "", pulumi.Import(pulumi.ID(o.live.Id)), pulumi.RetainOnDelete(true), pulumi.Protect(true), guarded(o.hook))...)
	if err != nil {
		return fmt.Errorf("register the organization: %w", err)
	}
	o.last = []pulumi.Resource{org}
	features := o.plan.Organization.CentralizedRootAccess
	if len(features) == 0 {
		return nil
	}
	f, err := iam.NewOrganizationsFeatures(ctx, rootAccessName(), &iam.OrganizationsFeaturesArgs{
		EnabledFeatures: pulumi.ToStringArray(features),
	}, o.write(rootAccessName())...)
	if err != nil {
		return fmt.Errorf("register central root access: %w", err)
	}
	o.last = []pulumi.Resource{f}
	o.holds(f)
	return nil
}

func (o *organizationPlacement) units(ctx *pulumi.Context) (pulumi.StringMap, error) {
	ids := pulumi.StringMap{}
	for _, u := range o.plan.Units { // sorted by path: parents come first
		parent, err := o.parentID(u.Parent, ids)
		if err != nil {
			return nil, fmt.Errorf("unit %s: %w", u.Path, err)
		}
		name := UnitName(u.Path)
		more := []pulumi.ResourceOption{guarded(o.hook)}
		if id := o.plan.IDs["unit:"+u.Path]; id != "" {
			more = append(more, pulumi.Import(pulumi.ID(id)))
		}
		var was []pulumi.Alias
		for _, path := range u.Was {
			was = append(was, pulumi.Alias{Name: pulumi.String(UnitName(path))})
		}
		more = append(more, pulumi.Aliases(was))
		unit, err := organizations.NewOrganizationalUnit(ctx, name, &organizations.OrganizationalUnitArgs{
			Name:     pulumi.String(u.Name),
			ParentId: parent,
		}, o.write(name, more...)...)
		if err != nil {
			return nil, fmt.Errorf("register unit %s: %w", u.Path, err)
		}
		ids[u.Path] = unit.ID().ToStringOutput()
		o.last = []pulumi.Resource{unit}
	}
	return ids, nil
}

func (o *organizationPlacement) parentID(parent string, units pulumi.StringMap) (pulumi.StringInput, error) {
	if parent == "root" {
		return pulumi.String(o.live.Roots[0].Id), nil
	}
	id, ok := units[parent]
	if !ok {
		return nil, fmt.Errorf("the plan has no unit %s above it", parent)
	}
	return id, nil
}

// accounts keeps the import of every account whose id is known for ever: it is
// what makes the engine refuse to replace an account, which RetainOnDelete
// alone would answer with a second one.
func (o *organizationPlacement) accounts(ctx *pulumi.Context, units pulumi.StringMap) (pulumi.StringMap, error) {
	ids := pulumi.StringMap{}
	for _, a := range o.plan.Accounts {
		if why := o.absent[a.Key]; why != "" {
			if err := o.leaveOut(ctx, a, why, ids); err != nil {
				return nil, err
			}
			continue
		}
		at := a.Parent
		if slices.Contains(o.waits, a.Key) {
			at = o.plan.Organization.NewAccounts
		}
		parent, err := o.parentID(at, units)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", a.Key, err)
		}
		name := AccountName(a.Key)
		more := []pulumi.ResourceOption{
			guarded(o.hook),
			pulumi.RetainOnDelete(true),
			pulumi.IgnoreChanges(Ignored(accountType)),
		}
		id := o.plan.IDs["account:"+a.Key]
		if id != "" {
			more = append(more, pulumi.Import(pulumi.ID(id)))
			if err := o.compare(ctx, a, id); err != nil {
				return nil, err
			}
		}
		account, err := organizations.NewAccount(ctx, name, &organizations.AccountArgs{
			Name:            pulumi.String(a.Name),
			Email:           pulumi.String(a.Email),
			ParentId:        parent,
			RoleName:        pulumi.String(o.plan.Organization.DeployRole),
			CloseOnDeletion: pulumi.Bool(false),
		}, o.write(name, more...)...)
		if err != nil {
			return nil, fmt.Errorf("register account %s: %w", a.Key, err)
		}
		ids[a.Key] = account.ID().ToStringOutput()
		o.last = []pulumi.Resource{account}
	}
	return ids, nil
}

// compare says where the file and AWS call an account differently: a
// deployment changes neither, because both would replace the account.
func (o *organizationPlacement) compare(ctx *pulumi.Context, a guardrails.Account, id string) error {
	i := slices.IndexFunc(o.live.Accounts, func(l organizations.GetOrganizationAccount) bool { return l.Id == id })
	l := o.live.Accounts[i]
	warn := func(what, file, aws string) error {
		return ctx.Log.Warn(fmt.Sprintf("account %s: the file says %s %q, AWS has %q, and it stays: a deployment does not "+
			"change an account's %[2]s; change it in AWS, or the file [GR414]", a.Key, what, file, aws), nil)
	}
	if l.Email != a.Email {
		if err := warn("e-mail", a.Email, l.Email); err != nil {
			return err
		}
	}
	if l.Name != a.Name {
		return warn("name", a.Name, l.Name)
	}
	return nil
}

func (o *organizationPlacement) administrators(ctx *pulumi.Context, accounts pulumi.StringMap) error {
	for _, d := range o.plan.Organization.DelegatedAdministrators {
		if o.absent[d.Account] != "" {
			continue // said with the account
		}
		account, ok := accounts[d.Account]
		if !ok {
			return fmt.Errorf("delegated administrator of %s: the plan has no account %s", d.ServicePrincipal, d.Account)
		}
		name := AdministratorName(d)
		r, err := organizations.NewDelegatedAdministrator(ctx, name, &organizations.DelegatedAdministratorArgs{
			AccountId:        account,
			ServicePrincipal: pulumi.String(d.ServicePrincipal),
		}, o.write(name)...)
		if err != nil {
			return fmt.Errorf("register the delegated administrator of %s: %w", d.ServicePrincipal, err)
		}
		o.last = []pulumi.Resource{r}
		o.holds(r)
	}
	return nil
}
