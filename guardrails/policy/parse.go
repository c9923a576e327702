package policy

import (
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// maxProblems is where a run over one document ends; behind that nobody reads.
const maxProblems = 100

// Parse reads one policy document in any spelling that AWS takes: Statement as
// an object or a list, a single string in place of a list of one, numbers and
// booleans as condition values. It refuses what AWS refuses whatever the
// policy is for: malformed JSON, names that are unknown or stand twice, wrong
// types, elements that exclude each other or are missing. What only some types
// of policy may hold is for [Validate].
//
// The diagnostics are located in src, which file names; src may be as long as
// it likes, and longer than 16 MiB is refused. With errors, the document is
// what could be read.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(file string, src []byte) (Document, diag.Diagnostics) {
	r := rooms.Get().(*room)
	defer r.release()
	d, p := parse(file, src, r)
	return d, p.ds
}

// A parser turns a tree of JSON values into a Document.
type parser struct {
	text *text
	root node
	ds   diag.Diagnostics
}

func parse(file string, src []byte, r *room) (Document, *parser) {
	if len(src) > maxSource {
		p := &parser{text: newText(file, "")}
		p.ds.Errorf(diag.Range{File: file}, "GR102", "the document is %d bytes long", len(src)).Hint =
			"AWS takes at most 40,000 characters in any policy"
		return Document{}, p
	}
	text := string(src)
	p := &parser{text: newText(file, text)}
	root, bad := scan(text, r)
	if bad != nil {
		code := "GR101"
		if strings.Contains(bad.what, " more than ") {
			code = "GR102"
		}
		p.ds.Errorf(p.text.span(bad.start, bad.end), code, "%s", bad.what).Hint = bad.hint
		return Document{}, p
	}
	p.root = root
	d := p.document(root)
	return d, p
}

// errorf locates an error at a value or a name; it keeps the first hundred.
func (p *parser) errorf(start, end int32, code, hint, format string, args ...any) {
	switch {
	case len(p.ds) < maxProblems:
		p.ds.Errorf(p.text.span(int(start), int(end)), code, format, args...).Hint = hint
	case len(p.ds) == maxProblems:
		p.ds.Errorf(p.text.span(int(start), int(end)), code, "the document has more mistakes than %d", maxProblems).Hint =
			"mend these first"
	}
}

func (p *parser) wrongType(n node, element, expected string) {
	p.errorf(n.start, n.end, "GR105", "expected "+expected, "%s is %s", element, n.kind.noun())
}

// members calls read for each member of an object whose name is known, once.
func (p *parser) members(n node, element string, known []string, read func(member)) {
	var seen map[string]int
	if len(n.children) > fewMembers {
		seen = make(map[string]int, len(n.children))
	}
	for i := range n.children {
		m := &n.children[i]
		first, twice := seen[m.name]
		if seen == nil {
			first, twice = find(n.children[:i], m.name)
		}
		if twice {
			p.errorf(m.start, m.end, "GR103", "JSON readers keep one of them and drop the other in silence; remove one",
				"%q stands twice in %s", m.name, element)
			if len(p.ds) <= maxProblems {
				d := &p.ds[len(p.ds)-1]
				at := n.children[first]
				d.Related = []diag.Related{{Range: p.text.span(int(at.start), int(at.end)), Message: "the first is here"}}
			}
			continue
		}
		if seen != nil {
			seen[m.name] = i
		}
		if known != nil && !contains(known, m.name) {
			p.errorf(m.start, m.end, "GR104", diag.DidYouMean(m.name, known), "%s has no element %q", element, m.name)
			continue
		}
		read(*m)
	}
}

// fewMembers is up to where looking through a list is faster than a map.
const fewMembers = 16

// find is the place of the first member of a name.
func find(members []member, name string) (int, bool) {
	for i := range members {
		if members[i].name == name {
			return i, true
		}
	}
	return 0, false
}

