package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of what is read at all. The longest policy that AWS takes has
// 40,000 characters, so that no document of anyone's comes near them; they
// bound time and memory on input that is no policy.
const (
	maxSource = 16 << 20 // bytes
	maxDepth  = 64       // objects and lists in each other
	maxValues = 250_000  // strings, numbers, lists and objects
)

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

// noun is the kind as a message says it.
func (k kind) noun() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// A node is one JSON value with its place.
type node struct {
	kind       kind
	start, end int32    // maxSource is far below their limit
	str        string   // a string's value; a number's or boolean's spelling
	children   []member // of an object, and of a list, where they have no names
}

// A member is one name and value of an object.
type member struct {
	name       string
	start, end int32 // of the name, quotes included
	value      node
}

// A syntaxError is the first thing that is no JSON; nothing behind it is read.
type syntaxError struct {
	start, end int
	what, hint string
}

// A scanner reads JSON (RFC 8259) strictly: encoding/json takes duplicate
// names and lone surrogates in silence, and does not say where things are.
//
// What it makes is cut from a few large pieces: of strings without escapes the
// source itself, and lists and objects out of slabs.
type scanner struct {
	src    string
	off    int
	depth  int
	values int
	err    *syntaxError

	room *room
}

// scan reads a whole source as one JSON value.
func scan(src string, r *room) (node, *syntaxError) {
	s := &scanner{src: src, room: r}
	if strings.HasPrefix(src, "\ufeff") {
		s.off = 3 // a byte order mark, which some editors write
	}
	s.space()
	if s.off == len(src) {
		s.fail(s.off, s.off, "the document is empty", "a policy document is a JSON object")
		return node{}, s.err
	}
	n := s.value()
	if s.err == nil {
		if s.space(); s.off < len(src) {
			s.fail(s.off, s.off+1, "there is text behind the end of the document", "a file holds one policy document")
		}
	}
	return n, s.err
}

func (s *scanner) fail(start, end int, what, hint string) {
	if s.err == nil {
		s.err = &syntaxError{start, end, what, hint}
	}
}

func (s *scanner) space() {
	for s.off < len(s.src) {
		switch s.src[s.off] {
		case ' ', '\t', '\n', '\r':
			s.off++
		default:
			return
		}
	}
}

// peek is the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.off < len(s.src) {
		return s.src[s.off]
	}
	return 0
}

// here says what stands at the offset, for a message.
func (s *scanner) here() string {
	if s.off >= len(s.src) {
		return "the end of the document"
	}
	r, _ := utf8.DecodeRuneInString(s.src[s.off:])
	return strconv.QuoteRune(r)
}

func (s *scanner) expected(what string) {
	end := s.off
	if end < len(s.src) {
		_, n := utf8.DecodeRuneInString(s.src[end:])
		end += n
	}
	s.fail(s.off, end, fmt.Sprintf("expected %s, found %s", what, s.here()), "")
}

func (s *scanner) value() node {
	n := node{start: int32(s.off)}
	if s.values++; s.values > maxValues {
		s.fail(s.off, s.off, fmt.Sprintf("the document holds more than %d values", maxValues), "no policy is that long")
		return n
	}
	switch c := s.peek(); {
	case c == '{':
		n.kind, n.children = kindObject, s.object()
	case c == '[':
		n.kind, n.children = kindList, s.list()
	case c == '"':
		n.kind, n.str = kindString, s.string()
	case c == '-' || '0' <= c && c <= '9':
		n.kind, n.str = kindNumber, s.number()
	case c == 't' || c == 'f' || c == 'n':
		n.kind, n.str = s.word()
	default:
		s.expected("a value")
	}
	n.end = int32(s.off)
	return n
}

// enter counts one more level, and says whether it may be entered.
func (s *scanner) enter() bool {
	if s.depth++; s.depth > maxDepth {
		s.fail(s.off, s.off+1, fmt.Sprintf("the document is nested more than %d levels deep", maxDepth), "a policy needs six")
		return false
	}
	s.off++
	s.space()
	return true
}

// next reads what separates two items; it reports whether another follows.
func (s *scanner) next(closing byte) bool {
	s.space()
	switch s.peek() {
	case closing:
		s.off++
		return false
	case ',':
		comma := s.off
		s.off++
		if s.space(); s.peek() == closing {
			s.fail(comma, comma+1, fmt.Sprintf("a comma stands before %q", closing), "remove the comma")
			return false
		}
		return true
	}
	s.expected(fmt.Sprintf("',' or %q", closing))
	return false
}

func (s *scanner) list() []member {
	if !s.enter() {
		return nil
	}
	defer func() { s.depth-- }()
	if s.peek() == ']' {
		s.off++
		return nil
	}
	from := len(s.room.open)
	for {
		s.space()
		s.room.open = append(s.room.open, member{value: s.value()})
		if s.err != nil || !s.next(']') {
			return s.close(from)
		}
	}
}

func (s *scanner) object() []member {
	if !s.enter() {
		return nil
	}
	defer func() { s.depth-- }()
	if s.peek() == '}' {
		s.off++
		return nil
	}
	from := len(s.room.open)
	for {
		s.space()
		m := member{start: int32(s.off)}
		if s.peek() != '"' {
			s.expected("a name in double quotes")
			return s.close(from)
		}
		m.name = s.string()
		m.end = int32(s.off)
		if s.space(); s.err == nil && s.peek() != ':' {
			s.expected("':'")
		}
		if s.err != nil {
			return s.close(from)
		}
		s.off++
		s.space()
		m.value = s.value()
		s.room.open = append(s.room.open, m)
		if s.err != nil || !s.next('}') {
			return s.close(from)
		}
	}
}

func (s *scanner) word() (kind, string) {
	start := s.off
	for 'a' <= s.peek() && s.peek() <= 'z' || 'A' <= s.peek() && s.peek() <= 'Z' {
		s.off++
	}
	switch w := s.src[start:s.off]; w {
	case "true", "false":
		return kindBool, w
	case "null":
		return kindNull, w
	default:
		s.fail(start, s.off, "expected a value, found a word without quotes", "put text into double quotes")
		return kindNull, ""
	}
}

func (s *scanner) number() string {
	start := s.off
	digits := func() bool {
		from := s.off
		for '0' <= s.peek() && s.peek() <= '9' {
			s.off++
		}
		return s.off > from
	}
	if s.peek() == '-' {
		s.off++
	}
	zero := s.peek() == '0'
	first := s.off
	ok := digits() && !(zero && s.off-first > 1)
	if ok && s.peek() == '.' {
		s.off++
		ok = digits()
	}
	if ok && (s.peek() == 'e' || s.peek() == 'E') {
		s.off++
		if s.peek() == '+' || s.peek() == '-' {
			s.off++
		}
		ok = digits()
	}
	if !ok {
		s.fail(start, max(s.off, start+1), "the number is not spelled as JSON spells numbers", "put account ids and other text into double quotes")
	}
	return s.src[start:s.off]
}
