// Package existingtest takes an organization that plain calls have built under
// management as a whole: init, validate, adopt, a preview that is empty, and a
// change that changes what it says, with the real Pulumi engine.
package existingtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

var binary string // the orgrails command, built once

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "orgrails-existing-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	binary = filepath.Join(dir, "orgrails")
	build := exec.Command("go", "build", "-o", binary, "./cmd/orgrails")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build orgrails: %v\n%s", err, out)
		os.Exit(3)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// A place is the organization that grew, and an empty folder.
type place struct {
	*world.World
	*grown
	t *testing.T
}

func newPlace(t *testing.T) *place {
	t.Helper()
	e := must(awstest.Start(t.Context(), awstest.Options{}))(t)
	t.Cleanup(func() { e.Close() })
	w := &world.World{Emulator: e, Dir: t.TempDir(), Orgrails: binary, Tools: must(awstest.FindTools())(t), Config: aws.Config{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider(world.AccessKey, world.SecretKey, ""), BaseEndpoint: aws.String(e.URL()),
	}}
	p := &place{w, grow(t, e, w.Config), t}
	e.ResetCalls()
	return p
}

// run runs orgrails and wants its exit code.
func (p *place) run(code int, args ...string) world.Output {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Minute)
	defer cancel()
	began := time.Now()
	out, err := p.Run(ctx, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Logf("orgrails %s: %s", strings.Join(args, " "), time.Since(began).Round(time.Millisecond))
	if out.Code != code {
		p.t.Fatalf("orgrails %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), out.Code, code, out.Stdout, out.Stderr)
	}
	return out
}

func TestWhole(t *testing.T) {
	p := newPlace(t)
	before := p.texts(t)
	out := p.run(0, "init", "--from-aws", "-o", ".")
	t.Logf("init:\n%s\n%s", out.Stdout, out.Stderr)
	file, _ := os.ReadFile(p.File())
	t.Logf("%s", file)
	out = p.run(0, "validate")
	t.Logf("validate:\n%s\n%s", out.Stdout, out.Stderr)
	out = p.run(0, "adopt", "--yes")
	t.Logf("adopt:\n%s\n%s", out.Stdout, out.Stderr)
	out = p.run(0, "preview")
	t.Logf("preview:\n%s\n%s", out.Stdout, out.Stderr)
	_ = before
}
