// Package e2e deploys organizations from their files with the orgrails
// command, the Pulumi command line and a provider process each, into the
// emulator, and reads back what is there with the AWS SDK.
package e2e

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/readback"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

func TestMain(m *testing.M) { os.Exit(world.Main(m)) }

// A place is a world in one test, with everything the command said so far.
type place struct {
	*world.World
	t    *testing.T
	ctx  context.Context
	said strings.Builder
	// known are the policies of the deploying principals for the file of the
	// last deployment, asked how many calls were held against such policies.
	known []deployRole
	asked int
}

func newPlace(t *testing.T, example string) *place {
	t.Helper()
	ctx := t.Context()
	w, err := world.New(ctx, world.Orgrails, example, t.TempDir(), awstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return &place{World: w, t: t, ctx: ctx}
}

// run runs orgrails and wants this exit code.
func (p *place) run(code int, args ...string) world.Output {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Minute)
	defer cancel()
	first := len(p.Emulator.Calls())
	out, err := p.Run(ctx, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.known != nil && slices.Contains([]string{"preview", "up", "refresh", "destroy", "adopt"}, args[0]) {
		p.known = append(p.known[len(p.known)-1:], p.deployRole())
		p.allowed(p.Emulator.Calls()[first:], p.known...)
	}
	p.said.WriteString(out.Stdout)
	p.said.WriteString(out.Stderr)
	if out.Code != code {
		p.t.Fatalf("orgrails %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), out.Code, code, out.Stdout, out.Stderr)
	}
	return out
}

// inPlace reads everything back and wants it as the file says.
func (p *place) inPlace() *readback.Result {
	p.t.Helper()
	res, err := readback.Check(p.ctx, p.plan(), p.Config)
	if err != nil {
		p.t.Fatal(err)
	}
	if !res.OK() || res.Total == 0 {
		p.t.Fatalf("%s\n%s", res, strings.Join(res.Problems, "\n"))
	}
	p.t.Log(res)
	return res
}

func (p *place) plan() *guardrails.Plan {
	p.t.Helper()
	plan, err := p.Plan(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return plan
}

func (p *place) edit(pattern, replacement string) {
	p.t.Helper()
	if err := p.Edit(pattern, replacement); err != nil {
		p.t.Fatal(err)
	}
}

// writes are the operations of the writing calls since the last reset that
// AWS carried out, sorted.
func (p *place) writes() []string {
	var ops []string
	for _, c := range p.Emulator.Calls() {
		if c.Write && c.ErrorCode == "" {
			ops = append(ops, c.Operation)
		}
	}
	slices.Sort(ops)
	return ops
}

// wantWrites wants exactly these writing calls since the last reset.
func (p *place) wantWrites(want ...string) {
	p.t.Helper()
	slices.Sort(want)
	if got := p.writes(); !slices.Equal(got, want) {
		p.t.Fatalf("writing calls: %v, want %v", got, want)
	}
}

func (p *place) organizations() *organizations.Client { return organizations.NewFromConfig(p.Config) }

// must fails the test when a call of its own fails.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// attachedTo are the names of the policies of a type on a target.
func (p *place) attachedTo(target string, kind types.PolicyType) []string {
	p.t.Helper()
	out := must[*organizations.ListPoliciesForTargetOutput](p.t)(p.organizations().ListPoliciesForTarget(p.ctx,
		&organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind}))
	var names []string
	for _, q := range out.Policies {
		names = append(names, *q.Name)
	}
	return names
}

// noCredentials wants the demo's secret in nothing that was written or said.
func (p *place) noCredentials() {
	p.t.Helper()
	secrets := []string{world.SecretKey, world.AccessKey}
	for _, c := range p.Emulator.Calls() {
		if c.AccessKey != "" && !slices.Contains(secrets, c.AccessKey) {
			secrets = append(secrets, c.AccessKey) // those that AssumeRole gave out
		}
	}
	for _, s := range secrets {
		if strings.Contains(p.said.String(), s) {
			p.t.Errorf("an output holds the credential %s", s)
		}
	}
	files := 0
	err := filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			if strings.Contains(string(data), s) {
				p.t.Errorf("%s holds the credential %s", path, s)
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if files < 5 {
		p.t.Fatalf("only %d files were written below %s: the search proves nothing", files, p.Dir)
	}
}

// decode undoes the URL encoding in which IAM returns documents.
func decode(doc string) (string, error) { return url.QueryUnescape(doc) }
