package lifetest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
)

const guest = "999999999999"

// An account of the file that is no member is invited once, stays alone until it
// has accepted, and is then placed and deployed.
func TestInvited(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.edit(`Core:\n      accounts:\n`, "Core:\n      guardrails: [require-imdsv2]\n      accounts:\n        guest: {id: \""+guest+"\", email: "+guest+"@invited.example, guardrails: [deny-root-user]}\n")
	out := p.run(0, "up", "--yes")
	p.contains("up", out.Stderr, "account guest ("+guest+") is no member of the organization: it is left alone", "orgrails account invite guest", "[GR429]")
	p.contains("up", out.Stdout, "account-guest", "absent")
	p.contains("preview", p.run(0, "preview").Stderr, "[GR429]")
	p.contains("adopt", p.run(0, "adopt", "--yes").Stderr, "account-guest: left out: account guest")
	p.contains("a second up", p.run(0, "up", "--yes").Stdout, "up: 0 changes")

	p.Emulator.ResetCalls()
	for who, want := range map[string]string{"nobody": "the file has no account with the key nobody", "security": "is a member of the organization already", "management": "is the management account"} {
		p.contains("invite "+who, p.run(1, "account", "invite", who, "--yes").Stderr, want, "[GR431]")
	}
	p.contains("invite without a terminal", p.run(2, "account", "invite", "guest").Stderr, "--yes")
	if got := p.done(); len(got) > 0 {
		t.Errorf("refusals write: %v", got)
	}
	out = p.run(0, "account", "invite", "guest", "--yes")
	p.contains("invite", out.Stdout, "account guest ("+guest+") is invited: h-", "expires on")
	out = p.run(0, "account", "invite", "guest", "--yes")
	p.contains("invite again", out.Stdout, "is invited already, and no other invitation was sent: h-")
	if got := strings.Join(p.done(), " "); got != "InviteAccountToOrganization" {
		t.Errorf("inviting twice makes the calls %s", got)
	}
	out = p.run(0, "account", "list")
	p.contains("account list", out.Stdout, "INVITED", "invited, and not accepted yet; the invitation h-", "expires on 20")
	out = p.run(0, "up", "--yes")
	p.contains("up", out.Stderr, "it is invited (h-", "[GR429]")

	own := p.Emulator.Config(guest)
	seen, err := organizations.NewFromConfig(own).ListHandshakesForAccount(t.Context(), &organizations.ListHandshakesForAccountInput{})
	if err != nil || len(seen.Handshakes) != 1 {
		t.Fatalf("the account sees %v, %v", seen, err)
	}
	if _, err := organizations.NewFromConfig(own).AcceptHandshake(t.Context(), &organizations.AcceptHandshakeInput{HandshakeId: seen.Handshakes[0].Id}); err != nil {
		t.Fatal(err)
	}
	out = p.run(3, "up", "--yes") // nobody has made its deploy role
	p.contains("up", out.Stderr, "account guest ("+guest+"): the role", "[GR407]")
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole"}]}`
	if _, err := iam.NewFromConfig(own).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("OrganizationAccountAccessRole"), AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	p.run(0, "up", "--yes")
	if got := p.unit(guest); got != "Core" {
		t.Errorf("the account is in %s", got)
	}
	p.inPlace()
}

// What AWS says of an invitation is shown with the way out.
func TestInviteRefusedByAWS(t *testing.T) {
	p := newPlace(t, awstest.Options{Quotas: awstest.Quotas{Invitations: -1}})
	p.edit(`Core:\n      accounts:\n`, "Core:\n      accounts:\n        guest: {id: \""+guest+"\", email: "+guest+"@invited.example}\n")
	out := p.run(3, "account", "invite", "guest", "--yes")
	p.contains("invite", out.Stderr, "AWS does not invite account "+guest+": HandshakeConstraintViolationException HANDSHAKE_RATE_LIMIT_EXCEEDED", "try again tomorrow", "[GR432]")
}

