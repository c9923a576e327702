package compare

import (
	"encoding/binary"
	"slices"

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
