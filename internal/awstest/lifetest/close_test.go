package lifetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
)

// Killed before or after AWS has closed the account, the same command closes it
// once and takes it out of the state.
func TestCloseKilled(t *testing.T) {
	for _, phase := range []awstest.Phase{awstest.Before, awstest.After} {
		t.Run(string(phase), func(t *testing.T) {
			p := newPlace(t, awstest.Options{})
			p.run(0, "up", "--yes")
			app := p.account("app@small.example")
			p.Emulator.ResetCalls()
			args := []string{"account", "close", "app", "--still-in-file", "--confirm", app}
			p.kill(awstest.Pause{Operation: "CloseAccount", Phase: phase}, args...)
			p.contains("preview after it", p.run(0, "preview").Stdout, "stack") // whatever AWS made of it, nothing else is stopped
			out := p.run(0, args...)
			p.contains("account close", out.Stdout, "left the state: organization-account-app, stack account-app")
			closed := 0
			for _, op := range p.done() {
				if op == "CloseAccount" {
					closed++
				}
			}
			if closed != 1 {
				t.Errorf("the account was closed %d times", closed)
			}
			described, err := p.organizations().DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: &app})
			if err != nil || described.Account.Status != "SUSPENDED" {
				t.Errorf("the account is %v, %v", described, err)
			}
			p.contains("up", p.run(0, "up", "--yes").Stderr, "[GR428]")
			p.edit(`Prod: .*`, "Prod: {}")
			p.remove("organization.lock.json")
			p.run(0, "up", "--yes")
			p.contains("preview", p.run(0, "preview", "--all").Stdout, "0 changes to make")
		})
	}
}

// Whatever is taken out of the file or destroyed, no deployment closes an account.
func TestNoDeploymentCloses(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	app := p.account("app@small.example")
	p.edit(`Prod: .*`, "Prod: {}")
	p.remove("organization.lock.json")
	p.run(0, "up", "--yes")
	p.run(0, "up", "--yes", "--remove-left", "--all")
	p.run(0, "destroy", "--yes")
	for _, op := range p.done() {
		if op == "CloseAccount" || op == "LeaveOrganization" || op == "RemoveAccountFromOrganization" {
			t.Errorf("a deployment made the call %s", op)
		}
	}
	if got := p.unit(app); got != "Prod" {
		t.Errorf("the account is in %s", got)
	}
	if !slices.ContainsFunc(p.done(), func(op string) bool { return strings.HasPrefix(op, "Delete") }) {
		t.Error("nothing was taken away: the test destroyed nothing")
	}
}
