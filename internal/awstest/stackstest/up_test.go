// Package stackstest deploys plans with the real Pulumi engine and the real
// CLI to the emulator, and reads back from AWS what came of it.
package stackstest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
	"github.com/orgrails/orgrails/stacks/automation"
)

func TestEmptyToFull(t *testing.T) {
	w := newWorld(t)
	r := w.up()
	t.Logf("up took %s:\n%s", r.Duration, text(r))
	w.inPlace()
	if w.created["sandbox"] == "" {
		t.Error("the id of the created account was not told")
	}

	r = w.up()
	t.Logf("second up took %s", r.Duration)
	for _, s := range r.Stacks {
		if s.Result != automation.ResultSkipped {
			t.Errorf("second up: %s was not skipped: %s", s.Stack.Name, s.Result)
		}
	}

	r = w.up(func(o *automation.Options) { o.All = true })
	t.Logf("up --all took %s", r.Duration)
	for _, s := range r.Stacks {
		if s.Result != automation.ResultUnchanged {
			t.Errorf("up --all must run every stack and change nothing:\n%s", text(r))
		}
	}
	w.inPlace()
}

// only fails the test unless the resources that changed are these, as
// "stack: op name" lines.
func only(t *testing.T, r *automation.Report, want ...string) {
	t.Helper()
	got := []string{}
	for _, s := range r.Stacks {
		for _, op := range s.Changes {
			got = append(got, s.Stack.Name+": "+op.Op+" "+op.Name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("changed:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// ended fails the test unless every stack that is not as named was skipped or unchanged.
func ended(t *testing.T, r *automation.Report, want map[string]automation.Result) {
	t.Helper()
	for _, s := range r.Stacks {
		if w, ok := want[s.Stack.Name]; ok && s.Result != w {
			t.Errorf("%s: %s, want %s (%v)", s.Stack.Name, s.Result, w, s.Problem)
		} else if !ok && s.Result != automation.ResultSkipped && s.Result != automation.ResultUnchanged {
			t.Errorf("%s: %s, want it left alone (%v)", s.Stack.Name, s.Result, s.Problem)
		}
	}
}

func TestChangesAreExactlyThose(t *testing.T) {
	w := newWorld(t)
	w.up()

	w.plan.Policies[2].Content = `{"Version":"2012-10-17","Statement":{"Sid":"DenyLeave","Effect":"Deny","Action":"organizations:Leave*","Resource":"*"}}`
	r := w.up()
	only(t, r, "policies: update policies-orgrails-scp-root")
	ended(t, r, map[string]automation.Result{"policies": automation.ResultChanged})
	w.inPlace()

	// An account moves in place.
	w.plan.Accounts[1].Parent = "Security"
	r = w.up()
	only(t, r, "organization: update organization-account-payments")
	w.inPlace()

	// A unit is renamed with was: it, its policy and its attachment stay.
	unit := w.unitID("Workloads")
	w.plan.Units[1] = guardrails.Unit{Path: "Work", Name: "Work", Parent: "root", Was: []string{"Workloads"}}
	w.plan.Units[2] = guardrails.Unit{Path: "Work/Prod", Name: "Prod", Parent: "Work", Was: []string{"Workloads/Prod"}}
	w.plan.Accounts[2].Parent = "Work"
	w.plan.Policies[1].Name, w.plan.Policies[1].Was = "orgrails-scp-Work", []string{"orgrails-scp-Workloads"}
	w.plan.Attachments[2].Target, w.plan.Attachments[2].Policy = "unit:Work", "orgrails-scp-Work"
	r = w.up()
	only(t, r, "organization: update organization-unit-Work", "policies: update policies-orgrails-scp-Work")
	if got := w.unitID("Work"); got != unit {
		t.Errorf("the renamed unit is %s, was %s", got, unit)
	}
	w.inPlace()
}

func TestEmailAndNameAreNeverAReplacement(t *testing.T) {
	w := newWorld(t)
	w.up()
	w.plan.Accounts[1].Email, w.plan.Accounts[1].Name = "new-"+w.plan.Accounts[1].Email, "Payments"
	w.plan.Accounts[2].Email = "new-" + w.plan.Accounts[2].Email
	r := w.up()
	only(t, r)
	for _, s := range r.Stacks {
		if s.Stack.Name == "organization" && len(s.Warnings) != 3 {
			t.Errorf("warnings: %q, want one for each difference", s.Warnings)
		}
	}
}

func TestRemovals(t *testing.T) {
	w := newWorld(t)
	w.up()

	// A unit that still holds an account stays, and nothing is written.
	w.plan.Accounts = w.plan.Accounts[:2] // sandbox leaves the file, but is in Workloads
	w.plan.Baselines = w.plan.Baselines[:3]
	w.plan.Policies[1].Pending.Needs = w.plan.Policies[1].Pending.Needs[:1]
	w.plan.Analyzers[0].Analyzers[1].ExcludeAccounts = []guardrails.Text{}
	w.plan.Baselines[0].Groups[0].Policy.Document = `{"Version":"2012-10-17","Statement":{"Sid":"Assume","Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::{{id:account:payments}}:role/Auditor"}}`
	units, attachments, policies := w.plan.Units, w.plan.Attachments, w.plan.Policies
	w.plan.Accounts[1].Parent = "Security"
	w.plan.Units = w.plan.Units[:1]
	w.plan.Attachments, w.plan.Policies = w.plan.Attachments[:2], slices.Delete(slices.Clone(w.plan.Policies), 1, 2)
	emulator.ResetCalls()
	r, err := w.tryUp()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Stacks[0]; got.Result != automation.ResultRefused || !strings.Contains(got.Problem.Error(), "still holds account "+w.created["sandbox"]) {
		t.Errorf("deleting a unit with an account in it: %s %v", got.Result, got.Problem)
	}
	w.noWrites()

	// Empty units, a policy and its attachment go; the account stays alive.
	w.plan.Units, w.plan.Attachments, w.plan.Policies = units[:2], attachments[:2], slices.Delete(slices.Clone(policies), 1, 2)
	w.plan.Analyzers = w.plan.Analyzers[:1]
	r, err = w.tryUp(func(o *automation.Options) { o.AllowReplace = true })
	if err != nil || !r.Clean() {
		t.Fatalf("%v\n%s", err, text(r))
	}
	ended(t, r, map[string]automation.Result{
		"organization": automation.ResultChanged, "account-identity": automation.ResultChanged, "analyzers-eu-central-1": automation.ResultChanged,
		"policies": automation.ResultChanged, "analyzers-eu-west-1": automation.ResultRemoved, "account-sandbox": automation.ResultLeft,
	})
	w.inPlace()
	if w.role(w.created["sandbox"], "Auditor") == "" {
		t.Error("the role in the account that left the file is gone")
	}

	// Asked for, what is deployed in that account goes too; the account does not.
	r = w.up(func(o *automation.Options) { o.RemoveLeft = true })
	ended(t, r, map[string]automation.Result{"account-sandbox": automation.ResultRemoved})
	if w.role(w.created["sandbox"], "Auditor") != "" {
		t.Error("the role in the account that left the file is still there")
	}
	if r = w.up(); len(r.Stacks) != len(stacks.List(w.plan)) {
		t.Errorf("a stack is still there:\n%s", text(r))
	}
}

func TestAnalyzerReplacementIsRefused(t *testing.T) {
	w := newWorld(t)
	w.up()
	w.plan.Analyzers[0].Analyzers[1].UnusedAccessAge = 30
	emulator.ResetCalls()
	r, err := w.tryUp()
	if err != nil {
		t.Fatal(err)
	}
	ended(t, r, map[string]automation.Result{"analyzers-eu-central-1": automation.ResultRefused})
	if r.Clean() || !strings.Contains(text(r), "--allow-replace") {
		t.Errorf("the refusal must name the way out:\n%s", text(r))
	}
	w.noWrites()
	r = w.up(func(o *automation.Options) { o.AllowReplace = true })
	only(t, r, "analyzers-eu-central-1: replace analyzers-eu-central-1-unused")
	w.inPlace()
}

func TestDestroyLeavesTheOrganization(t *testing.T) {
	w := newWorld(t)
	w.up()
	r, err := automation.Destroy(t.Context(), w.plan, w.options())
	if err != nil || !r.Clean() {
		t.Fatalf("%v\n%s", err, text(r))
	}
	for _, s := range r.Stacks {
		if s.Result != automation.ResultRemoved {
			t.Errorf("%s: %s", s.Stack.Name, s.Result)
		}
	}
	if got := w.unitID("Workloads"); got == "" {
		t.Error("unit Workloads is gone")
	}
	for _, key := range []string{"identity", "payments", "sandbox"} {
		id := w.plan.IDs["account:"+key]
		if w.role(id, "Auditor") != "" {
			t.Errorf("%s still has its role", key)
		}
		if got := w.attached(id); !slices.Equal(got, []string{"p-FullAWSAccess"}) {
			t.Errorf("%s has the policies %v", key, got)
		}
	}
	// And once more from there: everything that stayed is taken over again.
	w.plan.IDs["unit:Security"], w.plan.IDs["unit:Workloads"], w.plan.IDs["unit:Workloads/Prod"] = w.unitID("Security"), w.unitID("Workloads"), w.unitID("Workloads/Prod")
	w.up()
	w.inPlace()
}

func TestPreviewWritesNothing(t *testing.T) {
	w := newWorld(t)
	emulator.ResetCalls()
	r, err := automation.Preview(t.Context(), w.plan, w.options())
	if err != nil || !r.Clean() {
		t.Fatalf("%v\n%s", err, text(r))
	}
	ended(t, r, map[string]automation.Result{
		"organization": automation.ResultChanged, "account-identity": automation.ResultChanged, "account-payments": automation.ResultChanged,
		"account-sandbox": automation.ResultDeferred, "account-management": automation.ResultChanged,
		"analyzers-eu-central-1": automation.ResultChanged, "analyzers-eu-west-1": automation.ResultChanged, "policies": automation.ResultChanged,
	})
	w.noWrites()
	if files, _ := filepath.Glob(filepath.Join(w.dir, ".orgrails", "state", ".pulumi", "stacks", "*", "*.json")); len(files) > 0 {
		t.Errorf("the preview made stacks: %v", files)
	}
	expected := r.Changes()
	up := w.up()
	if up.Changes() != expected {
		t.Errorf("up changed %d things, preview said %d:\n%s\n%s", up.Changes(), expected, text(r), text(up))
	}
	emulator.ResetCalls()
	w.plan.Policies[2].Description = "another"
	r, err = automation.Preview(t.Context(), w.plan, w.options())
	if err != nil {
		t.Fatal(err)
	}
	only(t, r, "policies: update policies-orgrails-scp-root")
	w.noWrites()
}

// State that we cannot read ourselves, as in a remote backend, is read by the
// CLI: here it is compressed.
func TestStateIsReadByTheCLI(t *testing.T) {
	w := newWorld(t)
	zip := func(o *automation.Options) { o.Env["PULUMI_DIY_BACKEND_GZIP"] = "true" }
	w.up(zip)
	if files, _ := filepath.Glob(filepath.Join(w.dir, ".orgrails", "state", ".pulumi", "stacks", "*", "*.gz")); len(files) == 0 {
		t.Fatal("the state is not compressed: the test tests nothing")
	}
	ended(t, w.up(zip), nil)
	w.plan.Policies[2].Description = "another"
	only(t, w.up(zip), "policies: update policies-orgrails-scp-root")
	w.inPlace()
}

// A stack that is run by itself does not take what another plan made.
func TestOnlyRefusesStaleOutputs(t *testing.T) {
	w := newWorld(t)
	only := func(stack string) func(*automation.Options) {
		return func(o *automation.Options) { o.Only = []string{stack} }
	}
	for _, when := range []string{"before the organization", "after a change of it"} {
		r, err := w.tryUp(only("policies"))
		if err != nil {
			t.Fatal(err)
		}
		if p := r.Stacks[0].Problem; len(r.Stacks) != 1 || p == nil || p.Code != "GR409" || !strings.Contains(p.Hint, "orgrails up") {
			t.Errorf("%s: %s", when, text(r))
		}
		if when == "before the organization" {
			w.up(only("organization"))
			w.up(only("policies"))
			w.plan.Units = append(w.plan.Units, guardrails.Unit{Path: "X", Name: "X", Parent: "root", Was: []string{}})
			w.plan.Policies[2].Description = "another"
		}
	}
}
