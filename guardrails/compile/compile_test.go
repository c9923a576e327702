package compile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

func TestASmallOrganization(t *testing.T) {
	a := newAcme()
	a.ID, a.Root.ID = "o-a1b2c3d4e5", "r-ab12"
	a.find("payments").ID = "444444444444"
	a.use("root", "protect-roles")
	a.use("root", "deny-leave-organization")
	a.use("Workloads/Prod", "protect-trails")
	a.use("payments", "perimeter")
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Errorf("diagnostics:\n%s", show(ds))
	}
	var got []string
	for _, at := range p.Attachments {
		got = append(got, at.Target+" "+at.Policy)
	}
	want := []string{"account:payments orgrails-rcp-@payments", "root orgrails-scp-root", "unit:Workloads/Prod orgrails-scp-Workloads/Prod"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("attached %q, want %q", got, want)
	}
	if want := map[string]string{"organization": "o-a1b2c3d4e5", "root": "r-ab12", "account:management": "111111111111", "account:payments": "444444444444"}; !reflect.DeepEqual(p.IDs, want) {
		t.Errorf("ids %v", p.IDs)
	}
	root, doc := document(t, p, "orgrails-scp-root")
	if len(doc.Statements) != 2 || root.Statements[0].Guardrail != "deny-leave-organization" || root.Statements[0].Origin != "organization.yaml:15:3" {
		t.Errorf("root: %+v", root.Statements)
	}
	if root.Description != "orgrails, service control policy of root: deny-leave-organization, protect-roles" {
		t.Errorf("description %q", root.Description)
	}
	rcp, _ := document(t, p, "orgrails-rcp-@payments")
	if !strings.Contains(string(rcp.Content), string(guardrails.Ref("organization"))) || rcp.Size <= len("o-a1b2c3d4e5")+len(rcp.Content)-len(guardrails.Ref("organization")) {
		t.Errorf("the organization's id is known and must still be a reference at its longest: %d %s", rcp.Size, rcp.Content)
	}
	if !reflect.DeepEqual(p.Organization.PolicyTypes, []string{"RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"}) {
		t.Errorf("types %v", p.Organization.PolicyTypes)
	}
	if len(p.Baselines) != 7 {
		t.Errorf("%d baselines, want one for each of 7 accounts", len(p.Baselines))
	}
}

func TestAnIDThatBecomesKnownChangesNoDigest(t *testing.T) {
	make := func(known bool) string {
		a := newAcme()
		a.use("root", "perimeter")
		a.use("root", "protect-trails")
		a.except(exceptionFor("x", "protect-trails", a.find("payments")))
		if known {
			a.ID, a.Root.ID = "o-a1b2c3d4e5", "r-ab12"
			a.find("payments").ID = "444444444444"
		}
		p, _ := a.compile(t)
		return p.Digest()
	}
	if make(false) != make(true) {
		t.Error("the digest changed")
	}
}

func TestNothingAskedForIsNothing(t *testing.T) {
	p, ds := newAcme().compile(t)
	if len(p.Policies)+len(p.Attachments)+len(ds) > 0 {
		t.Errorf("%v %v\n%s", p.Policies, p.Attachments, show(ds))
	}
}

func TestTheDeployRoleIsProtectedWhereItIsSpared(t *testing.T) {
	a := newAcme()
	a.use("Sandbox", "protect-trails")
	p, _ := a.compile(t)
	root, _ := document(t, p, "orgrails-scp-root")
	if root.Statements[0].Guardrail != "protect-roles" || !strings.Contains(string(root.Content), "role/OrganizationAccountAccessRole") || root.Statements[0].Origin != "organization.yaml:14:3" {
		t.Errorf("%+v %s", root.Statements, root.Content)
	}
}

func TestTheSameGuardrailBelowIsSaidAndLeftOut(t *testing.T) {
	a := newAcme()
	a.use("Workloads", "protect-trails", "trails", []any{"a"})
	a.use("Workloads", "protect-trails", "trails", []any{"b"})      // another parameter is another guardrail
	a.use("Workloads/Prod", "protect-trails", "trails", []any{"a"}) // line 16
	a.use("Workloads/Prod", "deny-leave-organization")
	a.use("Workloads/Prod", "deny-leave-organization") // line 18
	p, ds := a.compile(t)
	expect(t, p, ds, "GR305", "organization.yaml:16:", "protect-trails stands at Workloads already", "Workloads/Prod")
	expect(t, p, ds, "GR305", "organization.yaml:18:", "deny-leave-organization stands at Workloads/Prod twice")
	prod, _ := document(t, p, "orgrails-scp-Workloads/Prod")
	if len(prod.Statements) != 1 || prod.Statements[0].Guardrail != "deny-leave-organization" {
		t.Errorf("%+v", prod.Statements)
	}
	w, _ := document(t, p, "orgrails-scp-Workloads")
	if w.Statements[0].Sid != "ProtectTrails" || w.Statements[1].Sid != "ProtectTrails2" {
		t.Errorf("Sids %+v", w.Statements)
	}
}

