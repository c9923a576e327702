package stackstest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/stacks/automation"
)

// One in five Organizations writes is refused, one call in twenty answered
// with 503: `up` converges all the same.
func TestThrottled(t *testing.T) {
	w := newWorld(t)
	emulator.SetFaults(awstest.Faults{Seed: 7, OrganizationsThrottled: 0.1, OrganizationsConflicts: 0.1, Unavailable: 0.05})
	t.Cleanup(func() { emulator.SetFaults(awstest.Faults{}) })
	w.up()
	emulator.SetFaults(awstest.Faults{})
	w.inPlace()
	only(t, w.up(func(o *automation.Options) { o.All = true }))
}

// Connections are lost before and after AWS has done what was asked: what was
// made without an answer is found again, and nothing is made twice.
func TestConnectionsLost(t *testing.T) {
	w := newWorld(t)
	emulator.SetFaults(awstest.Faults{Seed: 3, CallsLost: 0.03, AnswersLost: 0.06})
	t.Cleanup(func() { emulator.SetFaults(awstest.Faults{}) })
	for try := 1; ; try++ {
		r, err := w.tryUp()
		if err == nil && r.Clean() {
			break
		}
		if try == 3 {
			t.Fatalf("%v\n%s", err, text(r))
		}
	}
	emulator.SetFaults(awstest.Faults{})
	w.inPlace()
	only(t, w.up(func(o *automation.Options) { o.All = true }))
}

// What somebody else has made is not taken over.
func TestForeignObjectsAreNotTakenOver(t *testing.T) {
	w := newWorld(t)
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	name := "Auditor"
	payments := w.plan.IDs["account:payments"]
	if _, err := iam.NewFromConfig(emulator.Config(payments)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	o := organizations.NewFromConfig(w.config())
	roots, err := o.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	unit := "Security"
	if _, err := o.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: roots.Roots[0].Id, Name: &unit}); err != nil {
		t.Fatal(err)
	}
	r, err := w.tryUp()
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Stacks[0]; s.Result != automation.ResultFailed || !strings.Contains(s.Problem.Error(), "is not managed here") {
		t.Errorf("a unit of the same name: %s %v", s.Result, s.Problem)
	}
	w.plan.IDs["unit:Security"] = w.unitID("Security") // what the file says of it
	time.Sleep(4 * time.Second)                        // what is seconds old is not told from ours
	r, err = w.tryUp()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Stacks {
		want := automation.ResultChanged
		if s.Stack.Name == "account-payments" {
			want = automation.ResultFailed
			if s.Problem == nil || !strings.Contains(s.Problem.Error(), "EntityAlreadyExists") || !strings.Contains(s.Problem.Error(), "is not managed here") {
				t.Errorf("the problem of %s: %v", s.Stack.Name, s.Problem)
			}
		}
		if s.Result != want {
			t.Errorf("%s: %s, want %s: %v", s.Stack.Name, s.Result, want, s.Problem)
		}
	}
}

// A failed account does not stop the policies; the one that makes a boundary
// mandatory waits for it.
func TestAFailedAccountDoesNotStopThePolicies(t *testing.T) {
	w := newWorld(t)
	role := "OrganizationAccountAccessRole"
	payments := w.plan.IDs["account:payments"]
	c := iam.NewFromConfig(emulator.Config(payments))
	out, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	admin := "arn:aws:iam::aws:policy/AdministratorAccess"
	c.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &admin})
	policies, _ := c.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
	for _, p := range policies.PolicyNames {
		c.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &p})
	}
	if _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: &role}); err != nil {
		t.Fatal(err)
	}
	r, err := w.tryUp()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Stacks {
		switch s.Stack.Name {
		case "account-payments":
			if s.Result != automation.ResultFailed || s.Problem.Code != "GR407" || !strings.Contains(s.Problem.Error(), payments) || !strings.Contains(s.Problem.Error(), role) {
				t.Errorf("%s: %s %v", s.Stack.Name, s.Result, s.Problem)
			}
		case "policies":
			if s.Result != automation.ResultChanged || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "developer in payments") {
				t.Errorf("%s: %s %v, warnings %q", s.Stack.Name, s.Result, s.Problem, s.Warnings)
			}
		default:
			if s.Result != automation.ResultChanged {
				t.Errorf("%s: %s %v", s.Stack.Name, s.Result, s.Problem)
			}
		}
	}
	// When the role is back, the account and the waiting policy are deployed, nothing else.
	trust, err := url.QueryUnescape(*out.Role.AssumeRolePolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	r = w.up()
	ended(t, r, map[string]automation.Result{"account-payments": automation.ResultChanged, "policies": automation.ResultChanged})
	w.inPlace()
}

