package diff

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A statement is a denial that both plans may have at any nodes.
type statement struct {
	kind  policy.Kind
	doc   eval.Document
	names map[string]bool // the ids of accounts, and whatever else is of twelve digits
	every bool            // a pattern matches a part of an account id: any may matter
	bad   string          // why it cannot be read; ""
}

var (
	accountID = regexp.MustCompile(`\d{12}`)
	partOfID  = regexp.MustCompile(`[:"][\d*?]*(\d[*?]|[*?]\d)[\d*?]*[:"]`)
)

// denies enters a statement of a service or resource control policy into the
// table. What allows is left out: AWS attaches FullAWSAccess to every node, so
// that no other Allow makes a difference, and where an allow list takes its
// place, that is compared as the Deny that it comes to.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (w *work) denies(typ, text string) (int, bool) {
	kind := policy.Kind(typ)
	if kind != policy.ServiceControlPolicy && kind != policy.ResourceControlPolicy {
		return 0, false
	}
	key := typ + "\x00" + text
	n, ok := w.index[key]
	if !ok {
		n = len(w.table)
		w.index[key] = n
		s := statement{kind: kind, names: map[string]bool{}, every: partOfID.MatchString(text)}
		for _, id := range accountID.FindAllString(text, -1) {
			s.names[id] = true
		}
		s.doc, s.bad = parsed(`{"Version":"` + policy.Version2012 + `","Statement":[` + text + `]}`)
		w.table = append(w.table, s)
	}
	s := &w.table[n]
	return n, s.bad != "" || len(s.doc.Policy.Statements) == 0 || s.doc.Policy.Statements[0].Effect == policy.Deny
}

func parsed(text string) (eval.Document, string) {
	d, ds := policy.Parse("policy", []byte(text))
	if ds.HasErrors() {
		return eval.Document{}, ds[0].Summary
	}
	return eval.Document{Name: "policy", Policy: d}, ""
}

var fullAccess = eval.Document{Name: "FullAWSAccess", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
	{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}},
}}}

// levels are statements of the table beside FullAWSAccess: in what documents
// and at what nodes denials stand makes no difference.
func (w *work) levels(kind policy.Kind, list []int) []eval.Level {
	l := eval.Level{ID: "all"}
	if kind == policy.ServiceControlPolicy {
		l.Policies = append(l.Policies, fullAccess)
	}
	for _, n := range list {
		l.Policies = append(l.Policies, w.table[n].doc)
	}
	return []eval.Level{l}
}

// Chains are the sorted statements that reach some accounts.
type chains struct {
	side  *side
	lists map[string][]int // by type and node
}

func (c *chains) of(typ, ref string) []int {
	if ref == "" {
		return nil
	}
	key := typ + " " + ref
	if list, ok := c.lists[key]; ok {
		return list
	}
	above, own := c.of(typ, c.side.parents[ref]), c.side.at[key]
	list := above
	if len(own) > 0 {
		list = slices.Concat(above, own)
		slices.Sort(list)
		list = slices.Compact(list)
	}
	c.lists[key] = list
	return list
}

// A group is accounts that the same statements reach in the plan before, and
// the same in the plan after.
type group struct {
	kind          policy.Kind
	before, after []int
	accounts      []string // references, sorted
}

// groups are those that something changes for.
func (w *work) groups() []*group {
	sides := [2]chains{{&w.sides[0], map[string][]int{}}, {&w.sides[1], map[string][]int{}}}
	by := map[string]*group{}
	var all []*group
	for _, ref := range w.both() {
		for _, kind := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy} {
			before, after := sides[0].of(string(kind), ref), sides[1].of(string(kind), ref)
			if slices.Equal(before, after) {
				continue
			}
			key := fmt.Sprint(kind, before, after)
			g := by[key]
			if g == nil {
				g = &group{kind: kind, before: before, after: after}
				by[key] = g
				all = append(all, g)
			}
			g.accounts = append(g.accounts, ref)
		}
	}
	return all
}

// both are the accounts that both plans have, sorted.
func (w *work) both() []string {
	there := map[string]bool{}
	for _, a := range w.sides[0].plan.Accounts {
		there[w.sides[0].ref("account:"+a.Key)] = true
	}
	var refs []string
	for _, a := range w.sides[1].plan.Accounts {
		if ref := "account:" + a.Key; there[ref] {
			refs = append(refs, ref)
		}
	}
	return refs
}

// An answer is what one statement does to requests that others let pass.
type answer struct {
	witness *compare.Witness
	unknown string
}

// Questions are asked once each, whatever accounts they are about.
type questions struct {
	*work
	org     string
	answers map[string]*answer
	denied  map[string]bool
}

