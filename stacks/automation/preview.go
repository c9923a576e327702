package automation

import (
	"context"
	"errors"
	"fmt"
	"maps"

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
	refusal, warning := d.roomFor(s)
	if refusal != nil {
		return &StackReport{Result: ResultRefused, Problem: refusal}
	}
	r := d.previewNow(ctx, s)
	if warning != "" {
		r.Warnings = append(r.Warnings, warning)
	}
	return r
}

func (d *driver) previewNow(ctx context.Context, s stacks.Stack) *StackReport {
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
// been deployed: the boundaries are then where the plan places them, and the
// accounts that are absent are those of now.
func (d *driver) expected() stacks.Known {
	known := d.reader()
	if o := maps.Clone(known["organization"]); o != nil && d.absent != nil {
		absent := map[string]any{}
		for key, why := range d.absent {
			absent[key] = why
		}
		o[stacks.AbsentOutput] = absent
		known["organization"] = o
	}
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
