// Package org is the model of an AWS organization as a file wishes it: units,
// accounts, guardrails and baselines, with every reference resolved and each
// thing knowing the line that asked for it.
//
// A value of this package has been checked by internal/config: names are
// known, ids are well formed, selectors resolve. It knows neither YAML nor AWS
// calls nor Pulumi; guardrails/compile turns it into a plan.
package org

import (
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// An AccountID is twelve digits. It is a string because 012345678901 is one.
type AccountID string

// An Organization is a whole file.
type Organization struct {
	File                    string // path of the file, as the user typed it
	ID                      string // o-…; "" when the file does not say
	Name                    string
	Management              *Account // Key is "management", Unit is nil
	HomeRegion              string
	Partition               string // aws, aws-us-gov, aws-cn: from HomeRegion
	Regions                 []string
	DeployRole              string // role name, without path
	DelegatedAdministrators []DelegatedAdministrator
	CentralizedRootAccess   []string
	NewAccounts             *Unit          // where an account that was created waits; nil: in its own unit
	Quotas                  awsdata.Quotas // where they are not AWS's own

	Root     *Unit      // Path "root"
	Units    []*Unit    // all below the root, sorted by Path
	Accounts []*Account // member accounts, sorted by Key; Management is not among them
	Sets     map[string][]GuardrailUse

	Exceptions           []Exception          // sorted by Key; expired ones included
	PermissionBoundaries []PermissionBoundary // sorted by Key
	PasswordPolicies     []PasswordPolicy     // sorted by Key
	AccessAnalyzer       *AccessAnalyzer      // nil when the file has none
	Identity             *Identity            // nil when the file has none
	Roles                []Role               // sorted by Key
	Tests                []Test               // in the order of the file
	MustWork             []RequiredRequest    // sorted by Key
	Elsewhere            []ForeignPolicy      // sorted by Type, then Name
	Beside               []string             // keys of awsdata.Governors that the file names, sorted
	AsFound              []FoundPolicy        // sorted by Name
}

// A Unit is an organizational unit, or the root.
type Unit struct {
	Path      string   // "root", or keys from the top joined by "/": "Workloads/Prod"
	Key       string   // last part of Path
	Name      string   // AWS's name; the key unless the file says otherwise
	ID        string   // ou-… or r-…, when the file says
	Was       []string // former keys of this unit, in the same parent
	Parent    *Unit    // nil for the root
	Units     []*Unit
	Accounts  []*Account
	Uses      []GuardrailUse // guardrails asked for here, sets expanded, in the order of the file
	AllowList *AllowList     // nil: FullAWSAccess
	Range     diag.Range
}

// An Account is a member account, or the management account.
type Account struct {
	Key       string    // logical name; "management" for the management account
	ID        AccountID // "" until the account exists
	Name      string
	Email     string         // "" only for the management account
	Unit      *Unit          // nil for the management account
	Uses      []GuardrailUse // guardrails asked for at the account itself
	AllowList *AllowList     // nil: FullAWSAccess
	Range     diag.Range
}

// An AllowList is what a node alone allows, in place of FullAWSAccess.
type AllowList struct {
	Actions []string // patterns, in the order of the file
	Range   diag.Range
}

// A GuardrailUse asks for one guardrail at one node: a template with
// parameters, or a policy document of the user's own.
type GuardrailUse struct {
	Template   string // template id; "" for a document of the user's own
	Parameters map[string]Parameter
	File       string     // path of the user's own document, as in the file
	Type       string     // policy type of the user's own document, e.g. SERVICE_CONTROL_POLICY
	Source     []byte     // content of File
	Set        string     // the set that it came from; ""
	Shipped    string     // the set that comes with the tool and holds it; ""
	Range      diag.Range // the line that asked for it: that which names the set where the set comes with the tool
	Via        diag.Range // where the set was named at the node; zero without a set
	NeverHoist bool       // it stands where it is asked for, and not at the node above
	Compact    string     // "exact" or "never"; "" for what the template says
	Policy     string     // name of the policy that it is put into; "" for one of ours
}

// A Parameter is a value given to a template: string, float64, bool,
// []any, map[string]any, as JSON has them.
type Parameter struct {
	Value any
	Range diag.Range
}

// DelegatedAdministrator makes an account administrator of a service.
type DelegatedAdministrator struct {
	Account          *Account
	ServicePrincipal string
	Range            diag.Range
}

// An Exception spares some principals, accounts or actions from one guardrail.
// Principals and Accounts together mean these principals in these accounts.
type Exception struct {
	Key        string
	Guardrail  string // template id
	Principals []Principal
	Accounts   []*Account  // accounts of the organization
	AccountIDs []AccountID // accounts outside it (RCPs only)
	Actions    []string    // empty: all that the guardrail denies
	// ActionRanges are where the actions stand, one for each; nil where that is not known.
	ActionRanges []diag.Range
	Reason       string
	Owner        string
	Ticket       string
	Expires      time.Time // zero: never; else the first instant at which it no longer holds (UTC)
	InPolicy     bool      // the policy itself ends it, though nobody deploys
	Range        diag.Range
}

// A Principal is a pattern "role/[path/]name" or "user/[path/]name"; * and ? are wildcards.
type Principal struct {
	Pattern string
	Range   diag.Range
}

// A Target is a node that something applies to: the root (all member accounts),
// the management account, a unit or an account.
type Target struct {
	Unit    *Unit    // the root or a unit
	Account *Account // a member account or the management account
	Range   diag.Range
}

// PermissionBoundary places a boundary policy into every account below its targets.
type PermissionBoundary struct {
	Key        string // also the name of the managed policy unless Name is set
	Name       string
	Template   string // template id; "" for a document of the user's own
	Parameters map[string]Parameter
	File       string
	Source     []byte
	Carries    *Carried // nil for a template or a document of the user's own
	Targets    []Target
	Exclude    []Target
	Required   bool // an SCP makes it mandatory and untouchable
	Range      diag.Range
}

// KeepBoundary is the template whose statements a boundary that carries
// guardrails begins with, and whose parameters it takes: whoever has the
// boundary makes nobody without it.
const KeepBoundary = "keep-boundary"

// Carried are the guardrails that a boundary carries into the management
// account, where no SCP and no RCP holds: those in force at a node, or a list.
type Carried struct {
	Node Target         // the zero Target for a list
	Uses []GuardrailUse // sets expanded, in the order of the file
}

// PasswordPolicy sets the IAM account password policy of every account below its
// targets; the nearest target wins.
type PasswordPolicy struct {
	Key     string
	Preset  string // template id of a password preset; ""
	Targets []Target
	Exclude []Target
	// Set fields override the preset.
	MinimumLength    *int
	RequireUppercase *bool
	RequireLowercase *bool
	RequireNumbers   *bool
	RequireSymbols   *bool
	MaxAgeDays       *int
	ReusePrevention  *int
	HardExpiry       *bool
	UsersMayChange   *bool
	Range            diag.Range
}

// AccessAnalyzer asks for IAM Access Analyzer in the organization.
type AccessAnalyzer struct {
	Administrator *Account // the delegated administrator, or the management account
	External      *ExternalAnalyzer
	Unused        *UnusedAnalyzer
	ArchiveRules  []ArchiveRule // sorted by Key
	Range         diag.Range
}

// ExternalAnalyzer finds access from outside the organization, by region.
type ExternalAnalyzer struct {
	Name    string
	Regions []string // sorted
	Range   diag.Range
}

// UnusedAnalyzer finds unused access; one region suffices.
type UnusedAnalyzer struct {
	Name    string
	Region  string
	AgeDays int
	Exclude []*Account
	Range   diag.Range
}

// ArchiveRule archives findings as they are made.
type ArchiveRule struct {
	Key       string
	Analyzers []string    // "external", "unused"
	Filter    []Criterion // sorted by Property
	Range     diag.Range
}

// Criterion is one property of an archive rule's filter.
type Criterion struct {
	Property string
	Contains []string
	Eq       []string
	Neq      []string
	Exists   *bool
}

// Identity says where people come from.
type Identity struct {
	Source       string // iam, identity-center, saml
	Account      *Account
	SAMLProvider string  // name of the SAML provider in Account; source saml only
	Groups       []Group // sorted by Key
	Range        diag.Range
}

// A Group may assume roles.
type Group struct {
	Key           string
	Name          string
	PermissionSet string // identity-center only
	Assume        []Grant
	Range         diag.Range
}

// A Grant lets a group assume one role in the accounts below In.
type Grant struct {
	Role   string
	In     []Target
	Until  time.Time // zero: no end
	Reason string
	Range  diag.Range
}

// A Role is a centralized cross-account role, made in every account below its targets.
type Role struct {
	Key             string
	Name            string
	Path            string // "/" by default
	Description     string
	Targets         []Target
	Exclude         []Target
	BreakGlass      bool
	ManagedPolicies []string     // names of AWS managed policies, or ARNs
	Policies        []RolePolicy // own customer managed policies
	Boundary        string       // key of a permission boundary; ""
	MFA             *MFA
	SourceIPs       []string
	MaxSession      time.Duration // 0: one hour
	Trust           *Trust        // nil when only grants lead to it
	Range           diag.Range
}

// Role finds the role of the file that "role/…" names by its key, its name or
// its path and name, and spells it with its path and name. Anything else comes
// back as it is.
func (o *Organization) Role(as string) (*Role, string) {
	name, ok := strings.CutPrefix(as, "role/")
	if !ok {
		return nil, as
	}
	for i := range o.Roles {
		r := &o.Roles[i]
		full := strings.TrimPrefix(r.Path, "/") + r.Name
		if name == r.Key || name == r.Name || name == full {
			return r, "role/" + full
		}
	}
	return nil, as
}

// A RolePolicy is a policy of the user's own, made a customer managed policy
// beside the role: a document, or access by service and access level.
type RolePolicy struct {
	Name      string // last part of the managed policy's name; "" for that of the file
	File      string
	Source    []byte
	Access    []ServiceAccess // sorted by Service; empty for a document
	Resources []string        // that Access is allowed on; none for all
	Range     diag.Range
}

// ServiceAccess is the actions of a service that have one of some access levels.
type ServiceAccess struct {
	Service string   // prefix of the actions
	Levels  []string // as guardrails/access spells them
}

// MFA narrows a trust to sessions with multi-factor authentication.
type MFA struct {
	MaxAge time.Duration // 0: any age
	Range  diag.Range
}

// Trust says who, beside the groups with a grant, may assume a role. Exactly one kind is set.
type Trust struct {
	Users      []TrustedUser
	Roles      []TrustedRole
	Account    AccountID // a foreign account; ExternalID is set
	ExternalID string
	Services   []string
	OIDC       *OIDC
	SAML       *SAML
	Range      diag.Range
}

// TrustedUser is an IAM user of an account of the organization.
type TrustedUser struct {
	Account *Account
	Name    string // with path
}

// TrustedRole is a role of an account of the organization.
type TrustedRole struct {
	Account *Account
	Name    string // with path
}

// OIDC trusts an identity provider of the same account.
type OIDC struct {
	Provider string // host and path, without https://
	Audience string
	Subjects []string
}

// SAML trusts a SAML provider of the same account.
type SAML struct {
	Provider string
}

// A RequiredRequest must work whatever guardrails there are.
type RequiredRequest struct {
	Key      string
	Loses    string
	Level    string // must, should
	As       string // role/[path/]name, user/[path/]name, root, or a service
	In       []Target
	Action   string
	Resource string // {account} stands for the account's id
	With     map[string]Parameter
	Source   string
	Range    diag.Range
}

// A ForeignPolicy is a policy of AWS Organizations that others manage.
type ForeignPolicy struct {
	Name    string
	Type    string
	Targets []Target
	File    string // "" where its content is not known
	Source  []byte
	Range   diag.Range
}

// A FoundPolicy is a policy of the file that was there before it.
type FoundPolicy struct {
	Name        string
	Description string // that it keeps, where HasDescription
	File        string // path of the text that it keeps; ""
	Source      []byte

	HasDescription bool
	Range          diag.Range
}

// A Test asks whether the guardrails stand in the way of a request.
type Test struct {
	Name     string
	As       string
	In       Target
	Action   string
	Resource string
	With     map[string]Parameter
	Expect   string // allow, deny
	By       string
	Range    diag.Range
}
