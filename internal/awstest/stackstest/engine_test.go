package stackstest

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/internal/awstest/engine"
	"github.com/orgrails/orgrails/internal/awstest/provider"
	"github.com/orgrails/orgrails/stacks"
)

// place is a world whose stacks run in this process, each by itself, as plain
// `pulumi up` runs them: what another stack made is read from its outputs.
type place struct {
	*world
	engine *engine.Engine
}

func newPlace(t *testing.T) *place {
	w := newWorld(t)
	e := engine.New(t, emulator.URL())
	e.Provider = provider.Options{Endpoint: emulator.URL(), AccessKeyID: w.key, SecretAccessKey: w.secret, Region: "eu-central-1"}
	return &place{w, e}
}

func (p *place) up(stack string, opts stacks.Options) (engine.Result, error) {
	p.t.Helper()
	program, err := stacks.Program(p.plan, stack, opts)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.engine.Stack(stack).Up(program, engine.Options{})
}

func (p *place) preview(stack string) (engine.Result, error) {
	p.t.Helper()
	program, err := stacks.Program(p.plan, stack, stacks.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.engine.Stack(stack).Preview(program, engine.Options{})
}

// all deploys every stack in order.
func (p *place) all() {
	p.t.Helper()
	for _, s := range stacks.List(p.plan) {
		if r, err := p.up(s.Name, stacks.Options{}); err != nil {
			p.t.Fatalf("%s: %v\n%s", s.Name, err, strings.Join(r.Diagnostics, "\n"))
		}
	}
}

func TestStacksOneByOne(t *testing.T) {
	p := newPlace(t)
	// A stack that needs ids which do not exist yet says which to deploy first.
	for stack, want := range map[string]string{"account-sandbox": "account:sandbox", "policies": "root"} {
		r, err := p.up(stack, stacks.Options{})
		if err == nil || !strings.Contains(strings.Join(r.Diagnostics, "\n")+err.Error(), "pulumi up --stack organization") {
			t.Errorf("%s before the organization: %v, want it to name %s and the way out", stack, err, want)
		}
	}
	p.all()
	if id := p.engine.Stack("organization").Outputs()["accountIds"].(map[string]any)["sandbox"]; id == nil {
		t.Fatal("the organization stack does not export the created account's id")
	} else {
		p.plan.IDs["account:sandbox"] = id.(string)
	}
	p.inPlace()
	// With the new id in the file nothing changes, and the account is now pinned by it.
	for _, s := range stacks.List(p.plan) {
		r, err := p.up(s.Name, stacks.Options{})
		if err != nil || r.Changes() != 0 {
			t.Errorf("%s: %v, %d changes", s.Name, err, r.Changes())
		}
	}
	// After a change of the organization that was not deployed, old outputs are refused, and a preview takes them.
	p.plan.Units[0].Name = "Secure"
	delete(p.plan.IDs, "account:sandbox")
	if _, err := p.up("account-sandbox", stacks.Options{}); err == nil {
		t.Error("outputs that were made from another plan were taken")
	}
	if _, err := p.preview("account-sandbox"); err != nil {
		t.Errorf("preview: %v", err)
	}
}

// Whatever the program says, an account, the organization and a unit of the
// file are neither deleted nor replaced, and a preview says so too.
func TestGuard(t *testing.T) {
	p := newPlace(t)
	p.all()
	refusals := func(stack string, opts stacks.Options) []string {
		t.Helper()
		var got []string
		opts.OnRefusal = func(r stacks.Refusal) { got = append(got, r.Name) }
		program, err := stacks.Program(p.plan, stack, opts)
		if err != nil {
			t.Fatal(err)
		}
		emulator.ResetCalls()
		if _, err := p.engine.Stack(stack).Preview(program, engine.Options{}); err == nil {
			t.Errorf("%s: the preview refuses nothing", stack)
		}
		p.noWrites()
		return got
	}
	// An analyzer's configuration changes: it would be replaced.
	p.plan.Analyzers[0].Analyzers[1].UnusedAccessAge = 10
	if got := refusals("analyzers-eu-central-1", stacks.Options{}); len(got) != 1 || got[0] != "analyzers-eu-central-1-unused" {
		t.Errorf("an analyzer's age: refused %v", got)
	}
	if r, err := p.up("analyzers-eu-central-1", stacks.Options{AllowReplace: true}); err != nil || r.Count("replace") != 1 {
		t.Errorf("with AllowReplace: %v %v", err, r.Counts())
	}
	// The file gives another id to a unit: it would be replaced.
	other := p.unitID("Workloads")
	p.plan.IDs["unit:Security"] = other
	p.plan.Units[0].Parent = "Workloads"
	p.plan.Units[0], p.plan.Units[1] = p.plan.Units[1], p.plan.Units[0]
	if got := refusals("organization", stacks.Options{}); len(got) == 0 || got[0] != stacks.UnitName("Security") {
		t.Errorf("a unit below another parent: refused %v", got)
	}
}

// `pulumi destroy` on the organization stack is refused as a whole.
func TestPlainDestroyOfTheOrganizationIsRefused(t *testing.T) {
	p := newPlace(t)
	p.all()
	emulator.ResetCalls()
	if _, err := p.engine.Stack("organization").Destroy(nil, engine.Options{}); err == nil {
		t.Error("the organization stack was destroyed")
	}
	for _, c := range emulator.Calls() {
		if c.Write {
			t.Errorf("writing call %s", c.Operation)
		}
	}
}

// A removed stack takes everything away but the password policy.
func TestRemoval(t *testing.T) {
	p := newPlace(t)
	p.all()
	for _, stack := range []string{"policies", "analyzers-eu-central-1", "account-payments"} {
		r, err := p.engine.Stack(stack).Up(stacks.Removal(), engine.Options{})
		if err != nil || r.Count("delete") == 0 {
			t.Errorf("%s: %v %v", stack, err, r.Counts())
		}
	}
	if p.role(p.plan.IDs["account:payments"], "Auditor") != "" {
		t.Error("the role is still there")
	}
}
