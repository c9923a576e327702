package config

// Document is an organization file: an AWS organization, its units and accounts, and all that must hold in them.
type Document struct {
	at
	// Path or URL of the JSON Schema, for editors.
	Schema string `json:"$schema,omitempty"`
	// Version of the file's shape.
	Version int `json:"version" jsonschema:"enum=1"`
	// The organization as a whole.
	Organization Organization `json:"organization"`
	// Files, or folders of files, with guardrail templates of your own.
	Templates []FilePath `json:"templates,omitempty" jsonschema:"uniqueItems=true"`
	// The tree of units and accounts.
	Root Root `json:"root"`
	// Named lists of guardrails. A string in any list of guardrails names a set or a template.
	Sets map[Key][]Guardrail `json:"sets,omitempty"`
	// Who is spared from which guardrail, why and until when. The key is the exception's name in plans and reports.
	Exceptions map[Key]Exception `json:"exceptions,omitempty"`
	// Requests that must work whatever guardrails there are, by key.
	MustWork map[Key]RequiredRequest `json:"mustWork,omitempty"`
	// What others have in the organization: it is counted, and never touched.
	ManagedElsewhere *ManagedElsewhere `json:"managedElsewhere,omitempty"`
	// Policies of this file that were in AWS before it, by their names: what they keep of what they were.
	AsFound map[string]FoundPolicy `json:"asFound,omitempty"`
	// Permission boundaries, by key, placed into accounts.
	PermissionBoundaries map[Key]PermissionBoundary `json:"permissionBoundaries,omitempty"`
	// IAM account password policies, by key; the nearest target wins.
	PasswordPolicies map[Key]PasswordPolicy `json:"passwordPolicies,omitempty"`
	// IAM Access Analyzer for the organization.
	AccessAnalyzer *AccessAnalyzer `json:"accessAnalyzer,omitempty"`
	// Where people come from, and which roles they may assume.
	Identity *Identity `json:"identity,omitempty"`
	// Centralized cross-account roles. The key is the role's name unless it has another.
	Roles map[RoleName]Role `json:"roles,omitempty"`
	// Requests that must be allowed or denied by the guardrails.
	Tests []Test `json:"tests,omitempty"`
}

