package compile

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/internal/config"
)

// attached is what stands where: target, policy and its guardrails.
func attached(p *guardrails.Plan) []string {
	var out []string
	for _, at := range p.Attachments {
		i := slices.IndexFunc(p.Policies, func(pol guardrails.Policy) bool { return pol.Name == at.Policy && pol.Type == at.Type })
		var names []string
		for _, s := range p.Policies[i].Statements {
			names = append(names, s.Guardrail)
		}
		out = append(out, at.Target+" "+at.Policy+": "+strings.Join(names, " "))
	}
	return out
}

func wantAttached(t *testing.T, p *guardrails.Plan, want ...string) {
	t.Helper()
	if got := attached(p); !reflect.DeepEqual(got, want) {
		t.Errorf("attached\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What every unit and account below a node asks for stands at the node, where
// that saves a document or an attachment, and says who asked.
func TestHoisting(t *testing.T) {
	a := newAcme()
	for _, n := range []string{"Workloads/Prod", "Workloads/NonProd"} {
		a.use(n, "restrict-regions")
	}
	a.use("payments", "protect-trails")
	a.use("shop", "protect-trails")
	a.use("dev", "deny-leave-organization") // the only child: it stays
	a.use("Workloads", "protect-saml-providers")
	p, _ := a.compile(t)
	wantAttached(t, p,
		"account:dev orgrails-scp-@dev: deny-leave-organization",
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads orgrails-scp-Workloads: protect-saml-providers restrict-regions",
		"unit:Workloads/Prod orgrails-scp-Workloads/Prod: protect-trails")
	pol, _ := document(t, p, "orgrails-scp-Workloads")
	if more := pol.Statements[1].Packed; more == nil || !reflect.DeepEqual(more.AskedAt, []string{"unit:Workloads/NonProd", "unit:Workloads/Prod"}) || len(more.Lines) != 1 {
		t.Errorf("%+v", more)
	}
	// A unit more that does not ask for it.
	a.unit("Workloads/Lab")
	p, _ = a.compile(t)
	wantAttached(t, p,
		"account:dev orgrails-scp-@dev: deny-leave-organization",
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads orgrails-scp-Workloads: protect-saml-providers",
		"unit:Workloads/NonProd orgrails-scp-Workloads/NonProd: restrict-regions",
		"unit:Workloads/Prod orgrails-scp-Workloads/Prod: protect-trails restrict-regions")
	// Nobody would need a document less.
	a = newAcme()
	for _, n := range []string{"Workloads/Prod", "Workloads/NonProd"} {
		a.use(n, "restrict-regions")
		a.use(n, "protect-trails", "trails", []any{n})
	}
	p, _ = a.compile(t)
	wantAttached(t, p,
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads/NonProd orgrails-scp-Workloads/NonProd: protect-trails restrict-regions",
		"unit:Workloads/Prod orgrails-scp-Workloads/Prod: protect-trails restrict-regions")
}

// Two documents above are fewer than two at each of three units.
func TestHoistingOfMoreThanOneDocument(t *testing.T) {
	a := newAcme()
	var trails []any
	for i := range 40 {
		trails = append(trails, fmt.Sprintf("a-trail-with-a-long-name-%d", i))
	}
	for _, n := range []string{"Security", "Workloads", "Sandbox"} {
		a.use(n, "protect-trails", "trails", trails)
		a.use(n, "restrict-regions")
		a.use(n, "protect-saml-providers", "providers", []any{n})
	}
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf, Quotas: quotas(func(q *quotasType) { q.SCPSize = 3_500 })})
	if p == nil {
		t.Fatal(show(ds))
	}
	if n := len(p.Attachments); n != 5 || len(p.Policies) != 5 {
		t.Errorf("%d documents attached %d times:\n%s", len(p.Policies), n, strings.Join(attached(p), "\n"))
	}
}

func TestHoistNever(t *testing.T) {
	a := newAcme()
	for _, n := range []string{"Workloads/Prod", "Workloads/NonProd"} {
		a.ask(n, org.GuardrailUse{Template: "restrict-regions", Range: a.next(), NeverHoist: n == "Workloads/Prod"})
	}
	p, _ := a.compile(t)
	wantAttached(t, p,
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads/NonProd orgrails-scp-shared:restrict-regions: restrict-regions",
		"unit:Workloads/Prod orgrails-scp-shared:restrict-regions: restrict-regions")
}

// Nodes that ask for the same share a document; an exception for an account of
// one of them stands in it.
func TestSharing(t *testing.T) {
	a := newAcme()
	for _, n := range []string{"Security", "Sandbox", "Workloads/Prod"} {
		for _, id := range []string{"protect-trails", "restrict-regions"} {
			a.ask(n, org.GuardrailUse{Template: id, Set: "baseline", Range: a.next()})
		}
	}
	a.except(exceptionFor("x", "restrict-regions", a.find("play")), "role/Data")
	p, _ := a.compile(t)
	wantAttached(t, p,
		"root orgrails-scp-root: protect-roles",
		"unit:Sandbox orgrails-scp-shared:baseline: protect-trails restrict-regions",
		"unit:Security orgrails-scp-shared:baseline: protect-trails restrict-regions",
		"unit:Workloads/Prod orgrails-scp-shared:baseline: protect-trails restrict-regions")
	if !reflect.DeepEqual(p.Exceptions[0].Policies, []string{"orgrails-scp-shared:baseline"}) {
		t.Errorf("%+v", p.Exceptions)
	}
	// Where all exceptions together are too long for one document, each node has its own.
	for i := range 80 {
		for _, key := range []string{"log", "play", "payments"} {
			a.except(exceptionFor(fmt.Sprintf("y%s%d", key, i), "restrict-regions", a.find(key)), fmt.Sprintf("role/%s/number-%d", strings.Repeat("path", 5), i))
		}
	}
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf, Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 2 })})
	if p == nil {
		t.Fatal(show(ds))
	}
	var names []string
	for _, pol := range p.Policies {
		names = append(names, pol.Name)
	}
	if want := []string{"orgrails-scp-Sandbox", "orgrails-scp-Security", "orgrails-scp-Workloads/Prod", "orgrails-scp-root"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%q", names)
	}
}

