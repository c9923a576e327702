package adopttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

// An account is closed by its id typed again and by nothing else, leaves the
// state, and neither `preview` nor `up` looks for it afterwards.
func TestAccountClose(t *testing.T) {
	p := newPlace(t, small)
	plan, err := p.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app, management := plan.IDs["account:app"], plan.IDs["account:management"]
	refused := func(code int, why string, args ...string) {
		t.Helper()
		out := p.run(code, append([]string{"account", "close"}, args...)...)
		p.noWrites()
		p.contains("account close", out.Stderr, why)
	}
	out := p.run(0, "account", "list")
	p.noWrites()
	p.contains("account list", out.Stdout, "app", app, "Workloads/Prod", "ACTIVE")
	if strings.Contains(out.Stdout, "the file has it in") {
		t.Errorf("an account is said to be elsewhere:\n%s", out.Stdout)
	}
	refused(1, "is the management account", management, "--confirm", management)
	refused(1, "is the management account", "management", "--confirm", management)
	refused(1, "is delegated administrator of access-analyzer.amazonaws.com", "security", "--confirm", "222222222222", "--still-in-file")
	refused(1, "account "+app+" is app in the file", app, "--confirm", app)
	refused(1, "has no account 999999999999", "999999999999", "--confirm", "999999999999")
	refused(2, "is not the id of account "+app, "app", "--still-in-file", "--confirm", "222222222222")
	refused(2, "there is no terminal to ask on", "app", "--still-in-file")

	out = p.run(0, "account", "close", "app", "--still-in-file", "--confirm", app)
	p.writes("CloseAccount")
	p.contains("account close", out.Stdout, "left the state: organization-account-app, stack account-app", "take account app out of the file")
	if got := p.status(app); got != "SUSPENDED" {
		t.Errorf("the account is %s", got)
	}
	if _, err := os.Stat(filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks", "orgrails", "account-app.json")); err == nil {
		t.Error("the stack of the account is still there")
	}
	out = p.run(0, "account", "close", app)
	p.noWrites()
	p.contains("closing it again", out.Stdout, "is SUSPENDED already: it was not closed again")
	out = p.run(0, "account", "list")
	p.contains("account list", out.Stdout, "the file has it, and AWS has closed it")

	// Out of the file, nothing of it is left to do.
	if err := p.Edit(`Prod: .*`, "Prod: {}"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.Dir, "organization.lock.json")); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()
	out = p.run(0, "up", "--yes")
	for _, c := range p.Emulator.Calls() {
		if c.Write && (strings.Contains(c.Operation, "Account") || c.Account == app) {
			t.Errorf("up made the call %s %s", c.Operation, c.Target)
		}
	}
	out = p.run(0, "preview", "--all")
	p.contains("preview", out.Stdout, "0 changes to make")
}

func (p *place) status(id string) string {
	p.t.Helper()
	out, err := organizations.NewFromConfig(p.Config).DescribeAccount(p.t.Context(), &organizations.DescribeAccountInput{AccountId: &id})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(out.Account.Status)
}

// What AWS says when it does not close an account is shown, and nothing has
// left the state.
func TestAccountCloseRefusedByAWS(t *testing.T) {
	w, err := world.New(t.Context(), world.Orgrails, small, t.TempDir(), awstest.Options{Quotas: awstest.Quotas{ClosedAccounts: -1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	p := &place{w, t}
	p.run(0, "up", "--yes", "--stack", "organization")
	plan, err := p.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app := plan.IDs["account:app"]
	out := p.run(3, "account", "close", "app", "--still-in-file", "--confirm", app)
	p.contains("account close", out.Stderr, "AWS does not close account "+app+": ConstraintViolationException CLOSE_ACCOUNT_QUOTA_EXCEEDED", "[GR426]", "nothing was changed")
	if got := p.status(app); got != "ACTIVE" {
		t.Errorf("the account is %s", got)
	}
	out = p.run(0, "preview", "--stack", "organization", "--all")
	p.contains("preview", out.Stdout, "0 changes to make")
}
