package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
)

// A Result is one test of the file, and what happened.
type Result struct {
	Test     *org.Test
	Accounts []string // keys of those that were asked, sorted
	// Hypothetical says that there is no account below, and that the one that
	// was asked about is made up.
	Hypothetical bool
	First        *Answer // of the first account; nil where none could be asked
	Failures     []*Failure
	Problem      string // why nothing could be asked; ""
}

// Passed reports whether every account gave the answer that the test expects.
func (r *Result) Passed() bool { return len(r.Failures) == 0 && len(r.Accounts) > 0 }

// A Failure is an answer that a test does not expect, and the accounts that gave it.
type Failure struct {
	Answer   *Answer
	Accounts []string
	Code     string // GR370 or GR371
}

// Tests runs the tests of an organization file against its plan, and the
// catalogue and options that the plan was made with. Each asks in every member
// account at and below its target; where there is none, in an account that
// would be made there. A role of the file is asked only in accounts that have
// it. The context is complete as it is given, beside what follows from who
// asks, where and for what; see docs/cli.md.
//
// The organization is changed while it runs, and is as before when it returns.
func Tests(o *org.Organization, c *catalog.Catalog, p *guardrails.Plan, opts compile.Options) ([]Result, error) {
	if len(o.Tests) == 0 {
		return nil, nil
	}
	w, err := New(p, opts.AsOf)
	if err != nil {
		return nil, err
	}
	var targets []org.Target
	for i := range o.Tests {
		targets = append(targets, o.Tests[i].In)
	}
	places, err := w.everywhere(o, c, opts, targets)
	if err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(o.Tests))
	for i := range o.Tests {
		t := &o.Tests[i]
		r := Result{Test: t}
		in := places(t.In)
		r.Hypothetical, r.Problem = in.Hypothetical, in.Refused
		if r.Problem != "" {
			results = append(results, r)
			continue
		}
		if err := r.run(o, in.World, in.Accounts); err != nil {
			return nil, fmt.Errorf("test %q: %w", t.Name, err)
		}
		if len(r.Accounts) == 0 {
			r.Problem = fmt.Sprintf("the role %s is made in no account of %s", strings.TrimPrefix(t.As, "role/"), t.In.String())
		}
		results = append(results, r)
	}
	return results, nil
}

// run asks a test in accounts.
func (r *Result) run(o *org.Organization, w *World, accounts []string) error {
	t := r.Test
	role, as := o.Role(t.As)
	context := map[string][]string{}
	for key, p := range t.With {
		context[key] = org.Values(p.Value)
	}
	first := map[string]string{} // the account that was asked for all that are alike
	failed := map[string]*Failure{}
	for _, account := range accounts {
		q := Question{As: as, Account: account, Action: t.Action, Resource: t.Resource, Context: context}
		if role != nil && !w.Makes(as, account) {
			continue // the role is not made there
		}
		r.Accounts = append(r.Accounts, account)
		p, err := w.principal(q)
		if err != nil {
			return err
		}
		like := w.alike(q, p)
		if _, asked := first[like]; asked {
			if f := failed[like]; f != nil {
				f.Accounts = append(f.Accounts, account)
			}
			continue
		}
		first[like] = account
		if failed[like], err = r.ask(w, q); err != nil {
			return err
		}
	}
	return nil
}

// ask asks in one account, and returns the failure that it is part of. Reasons
// are looked for where they are wanted. A test that names no resource and
// expects a denial is about whatever the guardrails name: where they let the
// request for no particular resource pass, it is put for each of those.
func (r *Result) ask(w *World, q Question) (*Failure, error) {
	t := r.Test
	got, err := w.Decide(q)
	if err != nil {
		return nil, err
	}
	if got.Decision == eval.Allowed && t.Expect == "deny" && q.Resource == "*" {
		for _, resource := range w.named(q.Account) {
			particular := q
			particular.Resource = resource
			res, err := w.Decide(particular)
			if err != nil {
				return nil, err
			}
			if res.Decision != eval.ExplicitlyDenied {
				continue
			}
			q, got = particular, res
			if a, err := w.Ask(q); err != nil || t.By == "" || slices.Contains(a.Guardrails(), t.By) {
				break
			}
		}
	}
	allowed := got.Decision == eval.Allowed
	code := ""
	if allowed != (t.Expect == "allow") {
		code = "GR370"
	}
	if r.First != nil && code == "" && (t.By == "" || allowed) {
		return nil, nil
	}
	a, err := w.Ask(q)
	if err != nil {
		return nil, err
	}
	if r.First == nil {
		r.First = a
	}
	if code == "" && t.By != "" && !allowed && !slices.Contains(a.Guardrails(), t.By) {
		code = "GR371"
	}
	if code == "" {
		return nil, nil
	}
	return r.fail(code, a), nil
}

// fail notes a failure, beside those that are like it, and returns it.
func (r *Result) fail(code string, a *Answer) *Failure {
	for _, f := range r.Failures {
		if f.Code == code && f.Answer.Same(a) {
			f.Accounts = append(f.Accounts, a.Question.Account)
			return f
		}
	}
	r.Failures = append(r.Failures, &Failure{a, []string{a.Question.Account}, code})
	return r.Failures[len(r.Failures)-1]
}

// Same reports whether two answers are the same decision for the same reasons:
// the same statements of the same guardrails.
func (a *Answer) Same(b *Answer) bool {
	if a.Decision != b.Decision || !slices.Equal(a.DependsOn, b.DependsOn) {
		return false
	}
	if a.Decision == eval.Allowed {
		return true
	}
	return slices.EqualFunc(a.Deciders(), b.Deciders(), func(x, y Decider) bool {
		return x.Layer == y.Layer && x.Document == y.Document && x.Statement == y.Statement && x.Origin == y.Origin
	})
}
