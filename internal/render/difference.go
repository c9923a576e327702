package render

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diff"
)

// A span is a piece of a line: our own words, or a name from a plan.
type span struct {
	text string
	kind spanKind
}

type spanKind int

const (
	words spanKind = iota
	quoted
	place // where in a file
	sign  // one character for the eye, which would be a list or a quotation in a comment
)

// An entry is one thing that differs, with what there is to say below it.
type entry struct {
	head  []span
	notes [][]span
}

// A section is entries of a kind.
type section struct {
	title   string
	entries []entry
}

// apart reports whether a space stands before the piece.
func (s span) apart() bool {
	return s.kind != words || !strings.ContainsAny(s.text[:min(1, len(s.text))], ",:")
}

func say(format string, args ...any) span { return span{text: fmt.Sprintf(format, args...)} }
func name(s string) span                  { return span{s, quoted} }

// What is shown in a comment on a pull request, which takes 65,536 characters:
// entries of a section, notes of an entry, and bytes after which all but two
// entries of each section are counted.
const (
	mostEntries = 25
	mostNotes   = 6
	mostBytes   = 50_000
)

// DifferenceText writes for a person how two plans differ: what it does to
// access first, then what was changed.
func DifferenceText(w io.Writer, d *diff.Difference, opts Options) error {
	p := &page{bufio.NewWriter(w), opts}
	p.difference(d)
	fmt.Fprintf(p, "\n%s\n", p.opts.paint(faint, "before "+d.Before))
	fmt.Fprintln(p, p.opts.paint(faint, "after  "+d.After))
	return p.Flush()
}

// Moves writes for a person what moving accounts does to access.
func Moves(w io.Writer, d *diff.Difference, opts Options) error {
	p := &page{bufio.NewWriter(w), opts}
	p.difference(&diff.Difference{NewlyDenied: d.NewlyDenied, NewlyAllowed: d.NewlyAllowed, Effects: d.Effects, NotCompared: d.NotCompared, Accounts: d.Accounts})
	return p.Flush()
}

// difference writes all but the digests.
func (p *page) difference(d *diff.Difference) {
	for _, s := range headline(d) {
		p.paragraph("", p.opts.paint(bold, s))
	}
	for _, s := range sections(d) {
		p.heading(s.title)
		for _, e := range s.entries {
			p.spans("  ", e.head)
			for _, n := range e.notes {
				p.spans("      ", n)
			}
		}
	}
}

// spans writes a line, as long as it is: what is in it may have to be copied.
func (p *page) spans(indent string, list []span) {
	var b strings.Builder
	for i, s := range list {
		if i > 0 && s.apart() {
			b.WriteString(" ")
		}
		text := Escape(s.text)
		switch s.kind {
		case quoted:
			text = p.opts.paint(bold, text)
		case place:
			text = " " + p.opts.paint(faint, text)
		}
		b.WriteString(text)
	}
	fmt.Fprintln(p, indent+b.String())
}

// DifferenceMarkdown writes the same as a comment on a pull request. Names
// from the plans stand between backquotes, where they mean nothing else.
func DifferenceMarkdown(w io.Writer, d *diff.Difference) error {
	b := &bytes.Buffer{}
	for i, s := range headline(d) {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "**%s**\n", s)
	}
	for _, s := range sections(d) {
		fmt.Fprintf(b, "\n### %s\n\n", s.title)
		for i, e := range s.entries {
			if i == mostEntries || i > 1 && b.Len() > mostBytes {
				fmt.Fprintf(b, "- and %s more\n", number(len(s.entries)-i))
				break
			}
			fmt.Fprintf(b, "- %s\n", markdown(e.head))
			for j, n := range e.notes {
				if j == mostNotes {
					fmt.Fprintf(b, "  - and %s more\n", number(len(e.notes)-j))
					break
				}
				fmt.Fprintf(b, "  - %s\n", markdown(n))
			}
		}
	}
	fmt.Fprintf(b, "\n<sub>before %s, after %s</sub>\n", code(d.Before), code(d.After))
	_, err := w.Write(b.Bytes())
	return err
}

func markdown(list []span) string {
	var b strings.Builder
	for _, s := range list {
		if b.Len() > 0 && s.apart() {
			b.WriteString(" ")
		}
		switch s.kind {
		case words:
			b.WriteString(s.text)
		case quoted:
			b.WriteString(code(s.text))
		case place:
			b.WriteString("(" + code(s.text) + ")")
		}
	}
	return b.String()
}

