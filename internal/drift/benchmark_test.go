package drift

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
	"github.com/orgrails/orgrails/internal/drift/planned"
)

// generated is the plan of a generated organization.
func generated(b *testing.B, accounts int) *guardrails.Plan {
	b.Helper()
	path := filepath.Join(b.TempDir(), "organization.yaml")
	if err := os.WriteFile(path, orggen.YAML(orggen.Of(accounts)), 0o600); err != nil {
		b.Fatal(err)
	}
	file, ds, err := config.Load(path, config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		b.Fatal(err, ds)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{AsOf: asOf})
	if ds.HasErrors() {
		b.Fatal(ds)
	}
	return plan
}

// BenchmarkFind compares an organization in which all is in place with its plan.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1000, 5000, 10000} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			p := generated(b, n)
			s := planned.Snapshot(p, asOf)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				r, err := Find(s, p, Options{})
				if err != nil || !r.Clean() {
					b.Fatal(err, r)
				}
				b.ReportMetric(float64(r.Checked), "things")
			}
		})
	}
}
