package provider

import (
	"strings"
	"testing"
)

// What the stacks deploy must be in the table, and each row must say where
// its facts are from.
func TestKinds(t *testing.T) {
	for _, token := range []string{
		"aws:organizations/organization:Organization", "aws:organizations/organizationalUnit:OrganizationalUnit", "aws:organizations/account:Account",
		"aws:organizations/policy:Policy", "aws:organizations/policyAttachment:PolicyAttachment", "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
		"aws:iam/policy:Policy", "aws:iam/role:Role", "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		"aws:iam/group:Group", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
		"aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "aws:iam/organizationsFeatures:OrganizationsFeatures",
		"aws:accessanalyzer/analyzer:Analyzer", "aws:accessanalyzer/archiveRule:ArchiveRule",
	} {
		if kinds[token] == nil {
			t.Errorf("no kind %s", token)
		}
	}
	for token, k := range kinds {
		if len(k.docs) != 2 || !strings.HasPrefix(k.docs[0], registry) || !strings.HasPrefix(k.docs[1], terraform) {
			t.Errorf("%s cites %v", token, k.docs)
		}
		if k.create == nil || k.read == nil || len(k.fields) == 0 {
			t.Errorf("%s is not complete", token)
		}
		if k.update == nil {
			for name, f := range k.fields {
				if !f.replace && !f.unread {
					t.Errorf("%s: %s can change, and there is no update", token, name)
				}
			}
		}
	}
}

func TestEquivalence(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		json, policy bool
	}{
		{`{"a":1,"b":2}`, `{ "b": 2, "a": 1 }`, true, true},
		{`{"Action":["a","b"]}`, `{"Action":["b","a"]}`, false, true},
		{`{"Action":"*"}`, `{"Action":["*"]}`, false, true},
		{`{"Principal":{"AWS":"arn:aws:iam::111111111111:root"}}`, `{"Principal":{"AWS":["111111111111"]}}`, false, true},
		{`{"Action":"a"}`, `{"Action":"b"}`, false, false},
		{`not json`, `not json`, true, true},
		{`not json`, `{}`, false, false},
	} {
		if got := sameJSON(c.a, c.b); got != c.json {
			t.Errorf("sameJSON(%s, %s) is %v", c.a, c.b, got)
		}
		if got := samePolicy(c.a, c.b); got != c.policy {
			t.Errorf("samePolicy(%s, %s) is %v", c.a, c.b, got)
		}
	}
}
