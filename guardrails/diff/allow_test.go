package diff_test

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
)

// An allow list takes away what is not on it, and a shorter one more; the deploy
// role keeps everything.
func TestAllowListsAreCompared(t *testing.T) {
	with := func(list string) string {
		return strings.Replace(acme, "    Sandbox:\n", "    Sandbox:\n      allowList: ["+list+"]\n", 1)
	}
	none, long, short := plan(t, acme), plan(t, with("ec2, s3, iam, sts, organizations, support")), plan(t, with(`ec2, "s3:Get*", iam, sts, organizations, support`))
	for name, c := range map[string]struct {
		before, after *guardrails.Plan
		denied        diff.Verdict
		allowed       diff.Verdict
		action        string // of the request that shows it begins with
	}{
		"a list comes":       {none, long, diff.Some, diff.None, ""},
		"a list goes":        {long, none, diff.None, diff.Some, ""},
		"a list is shorter":  {long, short, diff.Some, diff.None, "s3:"},
		"a list is longer":   {short, long, diff.None, diff.Some, "s3:"},
		"a list is the same": {short, short, diff.None, diff.None, ""},
	} {
		d, err := diff.Diff(c.before, c.after, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.NewlyDenied != c.denied || d.NewlyAllowed != c.allowed || len(d.NotCompared) > 0 {
			t.Errorf("%s: newly denied %s, newly allowed %s, not compared %v", name, d.NewlyDenied, d.NewlyAllowed, d.NotCompared)
		}
		for _, e := range d.Effects {
			if len(e.Accounts) != 1 || e.Accounts[0] != "sandbox-1" || len(e.Sources) == 0 || e.Sources[0].Guardrail != "allowList" {
				t.Errorf("%s: %+v", name, e)
			}
			if e.Request == nil || !strings.HasPrefix(e.Request.Action, c.action) || strings.HasSuffix(e.Request.Principal, "role/OrganizationAccountAccessRole") {
				t.Errorf("%s: shown by %+v", name, e.Request)
			}
		}
	}
}

// Statements that are merged to save a document are those that were asked for:
// no guardrail changes because another is beside it.
func TestMergedStatementsAreThoseThatWereAskedFor(t *testing.T) {
	file := func(size, more string) string {
		return `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, quotas: {scpSize: ` + size + `, scpPerTarget: 2}}
root:
  accounts:
    shop: {id: "222222222222", email: shop@acme.example, guardrails: [protect-guardduty, protect-config` + more + `]}
`
	}
	before, after := plan(t, file("5000", "")), plan(t, file("1900", ", deny-iam-users"))
	d, err := diff.Diff(before, after, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.NewlyDenied != diff.Some || d.NewlyAllowed != diff.None {
		t.Errorf("newly denied %s, newly allowed %s", d.NewlyDenied, d.NewlyAllowed)
	}
	if len(d.Guardrails) != 1 || d.Guardrails[0].Change != diff.Added || d.Guardrails[0].Guardrail != "deny-iam-users" {
		t.Errorf("%+v", d.Guardrails)
	}
}
