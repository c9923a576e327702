package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// names are the names that other parts of the file refer to.
type names struct {
	units    map[string]*org.Unit    // by path, the root too
	accounts map[string]*org.Account // by key, management too
	uses     map[*org.Unit][]Guardrail
	own      map[*org.Account][]Guardrail
	// places are where units and accounts stand in the file, and where the
	// lock file has the id of an account.
	allowed    map[*at][]AllowedActions
	places     map[*org.Account]*at
	unitPlaces map[*org.Unit]*at
	locked     map[*org.Account]diag.Range
	byID       map[org.AccountID]*org.Account
	keys       []string                         // of accounts, sorted
	below      map[string][]*org.Account        // accounts below a target, by its reference
	made       map[string]map[*org.Account]bool // accounts that have a role, by its key
	force      map[string][]org.Target          // nodes that ask for a template, by its id
	// selectors are all that targets may name, for suggestions.
	selectors []string
	// partial says that a part of the tree could not be read, so that a name
	// which is not known may well be there.
	partial bool
}

// organization fills in what holds for the organization as a whole.
func (l *loader) organization() {
	in, o := &l.doc.Organization, l.o
	o.ID = string(in.ID)
	o.Name = in.Name
	o.HomeRegion = string(in.HomeRegion)
	if p, ok := awsdata.PartitionOf(o.HomeRegion); ok {
		o.Partition = p.Name
	}
	o.Regions = text(in.Regions)
	if len(o.Regions) == 0 && o.HomeRegion != "" {
		o.Regions = []string{o.HomeRegion}
	}
	slices.Sort(o.Regions)
	o.Regions = slices.Compact(o.Regions)
	o.DeployRole = or(string(in.DeployRole), "OrganizationAccountAccessRole")
	for _, f := range in.CentralizedRootAccess {
		o.CentralizedRootAccess = append(o.CentralizedRootAccess, string(f))
	}
	slices.Sort(o.CentralizedRootAccess)
	if q := in.Quotas; q != nil {
		o.Quotas = awsdata.Quotas{
			SCPSize: q.SCPSize, SCPPerTarget: q.SCPPerTarget, RCPSize: q.RCPSize, RCPPerTarget: q.RCPPerTarget,
			Accounts: q.Accounts, EC2PolicySize: q.EC2PolicySize, TagPolicySize: q.TagPolicySize, BackupPolicySize: q.BackupPolicySize,
		}
	}
	m := &in.ManagementAccount
	o.Management = &org.Account{
		Key:   org.ManagementSelector,
		ID:    org.AccountID(m.ID),
		Name:  or(m.Name, org.ManagementSelector),
		Email: string(m.Email),
		Range: in.keyRange("managementAccount"),
	}
	l.checkOrganization()
}

