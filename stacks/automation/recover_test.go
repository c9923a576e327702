package automation

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/orgrails/orgrails/stacks"
)

const sampleState = `{
  "manifest": {"time": "2026-11-22T08:27:49Z", "magic": "m", "version": "v3.250.0"},
  "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:x"}},
  "resources": [
    {"urn": "urn:pulumi:p::orgrails::pulumi:pulumi:Stack::orgrails-p", "type": "pulumi:pulumi:Stack", "outputs": {"digest": "sha256:a", "unitIds": {"A": "ou-1"}}},
    {"urn": "urn:pulumi:p::orgrails::orgrails:index:Policies::policies", "type": "orgrails:index:Policies", "outputs": {"digest": "sha256:b"}},
    {"urn": "urn:pulumi:p::orgrails::aws:organizations/policy:Policy::policies-x", "custom": true, "type": "aws:organizations/policy:Policy", "id": "p-1"}
  ],
  "pending_operations": [
    {"resource": {"urn": "urn:pulumi:p::orgrails::aws:organizations/policy:Policy::policies-y", "custom": true, "type": "aws:organizations/policy:Policy", "inputs": {"name": "y"}}, "type": "creating"}
  ],
  "metadata": {"future": {"kept": true}}
}`

func TestStateWithoutPendingKeepsTheRest(t *testing.T) {
	more := apitype.ResourceV3{URN: resource.URN("urn:pulumi:p::orgrails::aws:organizations/policy:Policy::policies-y"), Custom: true, ID: "p-2", Type: "aws:organizations/policy:Policy"}
	out, err := withoutPending(json.RawMessage(sampleState), []apitype.ResourceV3{more})
	if err != nil {
		t.Fatal(err)
	}
	var before, after map[string]any
	if err := json.Unmarshal([]byte(sampleState), &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &after); err != nil {
		t.Fatal(err)
	}
	if _, there := after["pending_operations"]; there {
		t.Error("the pending operations are still there")
	}
	resources := after["resources"].([]any)
	if len(resources) != 4 || resources[3].(map[string]any)["id"] != "p-2" {
		t.Errorf("resources: %v", resources)
	}
	for _, key := range []string{"manifest", "secrets_providers", "metadata"} {
		a, _ := json.Marshal(before[key])
		b, _ := json.Marshal(after[key])
		if string(a) != string(b) {
			t.Errorf("%s was %s, is %s", key, a, b)
		}
	}
}

func TestLocalState(t *testing.T) {
	dir := t.TempDir()
	opts := Options{Backend: "file://" + dir, Project: "orgrails"}
	l := openLocal(opts)
	if names, ok := l.names(); l == nil || !ok || len(names) != 0 {
		t.Fatalf("an empty folder: %v %v", names, ok)
	}
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, ".pulumi", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("meta.yaml", "version: 1\n")
	write("stacks/orgrails/policies.json", `{"version":3,"checkpoint":{"stack":"organization/orgrails/policies","latest":`+sampleState+`}}`)
	write("stacks/orgrails/organization.json", `{"version":3,"checkpoint":{"stack":"organization/orgrails/organization"}}`)
	write("stacks/orgrails/policies.json.bak", "")
	l = openLocal(opts)
	names, ok := l.names()
	if !ok || !slices.Equal(names, []string{"organization", "policies"}) {
		t.Errorf("names %v %v", names, ok)
	}
	dep, ok := l.read("policies")
	if !ok || len(dep.Resources) != 3 || len(dep.Pending) != 1 || dep.Pending[0].Resource.URN.Name() != "policies-y" {
		t.Errorf("read: %v %+v", ok, dep)
	}
	o, digest := dep.outputs()
	if o.String(stacks.DigestOutput) != "sha256:a" || digest != "sha256:b" || o.StringMap(stacks.UnitIDsOutput)["A"] != "ou-1" {
		t.Errorf("outputs %v, component %s", o, digest)
	}
	if dep, ok := l.read("organization"); !ok || len(dep.Resources) != 0 {
		t.Errorf("a stack without resources: %v %v", ok, dep)
	}
	// What is laid out otherwise is left to the CLI.
	write("stacks/orgrails/old.json", `{"version":2,"checkpoint":{}}`)
	if _, ok := l.read("old"); ok {
		t.Error("an old checkpoint was read")
	}
	write("stacks/orgrails/account-a.json.gz", "")
	if _, ok := l.names(); ok {
		t.Error("a compressed checkpoint was overlooked")
	}
	write("meta.yaml", "version: 0\n")
	if openLocal(opts) != nil {
		t.Error("an old layout was read")
	}
}