// A node that takes no more hands down as little as it can.
func TestPushingDown(t *testing.T) {
	a := newAcme()
	var trails []any
	for i := range 30 {
		trails = append(trails, fmt.Sprintf("a-trail-with-a-long-name-%d", i))
	}
	a.use("Workloads", "protect-trails", "trails", trails)
	a.use("Workloads", "deny-leave-organization")
	a.use("Workloads", "restrict-regions")
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf, Quotas: quotas(func(q *quotasType) { q.SCPPerTarget, q.SCPSize = 2, 2_700 })})
	if p == nil {
		t.Fatal(show(ds))
	}
	wantAttached(t, p,
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads orgrails-scp-Workloads: deny-leave-organization restrict-regions",
		"unit:Workloads/NonProd orgrails-scp-shared:protect-trails~"+hashed(a.instanceKey(t, "protect-trails"))+": protect-trails",
		"unit:Workloads/Prod orgrails-scp-shared:protect-trails~"+hashed(a.instanceKey(t, "protect-trails"))+": protect-trails")
	pol, _ := document(t, p, "orgrails-scp-shared:protect-trails~"+hashed(a.instanceKey(t, "protect-trails")))
	if more := pol.Statements[0].Packed; more == nil || !reflect.DeepEqual(more.AskedAt, []string{"unit:Workloads"}) {
		t.Errorf("%+v", more)
	}
}

// instanceKey is that of a template with parameters, as the compiler has it.
func (a *acme) instanceKey(t *testing.T, id string) string {
	k := start(a.Organization, testCatalog(t), Options{AsOf: asOf})
	k.wishes()
	for _, n := range k.all {
		for _, p := range n.pieces {
			if p.guardrail == id {
				return p.instance.key
			}
		}
	}
	t.Fatal("nobody asks for " + id)
	return ""
}

