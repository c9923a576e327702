package compare

import (
	"encoding/binary"
	"slices"
	"unicode"
)

// A tokenKind is what one token of a pattern takes.
type tokenKind uint8

const (
	one        tokenKind = iota // this character
	oneFold                     // this character in any case
	anyOne                      // any character
	anyText                     // any characters
	oneSegment                  // any character but a colon
	anySegment                  // any characters but colons
	digit                       // one of 0 to 9
)

type token struct {
	kind tokenKind
	r    rune
}

// An automaton decides whether a text is matched by any of a list of patterns.
// Its states are sets of places in the patterns; they are made when they are
// first reached.
type automaton struct {
	tokens []token // of all patterns, each ended by an end
	end    []bool  // by place: the pattern is over
	first  []int32 // by place: the first place of its pattern
	states []*state
	byKey  map[string]int32
	meter  *meter
}

// A state is a set of places.
type state struct {
	places []int32
	accept bool   // the text so far is matched
	all    bool   // and every longer one
	live   []rune // characters that lead elsewhere than others do, sorted
	next   map[rune]int32
	other  int32 // where all other characters lead; -1 where that is not known yet
}

const (
	dead  = 0 // no longer text is matched
	start = 1
)

func newAutomaton(patterns [][]token, m *meter) *automaton {
	a := &automaton{byKey: map[string]int32{}, meter: m}
	var begin []int32
	for _, p := range patterns {
		at := int32(len(a.tokens))
		begin = append(begin, at)
		for range len(p) + 1 {
			a.first = append(a.first, at)
		}
		a.tokens = append(append(a.tokens, p...), token{})
		a.end = append(a.end, make([]bool, len(p)+1)...)
		a.end[len(a.end)-1] = true
	}
	a.state(nil)
	if id := a.state(begin); id == dead {
		a.states = append(a.states, a.states[dead]) // of no pattern
	}
	return a
}

