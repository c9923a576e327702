package org

import "slices"

// A Placement says where one thing goes, of a kind that an account can have
// only one of.
type Placement struct {
	Targets []Target
	Exclude []Target
}

// An Assignment is the placement that reaches an account, and by which target.
type Assignment struct {
	Index  int    // of the placement
	Target Target // the nearest of its targets
	// Tied are the other placements that are just as near, in order, with
	// their targets: the file does not say which one the account gets.
	Tied []Assignment
}

// Nearest says for each account that any placement reaches which one it gets:
// the one whose target is nearest, where the account itself is nearer than its
// unit, and a unit nearer than its parent. It takes time linear in accounts
// and targets.
func (o *Organization) Nearest(placements []Placement) map[*Account]Assignment {
	units := map[*Unit][]Assignment{}
	accounts := map[*Account][]Assignment{}
	excluded := make([]map[*Account]bool, len(placements))
	for i, p := range placements {
		excluded[i] = cover(p.Exclude)
		for _, t := range p.Targets {
			if t.Account != nil {
				accounts[t.Account] = append(accounts[t.Account], Assignment{Index: i, Target: t})
			} else if t.Unit != nil {
				units[t.Unit] = append(units[t.Unit], Assignment{Index: i, Target: t})
			}
		}
	}
	result := map[*Account]Assignment{}
	assign := func(a *Account) {
		found := choose(accounts[a], a, excluded)
		for u := a.Unit; u != nil && len(found) == 0; u = u.Parent {
			found = choose(units[u], a, excluded)
		}
		if len(found) > 0 {
			first := found[0]
			first.Tied = found[1:]
			result[a] = first
		}
	}
	for _, a := range o.Accounts {
		assign(a)
	}
	if o.Management != nil {
		assign(o.Management)
	}
	return result
}

// choose keeps what does not exclude the account, each placement once.
func choose(candidates []Assignment, a *Account, excluded []map[*Account]bool) []Assignment {
	var found []Assignment
	for _, c := range candidates {
		same := func(f Assignment) bool { return f.Index == c.Index }
		if !excluded[c.Index][a] && !slices.ContainsFunc(found, same) {
			found = append(found, c)
		}
	}
	return found
}

// PasswordPolicyOf says which password policy each account gets, by index into
// o.PasswordPolicies; see [Organization.Nearest].
func (o *Organization) PasswordPolicyOf() map[*Account]Assignment {
	placements := make([]Placement, len(o.PasswordPolicies))
	for i, p := range o.PasswordPolicies {
		placements[i] = Placement{Targets: p.Targets, Exclude: p.Exclude}
	}
	return o.Nearest(placements)
}