func TestPoliciesThatTheFileNames(t *testing.T) {
	a := newAcme()
	named := func(node, id, policy string) {
		a.ask(node, org.GuardrailUse{Template: id, Range: a.next(), Policy: policy})
	}
	named("Workloads", "protect-trails", "Logs")
	named("Sandbox", "protect-trails", "Logs")
	named("Sandbox", "restrict-regions", "Regions")
	a.use("Sandbox", "deny-leave-organization")
	p, _ := a.compile(t)
	wantAttached(t, p,
		"root orgrails-scp-root: protect-roles",
		"unit:Sandbox Logs: protect-trails",
		"unit:Sandbox Regions: restrict-regions",
		"unit:Sandbox orgrails-scp-Sandbox: deny-leave-organization",
		"unit:Workloads Logs: protect-trails")
	p, ds := Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 3 })})
	if p == nil || attached(p)[0] != "account:play orgrails-scp-@play: deny-leave-organization" {
		t.Errorf("there is no room at Sandbox, and it is not handed down: %s", show(ds))
	}
	named("Security", "perimeter", "Regions")
	a.refuses(t, "GR310", `two policies named "Regions"`, "resource control policy", "service control policy")
	a.at("Security").Unit.Uses = nil
	named("Workloads", "restrict-regions", "Logs")
	a.refuses(t, "GR310", `the policy "Logs" holds other guardrails at Workloads than at Sandbox`)
}

// So are declarative policies.
func TestDeclarativePoliciesThatTheFileNames(t *testing.T) {
	a := newAcme()
	for _, n := range []string{"Workloads", "Sandbox"} {
		a.ask(n, org.GuardrailUse{Template: "hops", Range: a.next(), Policy: "Hops"})
	}
	a.use("Sandbox", "console-off")
	p, _ := a.compile(t)
	wantAttached(t, p,
		"unit:Sandbox Hops: hops",
		"unit:Sandbox orgrails-ec2-Sandbox: console-off",
		"unit:Workloads Hops: hops")
	a.ask("Security", org.GuardrailUse{Template: "hops", Range: a.next(), Policy: "Hops", Parameters: map[string]org.Parameter{"hops": {Value: float64(3)}}})
	a.refuses(t, "GR310", `the policy "Hops" holds other guardrails`)
}

// AWS has no two policies of one name.
func TestNamesThatOthersHave(t *testing.T) {
	a := newAcme()
	a.ask("Sandbox", org.GuardrailUse{Template: "protect-trails", Range: a.next(), Policy: "Logs"})
	a.Elsewhere = []org.ForeignPolicy{{Name: "Logs", Type: "SERVICE_CONTROL_POLICY", Range: a.next()}}
	a.refuses(t, "GR310", `two policies named "Logs"`, "one that others manage")
}

// What others have takes up slots.
func TestPoliciesManagedElsewhere(t *testing.T) {
	a := newAcme()
	a.use("Sandbox", "restrict-regions")
	a.Elsewhere = []org.ForeignPolicy{
		{Name: "aws-guardrails-a", Type: "SERVICE_CONTROL_POLICY", Targets: a.targets("Sandbox"), Range: a.next()},
		{Name: "aws-guardrails-b", Type: "SERVICE_CONTROL_POLICY", Targets: a.targets("Sandbox"), Range: a.next(),
			File: "b.json", Source: []byte(`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}`)},
	}
	p, _ := a.compile(t)
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	if len(p.Elsewhere) != 2 || p.Elsewhere[0].Content != "" || string(p.Elsewhere[1].Content) != want || !reflect.DeepEqual(p.Elsewhere[1].Targets, []string{"unit:Sandbox"}) {
		t.Errorf("%+v", p.Elsewhere)
	}
	p, ds := Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 3 })})
	if p == nil || attached(p)[0] != "account:play orgrails-scp-@play: restrict-regions" {
		t.Errorf("it is not handed down: %s", show(ds)) // to the only account there
	}
	a.use("play", "deny-leave-organization")
	a.Elsewhere = append(a.Elsewhere, org.ForeignPolicy{Name: "c", Type: "SERVICE_CONTROL_POLICY", Targets: a.targets("play"), Range: a.next()},
		org.ForeignPolicy{Name: "d", Type: "SERVICE_CONTROL_POLICY", Targets: a.targets("play"), Range: a.next()})
	p, ds = Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 3 })})
	expect(t, p, ds, "GR307", "play takes 3 policies", "FullAWSAccess, c and d are there already")
}

