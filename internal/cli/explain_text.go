package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/observed"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
	"github.com/orgrails/orgrails/internal/render"
)

// An explained request is what explain has to say.
type explained struct {
	organization *org.Organization
	seen         *observed.Request // nil where the request was given by flags
	groups       []group
	spares       []trial.Spare // of each group
	asOf         time.Time
	sources      map[string][]byte // by path, to show lines
	b            bytes.Buffer
}

// writeExplained writes the explanation for people.
func (c *Command) writeExplained(e *explained) error {
	for i, g := range e.groups {
		if i > 0 {
			e.line("")
		}
		e.group(g)
		e.spare(g, e.spares[i])
	}
	if notes := e.notes(); len(notes) > 0 {
		e.line("")
		for _, n := range notes {
			e.line("note: %s", n)
		}
	}
	_, err := c.Stdout.Write(e.b.Bytes())
	return err
}

// line writes one line, safe for a terminal.
func (e *explained) line(format string, args ...any) {
	e.b.WriteString(strings.TrimRight(render.Escape(fmt.Sprintf(format, args...)), " "))
	e.b.WriteByte('\n')
}

// group writes one answer: the request, the decision, the places it passes.
func (e *explained) group(g group) {
	a := g.answer
	where := " in " + trial.Where(g.accounts)
	if a.Outside() {
		where = ", of another account or none,"
	}
	e.line("%s%s asks for %s on %s", asker(a), where, a.Request.Action, a.Request.Resource)
	e.line("%s", decision(a))
	e.line("")
	steps := a.Steps()
	wide := 0
	for _, s := range steps {
		wide = max(wide, utf8.RuneCountInString(s.Node))
	}
	for _, s := range steps {
		verdict := string(s.Verdict)
		if s.Text != "" {
			verdict += ": " + s.Text
		}
		e.line("  %-8s  %-*s  %s", s.Layer, wide, s.Node, verdict)
		for _, d := range s.Reasons {
			e.reason(d)
		}
	}
}

const indent = "              "

// reason writes one statement: its guardrail and line, and what its conditions
// found in the request.
func (e *explained) reason(d trial.Decider) {
	if d.Statement < 0 {
		e.line("%s%s", indent, d.Text)
		if d.Origin != "" { // an allow list
			e.line("%s  %s%s", indent, d.Origin, e.source(d.Origin))
		}
		return
	}
	what := d.Name()
	if d.Guardrail != "" {
		what = d.Guardrail + ": " + what
	}
	switch {
	case d.Matched == eval.Unknown:
		what += ", if what is unknown agrees"
	case d.Matched == eval.No:
		what += ", does not match"
	}
	e.line("%s%s", indent, what)
	if d.Origin != "" {
		e.line("%s  %s%s", indent, d.Origin, e.source(d.Origin))
	}
	for _, c := range d.Conditions {
		if d.Matched == eval.No && c.Held != eval.No || d.Matched == eval.Unknown && c.Held != eval.Unknown {
			continue // it is not for this one that it does not match
		}
		has := "the request has " + few(c.Request)
		switch {
		case c.Held == eval.Unknown:
			has = "the request does not say"
		case len(c.Request) == 0:
			has = "the request has none"
		}
		e.line("%s  %s %s %s: %s", indent, c.Operator, c.Key, few(c.Policy), has)
	}
	if len(d.Exceptions) > 0 {
		e.line("%s  narrowed by %s", indent, strings.Join(d.Exceptions, ", "))
	}
}

// few shows up to three values.
func few(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	const most = 3
	s := strings.Join(values[:min(most, len(values))], ", ")
	if more := len(values) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return "[" + s + "]"
}

// source is the line of an origin, as it stands in the file.
func (e *explained) source(origin string) string {
	r := trial.Locate(e.organization, origin)
	lines := bytes.Split(e.sources[r.File], []byte("\n"))
	if n := r.Start.Line; n > 0 && n <= len(lines) {
		text := strings.TrimSpace(string(lines[n-1]))
		const most = 80
		if runes := []rune(text); len(runes) > most {
			text = string(runes[:most-1]) + "…"
		}
		return "  " + text
	}
	return ""
}

