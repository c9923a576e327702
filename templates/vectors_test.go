package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

const owner = "222222222222" // of the resources in the vectors, a member account

// newRequest is the request of a vector. What follows from the principal is
// added where the vector does not say otherwise.
func newRequest(t *testing.T, v catalog.Vector) *eval.Request {
	r := &eval.Request{Principal: v.Principal, Action: v.Action, Resource: v.Resource, ResourceAccount: account(v), Context: map[string][]string{}}
	if strings.HasPrefix(v.Principal, "arn:") {
		r.Context["aws:PrincipalArn"] = []string{v.Principal}
		r.Context["aws:PrincipalAccount"] = []string{account(v)}
	}
	for key, val := range v.Context {
		switch val := val.(type) {
		case string:
			r.Context[key] = []string{val}
		case []any:
			r.Context[key] = nil
			for _, item := range val {
				r.Context[key] = append(r.Context[key], item.(string))
			}
		default:
			t.Fatalf("%s: %s is %v; AWS compares strings", v.Name, key, val)
		}
	}
	if err := r.Check(); err != nil {
		t.Errorf("%s: %v", v.Name, err)
	}
	return r
}

// account is that of the vector's principal.
func account(v catalog.Vector) string {
	if fields := strings.Split(v.Principal, ":"); len(fields) > 5 && fields[4] != "" {
		return fields[4]
	}
	return owner
}

// denies decides a vector with nothing in the way but the document, in the
// place that templates of its type take.
func denies(t *testing.T, tm *catalog.Template, d policy.Document, v catalog.Vector) bool {
	t.Helper()
	full := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}
	open := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Principal: &policy.Principal{Everyone: true}, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}
	p := eval.Policies{Identity: []eval.Document{{Policy: full}}, Resource: &eval.Document{Policy: open}}
	under := []eval.Document{{Policy: full}, {Policy: d}}
	r := newRequest(t, v)
	switch tm.Type {
	case catalog.ServiceControlPolicy:
		p.SCP = []eval.Level{{Policies: under}}
	case catalog.ResourceControlPolicy:
		p.RCP = []eval.Level{{Policies: under[1:]}}
		r.ResourceAccount = owner
	case catalog.PermissionsBoundary:
		// A role's trust names the account, which leaves the decision to the caller's policies.
		p.Boundary, p.Resource = under[1:], &eval.Document{Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
			{Effect: policy.Allow, Principal: &policy.Principal{AWS: policy.Values{account(v)}}, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}}
	default:
		t.Fatalf("%s: no vectors of a %s are decided", tm.ID, tm.Type)
	}
	s, err := eval.Compile(eval.Organization{ID: "o-a1b2c3d4e5", Accounts: []string{owner, account(v)}}, p)
	if err != nil {
		t.Fatalf("%s: %v", tm.ID, err)
	}
	return s.Authorize(r).Decision != eval.Allowed
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
			denied := denies(t, tm, d, v)
			if got := denied; got != (v.Expect == "deny") {
				t.Errorf("%s: %s: denied is %v", tm.ID, v.Name, got)
			}
			for i, s := range d.Statements {
				without := policy.Document{Version: d.Version, Statements: slices.Delete(slices.Clone(d.Statements), i, i+1)}
				if v.Expect == "deny" && denied && !denies(t, tm, without, v) {
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
			if tm.Type.IsDeclarative() {
				continue // TestSettings asks for them
			}
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
