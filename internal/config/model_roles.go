package config

import "github.com/orgrails/orgrails/guardrails/access"

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
	// Whether this is a role of last resort: a required permissions boundary spares it, and nobody but the deploy role may change it. Ask with `tests:` that the other guardrails let it through.
	BreakGlass bool `json:"breakGlass,omitempty"`
	// Names of AWS managed policies, such as SecurityAudit or job-function/ViewOnlyAccess, or ARNs.
	ManagedPolicies []ManagedPolicy `json:"managedPolicies,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// What the role may do on all resources, by service and access level: {s3: [list, read]}. Made a customer managed policy beside the role.
	Access map[ServicePrefix][]AccessLevel `json:"access,omitempty" jsonschema:"minProperties=1"`
	// Policies of your own, made customer managed policies beside the role.
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

// RolePolicy is a policy of your own: a document, or access by service and access level.
type RolePolicy struct {
	at
	// Path of the policy document, a JSON file beside or below this one.
	File FilePath `json:"file,omitempty"`
	// What the policy allows, by service and access level, instead of a document.
	Access map[ServicePrefix][]AccessLevel `json:"access,omitempty" jsonschema:"minProperties=1"`
	// ARNs of the resources that access is allowed on, with * and ? as wildcards; all resources when none are given.
	Resources []ResourcePattern `json:"resources,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Last part of the managed policy's name, behind the name of the role; that of the file, or access, when none is given.
	Name PolicyName `json:"name,omitempty"`
}

// An AccessLevel is an access level of actions, as AWS classifies them.
type AccessLevel string

// Values lists the access levels.
func (AccessLevel) Values() []string { return access.Levels() }

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
	Users []Line `json:"users,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Roles of accounts of the organization, as account/[path/]name.
	Roles []Line `json:"roles,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// An account outside the organization; externalId is needed with it.
	Account AccountID `json:"account,omitempty"`
	// What the foreign account must send with every request to assume the role.
	ExternalID ExternalID `json:"externalId,omitempty" jsonschema:"maxLength=1224"`
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
	Audience Line `json:"audience,omitempty" jsonschema:"minLength=1,maxLength=255"`
	// Subjects of the token; * and ? are wildcards.
	Subjects []Line `json:"subjects" jsonschema:"minItems=1,uniqueItems=true"`
}

// SAML trusts a SAML provider of the role's own account.
type SAML struct {
	at
	// Name of the provider.
	Provider IAMName `json:"provider"`
}
