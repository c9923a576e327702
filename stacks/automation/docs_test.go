package automation

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// Every code of a deployment has a section in the manual and is raised
// somewhere, and every code that is raised is in the table.
func TestCodesAreExplainedAndRaised(t *testing.T) {
	page, err := os.ReadFile("../../docs/diagnostics/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	known, raised := map[string]bool{}, map[string]bool{}
	for _, c := range diag.Codes() {
		if !strings.HasPrefix(c.ID, "GR4") {
			continue
		}
		known[c.ID] = true
		if heading := fmt.Sprintf("\n## %s: %s\n", c.ID, c.Title); !strings.Contains(string(page), heading) {
			t.Errorf("deploy.md has no section %q", strings.TrimSpace(heading))
		}
	}
	if len(known) == 0 {
		t.Fatal("there are no codes")
	}
	code := regexp.MustCompile(`\bGR4\d\d\b`)
	for _, dir := range []string{".", "..", "../../internal/live"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range code.FindAllString(string(src), -1) {
				raised[c] = true
				if !known[c] {
					t.Errorf("%s raises %s, which the table does not have", f, c)
				}
			}
		}
	}
	for c := range known {
		if !raised[c] {
			t.Errorf("nothing raises %s", c)
		}
	}
	headings := regexp.MustCompile(`(?m)^## (GR\d+)`).FindAllStringSubmatch(string(page), -1)
	if !slices.IsSortedFunc(headings, func(a, b []string) int { return strings.Compare(a[1], b[1]) }) || len(headings) != len(known) {
		t.Errorf("deploy.md explains %d codes, the table has %d, and they must be in order", len(headings), len(known))
	}
}
