package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

// planOf is the part of a plan that a stack deployed in one piece needs: its
// mark keeps it, should the run die and the file change before the next one.
func planOf(p *guardrails.Plan) *guardrails.Plan {
	c := *p
	c.Baselines, c.Analyzers, c.Exceptions = nil, nil, nil
	return &c
}

// takeLeftovers puts into the state what a run that died had made and that the
// plan no longer has, so that the next `up` deletes it: a policy that nobody
// knows would otherwise stay in force. The stack's state is empty.
func (d *driver) takeLeftovers(ctx context.Context, s stacks.Stack, m *mark) error {
	if m.Plan == nil {
		return nil
	}
	old := d.withPlan(m.Plan)
	st := &standing{imports: map[string]string{}, before: map[string]bool{}, began: m.Began}
	for _, id := range m.Before {
		st.before[id] = true
	}
	if err := old.findAll(ctx, s, st, nil); err != nil {
		return err
	}
	now := stacks.LogicalNames(d.plan, s)
	left := subset(m.Plan, s, func(name string) bool { return st.imports[name] != "" && now[name].Type == "" })
	names := stacks.LogicalNames(left, s)
	if len(left.Units)+len(left.Policies) == 0 {
		return nil
	}
	left.IDs = stacks.IDs(d.plan, d.outputs("organization")) // nothing has to be asked for
	program, err := stacks.Program(left, s.Name, stacks.Options{Imports: st.imports, Reader: d.reader()})
	if err != nil {
		return err
	}
	if _, err := d.runUp(ctx, s.Name, d.env, program); err != nil {
		return err
	}
	d.emit(Event{Kind: Recovered, Stack: s.Name, Message: fmt.Sprintf("took over things that a run which died had made and that left the file since: %s",
		strings.Join(leftNames(names, now), ", "))})
	return nil
}

func leftNames(names, now map[string]stacks.Identity) []string {
	var list []string
	for name := range names {
		if _, ok := now[name]; !ok {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// withPlan is the driver with another plan.
func (d *driver) withPlan(p *guardrails.Plan) *driver {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &driver{plan: p, opts: d.opts, command: d.command, cli: d.cli, env: d.env, work: d.work, live: d.live, local: d.local,
		started: d.started, known: maps.Clone(d.known), digests: d.digests, reports: d.reports, exists: d.exists, made: d.made}
}

// subset is a plan with the units, policies and attachments
// whose logical names are wanted, and the units above them. Settings are those
// that there are, and accounts are not in it: nothing but its own things changes.
func subset(p *guardrails.Plan, s stacks.Stack, want func(name string) bool) *guardrails.Plan {
	c := *planOf(p)
	c.Organization.TrustedServices, c.Organization.PolicyTypes, c.Organization.CentralizedRootAccess = nil, nil, nil
	c.Units, c.Accounts, c.Policies, c.Attachments, c.Organization.DelegatedAdministrators = nil, nil, nil, nil, nil
	if s.Kind == stacks.OrganizationKind {
		above := map[string]bool{}
		for i := len(p.Units) - 1; i >= 0; i-- { // sorted by path: what is below comes after
			if u := p.Units[i]; want(stacks.UnitName(u.Path)) || above[u.Path] {
				above[u.Parent] = true
				c.Units = append([]guardrails.Unit{u}, c.Units...)
			}
		}
		return &c
	}
	wanted := map[string]bool{}
	for _, pol := range p.Policies {
		if want(stacks.PolicyName(pol.Name)) {
			pol.Pending, wanted[pol.Name] = nil, true
			c.Policies = append(c.Policies, pol)
		}
	}
	for _, a := range p.Attachments {
		if wanted[a.Policy] && want(stacks.AttachmentName(a)) {
			c.Attachments = append(c.Attachments, a)
		}
	}
	return &c
}