func has(n node, name string) bool {
	_, ok := find(n.children, name)
	return ok
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

var documentElements = []string{"Version", "Id", "Statement"}

func (p *parser) document(n node) Document {
	var d Document
	if n.kind != kindObject {
		p.wrongType(n, "the policy document", "an object with the elements Version and Statement")
		return d
	}
	p.members(n, "a policy document", documentElements, func(m member) {
		switch m.name {
		case "Version":
			d.Version = p.str(m.value, "Version", `the string "2012-10-17"`)
			if m.value.kind == kindString && d.Version != Version2012 && d.Version != "2008-10-17" {
				p.errorf(m.value.start, m.value.end, "GR108", `use "2012-10-17"; it is the version of the policy language, not a date of yours`,
					"%q is no version of the policy language", d.Version)
			}
		case "Id":
			d.ID = p.str(m.value, "Id", "a string")
		case "Statement":
			switch m.value.kind {
			case kindObject:
				d.Statements = []Statement{p.statement(m.value)}
			case kindList:
				d.Statements = make([]Statement, len(m.value.children))
				for i := range m.value.children {
					if len(p.ds) > maxProblems {
						break
					}
					d.Statements[i] = p.statement(m.value.children[i].value)
				}
			default:
				p.wrongType(m.value, "Statement", "an object or a list of objects")
			}
		}
	})
	if !has(n, "Statement") {
		p.errorf(n.start, min(n.start+1, n.end), "GR106", `add "Statement": […]`, "the policy document has no Statement")
	}
	return d
}

var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}

// exclusive are the pairs of which a statement takes one.
var exclusive = [][2]string{{"Action", "NotAction"}, {"Resource", "NotResource"}, {"Principal", "NotPrincipal"}}

func (p *parser) statement(n node) Statement {
	var s Statement
	if n.kind != kindObject {
		p.wrongType(n, "a statement", "an object with the elements Effect, Action and Resource")
		return s
	}
	p.members(n, "a statement", statementElements, func(m member) {
		switch m.name {
		case "Sid":
			s.Sid = p.str(m.value, "Sid", "a string")
		case "Effect":
			s.Effect = Effect(p.str(m.value, "Effect", `"Allow" or "Deny"`))
			if m.value.kind == kindString && s.Effect != Allow && s.Effect != Deny {
				p.errorf(m.value.start, m.value.end, "GR108", `expected "Allow" or "Deny", spelled like this`, "%q is no effect", string(s.Effect))
			}
		case "Principal":
			s.Principal = p.principal(m.value, m.name)
		case "NotPrincipal":
			s.NotPrincipal = p.principal(m.value, m.name)
		case "Action":
			s.Action = p.values(m.value, m.name, false)
		case "NotAction":
			s.NotAction = p.values(m.value, m.name, false)
		case "Resource":
			s.Resource = p.values(m.value, m.name, false)
		case "NotResource":
			s.NotResource = p.values(m.value, m.name, false)
		case "Condition":
			s.Condition = p.conditions(m.value)
		}
	})
	for _, pair := range exclusive {
		if i, both := find(n.children, pair[1]); both && has(n, pair[0]) {
			m := n.children[i]
			p.errorf(m.start, m.end, "GR107", "keep one of them, or make two statements", "a statement may not have both %s and %s", pair[0], pair[1])
		}
	}
	open := min(n.start+1, n.end)
	if !has(n, "Effect") {
		p.errorf(n.start, open, "GR106", `add "Effect": "Allow" or "Deny"`, "the statement has no Effect")
	}
	if !has(n, "Action") && !has(n, "NotAction") {
		p.errorf(n.start, open, "GR106", "add one of them", "the statement has neither Action nor NotAction")
	}
	return s
}

// str reads a string; expected says in a message what it should be.
func (p *parser) str(n node, element, expected string) string {
	if n.kind != kindString {
		p.wrongType(n, element, expected)
		return ""
	}
	return n.str
}

// values reads a string or a list of strings; with scalars, numbers and
// booleans too, as they are spelled. The values are never nil.
func (p *parser) values(n node, element string, scalars bool) Values {
	if n.kind != kindList {
		return p.appendValue(make(Values, 0, 1), n, element, scalars)
	}
	vs := make(Values, 0, len(n.children))
	for i := range n.children {
		vs = p.appendValue(vs, n.children[i].value, element, scalars)
	}
	return vs
}

func (p *parser) appendValue(vs Values, n node, element string, scalars bool) Values {
	switch {
	case n.kind == kindString, scalars && (n.kind == kindNumber || n.kind == kindBool):
		return append(vs, n.str)
	case scalars:
		p.wrongType(n, element, "a string, a number, a boolean or a list of them")
	case n.kind == kindNumber:
		p.wrongType(n, element, "a string; put it into double quotes")
	default:
		p.wrongType(n, element, "a string or a list of strings")
	}
	return vs
}
