package compile

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

func trustOf(t *testing.T, p *guardrails.Plan, account, role string) policy.Document {
	t.Helper()
	return parsed(t, roleOf(t, p, account, role).Trust)
}

func spell(statements ...policy.Statement) string {
	return policy.Document{Statements: statements}.JSON()
}

func TestARoleOfAGroup(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Admin", ManagedPolicies: []string{"job-function/ViewOnlyAccess", "AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		MFA: &org.MFA{MaxAge: 15 * time.Minute}, SourceIPs: []string{"198.51.100.0/24"}, MaxSession: 2 * time.Hour}, "Workloads")
	until := time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC)
	a.group("on-call",
		org.Grant{Role: "Admin", In: a.targets("Workloads/Prod"), Until: until},
		org.Grant{Role: "Admin", In: a.targets("dev")})
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Errorf("%s", show(ds))
	}
	r := roleOf(t, p, "payments", "Admin")
	if r.MaxSessionDuration != 7200 || r.Path != "/" || !reflect.DeepEqual(r.ManagedPolicies, []guardrails.Text{
		"arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}) {
		t.Errorf("%+v", r)
	}
	got := spell(trustOf(t, p, "payments", "Admin").Statements...)
	want := `{"Statement":[{"Sid":"Grouponcall","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:identity}}:root"},"Action":"sts:AssumeRole","Condition":{` +
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::{{id:account:identity}}:user/*"},"Bool":{"aws:MultiFactorAuthPresent":"true"},"DateLessThan":{"aws:CurrentTime":"2026-12-01T06:00:00Z"},` +
		`"IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"NumericLessThan":{"aws:MultiFactorAuthAge":"900"},"StringEquals":{"aws:PrincipalTag/orgrails:group/on-call":"member"}}}]}`
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if dev := spell(trustOf(t, p, "dev", "Admin").Statements...); strings.Contains(dev, "CurrentTime") || !strings.Contains(dev, "on-call") {
		t.Errorf("%s", dev)
	}
	if roleOf(t, p, "payments", "Admin").Trust != roleOf(t, p, "shop", "Admin").Trust {
		t.Error("accounts with the same grants have different trust")
	}
	groups := baseline(t, p, "identity").Groups
	if len(groups) != 1 || groups[0].Name != "on-call" || groups[0].Policy.Name != "orgrails-assume-on-call" {
		t.Fatalf("%+v", groups)
	}
	want = `{"Version":"2012-10-17","Statement":[` +
		`{"Sid":"AssumeAdmin","Effect":"Allow","Action":"sts:AssumeRole","Resource":["arn:aws:iam::{{id:account:payments}}:role/Admin","arn:aws:iam::{{id:account:shop}}:role/Admin"],"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-12-01T06:00:00Z"}}},` +
		`{"Sid":"AssumeAdmin2","Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::{{id:account:dev}}:role/Admin"}]}`
	if string(groups[0].Policy.Document) != want {
		t.Errorf("%s, want\n%s", groups[0].Policy.Document, want)
	}
	pol, _ := document(t, p, "orgrails-scp-@identity")
	if pol.Statements[0].Guardrail != "protect-user-tags" || pol.Statements[0].Origin != a.Identity.Range.String() {
		t.Errorf("%+v", pol.Statements)
	}
}

func TestWhenGrantsEnd(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Admin"}, "Workloads/Prod")
	a.group("gone", org.Grant{Role: "Admin", In: a.targets("root"), Until: asOf})
	a.group("twice", org.Grant{Role: "Admin", In: a.targets("root"), Until: asOf.Add(time.Hour)}, org.Grant{Role: "Admin", In: a.targets("payments")})
	p, _ := a.compile(t)
	if gone := baseline(t, p, "identity").Groups[0]; !strings.Contains(string(gone.Policy.Document), "NoGrantInForce") {
		t.Errorf("a group without a grant stays, and may do nothing: %s", gone.Policy.Document)
	}
	if s := trustOf(t, p, "payments", "Admin").Statements; len(s) != 1 || s[0].Condition["DateLessThan"] != nil {
		t.Errorf("the grant without an end counts: %s", spell(s...))
	}
	if s := trustOf(t, p, "shop", "Admin").Statements; len(s) != 1 || s[0].Condition["DateLessThan"] == nil {
		t.Errorf("%s", spell(s...))
	}
}

func TestARoleThatNobodyMayAssume(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Admin"}, "root")
	a.role(org.Role{Key: "Nowhere"}, "Security")
	a.Roles[1].Exclude = a.targets("Security")
	a.group("ops", org.Grant{Role: "Admin", In: a.targets("Workloads")})
	p, ds := a.compile(t)
	expect(t, p, ds, "GR342", "nobody may assume the role Admin in 3 accounts: identity, log, play")
	expect(t, p, ds, "GR342", "Nowhere is made in no account")
	if s := trustOf(t, p, "play", "Admin").Statements; len(s) != 1 || s[0].Effect != policy.Deny || !reflect.DeepEqual(s[0].Principal.AWS, policy.Values{"arn:aws:iam::{{id:account:play}}:root"}) {
		t.Errorf("%s", spell(s...))
	}
}

func TestRolesOfIdentityCenter(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Admin"}, "Workloads")
	a.group("admins", org.Grant{Role: "Admin", In: a.targets("root")}).PermissionSet = "Admins"
	a.Identity.Source = "identity-center"
	p, ds := a.compile(t)
	if len(ds) > 0 || len(baseline(t, p, "identity").Groups) > 0 || len(p.Policies) > 0 {
		t.Errorf("%s %+v", show(ds), p.Policies)
	}
	arns := trustOf(t, p, "dev", "Admin").Statements[0].Condition["ArnLike"]["aws:PrincipalArn"]
	role := func(path, name string) string {
		return "arn:aws:iam::{{id:account:identity}}:role/aws-reserved/sso.amazonaws.com/" + path + name
	}
	for name, want := range map[string]bool{
		"AWSReservedSSO_Admins_0123456789abcdef": true, "AWSReservedSSO_Admins_ReadOnly_0123456789abcdef": false, "AWSReservedSSO_Admin_0123456789abcdef": false,
	} {
		for _, path := range []string{"", "eu-central-1/"} {
			if got := anyGlob(arns, role(path, name), false); got != want {
				t.Errorf("%s%s may: %v", path, name, got)
			}
		}
	}
}

func TestRolesOfSAML(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Admin"}, "Workloads/Prod")
	a.group("admins", org.Grant{Role: "Admin", In: a.targets("payments")})
	a.Identity.Source, a.Identity.SAMLProvider = "saml", "okta"
	p, _ := a.compile(t)
	hub := roleOf(t, p, "identity", "admins")
	want := `{"Version":"2012-10-17","Statement":[{"Sid":"TrustedIdentityProvider","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{id:account:identity}}:saml-provider/okta"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
	if string(hub.Trust) != want {
		t.Errorf("%s", hub.Trust)
	}
	if len(hub.Policies) != 1 || !strings.Contains(string(hub.Policies[0].Document), `"Resource":"arn:aws:iam::{{id:account:payments}}:role/Admin"`) {
		t.Errorf("%+v", hub.Policies)
	}
	s := trustOf(t, p, "payments", "Admin").Statements[0]
	if !reflect.DeepEqual(s.Condition, policy.Conditions{"ArnEquals": {"aws:PrincipalArn": {"arn:aws:iam::{{id:account:identity}}:role/admins"}}}) {
		t.Errorf("%s", spell(s))
	}
}

func TestTrust(t *testing.T) {
	a := newAcme()
	user, role := a.find("management"), a.find("identity")
	a.role(org.Role{Key: "ByUser", MFA: &org.MFA{}, Trust: &org.Trust{Users: []org.TrustedUser{{Account: user, Name: "break-glass-1"}}}}, "Sandbox")
	a.role(org.Role{Key: "ByRole", Trust: &org.Trust{Roles: []org.TrustedRole{{Account: role, Name: "ci"}, {Account: role, Name: "ops/Made"}}}}, "Sandbox")
	a.role(org.Role{Key: "ByVendor", SourceIPs: []string{"192.0.2.1/32"}, Trust: &org.Trust{Account: "999999999999", ExternalID: "acme-7f3c"}}, "Sandbox")
	a.role(org.Role{Key: "ByService", Trust: &org.Trust{Services: []string{"ec2.amazonaws.com"}}}, "Sandbox")
	a.role(org.Role{Key: "ByOIDC", Trust: &org.Trust{OIDC: &org.OIDC{Provider: "token.actions.githubusercontent.com", Audience: "sts.amazonaws.com", Subjects: []string{"repo:acme/infra:*"}}}}, "Sandbox", "dev")
	a.role(org.Role{Key: "ByOne", Trust: &org.Trust{OIDC: &org.OIDC{Provider: "p.example/x", Audience: "a", Subjects: []string{"s"}}}}, "Sandbox")
	a.role(org.Role{Key: "BySAML", Trust: &org.Trust{SAML: &org.SAML{Provider: "okta"}}}, "Sandbox")
	a.role(org.Role{Key: "Made", Path: "/ops/", Trust: &org.Trust{Services: []string{"ec2.amazonaws.com"}}}, "identity")
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Errorf("%s", show(ds))
	}
	for role, want := range map[string]string{
		"ByUser": `{"Sid":"TrustedUsers","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:management}}:user/break-glass-1"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`,
		"ByRole": `{"Sid":"TrustedRoles","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:identity}}:role/ci"},"Action":"sts:AssumeRole"},` +
			`{"Sid":"TrustedRolesOfThisFile","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:identity}}:root"},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::{{id:account:identity}}:role/ops/Made"}}}`,
		"ByVendor": `{"Sid":"TrustedAccount","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.1/32"},"StringEquals":{"sts:ExternalId":"acme-7f3c"}}}`,
		"ByService": `{"Sid":"TrustedServices","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"},` +
			`{"Sid":"RefuseServicesForOthers","Effect":"Deny","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"Null":{"aws:SourceAccount":"false"},"StringNotEqualsIfExists":{"aws:SourceOrgID":"{{id:organization}}"}}}`,
		"ByOIDC": `{"Sid":"TrustedIdentityProvider","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{id:account:play}}:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity",` +
			`"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/infra:*"}}}`,
		"ByOne":  `{"Sid":"TrustedIdentityProvider","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{id:account:play}}:oidc-provider/p.example/x"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"p.example/x:aud":"a","p.example/x:sub":"s"}}}`,
		"BySAML": `{"Sid":"TrustedIdentityProvider","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{id:account:play}}:saml-provider/okta"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}`,
	} {
		if got := string(roleOf(t, p, "play", role).Trust); got != `{"Version":"2012-10-17","Statement":[`+want+`]}` {
			t.Errorf("%s: %s, want\n%s", role, got, want)
		}
	}
	if dev := roleOf(t, p, "dev", "ByOIDC").Trust; !strings.Contains(string(dev), "{{id:account:dev}}:oidc-provider") {
		t.Errorf("the provider is the account's own: %s", dev)
	}
}

func TestRefusedTrusts(t *testing.T) {
	tests := []struct {
		name  string
		role  org.Role
		words string
	}{
		{"no external id", org.Role{Trust: &org.Trust{Account: "999999999999"}}, "without an external id"},
		{"no subject", org.Role{Trust: &org.Trust{OIDC: &org.OIDC{Provider: "p", Audience: "a"}}}, "trusts everybody who has a token of p"},
		{"any subject", org.Role{Trust: &org.Trust{OIDC: &org.OIDC{Provider: "p", Audience: "a", Subjects: []string{"*"}}}}, `the subject "*"`},
		{"no audience", org.Role{Trust: &org.Trust{OIDC: &org.OIDC{Provider: "p", Subjects: []string{"s"}}}}, "no single principal"},
		{"any service", org.Role{Trust: &org.Trust{Services: []string{"*"}}}, `"*", which is no single principal`},
		{"mfa of a service", org.Role{MFA: &org.MFA{}, Trust: &org.Trust{Services: []string{"ec2.amazonaws.com"}}}, "principals that never carry it"},
		{"mfa of a provider", org.Role{MFA: &org.MFA{}, Trust: &org.Trust{SAML: &org.SAML{Provider: "okta"}}}, "principals that never carry it"},
		{"addresses of a service", org.Role{SourceIPs: []string{"192.0.2.1/32"}, Trust: &org.Trust{Services: []string{"ec2.amazonaws.com"}}}, "addresses of their own"},
	}
	for _, tt := range tests {
		a := newAcme()
		tt.role.Key = "R"
		a.role(tt.role, "Sandbox")
		a.refuses(t, "GR346", tt.words)
	}
	for _, source := range []string{"saml", "identity-center"} {
		a := newAcme()
		a.role(org.Role{Key: "Admin", MFA: &org.MFA{}}, "Sandbox")
		a.group("g", org.Grant{Role: "Admin", In: a.targets("play")})
		a.Identity.Source = source
		a.refuses(t, "GR346", "sessions of "+source+", which never carry it")
	}
}

func TestRefusedRolesAndGrants(t *testing.T) {
	many := []org.TrustedUser{}
	a := newAcme()
	for i := range 60 {
		many = append(many, org.TrustedUser{Account: a.find("dev"), Name: strings.Repeat("u", i+1)})
	}
	trusted := &org.Trust{Services: []string{"ec2.amazonaws.com"}}
	a.role(org.Role{Key: "Twice", Trust: trusted}, "Workloads")
	a.role(org.Role{Key: "twice", Trust: trusted}, "shop")
	a.role(org.Role{Key: "OrganizationAccountAccessRole", Trust: trusted}, "Sandbox")
	a.role(org.Role{Key: "Big", Trust: &org.Trust{Users: many}}, "Sandbox")
	a.role(org.Role{Key: "Bounded", Boundary: "developer", Trust: trusted}, "Workloads")
	a.role(org.Role{Key: "Unbounded", Boundary: "develper", Trust: trusted}, "Workloads")
	a.role(org.Role{Key: "Full", ManagedPolicies: strings.Split("abcdefghijklmnopqrstu", ""), Trust: trusted}, "Sandbox")
	a.PermissionBoundaries = []org.PermissionBoundary{{Key: "developer", Name: "developer", Template: "developer-boundary", Targets: a.targets("Workloads/Prod"), Range: a.next()}}
	a.group("g", org.Grant{Role: "Twice", In: a.targets("Sandbox")}, org.Grant{Role: "Tvice", In: a.targets("Sandbox")})
	a.group("G")
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	d := expect(t, p, ds, "GR321", "two roles named \"twice\" in the account shop")
	if len(d.Related) != 1 || d.Related[0].Range == d.Range {
		t.Errorf("%+v", d)
	}
	expect(t, p, ds, "GR321", "two groups named \"G\"")
	expect(t, p, ds, "GR340", "OrganizationAccountAccessRole has the name of the deploy role")
	expect(t, p, ds, "GR344", "the trust policy of the role Big in play is", "AWS takes 2048")
	expect(t, p, ds, "GR343", "the role Bounded is made in dev, where its boundary developer is not")
	expect(t, p, ds, "GR343", `"develper"`, `did you mean "developer"`)
	expect(t, p, ds, "GR347", "has 21 managed policies, and AWS takes 20")
	expect(t, p, ds, "GR350", "the role Twice is made in no account that the grant names")
	expect(t, p, ds, "GR350", `"Tvice"`)
}

func TestRolesInTheManagementAccount(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Auditor"}, "root", "management")
	a.role(org.Role{Key: "Glass", Trust: &org.Trust{Users: []org.TrustedUser{{Account: a.Management, Name: "g"}}}}, "management")
	a.group("auditors", org.Grant{Role: "Auditor", In: a.targets("root", "management")})
	p, ds := a.compile(t)
	d := expect(t, p, ds, "GR345", "Auditor of the management account may be assumed from identity")
	if d.Severity != "warning" || len(ds) != 1 {
		t.Errorf("%s", show(ds))
	}
	if len(baseline(t, p, "management").Roles) != 2 {
		t.Error("a role that names the management account is made there")
	}
	a.Identity.Account = a.Management
	a.refuses(t, "GR352", "no SCP keeps users")
}

func TestAGroupWithTooManyRoles(t *testing.T) {
	a := newAcme()
	for i := range 150 {
		a.account("many-"+strings.Repeat("x", i%20)+string(rune('a'+i/20)), "Sandbox")
	}
	a.role(org.Role{Key: "Auditor"}, "root")
	a.group("auditors", org.Grant{Role: "Auditor", In: a.targets("Workloads")}, org.Grant{Role: "Auditor", In: a.targets("root")})
	d := a.refuses(t, "GR353", "the policy of the group auditors names 156 roles", "AWS takes 6144", "identity-center")
	if want := a.Identity.Groups[0].Assume[1].Range; d.Range != want {
		t.Errorf("at %s, want the second grant at %s", d.Range, want)
	}
}

func TestPoliciesOfARole(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "App", Path: "/app/", Trust: &org.Trust{Services: []string{"ec2.amazonaws.com"}}, Boundary: "developer",
		Policies: []org.RolePolicy{{File: "policies/read queues.json", Source: []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"}}`), Range: a.next()}}}, "Workloads/Prod")
	a.PermissionBoundaries = []org.PermissionBoundary{{Key: "developer", Name: "Developer", Template: "developer-boundary", Targets: a.targets("Workloads"), Range: a.next()}}
	p, _ := a.compile(t)
	r := roleOf(t, p, "shop", "App")
	if len(r.Policies) != 1 || r.Policies[0].Name != "App-read-queues" || r.Policies[0].Path != "/app/" || r.Policies[0].Statements[0].Guardrail != "policies/read queues.json" {
		t.Errorf("%+v", r.Policies)
	}
	if r.Boundary != "arn:aws:iam::{{id:account:shop}}:policy/Developer" {
		t.Errorf("%s", r.Boundary)
	}
}
