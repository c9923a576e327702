package config

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
	// Guardrails that it carries into the management account, instead of a template: a node whose guardrails are meant, or a list.
	Guardrails BoundaryGuardrails `json:"guardrails,omitempty"`
	// Where it is placed.
	Targets []Selector `json:"targets" jsonschema:"minItems=1,uniqueItems=true"`
	// Where it is not, below the targets.
	Exclude []Selector `json:"exclude,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Whether a service control policy makes the boundary mandatory for new roles and users, and untouchable.
	Required bool `json:"required,omitempty"`
}

// BoundaryGuardrails are the guardrails that hold at a unit, an account or root, or a list of guardrails.
type BoundaryGuardrails struct {
	at
	Node string
	List []Guardrail
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
	Administrator AccountKey `json:"administrator,omitempty"`
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
	Contains []Line `json:"contains,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is one of these.
	Eq []Line `json:"eq,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is none of these.
	Neq []Line `json:"neq,omitempty" jsonschema:"minItems=1,maxItems=20"`
	// The property is there, or is not.
	Exists *bool `json:"exists,omitempty"`
}
