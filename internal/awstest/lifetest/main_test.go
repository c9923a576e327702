// Package lifetest takes accounts through their life with the orgrails command,
// the Pulumi command line and a provider process each: created, waiting, moved,
// invited, suspended, closed.
package lifetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// A place is an organization of which nothing is deployed yet.
type place struct {
	*world.World
	t *testing.T
}

func newPlace(t *testing.T, options awstest.Options) *place {
	t.Helper()
	w, err := world.New(t.Context(), world.Orgrails, filepath.Join("testdata", "quarantine"), t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return &place{w, t}
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

// kill starts orgrails, waits until a call is held, and kills the process group
// as a lost machine would. The held call then goes on.
func (p *place) kill(at awstest.Pause, args ...string) {
	p.t.Helper()
	held := p.Emulator.PauseAt(at)
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := p.Command(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-held.Reached:
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
			p.t.Fatal(err)
		}
		<-done
		held.Resume()
	case <-done:
		p.t.Fatalf("orgrails ended before the call to kill it at:\n%s", out.String())
	case <-ctx.Done():
		cmd.Process.Kill()
		p.t.Fatalf("the call to kill it at never came:\n%s", out.String())
	}
}

func (p *place) plan() *guardrails.Plan {
	p.t.Helper()
	plan, err := p.Plan(p.t.Context())
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

// inPlace reads everything back and wants it as the file says.
func (p *place) inPlace() {
	p.t.Helper()
	res, err := readback.Check(p.t.Context(), p.plan(), p.Config)
	if err != nil {
		p.t.Fatal(err)
	}
	if !res.OK() || res.Total == 0 {
		p.t.Fatalf("%s\n%s", res, strings.Join(res.Problems, "\n"))
	}
}

func (p *place) organizations() *organizations.Client { return organizations.NewFromConfig(p.Config) }

// account is the id of the account with an e-mail, "" where there is none.
func (p *place) account(email string) string {
	p.t.Helper()
	pages := organizations.NewListAccountsPaginator(p.organizations(), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, a := range page.Accounts {
			if *a.Email == email {
				return *a.Id
			}
		}
	}
	return ""
}

// unit is the name of what an account is in.
func (p *place) unit(account string) string {
	p.t.Helper()
	out, err := p.organizations().ListParents(p.t.Context(), &organizations.ListParentsInput{ChildId: &account})
	if err != nil {
		p.t.Fatal(err)
	}
	if out.Parents[0].Type == types.ParentTypeRoot {
		return "root"
	}
	unit, err := p.organizations().DescribeOrganizationalUnit(p.t.Context(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: out.Parents[0].Id})
	if err != nil {
		p.t.Fatal(err)
	}
	return *unit.OrganizationalUnit.Name
}

// done are the writing calls since the last reset that AWS carried out, in
// order: the operations.
func (p *place) done() []string {
	var ops []string
	for _, c := range p.Emulator.Calls() {
		if c.Write && c.ErrorCode == "" {
			ops = append(ops, c.Operation)
		}
	}
	return ops
}

func (p *place) contains(what, text string, wants ...string) {
	p.t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// forget takes Pulumi's state away, and what else was kept of the deployment.
func (p *place) forget() { p.remove(".orgrails") }

func (p *place) remove(name string) {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.Dir, name)); err != nil {
		p.t.Fatal(err)
	}
}
