package live

// AccountIAM is what is read of IAM in one account. Nothing in it is read when
// the account cannot be entered.
type AccountIAM struct {
	Account        string                 `json:"account"`
	PasswordPolicy Answer[PasswordPolicy] `json:"passwordPolicy"`
	// Roles are those that somebody may assume who is not an AWS service:
	// another account, this one, or who comes from a SAML or OIDC provider. Of
	// these lists, what [ReadOptions].Keep names is in them in any case.
	Roles Answer[[]Role] `json:"roles"` // by ARN
	// Groups are those that grant sts:AssumeRole with a customer managed policy
	// or an inline one. What AWS's own policies grant is not looked at.
	Groups Answer[[]Group] `json:"groups"` // by ARN
	// Policies are the customer managed policies that are permissions
	// boundaries, or are attached to one of the roles or groups.
	Policies Answer[[]ManagedPolicy] `json:"policies"` // by ARN
}

// PasswordPolicy is an account's. Without a custom one AWS's default holds,
// and the other fields say nothing.
type PasswordPolicy struct {
	Custom              bool `json:"custom"`
	MinimumLength       int  `json:"minimumPasswordLength"`
	RequireUppercase    bool `json:"requireUppercaseCharacters"`
	RequireLowercase    bool `json:"requireLowercaseCharacters"`
	RequireNumbers      bool `json:"requireNumbers"`
	RequireSymbols      bool `json:"requireSymbols"`
	AllowUsersToChange  bool `json:"allowUsersToChangePassword"`
	HardExpiry          bool `json:"hardExpiry"`
	MaxAge              int  `json:"maxPasswordAge"`          // days; 0 is for ever
	PreventReuseOfCount int  `json:"passwordReusePrevention"` // 0 is none
}

// A Role is an IAM role.
type Role struct {
	ARN              string            `json:"arn"`
	Name             string            `json:"name"`
	Path             string            `json:"path"`
	Description      Answer[string]    `json:"description"`
	MaxSession       Answer[int]       `json:"maxSessionDuration"` // seconds
	Trust            string            `json:"trust"`              // the document that AWS keeps
	Boundary         string            `json:"permissionsBoundary"`
	AttachedPolicies []string          `json:"attachedPolicies"` // ARNs, sorted
	InlinePolicies   []string          `json:"inlinePolicies"`   // names, sorted
	Tags             map[string]string `json:"tags"`
}

// A Group is an IAM group.
type Group struct {
	ARN              string   `json:"arn"`
	Name             string   `json:"name"`
	Path             string   `json:"path"`
	AttachedPolicies []string `json:"attachedPolicies"` // ARNs, sorted
	InlinePolicies   []string `json:"inlinePolicies"`   // names, sorted
}

// A ManagedPolicy is a customer managed policy of an account.
type ManagedPolicy struct {
	ARN         string         `json:"arn"`
	Name        string         `json:"name"`
	Path        string         `json:"path"`
	Description Answer[string] `json:"description"`
	Document    string         `json:"document"` // of the default version
	Boundary    bool           `json:"boundary"` // somebody's permissions boundary
}

// RegionAnalyzers are the analyzers of the administrator's account in a Region.
type RegionAnalyzers struct {
	Region    string             `json:"region"`
	Account   string             `json:"account"`
	Analyzers Answer[[]Analyzer] `json:"analyzers"` // by name
}

// An Analyzer is one of IAM Access Analyzer.
type Analyzer struct {
	Name          string                        `json:"name"`
	ARN           string                        `json:"arn"`
	Type          string                        `json:"type"` // ORGANIZATION, ORGANIZATION_UNUSED_ACCESS, …
	Status        string                        `json:"status"`
	ManagedBy     string                        `json:"managedBy"` // the service that made it; "" is a customer's own
	Tags          map[string]string             `json:"tags"`
	Configuration Answer[AnalyzerConfiguration] `json:"configuration"`
	ArchiveRules  Answer[[]ArchiveRule]         `json:"archiveRules"` // by name
}

// AnalyzerConfiguration is empty for analyzers of external access.
type AnalyzerConfiguration struct {
	UnusedAccessAge int                `json:"unusedAccessAge"` // days; 0 where the analyzer looks for something else
	Exclusions      []AnalyzerCriteria `json:"exclusions"`      // of unused access
	Inclusions      []AnalyzerCriteria `json:"inclusions"`      // of internal access
}

// AnalyzerCriteria say what an analyzer leaves out or takes in.
type AnalyzerCriteria struct {
	AccountIDs    []string            `json:"accountIds"`
	ResourceTags  []map[string]string `json:"resourceTags"`
	ResourceARNs  []string            `json:"resourceArns"`
	ResourceTypes []string            `json:"resourceTypes"`
}

// An ArchiveRule archives findings that match it.
type ArchiveRule struct {
	Name   string               `json:"name"`
	Filter map[string]Criterion `json:"filter"` // by property
}

// A Criterion is one condition of an archive rule.
type Criterion struct {
	Eq       []string `json:"eq"`
	Neq      []string `json:"neq"`
	Contains []string `json:"contains"`
	Exists   *bool    `json:"exists"`
}
