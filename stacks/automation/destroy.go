package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optremove"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

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

// removeStack takes away what is in a stack, and then its state.
func (d *driver) removeStack(ctx context.Context, s stacks.Stack) *StackReport {
	r := &StackReport{Result: ResultRemoved}
	d.emit(Event{Kind: Started, Stack: s.Name})
	fail := func(err error) *StackReport {
		r.Result, r.Problem = ResultFailed, problemOf(err)
		return r
	}
	if d.goes(s) {
		if err := d.forget(ctx, s.Name); err != nil {
			return fail(err)
		}
		w := fmt.Sprintf("account %s is %s: nothing was taken away there, and the state has forgotten it [GR428]", s.Key, d.absent[s.Key])
		r.Warnings = []string{w}
		d.emit(Event{Kind: Warning, Stack: s.Name, Message: w})
		return r
	}
	st, err := d.heal(ctx, s)
	if err != nil {
		return fail(err)
	}
	if o := d.outputs(s.Name); len(o.StringList(stacks.DetachedOutput))+len(o.StringList(stacks.DetachingOutput)) > 0 {
		// FullAWSAccess comes back first: a node is never without a policy that allows.
		if _, err := d.withPlan(fullAccess(d.plan)).converge(ctx, s); err != nil {
			return fail(err)
		}
	}
	if err := d.begin(s, st, false); err != nil {
		return fail(err)
	}
	for try := 1; ; try++ {
		c, err := d.runUp(ctx, s.Name, d.env, stacks.Removal())
		r.Counts, r.Changes, r.Warnings = c.counts, c.changes, c.warnings
		if err == nil {
			break
		}
		if again, _ := d.again(ctx, s, c, st, err); !again || try == attempts || !sleep(ctx, time.Duration(try)*500*time.Millisecond) {
			return fail(err)
		}
		d.emit(Event{Kind: Retrying, Stack: s.Name, Message: problemOf(err).Summary})
	}
	if err := d.forget(ctx, s.Name); err != nil {
		return fail(err)
	}
	return r
}

// fullAccess is a plan that takes FullAWSAccess from no node.
func fullAccess(p *guardrails.Plan) *guardrails.Plan {
	c := *p
	c.NoFullAccess = []string{}
	return &c
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
