package policy

import (
	"strings"
	"unicode/utf8"
)

// Match reports whether pattern matches the whole of s. In a pattern * stands
// for any characters, none included, and ? for exactly one; nothing else is
// special. With fold, letters A to Z match in either case, as action names do.
//
// It takes at most len(pattern)·len(s) steps, and about len(s) on the patterns
// that people write.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func Match(pattern, s string, fold bool) bool {
	p, i := 0, 0
	star, back := -1, 0 // behind the last *, and where in s it ends for now
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, back = p, i
		case p < len(pattern) && pattern[p] == '?':
			p++
			i += runeLen(s[i:])
		case p < len(pattern) && same(pattern[p], s[i], fold):
			p++
			i++
		case star >= 0:
			back += runeLen(s[back:])
			p, i = star, back
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func same(a, b byte, fold bool) bool { return a == b || fold && lower(a) == lower(b) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// Covers reports whether wide matches every string that narrow matches. It is
// exact, except that it may answer false for a wide pattern of many ? behind a
// *, where the exact answer would take too long: false is the safe answer to
// "is this no more than that?".
func Covers(wide, narrow string, fold bool) bool {
	if !strings.Contains(wide, "?") {
		// No literal of wide is * or ?, so that those of narrow can only fall
		// under a * of wide, which takes whatever they stand for.
		return Match(wide, narrow, fold)
	}
	if !utf8.ValidString(wide) || !utf8.ValidString(narrow) {
		return wide == narrow
	}
	return newCover(wide, narrow, fold).covers()
}

// maxPairs bounds the pairs of places that a cover visits.
const maxPairs = 20_000

// A cover walks narrow and, for each place in it, keeps the set of places in
// wide that can be reached by the same characters: the subset construction.
type cover struct {
	wide, narrow []rune
	alphabet     []rune // the literals of both, and one character that neither has
}

func newCover(wide, narrow string, fold bool) *cover {
	if fold {
		wide, narrow = strings.Map(lowerRune, wide), strings.Map(lowerRune, narrow)
	}
	c := &cover{wide: []rune(wide), narrow: []rune(narrow), alphabet: []rune{0}}
	seen := map[rune]bool{0: true, '*': true, '?': true}
	for _, r := range wide + narrow {
		if !seen[r] {
			seen[r] = true
			c.alphabet = append(c.alphabet, r)
		}
	}
	return c
}

func lowerRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lower(byte(r)))
	}
	return r
}

// A places is a set of places in wide, one byte each.
type places string

// close adds the places that need no character: behind a *.
func (c *cover) close(set []byte) places {
	for i, in := range set {
		if in == 1 && i < len(c.wide) && c.wide[i] == '*' {
			set[i+1] = 1
		}
	}
	return places(set)
}

// step is the set after one more character.
func (c *cover) step(from places, r rune) places {
	to := make([]byte, len(c.wide)+1)
	for i, in := range []byte(from) {
		if in == 0 || i == len(c.wide) {
			continue
		}
		switch w := c.wide[i]; {
		case w == '*':
			to[i] = 1
		case w == '?' || w == r:
			to[i+1] = 1
		}
	}
	return c.close(to)
}

func (c *cover) covers() bool {
	type pair struct {
		at  int // place in narrow
		set places
	}
	start := make([]byte, len(c.wide)+1)
	start[0] = 1
	todo := []pair{{0, c.close(start)}}
	seen := map[pair]bool{todo[0]: true}
	add := func(p pair) {
		if !seen[p] {
			seen[p] = true
			todo = append(todo, p)
		}
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if len(seen) > maxPairs {
			return false
		}
		if p.at == len(c.narrow) {
			if p.set[len(c.wide)] == 0 {
				return false // narrow matches a string that wide does not
			}
			continue
		}
		switch r := c.narrow[p.at]; r {
		case '*':
			add(pair{p.at + 1, p.set})
			for _, r := range c.alphabet {
				add(pair{p.at, c.step(p.set, r)})
			}
		case '?':
			for _, r := range c.alphabet {
				add(pair{p.at + 1, c.step(p.set, r)})
			}
		default:
			add(pair{p.at + 1, c.step(p.set, r)})
		}
	}
	return true
}
