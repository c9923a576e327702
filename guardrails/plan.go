// Package guardrails holds the Plan: everything that will be in place in an
// AWS organization, as plain data. It is versioned, sorted, reproducible byte
// for byte, and decode(encode(p)) is p.
//
// A plan looks back at nothing: whoever reads it needs neither the
// organization file nor AWS. guardrails/compile makes it; stacks deploys it;
// render, report, eval and lint read it.
package guardrails

import "cmp"

// Version is the version of the plan's shape that this package reads and writes.
const Version = 4

// A Plan is the whole of it. Lists are sorted by the field named first in
// each element's comment, lists of strings by themselves, each element once,
// and none is null. [Plan.Check] says so.
type Plan struct {
	Version int `json:"version"`
	// IDs are the ids known before deployment, by reference: "organization",
	// "root", "unit:Workloads/Prod", "account:payments-prod". What is not here
	// AWS makes up, and the organization stack exports.
	IDs map[string]string `json:"ids"`
	// IDLengths are the lengths that the sizes in the plan count for references.
	IDLengths    Lengths          `json:"idLengths"`
	Organization Organization     `json:"organization"`
	Units        []Unit           `json:"units"`
	Accounts     []Account        `json:"accounts"`
	Baselines    []Baseline       `json:"baselines"`
	Analyzers    []AnalyzerRegion `json:"analyzers"`
	Policies     []Policy         `json:"policies"`
	Attachments  []Attachment     `json:"attachments"`
	// NoFullAccess are the targets, as references, at which policies of the plan
	// that allow take the place of FullAWSAccess, sorted.
	NoFullAccess []string        `json:"noFullAccess"`
	Exceptions   []Exception     `json:"exceptions"`
	NotCarried   []NotCarried    `json:"notCarried"`
	Elsewhere    []ForeignPolicy `json:"elsewhere"`
	// Beside are the keys of who governs accounts beside orgrails, sorted: what
	// their roles do there must keep working.
	Beside   []string   `json:"beside"`
	MustWork []MustWork `json:"mustWork"`
	// AcceptedLockouts are the ids of requests that must work and whose loss was
	// accepted, sorted: the proof refuses no plan for them.
	AcceptedLockouts []string `json:"acceptedLockouts"`
}

// ForeignPolicy is a policy of AWS Organizations that others manage, sorted by
// Type, then Name. It is counted, and never touched.
type ForeignPolicy struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Content Text     `json:"content"` // canonical JSON; empty where it is not known
	Targets []string `json:"targets"` // references
	Origin  string   `json:"origin"`
}

// MustWork is a request of the file that must work whatever guardrails there
// are, sorted by Key.
type MustWork struct {
	Key      string    `json:"key"`
	Level    string    `json:"level"` // must, should
	Loses    string    `json:"loses"`
	As       string    `json:"as"` // role/[path/]name, user/[path/]name, root, or a service
	In       []string  `json:"in"` // references of units and accounts: in every member account below
	Action   string    `json:"action"`
	Resource string    `json:"resource"` // ARN, or "*"; {account} stands for the account's id
	Context  []Context `json:"context"`
	Source   string    `json:"source"`
	Origin   string    `json:"origin"`
}

// Context is a condition key of a request, sorted by Key.
type Context struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Organization is what holds for the organization as a whole.
type Organization struct {
	Name                    string                   `json:"name"`
	Partition               string                   `json:"partition"`
	HomeRegion              string                   `json:"homeRegion"`
	Regions                 []string                 `json:"regions"`
	DeployRole              string                   `json:"deployRole"`
	TrustedServices         []string                 `json:"trustedServices"` // service principals that must be trusted
	PolicyTypes             []string                 `json:"policyTypes"`     // policy types that must be enabled
	DelegatedAdministrators []DelegatedAdministrator `json:"delegatedAdministrators"`
	CentralizedRootAccess   []string                 `json:"centralizedRootAccess"`
	// NewAccounts is the unit, by its path, or "root", in which an account that
	// was created waits until what is placed into it, and the policies, are
	// deployed; empty: it does not wait.
	NewAccounts string `json:"newAccounts"`
	// AccountQuota is how many accounts AWS takes in this organization; 0 where
	// the file does not say.
	AccountQuota int `json:"accountQuota"`
}

// DelegatedAdministrator, sorted by ServicePrincipal, then Account.
type DelegatedAdministrator struct {
	ServicePrincipal string `json:"servicePrincipal"`
	Account          string `json:"account"` // key
	Origin           string `json:"origin"`
}

