package automation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// up deploys the stacks in order: the organization; the accounts, in waves,
// and the analyzers, some at a time; the policies, whatever became of the accounts.
func (d *driver) up(ctx context.Context) error {
	d.queue()
	if err := d.inOrder(ctx, d.deploy, d.removeLeft); err != nil {
		return err
	}
	d.moveWaiting(ctx)
	return ctx.Err()
}

func (d *driver) queue() {
	for _, s := range d.list {
		d.emit(Event{Kind: Queued, Stack: s.Name})
	}
}

// inOrder runs a function over the stacks of the plan. before is called
// between the accounts and the policies, for what left the plan.
func (d *driver) inOrder(ctx context.Context, one func(context.Context, stacks.Stack) *StackReport, before func(context.Context)) error {
	var accounts, analyzers []stacks.Stack
	blocked := ""
	for _, s := range d.list {
		switch s.Kind {
		case stacks.OrganizationKind:
			if r := d.run(ctx, s, one); r.Result == ResultFailed || r.Result == ResultRefused || r.Result == ResultBlocked {
				blocked = s.Name
			}
		case stacks.AccountKind:
			accounts = append(accounts, s)
		case stacks.AnalyzersKind:
			analyzers = append(analyzers, s)
		}
	}
	if blocked != "" {
		d.block(slices.Concat(accounts, analyzers), blocked)
	} else {
		first, rest := d.waves(accounts)
		d.parallel(ctx, first, one)
		d.parallel(ctx, slices.Concat(rest, analyzers), one)
		before(ctx)
	}
	for _, s := range d.list {
		if s.Kind != stacks.PoliciesKind {
			continue
		}
		if blocked != "" {
			d.block([]stacks.Stack{s}, blocked)
		} else {
			d.run(ctx, s, one)
		}
	}
	return ctx.Err()
}

// waves puts first the accounts that others depend on.
func (d *driver) waves(accounts []stacks.Stack) (first, rest []stacks.Stack) {
	waves := stacks.Waves(d.plan)
	if len(waves) < 2 {
		return accounts, nil
	}
	for _, s := range accounts {
		if slices.ContainsFunc(waves[0], func(w stacks.Stack) bool { return w.Name == s.Name }) {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	return first, rest
}

// parallel runs a function over stacks, some at a time.
func (d *driver) parallel(ctx context.Context, list []stacks.Stack, one func(context.Context, stacks.Stack) *StackReport) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, d.opts.Parallel)
	for _, s := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			d.run(ctx, s, one)
		})
	}
	wg.Wait()
}

// run runs a function over one stack, unless the run was interrupted.
func (d *driver) run(ctx context.Context, s stacks.Stack, one func(context.Context, stacks.Stack) *StackReport) *StackReport {
	began := time.Now()
	var r *StackReport
	if ctx.Err() != nil {
		r = &StackReport{Result: ResultBlocked, Problem: interrupted()}
	} else if r = d.absentReport(s); r == nil {
		r = one(ctx, s)
	}
	r.Stack = s
	r.Duration = time.Since(began)
	if r.Counts == nil {
		r.Counts = Counts{}
	}
	r.Changes, r.Warnings = nonNil(r.Changes), nonNil(r.Warnings)
	slices.SortFunc(r.Changes, func(a, b Operation) int { return compare(a.Name, b.Name, a.Op, b.Op) })
	d.record(r)
	return r
}

func interrupted() *Problem {
	return &Problem{Code: "GR420", Summary: "interrupted before it began", Hint: "run the command again: it goes on where it stopped"}
}

func (d *driver) block(list []stacks.Stack, by string) {
	for _, s := range list {
		d.record(&StackReport{
			Stack: s, Result: ResultBlocked, Counts: Counts{}, Changes: []Operation{}, Warnings: []string{},
			Problem: &Problem{Code: "GR409", Summary: "stack " + by + " was not deployed, and this one needs it", Hint: "put right what stopped " + by + " and run the command again"},
		})
	}
}

