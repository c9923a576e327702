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

func TestPartsOfPolicies(t *testing.T) {
	p := sample().Policies[0]
	parts, err := p.Parts()
	if err != nil || len(parts) != 2 || !strings.HasPrefix(string(parts[1]), `{"Sid":"B",`) || !strings.Contains(string(parts[0]), string(Ref("account:payments"))) {
		t.Errorf("got %q, %v", parts, err)
	}
	p.Statements = p.Statements[:1]
	if _, err := p.Parts(); err == nil {
		t.Error("two statements of which one is listed are taken")
	}
	tags := Policy{Type: "TAG_POLICY", Name: "tags", Content: `{"tags":{"a":{"tag_key":{"@@assign":"A"}},"b":{"tag_key":{"@@assign":"B"}}}}`, Statements: make([]Statement, 2)}
	if parts, err := tags.Parts(); err != nil || len(parts) != 2 || parts[0] != `{"@@assign":"A"}` {
		t.Errorf("got %q, %v", parts, err)
	}
}