// code is a name between as many backquotes as it takes, shortened where it
// is of a length that nobody reads.
func code(s string) string {
	s = clip(Escape(s), 300)
	if s == "" {
		return `""`
	}
	fence, run := 1, 0
	for _, c := range s {
		if c != '`' {
			run = 0
			continue
		}
		run++
		fence = max(fence, run+1)
	}
	if fence == 1 {
		return "`" + s + "`"
	}
	return strings.Repeat("`", fence) + " " + s + " " + strings.Repeat("`", fence)
}

// DifferenceJSON writes all of a difference.
func DifferenceJSON(w io.Writer, d *diff.Difference) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// headline is what a difference comes to, in a sentence for each direction.
func headline(d *diff.Difference) []string {
	if d.Same() {
		return []string{"Nothing differs."}
	}
	return []string{
		sentence(d, d.NewlyDenied, diff.Denied, "loses", "lose"),
		sentence(d, d.NewlyAllowed, diff.Allowed, "gains", "gain"),
	}
}

func sentence(d *diff.Difference, v diff.Verdict, change diff.Kind, verb, plurals string) string {
	switch v {
	case diff.None:
		return "Nothing " + verb + " access."
	case diff.Unknown:
		return "It is not known whether anything " + verb + " access."
	}
	accounts := map[string]bool{}
	open := slices.ContainsFunc(d.NotCompared, func(n diff.NotCompared) bool {
		return change == diff.Denied && n.MayDeny || change == diff.Allowed && n.MayAllow
	})
	for _, e := range d.Effects {
		switch {
		case e.Change != change:
		case e.Request == nil:
			open = true
		default:
			for _, a := range e.Accounts {
				accounts[a] = true
			}
		}
	}
	if len(accounts) == 1 {
		plurals = verb
	}
	s := plural(len(accounts), "account") + " " + plurals + " access"
	if open {
		s += ", and more may"
	}
	return s + "."
}

// signs are what a change begins with.
var signs = map[diff.Kind]string{diff.Added: "+", diff.Removed: "-", diff.Changed: "~", diff.Moved: ">", diff.Renamed: ">"}

// mark is how a change begins.
func mark(k diff.Kind, called string) []span {
	return []span{{signs[k], sign}, say("%s", cmp.Or(called, string(k)))}
}

func sections(d *diff.Difference) []section {
	denied, allowed := section{title: "Newly denied"}, section{title: "Newly allowed"}
	for i := range d.Effects {
		e := &d.Effects[i]
		to := &allowed
		if e.Change == diff.Denied {
			to = &denied
		}
		to.entries = append(to.entries, effect(e))
	}
	denied.join()
	allowed.join()
	open := section{title: "Not compared"}
	for _, n := range d.NotCompared {
		may := "may take access away"
		switch {
		case n.MayDeny && n.MayAllow:
			may = "may take access away or give it"
		case n.MayAllow:
			may = "may give access"
		case !n.MayDeny && !n.MayAllow:
			may = "takes no access away and gives none"
		}
		open.entries = append(open.entries, entry{head: []span{say("%s: %s", n.What, may)}})
	}
	var all []section
	for _, s := range []section{denied, allowed, open, guardrailChanges(d), exceptionChanges(d), documentChanges(d), accountChanges(d), otherChanges(d)} {
		if len(s.entries) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// join puts the statements of one guardrail together where they concern the
// same accounts: each has an example.
func (s *section) join() {
	var joined []entry
	at := map[string]int{}
	for _, e := range s.entries {
		key := fmt.Sprint(e.head, e.notes[0])
		i, ok := at[key]
		if !ok {
			i = len(joined)
			at[key] = i
			joined = append(joined, entry{e.head, e.notes[:1:1]})
		}
		joined[i].notes = append(joined[i].notes, e.notes[1:]...)
	}
	s.entries = joined
}

// mostSources is how many places are named where one statement stands at many nodes.
const mostSources = 3

// effect is a statement, or a boundary, with whom it concerns and an example.
func effect(e *diff.Effect) entry {
	var x entry
	kind := short(e.Type)
	if e.Type == "PERMISSIONS_BOUNDARY" {
		kind = "boundary"
	}
	x.head = append(x.head, say("%s", kind))
	at := map[string]bool{}
	for _, s := range e.Sources {
		key := s.Guardrail + " " + s.Target + " " + s.Origin
		if at[key] {
			continue
		}
		at[key] = true
		if len(at) > mostSources {
			continue
		}
		if len(at) > 1 {
			x.head = append(x.head, say(", and"))
		}
		x.head = append(x.head, name(cmp.Or(s.Guardrail, s.Policy)))
		if s.Target != "" {
			x.head = append(x.head, say("at"), name(node(s.Target)))
		}
		x.head = append(x.head, span{s.Origin, place})
	}
	if more := len(at) - mostSources; more > 0 {
		x.head = append(x.head, say(", and %s more", number(more)))
	}
	x.notes = append(x.notes, accounts(e.Accounts))
	r := e.Request
	if r == nil {
		x.notes = append(x.notes, []span{say("not known:"), name(e.Unknown)})
		return x
	}
	example := []span{say("such as"), name(r.Action)}
	if !e.ActionKnown {
		example = append(example, say("(none of AWS's today)"))
	}
	if r.Resource != "*" && r.Resource != "" {
		example = append(example, say("on"), name(r.Resource))
	}
	example = append(example, say("as"), name(r.Principal))
	with := "with"
	for _, key := range slices.Sorted(maps.Keys(r.Context)) {
		if key == "aws:PrincipalArn" && slices.Equal(r.Context[key], []string{r.Principal}) {
			continue
		}
		example = append(example, say("%s", with), name(key+" = "+strings.Join(quoteEmpty(r.Context[key]), ", ")))
		with = "and"
	}
	x.notes = append(x.notes, example)
	return x
}

func quoteEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, cmp.Or(s, `""`))
	}
	return out
}