// access compares what reaches each account before and after.
func (w *work) access() {
	w.neutral = w.unnamed()
	q := &questions{work: w, answers: map[string]*answer{}, denied: map[string]bool{}}
	if b, a := w.sides[0].ids["organization"], w.sides[1].ids["organization"]; a == b {
		q.org = a
	}
	found := map[string]*Effect{}
	refs := map[*Effect][]string{}
	numbers := map[*Effect]int{}
	for _, g := range w.groups() {
		named, every := map[string]bool{}, false
		for _, n := range slices.Concat(g.before, g.after) {
			maps.Copy(named, w.table[n].names)
			every = every || w.table[n].every
		}
		for _, way := range []struct {
			change     Kind
			here, over []int // what denies, and what did or will stand there instead
		}{{Denied, g.after, g.before}, {Allowed, g.before, g.after}} {
			came, went := without(way.here, way.over), without(way.over, way.here)
			answers := map[string]*answer{}
			for _, ref := range g.accounts {
				id := w.sides[1].ids[ref]
				who := w.neutral
				if named[id] || every {
					who = id
				}
				for _, n := range came {
					key := fmt.Sprint(n, " ", who)
					a := answers[key]
					if a == nil {
						a = q.ask(g.kind, n, went, way.over, who)
						answers[key] = a
					}
					if a.witness == nil && a.unknown == "" {
						continue
					}
					key = fmt.Sprint(way.change, n, a.unknown)
					e := found[key]
					if e == nil {
						e = &Effect{Change: way.change, Type: string(g.kind), Unknown: a.unknown}
						found[key], numbers[e] = e, n
						if a.witness != nil {
							e.ActionKnown = a.witness.ActionKnown
						}
					}
					if a.witness != nil && (len(refs[e]) == 0 || ref < refs[e][0]) {
						e.Request, e.ActionKnown = w.request(&a.witness.Request, id), a.witness.ActionKnown
					}
					at, _ := slices.BinarySearch(refs[e], ref)
					refs[e] = slices.Insert(refs[e], at, ref)
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		e := found[key]
		for _, ref := range refs[e] {
			e.Accounts = append(e.Accounts, strings.TrimPrefix(ref, "account:"))
		}
		side := &w.sides[1]
		if e.Change == Allowed {
			side = &w.sides[0]
		}
		e.Sources = w.sources(side, e.Type, numbers[e], refs[e])
		w.d.Effects = append(w.d.Effects, *e)
	}
}

// ask looks for a request in an account that statement n denies and none of
// others does. Part of the others, those that are not on n's side, usually
// settle it, for all accounts alike; the rest can only stand in the way.
func (q *questions) ask(kind policy.Kind, n int, part, others []int, id string) *answer {
	a := q.decide(kind, n, part, id)
	if a.witness == nil && a.unknown == "" {
		return a
	}
	if a.witness != nil && !slices.ContainsFunc(others, func(c int) bool { return q.stops(c, a.witness, id) }) {
		return a
	}
	return q.decide(kind, n, others, id)
}

// decide compares others with and without n. Accounts that no statement names
// are all alike.
func (q *questions) decide(kind policy.Kind, n int, others []int, id string) *answer {
	who := q.neutral
	if slices.ContainsFunc(append([]int{n}, others...), func(c int) bool { return q.table[c].every || q.table[c].names[id] }) {
		who = id
	}
	key := fmt.Sprint(n, others, who)
	if a, ok := q.answers[key]; ok {
		return a
	}
	a := &answer{}
	q.answers[key] = a
	for _, c := range append([]int{n}, others...) {
		if bad := q.table[c].bad; bad != "" {
			a.unknown = bad
			return a
		}
	}
	r, err := compare.Compare(kind, q.levels(kind, others), q.levels(kind, append(slices.Clone(others), n)),
		compare.Options{Budget: q.o.Budget, KnownActions: q.o.KnownActions, Account: who, Organization: q.org})
	switch {
	case err != nil:
		a.unknown = err.Error()
	case r.Lost.Witness != nil:
		a.witness = r.Lost.Witness
	default:
		a.unknown = r.Lost.Unknown
	}
	return a
}

// stops reports whether statement c denies a witness in an account.
func (q *questions) stops(c int, w *compare.Witness, id string) bool {
	s := &q.table[c]
	who := q.neutral
	if s.every || s.names[id] {
		who = id
	}
	key := fmt.Sprintf("%d %p %s", c, w, who)
	stops, ok := q.denied[key]
	if !ok {
		r := with(&w.Request, q.neutral, who)
		var err error
		stops, err = compare.Shows(s.kind, q.levels(s.kind, nil), q.levels(s.kind, []int{c}), &r)
		stops = stops || err != nil || s.bad != ""
		q.denied[key] = stops
	}
	return stops
}

// with is a request with one account in the place of another.
func with(r *eval.Request, from, to string) eval.Request {
	put := strings.NewReplacer(from, to).Replace
	out := eval.Request{Principal: put(r.Principal), Action: r.Action, Resource: put(r.Resource), ResourceAccount: put(r.ResourceAccount), Context: map[string][]string{}}
	for key, values := range r.Context {
		out.Context[key] = []string{}
		for _, v := range values {
			out.Context[key] = append(out.Context[key], put(v))
		}
	}
	return out
}

func (w *work) request(r *eval.Request, id string) *Request {
	q := with(r, w.neutral, id)
	return &Request{q.Principal, q.Action, q.Resource, q.ResourceAccount, q.Context}
}

// unnamed is an account id that is in no statement and in no plan.
func (w *work) unnamed() string {
	taken := map[string]bool{}
	for i := range w.sides {
		for _, id := range w.sides[i].ids {
			taken[id] = true
		}
	}
	for i := range w.table {
		maps.Copy(taken, w.table[i].names)
	}
	for n := 123456789012; ; n++ {
		if id := fmt.Sprint(n); !taken[id] {
			return id
		}
	}
}

// without are the numbers of a that are not in b; both are sorted.
func without(a, b []int) []int {
	var out []int
	for _, n := range a {
		if _, ok := slices.BinarySearch(b, n); !ok {
			out = append(out, n)
		}
	}
	return out
}

// sources are the uses of a statement that reach any of some accounts.
func (w *work) sources(s *side, typ string, n int, accounts []string) []Source {
	above := map[string]bool{}
	for _, ref := range accounts {
		for ; ref != "" && !above[ref]; ref = s.parents[ref] {
			above[ref] = true
		}
	}
	list := []Source{}
	for _, u := range s.uses {
		if u.typ == typ && u.number == n && above[u.target] {
			list = append(list, Source{u.Guardrail, u.Sid, u.policy, u.target, u.Origin})
		}
	}
	return list
}
