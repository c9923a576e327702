package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A folder of state is written anew with every step of an `up`: for a stack of
// 500 accounts that is some gigabytes. The two stacks that grow with the
// organization are therefore deployed in one piece the first time: the engine
// writes their state once, at the end. Should the run die, AWS has everything
// that it made, under names that the plan has, and the mark of the run says what
// had been there before; see [driver.findAll].

// whole says that a stack is deployed in one piece.
func (d *driver) whole(s stacks.Stack, st *standing) bool {
	return d.local != nil && !st.used && (s.Kind == stacks.OrganizationKind || s.Kind == stacks.PoliciesKind)
}

// skipCheckpoints is the engine's switch for that.
const skipCheckpoints = "PULUMI_SKIP_CHECKPOINTS"

// findAll looks up everything that the plan has in a stack and that the state
// lacks, after a run that died: what was being made when the engine was
// stopped is in nobody's state. What was there before that run is not ours.
func (d *driver) findAll(ctx context.Context, s stacks.Stack, st *standing, have map[string]bool) error {
	f := &finder{driver: d, st: st, have: have}
	known := len(st.imports)
	var err error
	switch s.Kind {
	case stacks.OrganizationKind:
		err = f.organization(ctx)
	case stacks.PoliciesKind:
		err = f.policies(ctx)
	default:
		err = f.objects(ctx, s)
	}
	if n := len(st.imports) - known; err == nil && n > 0 {
		d.emit(Event{Kind: Recovered, Stack: s.Name, Message: fmt.Sprintf("found %d things in AWS that a run which died had made", n)})
	}
	return err
}

type finder struct {
	*driver
	st   *standing
	have map[string]bool // logical names that the state has
}

// ours keeps an id under a logical name unless the state has it or it is
// somebody else's.
func (f *finder) ours(name, id string) {
	if id != "" && !f.have[name] && !f.st.before[id] {
		f.st.imports[name] = id
	}
}

// objects looks up, in an account, what tells when it was made.
func (f *finder) objects(ctx context.Context, s stacks.Stack) error {
	session, err := f.session(ctx, s)
	if err != nil {
		return err
	}
	names := stacks.LogicalNames(f.plan, s)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if f.have[name] {
			continue
		}
		id, err := session.Find(ctx, live.Object{Type: names[name].Type, Inputs: names[name].By, Since: f.st.began})
		if err != nil {
			return err
		}
		f.ours(name, id)
	}
	return nil
}

func (f *finder) organization(ctx context.Context) error {
	root, err := f.live.Root(ctx)
	if err != nil {
		return err
	}
	ids := map[string]string{"root": root}
	below := map[string]map[string]string{} // names by parent
	for _, u := range f.plan.Units {
		if id := f.plan.IDs["unit:"+u.Path]; id != "" {
			ids[u.Path] = id
			continue
		}
		parent := ids[u.Parent]
		if parent == "" {
			continue // not made, and so nothing below it is
		}
		if below[parent] == nil {
			if below[parent], err = f.live.Units(ctx, parent); err != nil {
				return err
			}
		}
		id := below[parent][u.Name]
		f.ours(stacks.UnitName(u.Path), id)
		if !f.st.before[id] {
			ids[u.Path] = id
		}
	}
	making, err := f.live.Making(ctx)
	if err != nil {
		return err
	}
	for _, a := range f.plan.Accounts {
		name := stacks.AccountName(a.Key)
		if f.plan.IDs["account:"+a.Key] != "" || f.st.imports[name] != "" || f.have[name] || !making[a.Name] {
			continue
		}
		id, err := f.live.Find(ctx, live.Object{Type: "aws:organizations/account:Account", Inputs: map[string]any{"email": a.Email, "name": a.Name}})
		if err != nil {
			return err
		}
		f.ours(name, id)
	}
	for _, a := range f.plan.Organization.DelegatedAdministrators {
		if f.have[stacks.AdministratorName(a)] {
			continue
		}
		account := f.plan.IDs["account:"+a.Account]
		if account == "" {
			account = f.st.imports[stacks.AccountName(a.Account)]
		}
		id, err := f.live.Find(ctx, live.Object{Type: "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
			Inputs: map[string]any{"accountId": account, "servicePrincipal": a.ServicePrincipal}})
		if err != nil {
			return err
		}
		f.ours(stacks.AdministratorName(a), id)
	}
	return nil
}

func (f *finder) policies(ctx context.Context) error {
	types := map[string]map[string]string{}
	for _, p := range f.plan.Policies {
		types[p.Type] = nil
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		ids, err := f.live.Policies(ctx, t)
		if err != nil {
			return err
		}
		types[t] = ids
	}
	made := map[string]string{}
	for _, p := range f.plan.Policies {
		id := types[p.Type][p.Name]
		f.ours(stacks.PolicyName(p.Name), id)
		if !f.st.before[id] {
			made[p.Name] = id
		}
	}
	ids := stacks.IDs(f.plan, f.outputs("organization"))
	targets := map[string]map[string]bool{}
	for _, a := range f.plan.Attachments {
		policy, target := made[a.Policy], ids[a.Target]
		if policy == "" || target == "" || f.have[stacks.AttachmentName(a)] {
			continue
		}
		if targets[policy] == nil {
			var err error
			if targets[policy], err = f.live.Targets(ctx, policy); err != nil {
				return err
			}
		}
		if targets[policy][target] {
			f.ours(stacks.AttachmentName(a), target+":"+policy)
		}
	}
	return nil
}
