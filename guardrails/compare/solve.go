package compare

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// A verdict says whether there is a value.
type verdict uint8

const (
	none    verdict = iota // there is none
	found                  // there is one
	unknown                // it could not be found out
)

// A solution is what a variable may be so that literals hold: of an action or
// resource one value, of a missing key none.
type solution struct {
	values  []string
	verdict verdict
	why     string // of unknown
}

// A model says what every variable is.
type model [][]string

// values are what the variables of a pattern stand for; it is false where one
// stands for nothing.
func (m model) values(p *pattern) ([]string, bool) {
	var out []string
	k := 0
	for _, x := range p.pieces {
		if x.Kind != eval.Variable {
			continue
		}
		v := m[p.keys[k]]
		k++
		switch {
		case len(v) == 1:
			out = append(out, v[0])
		case len(v) == 0 && x.HasDefault:
			out = append(out, x.Text)
		default:
			return nil, false
		}
	}
	return out, true
}

// holds says whether an atom holds in a model. It is eval's rule, for one
// condition.
func (s *solver) holds(id int32, m model) bool {
	a := &s.atoms[id]
	values := m[a.v]
	if a.core < 0 {
		return a.null[0] && len(values) > 0 || a.null[1] && len(values) == 0
	}
	c := s.cores[a.core]
	if a.v < firstKey {
		v := values[0]
		if a.v == actionVar {
			v = small(v)
		}
		return s.match(c, m, v)
	}
	if len(values) == 0 {
		return a.missing()
	}
	any, all, empty := false, true, true
	for _, v := range values {
		t := s.match(c, m, v)
		if a.set != single {
			t = t != a.negated
		}
		any, all, empty = any || t, all && t, empty && v == ""
	}
	switch a.set {
	case forAll:
		return empty || all
	case forAny:
		return !empty && any
	}
	return any != a.negated
}

// missing says whether an atom holds for a key that is missing.
func (a *atom) missing() bool {
	switch {
	case a.core < 0:
		return a.null[1]
	case a.ifExists, a.set == forAll:
		return true
	case a.set == forAny:
		return false
	}
	return a.negated
}

// A demand is what a literal asks of one value: to match a core, or not to.
type demand struct {
	core  int32
	match bool
}

// demand takes the literal of a key that has values, not all of them empty:
// it asks something of every value, or of at least one.
func (s *solver) demand(l literal) (d demand, every bool) {
	a := &s.atoms[l.atom()]
	d = demand{a.core, a.negated != l.holds()}
	switch a.set {
	case forAll:
		return d, l.holds()
	case forAny:
		return d, !l.holds()
	}
	return d, !d.match
}

// solve looks for what a variable may be so that literals hold. Without a
// model, what patterns with variables match is taken as widely as it can be: a
// solution then need not be one, but none is none.
func (s *solver) solve(v int, ls []literal, m model) solution {
	if v == actionVar && s.onlyKnown {
		return s.solveKnown(ls)
	}
	var as string
	if m == nil {
		sorted := slices.Clone(ls)
		slices.Sort(sorted)
		key := binary.AppendUvarint(nil, uint64(v))
		for _, l := range sorted {
			key = binary.AppendUvarint(key, uint64(l))
		}
		as = string(key)
		if r, ok := s.solved[as]; ok {
			return r
		}
	}
	var r solution
	if v < firstKey {
		r = s.solvePlain(v, ls, m)
	} else {
		r = s.solveKey(v, ls, m)
	}
	if s.meter.empty() {
		return solution{verdict: unknown, why: overBudget}
	}
	if m == nil {
		s.solved[as] = r
	}
	return r
}

func (s *solver) solvePlain(v int, ls []literal, m model) solution {
	var ds []demand
	for _, l := range ls {
		ds = append(ds, demand{s.atoms[l.atom()].core, l.holds()})
	}
	return s.value(v, ds, m)
}

