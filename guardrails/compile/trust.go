package compile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A trust is the trust policy of a role in an account.
type trust struct {
	text   guardrails.Text
	nobody bool
	from   []*org.Account // of ours, whose principals may assume the role
}

// self stands in a trust policy for the account that the role is in, until the
// account is known: no reference has this name.
const self = "{{id:account:@self}}"

// trustIn is the trust policy of a role in an account. Accounts with the same
// grants share one, except for the id of the account itself.
func (k *compiler) trustIn(made map[string]trust, r *role, a *org.Account) trust {
	key := fmt.Sprint(r.byGrant[a])
	t, ok := made[key]
	if !ok {
		t = k.trust(r, a)
		made[key] = t
	}
	if a == k.o.Management {
		k.fromMembers(r, t.from)
	}
	if strings.Contains(string(t.text), self) {
		t.text = guardrails.Text(strings.ReplaceAll(string(t.text), self, ref(a)))
	}
	return t
}

// trust writes a trust policy: a statement for the role's own trust, one for
// each group with a grant. A role that nobody may assume has a statement
// that denies: AWS takes no trust policy without one.
func (k *compiler) trust(r *role, a *org.Account) trust {
	doc := policy.Document{Version: policy.Version2012}
	var from []*org.Account
	if r.Trust != nil {
		doc.Statements, from = k.ownTrust(r)
	}
	for _, g := range joined(r, r.byGrant[a]) {
		doc.Statements = append(doc.Statements, k.grantTrust(r, g))
		from = append(from, k.o.Identity.Account)
	}
	t := trust{nobody: len(doc.Statements) == 0, from: from}
	if t.nobody {
		doc.Statements = []policy.Statement{{
			Sid: "Nobody", Effect: policy.Deny, Principal: &policy.Principal{AWS: policy.Values{k.iamARN(self, "root")}}, Action: policy.Values{"sts:AssumeRole"},
		}}
	}
	used := map[string]bool{}
	for i := range doc.Statements {
		doc.Statements[i].Sid = uniqueSid(used, doc.Statements[i].Sid)
	}
	t.text = guardrails.Text(doc.JSON())
	size := guardrails.Text(strings.ReplaceAll(string(t.text), self, ref(a))).Size(k.plan.IDLengths)
	if limit := k.quotas.TrustPolicySize; size > limit {
		k.ds.Errorf(r.Range, "GR344", "the trust policy of the role %s in %s is %d characters, and AWS takes %d", r.Key, a.Key, size, limit).Hint =
			fmt.Sprintf("%s may assume it there; make another role for some of them", plural(len(doc.Statements), "group"))
	}
	return t
}

func (k *compiler) fromMembers(r *role, from []*org.Account) {
	var keys []string
	for _, m := range from {
		if m != k.o.Management && !slices.Contains(keys, m.Key) {
			keys = append(keys, m.Key)
		}
	}
	if len(keys) > 0 {
		k.ds.Warnf(r.Range, "GR345", "the role %s of the management account may be assumed from %s", r.Key, list(keys)).Hint =
			"no SCP reaches the management account: whoever takes over the member account has the whole organization; leave management out of the role's targets or of the grant"
	}
}

// condition narrows a statement of trust by all that the role asks for.
func (r *role) condition(s *policy.Statement, mfa bool) {
	add := func(op, key string, values ...string) {
		if s.Condition == nil {
			s.Condition = policy.Conditions{}
		}
		if s.Condition[op] == nil {
			s.Condition[op] = map[string]policy.Values{}
		}
		s.Condition[op][key] = values
	}
	if mfa && r.MFA != nil {
		add("Bool", "aws:MultiFactorAuthPresent", "true")
		if r.MFA.MaxAge > 0 {
			add("NumericLessThan", "aws:MultiFactorAuthAge", strconv.Itoa(int(r.MFA.MaxAge.Seconds())))
		}
	}
	if len(r.SourceIPs) > 0 {
		add("IpAddress", "aws:SourceIp", r.SourceIPs...)
	}
}

