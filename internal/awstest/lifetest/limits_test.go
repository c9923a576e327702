package lifetest

import (
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/awstest"
)

const two = "Prod: {accounts: {app: {email: app@small.example}, shop: {email: shop@small.example}}}"

// Accounts are created one after the other, however long AWS takes.
func TestOneAccountAtATime(t *testing.T) {
	p := newPlace(t, awstest.Options{Quotas: awstest.Quotas{AccountCreations: 1}, AccountCreation: 300 * time.Millisecond})
	time.Sleep(400 * time.Millisecond) // that of the world
	p.edit(`Prod: .*`, two)
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	n := 0
	for _, c := range p.Emulator.Calls() {
		if c.Operation == "CreateAccount" {
			n++
			if c.ErrorCode != "" {
				t.Errorf("CreateAccount is answered %s", c.ErrorCode)
			}
		}
	}
	if n != 2 {
		t.Errorf("CreateAccount was called %d times, want twice", n)
	}
	p.inPlace()
}

// A quota that the file states is kept before anything is created, and AWS's
// own answers are explained.
func TestAccountQuota(t *testing.T) {
	p := newPlace(t, awstest.Options{Quotas: awstest.Quotas{Accounts: 3}})
	p.edit(`Prod: .*`, two)
	p.edit(`  newAccounts:`, "  quotas: {accounts: 3}\n  newAccounts:")
	p.Emulator.ResetCalls()
	for _, command := range [][]string{{"preview"}, {"up", "--yes"}} {
		out := p.run(1, command...)
		p.contains(command[0], out.Stderr, "the organization has 2 accounts, closed ones and open invitations included, 2 are to be created, and AWS takes 3", "L-E619E033", "organization.quotas.accounts", "[GR430]")
	}
	if got := p.done(); len(got) > 0 {
		t.Errorf("up writes: %v", got)
	}
	p.edit(`accounts: 3`, "accounts: 30") // which AWS does not know of
	out := p.run(3, "up", "--yes")
	p.contains("up", out.Stderr, "exceeded the allowed number of AWS accounts", "L-E619E033", "closed count for 90 days")

	p.Emulator.SetFaults(awstest.Faults{Finalizing: true})
	p.contains("up", p.run(3, "up", "--yes").Stderr, "AWS is still setting the organization up")
	p.Emulator.SetFaults(awstest.Faults{})
}

// AWS's first quota is warned of where the file states none.
func TestFirstAccountQuota(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	var many []string
	for _, c := range "abcdefghi" {
		many = append(many, string(c)+": {email: "+string(c)+"@small.example.com}")
	}
	p.edit(`Prod: .*`, "Prod: {accounts: {"+strings.Join(many, ", ")+"}}")
	p.contains("preview", p.run(0, "preview").Stderr, "the organization has 2 accounts, closed ones and open invitations included, 9 are to be created, and AWS takes 10 until the quota is raised", "[GR430]")
}
