package e2e

import (
	"path/filepath"
	"testing"

	"github.com/orgrails/orgrails/internal/awstest"
)

// TestUnderThrottling has one in five Organizations writes refused, half of
// those as throttled and half as concurrent, and one call in twenty answered
// with 503. One `up` must still converge.
func TestUnderThrottling(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	p.Emulator.SetFaults(awstest.Faults{Seed: 3, OrganizationsThrottled: 0.1, OrganizationsConflicts: 0.1, Unavailable: 0.05})
	p.run(0, "up", "--yes")
	refused := 0
	for _, c := range p.Emulator.Calls() {
		switch c.ErrorCode {
		case "TooManyRequestsException", "ConcurrentModificationException":
			refused++
		}
		if c.Status == 503 {
			refused++
		}
	}
	if refused < 5 {
		t.Fatalf("only %d calls were refused: the test proves nothing", refused)
	}
	p.Emulator.SetFaults(awstest.Faults{})
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes", "--all")
	p.wantWrites()
}
