package awsdata

import "reflect"

// Quotas are the limits that AWS sets. A zero field means AWS's own number:
// the zero Quotas is right for an organization that has none raised.
type Quotas struct {
	// AWS Organizations.
	SCPSize               int `json:"scpSize,omitempty"`               // characters of a service control policy
	SCPPerTarget          int `json:"scpPerTarget,omitempty"`          // attached directly to a root, unit or account
	SCPs                  int `json:"scps,omitempty"`                  // in an organization
	RCPSize               int `json:"rcpSize,omitempty"`               // characters of a resource control policy
	RCPPerTarget          int `json:"rcpPerTarget,omitempty"`          // attached directly, RCPFullAWSAccess among them
	RCPs                  int `json:"rcps,omitempty"`                  // in an organization
	EC2PolicySize         int `json:"ec2PolicySize,omitempty"`         // characters of a declarative policy for EC2
	EC2PolicyPerTarget    int `json:"ec2PolicyPerTarget,omitempty"`    // attached directly
	EC2Policies           int `json:"ec2Policies,omitempty"`           // in an organization
	AIPolicySize          int `json:"aiPolicySize,omitempty"`          // characters of an AI services opt-out policy
	AIPolicyPerTarget     int `json:"aiPolicyPerTarget,omitempty"`     // attached directly
	AIPolicies            int `json:"aiPolicies,omitempty"`            // in an organization
	TagPolicySize         int `json:"tagPolicySize,omitempty"`         // characters of a tag policy
	TagPolicyPerTarget    int `json:"tagPolicyPerTarget,omitempty"`    // attached directly
	TagPolicies           int `json:"tagPolicies,omitempty"`           // in an organization
	BackupPolicySize      int `json:"backupPolicySize,omitempty"`      // characters of a backup policy
	BackupPolicyPerTarget int `json:"backupPolicyPerTarget,omitempty"` // attached directly
	BackupPolicies        int `json:"backupPolicies,omitempty"`        // in an organization
	OUDepth               int `json:"ouDepth,omitempty"`               // units in each other, the root not counted
	OUs                   int `json:"ous,omitempty"`                   // in an organization
	Accounts              int `json:"accounts,omitempty"`              // in an organization, at the highest
	AccountCreations      int `json:"accountCreations,omitempty"`      // at the same time
	AccountClosures       int `json:"accountClosures,omitempty"`       // at the same time
	PolicyNameLength      int `json:"policyNameLength,omitempty"`      // characters of an Organizations policy's name
	PolicyDescription     int `json:"policyDescription,omitempty"`     // characters of its description
	OUNameLength          int `json:"ouNameLength,omitempty"`          // characters of a unit's name
	AccountNameLength     int `json:"accountNameLength,omitempty"`     // characters of an account's name
	AccountEmailLength    int `json:"accountEmailLength,omitempty"`    // characters of an account's e-mail address

	// IAM.
	ManagedPolicySize        int `json:"managedPolicySize,omitempty"` // characters without white space
	TrustPolicySize          int `json:"trustPolicySize,omitempty"`   // characters of a role's trust policy
	ManagedPoliciesPerRole   int `json:"managedPoliciesPerRole,omitempty"`
	ManagedPoliciesPerGroup  int `json:"managedPoliciesPerGroup,omitempty"`
	RoleNameLength           int `json:"roleNameLength,omitempty"`
	GroupNameLength          int `json:"groupNameLength,omitempty"`
	ManagedPolicyNameLength  int `json:"managedPolicyNameLength,omitempty"`
	PathLength               int `json:"pathLength,omitempty"`
	RoleDescriptionLength    int `json:"roleDescriptionLength,omitempty"`
	ManagedPolicyDescription int `json:"managedPolicyDescription,omitempty"`
	CustomerManagedPolicies  int `json:"customerManagedPolicies,omitempty"` // in an account
	RolesPerAccount          int `json:"rolesPerAccount,omitempty"`
	GroupsPerAccount         int `json:"groupsPerAccount,omitempty"`
	ExternalIDLength         int `json:"externalIDLength,omitempty"`
	SwitchRolePathAndName    int `json:"switchRolePathAndName,omitempty"` // characters for which the console can switch roles

	// IAM Access Analyzer.
	OrganizationAnalyzers   int `json:"organizationAnalyzers,omitempty"` // of one type, in one account and region
	ArchiveRulesPerAnalyzer int `json:"archiveRulesPerAnalyzer,omitempty"`
	ValuesPerCriterion      int `json:"valuesPerCriterion,omitempty"`
	UnusedAccessExclusions  int `json:"unusedAccessExclusions,omitempty"` // accounts
	AnalyzerNameLength      int `json:"analyzerNameLength,omitempty"`
}

