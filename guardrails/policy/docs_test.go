package policy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Every code of this area has its section in the manual, in order, under its
// title, with an example that brings it about.
func TestTheManualIsTrue(t *testing.T) {
	src, err := os.ReadFile("../../docs/diagnostics/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(src), "\n## ")[1:]
	example := regexp.MustCompile("(?s)```json ([A-Z0-9_]+)\n(.*?)```")
	n := 0
	for _, code := range diag.Codes() {
		if !strings.HasPrefix(code.ID, "GR1") {
			continue
		}
		if n == len(sections) {
			t.Fatalf("%s has no section", code.ID)
		}
		section := sections[n]
		n++
		if !strings.HasPrefix(section, code.ID+": "+code.Title+"\n") {
			t.Errorf("section %d is not that of %s: %s", n, code.ID, code.Title)
			continue
		}
		m := example.FindStringSubmatch(section)
		if m == nil || !strings.Contains(section, "Way out: ") {
			t.Errorf("%s has no example or no way out", code.ID)
			continue
		}
		var ds diag.Diagnostics
		if kind := policy.Kind(m[1]); kind.IsDeclarative() {
			_, ds = policy.CheckDeclarative("example.json", []byte(m[2]), kind)
		} else {
			_, ds = policy.Check("example.json", []byte(m[2]), kind, policy.Rules{})
		}
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == code.ID }) {
			t.Errorf("the example of %s gives %+v", code.ID, ds)
		}
	}
	if n != len(sections) || n == 0 {
		t.Errorf("%d sections for %d codes", len(sections), n)
	}
}
