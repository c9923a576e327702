package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/stacks"
)

// takeInventory notes the Organizations objects that have the names of ours
// and that the state lacks: were one of them found after a failed create, it
// would be somebody else's. Accounts are another matter: an e-mail belongs to
// one account only, so that one found is ours and is imported.
func (d *driver) takeInventory(ctx context.Context, s stacks.Stack, st *standing, have map[string]bool) error {
	switch s.Kind {
	case stacks.OrganizationKind:
		if err := d.findAccounts(ctx, st, have); err != nil {
			return err
		}
		return d.inventUnits(ctx, st, have)
	case stacks.PoliciesKind:
		missing := map[string][]string{} // names by type
		for _, p := range d.plan.Policies {
			if !have[stacks.PolicyName(p.Name)] && !slices.ContainsFunc(p.Was, func(w string) bool { return have[stacks.PolicyName(w)] }) {
				missing[p.Type] = append(missing[p.Type], p.Name)
			}
		}
		for _, t := range slices.Sorted(maps.Keys(missing)) {
			ids, err := d.live.Policies(ctx, t)
			if err != nil {
				return err
			}
			for _, name := range missing[t] {
				if id := ids[name]; id != "" {
					st.before[id] = true
				}
			}
		}
	}
	return nil
}

// findAccounts looks up the accounts without an id that the state lacks.
func (d *driver) findAccounts(ctx context.Context, st *standing, have map[string]bool) error {
	var byEmail map[string]string
	for _, a := range d.plan.Accounts {
		name := stacks.AccountName(a.Key)
		if d.plan.IDs["account:"+a.Key] != "" || have[name] {
			continue
		}
		if byEmail == nil {
			var err error
			if byEmail, err = d.live.AccountsByEmail(ctx); err != nil {
				return err
			}
		}
		if id := byEmail[strings.ToLower(a.Email)]; id != "" {
			st.imports[name] = id
			d.emit(Event{Kind: Recovered, Stack: "organization", Message: fmt.Sprintf("account %s (%s) exists already as %s: it is imported, not created", a.Key, a.Email, id)})
		}
	}
	return nil
}

// inventUnits notes the units below parents that are known.
func (d *driver) inventUnits(ctx context.Context, st *standing, have map[string]bool) error {
	ids := stacks.IDs(d.plan, d.outputs("organization"))
	parents := map[string]bool{}
	for _, u := range d.plan.Units {
		known := have[stacks.UnitName(u.Path)] || slices.ContainsFunc(u.Was, func(w string) bool { return have[stacks.UnitName(w)] })
		if known || d.plan.IDs["unit:"+u.Path] != "" {
			continue
		}
		if u.Parent == "root" {
			parents["root"] = true
		} else if id := ids["unit:"+u.Parent]; id != "" {
			parents[id] = true
		}
	}
	for _, parent := range slices.Sorted(maps.Keys(parents)) {
		if parent == "root" {
			root, err := d.live.Root(ctx)
			if err != nil {
				return err
			}
			parent = root
		}
		units, err := d.live.Units(ctx, parent)
		if err != nil {
			return err
		}
		for _, id := range units {
			st.before[id] = true
		}
	}
	return nil
}
