// Package compare says how two sets of policies differ: whether one allows
// nothing that the other denies, or a request that shows the opposite.
//
// The answer is about every request there can be, not about a sample. A
// statement is a product of sets: of actions, of resources, and of the values
// of condition keys. The package looks for a request that one set allows and
// the other does not, keeps to those parts of the sets that a request found so
// far does not settle, and decides each part by automata (patterns), by order
// (numbers, dates) or by ranges (addresses). Every request that it shows has
// been decided by guardrails/eval, for both sets. What it cannot decide, or
// not within its budget, it calls unknown, with the reason.
//
// What counts as a request is in docs/compare.md.
package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Relation says what the second of two sets is to the first.
type Relation string

// The relations.
const (
	Equal     Relation = "equal"     // both allow the same
	Narrower  Relation = "narrower"  // the second allows less
	Wider     Relation = "wider"     // the second allows more
	Different Relation = "different" // each allows something that the other does not
	Unknown   Relation = "unknown"   // not decided; what is known stands in the directions
)

// A Result is how two sets differ.
type Result struct {
	Relation Relation
	Lost     Direction // what the first allows and the second does not
	Gained   Direction // what the second allows and the first does not
}

// A Direction is one half of a Result: with neither a witness nor a reason
// why it is unknown, there is no such request.
type Direction struct {
	Witness *Witness
	Unknown string // why it could not be decided; "" where it was
}

// A Witness is a request that two sets of policies decide differently.
type Witness struct {
	Request eval.Request
	// ActionKnown says that AWS's data has the action. Where it does not, the
	// sets differ in what AWS may yet name so.
	ActionKnown bool
	// Reason says, in a sentence, why the set that does not allow it does not.
	Reason string
}

// Options bound a comparison.
type Options struct {
	// Budget bounds the work, in steps of which an ordinary machine does some
	// millions in a second; 0 means DefaultBudget.
	Budget int
	// KnownActions leaves out actions that AWS's data does not have: a list of
	// all actions that s3:Get* matches today is then equal to it.
	KnownActions bool
	// Account is the id of the account that all requests are of: of those who
	// ask, for SCPs, identity policies and boundaries, and of the resources,
	// for RCPs. Without it the keys that tell an account may have any value.
	Account string
	// Organization is the id of the organization that Account belongs to; ""
	// leaves the keys that tell it any value.
	Organization string
}

// DefaultBudget is enough for every set of policies that an organization can
// attach, unless its patterns were made to be hard.
const DefaultBudget = 4_000_000

// Kinds are those of the documents that can be compared.
func Kinds() []policy.Kind {
	return []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.IdentityPolicy, policy.PermissionsBoundary}
}

// Compare says what b is to a. Both are of one kind: of SCPs and RCPs the
// levels from the root to the account, of others one level with all
// documents. RCPFullAWSAccess is implied; FullAWSAccess is not.
//
// The error names the statement that means nothing, as [eval.Compile] does.
func Compare(kind policy.Kind, a, b []eval.Level, o Options) (Result, error) {
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	if !slices.Contains(Kinds(), kind) {
		return Result{}, fmt.Errorf("documents of the kind %q cannot be compared", kind)
	}
	s := newSolver(o.Budget)
	s.account = cmp.Or(o.Account, account)
	var sides [2]*side
	for i, levels := range [][]eval.Level{a, b} {
		if _, err := eval.Compile(eval.Organization{}, around(kind, levels, &eval.Request{})); err != nil {
			return Result{}, fmt.Errorf("the %s set: %w", []string{"first", "second"}[i], err)
		}
		var err error
		if sides[i], err = s.side(kind, levels); err != nil {
			return Result{}, fmt.Errorf("the %s set: %w", []string{"first", "second"}[i], err)
		}
	}
	base, never := s.reached(kind)
	base = append(base, s.given(kind, o)...)
	s.freeze()
	var r Result
	r.Lost = s.direction(sides[0], sides[1], base, never, o)
	r.Gained = s.direction(sides[1], sides[0], base, never, o)
	lost, gained := r.Lost.Witness != nil, r.Gained.Witness != nil
	switch {
	case lost && gained:
		r.Relation = Different
	case r.Lost.Unknown != "" || r.Gained.Unknown != "":
		r.Relation = Unknown
	case lost:
		r.Relation = Narrower
	case gained:
		r.Relation = Wider
	default:
		r.Relation = Equal
	}
	return r, nil
}

// A side is one of the sets, taken apart: at each level one of the clauses has
// to match, and none of the denials may.
type side struct {
	kind   policy.Kind
	levels []eval.Level
	allows [][]clause
	denies []clause
}

