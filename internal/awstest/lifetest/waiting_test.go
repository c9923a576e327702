package lifetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
)

// A new account waits in the unit that the file names until its baseline and
// the policies are deployed, and is then moved by the same up.
func TestNewAccountWaits(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.Emulator.ResetCalls()
	out := p.run(0, "up", "--yes")
	if strings.Contains(out.Stderr, "GR427") {
		t.Errorf("an account that was moved is said to wait:\n%s", out.Stderr)
	}
	app := p.account("app@small.example")
	var seen []string
	for _, c := range p.Emulator.Calls() {
		switch {
		case !c.Write || c.ErrorCode != "":
		case c.Operation == "MoveAccount" && strings.Contains(c.Target, app), c.Operation == "CreateAccount":
			seen = append(seen, c.Operation)
		case c.Account == app && (len(seen) == 0 || seen[len(seen)-1] != "baseline"):
			seen = append(seen, "baseline")
		case c.Operation == "AttachPolicy" && seen[len(seen)-1] != "policies":
			seen = append(seen, "policies")
		}
	}
	if want := []string{"CreateAccount", "MoveAccount", "baseline", "policies", "MoveAccount"}; !slices.Equal(seen, want) {
		t.Errorf("the order was %v, want %v", seen, want)
	}
	if got := p.unit(app); got != "Prod" {
		t.Errorf("the account is in %s", got)
	}
	p.inPlace()
	p.Emulator.ResetCalls()
	out = p.run(0, "up", "--yes")
	p.contains("a second up", out.Stdout, "up: 0 changes")
	p.run(0, "up", "--yes", "--all")
	if got := p.done(); len(got) > 0 {
		t.Errorf("up writes again: %v", got)
	}
}

// An account whose baseline fails stays where it waits, the report says so, and
// the next up goes on.
func TestNewAccountStaysWithoutItsBaseline(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.edit(`(  Auditor:)`, "  Broken: {targets: [app], managedPolicies: [\"arn:aws:iam::aws:policy/NoSuchPolicy\"], trust: {users: [management/alice]}}\n${1}")
	out := p.run(3, "up", "--yes")
	app := p.account("app@small.example")
	if got := p.unit(app); got != "Quarantine" {
		t.Errorf("the account is in %s", got)
	}
	p.contains("up", out.Stderr, "account app stays in Quarantine: stack account-app is not deployed", "[GR427]")
	p.contains("account list", p.run(0, "account", "list").Stdout, "it waits in Quarantine until it is deployed")
	p.run(3, "up", "--yes")
	if got := p.unit(app); got != "Quarantine" {
		t.Errorf("after another up the account is in %s", got)
	}
	p.edit(`  Broken:.*\n`, "")
	p.run(0, "up", "--yes")
	if got := p.unit(app); got != "Prod" {
		t.Errorf("once its baseline is there the account is in %s", got)
	}
	p.inPlace()
}

// A run that is killed between any two steps is taken up by the next one, which
// never deploys a baseline while the account is anywhere else.
func TestNewAccountKilled(t *testing.T) {
	for name, at := range map[string]awstest.Pause{
		"created":       {Operation: "CreateAccount", Phase: awstest.After},
		"before it":     {Operation: "MoveAccount", At: 1, Phase: awstest.Before},
		"waiting":       {Operation: "MoveAccount", At: 1, Phase: awstest.After},
		"baseline":      {Operation: "CreateRole", Phase: awstest.After, At: 2},
		"before moving": {Operation: "MoveAccount", At: 3, Phase: awstest.Before},
		"moved":         {Operation: "MoveAccount", At: 3, Phase: awstest.After},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, awstest.Options{})
			p.kill(at, "up", "--yes")
			p.Emulator.ResetCalls()
			out := p.run(0, "up", "--yes")
			app := p.account("app@small.example")
			if got := p.unit(app); got != "Prod" {
				t.Errorf("the account is in %s:\n%s%s", got, out.Stdout, out.Stderr)
			}
			p.inPlace()
			moves := 0
			for _, c := range p.Emulator.Calls() {
				switch {
				case !c.Write || c.ErrorCode != "":
				case c.Operation == "MoveAccount" && strings.Contains(c.Target, app):
					moves++
				case c.Account == app && moves > 1:
					t.Errorf("%s after the account has left where it waits", c.Operation)
				}
			}
			// A call that was held goes on once its caller is dead.
			if want := map[string]int{"created": 2, "waiting": 1, "baseline": 1}[name]; want > 0 && moves != want {
				t.Errorf("the account was moved %d times, want %d", moves, want)
			}
			p.Emulator.ResetCalls()
			p.run(0, "up", "--yes", "--all")
			if got := p.done(); len(got) > 0 {
				t.Errorf("another up writes: %v", got)
			}
		})
	}
}

// An account that exists, and that up finds by its e-mail, is not new.
func TestAccountThatExistsDoesNotWait(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	name, email := "app", "app@small.example"
	if _, err := p.organizations().CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: &email}); err != nil {
		t.Fatal(err)
	}
	app := p.account(email)
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	moves := 0
	for _, c := range p.Emulator.Calls() {
		if c.Operation == "MoveAccount" && strings.Contains(c.Target, app) {
			moves++
		}
	}
	if moves != 1 || p.unit(app) != "Prod" {
		t.Errorf("the account was moved %d times and is in %s", moves, p.unit(app))
	}
}
