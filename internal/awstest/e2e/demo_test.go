package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/orgrails/orgrails/internal/awstest/world"
)

// TestDemo runs what `make demo` runs, without a terminal, and wants its
// numbers: everything read back, nothing written before the deployment, no
// change the second time.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	demo := filepath.Join(dir, "demo")
	if out, err := exec.Command("go", "build", "-o", demo, "../cmd/demo").CombinedOutput(); err != nil {
		t.Fatalf("build the demo: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), demo, "-orgrails", world.Orgrails, "-example", filepath.Join("..", "..", "..", "examples", "acme"), "-dir", filepath.Join(dir, "work"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`a management account and 7 member accounts`,
		`AWS calls until now: [1-9]\d*, of which writing: 0\n`,
		`\n(\d+) of \d+ things in place, in 9 accounts\n`,
		`\n0 changes, \d+ AWS calls`,
		`did you mean "protect-cloudtrail"\?`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("the demo does not say %s", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
