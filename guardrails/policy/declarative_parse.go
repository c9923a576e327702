package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// ParseDeclarative reads a document of a declarative kind and refuses what AWS
// refuses: malformed JSON, names and operators that the kind does not know,
// settings whose values it does not take. A name that is new to this version,
// where AWS adds names, is a warning. The diagnostics are located in src, which
// file names; with errors the document is what could be read.
//
// It panics on a kind that is none of [DeclarativeKinds].
func ParseDeclarative(file string, src []byte, kind Kind) (*Declarative, diag.Diagnostics) {
	s := shapes[kind]
	if s == nil {
		panic("policy: no declarative kind is " + string(kind))
	}
	p := &parser{text: newText(file, string(src))}
	if len(src) > maxSource {
		p.ds.Errorf(diag.Range{File: file}, "GR102", "the document is %d bytes long", len(src)).Hint = "AWS takes at most 10,000 characters"
		return &Declarative{}, p.ds
	}
	root, bad := scan(string(src), new(room))
	if bad != nil {
		code := "GR101"
		if strings.Contains(bad.what, " more than ") {
			code = "GR102"
		}
		p.ds.Errorf(p.text.span(bad.start, bad.end), code, "%s", bad.what).Hint = bad.hint
		return &Declarative{}, p.ds
	}
	if root.kind != kindObject {
		p.wrongType(root, "the document", "a JSON object")
		return &Declarative{}, p.ds
	}
	d := p.part(root, "", s)
	if !p.ds.HasErrors() && len(d.Settings()) == 0 {
		p.errorf(root.start, root.end, "GR106", "a document without settings says nothing", "%s sets nothing", kind.spoken())
	}
	return d, p.ds
}

// CheckDeclarative is ParseDeclarative for a document that a user wrote, which
// holds no placeholder.
func CheckDeclarative(file string, src []byte, kind Kind) (*Declarative, diag.Diagnostics) {
	d, ds := ParseDeclarative(file, src, kind)
	if ds.HasErrors() {
		return d, ds
	}
	p := &parser{text: newText(file, string(src)), ds: ds}
	root, _ := scan(string(src), new(room))
	p.braces(root)
	return d, p.ds
}

// spell names a place of a declarative document in a message.
func spell(path string) string {
	if path == "" {
		return "the document"
	}
	return path
}

// part reads an object: a group of parts, or a setting with its operators.
func (p *parser) part(n node, path string, s *shape) *Declarative {
	d := &Declarative{}
	if len(n.children) == 0 {
		p.errorf(n.start, n.end, "GR106", "remove it, or set something", "%s is empty", spell(path))
	}
	folded := map[string]member{}
	p.members(n, spell(path), nil, func(m member) {
		if strings.HasPrefix(m.name, "@@") {
			p.operator(d, m, path, s)
			return
		}
		if other, twice := folded[strings.ToLower(m.name)]; twice {
			p.errorf(m.start, m.end, "GR103", "names that differ by case alone are one to AWS; remove one", "%q stands in %s as %q too", m.name, spell(path), other.name)
			return
		}
		folded[strings.ToLower(m.name)] = m
		p.named(d, m, path, s)
	})
	if d.sets() && len(d.Members) > 0 {
		p.errorf(n.start, min(n.start+1, n.end), "GR107", "a part either has a value or holds further parts", "%s has both a value and further parts", spell(path))
	}
	if d.Assign != nil && (d.Append != nil || d.Remove != nil) {
		p.errorf(n.start, min(n.start+1, n.end), "GR107", "@@assign replaces what is inherited, so that nothing is left to add to", "%s has @@assign together with @@append or @@remove", spell(path))
	}
	return d
}