// The settings that somebody changed by hand survive, also when they meet a
// change of ours.
func TestSettingsMadeByHandSurvive(t *testing.T) {
	w := newWorld(t)
	o := organizations.NewFromConfig(w.config())
	service := "sso.amazonaws.com"
	if _, err := o.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &service}); err != nil {
		t.Fatal(err)
	}
	w.up()
	roots, err := o.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: "TAG_POLICY"}); err != nil {
		t.Fatal(err)
	}
	w.plan.Units[0].Name = "Secure"
	only(t, w.up(), "organization: update organization-unit-Security")
	roots, err = o.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(roots.Roots[0].PolicyTypes); n != 3 {
		t.Errorf("%d policy types are enabled, want 3", n)
	}
	access, err := o.ListAWSServiceAccessForOrganization(t.Context(), &organizations.ListAWSServiceAccessForOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(access.EnabledServicePrincipals); n != 3 {
		t.Errorf("%d services are trusted, want 3", n)
	}
	w.inPlace()
}

// Each way that the world can be wrong is an error of its own, before
// anything is written.
func TestPreflight(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	member, secret := emulator.AccessKey(w.plan.IDs["account:payments"])
	nobody, _ := emulator.AccessKey("699999999999")
	expired, _ := emulator.AccessKey(w.mgmt)
	unknown, _ := emulator.AccessKey(w.mgmt)
	emulator.SetFaults(awstest.Faults{ExpiredKeys: []string{expired}, UnknownKeys: []string{unknown}})
	t.Cleanup(func() { emulator.SetFaults(awstest.Faults{}) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	for _, c := range []struct {
		name string
		env  map[string]string
		code string
		want []string
	}{
		{"of another organization", map[string]string{"AWS_ACCESS_KEY_ID": other.key}, "GR404", []string{other.plan.IDs["organization"], w.plan.IDs["organization"]}},
		{"of a member account", map[string]string{"AWS_ACCESS_KEY_ID": member, "AWS_SECRET_ACCESS_KEY": secret}, "GR405", []string{w.plan.IDs["account:payments"], w.mgmt}},
		{"of no organization", map[string]string{"AWS_ACCESS_KEY_ID": nobody}, "GR406", []string{"699999999999"}},
		{"expired", map[string]string{"AWS_ACCESS_KEY_ID": expired}, "GR402", []string{"expired"}},
		{"unknown", map[string]string{"AWS_ACCESS_KEY_ID": unknown}, "GR402", []string{"AWS_ACCESS_KEY_ID"}},
		{"unreachable", map[string]string{"AWS_ENDPOINT_URL": closed}, "GR403", []string{closed, "AWS_ENDPOINT_URL"}},
		{"without the CLI", map[string]string{"PATH": t.TempDir()}, "GR418", []string{"pulumi"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			emulator.ResetCalls()
			o := w.options()
			for k, v := range c.env {
				o.Env[k] = v
			}
			for _, f := range []func() (*automation.Report, error){
				func() (*automation.Report, error) { return automation.Up(t.Context(), w.plan, o) },
				func() (*automation.Report, error) { return automation.Preview(t.Context(), w.plan, o) },
			} {
				_, err := f()
				var p *automation.Problem
				if !errors.As(err, &p) || p.Code != c.code || p.Hint == "" {
					t.Fatalf("got %v, want %s with a hint", err, c.code)
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%v does not say %q", err, want)
					}
				}
			}
			for _, call := range emulator.Calls() {
				if call.Write {
					t.Errorf("writing call %s", call.Operation)
				}
			}
		})
	}
}

// A lock of a run that lives, or of another machine, is respected; one of a
// run that died is released.
func TestLocks(t *testing.T) {
	w := newWorld(t)
	w.up()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(w.dir, ".orgrails", "state", ".pulumi", "locks", "organization", "orgrails", "policies")
	file := filepath.Join(dir, "0123.json")
	lock := func(pid, host string) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		text := `{"pid":` + pid + `,"username":"ada","hostname":"` + host + `","timestamp":"` + time.Now().Format(time.RFC3339Nano) + `"}`
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ pid, host, want string }{
		{strconv.Itoa(os.Getpid()), host, "and it runs"},
		{"1", "build-7", "build-7 (pid 1)"},
	} {
		lock(c.pid, c.host)
		r, err := w.tryUp()
		if err != nil {
			t.Fatal(err)
		}
		ended(t, r, map[string]automation.Result{"policies": automation.ResultFailed})
		if p := r.Stacks[len(r.Stacks)-1].Problem; p == nil || p.Code != "GR408" || !strings.Contains(p.Error(), c.want) {
			t.Errorf("got %v, want GR408 with %q", p, c.want)
		}
		if _, err := os.Stat(file); err != nil {
			t.Error("the lock was released")
		}
	}
	lock("4194303", host)
	ended(t, w.up(), nil)
	if _, err := os.Stat(file); err == nil {
		t.Error("the lock is still there")
	}
}

