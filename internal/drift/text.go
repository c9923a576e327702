package drift

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A part is a statement of a document, or a setting of a declarative one.
type part struct{ sid, text string }

// A document is one that was understood.
type document struct {
	text  string // in the one spelling
	head  string // what stands before the statements
	parts []part
}

// understood reads a document of an Organizations policy, or of IAM where the
// type is "".
func understood(typ, content string) (document, bool) {
	if strings.Contains(content, string(guardrails.Ref(""))[:len("{{id:")]) {
		return document{}, false // what looks like one of our references
	}
	if kind := policy.Kind(typ); kind.IsDeclarative() {
		d, ds := policy.ParseDeclarative("", []byte(content), kind)
		if ds.HasErrors() || d == nil {
			return document{}, false
		}
		doc := document{text: d.JSON()}
		for _, path := range d.Settings() {
			doc.parts = append(doc.parts, part{path, d.At(path).JSON()})
		}
		return doc, true
	}
	d, ds := policy.Parse("", []byte(content))
	if ds.HasErrors() {
		return document{}, false
	}
	doc := document{text: d.JSON()}
	for _, s := range d.Statements {
		doc.parts = append(doc.parts, part{s.Sid, policy.StatementJSON(s)})
	}
	d.Statements = nil
	doc.head = strings.TrimSuffix(d.JSON(), "]}")
	return doc, true
}

// filled is a text of the plan with AWS's ids in it; false where one of them is
// not known, because AWS has yet to make what it is of.
func (m *match) filled(t guardrails.Text) (string, bool) {
	s, err := t.Fill(m.known)
	return s, err == nil
}

// same reports whether AWS has a document of the plan, however it is spelled.
// One that cannot be understood is not the plan's, nor is one of the plan's that
// names what AWS has yet to make.
func (m *match) same(typ string, want guardrails.Text, content string) bool {
	text, ok := m.filled(want)
	if !ok {
		return false
	}
	if text == content {
		return true
	}
	a, ok := understood(typ, text)
	b, ok2 := understood(typ, content)
	return ok && ok2 && a.text == b.text
}

// asFound reports whether AWS still has the text that the plan leaves as it is.
func (m *match) asFound(p *guardrails.Policy, content string) bool {
	return p.AsFound != "" && m.same(p.Type, p.AsFound, content)
}

// unmade are the references of a text to what AWS has yet to make.
func (m *match) unmade(t guardrails.Text) []string {
	var refs []string
	for _, ref := range t.Refs() {
		if m.known[ref] == "" {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}
