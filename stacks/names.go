package stacks

import (
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// Logical names are a contract: a name that changed would be read as one thing
// deleted and another created. docs/deployment.md lists them; a test holds them.

func organizationName() string { return organizationStack + "-organization" }
func rootAccessName() string   { return organizationStack + "-root-access" }

func boundaryName(stack, name string) string { return stack + "-boundary-" + name }
func passwordPolicyName(stack string) string { return stack + "-password-policy" }
func roleName(stack, name string) string     { return stack + "-role-" + name }
func groupName(stack, name string) string    { return stack + "-group-" + name }
func analyzerName(stack, name string) string { return stack + "-" + name }

// AdministratorName is the logical name of a delegated administrator.
func AdministratorName(a guardrails.DelegatedAdministrator) string {
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

// OrganizationName is the logical name of the organization itself.
func OrganizationName() string { return organizationName() }

// UnitName is the logical name of a unit.
func UnitName(path string) string { return organizationStack + "-unit-" + path }

// AccountName is the logical name of an account.
func AccountName(key string) string { return organizationStack + "-account-" + key }

// PolicyName is the logical name of an Organizations policy.
func PolicyName(name string) string { return policiesStack + "-" + name }

// AttachmentName is the logical name of an attachment.
func AttachmentName(a guardrails.Attachment) string { return attachmentName(a.Policy, a.Target) }

// GroupPolicyOf is the logical name of the policy of a group whose attachment
// has the given one.
func GroupPolicyOf(attachment string) string {
	return strings.TrimSuffix(attachment, "-attachment") + "-policy"
}

// An Identity is what a resource is known by in AWS: its Pulumi type, and
// those of its inputs that name it there. Units, accounts and what belongs to
// policies are named by ids as well, which the plan need not know.
type Identity struct {
	Type string
	By   map[string]any
}

// LogicalNames are the resources that a stack of the plan holds, by name.
func LogicalNames(p *guardrails.Plan, s Stack) map[string]Identity {
	names := identities{}
	switch s.Kind {
	case OrganizationKind:
		names.add(organizationName(), organizationType)
		if len(p.Organization.CentralizedRootAccess) > 0 {
			names.add(rootAccessName(), featuresType)
		}
		for _, u := range p.Units {
			names.add(UnitName(u.Path), unitType, "name", u.Name)
		}
		for _, a := range p.Accounts {
			names.add(AccountName(a.Key), accountType, "email", a.Email, "name", a.Name)
		}
		for _, a := range p.Organization.DelegatedAdministrators {
			names.add(AdministratorName(a), administratorType, "servicePrincipal", a.ServicePrincipal)
		}
	case AccountKind:
		names.baseline(p, s)
	case AnalyzersKind:
		for _, a := range analyzersOf(p, s.Key).Analyzers {
			names.add(analyzerName(s.Name, a.Name), analyzerType, "analyzerName", a.Name)
			for _, r := range a.ArchiveRules {
				names.add(archiveRuleName(s.Name, a.Name, r.Name), archiveRuleType, "analyzerName", a.Name, "ruleName", r.Name)
			}
		}
	case PoliciesKind:
		for _, pol := range p.Policies {
			names.add(PolicyName(pol.Name), policyType, "name", pol.Name, "type", pol.Type)
		}
		for _, a := range p.Attachments {
			names.add(AttachmentName(a), attachmentType)
		}
	}
	return names
}

// The types of what the stacks hold; see also guard.go.
const (
	featuresType        = "aws:iam/organizationsFeatures:OrganizationsFeatures"
	administratorType   = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"
	managedPolicyType   = "aws:iam/policy:Policy"
	passwordPolicyType  = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
	roleType            = "aws:iam/role:Role"
	roleAttachmentsType = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
	groupType           = "aws:iam/group:Group"
	groupAttachmentType = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
	archiveRuleType     = "aws:accessanalyzer/archiveRule:ArchiveRule"
	policyType          = "aws:organizations/policy:Policy"
	attachmentType      = "aws:organizations/policyAttachment:PolicyAttachment"
)

type identities map[string]Identity

// add takes the inputs as names and values in turn.
func (n identities) add(name, typ string, by ...string) {
	id := Identity{Type: typ, By: map[string]any{}}
	for i := 0; i+1 < len(by); i += 2 {
		id.By[by[i]] = by[i+1]
	}
	n[name] = id
}

func (n identities) managed(name string, m guardrails.ManagedPolicy) {
	n.add(name, managedPolicyType, "name", m.Name, "path", m.Path)
}

func (n identities) baseline(p *guardrails.Plan, s Stack) {
	b := baselineOf(p, s.Key)
	for _, m := range b.Boundaries {
		n.managed(boundaryName(s.Name, m.Name), m)
	}
	if b.PasswordPolicy != nil {
		n.add(passwordPolicyName(s.Name), passwordPolicyType)
	}
	for _, r := range b.Roles {
		n.add(roleName(s.Name, r.Name), roleType, "name", r.Name)
		n.add(roleAttachmentsName(s.Name, r.Name), roleAttachmentsType, "roleName", r.Name)
		for _, m := range r.Policies {
			n.managed(rolePolicyName(s.Name, r.Name, m.Name), m)
		}
	}
	for _, g := range b.Groups {
		n.add(groupName(s.Name, g.Name), groupType, "name", g.Name)
		n.managed(groupPolicyName(s.Name, g.Name), g.Policy)
		n.add(groupAttachmentName(s.Name, g.Name), groupAttachmentType, "group", g.Name)
	}
}
