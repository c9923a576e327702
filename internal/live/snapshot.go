package live

import "time"

// SnapshotVersion is the version of the form of a [Snapshot].
const SnapshotVersion = 1

// A Snapshot is an organization as AWS has it: plain data, sorted, and never
// written back. What is missing is an [Answer] without a value, and NotRead
// says why.
type Snapshot struct {
	Version int `json:"version"`
	// Taken is when the reading ended, and Oldest when the oldest answer in the
	// snapshot was given: it is older than the reading when answers were kept
	// from one before.
	Taken  time.Time `json:"taken"`
	Oldest time.Time `json:"oldest"`

	Organization            Organization                     `json:"organization"`
	Root                    Answer[Root]                     `json:"root"`
	Units                   Answer[[]Unit]                   `json:"units"`    // by id; all of them or none
	Accounts                Answer[[]Account]                `json:"accounts"` // by id, the management account among them
	Policies                []PoliciesOfType                 `json:"policies"` // by type; every type that there is
	TrustedServices         Answer[[]string]                 `json:"trustedServices"`
	DelegatedAdministrators Answer[[]DelegatedAdministrator] `json:"delegatedAdministrators"` // by account
	ResourcePolicy          Answer[ResourcePolicy]           `json:"resourcePolicy"`
	CentralizedRootAccess   Answer[[]string]                 `json:"centralizedRootAccess"` // RootCredentialsManagement, RootSessions
	IAM                     Answer[[]AccountIAM]             `json:"iam"`                   // by account; one for each in Accounts
	Analyzers               Answer[[]RegionAnalyzers]        `json:"analyzers"`             // by Region; one for each that was asked for

	NotRead []NotRead `json:"notRead"`
}

// Age is how old the oldest answer in the snapshot is.
func (s *Snapshot) Age(now time.Time) time.Duration { return now.Sub(s.Oldest) }

// Organization is the organization itself.
type Organization struct {
	ID                string `json:"id"`
	ARN               string `json:"arn"`
	Partition         string `json:"partition"` // of the ARN: aws, aws-cn, aws-us-gov
	ManagementAccount string `json:"managementAccount"`
	FeatureSet        string `json:"featureSet"` // ALL or CONSOLIDATED_BILLING
}

// Root is the organization's root.
type Root struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	PolicyTypes []RootPolicyType `json:"policyTypes"` // by type; those that are not disabled
}

// A RootPolicyType is a policy type that is on in the root, or becoming so.
type RootPolicyType struct {
	Type   string `json:"type"`
	Status string `json:"status"` // ENABLED, PENDING_ENABLE, PENDING_DISABLE
}

// A Unit is an organizational unit.
type Unit struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	ParentID string `json:"parentId"` // a unit or the root
}

// An Account is one of the organization.
type Account struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Email        string         `json:"email"`
	State        string         `json:"state"`        // ACTIVE, SUSPENDED, CLOSED, …
	JoinedMethod string         `json:"joinedMethod"` // CREATED or INVITED
	Joined       time.Time      `json:"joined"`
	ParentID     Answer[string] `json:"parentId"` // a unit or the root
}

// PoliciesOfType are the Organizations policies of one type. A type that is
// not enabled can have policies, too.
type PoliciesOfType struct {
	Type     string           `json:"type"` // SERVICE_CONTROL_POLICY
	Policies Answer[[]Policy] `json:"policies"`
}

// A Policy is an Organizations policy.
type Policy struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Description string           `json:"description"`
	AWSManaged  bool             `json:"awsManaged"`
	Content     Answer[string]   `json:"content"` // the characters that AWS keeps
	Targets     Answer[[]Target] `json:"targets"` // by id; what it is attached to directly
}

// A Target is what a policy is attached to.
type Target struct {
	ID   string `json:"id"`
	Type string `json:"type"` // ROOT, ORGANIZATIONAL_UNIT, ACCOUNT
}

// A DelegatedAdministrator is an account that administers services for the
// organization.
type DelegatedAdministrator struct {
	Account  string           `json:"account"`
	Services Answer[[]string] `json:"services"`
}

// ResourcePolicy is the policy by which the organization delegates its own
// administration. Its content is "" when there is none.
type ResourcePolicy struct {
	ID      string `json:"id"`
	Content string `json:"content"`
}
