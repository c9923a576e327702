package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/stacks"
)

// moveWaiting runs the organization stack once more where accounts wait that it
// has created, so that it moves those that are deployed to their own units, and
// says of the others why they stay.
func (d *driver) moveWaiting(ctx context.Context) {
	i := slices.IndexFunc(d.list, func(s stacks.Stack) bool { return s.Kind == stacks.OrganizationKind })
	if i < 0 || ctx.Err() != nil {
		return
	}
	s := d.list[i]
	d.mu.Lock()
	first := *d.reports[s.Name]
	d.mu.Unlock()
	waited := d.outputs(s.Name).StringList(stacks.WaitingOutput)
	if len(waited) == 0 || first.Result == ResultFailed || first.Result == ResultRefused || first.Result == ResultBlocked {
		return
	}
	d.emit(Event{Kind: Queued, Stack: s.Name})
	d.run(ctx, s, func(ctx context.Context, s stacks.Stack) *StackReport {
		r := &first
		if slices.ContainsFunc(waited, func(key string) bool { return d.whyWaiting(key) == "" }) {
			d.emit(Event{Kind: Started, Stack: s.Name})
			r = d.deployNow(ctx, s).after(first)
		}
		for _, key := range d.outputs(s.Name).StringList(stacks.WaitingOutput) {
			why := d.whyWaiting(key)
			if why == "" { // the run that was to move it has failed, and says so
				continue
			}
			w := fmt.Sprintf("account %s stays in %s: %s; the next up goes on [GR427]", key, d.plan.Organization.NewAccounts, why)
			r.Warnings = append(r.Warnings, w)
			d.emit(Event{Kind: Warning, Stack: s.Name, Message: w})
		}
		return r
	})
}

// whyWaiting says what an account waits for; "" where it may be moved.
func (d *driver) whyWaiting(account string) string {
	var lack []string
	for _, s := range stacks.List(d.plan) {
		if s.Kind == stacks.AccountKind && s.Key == account || s.Kind == stacks.PoliciesKind {
			if d.outputs(s.Name).String(stacks.DigestOutput) != s.Digest && !(s.Empty && !d.has(s.Name)) {
				lack = append(lack, "stack "+s.Name)
			}
		}
	}
	switch len(lack) {
	case 0:
		return ""
	case 1:
		return lack[0] + " is not deployed"
	}
	return strings.Join(lack, " and ") + " are not deployed"
}

// after is the report of a second run with what the first has done.
func (r *StackReport) after(first StackReport) *StackReport {
	counts := maps.Clone(first.Counts)
	for op, n := range r.Counts {
		if op == "same" {
			counts[op] = n
		} else {
			counts[op] += n
		}
	}
	r.Counts, r.Changes = counts, slices.Concat(first.Changes, r.Changes)
	for _, w := range first.Warnings {
		if !slices.Contains(r.Warnings, w) {
			r.Warnings = append(r.Warnings, w)
		}
	}
	if r.Result == ResultUnchanged {
		r.Result = first.Result
	}
	return r
}

// accountPulumiType is Pulumi's type of an account.
const accountPulumiType = "aws:organizations/account:Account"

// isFresh notes that a thing which a run was creating, and got no answer about,
// is an account.
func (d *driver) isFresh(typ, name string) {
	if typ != accountPulumiType {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh[name] = true
}

// freshAccounts is a copy of what isFresh has noted.
func (d *driver) freshAccounts() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.fresh)
}

// findFresh notes which of the accounts that are about to be imported have been
// created since a run began that died.
func (d *driver) findFresh(ctx context.Context, s stacks.Stack, st *standing) error {
	if s.Kind != stacks.OrganizationKind || d.plan.Organization.NewAccounts == "" {
		return nil
	}
	created, err := d.live.CreatedSince(ctx, st.began)
	if err != nil {
		return err
	}
	for name, id := range st.imports {
		if created[id] {
			d.isFresh(accountPulumiType, name)
		}
	}
	return nil
}
