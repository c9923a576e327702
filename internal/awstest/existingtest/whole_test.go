// Package existingtest takes an organization that plain calls have built under
// management as a whole: init, validate, adopt, a preview that is empty, and a
// change that changes what it says, with the real Pulumi engine.
package existingtest

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

func TestMain(m *testing.M) { os.Exit(world.Main(m)) }

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
	w := &world.World{Emulator: e, Dir: t.TempDir(), Orgrails: world.Orgrails, Tools: must(awstest.FindTools())(t), Config: aws.Config{
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

// noWrites wants calls since the last reset, and no writing one among them.
func (p *place) noWrites(what string) {
	p.t.Helper()
	p.writes(what)
}

// writes wants exactly these writing calls since the last reset, and forgets them.
func (p *place) writes(what string, want ...string) {
	p.t.Helper()
	calls := p.Emulator.Calls()
	if len(calls) == 0 {
		p.t.Errorf("%s made no AWS call: nothing was looked at", what)
	}
	var got []string
	for _, c := range calls {
		if c.Write {
			got = append(got, c.Operation)
		}
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("%s made the writing calls %v, want %v", what, got, want)
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

// An organization that grew by hand is written down, validated, adopted, and
// nothing is left to change in any stack; then one guardrail is changed, and
// exactly that changes. Others do the same with every fifth call throttled, and
// killed on the way. Throttled calls mostly wait: they all run at once.
func TestExistingOrganization(t *testing.T) {
	for name, do := range map[string]func(*place){"plain": (*place).whole, "throttled": (*place).throttled, "killed": (*place).killed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(newPlace(t))
		})
	}
}

// empty wants a preview without a change in any stack, and texts as they were.
func (p *place) empty(before map[string]string) {
	p.t.Helper()
	out := p.run(0, "preview")
	p.noWrites("preview")
	p.contains("preview", out.Stdout, "0 changes to make")
	p.run(0, "up", "--yes")
	p.noWrites("up")
	if now := p.texts(p.t); !maps.Equal(now, before) {
		p.t.Errorf("policies were\n%v\nand are\n%v", before, now)
	}
	p.Emulator.ResetCalls()
}

func (p *place) whole() {
	t := p.t
	before := p.texts(t)
	p.Emulator.ResetCalls()
	out := p.run(0, "init", "--from-aws", "-o", ".")
	p.noWrites("init")
	p.contains("init", out.Stdout, "120 accounts in 30 units", "Nobody leaves is deny-leave-organization", "Roles is protect-roles", "Trails is protect-cloudtrail")
	p.contains("init", out.Stderr, p.shut, p.closed)
	file := string(must(os.ReadFile(p.File()))(t))
	p.contains("the file", file, "not taken: the account "+p.closed, "not taken: 5 policies attached to nothing", `name: "Größe Ü / 東京 🏯"`,
		`name: "Name with  spaces"`, "dots.and-dashes_v1.2", "Zahlungen - Groesse & Co. (Prod)", "aws-guardrails-AbCdEf: {type: SERVICE_CONTROL_POLICY", "asFound:")
	if n := strings.Count(file, "Prod:"); n != 2 {
		t.Errorf("%d units are named Prod, and not 2", n)
	}
	out = p.run(0, "validate")
	p.contains("validate", out.Stdout, "no mistakes", "118 accounts in 30 units")
	p.Emulator.ResetCalls()
	out = p.run(0, "adopt", "--yes")
	p.noWrites("adopt")
	p.contains("adopt", out.Stdout, "nothing is left to change")
	p.empty(before)

	// One guardrail of the user's own: a Region more.
	p.change("policies/regions.json", `"aws:RequestedRegion": [`, `"aws:RequestedRegion": ["us-west-2", `)
	p.run(0, "validate")
	out = p.run(0, "preview")
	p.noWrites("preview")
	p.contains("preview", out.Stdout, "1 change to make")
	p.run(0, "up", "--yes")
	p.writes("up", "UpdatePolicy")
	p.changed(before, "regions", "us-west-2")

	// One of the catalogue: another parameter.
	p.change("organization.yaml", "{template: protect-cloudtrail, parameters: {trails: [org-trail]}, policy: Trails}", "{template: protect-cloudtrail, parameters: {trails: [org-trail, audit]}, policy: Trails}")
	p.run(0, "up", "--yes")
	p.writes("up", "UpdatePolicy")
	p.changed(before, "Trails", "trail/audit")
	out = p.run(0, "preview")
	p.contains("preview", out.Stdout, "0 changes to make")
}

// change edits a file of the folder.
func (p *place) change(name, old, new string) {
	p.t.Helper()
	path := filepath.Join(p.Dir, name)
	src := string(must(os.ReadFile(path))(p.t))
	if strings.Count(src, old) != 1 {
		p.t.Fatalf("%s holds %q %d times:\n%s", name, old, strings.Count(src, old), src)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(src, old, new, 1)), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// changed wants that of all policies this one alone has changed: its id, its
// description and where it is attached are as they were. It notes the new text.
func (p *place) changed(before map[string]string, name, holds string) {
	p.t.Helper()
	now := p.texts(p.t)
	p.Emulator.ResetCalls()
	for other, text := range before {
		if other != name && now[other] != text {
			p.t.Errorf("the policy %q was\n%s\nand is\n%s", other, text, now[other])
		}
	}
	ends := func(s string) string { return s[:strings.Index(s, "{")] + s[strings.LastIndex(s, "}"):] }
	if len(now) != len(before) || !strings.Contains(now[name], holds) || ends(now[name]) != ends(before[name]) {
		p.t.Errorf("the policy %q was\n%s\nand is\n%s", name, before[name], now[name])
	}
	before[name] = now[name]
}

func (p *place) throttled() {
	t := p.t
	before := p.texts(t)
	p.Emulator.ResetCalls()
	p.Emulator.SetFaults(awstest.Faults{Seed: 11, Throttled: 0.2})
	p.run(0, "init", "--from-aws", "-o", ".")
	out := p.run(0, "adopt", "--yes")
	p.contains("adopt", out.Stdout, "nothing is left to change")
	refused := 0
	for _, c := range p.Emulator.Calls() {
		if c.ErrorCode == "TooManyRequestsException" || c.ErrorCode == "Throttling" || c.ErrorCode == "ThrottlingException" || c.Status == 429 {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("only %d calls were throttled", refused)
	}
	p.noWrites("init and adopt")
	p.Emulator.SetFaults(awstest.Faults{})
	p.empty(before)
	p.change("policies/regions.json", `"aws:RequestedRegion": [`, `"aws:RequestedRegion": ["us-west-1", `)
	p.Emulator.SetFaults(awstest.Faults{Seed: 12, Throttled: 0.2})
	p.run(0, "up", "--yes")
	p.Emulator.SetFaults(awstest.Faults{})
	p.changed(before, "regions", "us-west-1")
}

func (p *place) killed() {
	before := p.texts(p.t)
	p.Emulator.ResetCalls()
	// While init reads, twice; there is no file yet.
	p.kill(awstest.Pause{Service: "iam", Operation: "GetAccountPasswordPolicy", At: 10}, "init", "--from-aws", "-o", ".")
	p.kill(awstest.Pause{Service: "organizations", Operation: "DescribePolicy", At: 20}, "init", "--from-aws", "-o", ".")
	if _, err := os.Stat(p.File()); err == nil {
		p.t.Error("a killed init has written a file")
	}
	p.run(0, "init", "--from-aws", "-o", ".")
	// While adopt looks, while it imports the organization, and the policies.
	p.kill(awstest.Pause{Service: "organizations", Operation: "ListTargetsForPolicy", At: 3}, "adopt", "--yes")
	p.kill(awstest.Pause{Service: "organizations", Operation: "DescribeAccount", At: 30}, "adopt", "--yes")
	p.kill(awstest.Pause{Service: "organizations", Operation: "DescribePolicy", At: 60, Phase: awstest.After}, "adopt", "--yes")
	out := p.run(0, "adopt", "--yes")
	p.noWrites("init and adopt")
	p.contains("adopt", out.Stdout, "nothing is left to change")
	p.empty(before)
	p.change("policies/regions.json", `"aws:RequestedRegion": [`, `"aws:RequestedRegion": ["sa-east-1", `)
	p.kill(awstest.Pause{Service: "organizations", Operation: "UpdatePolicy", Phase: awstest.After}, "up", "--yes")
	p.run(0, "up", "--yes")
	p.changed(before, "regions", "sa-east-1")
	out = p.run(0, "preview")
	p.contains("preview", out.Stdout, "0 changes to make")
}

// kill starts orgrails, waits until a call is held, and kills it with all that
// it has started.
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
	case <-done:
		p.t.Fatalf("orgrails %s ended before the call to kill it at:\n%s", strings.Join(args, " "), out.String())
	}
	for _, q := range p.processes() {
		_ = q.Kill()
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	<-done
	held.Resume()
	p.t.Logf("killed orgrails %s at %s", strings.Join(args, " "), at.Operation)
}

// processes are those that run in this place.
func (p *place) processes() []*process.Process {
	p.t.Helper()
	var mine []*process.Process
	for _, q := range must(process.Processes())(p.t) {
		env, _ := q.Environ()
		if slices.Contains(env, "PULUMI_HOME="+filepath.Join(p.Dir, ".pulumi-home")) {
			mine = append(mine, q)
		}
	}
	return mine
}
