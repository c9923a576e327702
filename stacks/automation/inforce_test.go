package automation

import (
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/stacks"
)

// What the policies stack has taken FullAWSAccess from is known by what the
// organization stack calls it since, before and after that one is deployed.
func TestFullAccessInForceAtRenamedNodes(t *testing.T) {
	p := &guardrails.Plan{
		IDs:      map[string]string{"account:shop": "222222222222"},
		Units:    []guardrails.Unit{{Path: "Workloads", Name: "Workloads", Parent: "root", Was: []string{"Work"}}},
		Accounts: []guardrails.Account{{Key: "shop", Parent: "Workloads"}},
	}
	policies := stacks.Outputs{
		stacks.DetachedOutput:      []any{"unit:Work", "account:store"},
		stacks.FullAccessIDsOutput: map[string]any{"unit:Work": "ou-abcd-11111111", "account:store": "222222222222"},
	}
	for name, organization := range map[string]stacks.Outputs{
		"before": {stacks.UnitIDsOutput: map[string]any{"Work": "ou-abcd-11111111"}, stacks.AccountIDsOutput: map[string]any{"store": "222222222222"}},
		"after":  {stacks.UnitIDsOutput: map[string]any{"Workloads": "ou-abcd-11111111"}, stacks.AccountIDsOutput: map[string]any{"shop": "222222222222"}},
	} {
		before, err := inForce(p, organization, policies, nil)
		if err != nil {
			t.Fatal(err)
		}
		q, err := diff.InForce(before, p)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(q.NoFullAccess)
		if !slices.Equal(q.NoFullAccess, []string{"account:shop", "unit:Workloads"}) {
			t.Errorf("%s the organization is deployed: without FullAWSAccess are %v", name, q.NoFullAccess)
		}
	}
}
