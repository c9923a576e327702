package diff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diff"
)

// New policies come before old ones go: a node needs the room for both.
func TestCrowded(t *testing.T) {
	file := func(unit string, policies ...string) *guardrails.Plan {
		var b strings.Builder
		fmt.Fprintf(&b, "version: 1\norganization: {name: acme, managementAccount: {id: \"111111111111\"}, homeRegion: eu-central-1}\nroot:\n  units:\n    %s\n      guardrails:\n", unit)
		for i, name := range policies {
			fmt.Fprintf(&b, "        - {template: protect-cloudtrail, parameters: {trails: [trail-%d]}, policy: %s}\n", i, name)
		}
		b.WriteString("      accounts: {shop: {id: \"222222222222\", email: shop@acme.example}}\n")
		return plan(t, b.String())
	}
	names := func(begin string, n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("%s%d", begin, i))
		}
		return out
	}
	quotas := awsdata.Quotas{}.WithDefaults()
	crowds, err := diff.Crowded(file("Shop:", names("A", 5)...), file("Shop:", names("B", 5)...), quotas)
	if err != nil || len(crowds) != 1 {
		t.Fatal(crowds, err)
	}
	c := crowds[0]
	if c.Target != "unit:Shop" || c.Needs != 11 || c.Most != 10 || !slices.Equal(c.Old, names("A", 5)) || !slices.Equal(c.New, names("B", 5)) {
		t.Errorf("%+v", c)
	}
	for what, after := range map[string]*guardrails.Plan{
		"fewer":          file("Shop:", names("B", 4)...),
		"the same":       file("Shop:", names("A", 5)...),
		"under its name": file("Renamed:\n      was: [Shop]", names("A", 5)...),
	} {
		if crowds, err := diff.Crowded(file("Shop:", names("A", 5)...), after, quotas); err != nil || len(crowds) > 0 {
			t.Errorf("%s: %+v %v", what, crowds, err)
		}
	}
}