// ownTrust makes the statements of the role's trust block, and says which of
// our accounts the principals are in.
func (k *compiler) ownTrust(r *role) (out []policy.Statement, from []*org.Account) {
	t := r.Trust
	add := func(sid, action string, p policy.Principal, mfa bool, conditions policy.Conditions) {
		s := policy.Statement{Sid: sid, Effect: policy.Allow, Principal: &p, Action: policy.Values{action}, Condition: conditions}
		r.condition(&s, mfa)
		out = append(out, s)
	}
	const assume = "sts:AssumeRole"
	if len(t.Users) > 0 {
		var arns policy.Values
		for _, u := range t.Users {
			arns, from = append(arns, k.iamARN(ref(u.Account), "user/"+u.Name)), append(from, u.Account)
		}
		add("TrustedUsers", assume, policy.Principal{AWS: arns}, true, nil)
	}
	// A principal that does not exist yet is refused by AWS, and the stacks of
	// accounts are deployed side by side. So a role that this file makes too is
	// trusted through its account, narrowed to its ARN.
	var there policy.Values
	byAccount := map[*org.Account]policy.Values{}
	for _, tr := range t.Roles {
		from = append(from, tr.Account)
		arn := k.iamARN(ref(tr.Account), "role/"+tr.Name)
		if k.makes(tr) {
			byAccount[tr.Account] = append(byAccount[tr.Account], arn)
		} else {
			there = append(there, arn)
		}
	}
	if len(there) > 0 {
		add("TrustedRoles", assume, policy.Principal{AWS: there}, false, nil)
	}
	for _, a := range k.accounts() {
		if arns := byAccount[a]; len(arns) > 0 {
			add("TrustedRolesOfThisFile", assume, policy.Principal{AWS: policy.Values{k.iamARN(ref(a), "root")}}, false,
				policy.Conditions{"ArnEquals": {"aws:PrincipalArn": arns}})
		}
	}
	if t.Account != "" {
		add("TrustedAccount", assume, policy.Principal{AWS: policy.Values{k.iamARN(string(t.Account), "root")}}, true,
			policy.Conditions{"StringEquals": {"sts:ExternalId": policy.Values{t.ExternalID}}})
	}
	if len(t.Services) > 0 {
		add("TrustedServices", assume, policy.Principal{Service: t.Services}, false, nil)
		out = append(out, forOthers(assume, t.Services))
	}
	if o := t.OIDC; o != nil {
		op := "StringEquals"
		if slices.ContainsFunc(o.Subjects, func(s string) bool { return strings.ContainsAny(s, "*?") }) {
			op = "StringLike"
		}
		c := policy.Conditions{"StringEquals": {o.Provider + ":aud": policy.Values{o.Audience}}}
		if c[op] == nil {
			c[op] = map[string]policy.Values{}
		}
		c[op][o.Provider+":sub"] = o.Subjects
		add("TrustedIdentityProvider", "sts:AssumeRoleWithWebIdentity", policy.Principal{Federated: policy.Values{k.iamARN(self, "oidc-provider/"+o.Provider)}}, false, c)
	}
	if t.SAML != nil {
		s := k.samlTrust(t.SAML.Provider, self)
		r.condition(&s, false)
		out = append(out, s)
	}
	return out, from
}

// forOthers refuses what services do for somebody outside the organization: a
// request that says for which account it is, and that this is not one of ours.
// Most services say nothing when they assume a role; then the statement is silent.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func forOthers(action string, services []string) policy.Statement {
	return policy.Statement{
		Sid: "RefuseServicesForOthers", Effect: policy.Deny, Action: policy.Values{action}, Principal: &policy.Principal{Service: services},
		Condition: policy.Conditions{
			"Null":                    {"aws:SourceAccount": policy.Values{"false"}},
			"StringNotEqualsIfExists": {"aws:SourceOrgID": policy.Values{string(guardrails.Ref("organization"))}},
		},
	}
}

