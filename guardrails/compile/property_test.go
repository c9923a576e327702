package compile

import (
	"fmt"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
	"pgregory.net/rapid"
)

// genAcme asks for anything, anywhere.
func genAcme(t *rapid.T) *acme {
	a := newAcme()
	node := rapid.SampledFrom([]string{"root", "Security", "Workloads", "Workloads/Prod", "Workloads/NonProd", "Sandbox", "payments", "play", "identity"})
	account := rapid.SampledFrom([]string{"log", "identity", "payments", "shop", "dev", "play"})
	template := rapid.SampledFrom([]string{"deny-leave-organization", "protect-trails", "restrict-regions", "protect-roles", "perimeter"})
	principal := rapid.SampledFrom([]string{"role/Data", "role/team/*-ops", "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_*", "role/abc*"})
	count := func(n int, what string) int { return rapid.IntRange(0, n).Draw(t, what) }
	for range count(8, "uses") {
		switch id := template.Draw(t, "template"); {
		case id == "protect-trails" && rapid.Bool().Draw(t, "trails"):
			a.use(node.Draw(t, "node"), id, "trails", []any{rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "trail")})
		default:
			a.use(node.Draw(t, "node"), id)
		}
	}
	if rapid.Bool().Draw(t, "own") {
		a.own(node.Draw(t, "node"), "own.json", `{"Version":"2012-10-17","Statement":[{"Sid":"ProtectTrails","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}`)
	}
	for i := range count(4, "exceptions") {
		x := org.Exception{Key: fmt.Sprintf("x%d", i), Guardrail: template.Draw(t, "guardrail")}
		if rapid.Bool().Draw(t, "expires") {
			x.Expires = asOf.Add(time.Duration(rapid.IntRange(-5, 50).Draw(t, "days")) * 24 * time.Hour)
		}
		for range count(2, "accounts") {
			x.Accounts = append(x.Accounts, a.find(account.Draw(t, "account")))
		}
		if rapid.Bool().Draw(t, "actions") {
			x.Actions = []string{rapid.SampledFrom([]string{"s3:*", "cloudtrail:Stop*", "bedrock:InvokeModel*", "sqs:*"}).Draw(t, "action")}
		}
		a.except(x, rapid.SliceOfN(principal, 0, 2).Draw(t, "principals")...)
	}
	for i := range count(3, "boundaries") {
		a.boundary(fmt.Sprintf("b%d", i), rapid.Bool().Draw(t, "required"), []string{node.Draw(t, "target"), node.Draw(t, "target")}, rapid.SliceOfN(account, 0, 2).Draw(t, "exclude"))
	}
	for i := range count(3, "roles") {
		r := org.Role{Key: fmt.Sprintf("R%d", i), BreakGlass: rapid.Bool().Draw(t, "glass")}
		if rapid.Bool().Draw(t, "trust") {
			r.Trust = &org.Trust{OIDC: &org.OIDC{Provider: "p.example", Audience: "a", Subjects: []string{"s*x"}}}
		}
		a.role(r, node.Draw(t, "target"), node.Draw(t, "target"))
	}
	if len(a.Roles) > 0 {
		for i := range count(3, "groups") {
			a.group(fmt.Sprintf("g%d", i), org.Grant{Role: a.Roles[0].Key, In: a.targets(node.Draw(t, "in")), Until: asOf.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "until")) * time.Hour)})
		}
	}
	return a
}

// Whatever is asked for, there is a plan that passes every check, or there are
// errors with a place and a way out; and twice is the same.
func TestAnyOrganization(t *testing.T) {
	plans := 0
	rapid.Check(t, func(rt *rapid.T) {
		a := genAcme(rt)
		p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
		again, twice := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
		if show(ds) != show(twice) {
			rt.Fatalf("first\n%s\nthen\n%s", show(ds), show(twice))
		}
		if (p == nil) != ds.HasErrors() {
			rt.Fatalf("plan %v, diagnostics\n%s", p != nil, show(ds))
		}
		for _, d := range ds {
			if d.Range.IsZero() || d.Hint == "" {
				rt.Fatalf("no place or no way out: %+v", d)
			}
		}
		if p == nil {
			return
		}
		plans++
		valid(t, p)
		data := guardrails.Encode(p)
		if string(data) != string(guardrails.Encode(again)) {
			rt.Fatal("two compilations differ")
		}
		if _, err := guardrails.Decode(data); err != nil {
			rt.Fatal(err)
		}
	})
	if plans < 20 {
		t.Errorf("only %d plans: the test sees nothing", plans)
	}
}