// One edit of the file rewrites two documents at most, but where what all below a
// node ask for then moves there, or away.
func TestOneEditRewritesFewDocuments(t *testing.T) {
	build := func(edit func(a *acme)) *guardrails.Plan {
		a := newAcme()
		for _, n := range []string{"root", "Security", "Workloads", "Sandbox"} {
			a.use(n, "protect-trails", "trails", []any{n + "-trail"})
		}
		for _, n := range []string{"Workloads/Prod", "Workloads/NonProd", "Sandbox"} {
			a.ask(n, org.GuardrailUse{Template: "restrict-regions", Set: "regions", Range: a.next()})
		}
		edit(a)
		p, _ := a.compile(t)
		return p
	}
	before := build(func(*acme) {})
	for name, edit := range map[string]func(*acme){
		"a guardrail more":  func(a *acme) { a.use("Sandbox", "deny-leave-organization") },
		"a guardrail less":  func(a *acme) { u := a.at("Security").Unit; u.Uses = nil },
		"another parameter": func(a *acme) { a.at("root").Unit.Uses[0].Parameters["trails"] = org.Parameter{Value: []any{"other"}} },
		"an exception": func(a *acme) {
			a.except(exceptionFor("x", "protect-trails", a.find("play")), "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_*")
		},
		"a unit leaves the others": func(a *acme) { u := a.at("Workloads/Prod").Unit; u.Uses = nil },
		"a unit joins the others": func(a *acme) {
			a.ask("Security", org.GuardrailUse{Template: "restrict-regions", Set: "regions", Range: a.next()})
		},
	} {
		changed := rewritten(before, build(edit))
		most := 2
		if name == "a unit joins the others" {
			most = 3 // the guardrail goes to the root
		}
		if len(changed) > most {
			t.Errorf("%s rewrites %q", name, changed)
		}
	}
}

// rewritten are the names of policies that differ, come or go from one plan to
// another.
func rewritten(before, after *guardrails.Plan) []string {
	content := map[string]guardrails.Text{}
	for _, pol := range before.Policies {
		content[pol.Type+" "+pol.Name] = pol.Content
	}
	var changed []string
	for _, pol := range after.Policies {
		key := pol.Type + " " + pol.Name
		if old, ok := content[key]; !ok || old != pol.Content {
			changed = append(changed, key)
		}
		delete(content, key)
	}
	return append(changed, sortedKeys(content)...)
}

// On the example organization each single edit rewrites two documents at most:
// a guardrail less, a guardrail more at any node, an exception less.
func TestOneEditOfTheExampleRewritesTwoDocumentsAtMost(t *testing.T) {
	f, ds, err := config.Load(filepath.Join("..", "..", "examples", "acme", "organization.yaml"), config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	o := f.Organization
	plan := func() *guardrails.Plan {
		p, _ := Compile(o, f.Catalog, Options{AsOf: asOf})
		return p // nil where the edit asks for what cannot be, such as an exception from nothing
	}
	before := plan()
	counts := map[int]int{}
	try := func(name string) {
		after := plan()
		if after == nil {
			counts[-1]++
			return
		}
		changed := rewritten(before, after)
		counts[len(changed)]++
		if len(changed) > 2 {
			t.Errorf("%s rewrites %q", name, changed)
		}
	}
	more := org.GuardrailUse{Template: "protect-macie", Range: o.Root.Range}
	edits := func(uses *[]org.GuardrailUse, at string) {
		old := *uses
		for i := range old {
			*uses = slices.Delete(slices.Clone(old), i, i+1)
			try("taking " + old[i].Template + old[i].File + " from " + at)
		}
		*uses = append(slices.Clone(old), more)
		try("asking for another at " + at)
		*uses = old
	}
	edits(&o.Root.Uses, "root")
	for _, u := range o.Units {
		edits(&u.Uses, u.Path)
	}
	for _, a := range o.Accounts {
		edits(&a.Uses, a.Key)
	}
	exceptions := o.Exceptions
	for i := range exceptions {
		o.Exceptions = slices.Delete(slices.Clone(exceptions), i, i+1)
		try("taking the exception " + exceptions[i].Key + " away")
	}
	o.Exceptions = exceptions
	t.Logf("documents rewritten by one edit: %v (-1: refused)", counts)
	if counts[1] < 10 {
		t.Errorf("only %v: the test sees little", counts)
	}
}
