package compile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

func spared(t *testing.T, s policy.Statement, op, key string) policy.Values {
	t.Helper()
	return s.Condition[op][key]
}

func TestAnExceptionForPrincipals(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles")
	a.use("Workloads", "protect-trails")
	a.use("Sandbox", "protect-trails", "trails", []any{"x"})
	a.except(org.Exception{Key: "audit", Guardrail: "protect-trails", Reason: "r", Owner: "o", Ticket: "T-1", Expires: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)}, "role/audit/Trail*")
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Errorf("%s", show(ds))
	}
	for _, name := range []string{"orgrails-scp-Workloads", "orgrails-scp-Sandbox"} {
		pol, doc := document(t, p, name)
		if got := spared(t, doc.Statements[0], "ArnNotLike", "aws:PrincipalArn"); !reflect.DeepEqual(got, policy.Values{"arn:aws:iam::*:role/OrganizationAccountAccessRole", "arn:aws:iam::*:role/audit/Trail*"}) {
			t.Errorf("%s spares %q", name, got)
		}
		if !reflect.DeepEqual(pol.Statements[0].Exceptions, []string{"audit"}) {
			t.Errorf("%+v", pol.Statements)
		}
	}
	want := guardrails.Exception{Key: "audit", Guardrail: "protect-trails", Reason: "r", Owner: "o", Ticket: "T-1", Expires: "2027-04-01T00:00:00Z",
		Policies: []string{"orgrails-scp-Sandbox", "orgrails-scp-Workloads"}, Origin: "organization.yaml:17:3"}
	if len(p.Exceptions) != 1 || !reflect.DeepEqual(p.Exceptions[0], want) {
		t.Errorf("%+v", p.Exceptions)
	}
	// The default of protect-roles covers the exception's pattern.
	if root, _ := document(t, p, "orgrails-scp-root"); len(root.Statements) != 1 || !strings.Contains(string(root.Content), ":role/audit/Trail*") {
		t.Errorf("%s", root.Content)
	}
}

func TestAnExceptionForPrincipalsInAccounts(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles")
	a.use("root", "protect-trails")
	a.use("Sandbox", "protect-trails", "trails", []any{"x"})
	a.except(exceptionFor("two", "protect-trails", a.find("payments"), a.find("play")), "role/A")
	p, _ := a.compile(t)
	_, root := document(t, p, "orgrails-scp-root")
	deploy := "arn:aws:iam::*:role/OrganizationAccountAccessRole"
	pay, play := "arn:aws:iam::{{id:account:payments}}:role/A", "arn:aws:iam::{{id:account:play}}:role/A"
	if got := spared(t, root.Statements[1], "ArnNotLike", "aws:PrincipalArn"); !reflect.DeepEqual(got, policy.Values{deploy, pay, play}) {
		t.Errorf("root spares %q", got)
	}
	_, sandbox := document(t, p, "orgrails-scp-Sandbox")
	if got := spared(t, sandbox.Statements[0], "ArnNotLike", "aws:PrincipalArn"); !reflect.DeepEqual(got, policy.Values{deploy, play}) {
		t.Errorf("Sandbox spares %q, and payments is not below it", got)
	}
}

func TestAnExceptionForAccounts(t *testing.T) {
	a := newAcme()
	a.use("Workloads", "protect-trails")
	a.except(exceptionFor("pay", "protect-trails", a.find("payments")))
	p, _ := a.compile(t)
	_, doc := document(t, p, "orgrails-scp-Workloads")
	if got := spared(t, doc.Statements[0], "StringNotEquals", "aws:PrincipalAccount"); !reflect.DeepEqual(got, policy.Values{"{{id:account:payments}}"}) {
		t.Errorf("%q", got)
	}
}