// accounts names some accounts, and counts all.
func accounts(keys []string) []span {
	list := []span{say("in %s", plural(len(keys), "account"))}
	for i, k := range keys {
		switch {
		case i == 6 && len(keys) > 7:
			return append(list, say(", and %s more", number(len(keys)-i)))
		case i == 0:
			list = append(list, say(":"))
		default:
			list = append(list, say(","))
		}
		list = append(list, name(k))
	}
	return list
}

func guardrailChanges(d *diff.Difference) section {
	s := section{title: "Guardrails"}
	for _, g := range d.Guardrails {
		head := append(mark(g.Change, ""), say("%s", short(g.Type)), name(cmp.Or(g.Guardrail, g.Policy, "a grant")))
		if g.Change == diff.Moved {
			head = append(head, say("from"), name(node(g.From)), say("to"), name(node(g.Target)))
		} else {
			head = append(head, say("at"), name(node(g.Target)))
		}
		s.entries = append(s.entries, entry{head: append(head, span{cmp.Or(g.After, g.Before), place})})
	}
	return s
}

func exceptionChanges(d *diff.Difference) section {
	s := section{title: "Exceptions"}
	for _, x := range d.Exceptions {
		head := append(mark(x.Change, ""), name(x.Key), say("from"), name(x.Guardrail))
		if x.Expires != "" {
			head = append(head, say("until"), name(x.Expires))
		}
		s.entries = append(s.entries, entry{head: append(head, span{x.Origin, place})})
	}
	return s
}

func documentChanges(d *diff.Difference) section {
	s := section{title: "Documents"}
	for _, x := range d.Documents {
		called := map[diff.Kind]string{diff.Changed: "rewritten", diff.Moved: "attached elsewhere"}
		head := append(mark(x.Change, called[x.Change]), say("%s", short(x.Type)), name(x.Name))
		if x.Was != "" {
			head = append(head, say(", formerly"), name(x.Was))
		}
		for _, l := range []struct {
			verb string
			refs []string
		}{{", attached to", x.Attached}, {", detached from", x.Detached}} {
			for i, ref := range l.refs {
				if i > 0 {
					l.verb = ","
				}
				head = append(head, say("%s", l.verb), name(node(ref)))
			}
		}
		s.entries = append(s.entries, entry{head: head})
	}
	return s
}

func accountChanges(d *diff.Difference) section {
	s := section{title: "Accounts"}
	for _, a := range d.Accounts {
		head := append(mark(a.Change, ""), name(a.Account))
		if a.Was != "" {
			head = append(head, say(", formerly"), name(a.Was))
		}
		if a.From != "" && a.From != a.To {
			head = append(head, say("from"), name(node(a.From)))
		}
		if a.To != "" && a.From != a.To {
			head = append(head, say("to"), name(node(a.To)))
		}
		s.entries = append(s.entries, entry{head: head})
	}
	return s
}

func otherChanges(d *diff.Difference) section {
	s := section{title: "Other changes"}
	for _, o := range d.Others {
		x := entry{head: append(mark(o.Change, ""), say("%s", o.What))}
		if o.Name != "" {
			x.head = append(x.head, name(o.Name))
		}
		if len(o.Accounts) > 0 {
			x.head = append(x.head, accounts(o.Accounts)...)
		}
		s.entries = append(s.entries, x)
	}
	return s
}