// A policy that the file names is attached wherever it is named.
func TestANamedPolicyStaysBelow(t *testing.T) {
	a := newAcme()
	named := func(selector, policy string) {
		a.ask(selector, org.GuardrailUse{Template: "deny-leave-organization", Policy: policy, Range: a.next()})
	}
	named("root", "Base")
	named("Workloads/Prod", "Base")
	named("shop", "Other")
	named("shop", "Base")
	named("shop", "Base")                         // line 19
	a.use("Workloads", "deny-leave-organization") // line 20
	p, ds := a.compile(t)
	wantAttached(t, p,
		"account:shop Base: deny-leave-organization",
		"account:shop Other: deny-leave-organization",
		"root Base: deny-leave-organization",
		"root orgrails-scp-root: protect-roles",
		"unit:Workloads/Prod Base: deny-leave-organization")
	twice := 0
	for _, d := range ds {
		if d.Code == "GR305" {
			twice++
		}
	}
	if twice != 2 {
		t.Errorf("%d are said to be there twice, want 2: %v", twice, ds)
	}
}

func TestDocumentsOfTheUsersOwn(t *testing.T) {
	a := newAcme()
	a.own("root", "policies/own.json", `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Resource": "*", "Action": ["s3:b", "s3:a"]}}`)
	a.own("Workloads", "policies/broken.json", `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Actoin": "s3:a"}]}`)
	_, ds := Compile(a.Organization, testCatalog(t), Options{})
	expect(t, nil, ds, "GR104", "policies/broken.json:1:")
	a.at("Workloads").Unit.Uses = nil
	p, _ := a.compile(t)
	root, _ := document(t, p, "orgrails-scp-root")
	if want := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:a","s3:b"],"Resource":"*"}]}`; string(root.Content) != want {
		t.Errorf("%s, want %s", root.Content, want)
	}
	if s := root.Statements[0]; s.Sid != "" || s.Guardrail != "policies/own.json" {
		t.Errorf("%+v", s)
	}
	if len(p.Policies) != 1 {
		t.Error("a document of the user's own spares nobody, and needs no protection")
	}
}

func TestUnitsThatWereRenamed(t *testing.T) {
	a := newAcme()
	a.at("Workloads").Unit.Was = []string{"Apps"}
	a.at("Workloads/NonProd").Unit.Was = []string{"Dev", "Test"}
	a.use("root", "protect-roles")
	a.use("Workloads/NonProd", "protect-trails")
	p, _ := a.compile(t)
	for _, u := range p.Units {
		want := map[string][]string{
			"Workloads":         {"Apps"},
			"Workloads/Prod":    {"Apps/Prod"},
			"Workloads/NonProd": {"Apps/Dev", "Apps/NonProd", "Apps/Test", "Workloads/Dev", "Workloads/Test"},
		}[u.Path]
		if want == nil {
			want = []string{}
		}
		if !reflect.DeepEqual(u.Was, want) {
			t.Errorf("%s was %q, want %q", u.Path, u.Was, want)
		}
	}
	pol, _ := document(t, p, "orgrails-scp-Workloads/NonProd")
	if len(pol.Was) != 5 || pol.Was[0] != "orgrails-scp-Apps/Dev" {
		t.Errorf("%q", pol.Was)
	}
	a.at("Workloads").Unit.Was = []string{"Sandbox"}
	a.refuses(t, "GR302", "Workloads was Sandbox")
	a.at("Workloads").Unit.Was = make([]string, 60)
	for i := range a.at("Workloads").Unit.Was {
		a.at("Workloads").Unit.Was[i] = strings.Repeat("x", i+1)
	}
	a.refuses(t, "GR301", "unit Workloads/NonProd has had 183 paths")
}

