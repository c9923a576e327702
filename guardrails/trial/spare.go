package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Spare is an exception that would let a request through, or why there is none.
type Spare struct {
	Exceptions []org.Exception // one for each guardrail that denies; nil where Reason says why not
	Reason     string
}

// Spare finds the exceptions that would let a denied request through in the
// accounts that gave this answer, as narrow as can be: for who asks, for the
// action. They are tried: with them the file still gives a plan, and by the
// plan the request is allowed, or at least nothing is known to deny it.
func (a *Answer) Spare(o *org.Organization, c *catalog.Catalog, opts compile.Options, accounts []string) (Spare, error) {
	no := func(format string, args ...any) (Spare, error) {
		return Spare{Reason: fmt.Sprintf(format, args...)}, nil
	}
	denies := map[bool]string{true: "may deny", false: "denies"}[a.Decision == eval.Depends]
	if a.Decision == eval.Allowed {
		return no("nothing denies it")
	}
	for _, d := range a.Deciders() {
		_, ok := c.Lookup(d.Guardrail)
		switch {
		case d.Effect != "Deny":
			return no("exceptions spare from what denies, and here %s", d.Text)
		case d.Layer != eval.SCP && d.Layer != eval.RCP:
			return no("%s %s it, and there are exceptions from guardrails alone", Words(d.Layer), denies)
		case d.Guardrail == "":
			return no("%s is of no guardrail", d.Name())
		case !ok:
			return no("%s is a document of your own, which has no exceptions: change the document", d.Guardrail)
		}
	}
	id, pattern := accountOf(a.Principal), ""
	if arn := a.Request.Context["aws:principalarn"]; len(arn) == 1 {
		_, pattern, _ = strings.Cut(arn[0], ":"+id+":")
	}
	if !strings.HasPrefix(pattern, "role/") && !strings.HasPrefix(pattern, "user/") {
		return no("exceptions are for roles and users: one for all of the account would spare everybody in it")
	}
	var who org.Exception
	who.Principals = []org.Principal{{Pattern: pattern}}
	if a.from == "" {
		who.AccountIDs = []org.AccountID{org.AccountID(id)}
	} else {
		for _, key := range accounts {
			account, ok := o.Account(key)
			if !ok {
				return no("the account is made up")
			}
			who.Accounts = append(who.Accounts, account)
		}
	}
	// For the action alone, where the guardrail can be split there.
	for _, actions := range [][]string{{a.Request.Action}, nil} {
		tried := *o
		tried.Exceptions = slices.Clone(o.Exceptions)
		var made []org.Exception
		for _, g := range a.Guardrails() {
			x := who
			x.Key, x.Guardrail, x.Actions, x.Range = exceptionKey(&tried, pattern, g), g, actions, diag.Range{File: o.File}
			x.Reason, x.Owner = "why it must be possible", "who answers for it"
			made = append(made, x)
			tried.Exceptions = append(tried.Exceptions, x)
		}
		slices.SortFunc(tried.Exceptions, func(x, y org.Exception) int { return strings.Compare(x.Key, y.Key) })
		p, ds := compile.Compile(&tried, c, opts)
		if p == nil {
			if actions == nil {
				first := ds[slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })]
				return no("an exception would be refused: %s", first.Summary)
			}
			continue
		}
		w, err := New(p, opts.AsOf)
		if err != nil {
			return Spare{}, err
		}
		enough := true
		for _, account := range accounts {
			q := a.Question
			q.Account = account
			got, err := w.Decide(q)
			if err != nil {
				return Spare{}, err
			}
			enough = enough && (got.Decision == eval.Allowed || got.Decision == eval.Depends && !got.Refused() && a.Decision == eval.ExplicitlyDenied)
		}
		if enough {
			return Spare{Exceptions: made}, nil
		}
	}
	return no("an exception would not be enough")
}

// exceptionKey is a name for an exception that none has.
func exceptionKey(o *org.Organization, pattern, guardrail string) string {
	name := strings.ToLower(pattern[strings.LastIndexByte(pattern, '/')+1:])
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
	base := strings.Trim(name, "-0123456789") + "-" + guardrail
	base = strings.TrimLeft(base[:min(len(base), 36)], "-")
	key := strings.TrimRight(base, "-")
	for n := 2; slices.ContainsFunc(o.Exceptions, func(x org.Exception) bool { return x.Key == key }); n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}

// Elsewhere says which guardrails would deny the action on resources of
// another kind: a request on no particular resource does not meet them.
func (a *Answer) Elsewhere() []string {
	var out []string
	look := func(docs []document) {
		for _, d := range docs {
			for i, s := range d.Policy.Statements {
				if s.Effect != policy.Deny || i >= len(d.statements) || !covers(s, a.Request.Action) || s.Resource == nil || slices.Contains(s.Resource, "*") {
					continue
				}
				text := fmt.Sprintf("%s (%s) is about %s", d.statements[i].Guardrail, d.statements[i].Origin, strings.Join(s.Resource[:min(2, len(s.Resource))], ", "))
				if more := len(s.Resource) - 2; more > 0 {
					text += fmt.Sprintf(" and %d more", more)
				}
				if !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
	}
	if a.Request.Resource != "*" {
		return nil
	}
	for _, node := range a.world.chain(a.from) {
		look(a.world.at(eval.SCP, node))
	}
	for _, node := range a.world.chain(a.owner) {
		look(a.world.at(eval.RCP, node))
	}
	return out
}

// covers reports whether a statement is about an action.
func covers(s policy.Statement, action string) bool {
	match := func(p string) bool { return policy.Match(p, action, true) }
	if s.NotAction != nil {
		return !slices.ContainsFunc(s.NotAction, match)
	}
	return slices.ContainsFunc(s.Action, match)
}
