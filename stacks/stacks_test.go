package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

func names(list []Stack) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func TestListIsInDeploymentOrder(t *testing.T) {
	p := fixture()
	p.Baselines = append(p.Baselines, guardrails.Baseline{Account: "zeta", Roles: []guardrails.Role{}})
	p.Baselines[1].Roles = []guardrails.Role{{Name: "BreakGlass"}}
	p.Baselines[2].Roles[0].Trust = `{"AWS":"arn:aws:iam::{{id:account:zeta}}:role/hub"}`
	p.Analyzers = append(p.Analyzers, guardrails.AnalyzerRegion{Region: "eu-central-1", Administrator: "identity"})
	want := "organization account-identity account-zeta account-payments account-management analyzers-eu-central-1 analyzers-eu-west-1 policies"
	if got := names(List(p)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var waves []string
	for _, w := range Waves(p) {
		waves = append(waves, names(w))
	}
	if got, want := strings.Join(waves, " | "), "account-identity account-zeta | account-payments account-management"; got != want {
		t.Errorf("waves: got %s, want %s", got, want)
	}
}

func TestParseNameIsTheInverseOfList(t *testing.T) {
	for _, s := range List(fixture()) {
		s.Digest = ""
		if got, ok := ParseName(s.Name); !ok || got != s {
			t.Errorf("ParseName(%q) = %v, %v", s.Name, got, ok)
		}
	}
	for _, name := range []string{"", "account-", "analyzers-", "other", "Organization"} {
		if s, ok := ParseName(name); ok {
			t.Errorf("ParseName(%q) = %v, want none", name, s)
		}
	}
}

// A change of the plan must change the digests of the stacks that deploy it,
// and of no other.
func TestDigestCoversWhatAStackDeploys(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*guardrails.Plan)
		want   string
	}{
		{"an id became known", func(p *guardrails.Plan) { p.IDs["account:sandbox"] = "555555555555" }, ""},
		{"lines moved", func(p *guardrails.Plan) {
			p.Units[0].Origin, p.Accounts[0].Origin = "a:9:9", "a:9:9"
			p.Baselines[2].Boundaries[0].Origin, p.Baselines[2].Roles[0].Origin, p.Baselines[2].PasswordPolicy.Origin = "a:9:9", "a:9:9", "a:9:9"
			p.Baselines[0].Groups[0].Origin, p.Baselines[0].Groups[0].Policy.Origin = "a:9:9", "a:9:9"
			p.Analyzers[0].Analyzers[0].Origin, p.Analyzers[0].Analyzers[0].ArchiveRules[0].Origin = "a:9:9", "a:9:9"
			p.Policies[0].Statements = []guardrails.Statement{{Sid: "A", Origin: "a:9:9"}}
			p.Organization.DelegatedAdministrators[0].Origin = "a:9:9"
		}, ""},
		{"an account moved", func(p *guardrails.Plan) { p.Accounts[2].Parent = "Security" }, "organization"},
		{"a role changed", func(p *guardrails.Plan) { p.Baselines[2].Roles[0].MaxSessionDuration = 7200 }, "account-payments"},
		{"an analyzer changed", func(p *guardrails.Plan) { p.Analyzers[0].Analyzers[0].UnusedAccessAge = 30 }, "analyzers-eu-west-1"},
		{"a policy changed", func(p *guardrails.Plan) { p.Policies[0].Content = "{}" }, "policies"},
		{"what a policy needs changed", func(p *guardrails.Plan) { p.Policies[1].Pending.Needs[0].Policy = "other" }, "policies"},
		{"an attachment changed", func(p *guardrails.Plan) { p.Attachments[0].Target = "unit:Security" }, "policies"},
		{"the deploy role changed", func(p *guardrails.Plan) { p.Organization.DeployRole = "Deployer" },
			"organization account-identity account-payments analyzers-eu-west-1 policies"},
	} {
		before, changed := List(fixture()), fixture()
		c.change(changed)
		var got []string
		for i, s := range List(changed) {
			if s.Digest != before[i].Digest {
				got = append(got, s.Name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: changed the digests of %v, want %q", c.name, got, c.want)
		}
	}
}

func TestDigestLeavesThePlanAlone(t *testing.T) {
	p := fixture()
	p.Baselines[2].Roles[0].Origin = "organization.yaml:3:1"
	List(p)
	if p.Baselines[2].Roles[0].Origin == "" || p.Baselines[2].PasswordPolicy.Origin == "" {
		t.Error("List has changed the plan")
	}
}

// Before the organization is deployed with the file's new key of a unit, its id
// is exported under the former one.
func TestAUnitWithANewKeyKeepsItsID(t *testing.T) {
	p := &guardrails.Plan{Units: []guardrails.Unit{{Path: "Work", Was: []string{"Workloads"}}, {Path: "Work/Prod", Was: []string{"Workloads/Prod", "Work/Live"}}}}
	ids := IDs(p, Outputs{UnitIDsOutput: map[string]any{"Workloads": "ou-1", "Work/Live": "ou-2"}})
	if ids["unit:Work"] != "ou-1" || ids["unit:Work/Prod"] != "ou-2" {
		t.Errorf("%v", ids)
	}
	if ids := IDs(p, Outputs{UnitIDsOutput: map[string]any{"Workloads": "ou-1", "Work": "ou-3"}}); ids["unit:Work"] != "ou-3" {
		t.Errorf("with both, %v", ids)
	}
}

func TestIDsDigestCoversTheIDsThatAStackUses(t *testing.T) {
	p := fixture()
	s, _ := ParseName("account-identity")
	if got, want := Refs(p, s), []string{"account:identity", "account:sandbox"}; !slices.Equal(got, want) {
		t.Fatalf("Refs = %v, want %v", got, want)
	}
	ids := map[string]string{"account:identity": "777777777777", "account:sandbox": "555555555555"}
	before := IDsDigest(p, s, ids)
	ids["account:payments"] = "444444444444"
	if IDsDigest(p, s, ids) != before {
		t.Error("an id that the stack does not use changed its digest")
	}
	ids["account:sandbox"] = "666666666666"
	if IDsDigest(p, s, ids) == before {
		t.Error("an id that the stack uses did not change its digest")
	}
}