// tree builds units and accounts.
func (l *loader) tree() {
	l.names = names{
		allowed:  map[*at][]AllowedActions{},
		units:    map[string]*org.Unit{},
		accounts: map[string]*org.Account{org.ManagementSelector: l.o.Management},
		uses:     map[*org.Unit][]Guardrail{},
		own:      map[*org.Account][]Guardrail{},
		partial:  l.names.partial,

		places:     map[*org.Account]*at{},
		unitPlaces: map[*org.Unit]*at{},
		locked:     map[*org.Account]diag.Range{},
	}
	in := &l.doc.Root
	root := &org.Unit{Path: org.RootSelector, Key: org.RootSelector, Name: "Root", ID: string(in.ID), Range: l.doc.keyRange("root")}
	l.o.Root = root
	l.names.units[root.Path] = root
	l.names.uses[root] = in.Guardrails
	l.accounts(root, &in.at, in.Accounts)
	l.units(root, &in.at, in.Units)
	slices.SortFunc(l.o.Units, func(a, b *org.Unit) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(l.o.Accounts, func(a, b *org.Account) int { return cmp.Compare(a.Key, b.Key) })
	for _, u := range l.o.Units {
		l.names.selectors = append(l.names.selectors, u.Path)
	}
	for _, a := range l.o.Accounts {
		l.names.selectors = append(l.names.selectors, a.Key)
	}
	l.names.selectors = append(l.names.selectors, org.RootSelector, org.ManagementSelector)
	l.clashes()
	l.delegates()
	l.newAccounts()
}

// newAccounts resolves the unit in which new accounts wait.
func (l *loader) newAccounts() {
	in := l.doc.Organization.NewAccounts
	if in == nil {
		return
	}
	r := in.rng("unit")
	t, ok := l.target(string(in.Unit), r)
	if !ok {
		return
	}
	if t.Unit == nil {
		l.ds.Errorf(r, "GR020", "no unit is named %s", quote(string(in.Unit))).Hint =
			"this is an account; a unit is expected here, such as one of which the guardrails let nobody but the deploy role work"
		return
	}
	l.o.NewAccounts = t.Unit
}

func (l *loader) units(parent *org.Unit, place *at, units map[UnitKey]Unit) {
	for _, key := range sorted(units) {
		in := units[key]
		u := &org.Unit{
			Path:   string(key),
			Key:    string(key),
			Name:   or(in.Name, string(key)),
			ID:     string(in.ID),
			Was:    text(in.Was),
			Parent: parent,
			Range:  place.keyRange("units", string(key)),
		}
		if parent.Parent != nil {
			u.Path = parent.Path + "/" + u.Key
		}
		parent.Units = append(parent.Units, u)
		l.o.Units = append(l.o.Units, u)
		l.names.units[u.Path] = u
		l.names.uses[u] = in.Guardrails
		l.names.unitPlaces[u] = &in.at
		l.names.allowed[&in.at] = in.AllowList
		l.accounts(u, &in.at, in.Accounts)
		l.units(u, &in.at, in.Units)
	}
	for _, u := range parent.Units {
		in := units[UnitKey(u.Key)]
		l.checkUnit(u, &in)
	}
	l.siblings(parent, place)
}

func (l *loader) accounts(parent *org.Unit, place *at, accounts map[AccountKey]Account) {
	for _, key := range sorted(accounts) {
		in := accounts[key]
		a := &org.Account{
			Key:   string(key),
			ID:    org.AccountID(in.ID),
			Name:  or(in.Name, string(key)),
			Email: string(in.Email),
			Unit:  parent,
			Range: place.keyRange("accounts", string(key)),
		}
		if first := l.names.accounts[a.Key]; first != nil && first != l.o.Management {
			d := l.ds.Errorf(a.Range, "GR026", "two accounts have the key %q", a.Key)
			d.Hint = "a key names one account in the whole organization; give one of them another"
			d.Related = []diag.Related{{Range: first.Range, Message: "the other is here"}}
			continue
		}
		parent.Accounts = append(parent.Accounts, a)
		l.o.Accounts = append(l.o.Accounts, a)
		l.names.accounts[a.Key] = a
		l.names.own[a] = in.Guardrails
		l.names.places[a] = &in.at
		l.names.allowed[&in.at] = in.AllowList
		l.checkAccount(a, &in)
	}
}

// delegates resolves the delegated administrators.
func (l *loader) delegates() {
	in := &l.doc.Organization
	for _, key := range sorted(in.DelegatedAdministrators) {
		a := l.account(string(key), in.keyRange("delegatedAdministrators", string(key)))
		for i, principal := range in.DelegatedAdministrators[key] {
			if principal == "" || a == nil {
				continue
			}
			l.o.DelegatedAdministrators = append(l.o.DelegatedAdministrators, org.DelegatedAdministrator{
				Account:          a,
				ServicePrincipal: string(principal),
				Range:            in.rng("delegatedAdministrators", string(key), i),
			})
		}
	}
	slices.SortStableFunc(l.o.DelegatedAdministrators, func(a, b org.DelegatedAdministrator) int {
		return cmp.Or(cmp.Compare(a.ServicePrincipal, b.ServicePrincipal), cmp.Compare(a.Account.Key, b.Account.Key))
	})
}

// target resolves a selector; ok is false when it names nothing, which has
// been reported then.
func (l *loader) target(selector string, r diag.Range) (t org.Target, ok bool) {
	if selector == "" {
		return t, false
	}
	if u := l.names.units[selector]; u != nil {
		return org.Target{Unit: u, Range: r}, true
	}
	if a := l.names.accounts[selector]; a != nil {
		return org.Target{Account: a, Range: r}, true
	}
	if l.names.partial {
		return t, false
	}
	d := l.ds.Errorf(r, "GR020", "no unit or account is named %s", quote(selector))
	d.Hint = l.near(selector, l.names.selectors)
	// A unit that is named without its parents is the likeliest slip.
	for _, u := range l.o.Units {
		if u.Key == selector || strings.HasSuffix(u.Path, "/"+selector) {
			d.Hint = "did you mean \"" + u.Path + "\"? a unit is named by its whole path"
			break
		}
	}
	return t, false
}

// near is [diag.DidYouMean] for names of which there are many.
func (l *loader) near(name string, candidates []string) string {
	if l.nears++; l.nears > maxNear {
		return "there are many names that nothing has: see the first ones"
	}
	return diag.DidYouMean(name, candidates)
}

// targets resolves a list of selectors that stands under the path.
func (l *loader) targets(place *at, key string, selectors []Selector) []org.Target {
	var targets []org.Target
	for i, s := range selectors {
		if t, ok := l.target(string(s), place.rng(key, i)); ok {
			targets = append(targets, t)
		}
	}
	return targets
}

// account resolves the key of an account; nil when there is none, which has
// been reported then.
func (l *loader) account(key string, r diag.Range) *org.Account {
	if key == "" {
		return nil
	}
	if a := l.names.accounts[key]; a != nil {
		return a
	}
	if l.names.partial {
		return nil
	}
	d := l.ds.Errorf(r, "GR020", "no account has the key %s", quote(key))
	if l.names.keys == nil {
		l.names.keys = sorted(l.names.accounts)
	}
	d.Hint = l.near(key, l.names.keys)
	if l.names.units[key] != nil {
		d.Hint = "this is a unit; an account is expected here"
		if key == org.RootSelector {
			d.Hint = "root is all member accounts; one account is expected here"
		}
	}
	return nil
}
