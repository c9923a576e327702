package config

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// mismatches turns what the validator found into diagnostics.
type mismatches struct {
	schema *schema
	root   *node
	ds     *diag.Diagnostics
	seen   map[string]bool // an aliased node is reported once
}

// node is the node at a location.
func (m *mismatches) node(location []string) *node {
	n := m.root
	for _, step := range location {
		next := n.child(step)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// add appends a diagnostic unless the same was said of the same place.
func (m *mismatches) add(r diag.Range, code, hint, format string, args ...any) *diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: code, Range: r, Summary: fmt.Sprintf(format, args...), Hint: hint}
	id := r.String() + d.Summary
	if m.seen[id] {
		return &d
	}
	m.seen[id] = true
	*m.ds = append(*m.ds, d)
	return &(*m.ds)[len(*m.ds)-1]
}

// A finding is one leaf of the validator's tree of errors.
type finding struct {
	err      *jsonschema.ValidationError
	node     *node
	location string
}

// report says everything that the validator found. The validator goes through
// mappings in no order; here places decide it.
func (m *mismatches) report(e *jsonschema.ValidationError) {
	var found []finding
	m.collect(e, &found)
	slices.SortStableFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.node.start, b.node.start), cmp.Compare(a.location, b.location))
	})
	said := map[*node]bool{}
	for _, f := range found {
		if f.node.bad || f.node.odd || said[f.node] && f.node.kind < listNode {
			continue // one mistake is enough for a plain value
		}
		said[f.node] = true
		m.say(f.err, f.node)
	}
}

// collect lists the leaves of the tree of errors; of several branches of the
// schema, it goes into the one whose type is that of the value.
func (m *mismatches) collect(e *jsonschema.ValidationError, found *[]finding) {
	n := m.node(e.InstanceLocation)
	if n.bad {
		return // reported when the file was read
	}
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		for _, c := range e.Causes {
			if topType(c, len(e.InstanceLocation)) == nil {
				m.collect(c, found)
				return
			}
		}
		*found = append(*found, finding{e, n, strings.Join(e.InstanceLocation, "/")})
		return
	}
	if len(e.Causes) == 0 {
		*found = append(*found, finding{e, n, strings.Join(e.InstanceLocation, "/")})
	}
	for _, c := range e.Causes {
		m.collect(c, found)
	}
}

// say reports one leaf.
func (m *mismatches) say(e *jsonschema.ValidationError, n *node) {
	name := ""
	if len(e.InstanceLocation) > 0 {
		name = e.InstanceLocation[len(e.InstanceLocation)-1]
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		var wanted []string
		for _, c := range e.Causes {
			wanted = append(wanted, topType(c, len(e.InstanceLocation)).Want...)
		}
		m.typeError(n, wanted, "")
	case *kind.AdditionalProperties:
		m.unknown(e, n, k.Properties)
	case *kind.Required:
		m.missing(e, n, k.Missing)
	case *kind.Type:
		m.wrongType(e, n, k)
	case *kind.Enum:
		m.notOneOf(n, k.Want)
	case *kind.Const:
		m.notOneOf(n, []any{k.Want})
	case *kind.Pattern:
		m.malformed(n.rng(), n.text, k.Want)
	case *kind.MinLength:
		if k.Got == 0 {
			m.add(n.rng(), "GR015", m.emptyHint(e, "write something"), "%s is empty", subject(name))
		} else {
			m.add(n.rng(), "GR015", fmt.Sprintf("at least %d are needed", k.Want), "%s has %s", subject(name), plural(k.Got, "character"))
		}
	case *kind.MaxLength:
		m.add(n.rng(), "GR015", fmt.Sprintf("at most %d are taken", k.Want), "%s has %s", subject(name), plural(k.Got, "character"))
	case *kind.MinItems:
		m.add(n.head(), "GR015", m.itemsHint(e, k.Got, k.Want), "%s has %s", subject(name), plural(k.Got, "item"))
	case *kind.MaxItems:
		m.add(n.head(), "GR015", fmt.Sprintf("at most %d are taken", k.Want), "%s has %s", subject(name), plural(k.Got, "item"))
	case *kind.MinProperties:
		m.add(n.head(), "GR015", m.itemsHint(e, k.Got, k.Want), "%s has %s", subject(name), plural(k.Got, "entry"))
	case *kind.Minimum:
		m.add(n.rng(), "GR015", m.bounds(e), "%s is below %s", n.text, ratio(k.Want))
	case *kind.Maximum:
		m.add(n.rng(), "GR015", m.bounds(e), "%s is above %s", n.text, ratio(k.Want))
	case *kind.UniqueItems:
		first, second := n.item(k.Duplicates[0]), n.item(k.Duplicates[1])
		d := m.add(second.head(), "GR016", "keep one of the two", "the list holds %s twice", item(second))
		d.Related = []diag.Related{{Range: first.head(), Message: "first here"}}
	default:
		m.add(n.head(), "GR014", "see the schema of the file", "this value is not taken here")
	}
}

// topType is the type mismatch of the value itself, when that is what is wrong.
func topType(e *jsonschema.ValidationError, depth int) *kind.Type {
	if len(e.InstanceLocation) > depth {
		return nil
	}
	if t, ok := e.ErrorKind.(*kind.Type); ok {
		return t
	}
	for _, c := range e.Causes {
		if t := topType(c, depth); t != nil {
			return t
		}
	}
	return nil
}