// An interrupt lets what has begun end, begins nothing more, and leaves
// nothing to recover.
func TestInterrupt(t *testing.T) {
	w := newWorld(t)
	held := emulator.PauseAt(awstest.Pause{Service: "organizations", Operation: "CreateOrganizationalUnit", At: 2, Phase: awstest.After})
	t.Cleanup(emulator.Resume)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan *automation.Report, 1)
	go func() {
		r, err := automation.Up(ctx, w.plan, w.options())
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		done <- r
	}()
	<-held.Reached
	cancel()
	time.Sleep(300 * time.Millisecond)
	held.Resume()
	r := <-done
	for _, s := range r.Stacks[1:] {
		if s.Result != automation.ResultBlocked {
			t.Errorf("%s: %s", s.Stack.Name, s.Result)
		}
	}
	if left := w.processes(); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	w.up()
	w.inPlace()
}

// A kill ends everything at once; the next run recovers.
func TestKillOption(t *testing.T) {
	w := newWorld(t)
	held := emulator.PauseAt(awstest.Pause{Service: "iam", Operation: "CreateRole", Phase: awstest.After})
	t.Cleanup(emulator.Resume)
	kill := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		o := w.options()
		o.Kill = kill
		automation.Up(t.Context(), w.plan, o)
	}()
	<-held.Reached
	close(kill)
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the run did not end")
	}
	held.Resume()
	w.up()
	w.inPlace()
	if left := w.processes(); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

func TestRemoteBackendNeedsASecretsProvider(t *testing.T) {
	w := newWorld(t)
	_, err := automation.Up(t.Context(), w.plan, automation.Options{Dir: w.dir, Backend: "s3://acme-state", Env: w.options().Env})
	var p *automation.Problem
	if !errors.As(err, &p) || p.Code != "GR412" {
		t.Errorf("got %v, want GR412", err)
	}
}

// Nothing that a deployment writes holds a credential.
func TestNoCredentialIsWritten(t *testing.T) {
	w := newWorld(t)
	w.up()
	n := 0
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		for _, c := range []string{w.key, w.secret, "SecretAccessKey", "sessionToken"} {
			if strings.Contains(string(src), c) {
				t.Errorf("%s holds %q", path, c)
			}
		}
		return nil
	})
	if err != nil || n < 10 {
		t.Fatalf("looked into %d files: %v", n, err)
	}
}