// Unit is an organizational unit, sorted by Path.
type Unit struct {
	Path   string   `json:"path"`   // keys from the top: "Workloads/Prod"
	Name   string   `json:"name"`   // AWS's name
	Parent string   `json:"parent"` // "root" or a path
	Was    []string `json:"was"`    // former paths, for the same unit
	Origin string   `json:"origin"` // file:line:col
}

// Account is a member account, sorted by Key.
type Account struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Parent string `json:"parent"` // "root" or a unit's path
	Origin string `json:"origin"`
}

// Baseline is what is placed into one account, sorted by Account.
type Baseline struct {
	Account        string          `json:"account"` // key, or "management"
	Boundaries     []ManagedPolicy `json:"boundaries"`
	PasswordPolicy *PasswordPolicy `json:"passwordPolicy"` // null: left as it is
	Roles          []Role          `json:"roles"`
	Groups         []Group         `json:"groups"`
}

// ManagedPolicy is a customer managed policy, sorted by Name.
type ManagedPolicy struct {
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Description string      `json:"description"`
	Document    Text        `json:"document"` // canonical JSON
	Size        int         `json:"size"`     // characters, references at their longest
	Statements  []Statement `json:"statements"`
	Origin      string      `json:"origin"`
}

// PasswordPolicy is an IAM account password policy; 0 is never or none.
type PasswordPolicy struct {
	MinimumPasswordLength      int    `json:"minimumPasswordLength"`
	RequireUppercaseCharacters bool   `json:"requireUppercaseCharacters"`
	RequireLowercaseCharacters bool   `json:"requireLowercaseCharacters"`
	RequireNumbers             bool   `json:"requireNumbers"`
	RequireSymbols             bool   `json:"requireSymbols"`
	MaxPasswordAge             int    `json:"maxPasswordAge"`
	PasswordReusePrevention    int    `json:"passwordReusePrevention"`
	HardExpiry                 bool   `json:"hardExpiry"`
	AllowUsersToChangePassword bool   `json:"allowUsersToChangePassword"`
	Origin                     string `json:"origin"`
}

// Role is an IAM role, sorted by Name.
type Role struct {
	Name               string          `json:"name"`
	Path               string          `json:"path"`
	Description        string          `json:"description"`
	Trust              Text            `json:"trust"`              // canonical JSON
	ManagedPolicies    []Text          `json:"managedPolicies"`    // ARNs of policies made elsewhere, AWS's or boundaries' account's own
	Policies           []ManagedPolicy `json:"policies"`           // customer managed policies made beside the role
	Boundary           Text            `json:"boundary"`           // ARN; empty for none
	MaxSessionDuration int             `json:"maxSessionDuration"` // seconds
	BreakGlass         bool            `json:"breakGlass"`
	Origin             string          `json:"origin"`
}

// Group is an IAM group with one customer managed policy, sorted by Name.
type Group struct {
	Name   string        `json:"name"`
	Path   string        `json:"path"`
	Policy ManagedPolicy `json:"policy"`
	Origin string        `json:"origin"`
}

// AnalyzerRegion holds the analyzers of one region, sorted by Region.
type AnalyzerRegion struct {
	Region        string     `json:"region"`
	Administrator string     `json:"administrator"` // account key, or "management"
	Analyzers     []Analyzer `json:"analyzers"`
}

// Analyzer is an IAM Access Analyzer analyzer, sorted by Name.
type Analyzer struct {
	Name            string        `json:"name"`
	Type            string        `json:"type"`            // ORGANIZATION, ORGANIZATION_UNUSED_ACCESS
	UnusedAccessAge int           `json:"unusedAccessAge"` // days; 0 for other types
	ExcludeAccounts []Text        `json:"excludeAccounts"` // account ids
	ArchiveRules    []ArchiveRule `json:"archiveRules"`
	Origin          string        `json:"origin"`
}

// ArchiveRule archives findings, sorted by Name.
type ArchiveRule struct {
	Name   string      `json:"name"`
	Filter []Criterion `json:"filter"`
	Origin string      `json:"origin"`
}

// Criterion is one property of a filter, sorted by Property.
type Criterion struct {
	Property string   `json:"property"`
	Contains []string `json:"contains"`
	Eq       []string `json:"eq"`
	Neq      []string `json:"neq"`
	Exists   *bool    `json:"exists"`
}