func TestAnExceptionForActions(t *testing.T) {
	a := newAcme()
	a.use("root", "restrict-regions")
	a.use("root", "protect-trails")
	a.except(org.Exception{Key: "bedrock", Guardrail: "restrict-regions", Actions: []string{"bedrock:InvokeModel*"}}, "role/platform/Data")
	a.except(org.Exception{Key: "stop", Guardrail: "protect-trails", Actions: []string{"cloudtrail:Stop*"}}, "role/platform/Data")
	p, _ := a.compile(t)
	pol, doc := document(t, p, "orgrails-scp-root")
	var got []string
	for i, s := range pol.Statements {
		got = append(got, s.Sid+" "+strings.Join(s.Exceptions, ","))
		if isolated := len(s.Exceptions) > 0; isolated != strings.Contains(strings.Join(doc.Statements[i].Condition["ArnNotLike"]["aws:PrincipalArn"], " "), "Data") {
			t.Errorf("%s: %+v", s.Sid, doc.Statements[i].Condition)
		}
	}
	want := []string{"ProtectRoles ", "ProtectTrails ", "ProtectTrailsExcept stop", "RestrictRegions ", "RestrictRegionsExcept bedrock"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if pol.Statements[0].Origin != p.Exceptions[0].Origin {
		t.Errorf("what protects the exception's role comes from %s", pol.Statements[0].Origin)
	}
}

func TestExceptionsOfResourceControlPolicies(t *testing.T) {
	a := newAcme()
	a.use("Workloads", "perimeter")
	x := exceptionFor("vendor", "perimeter", a.find("play"))
	x.AccountIDs = []org.AccountID{"999999999999"}
	a.except(x, "role/sync")
	a.except(org.Exception{Key: "whole", Guardrail: "perimeter", AccountIDs: []org.AccountID{"888888888888"}})
	p, _ := a.compile(t)
	_, doc := document(t, p, "orgrails-rcp-Workloads")
	s := doc.Statements[0]
	if got := spared(t, s, "ArnNotLike", "aws:PrincipalArn"); !reflect.DeepEqual(got, policy.Values{"arn:aws:iam::999999999999:role/sync", "arn:aws:iam::{{id:account:play}}:role/sync"}) {
		t.Errorf("spares %q", got)
	}
	if got := spared(t, s, "StringNotEquals", "aws:PrincipalAccount"); !reflect.DeepEqual(got, policy.Values{"888888888888"}) {
		t.Errorf("spares %q", got)
	}
	if !reflect.DeepEqual(s.Condition["BoolIfExists"]["aws:PrincipalIsAWSService"], policy.Values{"false"}) {
		t.Errorf("the guard for services of AWS is gone: %+v", s.Condition)
	}
	a.except(org.Exception{Key: "everywhere", Guardrail: "perimeter"}, "role/sync")
	a.refuses(t, "GR313", "everywhere names no accounts")
}

func TestExceptionsThatCannotBeHonoured(t *testing.T) {
	tests := []struct {
		name       string
		x          org.Exception
		accounts   []string
		principals []string
		code       string
		words      []string
	}{
		{"not in force anywhere", org.Exception{Guardrail: "deny-leave-organization"}, nil, []string{"role/Abc"}, "GR311", []string{"deny-leave-organization is not in force anywhere"}},
		{"not in force there", org.Exception{Guardrail: "protect-trails"}, []string{"play"}, nil, "GR311", []string{"not in force in its accounts"}},
		{"not in force in one", org.Exception{Guardrail: "protect-trails"}, []string{"payments", "play"}, nil, "GR311", []string{"names the account play"}},
		{"spares everybody", org.Exception{Guardrail: "protect-trails"}, nil, nil, "GR311", []string{"spares everybody"}},
		{"management", org.Exception{Guardrail: "protect-trails"}, []string{"management", "payments"}, nil, "GR313", []string{"the management account"}},
		{"foreign account", org.Exception{Guardrail: "protect-trails", AccountIDs: []org.AccountID{"999999999999"}}, []string{"payments"}, nil, "GR313", []string{"999999999999, which is not in this organization"}},
		{"action not denied", org.Exception{Guardrail: "protect-trails", Actions: []string{"cloudtrail:StopLogging", "s3:GetObject"}}, nil, []string{"role/Abc"}, "GR312", []string{"names s3:GetObject, which protect-trails does not deny"}},
		{"action of a global service", org.Exception{Guardrail: "restrict-regions", Actions: []string{"iam:CreateRole"}}, nil, []string{"role/Abc"}, "GR312", []string{"which restrict-regions does not deny"}},
		{"actions too wide", org.Exception{Guardrail: "protect-trails", Actions: []string{"*"}}, nil, []string{"role/Abc"}, "GR312", []string{"wider than any guardrail"}},
		{"actions of too many services", org.Exception{Guardrail: "protect-trails", Actions: []string{"cloud*:*"}}, nil, []string{"role/Abc"}, "GR312", []string{"wider"}},
		{"across", org.Exception{Guardrail: "restrict-regions", Actions: []string{"s3:*"}}, nil, []string{"role/Abc"}, "GR312", []string{"of which restrict-regions does not deny s3:"}},
		{"a user", org.Exception{Guardrail: "protect-trails"}, nil, []string{"user/alice"}, "GR314", []string{"user/alice, which cannot be protected"}},
		{"every role", org.Exception{Guardrail: "protect-trails"}, nil, []string{"role/*"}, "GR314", []string{"freeze every role"}},
		{"nearly every role", org.Exception{Guardrail: "protect-trails"}, nil, []string{"role/?*/a*"}, "GR314", []string{"freeze every role"}},
		{"the protection itself", org.Exception{Guardrail: "protect-roles"}, []string{"play"}, nil, "GR314", []string{"lets everybody in its accounts change"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAcme()
			a.use("root", "protect-roles")
			a.use("Workloads", "protect-trails")
			a.use("Workloads", "restrict-regions")
			tt.x.Key = "x"
			for _, key := range tt.accounts {
				tt.x.Accounts = append(tt.x.Accounts, a.find(key))
			}
			a.except(tt.x, tt.principals...)
			a.refuses(t, tt.code, append(tt.words, "organization.yaml:17:")...)
		})
	}
}

func TestExpiry(t *testing.T) {
	at := func(expires time.Time) *acme {
		a := newAcme()
		a.use("root", "protect-trails")
		a.except(org.Exception{Key: "x", Guardrail: "protect-trails", Expires: expires}, "role/Abc")
		return a
	}
	p, _ := at(asOf).compile(t)
	if pol, _ := document(t, p, "orgrails-scp-root"); len(p.Exceptions) != 0 || strings.Contains(string(pol.Content), "Abc") {
		t.Error("an expired exception is in the plan")
	}
	p, _ = at(asOf.Add(time.Nanosecond)).compile(t)
	if pol, _ := document(t, p, "orgrails-scp-root"); len(p.Exceptions) != 1 || !strings.Contains(string(pol.Content), "Abc") {
		t.Error("the exception holds until its end")
	}
}

// Exceptions from one guardrail that end in the policy one after the other: each
// end is a statement of the guardrail's own, less whom others spare still.
func TestExceptionsThatEndInThePolicy(t *testing.T) {
	type one struct {
		days     int // 0: with a deployment
		who      string
		accounts string
		actions  string
	}
	pay := "{{id:account:payments}}"
	tests := []struct {
		name string
		xs   []one
		want []string // each end: who is denied, unless who
	}{
		{"three roles", []one{{1, "role/builds/A", "", ""}, {2, "role/builds/B", "", ""}, {3, "role/builds/C", "", ""}},
			[]string{"*:role/builds/A", "*:role/builds/B", "*:role/builds/C"}},
		{"one role twice", []one{{1, "role/A", "", ""}, {2, "role/A", "", ""}}, []string{"*:role/A"}},
		{"one role for one end", []one{{2, "role/A", "", ""}, {2, "role/A", "", ""}}, []string{"*:role/A", "*:role/A"}},
		{"a pattern that ends later", []one{{1, "role/builds/A", "", ""}, {2, "role/builds/*", "", ""}}, []string{"*:role/builds/A unless *:role/builds/*", "*:role/builds/*"}},
		{"a pattern that ends before", []one{{2, "role/builds/A", "", ""}, {1, "role/builds/*", "", ""}}, []string{"*:role/builds/A", "*:role/builds/* unless *:role/builds/A"}},
		{"a pattern that ends with a deployment", []one{{2, "role/builds/A", "", ""}, {0, "role/builds/*", "", ""}}, []string{"*:role/builds/A unless *:role/builds/*"}},
		{"one role in other accounts", []one{{1, "role/A", "payments", ""}, {2, "role/A", "play", ""}}, []string{pay + ":role/A", "{{id:account:play}}:role/A"}},
		{"a role and its account", []one{{1, "role/A", "payments", ""}, {2, "", "payments", ""}}, []string{pay + ":role/A unless " + pay, pay}},
		{"other actions", []one{{1, "role/A", "", "cloudtrail:StopLogging"}, {2, "role/A", "", "cloudtrail:DeleteTrail"}}, []string{"*:role/A", "*:role/A"}},
		{"some actions later", []one{{1, "role/A", "", ""}, {2, "role/A", "", "cloudtrail:DeleteTrail"}}, []string{"*:role/A", "*:role/A unless *:role/A", "*:role/A"}},
	}
	for _, tt := range tests {
		a := newAcme()
		a.use("root", "protect-trails")
		a.use("root", "protect-roles")
		for i, x := range tt.xs {
			e := org.Exception{Key: string(rune('a' + i)), Guardrail: "protect-trails"}
			if x.days > 0 {
				e.Expires, e.InPolicy = asOf.Add(time.Duration(x.days)*24*time.Hour), true
			}
			if x.accounts != "" {
				e.Accounts = []*org.Account{a.find(x.accounts)}
			}
			if x.actions != "" {
				e.Actions = []string{x.actions}
			}
			if x.who == "" {
				a.except(e)
			} else {
				a.except(e, x.who)
			}
		}
		var got []string
		for _, s := range endsIn(t, a, "protect-trails") {
			who := append(slices.Clone(s.Condition["ArnLike"]["aws:PrincipalArn"]), s.Condition["StringEquals"]["aws:PrincipalAccount"]...)
			less := append(slices.Clone(s.Condition["ArnNotLike"]["aws:PrincipalArn"]), s.Condition["StringNotEquals"]["aws:PrincipalAccount"]...)
			end := strings.Join(who, ",")
			less = slices.DeleteFunc(less, func(v string) bool { return strings.HasSuffix(v, ":role/"+a.DeployRole) }) // spared always
			if len(less) > 0 {
				end += " unless " + strings.Join(less, ",")
			}
			got = append(got, strings.ReplaceAll(end, "arn:aws:iam::", ""))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		a.compile(t)
	}
}

// endsIn are the statements at the root that end exceptions from a guardrail.
func endsIn(t testing.TB, a *acme, guardrail string) (out []policy.Statement) {
	t.Helper()
	k := start(a.Organization, testCatalog(t), Options{AsOf: asOf})
	k.wishes()
	for _, p := range k.all[0].pieces {
		if p.guardrail != guardrail {
			continue
		}
		made, _ := k.narrowed(k.all[:1], p)
		for _, s := range made {
			if _, ok := s.Condition["DateGreaterThanEquals"]; ok {
				out = append(out, s.Statement)
			}
		}
	}
	return out
}

// Each exception is one statement more, though they be many.
func TestManyExceptionsEndInThePolicy(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-trails")
	a.use("root", "protect-roles", "roles", []any{"role/builds/*"})
	for i := range 30 {
		a.except(org.Exception{Key: fmt.Sprintf("x%02d", i), Guardrail: "protect-trails", Expires: asOf.Add(time.Duration(1+i) * time.Hour), InPolicy: true}, fmt.Sprintf("role/builds/R%02d", i))
	}
	if ends := endsIn(t, a, "protect-trails"); len(ends) != 30 {
		t.Errorf("%d statements end 30 exceptions", len(ends))
	}
	if p, _ := a.compile(t); len(p.Exceptions) != 30 {
		t.Errorf("%d exceptions", len(p.Exceptions))
	}
}

// Where an end cannot be written, that is all that is said.
func TestAnEndThatCannotBeWritten(t *testing.T) {
	a := newAcme()
	a.use("root", "some-roles")
	a.use("root", "protect-roles")
	for i, who := range []string{"role/builds/A", "role/builds/B", "role/builds/C"} {
		a.except(org.Exception{Key: string(rune('a' + i)), Guardrail: "some-roles", Expires: asOf.Add(time.Duration(1+i) * time.Hour), InPolicy: i > 0}, who)
	}
	_, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	var got []string
	for _, d := range ds {
		got = append(got, d.Code+" "+d.Summary)
	}
	want := "GR315 the exception %s cannot end in the policy: SomeRoles of some-roles asks for principals or times already"
	if !slices.Equal(got, []string{fmt.Sprintf(want, "b"), fmt.Sprintf(want, "c")}) {
		t.Errorf("%q", got)
	}
}

// Exceptions from guardrails that do not fit spare somebody all the same.
func TestExceptionsFromGuardrailsThatDoNotFit(t *testing.T) {
	a := newAcme()
	a.use("root", "restrict-regions")
	a.use("root", "protect-roles")
	for i := range 12 {
		a.except(org.Exception{Key: fmt.Sprintf("x%02d", i), Guardrail: "restrict-regions", Expires: asOf.Add(time.Duration(1+i) * time.Hour), InPolicy: true}, fmt.Sprintf("role/builds/R%02d", i))
	}
	_, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf, Quotas: quotas(func(q *quotasType) { q.SCPSize, q.SCPPerTarget = 2500, 3 })})
	if !ds.HasErrors() || slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code != "GR306" }) {
		t.Errorf("%s", show(ds))
	}
}