// named reads a part under its name.
func (p *parser) named(d *Declarative, m member, path string, s *shape) {
	below := joinPath(path, m.name)
	next, known := s.members[m.name]
	switch {
	case known:
	case s.open:
		next = s
	case s.one || s.many:
		p.errorf(m.start, m.end, "GR107", `give it its value with "@@assign"`, "%s is a setting and holds no %q", spell(path), m.name)
		return
	case s.named != nil:
		next = s.named
	case s.grows && len(diag.Nearest(m.name, slices.Collect(maps.Keys(s.members)))) == 0:
		p.ds.Warnf(p.text.span(int(m.start), int(m.end)), "GR130", "%s has no %q that this version knows of", spell(path), m.name).Hint = "AWS refuses the policy if it does not know it either"
		next = anything
	default:
		p.errorf(m.start, m.end, "GR130", diag.DidYouMean(m.name, slices.Sorted(maps.Keys(s.members))), "%s has no %q", spell(path), m.name)
		return
	}
	if m.value.kind != kindObject {
		p.errorf(m.value.start, m.value.end, "GR105", `write {"@@assign": …}`, "%s is %s", below, m.value.kind.noun())
		return
	}
	if d.Members == nil {
		d.Members = map[string]*Declarative{}
	}
	d.Members[m.name] = p.part(m.value, below, next)
	if part := d.Members[m.name]; part.Members["tag_key"] != nil && path == "tags" {
		p.tag(m, part)
	}
}

// tag checks what AWS asks of an entry of a tag policy.
func (p *parser) tag(m member, part *Declarative) {
	if key, ok := part.Members["tag_key"].Assign.(string); ok && !strings.EqualFold(key, m.name) {
		p.errorf(m.start, m.end, "GR132", "name the entry as its tag_key; case does not matter here", "the entry %q is for the tag key %q", m.name, key)
	}
}

var valueOperators = []string{opAssign, opAppend, opRemove}

// operator reads an operator of a part.
func (p *parser) operator(d *Declarative, m member, path string, s *shape) {
	if !slices.Contains(append([]string{opChildren}, valueOperators...), m.name) {
		p.errorf(m.start, m.end, "GR131", diag.DidYouMean(m.name, append([]string{opChildren}, valueOperators...)), "no operator is named %q", m.name)
		return
	}
	if m.name == opChildren {
		d.ChildOperators = p.texts(m.value, m.name)
		for i, op := range d.ChildOperators {
			if !slices.Contains(append([]string{opNone, opAll}, valueOperators...), op) {
				at := m.value.children[i].value
				p.errorf(at.start, at.end, "GR131", "expected @@none, @@all, or some of @@assign, @@append and @@remove", "%q is no operator that policies below could use", op)
			}
		}
		return
	}
	switch {
	case path == "" || !s.open && !s.one && !s.many:
		p.errorf(m.start, m.end, "GR131", "set what it holds", "%s is a group of settings and takes no %s", spell(path), m.name)
		return
	case m.name != opAssign && !s.open && !s.many:
		p.errorf(m.start, m.end, "GR131", "write @@assign", "%s has one value, and takes no %s", path, m.name)
		return
	}
	switch {
	case m.name == opAppend:
		d.Append = p.texts(m.value, path)
	case m.name == opRemove:
		d.Remove = p.texts(m.value, path)
	case m.value.kind == kindList && (s.many || s.open):
		d.Assign = p.texts(m.value, path)
	case m.value.kind == kindString && (s.one || s.open):
		d.Assign = m.value.str
	case (m.value.kind == kindNumber || m.value.kind == kindBool) && (s.one || s.open):
		d.Assign = Literal(m.value.str)
	case s.one:
		p.wrongType(m.value, path, "a string")
	default:
		p.wrongType(m.value, path, "a list of strings")
	}
	if s.values != nil {
		if v := fmt.Sprint(d.Assign); d.Assign != nil && !slices.Contains(s.values, v) {
			p.errorf(m.value.start, m.value.end, "GR132", "expected "+strings.Join(s.values, ", "), "%s takes no %q", path, v)
		}
	}
}

// texts reads a list of strings, of which there must be one.
func (p *parser) texts(n node, what string) []string {
	if n.kind != kindList {
		p.wrongType(n, what, "a list of strings")
		return nil
	}
	if len(n.children) == 0 {
		p.errorf(n.start, n.end, "GR106", "remove it, or name something", "the list of %s is empty", what)
	}
	out := []string{}
	for _, m := range n.children {
		if m.value.kind != kindString {
			p.wrongType(m.value, "an item of "+what, "a string")
			continue
		}
		out = append(out, m.value.str)
	}
	return out
}