// state is the number of the state of some places, which it may reorder. From
// behind a place that takes any text everything is reached that was reached
// from before it: those places are left out.
func (a *automaton) state(places []int32) int32 {
	for i := 0; i < len(places); i++ { // places that need no character
		if p := places[i]; !a.end[p] && (a.tokens[p].kind == anyText || a.tokens[p].kind == anySegment) {
			places = append(places, p+1)
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	kept := make([]int32, 0, len(places))
	for i := len(places) - 1; i >= 0; i-- {
		p := places[i]
		kept = append(kept, p)
		if !a.end[p] && a.tokens[p].kind == anyText {
			for i > 0 && places[i-1] >= a.first[p] {
				i--
			}
		}
	}
	slices.Reverse(kept)
	key := make([]byte, 0, 2*len(kept))
	for _, p := range kept {
		key = binary.AppendUvarint(key, uint64(p))
	}
	if id, ok := a.byKey[string(key)]; ok {
		return id
	}
	a.meter.spend(4 + len(kept))
	s := &state{places: kept, other: -1}
	for _, p := range kept {
		if a.end[p] {
			s.accept = true
			continue
		}
		switch t := a.tokens[p]; t.kind {
		case one:
			s.live = append(s.live, t.r)
		case oneFold:
			s.live = append(s.live, orbit(t.r)...)
		case oneSegment, anySegment:
			s.live = append(s.live, ':')
		case digit:
			s.live = append(s.live, []rune("0123456789")...)
		case anyText:
			s.all = s.all || a.end[p+1]
		}
	}
	slices.Sort(s.live)
	s.live = slices.Compact(s.live)
	id := int32(len(a.states))
	a.states = append(a.states, s)
	a.byKey[string(key)] = id
	return id
}

// orbit lists a character in its cases.
func orbit(r rune) []rune {
	all := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		all = append(all, f)
	}
	return all
}

// step is the state after one more character.
func (a *automaton) step(from int32, r rune) int32 {
	s := a.states[from]
	if s.all || from == dead {
		return from
	}
	_, special := slices.BinarySearch(s.live, r)
	if !special && s.other >= 0 {
		return s.other
	}
	if to, ok := s.next[r]; ok {
		return to
	}
	var places []int32
	for _, p := range s.places {
		if a.end[p] {
			continue
		}
		switch t := a.tokens[p]; t.kind {
		case one:
			if r == t.r {
				places = append(places, p+1)
			}
		case oneFold:
			if slices.Contains(orbit(t.r), r) {
				places = append(places, p+1)
			}
		case anyOne:
			places = append(places, p+1)
		case digit:
			if '0' <= r && r <= '9' {
				places = append(places, p+1)
			}
		case anyText:
			places = append(places, p)
		case oneSegment:
			if r != ':' {
				places = append(places, p+1)
			}
		case anySegment:
			if r != ':' {
				places = append(places, p)
			}
		}
	}
	to := a.state(places)
	if !special {
		s.other = to
		return to
	}
	if s.next == nil {
		s.next = map[rune]int32{}
	}
	s.next[r] = to
	return to
}

// match reports whether a text is matched.
func (a *automaton) match(s string) bool {
	at := int32(start)
	for _, r := range s {
		if at = a.step(at, r); at == dead {
			return false
		}
	}
	return a.states[at].accept
}

// A wish is that a text is matched by an automaton, or that it is not.
type wish struct {
	a    *automaton
	want bool
}

// An alphabet is what texts are made of; nil is every character.
type alphabet func(r rune) bool

// fillers are characters for places where it does not matter which, the ones
// that read best first.
const fillers = "xyzabcdefghijklmnopqrstuvw0123456789-_XYZABCDEFGHIJKLMNOPQRSTUVW./@+=, "

// filler is a character that none of the sorted list is; 0 where there is none.
func (in alphabet) filler(not []rune) rune {
	for _, r := range fillers {
		if _, taken := slices.BinarySearch(not, r); !taken && (in == nil || in(r)) {
			return r
		}
	}
	if in == nil {
		for r := rune(0xa1); r < unicode.MaxRune; r++ {
			if _, taken := slices.BinarySearch(not, r); !taken && (r < 0xd800 || r > 0xdfff) {
				return r
			}
		}
	}
	return 0
}

// find is a shortest text that all wishes agree on; ok is false where there is
// none. It walks all automata at once, and of the characters that lead all of
// them to the same places it tries one.
func find(wishes []wish, in alphabet, m *meter) (text string, ok bool) {
	type step struct {
		from int
		r    rune
		at   []int32
	}
	begin := make([]int32, len(wishes))
	for i := range begin {
		begin[i] = start
	}
	todo := []step{{-1, 0, begin}}
	seen := map[string]struct{}{}
	key := make([]byte, 0, 8*len(wishes))
	var live []rune
	for i := 0; i < len(todo); i++ {
		if !m.spend(2 + len(wishes)) {
			return "", false
		}
		accept, hopeless := true, false
		live = live[:0]
		for j, w := range wishes {
			s := w.a.states[todo[i].at[j]]
			accept = accept && s.accept == w.want
			hopeless = hopeless || w.want && len(s.places) == 0 || !w.want && s.all
			if !s.all {
				live = append(live, s.live...)
			}
		}
		if accept {
			var rs []rune
			for j := i; todo[j].from >= 0; j = todo[j].from {
				rs = append(rs, todo[j].r)
			}
			slices.Reverse(rs)
			return string(rs), true
		}
		if hopeless {
			continue
		}
		slices.Sort(live)
		live = slices.Compact(live)
		choices := live
		if r := in.filler(live); r != 0 {
			choices = append(slices.Clone(live), r)
		}
		for _, r := range choices {
			if in != nil && !in(r) {
				continue
			}
			next := make([]int32, len(wishes))
			key = key[:0]
			hopeless := false
			for j, w := range wishes {
				next[j] = w.a.step(todo[i].at[j], r)
				s := w.a.states[next[j]]
				hopeless = hopeless || w.want && len(s.places) == 0 || !w.want && s.all
				key = binary.AppendUvarint(key, uint64(next[j]))
			}
			if !m.spend(len(wishes)) {
				return "", false
			}
			if _, known := seen[string(key)]; known || hopeless {
				continue
			}
			m.spend(8 + 2*len(wishes))
			seen[string(key)] = struct{}{}
			todo = append(todo, step{i, r, next})
		}
	}
	return "", false
}

// A meter bounds the work of a comparison.
type meter struct{ left int }

// spend reports whether there is anything left.
func (m *meter) spend(n int) bool {
	m.left -= n
	return m.left > 0
}

func (m *meter) empty() bool { return m.left <= 0 }
