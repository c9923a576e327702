package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
)

var update = flag.Bool("update", false, "write the golden files")

func planText(t *testing.T, p *guardrails.Plan, opts Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := PlanText(&b, p, awsdata.Quotas{}, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to write it):\n%s", file, got)
	}
}

func TestPlanText(t *testing.T) {
	opts := Options{Stacks: []Stack{{"organization", "organization"}, {"account-identity", "account"}, {"account-payments-prod", "account"}, {"policies", "policies"}}}
	golden(t, "plan.txt", planText(t, samplePlan(), opts))
}

func TestPlanTextSaysWhereNewAccountsWait(t *testing.T) {
	p := samplePlan()
	p.Organization.NewAccounts = "Sandbox"
	if got := planText(t, p, Options{}); !strings.Contains(got, "new accounts         wait in Sandbox until they are deployed\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestPlanTextOfALargeOrganizationCanBeRead(t *testing.T) {
	got := planText(t, largePlan(5000), Options{})
	golden(t, "large.txt", got)
	if n := strings.Count(got, "\n"); n > 120 {
		t.Errorf("5,000 accounts alike take %d lines", n)
	}
}

func TestPlanTextOfAnEmptyPlan(t *testing.T) {
	got := planText(t, &guardrails.Plan{IDs: map[string]string{}}, Options{})
	if !strings.Contains(got, "0 accounts in 0 units") {
		t.Errorf("got\n%s", got)
	}
}

func TestNamesOfAPlanAreEscaped(t *testing.T) {
	p := samplePlan()
	const evil = "a\x1b[2J\u202eb"
	p.Organization.Name, p.Units[0].Name, p.Accounts[1].Name, p.Accounts[3].Email = evil, evil, evil, evil
	p.Policies[3].Statements[0].Guardrail, p.Policies[3].Statements[0].Origin = evil, evil
	p.Exceptions[0].Reason, p.Exceptions[0].Owner = evil, evil
	p.Baselines[1].Roles[0].Name, p.Baselines[0].Groups[0].Name = evil, evil
	p.Analyzers[0].Analyzers[0].Name = evil
	if got := planText(t, p, Options{}); strings.ContainsAny(got, "\x1b\u202e") {
		t.Errorf("a name reached the terminal as it is:\n%q", got)
	}
}

// What differs between two accounts keeps them apart, even where no line shows it.
func TestOnlyEqualBaselinesAreFolded(t *testing.T) {
	const folded = "\n  2 accounts: payments-prod, sandbox-1\n"
	if got := planText(t, samplePlan(), Options{}); !strings.Contains(got, folded) {
		t.Fatalf("equal accounts are not folded:\n%s", got)
	}
	for name, change := range map[string]func(*guardrails.Baseline){
		"document":    func(b *guardrails.Baseline) { b.Boundaries[0].Document += " " },
		"path":        func(b *guardrails.Baseline) { b.Roles[0].Path = "/x/" },
		"password":    func(b *guardrails.Baseline) { b.PasswordPolicy.HardExpiry = true },
		"policy":      func(b *guardrails.Baseline) { b.Roles[1].Policies[0].Document += " " },
		"session":     func(b *guardrails.Baseline) { b.Roles[0].MaxSessionDuration++ },
		"managed":     func(b *guardrails.Baseline) { b.Roles[0].ManagedPolicies[0] += "x" },
		"description": func(b *guardrails.Baseline) { b.Roles[0].Description = "x" },
	} {
		p := samplePlan()
		change(&p.Baselines[2])
		if got := planText(t, p, Options{}); strings.Contains(got, folded) {
			t.Errorf("%s: accounts that differ are folded", name)
		}
	}
}

// A role that trusts the account it is in is like one that trusts its own
// account elsewhere, or like one that trusts that very account, never both.
func TestThingsAreAlikeOneWay(t *testing.T) {
	trusting := func(account, trusted string) guardrails.Baseline {
		return guardrails.Baseline{Account: account, Roles: []guardrails.Role{{Name: "R", Trust: guardrails.Ref("account:" + trusted)}}}
	}
	for _, c := range []struct {
		baselines []guardrails.Baseline
		want      string
	}{
		{[]guardrails.Baseline{trusting("a", "a"), trusting("b", "b"), trusting("c", "a")}, "[a b] [c]"},
		{[]guardrails.Baseline{trusting("a", "a"), trusting("c", "a"), trusting("b", "b")}, "[a c] [b]"},
		{[]guardrails.Baseline{trusting("c", "d"), trusting("d", "d"), trusting("e", "d")}, "[c d e]"},
		{[]guardrails.Baseline{trusting("a", "a"), trusting("c", "a"), trusting("b", "b"), trusting("d", "a"), trusting("e", "e")}, "[a c d] [b e]"},
		{[]guardrails.Baseline{trusting("a", "x"), trusting("b", "y")}, "[a] [b]"},
	} {
		ts := newThings()
		for _, b := range c.baselines {
			ts.of(b)
		}
		var got []string
		for _, th := range ts.all {
			got = append(got, fmt.Sprint(th.accounts))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("got %s, want %s", s, c.want)
		}
	}
}

func BenchmarkPlanText(b *testing.B) {
	p := largePlan(5000)
	for b.Loop() {
		if err := PlanText(&bytes.Buffer{}, p, awsdata.Quotas{}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
