package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/stacks"
)

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
