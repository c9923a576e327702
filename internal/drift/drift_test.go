package drift

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/drift/planned"
	"github.com/orgrails/orgrails/internal/live"
)

var asOf = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func compiled(t *testing.T, path string) *guardrails.Plan {
	t.Helper()
	file, ds, err := config.Load(path, config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, ds)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{AsOf: asOf})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return plan
}

// acme is the plan of the example.
func acme(t *testing.T) *guardrails.Plan {
	return compiled(t, filepath.Join("..", "..", "examples", "acme", "organization.yaml"))
}

func find(t *testing.T, s *live.Snapshot, p *guardrails.Plan) *Report {
	t.Helper()
	r, err := Find(s, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func lines(r *Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %q at %q: %q, %q [%s] %s\n", f.Severity, f.Kind, f.What, f.Where, f.Expected, f.Found, f.Stack, f.Origin)
	}
	for _, n := range r.NotChecked {
		fmt.Fprintf(&b, "not checked: %s at %q: %s\n", n.What, n.Where, n.Reason)
	}
	return b.String()
}

func TestWhatIsInPlaceHasNotDrifted(t *testing.T) {
	p := acme(t)
	s := planned.Snapshot(p, asOf)
	if r := find(t, s, p); !r.Clean() || len(r.NotChecked) > 0 || r.Checked < 50 {
		t.Errorf("%d checked\n%s", r.Checked, lines(r))
	}
	d, err := Against(s, p, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !d.Same() || d.NewlyDenied != diff.None || d.NewlyAllowed != diff.None {
		t.Errorf("%+v", d)
	}
}