func TestLocks(t *testing.T) {
	e := &lockedError{text: "error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
		"  file:///x/.pulumi/locks/organization/orgrails/a/1.json: created by ada@build-7 (pid 4711) at 2026-11-22T08:00:00Z\n" +
		"  s3://b/.pulumi/locks/2.json: created by o'neil x@host.example (pid 12) at 2026-11-22T09:00:00+01:00"}
	locks := e.locks()
	if len(locks) != 2 || locks[0].PID != 4711 || locks[0].Hostname != "build-7" || locks[1].Username != "o'neil x" || !locks[1].Timestamp.Equal(locks[0].Timestamp) {
		t.Errorf("locks %+v", locks)
	}
	now := time.Now()
	for _, c := range []struct {
		what string
		lock lock
		want bool
	}{
		{"our own", lock{PID: os.Getpid(), Timestamp: now}, true},
		{"of a process that is gone", lock{PID: deadPID(t), Timestamp: now}, false},
		{"made before the process of that number began", lock{PID: os.Getpid(), Timestamp: now.Add(-time.Hour)}, false},
	} {
		if got := holds(t.Context(), c.lock); got != c.want {
			t.Errorf("%s: holds = %v", c.what, got)
		}
	}
}

// deadPID is the number of a process that has ended.
func deadPID(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestMarks(t *testing.T) {
	d := newDriver(t)
	if d.readMark("policies") != nil || d.died(t.Context(), nil) {
		t.Error("a mark that was never made")
	}
	if err := d.begin(stacks.Stack{Name: "policies"}, &standing{before: map[string]bool{"p-1": true}}, true); err != nil {
		t.Fatal(err)
	}
	if m := d.readMark("policies"); m == nil || !m.Whole || !slices.Equal(m.Before, []string{"p-1"}) || d.died(t.Context(), m) {
		t.Errorf("our own mark %+v is of a run that died", m)
	}
	dead := mark{Run: strings.Join([]string{itoa(deadPID(t)), "1", "1", stateHash(d.opts)}, ".")}
	if !d.died(t.Context(), &dead) {
		t.Error("the mark of a dead run is not of a run that died")
	}
	c := newCollector(d, "policies", false)
	c.failed = []failedOperation{
		{Operation: Operation{Op: "create", Type: "aws:iam/role:Role"}, URN: urn("aws:iam/role:Role", "lost"), Inputs: map[string]any{"name": "lost"}, Error: "connection reset"},
		{Operation: Operation{Op: "create", Type: "aws:iam/role:Role"}, URN: urn("aws:iam/role:Role", "foreign"), Inputs: map[string]any{"name": "foreign"}, Error: "EntityAlreadyExists"},
		{Operation: Operation{Op: "delete", Type: "aws:iam/role:Role"}, URN: urn("aws:iam/role:Role", "going")},
	}
	d.failedMark("policies", c)
	m := d.readMark("policies")
	if d.died(t.Context(), m) || !m.Whole || len(m.Before) != 1 {
		t.Errorf("a run that failed has not died, and keeps what it must: %+v", m)
	}
	if ops := m.pending(); len(ops) != 1 || ops[0].Resource.URN.Name() != "lost" || ops[0].Resource.Inputs["name"] != "lost" {
		t.Errorf("pending %+v", ops)
	}
	d.end("policies")
	if d.readMark("policies") != nil {
		t.Error("the mark is still there")
	}
}

// Processes of a run that died are ended; those of a living run are not.
func TestOrphans(t *testing.T) {
	d := newDriver(t)
	start := func(mark string) *exec.Cmd {
		cmd := exec.Command("sleep", "60")
		cmd.Env = append(os.Environ(), runVariable+"="+mark)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		return cmd
	}
	dead := itoa(deadPID(t)) + ".1.1."
	orphan, foreign, living := start(dead+stateHash(d.opts)), start(dead+"0123456789ab"), start(thisRun(d.opts))
	if n := d.endOrphans(t.Context()); n != 1 {
		t.Errorf("ended %d processes, want 1", n)
	}
	if startOf(t.Context(), int32(orphan.Process.Pid)) != 0 {
		t.Error("the orphan still runs")
	}
	for what, cmd := range map[string]*exec.Cmd{"of other state": foreign, "of a living run": living} {
		if startOf(t.Context(), int32(cmd.Process.Pid)) == 0 {
			t.Errorf("the process %s was ended", what)
		}
	}
	own := start(d.env[runVariable])
	d.endOwn()
	if startOf(t.Context(), int32(own.Process.Pid)) != 0 || startOf(t.Context(), int32(living.Process.Pid)) == 0 {
		t.Error("a run that is killed ends its own processes, and no others")
	}
}
