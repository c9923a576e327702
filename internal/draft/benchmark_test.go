package draft_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
	"github.com/orgrails/orgrails/internal/draft"
	"github.com/orgrails/orgrails/internal/drift/planned"
)

// BenchmarkMake drafts the file of an organization that was deployed from a
// generated one.
func BenchmarkMake(b *testing.B) {
	asOf := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{1000, 5000, 10000} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "organization.yaml")
			if err := os.WriteFile(path, orggen.YAML(orggen.Of(n)), 0o600); err != nil {
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
			s := planned.Snapshot(plan, asOf)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				d, err := draft.Make(s, draft.Options{HomeRegion: "eu-central-1", Regions: []string{"eu-central-1", "eu-west-1"}})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(d.File))/1e6, "MB-file")
				b.ReportMetric(float64(len(d.Found)), "guardrails")
				if testing.Verbose() {
					b.Log(d.Notes)
				}
			}
		})
	}
}
