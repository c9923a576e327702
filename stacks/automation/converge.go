package automation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"

	"github.com/orgrails/orgrails/stacks"
)

// attempts is how often a stack is tried: once, and again after a failure that
// passes by itself or that a look at AWS explains.
const attempts = 4

// refusedError says that a stack would do what a deployment must not do.
type refusedError struct{ problem *Problem }

func (e *refusedError) Error() string { return e.problem.Error() }
func (e *refusedError) Unwrap() error { return e.problem }

// converge runs `up` until the stack is as the plan says, or nothing more helps.
func (d *driver) converge(ctx context.Context, s stacks.Stack) (*collector, error) {
	if _, err := stacks.Resolve(d.plan, s, d.outputs("organization")); err != nil {
		return nil, err
	}
	if err := d.reach(ctx, s); err != nil {
		return nil, err
	}
	st, err := d.heal(ctx, s)
	if err != nil {
		return nil, err
	}
	imports := st.imports
	if st.used && (s.Kind == stacks.OrganizationKind || s.Kind == stacks.AnalyzersKind) {
		if c, err := d.check(ctx, s, imports); err != nil {
			return c, err
		}
	}
	more, err := d.refreshFirst(ctx, s, st.used)
	if err != nil {
		return nil, err
	}
	total, err := d.trustFirst(ctx, s, st, imports)
	if err != nil {
		return total, err
	}
	for try := 1; ; try++ {
		env, whole := d.env, d.whole(s, st)
		if whole {
			env = merge(d.env, map[string]string{skipCheckpoints: "true"})
		}
		if err := d.begin(s, st, whole); err != nil {
			return total, err
		}
		program, err := stacks.Program(d.plan, s.Name, d.programOptions(imports, nil))
		if err != nil {
			return total, err
		}
		c, err := d.runUp(ctx, s.Name, env, program, more...)
		c.add(total)
		total = c
		if err == nil {
			d.end(s.Name)
			return total, nil
		}
		if try == attempts || ctx.Err() != nil {
			return total, err
		}
		again, found := d.again(ctx, s, c, st, err)
		if !again {
			return total, err
		}
		healed, herr := d.heal(ctx, s)
		if herr != nil {
			return total, herr
		}
		st.used = healed.used
		maps.Copy(st.before, healed.before)
		imports = merge(imports, healed.imports, found)
		for name := range found {
			delete(st.before, found[name])
		}
		d.emit(Event{Kind: Retrying, Stack: s.Name, Message: problemOf(err).Summary})
		if !sleep(ctx, time.Duration(try)*500*time.Millisecond) {
			return total, err
		}
	}
}

func (d *driver) programOptions(imports map[string]string, refusals *[]stacks.Refusal) stacks.Options {
	o := stacks.Options{Imports: imports, Made: d.freshAccounts(), Reader: d.reader(), AllowReplace: d.opts.AllowReplace}
	if refusals != nil {
		o.OnRefusal = func(r stacks.Refusal) { *refusals = append(*refusals, r) }
	}
	return o
}

// again says whether another try may help: a lock that could be released, an
// object that AWS made although the answer was lost, or an error that passes.
func (d *driver) again(ctx context.Context, s stacks.Stack, c *collector, st *standing, err error) (bool, map[string]string) {
	var locked *lockedError
	if errors.As(err, &locked) {
		return d.release(ctx, s.Name, locked.locks()) == nil, nil
	}
	found := d.findFailed(ctx, s, c, st)
	return len(found) > 0 || passing(c, err), found
}

// passing are AWS's words for what passes by itself: throttling, writes at the
// same time, a service that is not well, a connection that was lost, and what
// has just been made and is not seen everywhere yet.
var passingWords = []string{
	"ConcurrentModification", "TooManyRequests", "Throttling", "RequestLimitExceeded", "ServiceUnavailable", "ServiceException",
	"InternalFailure", "InternalError", "StatusCode: 500", "StatusCode: 502", "StatusCode: 503", "StatusCode: 504",
	"connection reset", "connection refused", "broken pipe", "EOF", "i/o timeout", "Client.Timeout", "no such host",
	"FinalizingOrganization", "Cannot assume IAM Role", "MalformedPolicyDocument: Invalid principal",
}

