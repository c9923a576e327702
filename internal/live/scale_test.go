package live

import (
	"encoding/json"
	"flag"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

var scale = flag.Int("scale", 500, "accounts of TestScale; a fifth as many units, and 60 policies")

// TestScale reads a large organization at AWS's rates, on time that waits for
// nobody, and prints the figures of docs/benchmarks.md. AWS's side throttles
// as its pages say.
func TestScale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &synthetic{units: *scale / 5, accounts: *scale, policies: 60, latency: 120 * time.Millisecond, strict: true}
		var before, m runtime.MemStats
		var peak, requests atomic.Uint64
		s := w.traced(t, func(Request) {
			if requests.Add(1)%2000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapAlloc))
			}
		})
		runtime.GC()
		runtime.ReadMemStats(&before)
		opts := ReadOptions{Cache: t.TempDir()}
		began := time.Now()
		snap := mustRead(t, s, opts)
		took := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&m)

		least, floor, slowest := 0, time.Duration(0), ""
		for op, n := range w.minimum() {
			least += n
			r, ok := awsdata.OrganizationsRates.Value[op]
			if !ok {
				continue
			}
			if d := time.Duration((float64(n) - r.Burst) / r.PerSecond * float64(time.Second)); d > floor {
				floor, slowest = d, op
			}
		}
		text, err := json.Marshal(snap)
		if err != nil || len(snap.NotRead) > 0 {
			t.Fatalf("%v %+v", err, snap.NotRead)
		}
		t.Logf("%d accounts, %d units: %d calls (%d needed, %d throttled), %s (floor %s: %s), snapshot %.1f MB of JSON, heap %.0f MB with it, peak %.0f MB, allocated %.0f MB",
			w.accounts, w.units, w.total(), least, w.throttled, took.Round(100*time.Millisecond), floor.Round(100*time.Millisecond), slowest,
			float64(len(text))/1e6, float64(m.HeapAlloc-before.HeapAlloc)/1e6, float64(peak.Load())/1e6, float64(m.TotalAlloc-before.TotalAlloc)/1e6)
		if w.total() != least || w.throttled > 0 {
			t.Errorf("%d calls, %d throttled; %d are needed", w.total(), w.throttled, least)
		}
		if most := floor + floor/10 + 5*time.Second; took > most && !strings.Contains(slowest, "Accounts") {
			t.Errorf("took %s, and %s would do", took, floor)
		}
		runtime.KeepAlive(snap)
	})
}
