// Package adopttest takes organizations that exist in the emulator under
// management with `orgrails adopt`, the Pulumi command line and a provider
// process each, and closes accounts.
package adopttest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

func TestMain(m *testing.M) { os.Exit(world.Main(m)) }

var (
	small = filepath.Join("..", "e2e", "testdata", "small")
	acme  = filepath.Join("..", "..", "..", "examples", "acme")
)

// A place is an organization that was deployed from its file.
type place struct {
	*world.World
	t *testing.T
}

// newPlace deploys an organization and loses the state.
func newPlace(t *testing.T, example string) *place {
	t.Helper()
	w, err := world.New(t.Context(), world.Orgrails, example, t.TempDir(), awstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	p := &place{w, t}
	p.run(0, "up", "--yes")
	p.Emulator.ResetCalls()
	return p
}

// forget takes Pulumi's state away, and what else was kept of the deployment.
func (p *place) forget() {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.Dir, ".orgrails")); err != nil {
		p.t.Fatal(err)
	}
}

// run runs orgrails and wants its exit code.
func (p *place) run(code int, args ...string) world.Output {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Minute)
	defer cancel()
	out, err := p.Run(ctx, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	if out.Code != code {
		p.t.Fatalf("orgrails %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), out.Code, code, out.Stdout, out.Stderr)
	}
	return out
}

// noWrites wants calls since the last reset, and no writing one among them.
func (p *place) noWrites() {
	p.t.Helper()
	p.writes()
}

// writes wants exactly these writing calls since the last reset, and forgets them.
func (p *place) writes(want ...string) {
	p.t.Helper()
	calls := p.Emulator.Calls()
	if len(calls) == 0 {
		p.t.Error("no AWS call was made: nothing was looked at")
	}
	var got []string
	for _, c := range calls {
		if c.Write {
			got = append(got, c.Operation)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("writing calls: %v, want %v", got, want)
	}
	p.Emulator.ResetCalls()
}

func (p *place) contains(what, text string, wants ...string) {
	p.t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}
