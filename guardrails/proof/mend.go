package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// A Mend is the change that would let a request through.
type Mend struct {
	Exceptions []Exception // one from each guardrail that denies; none where Text says what else to do
	Text       string      // a sentence without a full stop
}

// An Exception is one as the file has it, as narrow as the request.
type Exception struct {
	Guardrail  string
	Principals []string // "role/path/name"
	Accounts   []string // keys; empty for all accounts
	Actions    []string
}

// mend finds the change. The exceptions are not tried: [trial.Answer.Spare]
// does that, with the file at hand.
func mend(p *guardrails.Plan, l *Loss) Mend {
	say := func(format string, args ...any) Mend { return Mend{Text: fmt.Sprintf(format, args...)} }
	if len(l.Deciders) == 0 {
		return say("see what denies %s", l.Answer.Request.Action)
	}
	pattern := ""
	if arn := l.Answer.Request.Context["aws:principalarn"]; len(arn) == 1 {
		if i := strings.Index(arn[0], ":role/"); i >= 0 {
			pattern = arn[0][i+1:]
		}
	}
	var lists []string
	for _, d := range l.Deciders {
		if d.Effect != "Deny" && d.Layer == eval.SCP && listed(p, d.Level) && !slices.Contains(lists, d.Level) {
			lists = append(lists, d.Level)
		}
	}
	var out []Exception
	for _, d := range l.Deciders {
		switch {
		case d.Effect != "Deny" && d.Layer == eval.SCP:
			if listed(p, d.Level) {
				return say("add %s, or its service, to the allowList of %s", l.Answer.Request.Action, strings.Join(lists, " and of "))
			}
			return say("attach FullAWSAccess to %s, or a policy that allows %s", d.Level, l.Answer.Request.Action)
		case d.Layer != eval.SCP && d.Layer != eval.RCP:
			return say("let %s of %s allow %s", d.Layer, l.Answer.Question.As, l.Answer.Request.Action)
		case pattern == "" || strings.HasSuffix(pattern, "/unknown"):
			return say("narrow %s in %s: exceptions are for roles and users, and this is neither", d.Name(), d.Origin)
		case strings.ContainsAny(d.Guardrail, "./"):
			return say("exempt %s from %s in %s: a document of your own has no exceptions", pattern, statement(&d), d.Guardrail)
		case slices.ContainsFunc(p.Elsewhere, func(f guardrails.ForeignPolicy) bool { return f.Name == d.Document }):
			return say("let whoever manages the policy %s exempt %s from %s", d.Document, pattern, statement(&d))
		case d.Guardrail == "":
			return say("narrow %s: it is of no guardrail", d.Name())
		}
		x := Exception{Guardrail: d.Guardrail, Principals: []string{pattern}, Accounts: l.Accounts, Actions: []string{l.Answer.Request.Action}}
		if len(l.Accounts) == len(p.Accounts) {
			x.Accounts = nil
		}
		if !slices.ContainsFunc(out, func(y Exception) bool { return y.Guardrail == x.Guardrail }) {
			out = append(out, x)
		}
	}
	names := make([]string, len(out))
	for i, x := range out {
		names[i] = x.Guardrail
	}
	return Mend{Exceptions: out, Text: fmt.Sprintf("except %s from %s for %s", pattern, strings.Join(names, " and "), l.Answer.Request.Action)}
}

// listed reports whether a node has an allow list.
func listed(p *guardrails.Plan, level string) bool {
	return slices.ContainsFunc(p.NoFullAccess, func(ref string) bool { return ref == level || strings.HasSuffix(ref, ":"+level) })
}

// statement is a statement without its document.
func statement(d *trial.Decider) string {
	if d.Sid != "" {
		return "statement " + d.Sid
	}
	return fmt.Sprintf("statement %d", d.Statement+1)
}
