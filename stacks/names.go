package stacks

import "github.com/orgrails/orgrails/guardrails"

// Logical names are a contract: a name that changed would be read as one thing
// deleted and another created. docs/deployment.md lists them; a test holds them.

func organizationName() string               { return organizationStack + "-organization" }
func rootAccessName() string                 { return organizationStack + "-root-access" }
func unitName(path string) string            { return organizationStack + "-unit-" + path }
func accountName(key string) string          { return organizationStack + "-account-" + key }
func boundaryName(stack, name string) string { return stack + "-boundary-" + name }
func passwordPolicyName(stack string) string { return stack + "-password-policy" }
func roleName(stack, name string) string     { return stack + "-role-" + name }
func groupName(stack, name string) string    { return stack + "-group-" + name }
func analyzerName(stack, name string) string { return stack + "-" + name }
func policyName(name string) string          { return policiesStack + "-" + name }

func administratorName(a guardrails.DelegatedAdministrator) string {
	return organizationStack + "-administrator-" + a.ServicePrincipal + "-" + a.Account
}

func rolePolicyName(stack, role, policy string) string {
	return roleName(stack, role) + "-policy-" + policy
}

func roleAttachmentsName(stack, role string) string { return roleName(stack, role) + "-attachments" }
func groupPolicyName(stack, group string) string    { return groupName(stack, group) + "-policy" }
func groupAttachmentName(stack, group string) string {
	return groupName(stack, group) + "-attachment"
}

func archiveRuleName(stack, analyzer, rule string) string {
	return analyzerName(stack, analyzer) + "-rule-" + rule
}

func attachmentName(policy, target string) string { return policyName(policy) + "-on-" + target }