// Organization is what holds for the organization as a whole.
type Organization struct {
	at
	// Id of the organization, when it exists already.
	ID OrganizationID `json:"id,omitempty"`
	// Name for people, in plans and reports.
	Name string `json:"name" jsonschema:"minLength=1,maxLength=128"`
	// The management account.
	ManagementAccount ManagementAccount `json:"managementAccount"`
	// Region where regional things of the organization live; it also decides the partition.
	HomeRegion Region `json:"homeRegion"`
	// Governed Regions: the default of guardrails about Regions and of analyzers. The home Region when none are given.
	Regions []Region `json:"regions,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Name of the role that is assumed in member accounts to deploy; OrganizationAccountAccessRole when none is given.
	DeployRole RoleName `json:"deployRole,omitempty"`
	// Accounts that administer a service for the organization: service principals by account key.
	DelegatedAdministrators map[AccountKey][]ServicePrincipal `json:"delegatedAdministrators,omitempty"`
	// Features of central root access to enable.
	CentralizedRootAccess []RootFeature `json:"centralizedRootAccess,omitempty" jsonschema:"uniqueItems=true"`
	// What becomes of accounts that are created.
	NewAccounts *NewAccounts `json:"newAccounts,omitempty"`
	// Quotas of AWS Organizations in which this organization differs from AWS's own numbers.
	Quotas *Quotas `json:"quotas,omitempty"`
}

// Quotas are numbers of AWS Organizations, where AWS has given this organization others than its own.
type Quotas struct {
	at
	// Accounts, the management account, closed ones and open invitations among them.
	Accounts int `json:"accounts,omitempty" jsonschema:"minimum=1,maximum=50000"`
	// Characters of a service control policy.
	SCPSize int `json:"scpSize,omitempty" jsonschema:"minimum=1000,maximum=100000"`
	// Service control policies attached to a node, FullAWSAccess among them.
	SCPPerTarget int `json:"scpPerTarget,omitempty" jsonschema:"minimum=1,maximum=100"`
	// Characters of a resource control policy.
	RCPSize int `json:"rcpSize,omitempty" jsonschema:"minimum=1000,maximum=100000"`
	// Resource control policies attached to a node, RCPFullAWSAccess among them.
	RCPPerTarget int `json:"rcpPerTarget,omitempty" jsonschema:"minimum=1,maximum=100"`
	// Characters of a declarative policy for EC2.
	EC2PolicySize int `json:"ec2PolicySize,omitempty" jsonschema:"minimum=1000,maximum=100000"`
	// Characters of a tag policy.
	TagPolicySize int `json:"tagPolicySize,omitempty" jsonschema:"minimum=1000,maximum=100000"`
	// Characters of a backup policy.
	BackupPolicySize int `json:"backupPolicySize,omitempty" jsonschema:"minimum=1000,maximum=100000"`
}

// NewAccounts says what becomes of accounts that are created.
type NewAccounts struct {
	at
	// Unit in which a new account waits until what is placed into it, and the policies of the organization, are deployed; then it is moved to its own.
	Unit Selector `json:"unit"`
}

// A RootFeature is a feature of centralized root access, as the IAM API spells it.
type RootFeature string

// Values lists the features.
func (RootFeature) Values() []string {
	return []string{"RootCredentialsManagement", "RootSessions"}
}

// ManagementAccount is the account that the organization was created from.
type ManagementAccount struct {
	at
	// Id of the account.
	ID AccountID `json:"id"`
	// Name of the account.
	Name string `json:"name,omitempty" jsonschema:"minLength=1,maxLength=50"`
	// E-mail address of the account's root user.
	Email Email `json:"email,omitempty" jsonschema:"minLength=6,maxLength=64"`
}

// Root is the root of the tree: a node like any other.
type Root struct {
	at
	// Id of the root, when it is known.
	ID RootID `json:"id,omitempty"`
	// Guardrails that hold for every member account.
	Guardrails []Guardrail `json:"guardrails,omitempty"`
	// Services, by what stands before the colon of their actions, or patterns of actions, that alone are allowed in every member account: a policy that allows them takes the place of FullAWSAccess.
	AllowList []AllowedActions `json:"allowList,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Organizational units by key.
	Units map[UnitKey]Unit `json:"units,omitempty"`
	// Accounts directly under the root, by key.
	Accounts map[AccountKey]Account `json:"accounts,omitempty"`
}

// Unit is an organizational unit.
type Unit struct {
	at
	// Id of the unit, when it exists already: it is taken over rather than created.
	ID UnitID `json:"id,omitempty"`
	// Name in AWS; the key when none is given.
	Name string `json:"name,omitempty" jsonschema:"minLength=1,maxLength=128"`
	// Keys that this unit had before, under the same parent.
	Was []UnitKey `json:"was,omitempty" jsonschema:"uniqueItems=true"`
	// Guardrails that hold for every account below.
	Guardrails []Guardrail `json:"guardrails,omitempty"`
	// Services, by what stands before the colon of their actions, or patterns of actions, that alone are allowed in every account below: a policy that allows them takes the place of FullAWSAccess.
	AllowList []AllowedActions `json:"allowList,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Organizational units by key.
	Units map[UnitKey]Unit `json:"units,omitempty"`
	// Accounts in this unit, by key.
	Accounts map[AccountKey]Account `json:"accounts,omitempty"`
}

// Account is a member account.
type Account struct {
	at
	// Id of the account when it exists; an account without one is created, and its id written to organization.lock.json.
	ID AccountID `json:"id,omitempty"`
	// E-mail address of the account's root user, unique in all of AWS.
	Email Email `json:"email" jsonschema:"minLength=6,maxLength=64"`
	// Name in AWS; the key when none is given.
	Name string `json:"name,omitempty" jsonschema:"minLength=1,maxLength=50"`
	// Guardrails for this account alone.
	Guardrails []Guardrail `json:"guardrails,omitempty"`
	// Services, by what stands before the colon of their actions, or patterns of actions, that alone are allowed in the account: a policy that allows them takes the place of FullAWSAccess.
	AllowList []AllowedActions `json:"allowList,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
}
