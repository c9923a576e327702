package proof

import "github.com/orgrails/orgrails/guardrails/awsdata"

// A ResourceCalls says which actions AWS authorizes when Pulumi's AWS provider
// creates, reads, updates and deletes a resource of a type. Each list is what
// may be asked, not what is asked every time: an update of a role's trust
// alone makes one of the calls of Update. Tags are not among them: orgrails
// gives no resource any. Create and Update are followed by Read, which is not
// repeated in them.
type ResourceCalls struct {
	Type                         string // Pulumi's token: aws:iam/role:Role
	Create, Read, Update, Delete []string
	// Within are actions that AWS authorizes for the caller when the service
	// acts on its behalf, in the same request.
	Within []string
	Source string // the provider's code, or the page for Within, separated by a space
}

// All are all actions of the row, each once, in the order of the fields.
func (r ResourceCalls) All() []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]string{r.Create, r.Read, r.Update, r.Delete, r.Within} {
		for _, a := range list {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

const providerCode = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/"

// ResourceTypeCalls are the resource types that orgrails deploys, sorted by
// Type, with two that are none: aws:index/provider, which stands for what a
// provider asks before anything else, and the function that reads the
// organization. A test holds them against the stacks and against the provider
// that the tests run.
//
// The calls are those of the Terraform provider that Pulumi's is made from.
// Where its versions differ the row has the calls of both: an action too many
// costs the proof nothing, and one too few would hide a lockout.
var ResourceTypeCalls = awsdata.Datum[[]ResourceCalls]{
	Value: []ResourceCalls{
		{
			Type:   "aws:accessanalyzer/analyzer:Analyzer",
			Create: []string{"access-analyzer:CreateAnalyzer"},
			Read:   []string{"access-analyzer:GetAnalyzer"},
			Delete: []string{"access-analyzer:DeleteAnalyzer"},
			Within: []string{"iam:CreateServiceLinkedRole", "organizations:DescribeAccount", "organizations:DescribeOrganization",
				"organizations:DescribeOrganizationalUnit", "organizations:ListAccounts", "organizations:ListAccountsForParent",
				"organizations:ListAWSServiceAccessForOrganization", "organizations:ListChildren", "organizations:ListDelegatedAdministrators",
				"organizations:ListOrganizationalUnitsForParent", "organizations:ListParents", "organizations:ListRoots"},
			Source: providerCode + "accessanalyzer/analyzer.go https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html",
		},
		{
			Type:   "aws:accessanalyzer/archiveRule:ArchiveRule",
			Create: []string{"access-analyzer:CreateArchiveRule"},
			Read:   []string{"access-analyzer:GetArchiveRule"},
			Update: []string{"access-analyzer:UpdateArchiveRule"},
			Delete: []string{"access-analyzer:DeleteArchiveRule"},
			Source: providerCode + "accessanalyzer/archive_rule.go",
		},
		{
			Type:   "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
			Create: []string{"iam:UpdateAccountPasswordPolicy"},
			Read:   []string{"iam:GetAccountPasswordPolicy"},
			Update: []string{"iam:UpdateAccountPasswordPolicy"},
			Delete: []string{"iam:DeleteAccountPasswordPolicy"},
			Source: providerCode + "iam/account_password_policy.go",
		},
		{
			Type:   "aws:iam/group:Group",
			Create: []string{"iam:CreateGroup"},
			Read:   []string{"iam:GetGroup"},
			Update: []string{"iam:UpdateGroup"},
			Delete: []string{"iam:DeleteGroup"},
			Source: providerCode + "iam/group.go",
		},
		{
			Type:   "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
			Create: []string{"iam:AttachGroupPolicy"},
			Read:   []string{"iam:ListAttachedGroupPolicies"},
			Delete: []string{"iam:DetachGroupPolicy"},
			Source: providerCode + "iam/group_policy_attachment.go",
		},
		{
			Type:   "aws:iam/organizationsFeatures:OrganizationsFeatures",
			Create: []string{"iam:EnableOrganizationsRootCredentialsManagement", "iam:EnableOrganizationsRootSessions"},
			Read:   []string{"iam:ListOrganizationsFeatures"},
			Update: []string{"iam:EnableOrganizationsRootCredentialsManagement", "iam:EnableOrganizationsRootSessions",
				"iam:DisableOrganizationsRootCredentialsManagement", "iam:DisableOrganizationsRootSessions"},
			Delete: []string{"iam:DisableOrganizationsRootCredentialsManagement", "iam:DisableOrganizationsRootSessions"},
			Source: providerCode + "iam/organizations_features.go",
		},
		{
			Type:   "aws:iam/policy:Policy",
			Create: []string{"iam:CreatePolicy"},
			Read:   []string{"iam:GetPolicy", "iam:GetPolicyVersion"},
			Update: []string{"iam:ListPolicyVersions", "iam:DeletePolicyVersion", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"},
			Delete: []string{"iam:ListPolicyVersions", "iam:DeletePolicyVersion", "iam:DeletePolicy"},
			Source: providerCode + "iam/policy.go",
		},
		{
			Type:   "aws:iam/role:Role",
			Create: []string{"iam:CreateRole"},
			Read:   []string{"iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"},
			Update: []string{"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
				"iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"},
			Delete: []string{"iam:ListInstanceProfilesForRole", "iam:RemoveRoleFromInstanceProfile", "iam:ListAttachedRolePolicies",
				"iam:DetachRolePolicy", "iam:ListRolePolicies", "iam:DeleteRolePolicy", "iam:DeleteRole"},
			Source: providerCode + "iam/role.go",
		},
		{
			Type:   "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
			Create: []string{"iam:ListAttachedRolePolicies", "iam:AttachRolePolicy", "iam:DetachRolePolicy"},
			Read:   []string{"iam:ListAttachedRolePolicies"},
			Update: []string{"iam:ListAttachedRolePolicies", "iam:AttachRolePolicy", "iam:DetachRolePolicy"},
			Source: providerCode + "iam/role_policy_attachments_exclusive.go",
		},
		{
			Type:   "aws:index/provider:Provider",
			Create: []string{"sts:AssumeRole"}, // sts:GetCallerIdentity needs no permission, and no policy can deny it
			Source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
		},
		{
			Type:   "aws:organizations/account:Account",
			Create: []string{"organizations:CreateAccount", "organizations:DescribeCreateAccountStatus", "organizations:MoveAccount"},
			Read:   []string{"organizations:DescribeAccount", "organizations:ListParents", "organizations:ListTagsForResource"},
			Update: []string{"organizations:MoveAccount"},
			// Nothing: accounts are retained.
			Source: providerCode + "organizations/account.go",
		},
		{
			Type:   "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
			Create: []string{"organizations:RegisterDelegatedAdministrator"},
			Read:   []string{"organizations:ListDelegatedAdministrators"},
			Delete: []string{"organizations:DeregisterDelegatedAdministrator"},
			Source: providerCode + "organizations/delegated_administrator.go",
		},
		{
			Type: "aws:organizations/getOrganization:getOrganization",
			Read: []string{"organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListRoots",
				"organizations:ListAWSServiceAccessForOrganization", "organizations:ListDelegatedAdministrators"},
			Source: providerCode + "organizations/organization_data_source.go",
		},
		{
			Type: "aws:organizations/organization:Organization",
			// Nothing is created or deleted: the organization is imported and retained.
			Read: []string{"organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListRoots",
				"organizations:ListAWSServiceAccessForOrganization"},
			Update: []string{"organizations:EnableAWSServiceAccess", "organizations:EnablePolicyType"},
			Source: providerCode + "organizations/organization.go",
		},
		{
			Type:   "aws:organizations/organizationalUnit:OrganizationalUnit",
			Create: []string{"organizations:CreateOrganizationalUnit"},
			Read: []string{"organizations:DescribeOrganizationalUnit", "organizations:ListParents", "organizations:ListAccountsForParent",
				"organizations:ListTagsForResource"},
			Update: []string{"organizations:UpdateOrganizationalUnit"},
			Delete: []string{"organizations:DeleteOrganizationalUnit"},
			Source: providerCode + "organizations/organizational_unit.go",
		},
		{
			Type:   "aws:organizations/policy:Policy",
			Create: []string{"organizations:CreatePolicy"},
			Read:   []string{"organizations:DescribePolicy", "organizations:ListTagsForResource"},
			Update: []string{"organizations:UpdatePolicy"},
			Delete: []string{"organizations:DeletePolicy"},
			Source: providerCode + "organizations/policy.go",
		},
		{
			Type:   "aws:organizations/policyAttachment:PolicyAttachment",
			Create: []string{"organizations:AttachPolicy"},
			Read:   []string{"organizations:ListTargetsForPolicy"},
			Delete: []string{"organizations:DetachPolicy"},
			Source: providerCode + "organizations/policy_attachment.go",
		},
	},
	Source: "https://github.com/hashicorp/terraform-provider-aws https://www.pulumi.com/registry/packages/aws/api-docs/",
	Read:   "2026-11-22",
}

// CallsOf is the row of a resource type.
func CallsOf(typ string) (ResourceCalls, bool) {
	for _, r := range ResourceTypeCalls.Value {
		if r.Type == typ {
			return r, true
		}
	}
	return ResourceCalls{}, false
}
