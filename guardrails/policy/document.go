// Package policy reads and writes AWS JSON policy documents: every spelling
// that AWS accepts goes in, one canonical spelling comes out. The bytes whose
// size is measured are the bytes that are deployed. It does the same for the
// declarative policies of Organizations, which have no statements; it merges
// them, and says what they come to in an account.
//
// It uses the standard library alone and decides nothing about requests; see
// guardrails/eval for that.
package policy

// Version2012 is the policy language of every document that orgrails writes,
// and the only one that SCPs and RCPs may use.
const Version2012 = "2012-10-17"

// An Effect is what a statement does to the requests it matches.
type Effect string

// The effects, as AWS spells them.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// A Document is one policy document.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type Document struct {
	Version    string // "2012-10-17" or "2008-10-17"; "" where the document has none
	ID         string // the Id element; "" where the document has none
	Statements []Statement
}

// A Statement is one statement of a document. Of each pair (Principal and
// NotPrincipal, Action and NotAction, Resource and NotResource) at most one is set.
type Statement struct {
	Sid          string
	Effect       Effect
	Principal    *Principal
	NotPrincipal *Principal
	Action       Values
	NotAction    Values
	Resource     Values
	NotResource  Values
	Condition    Conditions
}

// Values are the strings of an element; AWS takes a single one without its list.
type Values []string

// A Principal is the Principal or NotPrincipal element: everyone ("*"), or
// values by kind.
type Principal struct {
	Everyone      bool // "*", which is not the same as {"AWS": "*"} in every place
	AWS           Values
	Service       Values
	Federated     Values
	CanonicalUser Values
}

// Conditions are the Condition element: operator -> condition key -> values.
// Spelling is kept; comparing keys and operators is case-insensitive.
type Conditions map[string]map[string]Values
