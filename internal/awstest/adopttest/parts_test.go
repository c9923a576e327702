package adopttest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/orgrails/orgrails/internal/awstest"
)

const edited = `{"Version":"2012-10-17","Statement":[{"Sid":"ByHand","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`

// A role that is missing and a policy that somebody has edited are named and
// stay as they are, until `up`; what is adopted without the lock file gets its
// id there again.
func TestAdoptAPart(t *testing.T) {
	p := newPlace(t, small)
	p.forget()
	if err := os.Remove(filepath.Join(p.Dir, "organization.lock.json")); err != nil {
		t.Fatal(err)
	}
	member := iam.NewFromConfig(p.Emulator.Config("222222222222"))
	if _, err := member.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("Auditor")}); err != nil {
		for _, arn := range attached(t, member, "Auditor") { // AWS wants them off first
			if _, err := member.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: aws.String("Auditor"), PolicyArn: &arn}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := member.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("Auditor")}); err != nil {
			t.Fatal(err)
		}
	}
	id := p.policy("orgrails-scp-root")
	o := organizations.NewFromConfig(p.Config)
	if _, err := o.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: &id, Content: aws.String(edited)}); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()

	out := p.run(2, "adopt")
	p.noWrites()
	p.contains("adopt without a yes", out.Stderr, "role Auditor: not in AWS; up creates it", "policy orgrails-scp-root: "+id+" as policies-orgrails-scp-root", "give --yes")
	if _, err := os.Stat(filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks")); err == nil {
		t.Error("the state was written without a yes")
	}
	out = p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stdout, "3 changes left to make",
		"  + role Auditor: the plan has it and AWS does not: up creates it",
		"  + attached policies of role Auditor: the plan has it and AWS does not: up creates it",
		"  ~ policy orgrails-scp-root: policy text differs: only AWS has statement ByHand; only the plan has statement")
	p.contains("adopt", out.Stderr, "adopted account app")
	if _, err := os.Stat(filepath.Join(p.Dir, "organization.lock.json")); err != nil {
		t.Errorf("the id of the account that was found by its e-mail is not kept: %v", err)
	}
	if got := p.content(id); got != edited {
		t.Errorf("the policy was changed: %s", got)
	}
	t.Log(out.Stdout)
	p.run(0, "adopt", "--yes")
	p.noWrites()
	p.run(0, "up", "--yes")
	p.writes("CreateRole", "AttachRolePolicy", "UpdatePolicy")
	out = p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt after up", out.Stdout, "adopt: 0 things", "nothing is left to change")
}

func attached(t *testing.T, c *iam.Client, role string) (arns []string) {
	t.Helper()
	out, err := c.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.AttachedPolicies {
		arns = append(arns, *p.PolicyArn)
	}
	return arns
}

func (p *place) policy(name string) string {
	p.t.Helper()
	out, err := organizations.NewFromConfig(p.Config).ListPolicies(p.t.Context(), &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, q := range out.Policies {
		if *q.Name == name {
			return *q.Id
		}
	}
	p.t.Fatalf("no policy is named %s", name)
	return ""
}

func (p *place) content(id string) string {
	p.t.Helper()
	out, err := organizations.NewFromConfig(p.Config).DescribePolicy(p.t.Context(), &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		p.t.Fatal(err)
	}
	return *out.Policy.Content
}

// The same with one call in five throttled, reads among them.
func TestAdoptThrottled(t *testing.T) {
	p := newPlace(t, small)
	p.forget()
	p.Emulator.SetFaults(awstest.Faults{Seed: 7, Throttled: 0.2})
	out := p.run(0, "adopt", "--yes")
	refused := 0
	for _, c := range p.Emulator.Calls() {
		if c.ErrorCode == "TooManyRequestsException" || c.ErrorCode == "Throttling" || c.ErrorCode == "ThrottlingException" || c.Status == 429 {
			refused++
		}
	}
	if refused < 10 {
		t.Fatalf("only %d calls were throttled: the test proves nothing", refused)
	}
	p.noWrites()
	p.contains("adopt", out.Stdout, "nothing is left to change")
	p.Emulator.SetFaults(awstest.Faults{})
	p.run(0, "up", "--yes")
	p.noWrites()
}

// A run that is killed while it reads, together with all that it has started
// or alone, is completed by the next one.
func TestAdoptKilled(t *testing.T) {
	for name, c := range map[string]struct {
		at  awstest.Pause
		all bool
	}{
		"in the survey":                   {awstest.Pause{Service: "iam", Operation: "GetRole"}, true},
		"in the organization":             {awstest.Pause{Service: "organizations", Operation: "DescribeAccount"}, true},
		"in an account, CLI left running": {awstest.Pause{Service: "iam", Operation: "GetAccountPasswordPolicy", At: 3}, false},
		"in the policies":                 {awstest.Pause{Service: "organizations", Operation: "DescribePolicy", At: 2, Phase: awstest.After}, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, small)
			p.forget()
			p.kill(c.at, c.all, "adopt", "--yes")
			p.noWrites()
			out := p.run(0, "adopt", "--yes")
			p.noWrites()
			p.contains("adopt again", out.Stdout, "nothing is left to change")
			p.run(0, "up", "--yes")
			p.noWrites()
			if left := p.processes(); len(left) > 0 {
				t.Errorf("processes are left: %v", left)
			}
		})
	}
}

