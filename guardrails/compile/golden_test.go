package compile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
)

var update = flag.Bool("update", false, "write the golden files")

// Every file in testdata, compiled with the catalogue that comes with the tool,
// is the plan beside it, or the mistakes.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			plan, ds := load(t, file)
			var got bytes.Buffer
			for _, d := range ds {
				fmt.Fprintf(&got, "%s %s %s [%s]\n  %s\n", d.Severity, d.Range, d.Summary, d.Code, d.Hint)
			}
			if plan != nil {
				valid(t, plan)
				got.Write(guardrails.Encode(plan))
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if line := differ(got.String(), string(want)); line != "" {
				t.Errorf("%s differs: %s\nlook at it, and run the test with -update", golden, line)
			}
		})
	}
}

func load(t testing.TB, file string) (*guardrails.Plan, diag.Diagnostics) {
	t.Helper()
	f, ds, err := config.Load(file, config.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if ds.HasErrors() {
		t.Fatalf("%s is wrong before it is compiled: %v", file, ds)
	}
	return Compile(f.Organization, f.Catalog, Options{AsOf: asOf})
}

// differ is the first line in which two texts differ.
func differ(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			return fmt.Sprintf("line %d is missing: %s", i+1, w[i])
		case i >= len(w):
			return fmt.Sprintf("line %d is new: %s", i+1, g[i])
		case g[i] != w[i]:
			return fmt.Sprintf("line %d is %s, want %s", i+1, g[i], w[i])
		}
	}
	return ""
}

// valid holds what AWS asks of every document of a plan, and what the plan
// asks of itself.
func valid(t testing.TB, p *guardrails.Plan) {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	ids := map[string]string{}
	fill := func(text guardrails.Text) string {
		for _, name := range text.Refs() {
			ids[name] = "222222222222"
		}
		ids["organization"] = "o-a1b2c3d4e5"
		s, err := text.Fill(ids)
		if err != nil {
			t.Error(err)
		}
		return s
	}
	check := func(name string, kind policy.Kind, text guardrails.Text) {
		doc, ds := policy.Check(name, []byte(fill(text)), kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		if len(ds) > 0 {
			t.Errorf("%s: %v\n%s", name, ds, text)
		}
		if doc.JSON() != fill(text) && !strings.Contains(string(text), "{{id:") {
			t.Errorf("%s is not canonical", name)
		}
	}
	for _, pol := range p.Policies {
		check(pol.Name, policy.Kind(pol.Type), pol.Content)
		if pol.Pending != nil && pol.Pending.Content != "" {
			check(pol.Name+", pending", policy.Kind(pol.Type), pol.Pending.Content)
		}
	}
	for _, b := range p.Baselines {
		for _, m := range b.Boundaries {
			check(b.Account+" "+m.Name, policy.PermissionsBoundary, m.Document)
		}
		for _, r := range b.Roles {
			check(b.Account+" "+r.Name, policy.TrustPolicy, r.Trust)
			for _, m := range r.Policies {
				check(b.Account+" "+m.Name, policy.IdentityPolicy, m.Document)
			}
		}
		for _, g := range b.Groups {
			check(b.Account+" "+g.Name, policy.IdentityPolicy, g.Policy.Document)
		}
	}
}
