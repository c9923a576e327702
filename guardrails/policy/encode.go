package policy

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// JSON is the one spelling of the document: no white space, elements in AWS's
// order, statements in theirs, condition operators and keys sorted, values
// sorted and each once, a single value as a string. Parsing it gives back an
// equal document, and encoding that the same text.
//
// The strings may hold references such as {{id:organization}}; they stand in
// the text as they are. Nothing is escaped that JSON does not require, so that
// the number of characters is the smallest.
func (d Document) JSON() string {
	var e encoder
	e.open('{')
	if d.Version != "" {
		e.name("Version")
		e.str(d.Version)
	}
	if d.ID != "" {
		e.name("Id")
		e.str(d.ID)
	}
	e.name("Statement")
	e.open('[')
	for _, s := range d.Statements {
		e.comma()
		e.statement(s)
	}
	e.close(']')
	e.close('}')
	return e.b.String()
}

// StatementJSON is one statement as [Document.JSON] writes it.
func StatementJSON(s Statement) string {
	var e encoder
	e.fresh = true
	e.statement(s)
	return e.b.String()
}

// Size is the number of characters of a document as AWS counts them: Unicode
// characters, all of them. SCPs and RCPs sent through the API are counted with
// their white space, of which [Document.JSON] has none outside strings.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func Size(content string) int { return utf8.RuneCountInString(content) }

// An encoder writes JSON; fresh says that nothing stands before the next
// element in its object or list.
type encoder struct {
	b     strings.Builder
	fresh bool
}

func (e *encoder) open(c byte)  { e.b.WriteByte(c); e.fresh = true }
func (e *encoder) close(c byte) { e.b.WriteByte(c); e.fresh = false }

func (e *encoder) comma() {
	if !e.fresh {
		e.b.WriteByte(',')
	}
	e.fresh = false
}

func (e *encoder) name(s string) {
	e.comma()
	e.str(s)
	e.b.WriteByte(':')
}

func (e *encoder) statement(s Statement) {
	e.open('{')
	if s.Sid != "" {
		e.name("Sid")
		e.str(s.Sid)
	}
	e.name("Effect")
	e.str(string(s.Effect))
	e.principal("Principal", s.Principal)
	e.principal("NotPrincipal", s.NotPrincipal)
	e.values("Action", s.Action)
	e.values("NotAction", s.NotAction)
	e.values("Resource", s.Resource)
	e.values("NotResource", s.NotResource)
	if s.Condition != nil {
		e.name("Condition")
		e.open('{')
		for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
			e.name(op)
			e.open('{')
			for _, key := range slices.Sorted(maps.Keys(s.Condition[op])) {
				vs := s.Condition[op][key]
				if vs == nil {
					vs = Values{}
				}
				e.values(key, vs)
			}
			e.close('}')
		}
		e.close('}')
	}
	e.close('}')
}

func (e *encoder) principal(element string, p *Principal) {
	if p == nil {
		return
	}
	e.name(element)
	if p.Everyone {
		e.str("*")
		return
	}
	e.open('{')
	for _, kind := range principalKinds {
		e.values(kind, *p.kind(kind))
	}
	e.close('}')
}

// values writes an element whose values are not nil.
func (e *encoder) values(element string, vs Values) {
	if vs == nil {
		return
	}
	e.name(element)
	sorted := slices.Compact(slices.Sorted(slices.Values(vs)))
	if len(sorted) == 1 {
		e.str(sorted[0])
		return
	}
	e.open('[')
	for _, v := range sorted {
		e.comma()
		e.str(v)
	}
	e.close(']')
}

const hex = "0123456789abcdef"

// str writes a string. Bytes that are no UTF-8, which no parsed document
// holds, become U+FFFD.
func (e *encoder) str(s string) {
	e.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			e.b.WriteByte('\\')
			e.b.WriteRune(r)
		case r == '\n':
			e.b.WriteString(`\n`)
		case r == '\r':
			e.b.WriteString(`\r`)
		case r == '\t':
			e.b.WriteString(`\t`)
		case r < ' ':
			e.b.WriteString(`\u00`)
			e.b.WriteByte(hex[r>>4])
			e.b.WriteByte(hex[r&15])
		default:
			e.b.WriteRune(r)
		}
	}
	e.b.WriteByte('"')
}
