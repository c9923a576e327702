package automation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optremove"

	"github.com/orgrails/orgrails/stacks"
)

// preview says what up would do, stack by stack.
func (d *driver) preview(ctx context.Context) error {
	d.queue()
	return d.inOrder(ctx, d.previewOne, d.previewLeft)
}

func (d *driver) previewOne(ctx context.Context, s stacks.Stack) *StackReport {
	if d.current(s) {
		return &StackReport{Result: ResultSkipped}
	}
	d.emit(Event{Kind: Started, Stack: s.Name})
	if account := stacks.AccountOf(d.plan, s); stacks.IDs(d.plan, d.outputs("organization"))["account:"+account] == "" {
		return &StackReport{
			Result: ResultDeferred, Counts: Counts{"create": stacks.Resources(d.plan, s)},
			Problem: &Problem{Code: "GR409", Summary: fmt.Sprintf("account %s does not exist yet: the organization stack makes it", account)},
		}
	}
	if err := d.reach(ctx, s); err != nil {
		return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
	}
	var refusals []stacks.Refusal
	opts := d.programOptions(nil, &refusals)
	opts.Reader = d.expected()
	program, err := stacks.Program(d.plan, s.Name, opts)
	if err != nil {
		return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
	}
	c, err := d.runPreview(ctx, s.Name, program)
	if len(refusals) > 0 {
		err = refused(refusals)
	} else if err == nil && s.Kind == stacks.OrganizationKind {
		err = d.checkUnits(ctx, c)
	}
	return d.previewed(c, err)
}

func (d *driver) previewed(c *collector, err error) *StackReport {
	r := &StackReport{Result: ResultUnchanged, Counts: c.counts, Changes: c.changes, Warnings: c.warnings}
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		r.Result, r.Problem = ResultRefused, problemOf(err)
	case err != nil:
		r.Result, r.Problem = ResultFailed, problemOf(err)
	case c.counts.Changes() > 0:
		r.Result = ResultChanged
	}
	return r
}

// expected are the outputs of other stacks as they will be when those have
// been deployed: the boundaries are then where the plan places them.
func (d *driver) expected() stacks.Known {
	known := d.reader()
	for _, s := range stacks.List(d.plan) {
		if s.Kind != stacks.AccountKind {
			continue
		}
		o := maps.Clone(known[s.Name])
		if o == nil {
			o = stacks.Outputs{}
		}
		boundaries := map[string]any{}
		for _, name := range stacks.BoundaryNames(d.plan, s.Key) {
			boundaries[name] = name
		}
		o[stacks.BoundariesOutput] = boundaries
		known[s.Name] = o
	}
	return known
}

// left are the stacks that there are and that the plan does not have.
func (d *driver) left() []stacks.Stack {
	if len(d.opts.Only) > 0 {
		return nil
	}
	planned := map[string]bool{}
	for _, s := range stacks.List(d.plan) {
		planned[s.Name] = true
	}
	var left []stacks.Stack
	for _, name := range slices.Sorted(maps.Keys(d.exists)) {
		if s, ok := stacks.ParseName(name); ok && !planned[name] {
			left = append(left, s)
		}
	}
	return left
}

// accountLeft says that a stack's account left the file, so that what is
// deployed in it stays until somebody says otherwise.
func (d *driver) accountLeft(s stacks.Stack) bool {
	if s.Kind != stacks.AccountKind || s.Key == stacks.Management || d.opts.RemoveLeft {
		return false
	}
	for _, a := range d.plan.Accounts {
		if a.Key == s.Key {
			return false
		}
	}
	return true
}

func (d *driver) reportLeft(_ context.Context, s stacks.Stack) *StackReport {
	o := d.outputs(s.Name)
	what := "nothing is deployed in it"
	if n, m := len(o.StringMap(stacks.RolesOutput)), len(o.StringMap(stacks.BoundariesOutput)); n+m > 0 {
		what = fmt.Sprintf("what is deployed in it stays: roles %d, boundaries %d", n, m)
	}
	return &StackReport{Result: ResultLeft, Problem: &Problem{
		Code:    "GR416",
		Summary: fmt.Sprintf("account %s (%s) left the file: it stays alive and in its unit, and %s", s.Key, o.String(stacks.AccountIDOutput), what),
		Hint:    "to take that away run `orgrails up --remove-left`; to close the account, `orgrails account close`",
	}}
}

