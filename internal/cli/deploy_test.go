package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
	"github.com/orgrails/orgrails/stacks/automation"
)

// A world is the tool in a folder of its own, with a deployment that tells run
// and does nothing.
type world struct {
	*Command
	dir         string
	out, errors bytes.Buffer
	drove       []string           // commands that reached the driver
	options     automation.Options // of the last
	plan        *guardrails.Plan   // of the last
	report      *automation.Report
	err         error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), report: &automation.Report{Stacks: []automation.StackReport{
		{Stack: stacks.Stack{Name: "organization"}, Result: automation.ResultChanged, Counts: automation.Counts{"create": 3, "same": 2}, Duration: 4 * time.Second,
			Changes: []automation.Operation{{Name: "Sandbox", Type: "aws:organizations/organizationalUnit:OrganizationalUnit", Op: "create", State: "done"}}},
		{Stack: stacks.Stack{Name: "policies"}, Result: automation.ResultSkipped},
	}, Duration: 5 * time.Second}}
	drive := func(name string) DriveFunc {
		return func(_ context.Context, p *guardrails.Plan, o automation.Options) (*automation.Report, error) {
			w.drove, w.options, w.plan = append(w.drove, name), o, p
			for _, e := range run() {
				o.Events(e)
			}
			if name == "up" {
				if err := o.Created(map[string]string{"sandbox-1": "123456789012"}); err != nil {
					return nil, err
				}
			}
			if w.report != nil {
				w.report.Command = name
			}
			return w.report, w.err
		}
	}
	w.Command = &Command{
		Stdin: strings.NewReader(""), Stdout: &w.out, Stderr: &w.errors, Dir: w.dir, Version: "test",
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
		Drive:  Driver{Preview: drive("preview"), Up: drive("up"), Refresh: drive("refresh"), Destroy: drive("destroy"), Adopt: drive("adopt")},
	}
	w.copy(t, "testdata/organization.yaml", "organization.yaml")
	return w
}

func (w *world) copy(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, to), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// exits runs a command line.
func (w *world) exits(t *testing.T, want int, args ...string) {
	t.Helper()
	w.out.Reset()
	w.errors.Reset()
	w.drove = nil
	if got := w.Main(args); got != want {
		t.Fatalf("orgrails %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, &w.out, &w.errors)
	}
}

func contains(t *testing.T, what, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", what, want, got)
		}
	}
}

func TestUp(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "up", "--yes", "--parallel", "3", "--backend", "s3://state", "--secrets-provider", "awskms://alias/p", "--all", "--allow-replace", "--remove-left", "--stack", "organization", "--stack", "policies")
	contains(t, "standard output", w.out.String(), "organization  changed    3 created (4s)\n", "up: 3 changes in 5s; 1 stack as the plan says\n")
	contains(t, "standard error", w.errors.String(), "organization: created organizational unit", "created account sandbox-1, 123456789012", "commit it")
	o := w.options
	if o.Parallel != 3 || o.Backend != "s3://state" || o.SecretsProvider != "awskms://alias/p" || !o.All || !o.AllowReplace || !o.RemoveLeft || len(o.Only) != 2 || o.Dir != w.dir {
		t.Errorf("options %+v", o)
	}
	// The next plan knows the account.
	w.exits(t, ExitOK, "plan", "--json")
	contains(t, "the plan", w.out.String(), `"account:sandbox-1": "123456789012"`)
}

func TestMutatingCommandsNeedAYes(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"up", "destroy"} {
		w.exits(t, ExitUsage, name)
		contains(t, "standard error", w.errors.String(), "Organization acme", "there is no terminal to ask on", "give --yes")
		if len(w.drove) > 0 {
			t.Errorf("%s went on without a yes", name)
		}
	}
	contains(t, "destroy", w.errors.String(), "organization, units and accounts stay")
	for _, name := range []string{"preview", "refresh"} {
		w.exits(t, ExitOK, name)
		if len(w.drove) != 1 {
			t.Errorf("%s did not run", name)
		}
	}
}

func TestPreviewListsChanges(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "preview")
	contains(t, "standard output", w.out.String(), "organization  changes    3 to create (4s)\n  + organizational unit Sandbox\n", "3 changes to make; 1 stack as the plan says\n")

	w.report.Stacks[1].Result = automation.ResultDeferred
	w.report.Stacks[1].Problem = &automation.Problem{Code: "GR409", Summary: "account a does not exist yet"}
	w.exits(t, ExitOK, "preview")
	contains(t, "standard output", w.out.String(), "policies      deferred\n  account a does not exist yet\n")
	if strings.Contains(w.errors.String(), "GR409") {
		t.Errorf("what waits is shown as a problem:\n%s", w.errors.String())
	}
}

func TestDeploymentInJSON(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "up", "--yes", "--json")
	lines := strings.Split(strings.TrimSpace(w.out.String()), "\n")
	if len(lines) != len(run())+1 {
		t.Errorf("%d lines for %d events and a report", len(lines), len(run()))
	}
	for _, l := range lines {
		if !json.Valid([]byte(l)) {
			t.Errorf("%s is not JSON", l)
		}
	}
	contains(t, "the last line", lines[len(lines)-1], `{"kind":"report","report":{"command":"up"`)
}

