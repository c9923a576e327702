package guardrails

import (
	"slices"
	"strings"
	"testing"
)

// Only the one spelling of a declarative document is read, and each setting has
// its path.
func TestDocumentSettings(t *testing.T) {
	good := `{"a":{"@@operators_allowed_for_child_policies":["@@none"],"b":{"@@assign":"x"},"c":{"@@append":["x","y"]},"d":{"@@assign":300},"e":{"@@assign":true}}}`
	paths, settings, err := documentSettings(Text(good))
	if err != nil || !slices.Equal(paths, []string{"a", "a.b", "a.c", "a.d", "a.e"}) || settings[2] != `{"@@append":["x","y"]}` {
		t.Errorf("%q %q %v", paths, settings, err)
	}
	for _, bad := range []string{
		``, `[]`, `{}`, `{"a":{}}`, `{"a":"b"}`, `{"a":{"@@assign":{}}}`, `{"a":{"@@assign":null}}`, `{"a":{"@@assign":01}}`, `{"a":{"@@assign":[]}}`,
		`{"a":{"@@append":["y","x"]}}`, `{"a":{"@@append":["x","x"]}}`, `{"a":{"@@append":[1]}}`, `{"a": {"@@assign":"b"}}`,
		`{"b":{"@@assign":"x"},"a":{"@@assign":"x"}}`, `{"a":{"@@assign":"x"},"a":{"@@assign":"x"}}`, `{"a":{"@@assign":"x"}}{}`,
		`{"a":{"@@assign":"\u0041"}}`, strings.Repeat(`{"a":`, 100) + `{"@@assign":"x"}` + strings.Repeat(`}`, 100),
	} {
		if _, _, err := documentSettings(Text(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}
