package awsdata

import (
	"slices"
	"strings"
	"testing"
)

func TestFindingPropertiesAreSortedAndUsed(t *testing.T) {
	if !slices.IsSortedFunc(FindingProperties.Value, func(a, b FindingProperty) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	for _, p := range FindingProperties.Value {
		if !p.External && !p.Unused {
			t.Errorf("%s belongs to no analyzer", p.Name)
		}
	}
}

func TestLookupFindingProperty(t *testing.T) {
	for name, known := range map[string]bool{
		"principal.AWS": true, "condition.aws:PrincipalOrgID": true,
		"principal.aws": false, "condition.": false, "condition.PrincipalOrgID": false, "": false,
	} {
		if _, ok := LookupFindingProperty(name); ok != known {
			t.Errorf("%q: known is %v", name, ok)
		}
	}
}
