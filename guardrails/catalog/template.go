// Package catalog models guardrail templates: what one stops, its typed
// parameters, its statements with placeholders, and its vectors, the requests
// that it must deny and those that it must let through. Instantiation turns a
// template and parameter values into policy statements. Templates of the
// declarative types deny no requests; they have a document of settings, and say
// what these must come to.
//
// Templates are data files (see the folder templates/ for the ones that come
// with the tool); internal/config reads them, this package never does.
package catalog

import (
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Template is one guardrail, permission boundary or password preset, as its
// data file states it.
type Template struct {
	// Verb first, in kebab case: protect-cloudtrail, restrict-regions.
	ID string `json:"id" jsonschema:"pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=64"`
	// Row of the catalogue that the template answers to.
	CatalogueRow string `json:"catalogueRow,omitempty"`
	// One line, without a full stop.
	Title string `json:"title" jsonschema:"minLength=1,maxLength=120"`
	// What it stops, in one sentence.
	Stops string `json:"stops" jsonschema:"minLength=1"`
	// What it breaks in daily work, in one sentence.
	Breaks string `json:"breaks" jsonschema:"minLength=1"`
	// When not to use it, in one sentence.
	Avoid string `json:"avoid" jsonschema:"minLength=1"`
	// What the template becomes in AWS.
	Type Type `json:"type"`
	// How bad it is when what the template stops happens.
	Severity Severity `json:"severity"`
	// AWS pages behind the template.
	References []string `json:"references" jsonschema:"minItems=1"`
	// Parameters by name.
	Parameters map[string]ParameterSpec `json:"parameters,omitempty"`
	// Whether the deploy role is exempt from every Deny of the template: true unless said otherwise.
	ExemptDeployRole *bool `json:"exemptDeployRole,omitempty"`
	// Whether wildcards may stand for actions, where that saves a document: exact, for those that match the wanted actions of today and no other, or never.
	Compact string `json:"compact,omitempty" jsonschema:"enum=exact,enum=never"`
	// Why the deploy role is not exempt, or why a condition key's absence matters, and other decisions a reviewer asks about.
	Notes []string `json:"notes,omitempty"`
	// Statements with placeholders, for the types that deny or allow requests.
	Statements []Statement `json:"statements,omitempty"`
	// The settings of a declarative policy with placeholders, in Organizations' inheritance syntax.
	Document map[string]any `json:"document,omitempty"`
	// What the document must come to in an account below; in place of vectors, where there is a document.
	Settings []Setting `json:"settings,omitempty"`
	// The nine fields of an account password policy; PASSWORD_POLICY only.
	PasswordPolicy *PasswordPolicy `json:"passwordPolicy,omitempty"`
	// Controls of frameworks that the template serves.
	Controls []Control `json:"controls,omitempty"`
	// Requests that must be denied and requests that must pass.
	Vectors []Vector `json:"vectors,omitempty"`

	Range diag.Range `json:"-"` // of the id in its file
}

// A Type says what a template becomes. Policy types are spelled as the Organizations API spells them.
type Type string

// The template types.
const (
	ServiceControlPolicy   Type = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy  Type = "RESOURCE_CONTROL_POLICY"
	DeclarativePolicyEC2   Type = "DECLARATIVE_POLICY_EC2"
	AIServicesOptOutPolicy Type = "AISERVICES_OPT_OUT_POLICY"
	TagPolicy              Type = "TAG_POLICY"
	BackupPolicy           Type = "BACKUP_POLICY"
	PermissionsBoundary    Type = "PERMISSIONS_BOUNDARY"
	PasswordPolicyPreset   Type = "PASSWORD_POLICY"
)

// Types lists the template types.
func Types() []Type {
	return append(GuardrailTypes(), PermissionsBoundary, PasswordPolicyPreset)
}

// GuardrailTypes lists the types that a list of guardrails takes: what becomes
// an Organizations policy.
func GuardrailTypes() []Type {
	return []Type{ServiceControlPolicy, ResourceControlPolicy, DeclarativePolicyEC2, AIServicesOptOutPolicy, TagPolicy, BackupPolicy}
}

// IsDeclarative reports whether templates of the type have a document of
// settings, and neither statements nor vectors.
func (t Type) IsDeclarative() bool { return policy.Kind(t).IsDeclarative() }

// A Severity is critical, high, medium or low.
type Severity string

// Severities lists the severities, the worst first.
func Severities() []Severity { return []Severity{"critical", "high", "medium", "low"} }

// A ParameterSpec is one typed parameter.
type ParameterSpec struct {
	// What the parameter is for, in one sentence.
	Description string `json:"description" jsonschema:"minLength=1"`
	// The type of its value.
	Type ParameterType `json:"type"`
	// Value when none is given; a placeholder such as "{{organization.regions}}" takes it from the organization. A parameter without a default must be given.
	Default any `json:"default,omitempty"`
	// Regular expression (RE2) for a string, or for each string of a list.
	Pattern string `json:"pattern,omitempty"`
	// Allowed strings.
	Enum []string `json:"enum,omitempty"`
	// Smallest integer.
	Minimum *int `json:"minimum,omitempty"`
	// Largest integer.
	Maximum *int `json:"maximum,omitempty"`
	// Fewest items of a list.
	MinItems *int `json:"minItems,omitempty"`
	// Most items of a list.
	MaxItems *int `json:"maxItems,omitempty"`
}

// A ParameterType is the type of a parameter's value. regions, accounts, roles
// and actions are lists of strings with a grammar of their own; roles are
// patterns "role/[path/]name", accounts are account keys or ids.
type ParameterType string

// ParameterTypes lists the parameter types.
func ParameterTypes() []ParameterType {
	return []ParameterType{"string", "strings", "integer", "boolean", "regions", "accounts", "roles", "actions"}
}

// A Statement is a policy statement with placeholders. {{name}} as a whole
// string becomes the parameter's value (a list is spliced into the list it
// stands in); inside a string it becomes text, once for each item of a list.
// In a condition key a list stands under Null only, and makes a key of each
// item. ${…} always belongs to AWS.
type Statement struct {
	// Letters and digits, unique in the template.
	Sid string `json:"sid" jsonschema:"pattern=^[A-Za-z0-9]+$,maxLength=64"`
	// Allow or Deny.
	Effect string `json:"effect" jsonschema:"enum=Allow,enum=Deny"`
	// Resource control policies only, and always "*".
	Principal   string   `json:"principal,omitempty" jsonschema:"enum=*"`
	Action      []string `json:"action,omitempty"`
	NotAction   []string `json:"notAction,omitempty"`
	Resource    []string `json:"resource,omitempty"`
	NotResource []string `json:"notResource,omitempty"`
	// Operator, condition key, values. A negated operator's key whose values are an empty list is left out.
	Condition map[string]map[string][]string `json:"condition,omitempty"`
}

// A Setting says what a document comes to. It is written from AWS's page, never
// computed from the template.
type Setting struct {
	// Parameters given to the template; the defaults elsewhere.
	Parameters map[string]any `json:"parameters,omitempty"`
	// Names from the outermost to the setting's own, joined by full stops: ec2_attributes.serial_console_access.status.
	Path string `json:"path" jsonschema:"minLength=1"`
	// What a policy below, at a unit or an account, tries to set; in the syntax of document.
	Below map[string]any `json:"below,omitempty"`
	// The value in the effective policy of an account below: a string, a number or a list of strings, or null where it must not be set.
	Value any `json:"value"`
}

// PasswordPolicy is an IAM account password policy, all nine fields.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
type PasswordPolicy struct {
	MinimumLength    int  `json:"minimumLength"`
	RequireUppercase bool `json:"requireUppercase"`
	RequireLowercase bool `json:"requireLowercase"`
	RequireNumbers   bool `json:"requireNumbers"`
	RequireSymbols   bool `json:"requireSymbols"`
	// Days until a password expires; 0 is never.
	MaxAgeDays int `json:"maxAgeDays"`
	// Number of former passwords that may not come back; 0 is none.
	ReusePrevention int  `json:"reusePrevention"`
	HardExpiry      bool `json:"hardExpiry"`
	UsersMayChange  bool `json:"usersMayChange"`
}

// A Control is one control of a framework.
type Control struct {
	// E.g. cis-aws-foundations-7.0, nist-800-53-r5, pci-dss-4.0, iso-27001-2022, soc-2, control-tower, practice.
	Framework string `json:"framework"`
	// The control's own id, e.g. "4.1" or "AC-6".
	ID string `json:"id"`
	// Where the mapping is stated.
	Source string `json:"source"`
}

// A Vector is a request with the answer that the guardrail must give. It is
// written from the documented call, never computed from the template.
type Vector struct {
	// What the request is, in a few words.
	Name string `json:"name" jsonschema:"minLength=1"`
	// Whether the template must deny it.
	Expect string `json:"expect" jsonschema:"enum=allow,enum=deny"`
	// Parameters given to the template; the defaults elsewhere.
	Parameters map[string]any `json:"parameters,omitempty"`
	// Principal ARN, service principal, or empty for anonymous.
	Principal string `json:"principal"`
	Action    string `json:"action"`
	// More actions that, in the same request otherwise, get the same answer: a vector each.
	Also     []string `json:"also,omitempty"`
	Resource string   `json:"resource,omitempty"`
	// Context keys that the action carries: a string or a list of strings each.
	Context map[string]any `json:"context,omitempty"`
}
