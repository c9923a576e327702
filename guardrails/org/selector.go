package org

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Selectors with a meaning of their own. Neither can be the key of a unit or
// an account.
const (
	RootSelector       = "root"       // every member account
	ManagementSelector = "management" // the management account
)

// ParseAccountID reads an account id: twelve digits. It fails on anything
// else.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
func ParseAccountID(s string) (AccountID, error) {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return "", fmt.Errorf("an account id is twelve digits, not %q", s)
	}
	return AccountID(s), nil
}

// Unit finds a unit by its path, the root by "root".
func (o *Organization) Unit(path string) (*Unit, bool) {
	if path == RootSelector {
		return o.Root, o.Root != nil
	}
	i, ok := slices.BinarySearchFunc(o.Units, path, func(u *Unit, path string) int { return cmp.Compare(u.Path, path) })
	if !ok {
		return nil, false
	}
	return o.Units[i], true
}

// Account finds an account by its key, the management account by "management".
func (o *Organization) Account(key string) (*Account, bool) {
	if key == ManagementSelector {
		return o.Management, o.Management != nil
	}
	i, ok := slices.BinarySearchFunc(o.Accounts, key, func(a *Account, key string) int { return cmp.Compare(a.Key, key) })
	if !ok {
		return nil, false
	}
	return o.Accounts[i], true
}

// Select finds what a selector names: "root", "management", a unit's path or
// an account's key. The target has no range.
func (o *Organization) Select(selector string) (Target, bool) {
	if u, ok := o.Unit(selector); ok {
		return Target{Unit: u}, true
	}
	if a, ok := o.Account(selector); ok {
		return Target{Account: a}, true
	}
	return Target{}, false
}

// Ref is the name of the target in references and attachments: "root",
// "unit:Workloads/Prod", "account:payments-prod" or "account:management".
func (t Target) Ref() string {
	switch {
	case t.Account != nil:
		return "account:" + t.Account.Key
	case t.Unit != nil && t.Unit.Parent == nil:
		return RootSelector
	case t.Unit != nil:
		return "unit:" + t.Unit.Path
	}
	return ""
}

// String is the selector that names the target.
func (t Target) String() string {
	switch {
	case t.Account != nil:
		return t.Account.Key
	case t.Unit != nil:
		return t.Unit.Path
	}
	return ""
}

// Distance is the number of steps from the account up to the target: 0 for the
// account itself, 1 for its unit. It is -1 when the account is not below the
// target; the management account is below nothing but itself.
func (t Target) Distance(a *Account) int {
	if t.Account != nil {
		if t.Account == a {
			return 0
		}
		return -1
	}
	d := 1
	for u := a.Unit; u != nil; u = u.Parent {
		if u == t.Unit {
			return d
		}
		d++
	}
	return -1
}

// Depth is the number of units from the root down to this one: 0 for the root.
func (u *Unit) Depth() int {
	d := 0
	for ; u.Parent != nil; u = u.Parent {
		d++
	}
	return d
}

// Above lists the nodes from the root down to the account's own unit, which is
// last. It is empty for the management account.
func (a *Account) Above() []*Unit {
	var units []*Unit
	for u := a.Unit; u != nil; u = u.Parent {
		units = append(units, u)
	}
	slices.Reverse(units)
	return units
}

// AccountsBelow lists the accounts at and below the targets without those at
// and below exclude, sorted by key. The root stands for all member accounts;
// the management account is there only when a target names it. It takes time
// linear in the size of the organization, however targets overlap.
func (o *Organization) AccountsBelow(targets, exclude []Target) []*Account {
	in, out := cover(targets), cover(exclude)
	var accounts []*Account
	for _, a := range o.Accounts {
		if in[a] && !out[a] {
			accounts = append(accounts, a)
		}
	}
	if m := o.Management; m != nil && in[m] && !out[m] {
		i, _ := slices.BinarySearchFunc(accounts, m.Key, func(a *Account, key string) int { return cmp.Compare(a.Key, key) })
		accounts = slices.Insert(accounts, i, m)
	}
	return accounts
}

// cover is the set of accounts at and below the targets.
func cover(targets []Target) map[*Account]bool {
	accounts := map[*Account]bool{}
	seen := map[*Unit]bool{}
	var walk func(u *Unit)
	walk = func(u *Unit) {
		if seen[u] {
			return
		}
		seen[u] = true
		for _, a := range u.Accounts {
			accounts[a] = true
		}
		for _, child := range u.Units {
			walk(child)
		}
	}
	for _, t := range targets {
		if t.Account != nil {
			accounts[t.Account] = true
		} else if t.Unit != nil {
			walk(t.Unit)
		}
	}
	return accounts
}