// solveKey tries, in this order: one value, several values, empty ones, and
// that the key is missing.
func (s *solver) solveKey(v int, ls []literal, m model) solution {
	var open solution // what could not be found out
	present, missing := true, true
	empty := true
	var every, each, one []demand
	for _, l := range ls {
		a := &s.atoms[l.atom()]
		missing = missing && a.missing() == l.holds()
		if a.core < 0 {
			present = present && a.null[0] == l.holds()
			continue
		}
		d, all := s.demand(l)
		if all {
			every = append(every, d)
		} else {
			each = append(each, d)
		}
		switch {
		case a.set == forAll && !l.holds(), a.set == forAny && l.holds():
			empty = false // for these no value counts
		case a.set == single:
			one = append(one, d)
		}
	}
	empty = present && empty && s.allowsEmpty(v) && s.emptyMeets(one, m)
	nonEmpty := demand{s.nonEmpty(), true}
	if present {
		r := s.value(v, append(slices.Concat(every, each), nonEmpty), m)
		if r.verdict == found {
			return r
		}
		if r.verdict == unknown {
			open = r
		}
		if s.vars[v].multi {
			var values []string
			r := solution{verdict: found}
			for _, d := range append(each, nonEmpty) {
				one := s.value(v, append(slices.Clone(every), d), m)
				if one.verdict != found {
					r = one
					break
				}
				if !slices.Contains(values, one.values[0]) {
					values = append(values, one.values[0])
				}
			}
			switch r.verdict {
			case found:
				return solution{values: values, verdict: found}
			case unknown:
				open = r
			}
		}
	}
	switch {
	case missing:
		return solution{verdict: found}
	case empty:
		return solution{values: []string{""}, verdict: found}
	case open.verdict == unknown:
		return open
	}
	return solution{}
}

// emptyMeets reports whether an empty text meets all demands.
func (s *solver) emptyMeets(ds []demand, m model) bool {
	ds = slices.Clone(ds)
	if !order(&ds) {
		return false
	}
	for _, w := range s.wishes(ds, m) {
		if w.a.match("") != w.want {
			return false
		}
	}
	return !slices.ContainsFunc(ds, func(d demand) bool { return s.cores[d.core].family != text && d.match })
}

// order sorts demands and leaves out those that stand twice; it is false where
// two contradict each other.
func order(ds *[]demand) bool {
	slices.SortFunc(*ds, func(a, b demand) int { return int(a.core - b.core) })
	*ds = slices.Compact(*ds)
	for i, d := range *ds {
		if i > 0 && (*ds)[i-1].core == d.core {
			return false
		}
	}
	return true
}

// allowsEmpty reports whether a key may be an empty text.
func (s *solver) allowsEmpty(v int) bool {
	kind := s.vars[v].kind
	return kind == "" || kind == "String" || kind == "ARN" || s.vars[v].mixed
}

// freeze finds out how keys are compared, once all statements are read.
func (s *solver) freeze() {
	for v := range s.vars {
		known, ok := kinds[s.vars[v].kind]
		if !ok {
			continue
		}
		for _, id := range s.vars[v].atoms {
			if c := s.atoms[id].core; c >= 0 && s.cores[c].family != known {
				s.vars[v].mixed = true
			}
		}
	}
}

// kinds are the types of keys, as AWS's data calls them, whose values are
// known to be of a family.
var kinds = map[string]family{"Bool": text, "Numeric": number, "Date": date, "IPAddress": address}

// Cores of the solver's own.

func (s *solver) own(name string, pieces ...eval.Piece) int32 {
	return s.core("own "+name, false, nil, func() *core { return &core{patterns: []pattern{{pieces: pieces, spelled: name}}} })
}

func (s *solver) nonEmpty() int32 {
	return s.own("text", eval.Piece{Kind: eval.AnyOne}, eval.Piece{Kind: eval.AnyText})
}

// domain is what a variable may be at all: an action has a service and a name,
// a resource is an ARN or *, a boolean key true or false.
func (s *solver) domain(v int) (int32, bool) {
	colon, segment := eval.Piece{Kind: eval.Literal, Text: ":"}, eval.Piece{Kind: eval.AnySegment}
	switch {
	case v == actionVar:
		some := eval.Piece{Kind: eval.OneSegment}
		return s.own("action", some, segment, colon, some, segment), true
	case v == resourceVar:
		return s.core("own resource", false, nil, func() *core {
			arn := pattern{pieces: []eval.Piece{{Kind: eval.Literal, Text: "arn:"}, segment, colon, segment, colon, segment, colon, segment, colon, {Kind: eval.AnyText}}}
			return &core{patterns: []pattern{arn, {pieces: []eval.Piece{{Kind: eval.Literal, Text: "*"}}}}}
		}), true
	case s.vars[v].kind == "Bool" && !s.vars[v].mixed:
		return s.core("own boolean", false, nil, func() *core {
			return &core{patterns: s.patterns([]string{"true", "false"}, eval.Syntax{})}
		}), true
	}
	return 0, false
}