func passing(c *collector, err error) bool {
	texts := append(slices.Clone(c.errors), err.Error())
	return slices.ContainsFunc(texts, func(t string) bool {
		return slices.ContainsFunc(passingWords, func(w string) bool { return strings.Contains(t, w) })
	})
}

// check previews a stack whose state is not empty, and refuses what must not
// be done before anything is written. Where up will read analyzers first, so
// does the preview: that one is replaced may follow from that alone.
func (d *driver) check(ctx context.Context, s stacks.Stack, imports map[string]string) (*collector, error) {
	var refusals []stacks.Refusal
	program, err := stacks.Program(d.plan, s.Name, d.programOptions(imports, &refusals))
	if err != nil {
		return nil, err
	}
	var more []optpreview.Option
	if d.opts.Refresh && s.Kind == stacks.AnalyzersKind {
		more = append(more, optpreview.Refresh())
	}
	c, err := d.runPreview(ctx, s.Name, program, more...)
	if len(refusals) > 0 {
		return c, refused(refusals)
	}
	if err != nil {
		return c, err
	}
	return c, d.checkUnits(ctx, c)
}

func refused(refusals []stacks.Refusal) error {
	slices.SortFunc(refusals, func(a, b stacks.Refusal) int { return compare(a.Name, b.Name, a.Type, b.Type) })
	refusals = slices.Compact(refusals)
	p := &Problem{Code: "GR410", Summary: refusals[0].Why}
	for _, r := range refusals {
		if strings.Contains(r.Type, "accessanalyzer") {
			p.Code = "GR411"
		}
	}
	if n := len(refusals) - 1; n > 0 {
		p.Summary += fmt.Sprintf(" (and %d more)", n)
	}
	if what, way, ok := strings.Cut(p.Summary, ": "); ok {
		p.Summary, p.Hint = what, way
	}
	return &refusedError{p}
}

// refreshFirst reads a stack into its state before it is updated when that is
// asked for, and the organization also when somebody has changed its settings by
// hand: what is enabled already cannot be enabled again.
func (d *driver) refreshFirst(ctx context.Context, s stacks.Stack, used bool) ([]optup.Option, error) {
	switch {
	case !used:
		return nil, nil
	case d.opts.Refresh:
		return []optup.Option{optup.Refresh()}, nil
	case s.Kind != stacks.OrganizationKind:
		return nil, nil
	}
	services, types, err := d.live.Settings(ctx)
	if err != nil {
		return nil, err
	}
	o := d.outputs(s.Name)
	if slices.Equal(services, o.StringList(stacks.TrustedServicesOutput)) && slices.Equal(types, o.StringList(stacks.PolicyTypesOutput)) && !d.dirty(s.Name) {
		return nil, nil
	}
	return []optup.Option{optup.Refresh()}, nil
}

// trustFirst switches trusted services on again that somebody has switched off,
// by itself: while IAM is not trusted, what AWS has of central root access cannot
// even be read.
func (d *driver) trustFirst(ctx context.Context, s stacks.Stack, st *standing, imports map[string]string) (*collector, error) {
	if s.Kind != stacks.OrganizationKind || !st.used || !d.opts.Refresh {
		return nil, nil
	}
	services, _, err := d.live.Settings(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.plan.Organization.TrustedServices, func(t string) bool { return !slices.Contains(services, t) }) {
		return nil, nil
	}
	program, err := stacks.Program(d.plan, s.Name, d.programOptions(imports, nil))
	if err != nil {
		return nil, err
	}
	if err := d.begin(s, st, false); err != nil {
		return nil, err
	}
	c, err := d.runUp(ctx, s.Name, d.env, program, optup.Refresh(), optup.Target([]string{"**::" + stacks.OrganizationName()}))
	if err == nil {
		d.end(s.Name)
	}
	return c, err
}

// sleep waits, and says whether it could.
func sleep(ctx context.Context, t time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(t):
		return true
	}
}

func merge(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range all {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func compare(a1, b1, a2, b2 string) int { return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2)) }