func TestWhatBecomesOfADeployment(t *testing.T) {
	w := newWorld(t)
	w.report.Stacks[1].Result = automation.ResultRefused
	w.report.Stacks[1].Problem = &automation.Problem{Code: "GR420", Summary: "it would replace an account", Hint: "keep the e-mail"}
	w.exits(t, ExitFindings, "up", "--yes")
	contains(t, "standard error", w.errors.String(), "orgrails: policies: it would replace an account [GR420]\n", "orgrails: hint: keep the e-mail\n")

	w.report.Stacks[0].Result = automation.ResultFailed
	w.report.Stacks[0].Problem = &automation.Problem{Code: "GR430", Summary: "AWS answers nothing", Err: errors.New("AWS answers nothing: no network [GR430]")}
	w.exits(t, ExitFailure, "up", "--yes")
	contains(t, "standard error", w.errors.String(), "orgrails: organization: AWS answers nothing [GR430]\n", "it would replace an account")

	w.report, w.err = nil, &automation.Problem{Code: "GR412", Summary: "no secrets provider", Hint: "name one"}
	w.exits(t, ExitUsage, "up", "--yes")

	w.report, w.err = nil, &automation.Problem{Code: "GR410", Summary: "there is no pulumi on PATH", Hint: "install it"}
	w.exits(t, ExitFailure, "preview")
	contains(t, "standard error", w.errors.String(), "orgrails: there is no pulumi on PATH [GR410]\n", "orgrails: hint: install it\n")

	w.err = errors.New("disk\nfull")
	w.exits(t, ExitFailure, "refresh")
	contains(t, "standard error", w.errors.String(), "orgrails: disk; full\n")
}

func TestWordsOfAReport(t *testing.T) {
	w := newWorld(t)
	w.report.Stacks = []automation.StackReport{
		{Stack: stacks.Stack{Name: "organization", Kind: stacks.OrganizationKind}, Result: automation.ResultRemoved, Counts: automation.Counts{}},
		{Stack: stacks.Stack{Name: "account-a"}, Result: automation.ResultBlocked, Counts: automation.Counts{}},
		{Stack: stacks.Stack{Name: "policies"}, Result: automation.ResultRemoved, Counts: automation.Counts{"delete": 2, "retain": 1}},
	}
	w.exits(t, ExitFindings, "destroy", "--yes")
	contains(t, "standard output", w.out.String(), "organization  forgotten\naccount-a     blocked\npolicies      removed    2 deleted, 1 left as it is\n")
}

func TestUnknownStack(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitUsage, "up", "--yes", "--stack", "polices")
	contains(t, "standard error", w.errors.String(), `no stack is named "polices"`, `did you mean "policies"?`)
}

func TestMistakesStopADeployment(t *testing.T) {
	w := newWorld(t)
	if err := os.WriteFile(filepath.Join(w.dir, "organization.yaml"), []byte("version: 2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.exits(t, ExitFindings, "up", "--yes")
	if len(w.drove) > 0 {
		t.Error("a file with mistakes was deployed")
	}
}

func TestReviewedPlan(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "plan", "-o", "plan.json")
	data, err := os.ReadFile(filepath.Join(w.dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := guardrails.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*guardrails.Plan)) {
		t.Helper()
		q, err := guardrails.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		f(q)
		if err := os.WriteFile(filepath.Join(w.dir, "changed.json"), guardrails.Encode(q), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string, args ...string) {
		t.Helper()
		w.exits(t, ExitFindings, append([]string{"up", "--yes"}, args...)...)
		contains(t, "standard error", w.errors.String(), what)
		if len(w.drove) > 0 {
			t.Error("it was deployed")
		}
	}
	w.exits(t, ExitOK, "up", "--yes", "--plan", "plan.json", "--digest", p.Digest())
	if w.plan.Digest() != p.Digest() || w.plan.IDs["account:payments"] != "444444444444" {
		t.Error("another plan was deployed")
	}
	// By now sandbox-1 has an id, in the lock file: the bytes differ, the digest does not.
	refused("is not the plan of the file any more", "--plan", "plan.json")
	w.exits(t, ExitOK, "up", "--yes", "--plan", "plan.json", "--digest", p.Digest())
	if w.plan.IDs["account:sandbox-1"] != "123456789012" {
		t.Errorf("the account that was created since would be created again: %v", w.plan.IDs)
	}
	os.Remove(filepath.Join(w.dir, "organization.lock.json"))
	w.exits(t, ExitOK, "up", "--yes", "--plan", "plan.json")
	os.Remove(filepath.Join(w.dir, "organization.lock.json"))

	// Anybody may have changed the file since.
	change(func(q *guardrails.Plan) { q.Organization.Name = "other" })
	refused("has the digest sha256:", "--plan", "changed.json", "--digest", p.Digest())
	refused("is not the plan of the file any more", "--plan", "changed.json")
	change(func(q *guardrails.Plan) { q.IDs["account:payments"] = "666666666666" })
	refused(`says that the id of account:payments is 666666666666; the organization file says "444444444444"`, "--plan", "changed.json", "--digest", p.Digest())
	refused("is no plan", "--plan", "organization.yaml")

	w.exits(t, ExitFailure, "up", "--yes", "--plan", "missing.json")
	w.exits(t, ExitUsage, "up", "--yes", "--digest", p.Digest())
}