// Policy is an Organizations policy, sorted by Type, then Name.
type Policy struct {
	Type        string   `json:"type"` // as the Organizations API spells it: SERVICE_CONTROL_POLICY, TAG_POLICY, …
	Name        string   `json:"name"`
	Was         []string `json:"was"` // former names, where a unit was renamed
	Description string   `json:"description"`
	Content     Text     `json:"content"` // canonical JSON
	// AsFound is what AWS has under this name, of the same meaning as Content but
	// spelled otherwise: it is deployed in the place of Content, so that nothing is
	// rewritten; while a boundary is missing, Pending is. JSON without white space and references; empty: Content is deployed.
	AsFound    Text        `json:"asFound"`
	Size       int         `json:"size"` // characters of Content, references at their longest
	Statements []Statement `json:"statements"`
	// Pending is deployed in place of Content until every account that needs a
	// boundary has it; null where no statement of Content requires one.
	Pending *Pending `json:"pending"`
}

// Deployed is the document that AWS is given: what it has, where that means the
// same, or Content.
func (p *Policy) Deployed() Text {
	if p.AsFound != "" {
		return p.AsFound
	}
	return p.Content
}

// Pending is the content of a policy while a boundary is missing somewhere below.
type Pending struct {
	Content Text           `json:"content"` // empty: the policy is not attached until then
	Needs   []BoundaryNeed `json:"needs"`   // sorted by Account, then Policy
}

// BoundaryNeed names a boundary policy that an account must have.
type BoundaryNeed struct {
	Account string `json:"account"` // key
	Policy  string `json:"policy"`  // name of the managed policy
}

// Statement says where one statement of a document comes from, in the order of the document.
type Statement struct {
	Sid        string   `json:"sid"`        // empty where the user's own document has none; of a declarative policy, the path of one setting
	Guardrail  string   `json:"guardrail"`  // template id, path of the user's own document, or AllowList; empty for a grant
	Origin     string   `json:"origin"`     // file:line:col that asked for it, and the set when it comes with the tool; see SplitOrigin
	Exceptions []string `json:"exceptions"` // keys of the exceptions that narrowed it
	Packed     *Packed  `json:"packed"`     // null: as it was asked for, by one line, where it stands
}

// AllowList is what stands for a guardrail where a node allows some actions alone.
const AllowList = "allowList"

// Packed says what else a statement of an Organizations policy stands for.
type Packed struct {
	Lines []string `json:"lines"` // further origins, where several lines asked for the same
	// AskedAt are the nodes that asked for it, as references, where it stands at
	// another: at the node above all of them, or below one that had no room.
	AskedAt []string `json:"askedAt"`
	// Merged are the statements that were asked for and that this one stands
	// for, in the order of CompareMerged, where it is not the one that was asked
	// for: merged with others to save a document, or saying what they say and more.
	Merged []Merged `json:"merged"`
}

// Merged is a statement that was asked for, as it was before it was merged.
type Merged struct {
	Guardrail  string   `json:"guardrail"`
	Origin     string   `json:"origin"`
	Sid        string   `json:"sid"`
	Exceptions []string `json:"exceptions"`
	Statement  Text     `json:"statement"` // canonical JSON
}

// CompareMerged is the order of merged statements.
func CompareMerged(a, b Merged) int {
	return cmp.Or(cmp.Compare(a.Guardrail, b.Guardrail), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Sid, b.Sid), cmp.Compare(a.Statement, b.Statement))
}

// Attachment, sorted by Target, then Type, then Policy.
type Attachment struct {
	Target string `json:"target"` // reference: "root", "unit:…", "account:…"
	Type   string `json:"type"`
	Policy string `json:"policy"` // name
}

// NotCarried is a guardrail, or a part of one, that a boundary was asked to
// carry into the management account and cannot, sorted by Boundary, then
// Guardrail, Origin and Reason.
type NotCarried struct {
	Boundary  string `json:"boundary"`  // name of the managed policy
	Guardrail string `json:"guardrail"` // template id, or path of the user's own document
	Origin    string `json:"origin"`    // file:line:col that asked for the guardrail
	Reason    string `json:"reason"`
}

// Exception is one that is in force, sorted by Key.
type Exception struct {
	Key       string   `json:"key"`
	Guardrail string   `json:"guardrail"`
	Reason    string   `json:"reason"`
	Owner     string   `json:"owner"`
	Ticket    string   `json:"ticket"`
	Expires   string   `json:"expires"`  // RFC 3339, UTC; "" for never
	InPolicy  bool     `json:"inPolicy"` // the policies end it themselves, though nobody deploys
	Policies  []string `json:"policies"` // names of the policies it narrows, and of the boundary that carries some of them
	Origin    string   `json:"origin"`
}
