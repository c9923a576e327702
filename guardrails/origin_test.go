package guardrails

import "testing"

func TestOrigins(t *testing.T) {
	for origin, want := range map[string][2]string{
		"organization.yaml:8:16":                        {"organization.yaml:8:16", ""},
		"organization.yaml:8:16, foundation (orgrails)": {"organization.yaml:8:16", "foundation"},
		"a, b (orgrails).yaml:8:16":                     {"a, b (orgrails).yaml:8:16", ""},
		"a, b.yaml:8:16, data-perimeter (orgrails)":     {"a, b.yaml:8:16", "data-perimeter"},
	} {
		place, set := SplitOrigin(origin)
		if place != want[0] || set != want[1] {
			t.Errorf("%s: %q and %q", origin, place, set)
		}
		if back := OriginIn(place, set); back != origin {
			t.Errorf("%s comes back as %s", origin, back)
		}
	}
	if place, set := SplitOrigin("foundation (orgrails)"); place != "foundation (orgrails)" || set != "" {
		t.Errorf("%q and %q", place, set)
	}
}
