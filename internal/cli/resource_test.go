package cli

import (
	"slices"
	"testing"

	"github.com/orgrails/orgrails/stacks/automation"
)

func TestResource(t *testing.T) {
	for _, c := range []struct{ stack, kind, name, want string }{
		{"organization", "aws:organizations/organizationalUnit:OrganizationalUnit", "organization-unit-Workloads/Prod", "organizational unit Workloads/Prod"},
		{"organization", "aws:organizations/account:Account", "organization-account-sandbox-1", "account sandbox-1"},
		{"organization", "aws:organizations/organization:Organization", "organization-organization", "organization"},
		{"organization", "aws:iam/organizationsFeatures:OrganizationsFeatures", "organization-root-access", "central root access"},
		{"organization", "aws:organizations/delegatedAdministrator:DelegatedAdministrator", "organization-administrator-iam.amazonaws.com-security", "delegated administrator iam.amazonaws.com-security"},
		{"account-a", "aws:iam/role:Role", "account-a-role-Admin", "role Admin"},
		{"account-a", "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "account-a-role-Admin-attachments", "attached policies of role Admin"},
		{"account-a", "aws:iam/policy:Policy", "account-a-boundary-developer", "boundary developer"},
		{"account-a", "aws:iam/policy:Policy", "account-a-role-Operator-policy-Reports", "policy Reports"},
		{"account-a", "aws:iam/policy:Policy", "account-a-group-auditors-policy", "policy of group auditors"},
		{"account-a", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "account-a-group-auditors-attachment", "attached policy of group auditors"},
		{"policies", "aws:organizations/policy:Policy", "policies-orgrails-scp-root", "policy orgrails-scp-root"},
		{"account-a", "aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "account-a-password-policy", "password policy"},
		{"policies", "aws:organizations/policyAttachment:PolicyAttachment", "policies-orgrails-scp-root-on-root", "policy attachment orgrails-scp-root-on-root"},
		{"", "odd", "a\x1b", `odd a\x1b`},
		{"", "", "", ""},
	} {
		if got := resource(c.stack, automation.Operation{Type: c.kind, Name: c.name}); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.name, c.stack, got, c.want)
		}
	}
}

func TestProperties(t *testing.T) {
	got := properties([]string{"parentId", "~tags[0]", "tags[1]", "+description"})
	if want := []string{"moves to another unit", "tags", "description"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
