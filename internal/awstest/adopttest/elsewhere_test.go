package adopttest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

// What a run of up that died has begun is not adopted, and nothing hides it:
// up settles it, and adopt goes on.
func TestAdoptAfterADeadRun(t *testing.T) {
	p := newPlace(t, small)
	if err := p.Edit(`(    Core:\n)`, "${1}      guardrails: [deny-root-user]\n"); err != nil {
		t.Fatal(err)
	}
	p.kill(awstest.Pause{Service: "organizations", Operation: "CreatePolicy", Phase: awstest.After}, true, "up", "--yes")
	p.Emulator.ResetCalls()
	out := p.run(1, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stderr, "policies: a run of up died while it deployed stack policies, and what it was doing is not settled [GR423]", "run `orgrails up`, which puts that right")
	p.run(0, "up", "--yes")
	p.writes("AttachPolicy") // the policy is there, and was found
	out = p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt after up", out.Stdout, "adopt: 0 things", "nothing is left to change")
}

// A unit whose key changed, and the policies that are named after it, are found
// under their former names: in the state, and in AWS when the state is lost.
// Nothing is made a second time; up gives them their names.
func TestAdoptUnderAFormerKey(t *testing.T) {
	p := newPlace(t, small)
	for pattern, with := range map[string]string{`    Workloads:\n`: "    Work:\n      was: [Workloads]\n", `targets: \[Workloads\]`: "targets: [Work]"} {
		if err := p.Edit(pattern, with); err != nil {
			t.Fatal(err)
		}
	}
	unit, policy := `~ organizational unit Work: name differs: AWS has "Workloads", the plan "Work": up changes it`, `name differs: AWS has "orgrails-scp-Workloads", the plan "orgrails-scp-Work": up changes it`
	out := p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt with the state", out.Stdout, "adopt: 0 things", "2 changes left to make", unit, policy)
	p.forget()
	out = p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stdout, "organization            8 adopted", "policies                8 adopted", "2 changes left to make", unit, policy)
	p.run(0, "up", "--yes")
	p.writes("UpdateOrganizationalUnit", "UpdatePolicy")
	out = p.run(0, "preview")
	p.noWrites()
	p.contains("preview", out.Stdout, "0 changes to make")
}

// A state in a folder elsewhere, with a passphrase, is adopted into like the
// one beside the file, which is not made.
func TestAdoptIntoABackendElsewhere(t *testing.T) {
	p := newPlace(t, small)
	p.forget()
	state := t.TempDir()
	backend := "--backend=file://" + filepath.ToSlash(state)
	with := func(passphrase string, args ...string) world.Output {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		cmd := p.Command(ctx, args...)
		cmd.Env = append(cmd.Env, "PULUMI_CONFIG_PASSPHRASE="+passphrase)
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // the exit code says it
		return world.Output{Stdout: out.String(), Stderr: errs.String(), Code: cmd.ProcessState.ExitCode()}
	}
	ok := func(what string, out world.Output, wants ...string) {
		t.Helper()
		if out.Code != 0 {
			t.Fatalf("%s: exit code %d\n%s%s", what, out.Code, out.Stdout, out.Stderr)
		}
		p.noWrites()
		p.contains(what, out.Stdout, wants...)
	}
	ok("adopt", with("correct horse", "adopt", "--yes", backend), "organization            8 adopted", "nothing is left to change")
	files, err := filepath.Glob(filepath.Join(state, ".pulumi", "stacks", "orgrails", "*.json"))
	if err != nil || len(files) < 5 {
		t.Fatalf("the state holds %v, %v", files, err)
	}
	if _, err := os.Stat(filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks")); err == nil {
		t.Error("a state was made beside the file, too")
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var state struct {
			Checkpoint struct {
				Latest struct {
					Secrets struct{ Type string } `json:"secrets_providers"`
				}
			}
		}
		if err := json.Unmarshal(src, &state); err != nil || state.Checkpoint.Latest.Secrets.Type != "passphrase" || strings.Contains(string(src), "correct horse") {
			t.Errorf("%s is not under the passphrase: %v, %+v", f, err, state)
		}
	}
	ok("adopt again", with("correct horse", "adopt", "--yes", backend), "adopt: 0 things", "nothing is left to change")
	ok("up", with("correct horse", "up", "--yes", backend))
	if out := with("another", "up", "--yes", "--all", backend); out.Code == 0 {
		t.Errorf("up with another passphrase:\n%s%s", out.Stdout, out.Stderr)
	}
	for _, c := range p.Emulator.Calls() {
		if c.Write {
			t.Errorf("up with another passphrase made the call %s", c.Operation)
		}
	}
}
