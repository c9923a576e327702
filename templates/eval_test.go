package templates_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A request is a vector as the small evaluator below reads it: condition keys
// in small letters. What follows from the principal is added where the vector
// does not say otherwise.
type request struct {
	action, resource string
	context          map[string][]string
}

func newRequest(t *testing.T, v catalog.Vector) request {
	r := request{action: v.Action, resource: v.Resource, context: map[string][]string{}}
	if r.resource == "" {
		r.resource = "*"
	}
	if strings.HasPrefix(v.Principal, "arn:") {
		r.context["aws:principalarn"] = []string{v.Principal}
		r.context["aws:principalaccount"] = []string{strings.Split(v.Principal, ":")[4]}
	}
	for key, val := range v.Context {
		switch val := val.(type) {
		case string:
			r.context[strings.ToLower(key)] = []string{val}
		case []any:
			for _, item := range val {
				r.context[strings.ToLower(key)] = append(r.context[strings.ToLower(key)], item.(string))
			}
		default:
			t.Fatalf("%s: %v", key, val)
		}
	}
	return r
}

// denies reports whether a statement of the document denies the request.
func (r request) denies(d policy.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Effect == policy.Deny && r.meets(s) })
}

func (r request) meets(s policy.Statement) bool {
	return either(s.Action, s.NotAction, r.action, true) && either(r.fill(s.Resource), r.fill(s.NotResource), r.resource, false) && r.holds(s.Condition)
}

func either(in, notIn policy.Values, s string, fold bool) bool {
	match := func(p string) bool { return policy.Match(p, s, fold) }
	if notIn != nil {
		return !slices.ContainsFunc(notIn, match)
	}
	return slices.ContainsFunc(in, match)
}

// fill puts policy variables in; a pattern with a missing one matches nothing.
func (r request) fill(vs policy.Values) policy.Values {
	if vs == nil {
		return nil
	}
	out := policy.Values{}
	for _, v := range vs {
		if name, ok := r.context["aws:username"]; ok {
			v = strings.ReplaceAll(v, "${aws:username}", name[0])
		}
		if !strings.Contains(v, "${") {
			out = append(out, v)
		}
	}
	return out
}

func (r request) holds(cs policy.Conditions) bool {
	for _, op := range slices.Sorted(maps.Keys(cs)) {
		for key, vals := range cs[op] {
			if !r.condition(op, r.context[strings.ToLower(key)], vals) {
				return false
			}
		}
	}
	return true
}

// condition follows the IAM User Guide, "IAM JSON policy elements: Condition
// operators" and "Multiple context keys or values".
func (r request) condition(operator string, got []string, want policy.Values) bool {
	set, op, ifExists, ok := policy.SplitOperator(operator)
	if !ok {
		panic("unknown operator " + operator)
	}
	if op == "Null" {
		return (len(got) == 0) == (want[0] == "true")
	}
	negated := strings.Contains(op, "Not")
	if len(got) == 0 {
		return ifExists || set == "ForAllValues" || negated && set == ""
	}
	one := func(g string) bool {
		any := slices.ContainsFunc(want, func(w string) bool { return compare(strings.Replace(op, "Not", "", 1), g, w) })
		return any != negated
	}
	if set == "ForAllValues" {
		return !slices.ContainsFunc(got, func(g string) bool { return !one(g) })
	}
	return slices.ContainsFunc(got, one)
}

func compare(op, got, want string) bool {
	switch op {
	case "StringEquals":
		return got == want
	case "Bool":
		return strings.EqualFold(got, want)
	case "StringLike":
		return policy.Match(want, got, false)
	case "ArnLike", "ArnEquals":
		g, w := strings.SplitN(got, ":", 6), strings.SplitN(want, ":", 6)
		for i := range w {
			if len(g) != len(w) || !policy.Match(w[i], g[i], false) {
				return false
			}
		}
		return true
	case "NumericGreaterThan", "NumericLessThan":
		g, errG := strconv.ParseFloat(got, 64)
		w, errW := strconv.ParseFloat(want, 64)
		return errG == nil && errW == nil && (op == "NumericGreaterThan" && g > w || op == "NumericLessThan" && g < w)
	}
	panic("no comparison for " + op)
}

// Every vector gets the answer it expects, and every statement that denies is
// needed by one of them: without it, some request would pass.
func TestVectors(t *testing.T) {
	for _, tm := range load(t).All() {
		if tm.Type == catalog.PasswordPolicyPreset {
			continue
		}
		needed := map[string]bool{}
		for _, v := range tm.Vectors {
			d := instantiate(t, tm, v.Parameters)
			r := newRequest(t, v)
			if got := r.denies(d); got != (v.Expect == "deny") {
				t.Errorf("%s: %s: denied is %v", tm.ID, v.Name, got)
			}
			for i, s := range d.Statements {
				without := policy.Document{Statements: slices.Delete(slices.Clone(d.Statements), i, i+1)}
				if v.Expect == "deny" && r.denies(d) && !r.denies(without) {
					needed[s.Sid] = true
				}
			}
		}
		for _, s := range tm.Statements {
			if s.Effect == "Deny" && !needed[s.Sid] {
				t.Errorf("%s: no vector needs the statement %s", tm.ID, s.Sid)
			}
		}
	}
}

// Every parameter is given by a vector, every exemption spares one, and a
// vector that must pass is a near miss: it shares the action, the principal or
// the resource with one that is denied.
func TestVectorsAreNearMisses(t *testing.T) {
	for _, tm := range load(t).All() {
		given := map[string]map[string]bool{}
		spared := false
		var denied []catalog.Vector
		for _, v := range tm.Vectors {
			for name := range v.Parameters {
				if given[name] == nil {
					given[name] = map[string]bool{}
				}
				given[name][v.Expect] = true
			}
			if v.Expect == "deny" {
				denied = append(denied, v)
			}
			spared = spared || v.Expect == "allow" && strings.HasSuffix(v.Principal, ":role/OrganizationAccountAccessRole")
		}
		for name := range tm.Parameters {
			if !given[name]["deny"] || !given[name]["allow"] {
				// A list that only adds to what is there has one side.
				if len(given[name]) == 0 {
					t.Errorf("%s: no vector gives the parameter %s", tm.ID, name)
				}
			}
		}
		if tm.Type == catalog.ServiceControlPolicy && (tm.ExemptDeployRole == nil || *tm.ExemptDeployRole) && !spared {
			t.Errorf("%s: no vector shows that the deploy role is spared", tm.ID)
		}
		for _, v := range tm.Vectors {
			if v.Expect == "allow" && !slices.ContainsFunc(denied, func(d catalog.Vector) bool {
				return d.Action == v.Action || d.Principal == v.Principal || d.Resource == v.Resource
			}) {
				t.Errorf("%s: %s is no near miss", tm.ID, v.Name)
			}
		}
	}
}

// Vectors carry only context that the evaluator understands as strings.
func TestVectorContexts(t *testing.T) {
	for _, tm := range load(t).All() {
		for _, v := range tm.Vectors {
			for key, val := range v.Context {
				if _, ok := val.(bool); ok {
					t.Error(fmt.Errorf("%s: %s: %s is a boolean; AWS compares strings", tm.ID, v.Name, key))
				}
			}
		}
	}
}
