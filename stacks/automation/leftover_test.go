package automation

import (
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

func TestSubset(t *testing.T) {
	p := &guardrails.Plan{
		Organization: guardrails.Organization{TrustedServices: []string{"iam.amazonaws.com"}, PolicyTypes: []string{"SERVICE_CONTROL_POLICY"},
			CentralizedRootAccess: []string{"RootSessions"}, DelegatedAdministrators: []guardrails.DelegatedAdministrator{{Account: "a"}}},
		Units:    []guardrails.Unit{{Path: "A", Parent: "root"}, {Path: "A/B", Parent: "A"}, {Path: "A/B/C", Parent: "A/B"}, {Path: "D", Parent: "root"}},
		Accounts: []guardrails.Account{{Key: "a"}},
		Policies: []guardrails.Policy{{Name: "x", Pending: &guardrails.Pending{}}, {Name: "y"}},
		Attachments: []guardrails.Attachment{
			{Policy: "x", Target: "root"}, {Policy: "x", Target: "unit:A"}, {Policy: "y", Target: "root"},
		},
	}
	want := func(names ...string) func(string) bool {
		return func(name string) bool {
			for _, n := range names {
				if n == name {
					return true
				}
			}
			return false
		}
	}
	organization, policies := stacks.Stack{Kind: stacks.OrganizationKind}, stacks.Stack{Kind: stacks.PoliciesKind}
	got := subset(p, organization, want(stacks.UnitName("A/B")))
	if len(got.Units) != 2 || got.Units[0].Path != "A" || got.Units[1].Path != "A/B" {
		t.Errorf("units %v: what is above belongs to it, what is below does not", got.Units)
	}
	if o := got.Organization; len(got.Accounts)+len(got.Policies)+len(o.TrustedServices)+len(o.PolicyTypes)+len(o.CentralizedRootAccess)+len(o.DelegatedAdministrators) > 0 {
		t.Errorf("more than was asked for: %+v", got)
	}
	got = subset(p, policies, want(stacks.PolicyName("x"), stacks.AttachmentName(p.Attachments[1]), stacks.AttachmentName(p.Attachments[2])))
	if len(got.Policies) != 1 || got.Policies[0].Pending != nil || len(got.Attachments) != 1 || got.Attachments[0].Target != "unit:A" {
		t.Errorf("policies %v, attachments %v", got.Policies, got.Attachments)
	}
	if p.Policies[0].Pending == nil || len(p.Units) != 4 {
		t.Error("the plan was changed")
	}
}
