package stacks

import "github.com/orgrails/orgrails/guardrails"

// Logical names are a contract: a name that changed would be read as one thing
// deleted and another created. docs/deployment.md lists them; a test holds them.

func organizationName() string { return organizationStack + "-organization" }
func rootAccessName() string   { return organizationStack + "-root-access" }

func boundaryName(stack, name string) string { return stack + "-boundary-" + name }
func passwordPolicyName(stack string) string { return stack + "-password-policy" }
func roleName(stack, name string) string     { return stack + "-role-" + name }
func groupName(stack, name string) string    { return stack + "-group-" + name }
func analyzerName(stack, name string) string { return stack + "-" + name }

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

func attachmentName(policy, target string) string { return PolicyName(policy) + "-on-" + target }

// UnitName is the logical name of a unit.
func UnitName(path string) string { return organizationStack + "-unit-" + path }

// AccountName is the logical name of an account.
func AccountName(key string) string { return organizationStack + "-account-" + key }

// PolicyName is the logical name of an Organizations policy.
func PolicyName(name string) string { return policiesStack + "-" + name }

// LogicalNames are the names of the resources that a stack of the plan holds,
// with the Pulumi type of each.
func LogicalNames(p *guardrails.Plan, s Stack) map[string]string {
	names := map[string]string{}
	switch s.Kind {
	case OrganizationKind:
		names[organizationName()] = organizationType
		if len(p.Organization.CentralizedRootAccess) > 0 {
			names[rootAccessName()] = "aws:iam/organizationsFeatures:OrganizationsFeatures"
		}
		for _, u := range p.Units {
			names[UnitName(u.Path)] = unitType
		}
		for _, a := range p.Accounts {
			names[AccountName(a.Key)] = accountType
		}
		for _, a := range p.Organization.DelegatedAdministrators {
			names[administratorName(a)] = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"
		}
	case AccountKind:
		baselineNames(p, s, names)
	case AnalyzersKind:
		for _, a := range analyzersOf(p, s.Key).Analyzers {
			names[analyzerName(s.Name, a.Name)] = analyzerType
			for _, r := range a.ArchiveRules {
				names[archiveRuleName(s.Name, a.Name, r.Name)] = "aws:accessanalyzer/archiveRule:ArchiveRule"
			}
		}
	case PoliciesKind:
		for _, pol := range p.Policies {
			names[PolicyName(pol.Name)] = "aws:organizations/policy:Policy"
		}
		for _, a := range p.Attachments {
			names[attachmentName(a.Policy, a.Target)] = "aws:organizations/policyAttachment:PolicyAttachment"
		}
	}
	return names
}

func baselineNames(p *guardrails.Plan, s Stack, names map[string]string) {
	const managedType = "aws:iam/policy:Policy"
	b := baselineOf(p, s.Key)
	for _, m := range b.Boundaries {
		names[boundaryName(s.Name, m.Name)] = managedType
	}
	if b.PasswordPolicy != nil {
		names[passwordPolicyName(s.Name)] = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
	}
	for _, r := range b.Roles {
		names[roleName(s.Name, r.Name)] = "aws:iam/role:Role"
		names[roleAttachmentsName(s.Name, r.Name)] = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
		for _, m := range r.Policies {
			names[rolePolicyName(s.Name, r.Name, m.Name)] = managedType
		}
	}
	for _, g := range b.Groups {
		names[groupName(s.Name, g.Name)] = "aws:iam/group:Group"
		names[groupPolicyName(s.Name, g.Name)] = managedType
		names[groupAttachmentName(s.Name, g.Name)] = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
	}
}