// inDomain reports whether a value is one of a key whose type is known.
func (s *solver) inDomain(v int, value string) bool {
	if s.vars[v].mixed {
		return true
	}
	switch s.vars[v].kind {
	case "Numeric":
		return eval.IsNumber(value)
	case "Date":
		_, _, ok := eval.ReadDate(value)
		return ok
	case "IPAddress":
		_, ok := eval.ReadAddress(value)
		return ok
	}
	return true
}

func actionRune(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == ':'
}

// value looks for one value that meets all demands.
func (s *solver) value(v int, ds []demand, m model) solution {
	if d, ok := s.domain(v); ok {
		ds = append(ds, demand{d, true})
	}
	if !order(&ds) {
		return solution{}
	}
	var families []family
	var consts []string
	for _, d := range ds {
		if c := s.cores[d.core]; c.family != text {
			consts = append(consts, c.consts...)
			if !slices.Contains(families, c.family) {
				families = append(families, c.family)
			}
		}
	}
	wishes := s.wishes(ds, m)
	meets := func(value string) bool {
		if !s.inDomain(v, value) {
			return false
		}
		plain := value
		if v == actionVar {
			plain = small(value)
		}
		for _, w := range wishes {
			if w.a.match(plain) != w.want {
				return false
			}
		}
		return !slices.ContainsFunc(ds, func(d demand) bool {
			c := s.cores[d.core]
			return c.family != text && s.match(c, nil, value) != d.match
		})
	}
	if list, ok := s.finite(ds); ok {
		for _, value := range list {
			if s.meter.spend(len(ds)); meets(value) {
				return solution{values: []string{value}, verdict: found}
			}
		}
		return solution{}
	}
	for _, sample := range s.samples(v, ds) {
		if s.meter.spend(len(wishes)); meets(sample) {
			return solution{values: []string{sample}, verdict: found}
		}
	}
	exact := true // of the one family, if there is but one
	for _, f := range families {
		list, ok := representatives(f, consts)
		if !ok {
			exact = false
		}
		for _, value := range list {
			if s.meter.spend(len(ds)); meets(value) {
				return solution{values: []string{value}, verdict: found}
			}
		}
	}
	if len(families) == 1 && exact && s.textIsFree(ds) {
		return solution{}
	}
	var in alphabet
	if v == actionVar {
		in = actionRune
	}
	value, ok := find(wishes, in, s.meter)
	switch {
	case !ok && !s.meter.empty():
		return solution{}
	case ok && meets(value):
		return solution{values: []string{value}, verdict: found}
	case !ok:
		return solution{verdict: unknown, why: overBudget}
	case len(families) == 0:
		return solution{verdict: unknown, why: fmt.Sprintf("no value of %s could be named", s.vars[v].name)}
	}
	if !exact {
		return solution{verdict: unknown, why: fmt.Sprintf("the key %s is compared with a number too large to reckon with", s.vars[v].name)}
	}
	// Each family by itself may say that there is none.
	for _, f := range families {
		var own []demand
		for _, d := range ds {
			if s.cores[d.core].family == f {
				own = append(own, d)
			}
		}
		if len(own) < len(ds) && s.value(v, own, m).verdict == none {
			return solution{}
		}
	}
	return solution{verdict: unknown, why: fmt.Sprintf("the key %s is compared in ways that are not alike (as text, number, date or address)", s.vars[v].name)}
}

// finite lists the values of which a demand asks for one, if it names them all.
func (s *solver) finite(ds []demand) ([]string, bool) {
	for _, d := range ds {
		c := s.cores[d.core]
		if c.family != text || !d.match || c.fold {
			continue
		}
		var list []string
		for i := range c.patterns {
			value, ok := c.patterns[i].value()
			if !ok {
				list = nil
				break
			}
			list = append(list, value)
		}
		if list != nil {
			return list, true
		}
	}
	return nil, false
}