// What keeps an exception from sparing anybody is said once, by its own reason:
// not also that the guardrail is not in force there, or denies nothing.
func TestOneReasonForEachException(t *testing.T) {
	for _, c := range []struct {
		name       string
		principals []string
		accounts   []string
		quotas     quotasType
		want       []string
	}{
		{"the management account alone", nil, []string{"management"}, quotasType{}, []string{"GR313 the exception x names the management account, where protect-trails is not in force"}},
		{"principals in the management account alone", []string{"role/Data"}, []string{"management"}, quotasType{}, []string{"GR313 the exception x names the management account, where protect-trails is not in force"}},
		{"no room for the guardrail", []string{"role/Data"}, nil, quotasType{SCPSize: 2500, SCPPerTarget: 2}, []string{"GR306 protect-trails does not fit"}},
		{"no room for the guardrail in one account", []string{"role/Data"}, []string{"play"}, quotasType{SCPSize: 2500, SCPPerTarget: 2}, []string{"GR306 protect-trails does not fit"}},
	} {
		var trails []any
		for i := range 90 {
			trails = append(trails, fmt.Sprintf("a-trail-with-a-long-name-%d", i))
		}
		a := newAcme()
		a.use("Sandbox", "protect-trails", "trails", trails)
		a.use("root", "protect-roles", "roles", []any{"role/Data"})
		x := org.Exception{Key: "x", Guardrail: "protect-trails"}
		for _, key := range c.accounts {
			x.Accounts = append(x.Accounts, a.find(key))
		}
		a.except(x, c.principals...)
		_, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf, Quotas: c.quotas})
		var got []string
		for i, d := range ds {
			what := d.Code + " " + d.Summary
			if i < len(c.want) && strings.HasPrefix(what, c.want[i]) {
				what = c.want[i]
			}
			got = append(got, what)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRolesThatOnlyAWSMakesNeedNoProtection(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-roles", "roles", []any{"role/other"})
	a.use("root", "protect-trails")
	a.except(org.Exception{Key: "sso", Guardrail: "protect-trails"}, "role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Audit_*")
	p, _ := a.compile(t)
	if pol, _ := document(t, p, "orgrails-scp-root"); len(pol.Statements) != 2 {
		t.Errorf("%+v", pol.Statements)
	}
}

func TestProtectionBelowCountsForPinnedExceptions(t *testing.T) {
	a := newAcme()
	a.use("root", "protect-trails")
	a.use("root", "protect-roles", "roles", []any{"role/other"}) // the deploy role, and another
	a.use("Workloads", "protect-roles", "roles", []any{"role/A*"})
	a.except(exceptionFor("x", "protect-trails", a.find("payments")), "role/Abc")
	p, _ := a.compile(t)
	if pol, _ := document(t, p, "orgrails-scp-root"); len(pol.Statements) != 2 {
		t.Errorf("protected once more: %+v", pol.Statements)
	}
	a.except(exceptionFor("y", "protect-trails", a.find("play")), "role/Abc")
	p, _ = a.compile(t)
	pol, doc := document(t, p, "orgrails-scp-root")
	if len(pol.Statements) != 3 || !reflect.DeepEqual(doc.Statements[0].Resource, policy.Values{"arn:aws:iam::*:role/Abc", "arn:aws:iam::*:role/OrganizationAccountAccessRole"}) {
		t.Errorf("not protected in play: %s", pol.Content)
	}
}
