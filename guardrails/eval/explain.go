package eval

import "github.com/orgrails/orgrails/guardrails/policy"

// A Truth is an answer of three-valued logic.
type Truth uint8

// The truths.
const (
	No Truth = iota
	Unknown
	Yes
)

// String is "no", "unknown" or "yes".
func (t Truth) String() string { return [...]string{"no", "unknown", "yes"}[t] }

// An Explanation is a Result with its reasons, from the root's policies to the
// session's.
type Explanation struct {
	Result
	Reasons []Reason
}

// A Reason is one statement that took part in a decision, or a place where a
// statement that allows was needed and none did.
type Reason struct {
	Layer     Layer
	Level     string        // id of the root, unit or account, for SCPs and RCPs
	Document  string        // name of the document
	Statement int           // index in its document; -1 where no statement is meant
	Sid       string        // of the statement, "" where it has none
	Effect    policy.Effect // of the statement; "" where no statement is meant
	Origin    string        // where the statement was asked for, "" where not known
	Matched   Truth         // whether the statement matches the request
	Decisive  bool          // the decision rests on it, or on one of several like it
	// Conditions are those of a statement whose action, resource and principal
	// match, in the order of their operators and keys.
	Conditions []Condition
	Text       string // the reason as a sentence
}

// A Condition is one operator and key of a statement, compared with a request.
type Condition struct {
	Operator string   // as the statement spells it
	Key      string   // as the statement spells it
	Policy   []string // values in the statement, variables as they stand
	Request  []string // values in the request; empty where the key is missing
	Held     Truth
}
