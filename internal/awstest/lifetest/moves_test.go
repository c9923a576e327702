package lifetest

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/internal/awstest"
)

// What a move does to access is shown before the account is moved, with a
// request that shows it, and only then.
func TestMovesAreShown(t *testing.T) {
	p := newPlace(t, awstest.Options{})
	p.edit(`    Core:\n`, "    Core:\n      guardrails: [require-imdsv2]\n")
	p.edit(`Prod: .*`, "Prod: {accounts: {}}")
	out := p.run(0, "up", "--yes")
	if strings.Contains(out.Stderr, "to another unit") {
		t.Errorf("a first up shows moves:\n%s", out.Stderr)
	}
	p.edit(`Prod: .*`, `Prod: {accounts: {security: {id: "222222222222", email: security@small.example}}}`)
	p.edit(`      accounts:\n        security:.*\n`, "")
	out = p.run(0, "preview")
	p.contains("preview", out.Stdout, "1 account moves to another unit",
		"Newly denied", "protect-cloudtrail at Workloads", "such as cloudtrail:",
		"Newly allowed", "require-imdsv2 at Core", "such as ec2:",
		"moved security from Core to Workloads/Prod")
	if strings.Contains(out.Stdout, "deny-leave-organization at root") {
		t.Errorf("what holds in both places is shown:\n%s", out.Stdout)
	}
	p.contains("preview --json", p.run(0, "preview", "--json").Stdout, `{"kind":"moves","accounts":[{"change":"moved","account":"security"`)
	out = p.run(0, "up", "--yes")
	at := strings.Index(out.Stderr, "1 account moves to another unit")
	if begun := strings.Index(out.Stderr, "organization: started"); at < 0 || begun < at {
		t.Errorf("the move is not shown before it is made:\n%s", out.Stderr)
	}
	if got := p.unit("222222222222"); got != "Prod" {
		t.Errorf("the account is in %s", got)
	}
	out = p.run(0, "up", "--yes")
	if strings.Contains(out.Stderr, "to another unit") {
		t.Errorf("an account that has moved is shown:\n%s", out.Stderr)
	}

	// A unit with another key is the same place.
	p.edit(`    Workloads:\n`, "    Work:\n      was: [Workloads]\n")
	out = p.run(0, "preview")
	if strings.Contains(out.Stdout, "to another unit") {
		t.Errorf("a renamed unit is a move:\n%s", out.Stdout)
	}
}
