package eval_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
)

const (
	aliceSession = "arn:aws:sts::222222222222:assumed-role/Dev/alice"
	devRole      = "arn:aws:iam::222222222222:role/team/Dev"
	federated    = "arn:aws:sts::222222222222:federated-user/alice"
	root         = "arn:aws:iam::222222222222:root"
	stranger     = "arn:aws:iam::999999999999:user/eve"
	ecsRole      = "arn:aws:iam::222222222222:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
	object       = "arn:aws:s3:::bucket/key"
	key          = "arn:aws:kms:eu-west-1:222222222222:key/1234"
	allowGet     = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
	allowList    = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}`
	denyGet      = `{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`
)

// A setting is the policies of a case, each a list of statements; "" is no
// such policy, and what is given for scp and rcp is one level.
type setting struct {
	identity, scp, rcp, resource, boundary, session, vpce string
}

func (s setting) policies(t testing.TB) eval.Policies {
	t.Helper()
	var p eval.Policies
	if s.identity != "" {
		p.Identity = documents(t, s.identity)
	}
	if s.scp != "" {
		p.SCP = []eval.Level{{ID: "r-1", Policies: documents(t, s.scp)}}
	}
	if s.rcp != "" {
		p.RCP = []eval.Level{{ID: "r-1", Policies: documents(t, s.rcp)}}
	}
	if s.resource != "" {
		d := statements(t, s.resource)
		p.Resource = &d
	}
	if s.boundary != "" {
		p.Boundary = documents(t, s.boundary)
	}
	if s.session != "" {
		d := statements(t, s.session)
		p.Session = &d
	}
	if s.vpce != "" {
		p.VPCE = documents(t, s.vpce)
	}
	return p
}

// grant is a statement of a resource's policy for a principal.
func grant(principal string) string { return effect("Allow", `"Principal":`+principal) }

func effect(effect, principal string) string {
	return `{"Effect":"` + effect + `",` + principal + `,"Action":"*","Resource":"*"}`
}

func aws(arns ...string) string { return `{"AWS":["` + strings.Join(arns, `","`) + `"]}` }

type chainCase struct {
	name      string
	set       setting
	principal string
	action    string // s3:GetObject where it is empty
	resource  string // an object where it is empty
	account   string // 222222222222 where it is empty
	context   string // JSON; {} where it is empty
	want      string // the decision, and what blocks
}

func (c chainCase) run(t *testing.T) {
	t.Helper()
	r := eval.Request{Principal: c.principal, Action: or(c.action, "s3:GetObject"), Resource: or(c.resource, object), ResourceAccount: or(c.account, "222222222222"), Context: contextOf(t, or(c.context, `{}`))}
	s := compile(t, member, c.set.policies(t))
	res := s.Authorize(&r)
	got := res.Decision.String()
	for _, l := range res.BlockedBy {
		got += " " + string(l)
	}
	if got != c.want {
		t.Errorf("%s: %s, not %s", c.name, got, c.want)
	}
	if x := s.Explain(&r); x.Decision != res.Decision || !slices.Equal(x.BlockedBy, res.BlockedBy) {
		t.Errorf("%s: the explanation says %v %v", c.name, x.Decision, x.BlockedBy)
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func TestOneAccount(t *testing.T) {
	for _, c := range []chainCase{
		{"nothing allows", setting{}, alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"identity allows", setting{identity: allowGet}, alice, "", "", "", "", "Allowed"},
		{"identity allows another action", setting{identity: allowList}, alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"identity denies", setting{identity: allowAll + "," + denyGet}, alice, "", "", "", "", "ExplicitlyDenied identity"},
		{"boundary does not allow", setting{identity: allowAll, boundary: allowList}, alice, "", "", "", "", "ImplicitlyDenied boundary"},
		{"boundary does not grant", setting{boundary: allowAll}, alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"boundary denies", setting{identity: allowAll, boundary: allowAll + "," + denyGet}, alice, "", "", "", "", "ExplicitlyDenied boundary"},
		{"session does not allow", setting{identity: allowAll, session: allowList}, aliceSession, "", "", "", "", "ImplicitlyDenied session"},
		{"session allows", setting{identity: allowAll, session: allowGet}, aliceSession, "", "", "", "", "Allowed"},
		{"session of a federated user", setting{identity: allowAll, session: allowList}, federated, "", "", "", "", "ImplicitlyDenied session"},
		{"endpoint does not allow", setting{identity: allowAll, vpce: effect("Allow", `"Principal":`+aws("111111111111"))}, alice, "", "", "", "", "ImplicitlyDenied vpce"},
		{"endpoint allows", setting{identity: allowAll, vpce: grant(`"*"`)}, alice, "", "", "", "", "Allowed"},
		{"endpoint without Principal", setting{identity: allowAll, vpce: allowGet}, alice, "", "", "", "", "Allowed"},
		{"endpoint denies", setting{identity: allowAll, vpce: grant(`"*"`) + "," + denyGet}, alice, "", "", "", "", "ExplicitlyDenied vpce"},
		{"all that refuse are listed", setting{identity: denyGet, boundary: allowList, session: allowList, scp: allowList, vpce: allowList, resource: effect("Deny", `"Principal":"*"`), rcp: denyGet}, aliceSession, "", "", "", "",
			"ExplicitlyDenied boundary identity rcp resource scp session vpce"},
		{"no case for a service in an action of that name", setting{identity: `{"Effect":"Allow","Action":"S3:getOBJECT","Resource":"*"}`}, alice, "", "", "", "", "Allowed"},
	} {
		c.run(t)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-resource-based.html
func TestResourcePolicyOfTheSameAccount(t *testing.T) {
	limits := setting{boundary: allowList, session: allowList}
	with := func(s setting, resource string) setting { s.resource = resource; return s }
	for _, c := range []chainCase{
		// A user, a session or a federated user that is named needs no more.
		{"user", with(limits, grant(aws(alice))), alice, "", "", "", "", "Allowed"},
		{"session", with(limits, grant(aws(aliceSession))), aliceSession, "", "", "", "", "Allowed"},
		{"federated user", with(limits, grant(aws(federated))), federated, "", "", "", "", "Allowed"},
		{"everyone", with(limits, grant(`"*"`)), aliceSession, "", "", "", "", "Allowed"},
		{"AWS everyone", with(limits, grant(`{"AWS":"*"}`)), alice, "", "", "", "", "Allowed"},
		// A role that is named is limited by boundary and session, not by identity.
		{"role", with(setting{}, grant(aws(devRole))), aliceSession, "", "", "", "", "Allowed"},
		{"role with limits", with(limits, grant(aws(devRole))), aliceSession, "", "", "", "", "ImplicitlyDenied boundary session"},
		{"role itself", with(limits, grant(aws(devRole))), devRole, "", "", "", "", "ImplicitlyDenied boundary session"},
		{"another role", with(setting{}, grant(aws("arn:aws:iam::222222222222:role/Ops"))), aliceSession, "", "", "", "", "ImplicitlyDenied identity"},
		{"role of another account", with(setting{}, grant(aws("arn:aws:iam::333333333333:role/team/Dev"))), aliceSession, "", "", "", "", "ImplicitlyDenied identity"},
		{"role of another partition", with(setting{}, grant(aws("arn:aws-cn:iam::222222222222:role/team/Dev"))), aliceSession, "", "", "", "", "ImplicitlyDenied identity"},
		// An account leaves it to identity policies.
		{"account", with(setting{}, grant(aws("222222222222"))), alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"account ARN", with(setting{}, grant(aws(root))), alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"account and identity", with(setting{identity: allowAll}, grant(aws(root))), alice, "", "", "", "", "Allowed"},
		// Names are whole and case-sensitive.
		{"case of a name", with(setting{}, grant(aws("arn:aws:iam::222222222222:user/Alice"))), alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"part of a name", with(setting{}, grant(aws("arn:aws:iam::222222222222:user/*"))), alice, "", "", "", "", "ImplicitlyDenied identity"},
		// Explicit denials win over all of this.
		{"deny of the role", with(setting{identity: allowAll}, grant(aws(alice))+","+effect("Deny", `"Principal":`+aws(root))), alice, "", "", "", "", "ExplicitlyDenied resource"},
		{"identity denies", with(setting{identity: denyGet}, grant(aws(alice))), alice, "", "", "", "", "ExplicitlyDenied identity"},
		{"boundary denies", with(setting{boundary: denyGet}, grant(aws(alice))), alice, "", "", "", "", "ExplicitlyDenied boundary"},
		{"SCPs limit all", with(setting{scp: allowList}, grant(aws(alice))), alice, "", "", "", "", "ImplicitlyDenied scp"},
		{"endpoints limit all", with(setting{vpce: allowList}, grant(aws(alice))), alice, "", "", "", "", "ImplicitlyDenied vpce"},
		{"identity is enough", with(setting{identity: allowAll}, grant(aws(stranger))), alice, "", "", "", "", "Allowed"},
	} {
		c.run(t)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func TestCrossAccount(t *testing.T) {
	for _, c := range []chainCase{
		{"both allow", setting{identity: allowAll, resource: grant(aws(alice))}, alice, "", "", "333333333333", "", "Allowed"},
		{"the account is named", setting{identity: allowAll, resource: grant(aws("222222222222"))}, alice, "", "", "333333333333", "", "Allowed"},
		{"no resource policy", setting{identity: allowAll}, alice, "", "", "333333333333", "", "ImplicitlyDenied resource"},
		{"no identity policy", setting{resource: grant(aws(alice))}, alice, "", "", "333333333333", "", "ImplicitlyDenied identity"},
		{"everyone is not enough", setting{resource: grant(`"*"`)}, alice, "", "", "333333333333", "", "ImplicitlyDenied identity"},
		{"neither", setting{}, alice, "", "", "333333333333", "", "ImplicitlyDenied identity resource"},
		{"boundary and session count", setting{identity: allowAll, resource: grant(aws(aliceSession)), boundary: allowList, session: allowList}, aliceSession, "", "", "333333333333", "", "ImplicitlyDenied boundary session"},
		{"SCPs of the caller", setting{identity: allowAll, resource: grant(aws(alice)), scp: allowList}, alice, "", "", "333333333333", "", "ImplicitlyDenied scp"},
		{"caller outside, SCPs do not reach", setting{identity: allowAll, resource: grant(aws(stranger)), scp: denyGet}, stranger, "", "", "", "", "Allowed"},
		{"caller outside, RCPs reach", setting{identity: allowAll, resource: grant(aws(stranger)), rcp: denyGet}, stranger, "", "", "", "", "ExplicitlyDenied rcp"},
		{"resource outside, RCPs do not reach", setting{identity: allowAll, resource: grant(aws(alice)), rcp: denyGet}, alice, "", "", "999999999999", "", "Allowed"},
		{"root user", setting{resource: grant(aws(root))}, root, "", "", "333333333333", "", "Allowed"},
		{"root user not named", setting{}, root, "", "", "333333333333", "", "ImplicitlyDenied resource"},
	} {
		c.run(t)
	}
	s := compile(t, member, eval.Policies{Identity: documents(t, allowAll)})
	for resource, want := range map[string]eval.Decision{
		"arn:aws:sqs:eu-west-1:333333333333:queue": eval.ImplicitlyDenied, // the account is in the ARN
		"arn:aws:sqs:eu-west-1:222222222222:queue": eval.Allowed,
		"arn:aws:s3:::bucket":                      eval.Allowed, // the caller's own
		"arn:aws:iam::aws:policy/ReadOnlyAccess":   eval.Allowed,
		"*":                                        eval.Allowed,
		"":                                         eval.Allowed,
	} {
		if got := s.Authorize(&eval.Request{Principal: alice, Action: "x:Y", Resource: resource}).Decision; got != want {
			t.Errorf("%q without an account: %v", resource, got)
		}
	}
}

// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
func TestKeysAndRolesNeedTheirOwnPolicy(t *testing.T) {
	const target = "arn:aws:iam::222222222222:role/Target"
	trust := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`
	}
	for _, c := range []chainCase{
		{"key without policy", setting{identity: allowAll}, alice, "kms:Decrypt", key, "", "", "ImplicitlyDenied resource"},
		{"key policy for the account", setting{identity: allowAll, resource: grant(aws(root))}, alice, "kms:Decrypt", key, "", "", "Allowed"},
		{"key policy for the account, no identity", setting{resource: grant(aws(root))}, alice, "kms:Decrypt", key, "", "", "ImplicitlyDenied identity"},
		{"key policy for the user", setting{resource: grant(aws(alice))}, alice, "kms:Decrypt", key, "", "", "Allowed"},
		{"key policy for another", setting{identity: allowAll, resource: grant(aws(stranger))}, alice, "KMS:decrypt", key, "", "", "ImplicitlyDenied resource"},
		{"not about a key", setting{identity: allowAll}, alice, "kms:ListKeys", "*", "", "", "Allowed"},
		{"root user without key policy", setting{}, root, "kms:Decrypt", key, "", "", "ImplicitlyDenied resource"},
		{"root user with key policy", setting{resource: grant(aws(root))}, root, "kms:Decrypt", key, "", "", "Allowed"},
		{"role without trust", setting{identity: allowAll}, alice, "sts:AssumeRole", target, "", "", "ImplicitlyDenied resource"},
		{"role trusts the user", setting{resource: trust(aws(alice))}, alice, "sts:AssumeRole", target, "", "", "Allowed"},
		{"role trusts the account", setting{resource: trust(aws(root))}, alice, "sts:AssumeRole", target, "", "", "ImplicitlyDenied identity"},
		{"role trusts the account, identity allows", setting{identity: allowAll, resource: trust(aws(root))}, alice, "sts:AssumeRole", target, "", "", "Allowed"},
		{"role trusts a service", setting{resource: trust(`{"Service":"ec2.amazonaws.com"}`)}, "ec2.amazonaws.com", "sts:AssumeRole", target, "", "", "Allowed"},
		{"role trusts another service", setting{resource: trust(`{"Service":"lambda.amazonaws.com"}`)}, "ec2.amazonaws.com", "sts:AssumeRole", target, "", "", "ImplicitlyDenied resource"},
		{"role trusts another account", setting{identity: allowAll, resource: trust(aws("999999999999"))}, stranger, "sts:AssumeRole", target, "", "", "Allowed"},
		{"SAML", setting{resource: `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::222222222222:saml-provider/idp"},"Action":"sts:AssumeRoleWithSAML"}`},
			"arn:aws:iam::222222222222:saml-provider/idp", "sts:AssumeRoleWithSAML", target, "", "", "Allowed"},
		{"another SAML provider", setting{resource: `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::222222222222:saml-provider/idp"},"Action":"sts:AssumeRoleWithSAML"}`},
			"arn:aws:iam::222222222222:saml-provider/other", "sts:AssumeRoleWithSAML", target, "", "", "ImplicitlyDenied resource"},
		{"web identity", setting{resource: `{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`},
			"accounts.google.com", "sts:AssumeRoleWithWebIdentity", target, "", "", "Allowed"},
		{"Cognito", setting{resource: `{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`, scp: denyGet},
			"cognito-identity.amazonaws.com", "sts:AssumeRoleWithWebIdentity", target, "", "", "Allowed"},
		{"another action on a role", setting{identity: allowAll}, alice, "iam:GetRole", target, "", "", "Allowed"},
	} {
		c.run(t)
	}
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func TestWhoIsExempt(t *testing.T) {
	deny := setting{identity: allowAll, scp: allowAll + "," + denyGet, rcp: effect("Deny", `"Principal":"*"`), resource: grant(`"*"`) + "," + grant(`{"Service":"logs.amazonaws.com"}`)}
	only := func(scp, rcp bool) setting {
		s := deny
		if !scp {
			s.scp = ""
		}
		if !rcp {
			s.rcp = ""
		}
		return s
	}
	session := func(name string) string { return "arn:aws:sts::222222222222:assumed-role/" + name + "/x" }
	for _, c := range []chainCase{
		{"member", only(true, false), alice, "", "", "", "", "ExplicitlyDenied scp"},
		{"root user of a member", only(true, false), root, "", "", "", "", "ExplicitlyDenied scp"},
		{"management account", only(true, false), "arn:aws:iam::111111111111:user/admin", "", "", "", "", "Allowed"},
		{"outside", only(true, false), stranger, "", "", "", "", "Allowed"},
		{"service", only(true, false), "logs.amazonaws.com", "", "", "", "", "Allowed"},
		{"anonymous", only(true, false), "", "", "", "", "", "Allowed"},
		{"service-linked role", deny, ecsRole, "", "", "", "", "Allowed"},
		{"session of a service-linked role", deny, session("AWSServiceRoleForECS"), "", "", "", `{"AWS:principalarn":"` + ecsRole + `"}`, "Allowed"},
		{"session of a role of that name only", deny, session("AWSServiceRoleForECS"), "", "", "", `{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/AWSServiceRoleForECS"}`, "ExplicitlyDenied rcp scp"},
		{"session with a borrowed aws:PrincipalArn", deny, session("Dev"), "", "", "", `{"aws:PrincipalArn":"` + ecsRole + `"}`, "ExplicitlyDenied rcp scp"},
		{"role with a borrowed aws:PrincipalArn", deny, devRole, "", "", "", `{"aws:PrincipalArn":"` + ecsRole + `"}`, "ExplicitlyDenied rcp scp"},
		{"a role's path that only looks so", deny, "arn:aws:iam::222222222222:role/x/aws-service-role/ecs.amazonaws.com/R", "", "", "", "", "ExplicitlyDenied rcp scp"},
		{"RCP, outside", only(false, true), stranger, "", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, anonymous", only(false, true), "", "", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, service", only(false, true), "logs.amazonaws.com", "", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, root user", only(false, true), root, "", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, resource of the management account", only(false, true), alice, "", "", "111111111111", "", "Allowed"},
		{"RCP, caller of the management account", only(false, true), "arn:aws:iam::111111111111:user/admin", "", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, service in capitals", only(false, true), alice, "S3:GetObject", "", "", "", "ExplicitlyDenied rcp"},
		{"RCP, service without RCPs", only(false, true), alice, "sns:Publish", "arn:aws:sns:eu-west-1:222222222222:t", "", "", "Allowed"},
		{"RCP, kms", only(false, true), alice, "kms:Decrypt", key, "", "", "ExplicitlyDenied rcp"},
		{"RCP, kms:RetireGrant", only(false, true), alice, "kms:retiregrant", key, "", "", "Allowed"},
		{"RCP, key of AWS", only(false, true), alice, "kms:Decrypt", "arn:aws:kms:eu-west-1:222222222222:alias/aws/s3", "", "", "Allowed"},
		{"RCPFullAWSAccess is implied", setting{identity: allowAll, rcp: `{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}`}, alice, "", "", "", "", "Allowed"},
	} {
		c.run(t)
	}
	// Without an organization nothing of it reaches anybody.
	s := compile(t, eval.Organization{}, only(true, true).policies(t))
	if got := s.Authorize(&eval.Request{Principal: alice, Action: "s3:GetObject", Resource: object}).Decision; got != eval.Allowed {
		t.Errorf("without an organization: %v", got)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func TestCallersWithoutIdentityPolicies(t *testing.T) {
	for _, c := range []chainCase{
		{"root user", setting{}, root, "", "", "", "", "Allowed"},
		{"root user, resource denies", setting{resource: effect("Deny", `"Principal":"*"`)}, root, "", "", "", "", "ExplicitlyDenied resource"},
		{"root user has no boundary", setting{boundary: allowList}, root, "", "", "", "", "Allowed"},
		{"root user with a session policy", setting{session: allowList}, root, "", "", "", "", "ImplicitlyDenied session"},
		{"service-linked role has no boundary", setting{identity: allowAll, boundary: allowList}, ecsRole, "", "", "", "", "Allowed"},
		{"anonymous", setting{identity: allowAll}, "", "", "", "", "", "ImplicitlyDenied resource"},
		{"anonymous, everyone", setting{resource: grant(`"*"`)}, "", "", "", "", "", "Allowed"},
		{"anonymous, AWS everyone", setting{resource: grant(`{"AWS":"*"}`)}, "", "", "", "", "", "Allowed"},
		{"anonymous, account", setting{resource: grant(aws(root))}, "", "", "", "", "", "ImplicitlyDenied resource"},
		{"anonymous, endpoint", setting{resource: grant(`"*"`), vpce: allowList}, "", "", "", "", "", "ImplicitlyDenied vpce"},
		{"service", setting{resource: grant(`{"Service":["sns.amazonaws.com","logs.amazonaws.com"]}`)}, "logs.amazonaws.com", "", "", "", "", "Allowed"},
		{"service, everyone", setting{resource: grant(`"*"`)}, "logs.amazonaws.com", "", "", "", "", "Allowed"},
		{"service, another", setting{resource: grant(`{"Service":"sns.amazonaws.com"}`)}, "logs.amazonaws.com", "", "", "", "", "ImplicitlyDenied resource"},
		{"service, account", setting{resource: grant(aws("222222222222"))}, "logs.amazonaws.com", "", "", "", "", "ImplicitlyDenied resource"},
		{"a user is no service", setting{resource: grant(`{"Service":"logs.amazonaws.com"}`)}, stranger, "", "", "", "", "ImplicitlyDenied identity resource"},
		{"canonical users are nobody here", setting{resource: grant(`{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`)}, stranger, "", "", "", "", "ImplicitlyDenied identity resource"},
	} {
		c.run(t)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func TestNotPrincipal(t *testing.T) {
	deny := func(arns ...string) setting {
		return setting{identity: allowAll, resource: effect("Deny", `"NotPrincipal":`+aws(arns...))}
	}
	bounded := deny(alice, root)
	bounded.boundary = allowAll
	bob := strings.Replace(alice, "alice", "bob", 1)
	for _, c := range []chainCase{
		{"Bob and his account are listed", deny(bob, root), bob, "", "", "", "", "Allowed"},
		{"another user of Bob's account", deny(bob, root), alice, "", "", "", "", "ExplicitlyDenied resource"},
		{"Bob without his account", deny(bob), bob, "", "", "", "", "ExplicitlyDenied resource"},
		{"the account alone", deny("222222222222"), alice, "", "", "", "", "Allowed"},
		{"session, role and account", deny(aliceSession, devRole, root), aliceSession, "", "", "", "", "Allowed"},
		{"another session of the role", deny(strings.Replace(aliceSession, "alice", "bob", 1), devRole, root), aliceSession, "", "", "", "", "ExplicitlyDenied resource"},
		{"role and account", deny(devRole, root), aliceSession, "", "", "", "", "Allowed"},
		{"role without account", deny(devRole), aliceSession, "", "", "", "", "ExplicitlyDenied resource"},
		{"session without role", deny(aliceSession, root), aliceSession, "", "", "", "", "ExplicitlyDenied resource"},
		{"root user", deny(root), root, "", "", "", "", "Allowed"},
		{"anonymous", deny(alice, root), "", "", "", "", "", "ExplicitlyDenied resource"},
		{"service", setting{resource: grant(`"*"`) + "," + effect("Deny", `"NotPrincipal":{"Service":"logs.amazonaws.com"}`)}, "logs.amazonaws.com", "", "", "", "", "Allowed"},
		{"a permissions boundary is hit always", bounded, alice, "", "", "", "", "ExplicitlyDenied resource"},
		{"Allow spares who is listed", setting{resource: effect("Allow", `"NotPrincipal":`+aws(alice))}, alice, "", "", "", "", "ImplicitlyDenied identity"},
		{"Allow means all others", setting{resource: effect("Allow", `"NotPrincipal":`+aws(bob))}, alice, "", "", "", "", "Allowed"},
		{"anonymous too", setting{resource: effect("Allow", `"NotPrincipal":`+aws(bob))}, "", "", "", "", "", "Allowed"},
	} {
		c.run(t)
	}
}