func (d *driver) removeLeft(ctx context.Context) {
	var away []stacks.Stack
	for _, s := range d.left() {
		if d.accountLeft(s) {
			d.run(ctx, s, d.reportLeft)
		} else {
			away = append(away, s)
		}
	}
	d.parallel(ctx, away, d.removeStack)
}

func (d *driver) previewLeft(ctx context.Context) {
	for _, s := range d.left() {
		if d.accountLeft(s) {
			d.run(ctx, s, d.reportLeft)
			continue
		}
		d.run(ctx, s, func(ctx context.Context, s stacks.Stack) *StackReport {
			return d.previewed(d.runPreview(ctx, s.Name, stacks.Removal()))
		})
	}
}

// refresh reads what is deployed into the state of every stack there is.
func (d *driver) refresh(ctx context.Context) error {
	d.queue()
	one := func(ctx context.Context, s stacks.Stack) *StackReport {
		if !d.has(s.Name) {
			return &StackReport{Result: ResultSkipped}
		}
		d.emit(Event{Kind: Started, Stack: s.Name})
		if _, err := d.heal(ctx, s); err != nil {
			return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
		}
		stack, err := d.open(ctx, s.Name, nil)
		if err != nil {
			return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
		}
		c := newCollector(d, s.Name, false)
		ch, wait := c.follow()
		_, err = stack.Refresh(ctx, optrefresh.EventStreams(ch), optrefresh.SuppressProgress())
		wait()
		return d.previewed(c, c.failure(err))
	}
	return d.inOrder(ctx, one, func(context.Context) {})
}

// destroy takes the stacks away, in reverse order, and forgets the organization.
func (d *driver) destroy(ctx context.Context) error {
	var policies, analyzers, accounts []stacks.Stack
	organization := false
	for _, name := range slices.Sorted(maps.Keys(d.exists)) {
		s, _ := stacks.ParseName(name)
		if len(d.opts.Only) > 0 && !slices.Contains(d.opts.Only, name) {
			continue
		}
		d.emit(Event{Kind: Queued, Stack: name})
		switch s.Kind {
		case stacks.OrganizationKind:
			organization = true
		case stacks.PoliciesKind:
			policies = append(policies, s)
		case stacks.AnalyzersKind:
			analyzers = append(analyzers, s)
		case stacks.AccountKind:
			accounts = append(accounts, s)
		}
	}
	d.parallel(ctx, policies, d.removeStack)
	d.parallel(ctx, analyzers, d.removeStack)
	first, rest := d.waves(accounts)
	d.parallel(ctx, rest, d.removeStack)
	d.parallel(ctx, first, d.removeStack)
	if !organization {
		return ctx.Err()
	}
	s := stacks.Stack{Name: "organization", Kind: stacks.OrganizationKind}
	if failed := d.failed(); failed != "" {
		d.block([]stacks.Stack{s}, failed)
		return ctx.Err()
	}
	d.run(ctx, s, func(ctx context.Context, s stacks.Stack) *StackReport {
		if err := d.forget(ctx, s.Name); err != nil {
			return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
		}
		return &StackReport{Result: ResultRemoved}
	})
	return ctx.Err()
}

// failed is the name of a stack that could not be taken away.
func (d *driver) failed() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name, r := range d.reports {
		if r.Result == ResultFailed || r.Result == ResultBlocked {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names[:min(1, len(names))], "")
}

// forget removes a stack's state and touches nothing in AWS.
func (d *driver) forget(ctx context.Context, name string) error {
	ws, err := d.workspace(ctx, d.work, d.env, nil)
	if err != nil {
		return err
	}
	if err := ws.RemoveStack(ctx, name, optremove.Force()); err != nil {
		return fmt.Errorf("remove the state of stack %s: %w", name, firstError(err))
	}
	d.end(name)
	d.mu.Lock()
	delete(d.exists, name)
	delete(d.known, name)
	d.mu.Unlock()
	return nil
}
