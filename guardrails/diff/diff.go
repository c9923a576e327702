// Package diff says how two plans differ, and what that does to access: which
// guardrails came, went, changed or moved, which documents are written anew,
// and which requests become newly denied or newly allowed in which accounts,
// with a request that shows each.
//
// What it says of access holds for every request there can be: each statement
// that came is compared, by guardrails/compare, with all that denied in the
// account before, and each that went with all that denies after. An answer is
// none only where every comparison has decided it. Nothing is read from AWS,
// and of a policy that waits for a boundary the final content counts.
package diff

import (
	"fmt"

	"github.com/orgrails/orgrails/guardrails"
)

// A Kind is what became of something from one plan to the other.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
	Moved   Kind = "moved"
	Renamed Kind = "renamed"
	Denied  Kind = "newly denied"
	Allowed Kind = "newly allowed"
)

// A Verdict says whether there is any request of a sort.
type Verdict string

// The verdicts.
const (
	None    Verdict = "none" // shown for every request there can be
	Some    Verdict = "some" // there is an example
	Unknown Verdict = "unknown"
)

// A Difference is how one plan differs from another. Its lists are sorted, and
// none is null.
type Difference struct {
	Before       string        `json:"before"` // digest
	After        string        `json:"after"`  // digest
	NewlyDenied  Verdict       `json:"newlyDenied"`
	NewlyAllowed Verdict       `json:"newlyAllowed"`
	Effects      []Effect      `json:"effects"`
	NotCompared  []NotCompared `json:"notCompared"`
	Guardrails   []Guardrail   `json:"guardrails"`
	Exceptions   []Exception   `json:"exceptions"`
	Documents    []Document    `json:"documents"`
	Accounts     []Account     `json:"accounts"`
	Others       []Other       `json:"others"`
}

// An Effect is what one statement newly denies, or no longer denies, or what a
// boundary does: sorted by Change, then Type and Sources.
type Effect struct {
	Change   Kind     `json:"change"` // Denied or Allowed
	Type     string   `json:"type"`
	Sources  []Source `json:"sources"`  // of the plan after where it denies, and of the one before where it denied
	Accounts []string `json:"accounts"` // keys
	// Request is one that shows it, in the first of Accounts; null where
	// Unknown says why it could not be decided.
	Request     *Request `json:"request"`
	ActionKnown bool     `json:"actionKnown"` // AWS's data has the action of Request
	Unknown     string   `json:"unknown"`
}

// A Source is a statement of a guardrail at a node, or a boundary.
type Source struct {
	Guardrail string `json:"guardrail"`
	Sid       string `json:"sid"`
	Policy    string `json:"policy"` // name
	Target    string `json:"target"` // reference; "" for a boundary
	Origin    string `json:"origin"`
}

// A Request is one call, as evaluate reads it.
type Request struct {
	Principal       string              `json:"principal"`
	Action          string              `json:"action"`
	Resource        string              `json:"resource"`
	ResourceAccount string              `json:"resourceAccount"`
	Context         map[string][]string `json:"context"`
}

// NotCompared is a change that may deny or allow something, and whose effect
// was not worked out.
type NotCompared struct {
	What     string `json:"what"`
	MayDeny  bool   `json:"mayDeny"`
	MayAllow bool   `json:"mayAllow"`
}

// A Guardrail is a change of the statements that one use of a guardrail has at
// one node.
type Guardrail struct {
	Change    Kind     `json:"change"`
	Type      string   `json:"type"`
	Guardrail string   `json:"guardrail"`
	Policy    string   `json:"policy"` // name of one that others manage; "" for the plan's own
	Target    string   `json:"target"` // reference
	From      string   `json:"from"`   // the node that it was moved from; ""
	Sids      []string `json:"sids"`
	Before    string   `json:"before"` // origin; "" where it was not there
	After     string   `json:"after"`
}

// An Exception is one that came, went or changed.
type Exception struct {
	Change    Kind   `json:"change"`
	Key       string `json:"key"`
	Guardrail string `json:"guardrail"`
	Expires   string `json:"expires"` // of the plan after, unless it was removed
	Origin    string `json:"origin"`
}

// A Document is a policy of Organizations that is made, deleted, written anew
// or attached elsewhere.
type Document struct {
	Change   Kind     `json:"change"` // Moved: only its attachments differ
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Was      string   `json:"was"`      // former name; ""
	Attached []string `json:"attached"` // nodes that it is newly attached to
	Detached []string `json:"detached"`
}

// An Account is one that came, went, was moved or has another key.
type Account struct {
	Change  Kind   `json:"change"`
	Account string `json:"account"`
	Was     string `json:"was"`  // former key; ""
	From    string `json:"from"` // parent: reference; "" where it was not there
	To      string `json:"to"`
}

// An Other is any other part of a plan that differs.
type Other struct {
	Change   Kind     `json:"change"`
	What     string   `json:"what"` // "unit", "boundary", "role", "trust of role", …
	Name     string   `json:"name"`
	Accounts []string `json:"accounts"` // keys; empty for what is in no account
}

// Options bound the work.
type Options struct {
	// Budget bounds each comparison, as that of guardrails/compare does; 0 is its default.
	Budget int
	// KnownActions leaves out actions that AWS's data does not have.
	KnownActions bool
}

// Diff says what after is to before. It fails on plans that their reader would
// have refused, and on those of two organizations.
func Diff(before, after *guardrails.Plan, o Options) (*Difference, error) {
	if b, a := before.IDs["organization"], after.IDs["organization"]; b != a && b != "" && a != "" {
		return nil, fmt.Errorf("the plans are of two organizations, %s and %s", b, a)
	}
	d := &Difference{
		Before: before.Digest(), After: after.Digest(),
		Effects: []Effect{}, NotCompared: []NotCompared{}, Guardrails: []Guardrail{}, Exceptions: []Exception{},
		Documents: []Document{}, Accounts: []Account{}, Others: []Other{},
	}
	w := &work{d: d, o: o, index: map[string]int{}}
	w.match(before, after)
	if err := w.elsewhere(); err != nil {
		return nil, err
	}
	for i := range w.sides {
		if err := w.read(&w.sides[i]); err != nil {
			return nil, err
		}
	}
	w.statements()
	if err := w.documents(); err != nil {
		return nil, err
	}
	w.accounts()
	w.exceptions()
	w.others()
	if err := w.baselines(); err != nil {
		return nil, err
	}
	w.access()
	w.unknowns()
	d.finish()
	return d, nil
}

// Same reports whether nothing differs but, perhaps, the lines that asked.
func (d *Difference) Same() bool {
	return len(d.Effects)+len(d.NotCompared)+len(d.Guardrails)+len(d.Exceptions)+len(d.Documents)+len(d.Accounts)+len(d.Others) == 0
}
