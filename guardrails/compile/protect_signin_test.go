package compile

import (
	"reflect"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
)

// newSAML is an organization whose people sign in with SAML, in two groups.
func newSAML() *acme {
	a := newAcme()
	a.role(org.Role{Key: "Admin"}, "Workloads/Prod")
	a.group("admins", org.Grant{Role: "Admin", In: a.targets("payments")})
	a.group("readers")
	a.Identity.Source, a.Identity.SAMLProvider = "saml", "okta"
	return a
}

// resources lists the resources of the statements of a policy, by their guardrails.
func resources(t *testing.T, p *guardrails.Plan, name string) map[string]string {
	t.Helper()
	pol, doc := document(t, p, name)
	out := map[string]string{}
	for i, s := range doc.Statements {
		out[pol.Statements[i].Guardrail] += strings.ReplaceAll(strings.Join(s.Resource, " "), "arn:aws:iam::*:", "")
	}
	return out
}

func TestSignInWithSAMLIsProtectedInItsAccount(t *testing.T) {
	p, _ := newSAML().compile(t)
	if got, want := resources(t, p, "orgrails-scp-@identity"), map[string]string{
		"protect-roles":          "role/OrganizationAccountAccessRole role/admins role/readers",
		"protect-saml-providers": "saml-provider/okta",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("identity: %q", got)
	}
	got := resources(t, p, "orgrails-scp-root")
	if got["protect-policies"] != "policy/orgrails-assume-admins policy/orgrails-assume-readers" {
		t.Errorf("root: %q", got)
	}
}

func TestSignInIsProtectedOnce(t *testing.T) {
	a := newSAML()
	a.use("Security", "protect-saml-providers")
	a.use("root", "protect-roles", "roles", []any{"role/admins", "role/read*"})
	a.use("root", "protect-policies", "policies", []any{"orgrails-*"})
	p, _ := a.compile(t)
	for _, pol := range p.Policies {
		if pol.Name == "orgrails-scp-@identity" {
			t.Errorf("protected once more: %s", pol.Content)
		}
	}
	if got := resources(t, p, "orgrails-scp-root"); len(got) != 2 || got["protect-policies"] != "policy/orgrails-*" {
		t.Errorf("root: %q", got)
	}
	a.use("Security", "protect-saml-providers", "providers", []any{"other"})
	a.at("Security").Unit.Uses = a.at("Security").Unit.Uses[1:]
	p, _ = a.compile(t)
	if got := resources(t, p, "orgrails-scp-@identity"); got["protect-saml-providers"] != "saml-provider/okta" {
		t.Errorf("another provider is protected, and okta is not: %q", got)
	}
}

func TestNoSCPReachesTheManagementAccount(t *testing.T) {
	a := newSAML()
	a.Identity.Account = a.Management
	p, _ := a.compile(t)
	if len(p.Policies) != 0 {
		t.Errorf("%+v", p.Policies)
	}
}

func TestPoliciesOfProtectedRoles(t *testing.T) {
	make := func(protected ...any) map[string]string {
		a := newAcme()
		a.use("Workloads", "protect-roles", "roles", protected)
		a.boundary("developer", false, []string{"Workloads"}, nil)
		a.boundary("required", true, []string{"Sandbox"}, nil)
		source := []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)
		a.role(org.Role{Key: "Operator", Path: "/ops/", Boundary: "developer", Policies: []org.RolePolicy{{File: "policies/read.json", Source: source}}}, "Workloads")
		a.role(org.Role{Key: "Player", Boundary: "required", Policies: []org.RolePolicy{{File: "policies/read.json", Source: source}}}, "Sandbox")
		p, _ := a.compile(t)
		return resources(t, p, "orgrails-scp-root")
	}
	if got := make("role/ops/*")["protect-policies"]; got != "policy/developer policy/ops/Operator-read" {
		t.Errorf("%q", got)
	}
	if got := make("role/ops/*", "role/Player")["protect-policies"]; got != "policy/Player-read policy/developer policy/ops/Operator-read" {
		t.Errorf("a boundary that is required is protected already: %q", got)
	}
	if got := make("role/other")["protect-policies"]; got != "" {
		t.Errorf("the role is not protected: %q", got)
	}
}

func TestExceptionsThatUndoWhatOthersRestOn(t *testing.T) {
	for _, tt := range []struct{ source, guardrail, account, words string }{
		{"iam", "protect-user-tags", "identity", "members of every group"},
		{"iam", "protect-user-tags", "dev", ""},
		{"saml", "protect-saml-providers", "identity", "sign in as every group"},
		{"saml", "protect-saml-providers", "dev", ""},
		{"saml", "protect-policies", "dev", "what protected roles may do"},
		{"saml", "protect-roles", "dev", "the roles that guardrails spare"},
	} {
		a := newSAML()
		if a.Identity.Source = tt.source; tt.source == "iam" {
			a.Identity.SAMLProvider = ""
		}
		a.use("root", tt.guardrail)
		a.except(exceptionFor("x", tt.guardrail, a.find(tt.account)))
		if tt.words == "" {
			a.compile(t)
		} else {
			a.refuses(t, "GR314", "the exception x lets everybody", tt.words)
		}
		a.Exceptions = nil
		a.except(exceptionFor("x", tt.guardrail, a.find(tt.account)), "role/iam/Keeper")
		a.compile(t)
	}
}

// A guardrail that keeps others from some changes only does not protect.
func TestAProtectionDeniesEveryChange(t *testing.T) {
	p, _ := newSAML().compile(t)
	_, doc := document(t, p, "orgrails-scp-@identity")
	in := &instance{}
	in.hold(doc.Statements)
	const hub = "arn:aws:iam::*:role/admins"
	if !in.protects(hub) {
		t.Fatal("not protected")
	}
	for i := range changes {
		s := doc.Statements[0]
		s.Action = append(s.Action[:i:i], s.Action[i+1:]...)
		less := &instance{}
		less.hold(append(doc.Statements[1:2:2], s))
		if less.protects(hub) {
			t.Errorf("protected without %s", changes[i])
		}
	}
}
