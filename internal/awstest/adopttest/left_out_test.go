package adopttest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// An account whose deploy role is gone is named and left out; everything else
// is adopted.
func TestAdoptWithoutARole(t *testing.T) {
	p := newPlace(t, small)
	p.forget()
	plan, err := p.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app, role := plan.IDs["account:app"], plan.Organization.DeployRole
	member := iam.NewFromConfig(p.Emulator.Config(app))
	for _, arn := range attached(t, member, role) {
		if _, err := member.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := member.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: &role}); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()
	out := p.run(1, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stderr, "account-app: left out: account app ("+app+"): the role", "cannot be assumed", "[GR407]")
	p.contains("adopt", out.Stdout, "organization            8 adopted", "account-security        6 adopted", "policies                8 adopted")
}

// Where an allow list has taken the place of FullAWSAccess, that stays away.
func TestAdoptAnAllowList(t *testing.T) {
	p := newPlace(t, small)
	if err := p.Edit(`(    Workloads:\n)`, "${1}      allowList: [ec2, s3, iam, sts, cloudtrail, support, health, ce, billing, account, signin, organizations]\n"); err != nil {
		t.Fatal(err)
	}
	p.run(0, "up", "--yes")
	p.Emulator.ResetCalls()
	p.forget()
	out := p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stdout, "nothing is left to change")
	p.run(0, "up", "--yes")
	p.noWrites()
}
