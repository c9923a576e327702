package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

// TestRefusals provokes what goes wrong between a file and AWS. Each refusal
// names what is wrong and the way out, and leaves nothing half-written.
func TestRefusals(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	refused := func(name string, code int, says []string, args ...string) {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.Emulator.ResetCalls()
			out := p.run(code, args...)
			for _, s := range says {
				if !strings.Contains(out.Stderr, s) {
					t.Errorf("stderr does not say %q:\n%s", s, out.Stderr)
				}
			}
			if strings.Contains(out.Stderr, "goroutine ") {
				t.Errorf("stderr shows a stack trace:\n%s", out.Stderr)
			}
			p.wantWrites()
		})
	}
	p.Emulator.SetFaults(awstest.Faults{ExpiredKeys: []string{world.AccessKey}})
	refused("expired credentials", 3, []string{"expired"}, "up", "--yes")
	p.Emulator.SetFaults(awstest.Faults{UnknownKeys: []string{world.AccessKey}})
	refused("unknown credentials", 3, []string{"credentials"}, "preview")
	p.Emulator.SetFaults(awstest.Faults{})

	src, err := os.ReadFile(p.File())
	if err != nil {
		t.Fatal(err)
	}
	restore := func() {
		t.Helper()
		if err := os.WriteFile(p.File(), src, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	real := p.plan().IDs["organization"]
	p.edit(`(id: )o-[a-z0-9]+`, "${1}o-zzzzzzzzzz")
	refused("credentials of another organization", 3, []string{"o-zzzzzzzzzz", real}, "up", "--yes")
	restore()
	p.edit(`(managementAccount: \{id: )"111111111111"`, `${1}"999999999999"`)
	refused("credentials of another account", 3, []string{"999999999999", "111111111111"}, "up", "--yes")
	restore()
	refused("a remote backend without a secrets provider", 2, []string{"secrets provider"}, "up", "--yes", "--backend", "s3://somewhere")
	refused("no file", 3, []string{"nowhere.yaml"}, "up", "--yes", "nowhere.yaml")
	refused("no --yes and no terminal", 2, []string{"--yes"}, "up")
}

// TestUnreachable has no AWS at all: the command says so soon, and by name.
func TestUnreachable(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	cmd := p.Command(p.ctx, "up", "--yes")
	for i, kv := range cmd.Env {
		if strings.HasPrefix(kv, "AWS_ENDPOINT_URL=") {
			cmd.Env[i] = "AWS_ENDPOINT_URL=http://127.0.0.1:9"
		}
	}
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != 3 {
		t.Fatalf("exit code %d, want 3:\n%s", code, out)
	}
	if !strings.Contains(string(out), "127.0.0.1:9") {
		t.Errorf("the endpoint is not named:\n%s", out)
	}
}

// TestNoAccessRole takes the deploy role out of one account. That account is
// named and skipped; everything else is deployed; with the role back, one `up`
// completes it.
func TestNoAccessRole(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	cfg := p.Config.Copy()
	arn := "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(p.Config), arn))
	role := iam.NewFromConfig(cfg)
	name := aws.String("OrganizationAccountAccessRole")
	was := must[*iam.GetRoleOutput](t)(role.GetRole(context.Background(), &iam.GetRoleInput{RoleName: name})).Role
	attached := must[*iam.ListAttachedRolePoliciesOutput](t)(role.ListAttachedRolePolicies(p.ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name}))
	for _, a := range attached.AttachedPolicies {
		must[*iam.DetachRolePolicyOutput](t)(role.DetachRolePolicy(p.ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: a.PolicyArn}))
	}
	inline := must[*iam.ListRolePoliciesOutput](t)(role.ListRolePolicies(p.ctx, &iam.ListRolePoliciesInput{RoleName: name}))
	for _, n := range inline.PolicyNames {
		must[*iam.DeleteRolePolicyOutput](t)(role.DeleteRolePolicy(p.ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: &n}))
	}
	must[*iam.DeleteRoleOutput](t)(role.DeleteRole(p.ctx, &iam.DeleteRoleInput{RoleName: name}))

	out := p.run(3, "up", "--yes")
	for _, s := range []string{"account-security", "OrganizationAccountAccessRole", "222222222222"} {
		if !strings.Contains(out.Stderr, s) {
			t.Errorf("stderr does not say %q:\n%s", s, out.Stderr)
		}
	}
	trust, err := decode(*was.AssumeRolePolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	must[*iam.CreateRoleOutput](t)(role.CreateRole(p.ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust}))
	p.run(0, "up", "--yes")
	p.inPlace()
}