func (m *mismatches) wrongType(e *jsonschema.ValidationError, n *node, k *kind.Type) {
	part := m.schema.at(e.SchemaURL)
	of := ""
	if items, ok := part["items"].(map[string]any); ok {
		of, _ = m.schema.resolve(items)["type"].(string)
		if of == "" && m.schema.resolve(items)["anyOf"] != nil {
			of = "guardrail"
		}
	}
	if pattern, ok := part["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(n.text) && (n.kind == numberNode || n.kind == boolNode) {
		n.bad = true // in quotes it would be wrong as well
		m.add(n.head(), "GR012", expectedForm(pattern), "expected a string, got %s", n.kind.describe())
		return
	}
	m.typeError(n, k.Want, of)
}

// typeNames say what JSON calls a type.
var typeNames = map[string]string{
	"string": "a string", "number": "a number", "integer": "a whole number", "boolean": "true or false",
	"array": "a list", "object": "a mapping", "null": "nothing",
}

// typeError reports a value of the wrong type; of is the type of a list's items.
func (m *mismatches) typeError(n *node, want []string, of string) {
	var names []string
	for _, w := range want {
		name := typeNames[w]
		switch {
		case w == "array" && of == "string":
			name = "a list of strings"
		case w == "array" && of == "object":
			name = "a list of mappings"
		case w == "array" && of == "guardrail":
			name = "a list of guardrails"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	expected := strings.Join(names, " or ")
	hint := ""
	switch {
	case slices.Contains(want, "string") && (n.kind == numberNode || n.kind == boolNode):
		hint = fmt.Sprintf("put it in quotes: \"%s\"", n.text)
	case slices.Contains(want, "array") && n.kind == stringNode:
		hint = fmt.Sprintf("write a list: [%s]", n.text)
	case slices.Contains(want, "object") && n.kind == nullNode:
		hint = "write its content in the lines below, indented, or {} when it has none"
	case slices.Contains(want, "array") && n.kind == nullNode:
		hint = "write its items in the lines below, or leave the key out"
	case n.kind == nullNode:
		hint = "write a value, or leave the key out"
	case slices.Contains(want, "integer") && n.kind == stringNode && isNumber(n.text):
		hint = "write it without quotes: " + n.text
	case slices.Contains(want, "boolean") && n.kind == stringNode && (strings.EqualFold(n.text, "yes") || strings.EqualFold(n.text, "on")):
		hint = "write true"
	case slices.Contains(want, "boolean") && n.kind == stringNode && (strings.EqualFold(n.text, "no") || strings.EqualFold(n.text, "off")):
		hint = "write false"
	}
	got := n.kind.describe()
	if n.kind == numberNode && slices.Contains(want, "integer") && n.number != math.Trunc(n.number) {
		got = "a number with a fraction"
	}
	if hint == "" {
		hint = "write " + expected + " here"
	}
	n.bad = true
	m.add(n.head(), "GR012", hint, "expected %s, got %s", expected, got)
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func (m *mismatches) notOneOf(n *node, want []any) {
	var names []string
	for _, w := range want {
		names = append(names, fmt.Sprint(w))
	}
	hint := "expected " + strings.Join(names, " or ")
	if len(names) > 1 {
		hint = diag.DidYouMean(n.text, names)
		if len(diag.Nearest(n.text, names)) == 0 {
			hint = "expected " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
		}
	}
	m.add(n.rng(), "GR013", hint, "%s is not taken here", item(n))
}

// malformed reports a string that has not the grammar of its kind.
func (m *mismatches) malformed(r diag.Range, s, pattern string) {
	m.add(r, "GR014", expectedForm(pattern), "%s is malformed", quote(s))
}

// expectedForm says in words what a pattern wants.
func expectedForm(pattern string) string {
	for _, w := range words() {
		if g := w.Grammar(); g.Pattern == pattern {
			return "expected " + g.Words
		}
	}
	return "see the pattern " + pattern
}

// bounds says what a number may be.
func (m *mismatches) bounds(e *jsonschema.ValidationError) string {
	part := m.schema.at(e.SchemaURL)
	low, hasLow := part["minimum"]
	high, hasHigh := part["maximum"]
	switch {
	case hasLow && hasHigh:
		return fmt.Sprintf("expected %v to %v", low, high)
	case hasLow:
		return fmt.Sprintf("expected at least %v", low)
	}
	return fmt.Sprintf("expected at most %v", high)
}

func ratio(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.FloatString(2)
}

// emptyHint completes the way out of something empty: only a key that need not
// be there can be left out.
func (m *mismatches) emptyHint(e *jsonschema.ValidationError, hint string) string {
	holder, name, ok := strings.Cut(e.SchemaURL, "/properties/")
	if required, _ := m.schema.at(holder)["required"].([]any); !ok || slices.Contains(required, any(name)) {
		return hint
	}
	if strings.Contains(name, "/items") {
		return hint + ", or leave the item out"
	}
	return hint + ", or leave the key out"
}

func (m *mismatches) itemsHint(e *jsonschema.ValidationError, got, want int) string {
	if got == 0 && want == 1 {
		return m.emptyHint(e, "write at least one")
	}
	return fmt.Sprintf("at least %d are needed", want)
}

// item shows a value of the file in a message.
func item(n *node) string {
	switch n.kind {
	case stringNode:
		return quote(n.text)
	case listNode, mapNode:
		return n.kind.describe()
	}
	return n.text
}

// subject names the value of a key, or an item of a list.
func subject(name string) string {
	if name == "" {
		return "the file"
	}
	if _, err := strconv.Atoi(name); err == nil {
		return "the item"
	}
	return quote(name)
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] < 'A' || s[1] > 'Z') {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}
