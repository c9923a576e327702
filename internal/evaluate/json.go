package evaluate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds objects and lists in each other. A case with its documents
// needs a dozen levels.
const maxDepth = 128

// A scanner walks one JSON text (RFC 8259), strictly: encoding/json takes
// names that stand twice and lone surrogates in silence. Strings without
// escapes are parts of the text, so that most cases are read without copying.
// After the first syntax error it stands still at the end.
type scanner struct {
	text  string
	off   int
	depth int
	err   string // the first mistake of syntax
}

func (s *scanner) reset(text string) { *s = scanner{text: text} }

func (s *scanner) fail(off int, format string, args ...any) {
	if s.err == "" {
		column := utf8.RuneCountInString(s.text[:min(off, len(s.text))]) + 1
		s.err = fmt.Sprintf("column %d: ", column) + fmt.Sprintf(format, args...)
	}
	s.off = len(s.text)
}

// peek skips white space and is the byte behind it, or 0 at the end.
func (s *scanner) peek() byte {
	for s.off < len(s.text) {
		switch c := s.text[s.off]; c {
		case ' ', '\t', '\r', '\n':
			s.off++
		default:
			return c
		}
	}
	return 0
}

// found says what stands at the offset, for a message.
func (s *scanner) found() string {
	if s.off >= len(s.text) {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.off:])
	return strconv.QuoteRune(r)
}

func (s *scanner) expected(what string) { s.fail(s.off, "expected %s, found %s", what, s.found()) }

// kind names the value that begins with c.
func kind(c byte) string {
	switch {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "a string"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	}
	return "a number"
}

// value skips a value of any kind and returns it as it is spelled.
func (s *scanner) value() string {
	c := s.peek()
	start := s.off
	switch {
	case c == '{':
		s.object(func(string) { s.value() })
	case c == '[':
		s.list(func(int) { s.value() })
	case c == '"':
		s.skipString()
	case c == '-' || '0' <= c && c <= '9':
		s.number()
	case 'a' <= c && c <= 'z':
		s.word()
	default:
		s.expected("a value")
	}
	return s.text[start:s.off]
}

// object calls member for each name of an object, with the scanner before the value.
func (s *scanner) object(member func(name string)) {
	if !s.enter('{', "an object") {
		return
	}
	for first := true; s.more(first, '}'); first = false {
		if s.peek() != '"' {
			s.expected("a name in double quotes")
			return
		}
		name := s.str()
		if s.peek() != ':' {
			s.expected("':'")
			return
		}
		s.off++
		member(name)
	}
	s.depth--
}

// list calls item for each value of a list, with the scanner before the value.
func (s *scanner) list(item func(i int)) {
	if !s.enter('[', "a list") {
		return
	}
	for i := 0; s.more(i == 0, ']'); i++ {
		item(i)
	}
	s.depth--
}

func (s *scanner) enter(open byte, what string) bool {
	if s.peek() != open {
		s.expected(what)
		return false
	}
	if s.depth++; s.depth > maxDepth {
		s.fail(s.off, "more than %d levels of objects and lists", maxDepth)
		return false
	}
	s.off++
	return true
}

// more reports whether another member or item follows; it takes the comma
// before it, or what closes the object or list.
func (s *scanner) more(first bool, closing byte) bool {
	c := s.peek()
	switch {
	case c == closing:
		s.off++
		return false
	case first && c != 0:
		return true
	case c == ',':
		s.off++
		if s.peek() == closing {
			s.expected("a value behind the comma")
			return false
		}
		return s.err == ""
	}
	s.expected(fmt.Sprintf("',' or %q", closing))
	return false
}

// str reads a string.
func (s *scanner) str() string {
	start := s.off
	if s.skipString() {
		return s.unescape(start+1, s.off-1)
	}
	if s.err != "" {
		return ""
	}
	return s.text[start+1 : s.off-1]
}

// skipString goes behind a string, and reports whether escapes are in it.
func (s *scanner) skipString() (escaped bool) {
	for i := s.off + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.off = i + 1
			return escaped
		case c == '\\':
			escaped = true
			i++
			if i < len(s.text) && strings.IndexByte(`"\/bfnrtu`, s.text[i]) < 0 {
				s.fail(i, "a backslash before %q; write \\\\ for a backslash", s.text[i])
				return false
			}
			if i < len(s.text) && s.text[i] == 'u' {
				if _, ok := hex4(s.text[i+1:]); !ok {
					s.fail(i, "\\u without four hexadecimal digits")
					return false
				}
			}
		case c < ' ':
			s.fail(i, "a control character in a string")
			return false
		}
	}
	s.fail(len(s.text), "a string without its closing quote")
	return false
}

// unescape is the string between two offsets, whose escapes are known to be well formed.
func (s *scanner) unescape(from, to int) string {
	b := make([]byte, 0, to-from)
	for i := from; i < to; i++ {
		c := s.text[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		switch c := s.text[i]; c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r, _ := hex4(s.text[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low, ok := rune(0), strings.HasPrefix(s.text[i+1:to], `\u`)
				if ok {
					low, ok = hex4(s.text[i+3:])
				}
				if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
					s.fail(i-4, "half of a surrogate pair")
					return ""
				}
				i += 6
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}

func (s *scanner) word() {
	for _, w := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.text[s.off:], w) {
			s.off += len(w)
			return
		}
	}
	s.expected("a value")
}

func (s *scanner) number() {
	start := s.off
	digits := func() bool {
		from := s.off
		for s.off < len(s.text) && '0' <= s.text[s.off] && s.text[s.off] <= '9' {
			s.off++
		}
		return s.off > from
	}
	is := func(set string) bool {
		if s.off < len(s.text) && strings.IndexByte(set, s.text[s.off]) >= 0 {
			s.off++
			return true
		}
		return false
	}
	is("-")
	first := s.off
	ok := digits() && (s.text[first] != '0' || s.off == first+1)
	if ok && is(".") {
		ok = digits()
	}
	if ok && is("eE") {
		is("+-")
		ok = digits()
	}
	if !ok {
		s.fail(start, "a number that JSON does not spell so")
	}
}

// end wants nothing but white space behind the value.
func (s *scanner) end() {
	if s.peek() != 0 || s.off < len(s.text) {
		s.expected("the end")
	}
}