// An account that AWS has closed and the file still has stops nothing else.
func TestSuspended(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.run(0, "up", "--yes")
	app := p.account("app@small.example")
	if _, err := p.organizations().CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &app}); err != nil {
		t.Fatal(err)
	}
	p.edit(`guardrails: \[protect-cloudtrail\]`, "guardrails: [protect-cloudtrail, require-imdsv2]")
	p.edit(`(  Auditor:)`, "  Reader: {targets: [root], managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}\n${1}")
	p.edit(`        Prod: `, "        NonProd: {}\n        Prod: ")
	p.contains("preview", p.run(0, "preview").Stderr, "account app ("+app+") is SUSPENDED: it stays where it is", "[GR428]")
	p.Emulator.ResetCalls()
	out := p.run(0, "up", "--yes")
	p.contains("up", out.Stderr, "account app ("+app+") is SUSPENDED: it stays where it is", "take it out of the file", "[GR428]")
	p.contains("up", out.Stdout, "account-security  changed", "policies          changed", "account-app       absent")
	for _, c := range p.Emulator.Calls() {
		if c.Write && (c.Account == app || strings.Contains(c.Target, app) || c.Operation == "CreateAccount" || c.Operation == "CloseAccount") {
			t.Errorf("up made the call %s %s", c.Operation, c.Target)
		}
	}
	p.contains("a second up", p.run(0, "up", "--yes").Stdout, "up: 0 changes")
	p.contains("up --all --refresh", p.run(0, "up", "--yes", "--all").Stdout, "up: 0 changes")
	p.contains("account list", p.run(0, "account", "list").Stdout, "AWS has closed it: take it out of the file")
	p.run(0, "refresh")
	p.run(0, "up", "--yes")
	p.forget()
	out = p.run(0, "adopt", "--yes")
	p.contains("adopt", out.Stderr, "account-app: left out: account app")
	p.contains("adopt", out.Stdout, "nothing is left to change")
	p.run(0, "up", "--yes")

	// Without its id it is known by its e-mail, and not made again.
	p.remove("organization.lock.json")
	out = p.run(0, "up", "--yes")
	p.contains("up without the lock file", out.Stderr, "account app ("+app+") is SUSPENDED", "[GR428]")
	if strings.Contains(out.Stderr, "created account") {
		t.Errorf("a closed account is said to be created:\n%s", out.Stderr)
	}

	p.edit(`Prod: \{accounts.*`, "Prod: {}")
	p.run(0, "up", "--yes")
	p.contains("preview", p.run(0, "preview", "--all").Stdout, "0 changes to make")
}

// All is taken away although an account is closed, where nobody gets in.
func TestDestroyWithAClosedAccount(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.run(0, "up", "--yes")
	app := p.account("app@small.example")
	if _, err := p.organizations().CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &app}); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()
	out := p.run(0, "destroy", "--yes")
	p.contains("destroy", out.Stdout+out.Stderr, "account app is SUSPENDED: nothing was taken away there")
	for _, c := range p.Emulator.Calls() {
		if c.Write && (c.Account == app || strings.Contains(c.Target, app) || c.Operation == "CloseAccount") {
			t.Errorf("destroy made the call %s %s", c.Operation, c.Target)
		}
	}
	left, err := filepath.Glob(filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks", "orgrails", "*.json"))
	if err != nil || len(left) > 0 {
		t.Errorf("stacks are left: %v %v", left, err)
	}
}

// An account that the state has under another id is a slip, and not forgotten.
func TestAccountWithAnotherID(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.run(0, "up", "--yes")
	p.edit(`222222222222`, "222222222223")
	p.Emulator.ResetCalls()
	out := p.run(3, "up", "--yes")
	p.contains("up", out.Stderr, "has no account 222222222223, and it was 222222222222 before")
	if got := p.done(); len(got) > 0 {
		t.Errorf("up writes: %v", got)
	}
}
