package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// What follows looks for one value of a variable that meets all demands: in its
// domain, among samples, or by walking automata side by side.

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
		if s.meter.spend(len(wishes)); meets(sample) && s.possible(v, sample, ds) {
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
	if ok && !s.possible(v, value, ds) {
		for _, possible := range s.possibles(v, ds) {
			if value, ok = find(slices.Concat(wishes, possible), in, s.meter); ok {
				break
			}
		}
	}
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
			list = append(list, s.example(&c.patterns[i])...)
			if v == actionVar {
				list = append(list, s.knownActions(c.patterns[i].spelled)...)
			}
		}
	}
	return append(list, s.common(s.vars[v].name, s.vars[v].kind, v)...)
}

// example is a pattern with something in the place of its wildcards; in an ARN
// what can stand there.
func (s *solver) example(p *pattern) []string {
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
	f, spelled := strings.SplitN(b.String(), ":", 6), strings.SplitN(p.spelled, ":", 6)
	if len(f) < 6 || len(spelled) < 6 || f[0] != "arn" {
		return []string{b.String()}
	}
	for i, value := range map[int]string{1: "aws", 3: "eu-central-1"} { // partition and Region
		if spelled[i] == "*" {
			f[i] = value
		}
	}
	accounts := []string{f[4]}
	if strings.ContainsAny(spelled[4], "*?") {
		accounts = s.accounts(spelled[4])
	}
	var list []string
	for _, f[4] = range accounts {
		list = append(list, strings.Join(f, ":"))
	}
	return list
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