func (s *solver) side(kind policy.Kind, levels []eval.Level) (*side, error) {
	d := &side{kind: kind, levels: levels}
	seen := map[string]bool{}
	for i := range levels {
		var allows []clause
		for j := range levels[i].Policies {
			doc := &levels[i].Policies[j]
			for k := range doc.Policy.Statements {
				st := &doc.Policy.Statements[k]
				if st.NotPrincipal != nil || st.Principal != nil && !st.Principal.Everyone {
					return nil, fmt.Errorf("document %d, statement %d: a principal other than \"*\" cannot be compared", j+1, k+1)
				}
				c, err := s.clause(st, doc.Policy.Version == policy.Version2012)
				if err != nil {
					return nil, fmt.Errorf("document %d, statement %d: %w", j+1, k+1, err)
				}
				switch {
				case st.Effect == policy.Allow:
					allows = append(allows, c)
				default:
					slices.Sort(c)
					if as := fmt.Sprint(c); !seen[as] {
						seen[as] = true
						d.denies = append(d.denies, c)
					}
				}
			}
		}
		switch kind {
		case policy.ServiceControlPolicy:
			d.allows = append(d.allows, allows)
		case policy.IdentityPolicy, policy.PermissionsBoundary: // one level, which may allow nothing
			if i == 0 {
				d.allows = [][]clause{nil}
			}
			d.allows[0] = append(d.allows[0], allows...)
		}
	}
	if len(levels) == 0 && (kind == policy.IdentityPolicy || kind == policy.PermissionsBoundary) {
		d.allows = [][]clause{nil}
	}
	return d, nil
}

// reached says which requests policies of a kind reach at all: literals that
// hold, and clauses that do not.
func (s *solver) reached(kind policy.Kind) (base clause, never []clause) {
	if kind == policy.ResourceControlPolicy {
		var services []string
		for _, service := range awsdata.RCPServices.Value {
			services = append(services, service+":*")
		}
		base = append(base, lit(s.actions(services), true))
		keys := s.core("resource", false, []string{"arn:*:*:*:*:alias/aws/*"}, func() *core {
			return &core{patterns: s.patterns([]string{"arn:*:*:*:*:alias/aws/*"}, eval.Syntax{Wildcards: true, Resource: true})}
		})
		never = append(never,
			clause{lit(s.actions([]string{"kms:RetireGrant"}), true)},
			clause{lit(s.actions([]string{"kms:*"}), true), lit(s.atom(atom{v: resourceVar, core: keys}), true)})
	}
	// No policy of these kinds reaches service-linked roles.
	if _, asked := s.keys["aws:principalarn"]; asked && kind != policy.IdentityPolicy {
		a, err := s.condition("ArnLike", "aws:PrincipalArn", []string{"arn:*:iam::*:role/aws-service-role/*"}, false)
		if err != nil {
			panic(err) // it is an operator
		}
		never = append(never, clause{lit(a, true)})
	}
	return base, never
}

// given are the literals of what all requests have in common.
func (s *solver) given(kind policy.Kind, o Options) (base clause) {
	hold := func(operator, key, value string) {
		if _, asked := s.keys[small(key)]; !asked || value == "" {
			return // the key makes no difference
		}
		a, err := s.condition(operator, key, []string{value}, false)
		if err != nil {
			panic(err) // it is an operator
		}
		base = append(base, lit(a, true))
	}
	if kind == policy.ResourceControlPolicy {
		hold("StringEquals", "aws:ResourceAccount", o.Account)
		hold("StringEquals", "aws:ResourceOrgID", o.Organization)
		return base
	}
	hold("StringEquals", "aws:PrincipalAccount", o.Account)
	hold("StringEquals", "aws:PrincipalOrgID", o.Organization)
	if o.Account != "" {
		hold("ArnLike", "aws:PrincipalArn", "arn:*:*::"+o.Account+":*")
	}
	return base
}

// direction looks for a request that one side allows and the other does not:
// first with an action that AWS's data has, because that says more.
func (s *solver) direction(allows, denies *side, base clause, never []clause, o Options) Direction {
	s.meter.left = o.Budget / 2
	s.onlyKnown = true
	d := s.difference(allows, denies, base, never)
	if d.Witness == nil && !o.KnownActions {
		s.onlyKnown = false
		d = s.difference(allows, denies, base, never)
	}
	return d
}

func (s *solver) difference(allows, denies *side, base clause, never []clause) Direction {
	why := ""
	try := func(q *question, ls clause) *Witness {
		q.why = ""
		m := q.answer(slices.Concat(base, ls))
		if m != nil {
			w, err := s.witness(m, allows, denies)
			if err == nil {
				return w
			}
			q.why = err.Error()
		}
		if why == "" {
			why = q.why
		}
		return nil
	}
	alike := map[string]bool{}
	for _, d := range allows.denies {
		alike[fmt.Sprint(d)] = true
	}
	clauses := slices.Concat(never, allows.denies)
	q := s.ask(clauses, allows.allows)
	for _, d := range denies.denies {
		if alike[fmt.Sprint(d)] {
			continue
		}
		if w := try(q, d); w != nil {
			return Direction{Witness: w}
		}
	}
	for _, level := range denies.allows {
		if w := try(s.ask(slices.Concat(clauses, level), allows.allows), nil); w != nil {
			return Direction{Witness: w}
		}
	}
	return Direction{Unknown: why}
}
