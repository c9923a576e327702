package eval

import (
	"strings"
	"unicode/utf8"
)

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
// takes no colon gives way, once it is at one, to the last that does.
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
