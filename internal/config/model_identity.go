package config

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
	// Where they may assume it: units, accounts, root or management.
	In []Selector `json:"in" jsonschema:"minItems=1,uniqueItems=true"`
	// Last day, or the time at which it ends; always when none is given.
	Until Date `json:"until,omitempty"`
	// Why they may.
	Reason string `json:"reason,omitempty" jsonschema:"minLength=1,maxLength=500"`
}
