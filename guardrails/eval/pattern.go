package eval

import "strings"

// The kinds of pieces, in short.
const (
	literal    = Literal
	anyText    = AnyText
	anyOne     = AnyOne
	anySegment = AnySegment
	oneSegment = OneSegment
	variable   = Variable
)

type piece struct {
	kind       PieceKind
	text       string // of a literal; the default of a variable
	key        int32  // of a variable
	hasDefault bool
}

// A form tells the patterns apart that need no search.
type form uint8

const (
	exact      form = iota // one literal
	prefix                 // a literal and *
	everything             // *
	glob                   // literals and wildcards
	dynamic                // a variable among them
)

// A pattern is a string of a policy, made ready. The zero value matches the
// empty string.
type pattern struct {
	form   form
	text   string // exact, prefix
	pieces []piece
}

// parsePattern makes a string of a policy ready. What looks like a variable
// and is none, such as ${ without a brace that closes it, is text.
//
// In a Resource, a wildcard before the fifth colon keeps to its field of the
// ARN, unless it is a * at the end of the field, and a variable there is text.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func parsePattern(s string, syn Syntax, intern func(string) int32) pattern {
	var ps []piece
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			ps = append(ps, piece{kind: literal, text: lit.String()})
			lit.Reset()
		}
	}
	field := 5 // of the ARN; from 5 on nothing is kept apart
	if syn.Resource && strings.HasPrefix(s, "arn:") {
		field = 0
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '*' && syn.Wildcards:
			flush()
			kind := anyText
			if field < 5 && i+1 < len(s) && s[i+1] != ':' {
				kind = anySegment
			}
			if kind == anySegment || len(ps) == 0 || ps[len(ps)-1].kind != anyText {
				ps = append(ps, piece{kind: kind})
			}
			i++
		case c == '?' && syn.Wildcards:
			flush()
			kind := anyOne
			if field < 5 {
				kind = oneSegment
			}
			ps = append(ps, piece{kind: kind})
			i++
		case c == '$' && syn.Variables:
			v, n := parseVariable(s[i:])
			switch {
			case n == 0:
				lit.WriteByte(c)
				i++
			case v.key == "": // ${*}, ${?}, ${$}
				lit.WriteString(v.text)
				i += n
			case field < 5:
				lit.WriteString(s[i : i+n])
				i += n
			default:
				flush()
				ps = append(ps, piece{kind: variable, key: intern(v.key), text: v.text, hasDefault: v.hasDefault})
				i += n
			}
		default:
			if c == ':' && field < 5 {
				field++
			}
			lit.WriteByte(c)
			i++
		}
	}
	flush()
	return newPattern(ps)
}

func newPattern(ps []piece) pattern {
	p := pattern{form: glob, pieces: ps}
	for _, x := range ps {
		if x.kind == variable {
			p.form = dynamic
			return p
		}
	}
	switch {
	case len(ps) == 0:
		p.form = exact
	case len(ps) == 1 && ps[0].kind == literal:
		p.form, p.text = exact, ps[0].text
	case len(ps) == 1 && ps[0].kind == anyText:
		p.form = everything
	case len(ps) == 2 && ps[0].kind == literal && ps[1].kind == anyText:
		p.form, p.text = prefix, ps[0].text
	}
	return p
}

type parsedVariable struct {
	key, text  string
	hasDefault bool
}

// parseVariable reads a variable at the start of s and says how long it is; 0
// where there is none. ${*}, ${?} and ${$} have no key, and the text they mean.
func parseVariable(s string) (v parsedVariable, n int) {
	if !strings.HasPrefix(s, "${") {
		return v, 0
	}
	if len(s) >= 4 && s[3] == '}' && strings.IndexByte("*?$", s[2]) >= 0 {
		return parsedVariable{text: s[2:3]}, 4
	}
	end := strings.IndexAny(s, ",}")
	if end < 0 {
		return v, 0
	}
	v.key = strings.Trim(s[2:end], " ")
	if v.key == "" {
		return v, 0
	}
	if s[end] == '}' {
		return v, end + 1
	}
	rest := strings.TrimLeft(s[end+1:], " ")
	if !strings.HasPrefix(rest, "'") {
		return v, 0
	}
	text, rest, closed := strings.Cut(rest[1:], "'")
	rest = strings.TrimLeft(rest, " ")
	if !closed || !strings.HasPrefix(rest, "}") {
		return v, 0
	}
	v.text, v.hasDefault = text, true
	return v, len(s) - len(rest) + 1
}