// textIsFree reports whether no demand is about the text of a value, but that
// it is not empty.
func (s *solver) textIsFree(ds []demand) bool {
	return !slices.ContainsFunc(ds, func(d demand) bool { return s.cores[d.core].family == text && d.core != s.nonEmpty() })
}

// wishes are the demands about texts, as automata. Without a model, a pattern
// that is to match and stands among those that are not to is left out at once:
// that decides most questions, and is all that there is to say about patterns
// with variables of which no value is known.
func (s *solver) wishes(ds []demand, m model) (out []wish) {
	avoided := map[string]bool{}
	if m == nil {
		for _, d := range ds {
			if c := s.cores[d.core]; !d.match {
				for i := range c.patterns {
					if as := c.patterns[i].as; as != "" {
						avoided[as] = true
					}
				}
			}
		}
	}
	var not []int32 // what is not to match, and has no variables: all at once
	for _, d := range ds {
		c := s.cores[d.core]
		switch {
		case c.family != text:
		case !d.match && !c.dynamic():
			not = append(not, d.core)
		case m != nil:
			out = append(out, wish{s.exactOf(c, m), d.match})
		case !d.match:
			out = append(out, wish{s.staticOf(c), false})
		default:
			var except map[string]bool
			for i := range c.patterns {
				if p := &c.patterns[i]; avoided[p.as] {
					if except == nil {
						except = map[string]bool{}
					}
					except[p.as] = true
				}
			}
			a := s.looseOf(c, except)
			if len(a.states[start].places) == 0 {
				return []wish{{a, true}} // nothing is left to match
			}
			out = append(out, wish{a, true})
		}
	}
	if len(not) > fewCores {
		return append(out, wish{s.union(not), false})
	}
	for _, id := range not {
		out = append(out, wish{s.staticOf(s.cores[id]), false})
	}
	return out
}

// fewCores is how many automata are walked side by side before it takes less
// to make one of them.
const fewCores = 3

// union is one automaton of several cores without variables.
func (s *solver) union(cores []int32) *automaton {
	as := fmt.Sprint(cores)
	a, ok := s.unions[as]
	if !ok {
		var all [][]token
		for _, id := range cores {
			c := s.cores[id]
			for i := range c.patterns {
				if ts, ok := c.tokens(&c.patterns[i], nil, false); ok {
					all = append(all, ts)
				}
			}
		}
		a = newAutomaton(all, s.meter)
		s.unions[as] = a
	}
	return a
}

// samples are values that read well, tried before any is made up: what the
// demands name, and what is common.
func (s *solver) samples(v int, ds []demand) []string {
	var list []string
	if s.account != account && v >= firstKey {
		list = s.common(s.vars[v].name, s.vars[v].kind, v) // they are of the account
	}
	for _, d := range ds {
		c := s.cores[d.core]
		if !d.match || c.family != text || d.core == s.nonEmpty() {
			continue
		}
		if dom, ok := s.domain(v); ok && dom == d.core && v < firstKey {
			continue
		}
		for i := range c.patterns[:min(len(c.patterns), 12)] {
			list = append(list, example(&c.patterns[i])...)
			if v == actionVar {
				list = append(list, s.knownActions(c.patterns[i].spelled)...)
			}
		}
	}
	return append(list, s.common(s.vars[v].name, s.vars[v].kind, v)...)
}

// example is a pattern with something in the place of its wildcards.
func example(p *pattern) []string {
	if p.dynamic() {
		return nil
	}
	if value, ok := p.value(); ok {
		return []string{value}
	}
	var b strings.Builder
	for _, x := range p.pieces {
		switch x.Kind {
		case eval.Literal:
			b.WriteString(x.Text)
		case eval.AnyOne, eval.OneSegment:
			b.WriteString("x")
		default:
			b.WriteString("example")
		}
	}
	return []string{b.String()}
}

// value is the only text that a pattern matches, if there is but one, as it is
// spelled in the policy: small letters are all that tells it from its pieces.
func (p *pattern) value() (string, bool) {
	switch {
	case len(p.pieces) == 0:
		return "", true
	case len(p.pieces) > 1 || p.pieces[0].Kind != eval.Literal:
		return "", false
	case strings.EqualFold(p.pieces[0].Text, p.spelled):
		return p.spelled, true
	}
	return p.pieces[0].Text, true
}
