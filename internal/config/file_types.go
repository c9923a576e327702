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
}

// Guardrail asks for guardrails: the name of a set or a template, a template with parameters, or a policy document of your own.
type Guardrail struct {
	at
	// Name of a set or a template, where the whole is a string.
	Ref string `json:"-"`
	// Id of a template.
	Template string `json:"template,omitempty" jsonschema:"minLength=1"`
	// Parameters of the template.
	Parameters map[string]any `json:"parameters,omitempty"`
	// A policy document of your own.
	File FilePath `json:"file,omitempty"`
	// Policy type of your own document.
	Type PolicyType `json:"type,omitempty"`
}

// A PolicyType is a type of Organizations policy, as the API spells it.
type PolicyType string

// Values lists the types that a document of the user's own may have.
func (PolicyType) Values() []string {
	return []string{"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}
}

// Exception spares principals, accounts or actions from one guardrail. Principals and accounts together mean these principals in these accounts; alternatives are separate exceptions.
type Exception struct {
	at
	// Id of the template that the exception is from.
	Guardrail string `json:"guardrail" jsonschema:"minLength=1"`
	// Principals that are spared.
	Principals []PrincipalPattern `json:"principals,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Keys of the accounts that are spared; in resource control policies also ids of accounts outside the organization.
	Accounts []string `json:"accounts,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Actions that are spared; all that the guardrail denies when none are given.
	Actions []Action `json:"actions,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Why.
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=500"`
	// Who answers for it: a team or a person.
	Owner string `json:"owner" jsonschema:"minLength=1,maxLength=128"`
	// Where it was decided.
	Ticket string `json:"ticket,omitempty" jsonschema:"minLength=1,maxLength=128"`
	// Last day, or the time at which it ends. An expired exception is left out of the plan.
	Expires Date `json:"expires,omitempty"`
}

// PermissionBoundary is a managed policy placed into every account below its targets, as a permissions boundary for the roles and users made there.
type PermissionBoundary struct {
	at
	// Name of the managed policy; the key when none is given.
	Name PolicyName `json:"name,omitempty"`
	// Id of a template.
	Template string `json:"template,omitempty" jsonschema:"minLength=1"`
	// Parameters of the template.
	Parameters map[string]any `json:"parameters,omitempty"`
	// A policy document of your own, instead of a template.
	File FilePath `json:"file,omitempty"`
	// Where it is placed.
	Targets []Selector `json:"targets" jsonschema:"minItems=1,uniqueItems=true"`
	// Where it is not, below the targets.
	Exclude []Selector `json:"exclude,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Whether a service control policy makes the boundary mandatory for new roles and users, and untouchable.
	Required bool `json:"required,omitempty"`
}

// PasswordPolicy is an IAM account password policy. Fields given here replace those of the preset.
type PasswordPolicy struct {
	at
	// Id of a preset.
	Preset string `json:"preset,omitempty" jsonschema:"minLength=1"`
	// Where it is set; the nearest target wins.
	Targets []Selector `json:"targets" jsonschema:"minItems=1,uniqueItems=true"`
	// Where it is not, below the targets.
	Exclude []Selector `json:"exclude,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Fewest characters of a password, 6 to 128.
	MinimumLength *int `json:"minimumLength,omitempty" jsonschema:"minimum=6,maximum=128"`
	// Whether a password needs an upper-case letter.
	RequireUppercase *bool `json:"requireUppercase,omitempty"`
	// Whether a password needs a lower-case letter.
	RequireLowercase *bool `json:"requireLowercase,omitempty"`
	// Whether a password needs a digit.
	RequireNumbers *bool `json:"requireNumbers,omitempty"`
	// Whether a password needs a symbol.
	RequireSymbols *bool `json:"requireSymbols,omitempty"`
	// Days until a password expires, 1 to 1095; 0 is never.
	MaxAgeDays *int `json:"maxAgeDays,omitempty" jsonschema:"minimum=0,maximum=1095"`
	// Number of former passwords that may not come back, 1 to 24; 0 is none.
	ReusePrevention *int `json:"reusePrevention,omitempty" jsonschema:"minimum=0,maximum=24"`
	// Whether an expired password can only be changed by an administrator.
	HardExpiry *bool `json:"hardExpiry,omitempty"`
	// Whether users may change their own passwords.
	UsersMayChange *bool `json:"usersMayChange,omitempty"`
}

// AccessAnalyzer is IAM Access Analyzer for the whole organization.
type AccessAnalyzer struct {
	at
	// Key of the account that administers it, or management. The delegated administrator of access-analyzer.amazonaws.com when none is given, or else the management account.
	Administrator Selector `json:"administrator,omitempty"`
	// Finds what is shared outside the organization.
	External *ExternalAnalyzer `json:"external,omitempty"`
	// Finds permissions, roles, keys and passwords that nobody uses.
	Unused *UnusedAnalyzer `json:"unused,omitempty"`
	// Rules that archive findings as they are made, by name.
	ArchiveRules map[Key]ArchiveRule `json:"archiveRules,omitempty"`
}

// ExternalAnalyzer finds access from outside the organization, Region by Region.
type ExternalAnalyzer struct {
	at
	// Name of the analyzer; orgrails-external when none is given.
	Name Key `json:"name,omitempty"`
	// The word governed, for organization.regions, or a list of Regions.
	Regions Regions `json:"regions,omitempty"`
}

// Regions is the word governed, for organization.regions, or a list of Regions.
type Regions struct {
	at
	Governed bool
	List     []Region
}

// UnusedAnalyzer finds unused access. Its findings are the same in every Region, so that one is enough.
type UnusedAnalyzer struct {
	at
	// Name of the analyzer; orgrails-unused when none is given.
	Name Key `json:"name,omitempty"`
	// Region of the analyzer; the home Region when none is given.
	Region Region `json:"region,omitempty"`
	// Days without use after which access counts as unused.
	AgeDays int `json:"ageDays" jsonschema:"minimum=1,maximum=365"`
	// Keys of accounts that are left out.
	Exclude []AccountKey `json:"exclude,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
}

// ArchiveRule archives the findings that match all of its filter.
type ArchiveRule struct {
	at
	// Analyzers that the rule belongs to; external when none are given.
	Analyzers []AnalyzerKind `json:"analyzers,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Properties of a finding, such as principal.AWS or resourceType, with what they must be.
	Filter map[string]Criterion `json:"filter" jsonschema:"minProperties=1"`
}

// An AnalyzerKind is external or unused.
type AnalyzerKind string

// Values lists the kinds.
func (AnalyzerKind) Values() []string { return []string{"external", "unused"} }

// Criterion is what one property of a finding must be.
type Criterion struct {
	at
	// The property holds one of these texts.
	Contains []string `json:"contains,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is one of these.
	Eq []string `json:"eq,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is none of these.
	Neq []string `json:"neq,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is there, or is not.
	Exists *bool `json:"exists,omitempty"`
}

// Identity says where people come from.
type Identity struct {
	at
	// IAM users in one account, IAM Identity Center, or a SAML provider in one account.
	Source IdentitySource `json:"source"`
	// Key of the account where people sign in.
	Account AccountKey `json:"account"`
	// Name of the SAML provider in that account; source saml only.
	SAMLProvider IAMName `json:"samlProvider,omitempty"`
	// Groups by key, and the roles that their members may assume.
	Groups map[IAMName]Group `json:"groups,omitempty"`
}

// An IdentitySource is where people come from.
type IdentitySource string

// Values lists the sources.
func (IdentitySource) Values() []string { return []string{"iam", "identity-center", "saml"} }

// Group is a group of people.
type Group struct {
	at
	// Name of the IAM group; the key when none is given.
	Name IAMName `json:"name,omitempty"`
	// Name of the permission set whose role the members get; source identity-center only, the key when none is given.
	PermissionSet IAMName `json:"permissionSet,omitempty"`
	// Roles that the members may assume.
	Assume []Grant `json:"assume,omitempty"`
}

// Grant lets a group assume one role.
type Grant struct {
	at
	// Key of the role.
	Role RoleName `json:"role"`
	// Where.
	In []Selector `json:"in" jsonschema:"minItems=1,uniqueItems=true"`
	// Last day, or the time at which it ends; always when none is given.
	Until Date `json:"until,omitempty"`
	// Why.
	Reason string `json:"reason,omitempty" jsonschema:"minLength=1,maxLength=500"`
}

// Role is a role made in every account below its targets. Who may assume it is said once: in identity, by grants, or here, in trust.
type Role struct {
	at
	// Name of the role; the key when none is given.
	Name RoleName `json:"name,omitempty"`
	// Path of the role; / when none is given.
	Path IAMPath `json:"path,omitempty" jsonschema:"maxLength=512"`
	// What the role is for.
	Description string `json:"description,omitempty" jsonschema:"minLength=1,maxLength=1000"`
	// Where it is made.
	Targets []Selector `json:"targets" jsonschema:"minItems=1,uniqueItems=true"`
	// Where it is not, below the targets.
	Exclude []Selector `json:"exclude,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Whether guardrails must never stand in this role's way.
	BreakGlass bool `json:"breakGlass,omitempty"`
	// Names of AWS managed policies, such as SecurityAudit or job-function/ViewOnlyAccess, or ARNs.
	ManagedPolicies []ManagedPolicy `json:"managedPolicies,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Policy documents of your own, made customer managed policies beside the role.
	Policies []RolePolicy `json:"policies,omitempty" jsonschema:"minItems=1"`
	// Key of a permission boundary that the role carries.
	Boundary Key `json:"boundary,omitempty"`
	// Multi-factor authentication that a session must have to assume the role.
	MFA *MFA `json:"mfa,omitempty"`
	// Addresses from which the role may be assumed.
	SourceIPs []CIDR `json:"sourceIps,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Longest session, 1h to 12h; 1h when none is given.
	MaxSession Duration `json:"maxSession,omitempty"`
	// Who may assume the role, beside the groups with a grant.
	Trust *Trust `json:"trust,omitempty"`
}

// RolePolicy is a policy document of your own.
type RolePolicy struct {
	at
	// The document.
	File FilePath `json:"file"`
}

// MFA requires multi-factor authentication.
type MFA struct {
	at
	// Longest time since the authentication; any when none is given.
	MaxAge Duration `json:"maxAge,omitempty"`
}

// Trust says who may assume a role. Exactly one kind is given.
type Trust struct {
	at
	// IAM users of accounts of the organization, as account/[path/]name.
	Users []string `json:"users,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Roles of accounts of the organization, as account/[path/]name.
	Roles []string `json:"roles,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// An account outside the organization; externalId is needed with it.
	Account AccountID `json:"account,omitempty"`
	// What the foreign account must send with every request to assume the role.
	ExternalID string `json:"externalId,omitempty" jsonschema:"minLength=2,maxLength=1224"`
	// AWS services.
	Services []ServicePrincipal `json:"services,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// An OpenID Connect provider of the same account.
	OIDC *OIDC `json:"oidc,omitempty"`
	// A SAML provider of the same account.
	SAML *SAML `json:"saml,omitempty"`
}

// OIDC trusts an OpenID Connect provider of the role's own account.
type OIDC struct {
	at
	// Host and path of the provider, without https://.
	Provider string `json:"provider" jsonschema:"minLength=1,maxLength=255"`
	// Audience of the token.
	Audience string `json:"audience,omitempty" jsonschema:"minLength=1,maxLength=255"`
	// Subjects of the token; * and ? are wildcards.
	Subjects []string `json:"subjects" jsonschema:"minItems=1,uniqueItems=true"`
}

// SAML trusts a SAML provider of the role's own account.
type SAML struct {
	at
	// Name of the provider.
	Provider IAMName `json:"provider"`
}

// Test asks whether the guardrails stand in the way of a request.
type Test struct {
	at
	// What must hold, in a few words.
	Name string `json:"name" jsonschema:"minLength=1,maxLength=200"`
	// Who asks: role/[path/]name, user/[path/]name, or root.
	As string `json:"as" jsonschema:"minLength=1"`
	// Where: in every member account below.
	In Selector `json:"in"`
	// The action.
	Action Action `json:"action"`
	// ARN of the resource; * when none is given.
	Resource string `json:"resource,omitempty" jsonschema:"minLength=1"`
	// Condition keys of the request: a string or a list of strings each.
	With map[string]any `json:"with,omitempty"`
	// What must come out.
	Expect Expectation `json:"expect"`
	// The template that must be the one that denies.
	By string `json:"by,omitempty" jsonschema:"minLength=1"`
}

// An Expectation is allow or deny.
type Expectation string

// Values lists the expectations.
func (Expectation) Values() []string { return []string{"allow", "deny"} }