// asker names who asks.
func asker(a *trial.Answer) string {
	switch {
	case a.Question.As == "":
		return "anybody"
	case strings.HasPrefix(a.Question.As, "arn:"):
		if parts := policy.SplitARN(a.Question.As); len(parts) == 6 {
			return parts[5]
		}
	}
	return a.Question.As
}

// decision is the decision in words.
func decision(a *trial.Answer) string {
	switch {
	case a.Decision == eval.Allowed:
		return "allowed: nothing stands in its way"
	case a.Decision == eval.ExplicitlyDenied:
		return "denied"
	case a.Decision == eval.ImplicitlyDenied:
		return "denied, for want of a statement that allows it"
	case a.Refused():
		return "denied, whatever is unknown"
	}
	return "depends on " + strings.Join(a.DependsOn, ", ") + "; give what is known with --context"
}

// spare writes the exceptions that would let the request through.
func (e *explained) spare(g group, s trial.Spare) {
	if g.answer.Decision == eval.Allowed {
		return
	}
	e.line("")
	if s.Reason != "" {
		e.line("no exception would spare it: %s", s.Reason)
		return
	}
	what, spares := "this exception", "spares"
	if len(s.Exceptions) > 1 {
		what, spares = "these exceptions together", "spare"
	}
	e.line("%s %s it, and nobody else; the plan with it was tried:", what, spares)
	for l := range strings.Lines(e.yaml(s)) {
		e.line("%s", strings.TrimSuffix(l, "\n"))
	}
}

// yaml is exceptions as the file has them. They end after ninety days, which
// is for whoever adds them to change.
func (e *explained) yaml(s trial.Spare) string {
	var b strings.Builder
	b.WriteString("exceptions:\n")
	for i := range s.Exceptions {
		x := &s.Exceptions[i]
		fmt.Fprintf(&b, "  %s:\n    guardrail: %s\n", x.Key, x.Guardrail)
		list := func(key string, values []string) {
			if len(values) == 0 {
				return
			}
			quoted := make([]string, len(values))
			for i, v := range values {
				quoted[i] = strconv.Quote(v)
			}
			fmt.Fprintf(&b, "    %s: [%s]\n", key, strings.Join(quoted, ", "))
		}
		principals, accounts := spared(x)
		list("principals", principals)
		list("accounts", accounts)
		list("actions", x.Actions)
		fmt.Fprintf(&b, "    reason: %s\n    owner: %s\n    expires: %s\n", x.Reason, x.Owner, e.asOf.AddDate(0, 0, 90).Format(time.DateOnly))
	}
	return b.String()
}

// spared are whom an exception spares, and the accounts it does that in.
func spared(x *org.Exception) (principals, accounts []string) {
	for _, p := range x.Principals {
		principals = append(principals, p.Pattern)
	}
	for _, a := range x.Accounts {
		accounts = append(accounts, a.Key)
	}
	for _, id := range x.AccountIDs {
		accounts = append(accounts, string(id))
	}
	return principals, accounts
}

// notes are what there is to know beside the answers: what the text left open,
// what AWS says, what would be met on other resources.
func (e *explained) notes() []string {
	notes := []string{}
	a := e.groups[0].answer
	if e.seen != nil {
		if said := heldAgainst(a, e.seen.Denial); said != "" {
			notes = append(notes, said)
		}
		notes = append(notes, e.seen.Notes...)
	}
	for _, other := range a.Elsewhere() {
		notes = append(notes, "the request is on no particular resource; "+other+": give --resource")
	}
	return notes
}

// heldAgainst holds the answer against what AWS says.
func heldAgainst(a *trial.Answer, d observed.Denial) string {
	if d.Layer == "" {
		return ""
	}
	layer, said := eval.Layer(d.Layer), "AWS says: "+d.Text
	ours := a.Decision != eval.Allowed && slices.ContainsFunc(a.Deciders(), func(x trial.Decider) bool { return x.Layer == layer })
	switch {
	case ours && a.Decision == eval.Depends:
		return said + ", and so may the plan"
	case ours:
		return said + ", and so does the plan"
	case layer == eval.SCP || layer == eval.RCP:
		return said + "; the plan does not: what is deployed is not what the file says, or the policy is not of this file"
	}
	return said + ", which is no guardrail's doing"
}