// kill starts orgrails, waits until a call is held, and kills it.
func (p *place) kill(at awstest.Pause, all bool, args ...string) {
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
		p.t.Fatalf("it ended before the call to kill it at:\n%s", out.String())
	}
	if all {
		for _, q := range p.processes() {
			_ = q.Kill()
		}
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	<-done
	held.Resume()
}

// processes are those that run in this place.
func (p *place) processes() []*process.Process {
	p.t.Helper()
	all, err := process.Processes()
	if err != nil {
		p.t.Fatal(err)
	}
	var mine []*process.Process
	for _, q := range all {
		env, _ := q.Environ()
		for _, kv := range env {
			if kv == "PULUMI_HOME="+filepath.Join(p.Dir, ".pulumi-home") {
				mine = append(mine, q)
			}
		}
	}
	return mine
}

// Part of a state is completed, and what it has stays as it is; a thing that it
// has under another id is refused by name.
func TestAdoptIntoAState(t *testing.T) {
	p := newPlace(t, small)
	const role = "account-security-role-Auditor"
	p.editState("account-security", func(r map[string]any) bool { return !strings.Contains(r["urn"].(string), "::"+role) })
	p.editState("policies", func(r map[string]any) bool { return !strings.Contains(r["urn"].(string), "on-root") })
	out := p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stdout+out.Stderr, "account-security: 2 to adopt, 4 in the state already", "policies: 2 to adopt, 6 in the state already", "nothing is left to change")
	p.run(0, "up", "--yes")
	p.noWrites()

	p.editState("policies", func(r map[string]any) bool {
		if strings.HasSuffix(r["urn"].(string), "::policies-orgrails-scp-root") {
			r["id"] = "p-somebodyelse"
		}
		return true
	})
	out = p.run(1, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stderr, "the state of stack policies has policies-orgrails-scp-root as p-somebodyelse, and AWS has "+p.policy("orgrails-scp-root"), "[GR422]")
}

// editState changes the resources of a stack's state, and drops those that are
// not kept.
func (p *place) editState(stack string, keep func(map[string]any) bool) {
	p.t.Helper()
	file := filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks", "orgrails", stack+".json")
	src, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(src, &state); err != nil {
		p.t.Fatal(err)
	}
	latest := state["checkpoint"].(map[string]any)["latest"].(map[string]any)
	var kept []any
	gone := map[string]bool{}
	for _, r := range latest["resources"].([]any) {
		m := r.(map[string]any)
		if !keep(m) {
			gone[m["urn"].(string)] = true
			continue
		}
		delete(m, "propertyDependencies")
		if deps, ok := m["dependencies"].([]any); ok {
			var left []any
			for _, d := range deps {
				if !gone[d.(string)] {
					left = append(left, d)
				}
			}
			m["dependencies"] = left
		}
		kept = append(kept, m)
	}
	latest["resources"] = kept
	out, err := json.Marshal(state)
	if err == nil {
		err = os.WriteFile(file, out, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
