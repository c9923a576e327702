package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
)

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 5_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := orggen.YAML(orggen.Of(n))
			file := filepath.Join(b.TempDir(), "organization.yaml")
			if err := os.WriteFile(file, src, 0o644); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				f, ds, err := config.Load(file, config.Options{})
				if err != nil || ds.HasErrors() || len(f.Organization.Accounts) != n {
					b.Fatal(err, ds)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys)/(1<<20), "heap-MB")
		})
	}
}
