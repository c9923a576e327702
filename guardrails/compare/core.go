package compare

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// A family is a way to compare values.
type family uint8

const (
	text    family = iota // strings, ARNs, booleans, binaries: by patterns
	number                // by order
	date                  // by order
	address               // by ranges
)

// A core is what an element or a condition compares one value with, without
// regard to negation: a list of patterns, or of constants and a relation.
type core struct {
	family   family
	arn      bool      // patterns are compared field by field
	fold     bool      // and upper and lower case are alike
	patterns []pattern // of the family text
	relation string    // of ordered families: "=", "<", "<=", ">", ">="
	consts   []string  // of the other families: those that can be read

	static *automaton            // of the patterns without variables
	loose  *automaton            // variables stand for any text
	exact  map[string]*automaton // by what the variables stand for
}

// A pattern is one string of a policy.
type pattern struct {
	pieces  []eval.Piece
	keys    []int // numbers of the keys of its variables, in their order; nil where it has none
	spelled string
	as      string // what it matches, as a name; "" of the solver's own
}

func (p *pattern) dynamic() bool { return p.keys != nil }

func (c *core) dynamic() bool {
	return slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.dynamic() })
}

// tokens are the characters and wildcards of a pattern. Variables have the
// given values; with loose each stands for any text, and so does every
// wildcard, of which it is then not known in which field of an ARN it is.
func (c *core) tokens(p *pattern, values []string, loose bool) (ts []token, ok bool) {
	variable := 0
	for _, x := range p.pieces {
		switch x.Kind {
		case eval.Literal:
			ts = c.literal(ts, x.Text)
		case eval.Variable:
			if loose {
				ts = append(ts, token{kind: anyText})
			} else {
				ts = c.literal(ts, values[variable])
			}
			variable++
		case eval.AnyText:
			ts = append(ts, token{kind: anyText})
		case eval.AnyOne:
			ts = append(ts, token{kind: anyOne})
		case eval.AnySegment:
			ts = append(ts, token{kind: anySegment})
		case eval.OneSegment:
			ts = append(ts, token{kind: oneSegment})
		}
	}
	if !c.arn || loose && p.dynamic() || len(p.pieces) == 1 && p.pieces[0].Kind == eval.AnyText {
		return ts, true
	}
	return fields(ts)
}

func (c *core) literal(ts []token, s string) []token {
	kind := one
	if c.fold {
		kind = oneFold
	}
	for _, r := range s {
		ts = append(ts, token{kind, r})
	}
	return ts
}

// fields keeps the wildcards of an ARN pattern to their fields; it is false of
// what has fewer than six.
func fields(ts []token) ([]token, bool) {
	colons := 0
	for i := range ts {
		switch {
		case ts[i].kind == one && ts[i].r == ':':
			colons++
		case colons >= 5:
		case ts[i].kind == anyText:
			ts[i].kind = anySegment
		case ts[i].kind == anyOne:
			ts[i].kind = oneSegment
		}
	}
	return ts, colons >= 5
}

// automata of patterns without variables, of all with variables that stand
// for anything, and of all with what variables stand for.

func (s *solver) staticOf(c *core) *automaton {
	if c.static == nil {
		c.static = s.build(c, nil, nil)
	}
	return c.static
}

func (s *solver) looseOf(c *core, except map[string]bool) *automaton {
	switch {
	case len(except) > 0:
		return s.build(c, nil, except)
	case !c.dynamic():
		return s.staticOf(c)
	}
	if c.loose == nil {
		c.loose = s.build(c, nil, map[string]bool{})
	}
	return c.loose
}

// build makes the automaton of a core. With neither a model nor except the
// patterns with variables are left out; with except they are loose, and those
// patterns that it names left out; else they are of the model.
func (s *solver) build(c *core, m model, except map[string]bool) *automaton {
	var all [][]token
	for i := range c.patterns {
		p := &c.patterns[i]
		var values []string
		switch {
		case except[p.as], p.dynamic() && m == nil && except == nil:
			continue
		case p.dynamic() && m != nil:
			var ok bool
			if values, ok = m.values(p); !ok {
				continue
			}
		}
		if ts, ok := c.tokens(p, values, m == nil && except != nil); ok {
			all = append(all, ts)
		}
	}
	n := 0
	for _, ts := range all {
		n += len(ts)
	}
	s.meter.spend(n)
	return newAutomaton(all, s.meter)
}

// exactOf is the automaton of a core in a model.
func (s *solver) exactOf(c *core, m model) *automaton {
	if !c.dynamic() {
		return s.staticOf(c)
	}
	var as strings.Builder
	for i := range c.patterns {
		if p := &c.patterns[i]; p.dynamic() {
			values, ok := m.values(p)
			fmt.Fprintf(&as, "%t %q ", ok, values)
		}
	}
	a, ok := c.exact[as.String()]
	if !ok {
		a = s.build(c, m, nil)
		if c.exact == nil {
			c.exact = map[string]*automaton{}
		}
		c.exact[as.String()] = a
	}
	return a
}

// match reports whether a value matches.
func (s *solver) match(c *core, m model, value string) bool {
	if c.family == text {
		return s.exactOf(c, m).match(value)
	}
	return slices.ContainsFunc(c.consts, func(k string) bool { return c.related(value, k) })
}

// related compares a value with a constant, which can be read.
func (c *core) related(value, k string) bool {
	order := 0
	switch c.family {
	case number:
		if !eval.IsNumber(value) {
			return false
		}
		order = eval.CompareNumbers(value, k)
	case date:
		s, n, ok := eval.ReadDate(value)
		if !ok {
			return false
		}
		ks, kn, _ := eval.ReadDate(k)
		if order = sign(s, ks); order == 0 {
			order = sign(int64(n), int64(kn))
		}
	case address:
		a, ok := eval.ReadAddress(value)
		p, _ := eval.ReadNetwork(k)
		return ok && p.Contains(a)
	}
	switch c.relation {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func sign(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// representatives are values of a family of which every other compares like
// one of them with all the constants: the constants, what lies between two, at
// either end, and what cannot be read.
func representatives(f family, consts []string) (list []string, ok bool) {
	switch f {
	case number:
		return numbers(consts)
	case date:
		return dates(consts), true
	case address:
		return addresses(consts), true
	}
	panic("compare: the family has no representatives")
}

// addresses are the first of each range and the one behind its last: between
// two of them every address is in the same ranges.
func addresses(consts []string) []string {
	list := []string{"203.0.113.9", "2001:db8::9", "0.0.0.0", "::", "::1:0:0:0", "nowhere"}
	for _, k := range consts {
		p, ok := eval.ReadNetwork(k)
		if !ok {
			continue
		}
		p = p.Masked()
		list = append(list, p.Addr().String())
		bytes := p.Addr().AsSlice()
		for i := p.Bits(); i < p.Addr().BitLen(); i++ {
			bytes[i/8] |= 0x80 >> (i % 8)
		}
		last, _ := netip.AddrFromSlice(bytes)
		if next := last.Next(); next.IsValid() {
			list = append(list, next.String())
		}
	}
	return list
}
