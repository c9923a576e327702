package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string from its opening quote to behind its closing one.
func (s *scanner) string() string {
	open := s.off
	s.off++
	from := s.off
	for s.off < len(s.src) && s.src[s.off] != '"' && s.src[s.off] != '\\' && s.src[s.off] >= ' ' && s.src[s.off] < utf8.RuneSelf {
		s.off++
	}
	if s.peek() == '"' { // the usual string needs no second look
		s.off++
		return s.src[from : s.off-1]
	}
	var b strings.Builder
	b.WriteString(s.src[from:s.off])
	for s.off < len(s.src) {
		c := s.src[s.off]
		switch {
		case c == '"':
			s.off++
			return b.String()
		case c == '\\':
			s.escape(&b)
		case c < ' ':
			s.fail(s.off, s.off+1, fmt.Sprintf("the string holds the control character U+%04X", c), "close the string on its line, or write \\n, \\t or \\u escapes")
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			s.off++
		default:
			r, n := utf8.DecodeRuneInString(s.src[s.off:])
			if r == utf8.RuneError && n == 1 {
				s.fail(s.off, s.off+1, "the document is not valid UTF-8", "save the file in UTF-8")
				break
			}
			b.WriteRune(r)
			s.off += n
		}
		if s.err != nil {
			return ""
		}
	}
	s.fail(open, s.off, "the string has no closing quote", "")
	return ""
}

func (s *scanner) escape(b *strings.Builder) {
	start := s.off
	s.off++
	c := s.peek()
	s.off++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 && c != 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		return
	}
	if c == 'u' {
		if r, ok := s.hex4(); ok {
			if !utf16.IsSurrogate(r) {
				b.WriteRune(r)
				return
			}
			if strings.HasPrefix(s.src[s.off:], `\u`) {
				s.off += 2
				if low, ok := s.hex4(); ok {
					if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
						b.WriteRune(both)
						return
					}
				}
			}
		}
	}
	s.off = min(s.off, len(s.src))
	s.fail(start, s.off, "the escape in the string is not one of JSON's", `a backslash is written \\`)
}

func (s *scanner) hex4() (rune, bool) {
	if s.off+4 > len(s.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(s.src[s.off:s.off+4], 16, 16)
	if err != nil {
		return 0, false
	}
	s.off += 4
	return rune(n), true
}