// OrganizationsQuotas are the quotas of AWS Organizations, IAMQuotas those of
// IAM, AccessAnalyzerQuotas those of IAM Access Analyzer.
var (
	OrganizationsQuotas = Datum[Quotas]{
		Value: Quotas{
			SCPSize: 10_240, SCPPerTarget: 10, SCPs: 10_000,
			RCPSize: 5_120, RCPPerTarget: 5, RCPs: 2_000,
			EC2PolicySize: 10_000, EC2PolicyPerTarget: 10, EC2Policies: 1_000,
			AIPolicySize: 2_500, AIPolicyPerTarget: 5, AIPolicies: 1_000,
			TagPolicySize: 10_000, TagPolicyPerTarget: 10, TagPolicies: 1_000,
			BackupPolicySize: 10_000, BackupPolicyPerTarget: 10, BackupPolicies: 1_000,
			OUDepth: 5, OUs: 2_000,
			Accounts: 50_000, AccountCreations: 5, AccountClosures: 3,
			PolicyNameLength: 128, PolicyDescription: 512, OUNameLength: 128,
			AccountNameLength: 50, AccountEmailLength: 64,
		},
		Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html",
		Read:   "2026-11-22",
	}
	IAMQuotas = Datum[Quotas]{
		Value: Quotas{
			ManagedPolicySize: 6_144, TrustPolicySize: 2_048,
			ManagedPoliciesPerRole: 20, ManagedPoliciesPerGroup: 10,
			RoleNameLength: 64, GroupNameLength: 128, ManagedPolicyNameLength: 128, PathLength: 512,
			RoleDescriptionLength: 1_000, ManagedPolicyDescription: 1_000,
			CustomerManagedPolicies: 1_500, RolesPerAccount: 1_000, GroupsPerAccount: 300,
			ExternalIDLength: 1_224, SwitchRolePathAndName: 64,
		},
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
		Read:   "2026-11-22",
	}
	AccessAnalyzerQuotas = Datum[Quotas]{
		Value: Quotas{
			OrganizationAnalyzers: 5, ArchiveRulesPerAnalyzer: 100, ValuesPerCriterion: 20,
			UnusedAccessExclusions: 2_000, AnalyzerNameLength: 255,
		},
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html",
		Read:   "2026-11-22",
	}
)

// AccountQuota is how many accounts AWS takes in an organization until it is
// asked for more; a new organization may have less. Closed accounts count until
// they are gone, and so do open invitations.
var AccountQuota = Datum[int]{
	Value:  10,
	Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
	Read:   "2026-11-22",
}

// PoliciesPerTarget is how many policies of a type AWS takes at a node, and how
// many of its own it attaches to every node, which count; 0 for a type that is
// not known.
func (q Quotas) PoliciesPerTarget(typ string) (most, always int) {
	switch typ {
	case "SERVICE_CONTROL_POLICY":
		return q.SCPPerTarget, 1
	case "RESOURCE_CONTROL_POLICY":
		return q.RCPPerTarget, 1
	case "DECLARATIVE_POLICY_EC2":
		return q.EC2PolicyPerTarget, 0
	case "AISERVICES_OPT_OUT_POLICY":
		return q.AIPolicyPerTarget, 0
	case "TAG_POLICY":
		return q.TagPolicyPerTarget, 0
	case "BACKUP_POLICY":
		return q.BackupPolicyPerTarget, 0
	}
	return 0, 0
}

// Or fills the zero fields of q from the fields of base.
func (q Quotas) Or(base Quotas) Quotas {
	v, b := reflect.ValueOf(&q).Elem(), reflect.ValueOf(base)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			v.Field(i).Set(b.Field(i))
		}
	}
	return q
}

// WithDefaults is q with AWS's own number in every zero field.
func (q Quotas) WithDefaults() Quotas {
	return q.Or(OrganizationsQuotas.Value).Or(IAMQuotas.Value).Or(AccessAnalyzerQuotas.Value)
}
