package eval

import (
	"strings"
	"unicode/utf8"
)

// A pieceKind is what one piece of a pattern stands for.
type pieceKind uint8

const (
	literal    pieceKind = iota // its text
	anyText                     // *
	anyOne                      // ?
	anySegment                  // * inside a field of an ARN: no colon
	oneSegment                  // ? inside a field of an ARN: no colon
	variable                    // ${key} or ${key, 'text'}: the value of a condition key, as it is
)

type piece struct {
	kind       pieceKind
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

// A syntax says what is special in a string of a policy.
type syntax struct {
	wildcards bool // * and ?
	variables bool // ${…}, in documents of the version 2012-10-17
	resource  bool // a Resource: wildcards and variables keep to their place in the ARN
}

// parsePattern makes a string of a policy ready. What looks like a variable
// and is none, such as ${ without a brace that closes it, is text.
//
// In a Resource, a wildcard before the fifth colon keeps to its field of the
// ARN, unless it is a * at the end of the field, and a variable there is text.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func parsePattern(s string, syn syntax, intern func(string) int32) pattern {
	var ps []piece
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			ps = append(ps, piece{kind: literal, text: lit.String()})
			lit.Reset()
		}
	}
	field := 5 // of the ARN; from 5 on nothing is kept apart
	if syn.resource && strings.HasPrefix(s, "arn:") {
		field = 0
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '*' && syn.wildcards:
			flush()
			kind := anyText
			if field < 5 && i+1 < len(s) && s[i+1] != ':' {
				kind = anySegment
			}
			if kind == anySegment || len(ps) == 0 || ps[len(ps)-1].kind != anyText {
				ps = append(ps, piece{kind: kind})
			}
			i++
		case c == '?' && syn.wildcards:
			flush()
			kind := anyOne
			if field < 5 {
				kind = oneSegment
			}
			ps = append(ps, piece{kind: kind})
			i++
		case c == '$' && syn.variables:
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

// match says whether a pattern without variables matches the whole of s.
func (p *pattern) match(s string) bool {
	switch p.form {
	case exact:
		return p.text == s
	case prefix:
		return strings.HasPrefix(s, p.text)
	case everything:
		return true
	case glob:
		return matchPieces(p.pieces, s)
	}
	panic("eval: a pattern with variables is matched without a request")
}

// matchPieces says whether pieces, none of them a variable, match the whole of
// s. It goes back to the last wildcard only: a * that was passed has taken as
// little as it could, which leaves most to those behind it. A wildcard that
// takes no colon gives way to the last that does.
func matchPieces(ps []piece, s string) bool {
	i, off := 0, 0
	text, textEnd := -1, 0 // the piece behind the last *, and where in s that * ends
	seg, segEnd := -1, 0   // the same for a * that takes no colon, behind the other
	for {
		if i == len(ps) {
			if off == len(s) {
				return true
			}
		} else {
			switch p := &ps[i]; p.kind {
			case literal:
				if strings.HasPrefix(s[off:], p.text) {
					off += len(p.text)
					i++
					continue
				}
			case anyOne, oneSegment:
				if off < len(s) && (p.kind == anyOne || s[off] != ':') {
					off += runeLen(s[off:])
					i++
					continue
				}
			case anySegment:
				i++
				seg, segEnd = i, off
				continue
			case anyText:
				i++
				if i == len(ps) {
					return true
				}
				text, textEnd, seg = i, off, -1
				continue
			default:
				panic("eval: an unresolved variable is matched")
			}
		}
		switch {
		case seg >= 0 && segEnd < len(s) && s[segEnd] != ':':
			segEnd += runeLen(s[segEnd:])
			i, off = seg, segEnd
		case text >= 0 && textEnd < len(s):
			seg = -1
			textEnd += runeLen(s[textEnd:])
			if p := &ps[text]; p.kind == literal {
				next := strings.Index(s[textEnd:], p.text)
				if next < 0 {
					return false
				}
				textEnd += next
			}
			i, off = text, textEnd
		default:
			return false
		}
	}
}

func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}