func TestAnOverfullNode(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles")
	many := func(n int, begin string) []any {
		var out []any
		for i := range n {
			out = append(out, begin+"-number-"+strings.Repeat("x", 20)+string(rune('a'+i%26))+string(rune('a'+i/26)))
		}
		return out
	}
	a.use("play", "protect-trails", "trails", many(60, "trail"))
	a.use("play", "deny-leave-organization")
	a.use("play", "protect-trails", "trails", many(100, "other")) // line 17
	a.use("play", "restrict-regions")
	one := Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 2 })}
	p, ds := Compile(a.Organization, testCatalog(t), one)
	d := expect(t, p, ds, "GR306", "organization.yaml:17:", "protect-trails does not fit", "service control policy at play come to", "1 document of 10240 may", "protect-trails (")
	if !strings.Contains(d.Hint, "restrict-regions (") || len(d.Related) != 1 {
		t.Errorf("%+v", d)
	}
	one.Quotas.SCPSize = 50_000
	if _, ds := Compile(a.Organization, testCatalog(t), one); ds.HasErrors() {
		t.Errorf("with a larger quota:\n%s", show(ds))
	}
	p, _ = a.compile(t) // and AWS takes nine of them
	var names []string
	for _, at := range p.Attachments {
		names = append(names, at.Policy)
	}
	if want := []string{"orgrails-scp-@play", "orgrails-scp-@play.2", "orgrails-scp-root"}; !reflect.DeepEqual(names, want) {
		t.Errorf("attached %q, want %q", names, want)
	}
}

func TestMorePoliciesThanAWSTakes(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-trails")
	p, ds := Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 1 })})
	expect(t, p, ds, "GR307", "root takes 1 policy", "FullAWSAccess")
	a.use("Sandbox", "deny-leave-organization")
	p, ds = Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPs = 1 })})
	expect(t, p, ds, "GR307", "2 policies")
}

func TestLongNames(t *testing.T) {
	a := newAcme()
	path := "Sandbox"
	for range 3 {
		path += "/" + strings.Repeat("u", 60)
		a.unit(path)
	}
	a.use("root", "protect-roles")
	a.use(path, "protect-trails")
	p, _ := a.compile(t)
	for _, pol := range p.Policies {
		if n := len(pol.Name); n > 128 || n < 128 && strings.Contains(pol.Name, "~") {
			t.Errorf("%d characters: %s", n, pol.Name)
		}
		if len(pol.Description) > 512 {
			t.Errorf("description of %d characters", len(pol.Description))
		}
	}
}

func TestWrongTemplates(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-trial")
	a.use("root", "developer-boundary")
	a.use("Sandbox", "cis-passwords")
	a.use("Sandbox", "protect-trails", "trials", []any{"a"})
	a.refuses(t, "GR303", "protect-trial", `did you mean "protect-trails"`)
	a.refuses(t, "GR303", "developer-boundary is a permissions boundary and no service control policy", "permissionBoundaries")
	a.refuses(t, "GR303", "cis-passwords is a password policy preset", "passwordPolicies")
	a.refuses(t, "GR210", "organization.yaml:17:")
}

// What the root has no room for is missing room in every account: it is said
// once, with all that is wanted there, what exceptions make of it included.
func TestAnOverfullRoot(t *testing.T) {
	a := newAcme()
	a.use("root", "restrict-regions")
	a.use("root", "protect-roles", "roles", []any{"role/builds/*"})
	one := Options{AsOf: asOf, Quotas: quotas(func(q *quotasType) { q.SCPSize, q.SCPPerTarget = 2500, 2 })}
	for i := range 12 {
		a.except(org.Exception{Key: fmt.Sprintf("x%02d", i), Guardrail: "restrict-regions", Expires: asOf.Add(time.Duration(1+i) * time.Hour), InPolicy: true}, fmt.Sprintf("role/builds/R%02d", i))
	}
	p, ds := Compile(a.Organization, testCatalog(t), one)
	d := expect(t, p, ds, "GR306", "restrict-regions does not fit", "service control policy at")
	if len(ds) != 1 {
		t.Errorf("it is said %d times:\n%s", len(ds), show(ds))
	}
	if !strings.Contains(d.Summary, "; nor does it at ") {
		t.Errorf("%s does not say where else", d.Summary)
	}
	// The number is of the statements that would be deployed.
	k := start(a.Organization, testCatalog(t), one)
	k.wishes()
	want := 0
	for _, piece := range k.all[0].pieces {
		if piece.guardrail != "restrict-regions" {
			continue
		}
		made, _ := k.narrowed(k.all[:1], piece)
		for _, s := range made {
			want += len(policy.StatementJSON(s.Statement)) + len(",")
		}
	}
	var got int
	if _, err := fmt.Sscanf(d.Summary[strings.Index(d.Summary, "come to "):], "come to %d characters", &got); err != nil || got < want-1 || got > want+len("[]") {
		t.Errorf("%s: want about %d, %v", d.Summary, want, err)
	}
}
