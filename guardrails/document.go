package guardrails

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// documentStatements reads a policy document in its canonical spelling,
// references included, and returns its statements as they are written, with
// their Sids. Canonical is what package
// policy writes: no white space outside strings, the shortest escapes, each
// name once in an object, lists of strings sorted and of at least two. So
// nobody can hide from a reader of the plan, or from the count of characters,
// what AWS would see.
func documentStatements(doc Text) (sids, statements []string, err error) {
	s := scanner{src: string(doc)}
	defer s.recover("policy", &err)
	if s.peek() != '{' {
		s.fail("no object")
	}
	hasStatement := false
	s.object(func(name string) {
		if name != "Statement" {
			s.value(1)
			return
		}
		hasStatement = true
		if s.peek() != '[' {
			s.fail("Statement is no list")
		}
		s.list(func() {
			sid, start := "", s.at
			if s.peek() != '{' {
				s.fail("a statement that is no object")
			}
			s.object(func(name string) {
				if name == "Sid" {
					sid = s.str()
					return
				}
				s.value(3)
			})
			sids, statements = append(sids, sid), append(statements, s.src[start:s.at])
		})
	})
	if s.at != len(s.src) {
		s.fail("more than one value")
	}
	if !hasStatement {
		s.fail("no Statement")
	}
	return sids, statements, nil
}

// Parts are the statements of the policy's document, or the settings of a
// declarative policy, as they are written: one for each of Statements.
func (p *Policy) Parts() ([]Text, error) {
	_, parts, err := documentStatements(p.Content)
	if slices.Contains(declarativeTypes, p.Type) {
		_, parts, err = documentSettings(p.Content)
	}
	if err == nil && len(parts) != len(p.Statements) {
		err = fmt.Errorf("%d statements, and %d are listed", len(parts), len(p.Statements))
	}
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", p.Name, err)
	}
	texts := make([]Text, len(parts))
	for i, part := range parts {
		texts[i] = Text(part)
	}
	return texts, nil
}