// samlTrust trusts a SAML provider of an account, for sign-in to AWS.
func (k *compiler) samlTrust(provider, account string) policy.Statement {
	p, _ := awsdata.LookupPartition(k.o.Partition)
	return policy.Statement{
		Sid: "TrustedIdentityProvider", Effect: policy.Allow, Action: policy.Values{"sts:AssumeRoleWithSAML"},
		Principal: &policy.Principal{Federated: policy.Values{k.iamARN(account, "saml-provider/"+provider)}},
		Condition: policy.Conditions{"StringEquals": {"SAML:aud": policy.Values{p.SAMLAudience}}},
	}
}

// makes reports whether the file makes the trusted role.
func (k *compiler) makes(tr org.TrustedRole) bool {
	for i := range k.o.Roles {
		r := &k.o.Roles[i]
		if strings.TrimPrefix(rolePath(r.Path), "/")+r.Name == tr.Name && slices.Contains(k.o.AccountsBelow(r.Targets, r.Exclude), tr.Account) {
			return true
		}
	}
	return false
}

// trustable refuses what the file may ask for and no trust policy can keep, or
// what would trust more than anybody meant.
func (k *compiler) trustable(r *role) bool {
	before := len(k.ds)
	refuse := func(at diag.Range, hint, format string, args ...any) {
		k.ds.Errorf(orRange(at, r.Range), "GR346", "the role "+r.Key+" "+format, args...).Hint = hint
	}
	if r.MFA != nil {
		const way = "drop mfa from the role; ask for it where people sign in"
		if id := k.o.Identity; id != nil && len(r.grants) > 0 && id.Source != "iam" {
			refuse(r.MFA.Range, way, "asks for mfa, and is granted to sessions of %s, which never carry it", id.Source)
		}
		if t := r.Trust; t != nil && (len(t.Roles) > 0 || len(t.Services) > 0 || t.OIDC != nil || t.SAML != nil) {
			refuse(r.MFA.Range, way, "asks for mfa, and trusts principals that never carry it")
		}
	}
	t := r.Trust
	if t == nil {
		return len(k.ds) == before
	}
	if len(t.Services) > 0 && len(r.SourceIPs) > 0 {
		refuse(t.Range, "drop sourceIps, or make another role for the services", "names sourceIps, and trusts services, which call from addresses of their own")
	}
	names := slices.Concat(userNames(t.Users), roleNames(t.Roles), t.Services)
	if t.SAML != nil {
		names = append(names, t.SAML.Provider)
	}
	if t.OIDC != nil {
		names = append(names, t.OIDC.Provider, t.OIDC.Audience)
	}
	for _, name := range names {
		if name == "" || strings.ContainsAny(name, "*?") {
			refuse(t.Range, "name each principal", "trusts %q, which is no single principal", name)
		}
	}
	if t.Account != "" && t.ExternalID == "" {
		refuse(t.Range, "add externalId: a value that the other side agreed on", "trusts the account %s without an external id", t.Account)
	}
	if t.OIDC != nil {
		if len(t.OIDC.Subjects) == 0 {
			refuse(t.Range, "add subjects: repo:acme/infra:ref:refs/heads/main", "trusts everybody who has a token of %s", t.OIDC.Provider)
		}
		for _, s := range t.OIDC.Subjects {
			if strings.Trim(s, "*?") == "" {
				refuse(t.Range, "say more of the subject", "trusts the subject %q, which is everybody who has a token of %s", s, t.OIDC.Provider)
			}
		}
	}
	if t.SAML != nil || k.o.Identity != nil && k.o.Identity.Source == "saml" && len(r.grants) > 0 {
		if p, _ := awsdata.LookupPartition(k.o.Partition); p.SAMLAudience == "" {
			refuse(t.Range, "use another kind of trust", "is assumed with SAML, and no audience is known for the partition %s", k.o.Partition)
		}
	}
	return len(k.ds) == before
}

func userNames(users []org.TrustedUser) (names []string) {
	for _, u := range users {
		names = append(names, u.Name)
	}
	return names
}

func roleNames(roles []org.TrustedRole) (names []string) {
	for _, r := range roles {
		names = append(names, r.Name)
	}
	return names
}
