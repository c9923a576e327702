package stackstest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/stacks/automation"
)

// jobVariable makes the test binary deploy a plan instead of testing: a run
// that can be killed.
const jobVariable = "STACKSTEST_JOB"

func runJob(file string) int {
	src, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var j struct {
		Plan *guardrails.Plan
		Dir  string
		Env  map[string]string
	}
	if err := json.Unmarshal(src, &j); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := automation.Up(ctx, j.Plan, automation.Options{Dir: j.Dir, Env: j.Env})
	if r != nil {
		fmt.Print(text(r))
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if !r.Clean() {
		return 2
	}
	return 0
}

// start starts a deployment in a process group of its own.
func (w *world) start() (*exec.Cmd, *strings.Builder) {
	w.t.Helper()
	o := w.options()
	src, err := json.Marshal(map[string]any{"Plan": w.plan, "Dir": o.Dir, "Env": o.Env})
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.dir, "job.json")
	if err := os.WriteFile(file, src, 0o644); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	var out strings.Builder
	cmd.Env = append(os.Environ(), jobVariable+"="+file)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	return cmd, &out
}

// processes are those that were started for this world and still run.
func (w *world) processes() []string {
	w.t.Helper()
	all, err := process.Processes()
	if err != nil {
		w.t.Fatal(err)
	}
	var left []string
	for _, p := range all {
		env, _ := p.Environ()
		for _, kv := range env {
			if kv == "PULUMI_HOME="+filepath.Join(w.dir, ".pulumi-home") {
				line, _ := p.Cmdline()
				left = append(left, fmt.Sprintf("%d %.120s", p.Pid, line))
			}
		}
	}
	return left
}

// A run that is killed while a call is in flight, before or after AWS has
// carried it out, is healed by one more `up`.
func TestKilled(t *testing.T) {
	for _, c := range []struct {
		pause awstest.Pause
		cli   bool // the CLI and the providers die too
	}{
		{awstest.Pause{Service: "organizations", Operation: "CreateOrganizationalUnit", At: 2, Phase: awstest.After}, false},
		{awstest.Pause{Service: "organizations", Operation: "CreateOrganizationalUnit", At: 2, Phase: awstest.After}, true},
		{awstest.Pause{Service: "organizations", Operation: "CreateAccount", Phase: awstest.After}, true},
		{awstest.Pause{Service: "organizations", Operation: "CreateAccount", Phase: awstest.Before}, false},
		{awstest.Pause{Service: "organizations", Operation: "RegisterDelegatedAdministrator", Phase: awstest.After}, true},
		{awstest.Pause{Service: "iam", Operation: "CreateRole", Phase: awstest.After}, true},
		{awstest.Pause{Service: "iam", Operation: "CreatePolicy", Phase: awstest.After, At: 2}, false},
		{awstest.Pause{Service: "access-analyzer", Operation: "CreateAnalyzer", Phase: awstest.After}, true},
		{awstest.Pause{Service: "organizations", Operation: "CreatePolicy", At: 2, Phase: awstest.After}, true},
		{awstest.Pause{Service: "organizations", Operation: "AttachPolicy", At: 2, Phase: awstest.Before}, true},
		{awstest.Pause{Service: "organizations", Operation: "AttachPolicy", At: 2, Phase: awstest.After}, false},
	} {
		t.Run(fmt.Sprintf("%s %s all=%v", c.pause.Phase, c.pause.Operation, c.cli), func(t *testing.T) {
			w := newWorld(t)
			held := emulator.PauseAt(c.pause)
			t.Cleanup(emulator.Resume)
			cmd, out := w.start()
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			select {
			case <-held.Reached:
			case <-done:
				t.Fatalf("ended before the call came:\n%s", out)
			}
			if c.cli {
				w.killAll()
			}
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-done
			held.Resume()
			w.up()
			if !w.recovered() {
				t.Error("the recovery was not said")
			}
			w.inPlace()
			if left := w.processes(); len(left) > 0 {
				t.Errorf("processes are left:\n%s", strings.Join(left, "\n"))
			}
			r := w.up(func(o *automation.Options) { o.All = true })
			only(t, r)
		})
	}
}

// killAll kills the CLI and the providers, as a machine that loses power does.
func (w *world) killAll() {
	all, err := process.Processes()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range all {
		env, _ := p.Environ()
		for _, kv := range env {
			if kv == "PULUMI_HOME="+filepath.Join(w.dir, ".pulumi-home") {
				_ = p.Kill()
			}
		}
	}
}

func (w *world) recovered() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == automation.Recovered {
			return true
		}
	}
	return false
}

// What a run that was killed had made, and that the file no longer asks for,
// is taken away by the next one.
func TestKilledThenEdited(t *testing.T) {
	for name, c := range map[string]struct {
		pause awstest.Pause
		edit  func(*world)
		gone  func(*world) bool
	}{
		"a role": {
			awstest.Pause{Service: "iam", Operation: "CreateRole", Phase: awstest.After},
			func(w *world) {
				w.plan.Baselines[2].Roles, w.plan.Baselines[3].Roles = []guardrails.Role{}, []guardrails.Role{}
			},
			func(w *world) bool {
				return w.role(w.plan.IDs["account:payments"], "Auditor") == "" && w.role(w.plan.IDs["account:sandbox"], "Auditor") == ""
			},
		},
		"a policy": {
			awstest.Pause{Service: "organizations", Operation: "AttachPolicy", At: 3, Phase: awstest.After},
			func(w *world) {
				w.plan.Policies = slices.Delete(w.plan.Policies, 1, 2)
				w.plan.Attachments = w.plan.Attachments[:2]
			},
			func(w *world) bool { return !slices.Contains(w.policyNames(), "orgrails-scp-Workloads") },
		},
		"a unit": {
			awstest.Pause{Service: "organizations", Operation: "CreateOrganizationalUnit", At: 3, Phase: awstest.After},
			func(w *world) {
				w.plan.Units = w.plan.Units[:2]
				w.plan.Accounts[1].Parent = "Workloads"
			},
			func(w *world) bool { return w.unitID("Workloads/Prod") == "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			held := emulator.PauseAt(c.pause)
			t.Cleanup(emulator.Resume)
			cmd, out := w.start()
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			select {
			case <-held.Reached:
			case <-done:
				t.Fatalf("ended before the call came:\n%s", out)
			}
			w.killAll()
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-done
			held.Resume()
			c.edit(w)
			w.up()
			w.inPlace()
			if !c.gone(w) {
				t.Error("it is still there")
			}
			only(t, w.up(func(o *automation.Options) { o.All = true }))
		})
	}
}