// declarativeTypes are the policy types whose documents are written in
// Organizations' inheritance syntax, and not in IAM's language.
var declarativeTypes = []string{"AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "DECLARATIVE_POLICY_EC2", "TAG_POLICY"}

// documentSettings reads the document of a declarative policy in its canonical
// spelling, in which names are sorted, and returns the paths of its settings
// and how they are written.
func documentSettings(doc Text) (paths, settings []string, err error) {
	s := scanner{src: string(doc)}
	defer s.recover("declarative", &err)
	var part func(path string, depth int)
	part = func(path string, depth int) {
		if depth > maxDeclarativeDepth {
			s.fail("too many levels")
		}
		start, i, last := s.at, -1, ""
		if s.peek() != '{' {
			s.fail("no object")
		}
		s.object(func(name string) {
			switch {
			case name <= last:
				s.fail(fmt.Sprintf("%q behind %q", name, last))
			case !strings.HasPrefix(name, "@@"):
				part(strings.TrimPrefix(path+"."+name, "."), depth+1)
			default:
				if i < 0 {
					i = len(paths)
					paths, settings = append(paths, path), append(settings, "")
				}
				s.setting()
			}
			last = name
		})
		switch {
		case last == "":
			s.fail("an empty object")
		case i >= 0:
			settings[i] = s.src[start:s.at]
		}
	}
	part("", 1)
	if s.at != len(s.src) {
		s.fail("more than one value")
	}
	return paths, settings, nil
}

// maxDeclarativeDepth is more than any declarative policy nests.
const maxDeclarativeDepth = 64

// setting reads the value of an operator: a string, a sorted list of strings, a
// number or a truth value.
func (s *scanner) setting() {
	switch c := s.peek(); {
	case c == '"':
		s.str()
	case c == '[':
		n, last := 0, ""
		s.list(func() {
			v := s.str()
			if n > 0 && v <= last {
				s.fail("a list that is not sorted")
			}
			n, last = n+1, v
		})
		if n == 0 {
			s.fail("an empty list")
		}
	default:
		end := s.at
		for end < len(s.src) && strings.IndexByte(",]}", s.src[end]) < 0 {
			end++
		}
		if w := s.src[s.at:end]; w != "true" && w != "false" && !number.MatchString(w) {
			s.fail("no value of a setting")
		}
		s.at = end
	}
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

type scanError struct{ error }

// A scanner walks canonical JSON. It panics with a scanError, which
// documentStatements turns into an error.
type scanner struct {
	src string
	at  int
}

// recover turns the scanError of a reader into its error.
func (s *scanner) recover(what string, err *error) {
	if r := recover(); r != nil {
		bad, ok := r.(scanError)
		if !ok {
			panic(r)
		}
		*err = fmt.Errorf("not a canonical %s document: %w at character %d", what, bad.error, utf8.RuneCountInString(s.src[:s.at])+1)
	}
}

// maxDocumentDepth is more than any policy element nests.
const maxDocumentDepth = 12

func (s *scanner) fail(what string) { panic(scanError{errors.New(what)}) }

func (s *scanner) peek() byte {
	if s.at == len(s.src) {
		s.fail("an end too early")
	}
	return s.src[s.at]
}

func (s *scanner) take(c byte) {
	if s.peek() != c {
		s.fail(fmt.Sprintf("no %q", c))
	}
	s.at++
}

func (s *scanner) value(depth int) {
	if depth > maxDocumentDepth {
		s.fail("too many levels")
	}
	switch s.peek() {
	case '{':
		s.object(func(string) { s.value(depth + 1) })
	case '[':
		strs, others, last := 0, 0, ""
		s.list(func() {
			if s.peek() != '"' {
				others++
				s.value(depth + 1)
				return
			}
			v := s.str()
			if strs > 0 && v <= last {
				s.fail("a list that is not sorted")
			}
			strs, last = strs+1, v
		})
		if strs == 1 || strs > 0 && others > 0 {
			s.fail("a list of one string, or of strings and others")
		}
	case '"':
		s.str()
	default:
		s.fail("neither a string nor a list nor an object")
	}
}

func (s *scanner) object(member func(name string)) {
	s.take('{')
	var seen []string
	for s.peek() != '}' {
		if len(seen) > 0 {
			s.take(',')
		}
		name := s.str()
		for _, n := range seen {
			if n == name {
				s.fail(fmt.Sprintf("%q twice", name))
			}
		}
		seen = append(seen, name)
		s.take(':')
		member(name)
	}
	s.at++
}

func (s *scanner) list(element func()) {
	s.take('[')
	for n := 0; s.peek() != ']'; n++ {
		if n > 0 {
			s.take(',')
		}
		element()
	}
	s.at++
}

// str reads a string that is escaped only where JSON requires it, and returns
// it as it is written.
func (s *scanner) str() string {
	s.take('"')
	start := s.at
	for {
		c := s.peek()
		switch {
		case c == '"':
			v := s.src[start:s.at]
			s.at++
			return v
		case c < ' ':
			s.fail("a control character")
		case c == '\\':
			s.at++
			s.escape()
		default:
			s.at++
		}
	}
}

func (s *scanner) escape() {
	switch s.peek() {
	case '"', '\\', 'n', 'r', 't':
		s.at++
		return
	case 'u':
		if len(s.src)-s.at >= 5 && s.src[s.at+1:s.at+3] == "00" {
			hi, lo := s.src[s.at+3], s.src[s.at+4]
			if (hi == '0' || hi == '1') && (lo >= '0' && lo <= '9' || lo >= 'a' && lo <= 'f') && (hi == '1' || lo != '9' && lo != 'a' && lo != 'd') {
				s.at += 5
				return
			}
		}
	}
	s.fail("an escape that JSON does not require")
}
