package compare

import (
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// A question asks for a request that a set of policies allows and another does
// not: some literals hold, no clause does, and of each goal at least one.
type question struct {
	*solver
	clauses []clause
	goals   [][]clause

	sign  []int8      // by atom: 1 holds, -1 does not, 0 is open
	by    [][]literal // by variable
	cur   []solution  // by variable
	trail []change
	why   string // what could not be found out, "" for nothing
}

const overBudget = "the comparison takes more work than its budget allows"

// A change is what a literal was to the search before it was taken to hold.
type change struct {
	l   literal
	was solution
}

func (s *solver) ask(clauses []clause, goals [][]clause) *question {
	q := &question{solver: s, clauses: clauses, goals: goals}
	q.sign = make([]int8, len(s.atoms))
	q.by = make([][]literal, len(s.vars))
	q.cur = make([]solution, len(s.vars))
	return q
}

// answer looks for a model in which the literals hold, too. It is nil where
// there is none, and where none was found; then why says what is open.
func (q *question) answer(ls clause) model {
	if !q.afford() {
		return nil
	}
	for _, c := range q.clauses {
		if !slices.ContainsFunc(c, func(l literal) bool { return !slices.Contains(ls, l) }) {
			return nil // a clause holds where they do
		}
	}
	// An action and a resource have a value whatever is asked of them.
	for v := range firstKey {
		if q.cur[v] = q.solve(v, nil, nil); !q.settle(q.cur[v]) {
			return nil
		}
	}
	mark := len(q.trail)
	defer q.undo(mark)
	for _, l := range ls {
		if !q.take(l) {
			return nil
		}
	}
	return q.search()
}

// afford pays for a walk over all clauses and atoms.
func (q *question) afford() bool {
	if q.meter.spend(1 + (len(q.clauses)+len(q.atoms))/8) {
		return true
	}
	return q.settle(solution{verdict: unknown, why: overBudget})
}

// settle reports whether a solution is one, and keeps why it is open.
func (q *question) settle(r solution) bool {
	if r.verdict == unknown && q.why == "" {
		q.why = r.why
	}
	return r.verdict == found
}

func (q *question) assertAll(ls clause) bool {
	mark := len(q.trail)
	for _, l := range ls {
		if !q.assert(l) {
			q.undo(mark)
			return false
		}
	}
	return true
}

// assert takes a literal to hold, if it can.
func (q *question) assert(l literal) bool {
	switch q.truth(l) {
	case 1:
		return true
	case -1:
		return false
	}
	v := q.atoms[l.atom()].v
	r := q.solve(v, append(slices.Clone(q.by[v]), l), nil)
	if !q.settle(r) {
		return false
	}
	q.take(l)
	q.cur[v] = r
	return true
}

// truth is 1 for a literal that is taken to hold, -1 for one whose opposite
// is, and 0 for one that is open.
func (q *question) truth(l literal) int8 {
	if l.holds() {
		return q.sign[l.atom()]
	}
	return -q.sign[l.atom()]
}

// take takes a literal to hold, without asking whether it can; it is false
// where its opposite is taken to.
func (q *question) take(l literal) bool {
	if t := q.truth(l); t != 0 {
		return t > 0
	}
	a := l.atom()
	v := q.atoms[a].v
	q.trail = append(q.trail, change{l, q.cur[v]})
	q.sign[a] = -1
	if l.holds() {
		q.sign[a] = 1
	}
	q.by[v] = append(q.by[v], l)
	return true
}

// propagate takes to hold what follows from what is: where all literals of a
// clause hold but one, that one does not. Then it solves, once, what has
// changed.
func (q *question) propagate() bool {
	for changed := true; changed; {
		changed = false
		if !q.afford() {
			return false
		}
	clauses:
		for _, c := range q.clauses {
			open := literal(-1)
			for _, l := range c {
				switch t := q.truth(l); {
				case t < 0, t == 0 && open >= 0:
					continue clauses
				case t == 0:
					open = l
				}
			}
			if open < 0 {
				return false
			}
			q.take(open.not())
			changed = true
		}
	}
	for v, ls := range q.by {
		if len(ls) == 0 && v >= firstKey {
			continue
		}
		if q.cur[v] = q.solve(v, ls, nil); !q.settle(q.cur[v]) {
			return false
		}
	}
	return true
}

func (q *question) undo(mark int) {
	for len(q.trail) > mark {
		c := q.trail[len(q.trail)-1]
		q.trail = q.trail[:len(q.trail)-1]
		v := q.atoms[c.l.atom()].v
		q.sign[c.l.atom()] = 0
		q.by[v] = q.by[v][:len(q.by[v])-1]
		q.cur[v] = c.was
	}
}

// search makes a model of what is taken to hold, and where a statement decides
// it otherwise than is asked for, tries each way to change that.
func (q *question) search() model {
	mark := len(q.trail)
	if m := q.settled(); m != nil {
		return m
	}
	q.undo(mark)
	return nil
}

// settled is search, and leaves behind what it took to hold.
func (q *question) settled() model {
	if !q.propagate() {
		return nil
	}
	m := q.model()
	if m == nil {
		return nil // and why says so
	}
	truths := make([]int8, len(q.atoms))
	holds := func(l literal) bool {
		a := l.atom()
		if truths[a] == 0 {
			truths[a] = -1
			if q.solver.holds(a, m) {
				truths[a] = 1
			}
		}
		return (truths[a] > 0) == l.holds()
	}
	matches := func(c clause) bool { return !slices.ContainsFunc(c, func(l literal) bool { return !holds(l) }) }

	// Of all that is to change, what leaves the fewest ways is tried first.
	var best []clause
	some := false
	consider := func(ways []clause) bool {
		feasible := ways[:0]
		for _, w := range ways {
			mark := len(q.trail)
			if q.assertAll(w) {
				feasible = append(feasible, w)
			}
			q.undo(mark)
			if some && len(feasible) >= len(best) {
				return true
			}
		}
		best, some = feasible, true
		return len(best) > 0
	}
	for _, c := range q.clauses {
		if !matches(c) {
			continue
		}
		var ways []clause
		for _, l := range c {
			if q.sign[l.atom()] == 0 {
				ways = append(ways, clause{l.not()})
			}
		}
		if !consider(ways) {
			return nil
		}
	}
	for _, g := range q.goals {
		if !slices.ContainsFunc(g, matches) && !consider(slices.Clone(g)) {
			return nil
		}
	}
	if !some {
		return m
	}
	for _, w := range best {
		inner := len(q.trail)
		if q.assertAll(w) {
			if m := q.search(); m != nil {
				return m
			}
		}
		q.undo(inner)
		// What follows need not be tried where this way would do as well.
		if l := w[0]; len(w) == 1 && !q.loose(l) && !q.assert(l.not()) {
			break
		}
	}
	return nil
}

// loose reports whether a literal has policy variables.
func (q *question) loose(l literal) bool {
	c := q.atoms[l.atom()].core
	return c >= 0 && q.cores[c].dynamic()
}

// model is a value for each variable, so that all literals hold that are taken
// to; nil where none was found.
func (q *question) model() model {
	m := make(model, len(q.vars))
	for v := range m {
		m[v] = q.cur[v].values
	}
	var dependent []int // variables about which there are patterns with variables
	var keys []int      // that those patterns name
	for v, ls := range q.by {
		for _, l := range ls {
			if !q.loose(l) {
				continue
			}
			dependent = append(dependent, v)
			for _, p := range q.cores[q.atoms[l.atom()].core].patterns {
				keys = append(keys, p.keys...)
			}
		}
	}
	if dependent == nil {
		return m
	}
	slices.Sort(dependent)
	slices.Sort(keys)
	dependent, keys = slices.Compact(dependent), slices.Compact(keys)
	tries := 200
	if q.choose(m, keys, q.candidates(m, dependent, keys), dependent, &tries) {
		return m
	}
	if q.why == "" {
		var names []string
		for _, k := range keys {
			names = append(names, "${"+q.vars[k].name+"}")
		}
		q.why = "it hangs on what the policy variables " + strings.Join(names, ", ") + " stand for"
		if len(names) == 1 {
			q.why = "it hangs on what the policy variable " + names[0] + " stands for"
		}
	}
	return nil
}

// choose gives values to the keys that patterns name, and finds those that
// depend on them.
func (q *question) choose(m model, keys []int, candidates map[int][][]string, dependent []int, tries *int) bool {
	if len(keys) > 0 {
		was := m[keys[0]]
		for _, values := range candidates[keys[0]] {
			m[keys[0]] = values
			if q.choose(m, keys[1:], candidates, dependent, tries) {
				return true
			}
			if *tries <= 0 {
				break
			}
		}
		m[keys[0]] = was
		return false
	}
	if *tries--; *tries < 0 || q.meter.empty() {
		return false
	}
	for _, v := range dependent {
		if _, chosen := candidates[v]; chosen {
			continue
		}
		r := q.solve(v, q.by[v], m)
		if r.verdict != found {
			return false
		}
		m[v] = r.values
	}
	for _, ls := range q.by {
		for _, l := range ls {
			if q.solver.holds(l.atom(), m) != l.holds() {
				return false
			}
		}
	}
	return true
}

// candidates are what keys might be that patterns name: what they are already,
// what stands in their place in a value that was found, a value that no other
// has, or nothing.
func (q *question) candidates(m model, dependent, keys []int) map[int][][]string {
	out := map[int][][]string{}
	add := func(k int, values []string) {
		try := slices.Clone(m)
		try[k] = values
		for _, l := range q.by[k] {
			if !q.loose(l) && q.solver.holds(l.atom(), try) != l.holds() {
				return
			}
		}
		if !slices.ContainsFunc(out[k], func(o []string) bool { return slices.Equal(o, values) }) {
			out[k] = append(out[k], values)
		}
	}
	for i, k := range keys {
		add(k, m[k])
		for _, v := range dependent {
			for _, l := range q.by[v] {
				if c := q.atoms[l.atom()].core; c >= 0 && len(m[v]) > 0 {
					for j := range q.cores[c].patterns {
						if text, ok := captured(&q.cores[c].patterns[j], k, m[v][0]); ok {
							add(k, []string{text})
						}
					}
				}
			}
		}
		for _, sample := range q.common(q.vars[k].name, q.vars[k].kind, k) {
			add(k, []string{sample})
		}
		add(k, []string{string(rune('a'+i%26)) + "-name"})
		add(k, nil)
	}
	return out
}

// captured is what stands in a text where a pattern names a key.
func captured(p *pattern, key int, s string) (string, bool) {
	if !slices.Contains(p.keys, key) {
		return "", false
	}
	var b strings.Builder
	b.WriteString(`\A(?s:`)
	k, group, at := 0, 0, 0
	for _, x := range p.pieces {
		switch x.Kind {
		case eval.Literal:
			b.WriteString(regexp.QuoteMeta(x.Text))
		case eval.Variable:
			group++
			if p.keys[k] == key && at == 0 {
				at = group
			}
			k++
			b.WriteString(`(.*?)`)
		case eval.AnyOne, eval.OneSegment:
			b.WriteString(`.`)
		default:
			b.WriteString(`.*?`)
		}
	}
	b.WriteString(`)\z`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return "", false
	}
	match := re.FindStringSubmatch(s)
	if match == nil {
		return "", false
	}
	return match[at], true
}
