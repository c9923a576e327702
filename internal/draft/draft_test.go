package draft_test

import (
	"path/filepath"
	"testing"
)

// What was deployed from the example comes out again.
func TestAcme(t *testing.T) {
	plan := load(t, filepath.Join("..", "..", "examples", "acme", "organization.yaml"))
	d, again := drafted(t, deployed(t, plan, nil))
	t.Logf("%d notes: %q", len(d.Notes), d.Notes)
	t.Logf("%v", d.Found)
	same := 0
	for _, p := range plan.Policies {
		for _, q := range again.Policies {
			if p.Type == q.Type && p.Name == q.Name {
				same++
			}
		}
	}
	if same != len(plan.Policies) || len(again.Policies) != same {
		t.Errorf("%d policies of %d, and %d are drafted", same, len(plan.Policies), len(again.Policies))
	}
}