// deploy brings one stack to what the plan says.
func (d *driver) deploy(ctx context.Context, s stacks.Stack) *StackReport {
	if d.current(s) {
		return &StackReport{Result: ResultSkipped, Outputs: d.outputs(s.Name)}
	}
	d.emit(Event{Kind: Started, Stack: s.Name})
	refusal, warning := d.roomFor(s)
	if refusal != nil {
		return &StackReport{Result: ResultRefused, Problem: refusal}
	}
	r := d.deployNow(ctx, s)
	if warning != "" {
		r.Warnings = append(r.Warnings, warning)
	}
	return r
}

// roomFor is room of the organization stack, with the warning said.
func (d *driver) roomFor(s stacks.Stack) (refusal *Problem, warning string) {
	if s.Kind != stacks.OrganizationKind {
		return nil, ""
	}
	if refusal, warning = d.room(); warning != "" {
		d.emit(Event{Kind: Warning, Stack: s.Name, Message: warning})
	}
	return refusal, warning
}

func (d *driver) deployNow(ctx context.Context, s stacks.Stack) *StackReport {
	r := &StackReport{}
	c, err := d.twice(ctx, s)
	if c != nil {
		r.Counts, r.Changes, r.Warnings = c.counts, c.changes, c.warnings
	}
	if err != nil {
		if d.readMark(s.Name) != nil {
			d.failedMark(s.Name, c)
		}
		r.Result, r.Problem = ResultFailed, problemOf(err)
		var refused *refusedError
		if errors.As(err, &refused) {
			r.Result = ResultRefused
		}
		return r
	}
	r.Outputs = c.outputs
	r.Result = ResultUnchanged
	if r.Counts.Changes() > 0 {
		r.Result = ResultChanged
	}
	if s.Kind == stacks.OrganizationKind {
		if err := d.tellCreated(c.outputs); err != nil {
			r.Result, r.Problem = ResultFailed, problemOf(err)
		}
	}
	return r
}

// twice is converge, and once more where the first run has only prepared to
// take FullAWSAccess away.
func (d *driver) twice(ctx context.Context, s stacks.Stack) (*collector, error) {
	c, err := d.converge(ctx, s)
	if err != nil {
		return c, err
	}
	d.learn(s.Name, c.outputs)
	if len(c.outputs.StringList(stacks.DetachingOutput)) == 0 {
		return c, nil
	}
	again, err := d.converge(ctx, s)
	again.add(c)
	if err == nil {
		d.learn(s.Name, again.outputs)
	}
	return again, err
}

// learn takes note of what a stack exported.
func (d *driver) learn(stack string, o stacks.Outputs) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[stack] = o
}

// tellCreated passes on the ids of accounts that the plan did not know.
func (d *driver) tellCreated(o stacks.Outputs) error {
	created := map[string]string{}
	absent := o.StringMap(stacks.AbsentOutput)
	for key, id := range o.StringMap(stacks.AccountIDsOutput) {
		if d.plan.IDs["account:"+key] == "" && absent[key] == "" {
			created[key] = id
		}
	}
	if len(created) == 0 {
		return nil
	}
	d.mu.Lock()
	for key := range created {
		d.made[key] = true
	}
	d.mu.Unlock()
	if err := d.opts.Created(maps.Clone(created)); err != nil {
		return fmt.Errorf("write down the ids of created accounts: %w", err)
	}
	return nil
}

func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var missing *stacks.MissingError
	if errors.As(err, &missing) {
		what, way, _ := strings.Cut(missing.Error(), ": deploy ")
		return &Problem{Code: "GR409", Summary: what, Hint: "deploy " + way, Err: err}
	}
	var aws *live.Error
	if errors.As(err, &aws) {
		p := &Problem{Code: aws.Code, Summary: aws.Summary, Hint: aws.Hint, Err: err}
		if why := aws.Reason(); why != "" {
			p.Summary += ": " + why
		}
		return p
	}
	return &Problem{Code: "GR419", Summary: err.Error(), Err: err}
}
