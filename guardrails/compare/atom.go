package compare

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// The first two variables of a comparison; the others are condition keys.
const (
	actionVar   = 0
	resourceVar = 1
	firstKey    = 2
)

// A variable is one part of a request.
type variable struct {
	name  string // of a key, as it is first spelled
	kind  string // of a key, where AWS's data knows it: "String", "ARN", "Bool", …
	multi bool   // the key may have several values
	mixed bool   // the key is compared in other ways than its kind says
	atoms []int32
}

// A quantifier is the set operator before a condition operator.
type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// An atom is a question about one variable: does its value match a core, and
// of a key what AWS's operators ask of missing keys and several values.
type atom struct {
	v        int
	core     int32 // -1 for Null
	set      quantifier
	ifExists bool
	negated  bool
	null     [2]bool // of Null: it holds for keys that are present, that are missing
}

// A literal is an atom, or its opposite.
type literal int32

func lit(atom int32, holds bool) literal {
	if holds {
		return literal(atom << 1)
	}
	return literal(atom<<1 | 1)
}

func (l literal) atom() int32  { return int32(l >> 1) }
func (l literal) holds() bool  { return l&1 == 0 }
func (l literal) not() literal { return l ^ 1 }

// A clause is the literals of a statement: it matches if all hold.
type clause []literal

// A solver has the variables, cores and atoms of a comparison.
type solver struct {
	vars   []variable
	keys   map[string]int // by name in small letters
	cores  []*core
	byCore map[string]int32
	atoms  []atom
	byAtom map[atom]int32
	solved map[string]solution
	unions map[string]*automaton
	known  map[string][]string // some of AWS's actions, by pattern
	bits   map[int32][]uint64  // which of AWS's actions a core matches
	// onlyKnown leaves out actions that AWS's data does not have.
	onlyKnown bool
	meter     *meter
	account   string // of who asks in a witness
}

func newSolver(budget int) *solver {
	return &solver{
		vars: []variable{{name: "action"}, {name: "resource"}}, keys: map[string]int{},
		byCore: map[string]int32{}, byAtom: map[atom]int32{}, solved: map[string]solution{}, unions: map[string]*automaton{}, known: map[string][]string{}, bits: map[int32][]uint64{}, meter: &meter{budget}, account: account,
	}
}

