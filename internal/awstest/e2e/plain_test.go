package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/internal/awstest"
)

// TestPlainPulumi deploys with `pulumi up`, one stack after the other, and
// wants what `orgrails up` would have made: read back, and found unchanged by
// `orgrails up --all` on the same state.
func TestPlainPulumi(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	pulumi := p.plainPulumi()
	for _, stack := range []string{"organization", "account-security", "account-app", "analyzers-eu-central-1", "policies"} {
		pulumi("stack", "init", stack)
		pulumi("config", "set", "orgrails:file", p.File(), "--stack", stack)
		pulumi("up", "--yes", "--skip-preview", "--stack", stack)
	}
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes", "--all")
	p.wantWrites()
}

// TestPlainPulumiMovesNewAccounts needs the organization stack twice where new
// accounts wait, and nothing else.
func TestPlainPulumiMovesNewAccounts(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	p.edit(`  regions: .*\n`, "${0}  newAccounts: {unit: Quarantine}\n")
	p.edit(`    Core:\n`, "    Quarantine: {guardrails: [deny-all]}\n${0}")
	pulumi := p.plainPulumi()
	up := func(stack string) string {
		return pulumi("up", "--yes", "--skip-preview", "--stack", stack)
	}
	for _, stack := range []string{"organization", "account-security", "account-app", "analyzers-eu-central-1", "policies"} {
		pulumi("stack", "init", stack)
		pulumi("config", "set", "orgrails:file", p.File(), "--stack", stack)
		out := up(stack)
		if stack == "organization" && !strings.Contains(out, "waiting in Quarantine: app") {
			t.Errorf("that an account waits is not said:\n%s", out)
		}
	}
	p.Emulator.ResetCalls()
	up("organization")
	p.wantWrites("MoveAccount")
	p.inPlace()
	p.Emulator.ResetCalls()
	up("organization")
	p.wantWrites()
}

// plainPulumi runs the Pulumi command line in the place's folder, with a project
// like ours.
func (p *place) plainPulumi() func(args ...string) string {
	t := p.t
	t.Helper()
	host, standIn := languageHost(t, p.Tools)
	if standIn {
		t.Log("Pulumi's own Go language host is not on PATH: a stand-in runs the program")
	}
	repository, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "stack")
	build := exec.Command("go", "build", "-o", program, "./cmd/stack")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build cmd/stack: %v\n%s", err, out)
	}
	state := filepath.Join(p.Dir, ".orgrails", "state")
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	project := "name: orgrails\nruntime: {name: go, options: {binary: " + program + "}}\n"
	if err := os.WriteFile(filepath.Join(p.Dir, "Pulumi.yaml"), []byte(project), 0o644); err != nil {
		t.Fatal(err)
	}
	pulumi := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(p.ctx, p.Tools.Pulumi, args...)
		cmd.Dir = p.Dir
		for _, kv := range p.Env() {
			if path, ok := strings.CutPrefix(kv, "PATH="); ok {
				kv = "PATH=" + filepath.Dir(host) + string(os.PathListSeparator) + path
			}
			cmd.Env = append(cmd.Env, kv)
		}
		cmd.Env = append(cmd.Env, "PULUMI_BACKEND_URL=file://"+state, "PULUMI_CONFIG_PASSPHRASE=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("pulumi %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	return pulumi
}

// languageHost finds pulumi-language-go: Pulumi's own on PATH, or the stand-in
// among the test tools.
func languageHost(t *testing.T, tools awstest.Tools) (path string, standIn bool) {
	t.Helper()
	if path, err := exec.LookPath("pulumi-language-go"); err == nil {
		return path, false
	}
	dir := t.TempDir()
	path = filepath.Join(dir, "pulumi-language-go")
	build := exec.Command("go", "build", "-o", path, "../cmd/pulumi-language-go-standin")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the stand-in of the language host: %v\n%s", err, out)
	}
	return path, true
}
