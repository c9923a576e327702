package compile

import (
	"reflect"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

func (a *acme) boundary(key string, required bool, targets, exclude []string) {
	a.PermissionBoundaries = append(a.PermissionBoundaries, org.PermissionBoundary{
		Key: key, Name: key, Template: "developer-boundary", Required: required, Targets: a.targets(targets...), Exclude: a.targets(exclude...), Range: a.next(),
	})
}

func TestBoundariesArePlaced(t *testing.T) {
	a := newAcme()
	a.boundary("developer", false, []string{"root"}, []string{"Security", "dev"})
	p, _ := a.compile(t)
	var in []string
	for _, b := range p.Baselines {
		for _, m := range b.Boundaries {
			in = append(in, b.Account+" "+m.Name)
		}
	}
	if !reflect.DeepEqual(in, []string{"payments developer", "play developer", "shop developer"}) {
		t.Errorf("%q: never management implicitly, never what is excluded", in)
	}
	m := baseline(t, p, "play").Boundaries[0]
	if !strings.Contains(string(m.Document), "policy/developer") || m.Statements[1].Guardrail != "developer-boundary" || m.Origin != "organization.yaml:14:3" {
		t.Errorf("%+v", m)
	}
	if len(p.Policies) != 0 {
		t.Error("a boundary that is not required makes no SCP")
	}
}

func requirement(t *testing.T, p *guardrails.Plan, policyName string) (guardrails.Policy, policy.Statement) {
	t.Helper()
	pol, doc := document(t, p, policyName)
	for i, s := range pol.Statements {
		if s.Guardrail == requireBoundary {
			return pol, doc.Statements[i]
		}
	}
	t.Fatalf("%s requires no boundary: %s", policyName, pol.Content)
	return pol, policy.Statement{}
}

func TestRequiredBoundaries(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles")
	a.use("Workloads", "protect-trails")
	a.boundary("developer", true, []string{"Workloads", "Sandbox"}, []string{"dev"})
	a.role(org.Role{Key: "BreakGlass", BreakGlass: true, Trust: &org.Trust{Users: []org.TrustedUser{{Account: a.Management, Name: "g"}}}}, "root")
	p, _ := a.compile(t)

	pol, s := requirement(t, p, "orgrails-scp-Workloads")
	if got := s.Condition["ArnNotLike"]["iam:PermissionsBoundary"]; !reflect.DeepEqual(got, policy.Values{"arn:aws:iam::*:policy/developer"}) {
		t.Errorf("%q", got)
	}
	if got := s.Condition["StringNotEquals"]["aws:PrincipalAccount"]; !reflect.DeepEqual(got, policy.Values{"{{id:account:dev}}"}) {
		t.Errorf("the excluded account is hit: %q", got)
	}
	if got := s.Condition["ArnNotLike"]["aws:PrincipalArn"]; !reflect.DeepEqual(got, policy.Values{"arn:aws:iam::*:role/BreakGlass", "arn:aws:iam::*:role/OrganizationAccountAccessRole"}) {
		t.Errorf("spares %q", got)
	}
	if want := []guardrails.BoundaryNeed{{Account: "payments", Policy: "developer"}, {Account: "shop", Policy: "developer"}}; pol.Pending == nil || !reflect.DeepEqual(pol.Pending.Needs, want) {
		t.Errorf("%+v", pol.Pending)
	}
	if d := parsed(t, pol.Pending.Content); len(d.Statements) != 1 || d.Statements[0].Sid != "ProtectTrails" {
		t.Errorf("pending: %s", pol.Pending.Content)
	}
	pol, s = requirement(t, p, "orgrails-scp-Sandbox")
	if pol.Pending.Content != "" || s.Condition["StringNotEquals"] != nil {
		t.Errorf("%+v %+v", pol.Pending, s.Condition)
	}
}

// Where boundaries overlap, each that is required in an account is good there:
// two SCPs that each ask for another one would let nobody create a role.
func TestOverlappingRequiredBoundaries(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles")
	a.boundary("developer", true, []string{"Workloads"}, []string{"shop", "dev"})
	a.boundary("payer", true, []string{"Workloads/Prod"}, nil)
	a.boundary("optional", false, []string{"Workloads"}, nil)
	p, _ := a.compile(t)
	pol, s := requirement(t, p, "orgrails-scp-Workloads")
	if got := s.Condition["ArnNotLike"]["iam:PermissionsBoundary"]; !reflect.DeepEqual(got, policy.Values{"arn:aws:iam::*:policy/developer", "arn:aws:iam::*:policy/payer"}) {
		t.Errorf("accepts %q", got)
	}
	if got := s.Condition["StringNotEquals"]["aws:PrincipalAccount"]; !reflect.DeepEqual(got, policy.Values{"{{id:account:dev}}"}) {
		t.Errorf("leaves alone %q; shop must have payer", got)
	}
	want := []guardrails.BoundaryNeed{{Account: "payments", Policy: "developer"}, {Account: "payments", Policy: "payer"}, {Account: "shop", Policy: "payer"}}
	if !reflect.DeepEqual(pol.Pending.Needs, want) {
		t.Errorf("needs %+v", pol.Pending.Needs)
	}
	if len(p.Policies) != 2 {
		t.Errorf("%d policies, want root and Workloads: none at Workloads/Prod", len(p.Policies))
	}
}

func TestRequiredBoundariesOfNobody(t *testing.T) {
	a := newAcme()
	a.unit("Empty")
	a.boundary("developer", true, []string{"Empty"}, nil)
	a.boundary("manager", true, []string{"management"}, nil)
	p, _ := a.compile(t)
	if len(p.Policies) != 0 || len(baseline(t, p, "management").Boundaries) != 1 {
		t.Errorf("%+v", p.Policies)
	}
}

func TestRefusedBoundaries(t *testing.T) {
	a := newAcme()
	a.boundary("developer", false, []string{"Workloads"}, nil)
	a.boundary("other", false, []string{"shop"}, nil)
	a.PermissionBoundaries[1].Name = "Developer"
	a.boundary("wrong", false, []string{"Sandbox"}, nil)
	a.PermissionBoundaries[2].Template = "protect-trails"
	big := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["a:` + strings.Repeat("x", 7000) + `"]}]}`
	a.PermissionBoundaries = append(a.PermissionBoundaries, org.PermissionBoundary{Key: "big", Name: "big", File: "big.json", Source: []byte(big), Targets: a.targets("Sandbox"), Range: a.next()})
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	d := expect(t, p, ds, "GR321", "two managed policies named \"Developer\" in the account shop")
	if len(d.Related) != 1 {
		t.Errorf("%+v", d)
	}
	expect(t, p, ds, "GR303", "protect-trails is a service control policy and no permissions boundary")
	expect(t, p, ds, "GR320", "the managed policy big is 70", "AWS takes 6144")
}