func small(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// key is the number of a condition key; upper and lower case do not tell keys
// apart.
func (s *solver) key(name string) int {
	id, ok := s.keys[small(name)]
	if !ok {
		id = len(s.vars)
		s.keys[small(name)] = id
		v := variable{name: name}
		if k, ok := awsdata.LookupConditionKey(name); ok {
			v.kind, v.multi = strings.CutPrefix(k.Type, "ArrayOf")
		}
		s.vars = append(s.vars, v)
	}
	return id
}

func (s *solver) atom(a atom) int32 {
	id, ok := s.byAtom[a]
	if !ok {
		id = int32(len(s.atoms))
		s.byAtom[a] = id
		s.atoms = append(s.atoms, a)
		s.vars[a.v].atoms = append(s.vars[a.v].atoms, id)
	}
	return id
}

// core is the number of a core of some strings, whose order and repetition do
// not count.
func (s *solver) core(class string, variables bool, list []string, make func() *core) int32 {
	list = slices.Clone(list)
	slices.Sort(list)
	as := class + strconv.FormatBool(variables)
	for _, t := range slices.Compact(list) {
		as += " " + strconv.Itoa(len(t)) + " " + t
	}
	id, ok := s.byCore[as]
	if !ok {
		id = int32(len(s.cores))
		s.byCore[as] = id
		c := make()
		for i := range c.patterns {
			if p := &c.patterns[i]; p.as != "" {
				p.as += fmt.Sprint(c.arn, c.fold)
			}
		}
		s.cores = append(s.cores, c)
	}
	return id
}

func (s *solver) pattern(t string, syn eval.Syntax) pattern {
	p := pattern{pieces: eval.ReadPattern(t, syn), spelled: t, as: fmt.Sprint(syn) + t}
	for _, x := range p.pieces {
		if x.Kind == eval.Variable {
			p.keys = append(p.keys, s.key(x.Key))
		}
	}
	return p
}

func (s *solver) patterns(list []string, syn eval.Syntax) (out []pattern) {
	for _, t := range list {
		out = append(out, s.pattern(t, syn))
	}
	return out
}

// clause takes a statement apart.
func (s *solver) clause(st *policy.Statement, variables bool) (clause, error) {
	var c clause
	list, holds := st.Action, true
	if st.NotAction != nil {
		list, holds = st.NotAction, false
	}
	if !slices.Contains(list, "*") || !holds {
		c = append(c, lit(s.actions(list), holds))
	}
	list, holds = st.Resource, true
	if st.NotResource != nil {
		list, holds = st.NotResource, false
	}
	if !slices.Contains(list, "*") || !holds {
		id := s.core("resource", variables, list, func() *core {
			return &core{patterns: s.patterns(list, eval.Syntax{Wildcards: true, Variables: variables, Resource: true})}
		})
		c = append(c, lit(s.atom(atom{v: resourceVar, core: id}), holds))
	}
	for _, operator := range slices.Sorted(maps.Keys(st.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(st.Condition[operator])) {
			a, err := s.condition(operator, key, st.Condition[operator][key], variables)
			if err != nil {
				return nil, err
			}
			c = append(c, lit(a, true))
		}
	}
	for _, l := range [][]string{st.Action, st.NotAction, st.Resource, st.NotResource} {
		for _, t := range l {
			if !utf8.ValidString(t) {
				return nil, fmt.Errorf("%q is no text", t)
			}
		}
	}
	return c, nil
}

// actions is the atom of a list of action patterns.
func (s *solver) actions(list []string) int32 {
	folded := make([]string, len(list))
	for i, t := range list {
		folded[i] = small(t)
	}
	id := s.core("action", false, folded, func() *core {
		c := &core{patterns: s.patterns(folded, eval.Syntax{Wildcards: true})}
		for i := range c.patterns {
			c.patterns[i].spelled = list[i]
		}
		return c
	})
	return s.atom(atom{v: actionVar, core: id})
}

// condition is the atom of one operator and key.
func (s *solver) condition(operator, key string, list []string, variables bool) (int32, error) {
	set, op, ifExists, ok := policy.SplitOperator(operator)
	if !ok {
		return 0, fmt.Errorf("no condition operator is named %q", operator)
	}
	for _, t := range append([]string{key}, list...) {
		if !utf8.ValidString(t) {
			return 0, fmt.Errorf("%q is no text", t)
		}
	}
	a := atom{v: s.key(key), core: -1, ifExists: ifExists, negated: strings.Contains(op, "Not")}
	switch set {
	case "ForAllValues":
		a.set = forAll
	case "ForAnyValue":
		a.set = forAny
	}
	if op == "Null" {
		a.set, a.ifExists, a.negated = single, false, false
		for _, t := range list {
			if b, ok := eval.ReadBool(t); ok {
				if b {
					a.null[1] = true
				} else {
					a.null[0] = true
				}
			}
		}
		return s.atom(a), nil
	}
	if a.set != single {
		s.vars[a.v].multi = true
	}
	family, class := classOf(op)
	a.core = s.core(class, variables, list, func() *core { return s.values(family, class, list, variables) })
	return s.atom(a), nil
}

// classOf says what an operator compares, and the name of what it is alike with.
func classOf(op string) (family, string) {
	op = strings.ReplaceAll(op, "Not", "")
	switch {
	case strings.HasPrefix(op, "Numeric"):
		return number, op
	case strings.HasPrefix(op, "Date"):
		return date, op
	case op == "IpAddress":
		return address, op
	case op == "ArnEquals":
		return text, "ArnLike"
	}
	return text, op
}

// relations are the ends of the names of operators that compare by order.
var relations = []struct{ end, relation string }{
	{"LessThanEquals", "<="}, {"GreaterThanEquals", ">="}, {"LessThan", "<"}, {"GreaterThan", ">"}, {"Equals", "="},
}

// values is the core of a condition's values. Those that are not of the
// operator's type match nothing, and are left out.
func (s *solver) values(f family, class string, list []string, variables bool) *core {
	c := &core{family: f}
	readable := map[family]func(string) bool{
		number:  eval.IsNumber,
		date:    func(t string) bool { _, _, ok := eval.ReadDate(t); return ok },
		address: func(t string) bool { _, ok := eval.ReadNetwork(t); return ok },
	}[f]
	if readable != nil {
		for _, t := range list {
			if readable(t) {
				c.consts = append(c.consts, t)
			}
		}
		for _, r := range relations {
			if strings.HasSuffix(class, r.end) {
				c.relation = r.relation
				break
			}
		}
		return c
	}
	switch class {
	case "StringEquals":
		c.patterns = s.patterns(list, eval.Syntax{Variables: variables})
	case "StringEqualsIgnoreCase":
		c.fold = true
		c.patterns = s.patterns(list, eval.Syntax{Variables: variables})
	case "StringLike":
		c.patterns = s.patterns(list, eval.Syntax{Wildcards: true, Variables: variables})
	case "ArnLike":
		c.arn = true
		c.patterns = s.patterns(list, eval.Syntax{Wildcards: true, Variables: variables})
	case "BinaryEquals":
		c.patterns = s.patterns(list, eval.Syntax{})
	case "Bool":
		c.fold = true
		for _, t := range list {
			if _, ok := eval.ReadBool(t); ok {
				c.patterns = append(c.patterns, s.pattern(t, eval.Syntax{}))
			}
		}
	default:
		panic("compare: no condition operator is " + class)
	}
	return c
}
