package readback

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func (c *checker) organization() error {
	o := organizations.NewFromConfig(c.mgmt)
	org, err := o.DescribeOrganization(c.ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return fmt.Errorf("describe the organization: %w", err)
	}
	c.accounts["management"] = true
	c.res.IDs["organization"] = *org.Organization.Id
	c.res.IDs["account:management"] = *org.Organization.MasterAccountId
	roots, err := o.ListRoots(c.ctx, &organizations.ListRootsInput{})
	if err != nil {
		return fmt.Errorf("list the roots: %w", err)
	}
	root := roots.Roots[0]
	c.res.IDs["root"] = *root.Id
	enabled := map[string]bool{}
	for _, t := range root.PolicyTypes {
		enabled[string(t.Type)] = t.Status == types.PolicyTypeStatusEnabled
	}
	for _, t := range c.plan.Organization.PolicyTypes {
		c.same("policy type "+t, prop("enabled", enabled[t], true))
	}
	if err := c.units(o); err != nil {
		return err
	}
	if err := c.places(o); err != nil {
		return err
	}
	return c.settings(o)
}

// units walks the live tree along the plan's and learns the ids.
func (c *checker) units(o *organizations.Client) error {
	children := map[string]map[string]string{} // parent id -> name -> id
	for _, u := range c.plan.Units {
		parent, ok := c.res.IDs[unitRef(u.Parent)]
		if !ok {
			c.thing("unit %s: its parent does not exist", u.Path)
			continue
		}
		if children[parent] == nil {
			names, err := childUnits(c, o, parent)
			if err != nil {
				return err
			}
			children[parent] = names
		}
		id, ok := children[parent][u.Name]
		if !ok {
			c.thing("unit %s does not exist", u.Path)
			continue
		}
		c.res.IDs["unit:"+u.Path] = id
		c.thing("")
	}
	return nil
}

func childUnits(c *checker, o *organizations.Client, parent string) (map[string]string, error) {
	names := map[string]string{}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(o, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the units of %s: %w", parent, err)
		}
		for _, u := range page.OrganizationalUnits {
			if _, twice := names[*u.Name]; twice {
				c.problem("two units are named %q in %s", *u.Name, parent)
			}
			names[*u.Name] = *u.Id
		}
	}
	return names, nil
}

// places finds each account by its e-mail and looks where it is.
func (c *checker) places(o *organizations.Client) error {
	byEmail := map[string]types.Account{}
	pages := organizations.NewListAccountsPaginator(o, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return fmt.Errorf("list the accounts: %w", err)
		}
		for _, a := range page.Accounts {
			if _, twice := byEmail[*a.Email]; twice {
				c.problem("two accounts have the e-mail %s", *a.Email)
			}
			byEmail[*a.Email] = a
		}
	}
	byID := map[string]types.Account{}
	for _, a := range byEmail {
		byID[*a.Id] = a
	}
	for _, a := range c.plan.Accounts {
		live, ok := byID[c.plan.IDs["account:"+a.Key]]
		if !ok {
			live, ok = byEmail[a.Email]
		}
		if !ok {
			c.thing("account %s does not exist", a.Key)
			continue
		}
		c.res.IDs["account:"+a.Key] = *live.Id
		parents, err := o.ListParents(c.ctx, &organizations.ListParentsInput{ChildId: live.Id})
		if err != nil {
			return fmt.Errorf("list the parents of %s: %w", a.Key, err)
		}
		c.same("account "+a.Key, prop("unit", *parents.Parents[0].Id, c.res.IDs[unitRef(a.Parent)]))
	}
	return nil
}

func (c *checker) settings(o *organizations.Client) error {
	trusted, err := trustedServices(c, o)
	if err != nil {
		return err
	}
	for _, s := range c.plan.Organization.TrustedServices {
		c.same("trusted service "+s, prop("enabled", slices.Contains(trusted, s), true))
	}
	for _, d := range c.plan.Organization.DelegatedAdministrators {
		var found []string
		pages := organizations.NewListDelegatedAdministratorsPaginator(o, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: &d.ServicePrincipal})
		for pages.HasMorePages() {
			page, err := pages.NextPage(c.ctx)
			if err != nil {
				return fmt.Errorf("list the delegated administrators of %s: %w", d.ServicePrincipal, err)
			}
			for _, a := range page.DelegatedAdministrators {
				found = append(found, *a.Id)
			}
		}
		c.same("delegated administrator of "+d.ServicePrincipal, prop("account", slices.Contains(found, c.res.IDs["account:"+d.Account]), true))
	}
	if len(c.plan.Organization.CentralizedRootAccess) == 0 {
		return nil
	}
	features, err := iam.NewFromConfig(c.mgmt).ListOrganizationsFeatures(c.ctx, &iam.ListOrganizationsFeaturesInput{})
	if err != nil {
		return fmt.Errorf("list the organizations features of IAM: %w", err)
	}
	var have []string
	for _, f := range features.EnabledFeatures {
		have = append(have, string(f))
	}
	for _, want := range c.plan.Organization.CentralizedRootAccess {
		c.same("centralized root access "+want, prop("enabled", slices.Contains(have, want), true))
	}
	return nil
}

func trustedServices(c *checker, o *organizations.Client) ([]string, error) {
	var trusted []string
	pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(o, &organizations.ListAWSServiceAccessForOrganizationInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the trusted services: %w", err)
		}
		for _, s := range page.EnabledServicePrincipals {
			trusted = append(trusted, *s.ServicePrincipal)
		}
	}
	return trusted, nil
}

// unitRef is the reference of a parent: "root" or a unit's path.
func unitRef(path string) string {
	if path == "root" {
		return path
	}
	return "unit:" + path
}

func isNotFound(err error, codes ...string) bool {
	var api interface{ ErrorCode() string }
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
