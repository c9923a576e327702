// Package eval decides whether AWS would allow a request, given every policy
// that reaches it, and says why. It turns policies into a [Set] once
// ([Compile]) and then answers any number of requests, from any number of
// goroutines, without touching the policies again.
//
// It calls nobody: the context of a request is what the caller says it is, and
// nothing is derived from the principal, the resource or the organization
// except what the exemptions of AWS Organizations need. A condition key that
// the caller does not know is named in [Request.Unknown]; where the answer
// hangs on it the decision is [Depends], never a guess.
//
// What AWS's pages leave open is decided, with reasons, in docs/engine.md.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
package eval

import (
	"strconv"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Decision is the answer to a request.
type Decision uint8

// The decisions. A request that is both denied by a statement and allowed by
// nobody is ExplicitlyDenied.
const (
	ImplicitlyDenied Decision = iota // something that had to allow it does not
	ExplicitlyDenied                 // a Deny statement matches
	Allowed
	Depends // on unknown condition keys
)

// String is the decision as orgrails writes it: "Allowed" and so on.
func (d Decision) String() string {
	switch d {
	case ImplicitlyDenied:
		return "ImplicitlyDenied"
	case ExplicitlyDenied:
		return "ExplicitlyDenied"
	case Allowed:
		return "Allowed"
	case Depends:
		return "Depends"
	}
	return "Decision(" + strconv.Itoa(int(d)) + ")"
}

// A Layer is a kind of policy that stands between a principal and a resource.
type Layer string

// The layers, in the order in which explanations list them.
const (
	SCP      Layer = "scp"
	RCP      Layer = "rcp"
	VPCE     Layer = "vpce"
	Resource Layer = "resource"
	Identity Layer = "identity"
	Boundary Layer = "boundary"
	Session  Layer = "session"
)

// An Organization is what the exemptions of AWS Organizations need to know.
// The zero value is none: no SCP and no RCP reaches anybody.
type Organization struct {
	ID                string   // "o-a1b2c3d4e5"
	ManagementAccount string   // account id
	Accounts          []string // ids of all its accounts; the management account may be left out
}

// A Document is a policy document with what explanations say of it.
type Document struct {
	Name    string
	Policy  policy.Document
	Origins []string // where each statement comes from ("organization.yaml:14:5"), "" where that is not known; may be shorter than the statements
}

// A Level is a root, an organizational unit or an account with the policies
// attached to it.
type Level struct {
	ID       string
	Policies []Document
}

// Policies are all that reach a request. An empty list is no layer: without
// SCP no SCPs apply, without Boundary the principal has none, without VPCE the
// request comes through no endpoint that has a policy. Without Identity,
// though, a principal has no permissions of its own.
type Policies struct {
	Identity []Document
	SCP      []Level // of the principal's account, from the root to the account
	RCP      []Level // of the resource's account; RCPFullAWSAccess is implied at each
	Resource *Document
	Boundary []Document
	Session  *Document
	VPCE     []Document
}

// A Request is one call to be decided.
type Request struct {
	// Principal is an ARN (of a user, role, role session, federated user,
	// root user or identity provider), a service ("ec2.amazonaws.com"), or ""
	// for an anonymous caller.
	Principal string
	Action    string // "s3:GetObject", in any case
	Resource  string // ARN; "*" or "" for an action on no particular resource
	// ResourceAccount owns the resource. "" is the account in the resource's
	// ARN, or the principal's where the ARN has none.
	ResourceAccount string
	// Context holds the condition keys, in any case, and their values: one for
	// a single-valued key. A key without values is as one that is missing.
	Context map[string][]string
	// Unknown lists condition keys, in any case, of which the caller does not
	// know whether they are there. They are unknown even if Context has them.
	Unknown []string
}

// A Result is the answer to a request. The slices of BlockedBy are shared and
// must not be changed.
type Result struct {
	Decision Decision
	// BlockedBy lists, sorted, each layer that alone would refuse the request,
	// whatever the unknown keys are.
	BlockedBy []Layer
	// DependsOn lists, sorted, the unknown keys on which the decision hangs,
	// as the request spells them; empty unless the Decision is Depends.
	DependsOn []string
}

// Refused reports whether the request is refused whatever the unknown keys
// are. A decision may be Depends and refused: when it hangs on a key only
// whether a statement denies what nobody allows.
func (r Result) Refused() bool { return len(r.BlockedBy) > 0 }
