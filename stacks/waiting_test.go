package stacks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

// A new account is placed where new ones wait until its stack and the policies
// are deployed with this plan; any other is placed where it belongs.
func TestWhereAccountsArePlaced(t *testing.T) {
	p := fixture()
	p.Organization.NewAccounts = "Security"
	digests := map[string]string{}
	with := *p
	with.Baselines = append(slices.Clone(p.Baselines), guardrails.Baseline{Account: "sandbox", Roles: []guardrails.Role{{Name: "Auditor"}}})
	for _, s := range []Stack{{Name: "account-sandbox", Kind: AccountKind, Key: "sandbox"}, {Name: policiesStack, Kind: PoliciesKind}} {
		digests[s.Name] = digest(&with, s)
	}
	const quarantine = "ou-ab12-11111111"
	for _, c := range []struct {
		name    string
		known   string // id of the plan
		had     bool   // the stack has exported it before
		waited  bool
		ready   []string // stacks that are deployed
		imports string
		made    bool
		nothing bool   // is placed there
		at      string // where it is placed
	}{
		{name: "a new one", at: quarantine},
		{name: "one that exists", known: "555555555555", at: "r-ab12"},
		{name: "one that exists and was never waiting", had: true, at: "r-ab12"},
		{name: "one that waits", known: "555555555555", had: true, waited: true, at: quarantine},
		{name: "one that waits and is half deployed", had: true, waited: true, ready: []string{"account-sandbox"}, at: quarantine},
		{name: "one that waits for its own stack", had: true, waited: true, ready: []string{policiesStack}, at: quarantine},
		{name: "one that is deployed", had: true, waited: true, ready: []string{"account-sandbox", policiesStack}, at: "r-ab12"},
		{name: "one that has no stack", had: true, waited: true, nothing: true, ready: []string{policiesStack}, at: "r-ab12"},
		{name: "one found by its e-mail", imports: "555555555555", at: "r-ab12"},
		{name: "one that a killed run has made", imports: "555555555555", made: true, at: quarantine},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := *p
			if !c.nothing {
				p.Baselines = with.Baselines
			}
			p.IDs = maps.Clone(p.IDs)
			own := Outputs{}
			if c.known != "" {
				p.IDs["account:sandbox"] = c.known
			}
			if c.had {
				own[AccountIDsOutput] = map[string]any{"sandbox": "555555555555"}
			}
			if c.waited {
				own[WaitingOutput] = []any{"sandbox"}
			}
			known := Known{organizationStack: own}
			for _, name := range c.ready {
				known[name] = Outputs{DigestOutput: digests[name]}
			}
			opts := Options{Reader: known, Imports: map[string]string{}, Made: map[string]bool{AccountName("sandbox"): c.made}}
			if c.imports != "" {
				opts.Imports[AccountName("sandbox")] = c.imports
			}
			program, err := Program(&p, organizationStack, opts)
			if err != nil {
				t.Fatal(err)
			}
			m := &monitor{organization: live()}
			m.organization["accounts"] = append(m.organization["accounts"].([]any), map[string]any{"id": "555555555555", "email": "sandbox@acme.example", "name": "sandbox", "status": "ACTIVE"})
			if err := m.run(t, organizationStack, false, program); err != nil {
				t.Fatal(err)
			}
			for _, r := range m.resources(t) {
				if r.Name == AccountName("sandbox") && r.Inputs["parentId"] != c.at {
					t.Errorf("it is placed in %v, want %s", r.Inputs["parentId"], c.at)
				}
			}
			waits := strings.Join(Outputs(m.outputs).StringList(WaitingOutput), " ")
			if (waits == "sandbox") != (c.at == quarantine) {
				t.Errorf("waiting are %q", waits)
			}
		})
	}
}

// What is closed, or no member, is neither registered nor guarded, and said.
func TestAccountsThatAreAbsent(t *testing.T) {
	p := fixture()
	p.IDs["account:sandbox"] = "555555555555"
	program, err := Program(p, organizationStack, Options{Reader: Known{}})
	if err != nil {
		t.Fatal(err)
	}
	m := &monitor{organization: live()}
	m.organization["accounts"].([]any)[0].(map[string]any)["status"] = "SUSPENDED" // identity, which administers
	if err := m.run(t, organizationStack, false, program); err != nil {
		t.Fatal(err)
	}
	for _, r := range m.resources(t) {
		if strings.Contains(r.Name, "identity") || strings.Contains(r.Name, "sandbox") {
			t.Errorf("%s is registered", r.Name)
		}
	}
	absent := Outputs(m.outputs).StringMap(AbsentOutput)
	if !maps.Equal(absent, map[string]string{"identity": "SUSPENDED", "sandbox": NoMember}) {
		t.Errorf("absent are %v", absent)
	}
	if ids := Outputs(m.outputs).StringMap(AccountIDsOutput); ids["identity"] != "777777777777" || ids["sandbox"] != "555555555555" {
		t.Errorf("the ids are %v", ids)
	}
	said := strings.Join(m.warnings, "\n")
	for _, want := range []string{"account identity (777777777777) is SUSPENDED", "[GR428]", "account sandbox (555555555555) is no member", "[GR429]"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}

	// The policies wait for no boundary there, and attach nothing to no member.
	known := deployed()
	known[organizationStack][AbsentOutput] = map[string]any{"payments": "SUSPENDED", "sandbox": NoMember}
	known["account-payments"] = Outputs{}
	m, err = register(t, policiesStack, Options{Reader: known})
	if err != nil {
		t.Fatal(err)
	}
	if pending := Outputs(m.outputs).StringList(PendingOutput); len(pending) > 0 {
		t.Errorf("pending are %v", pending)
	}
}
