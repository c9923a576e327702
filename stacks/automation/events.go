package automation

import (
	"time"

	"github.com/orgrails/orgrails/stacks"
)

// An EventKind says what an [Event] is about.
type EventKind string

// The kinds of events. Each stack begins with Queued and ends with exactly one
// of Skipped, Done, Failed and Blocked. The organization does so twice where
// accounts wait that are then moved.
const (
	Queued    EventKind = "queued"    // the stack is part of the run
	Started   EventKind = "started"   // Pulumi runs for it
	Resource  EventKind = "resource"  // one resource: see Operation
	Warning   EventKind = "warning"   // Message is for the user
	Recovered EventKind = "recovered" // something that a run which died left behind was put right
	Retrying  EventKind = "retrying"  // the stack failed and is tried again
	Skipped   EventKind = "skipped"   // it is as the plan says
	Done      EventKind = "done"      // it is now
	Failed    EventKind = "failed"    // it is not: Message says why
	Blocked   EventKind = "blocked"   // it was not tried, because of another stack or an interruption
)

// An Event is one thing that happened. Events of one run come one at a time.
type Event struct {
	Time     time.Time     `json:"time"`
	Kind     EventKind     `json:"kind"`
	Stack    string        `json:"stack,omitempty"`   // "" for the run as a whole
	Message  string        `json:"message,omitempty"` // lower case, without a full stop
	Resource *Operation    `json:"resource,omitempty"`
	Counts   Counts        `json:"counts,omitempty"` // of the stack, with Done and Failed
	Duration time.Duration `json:"duration,omitempty"`
	Problem  *Problem      `json:"problem,omitempty"`
}

// An Operation is what is done, or would be, with one resource.
type Operation struct {
	Name  string   `json:"name"` // logical name
	Type  string   `json:"type"` // Pulumi type: aws:iam/role:Role
	ID    string   `json:"id,omitempty"`
	Op    string   `json:"op"`              // Pulumi's word: create, update, delete, replace, import, same, …
	State string   `json:"state"`           // started, done, failed, planned
	Diffs []string `json:"diffs,omitempty"` // properties that differ
	Why   string   `json:"why,omitempty"`   // of adopt: why the change is left to be made
}

// Counts are numbers of resources by operation: components and providers are
// not counted. The keys are create, update, delete, replace, import, retain and same.
type Counts map[string]int

// Changes is the number of resources that are not as they were.
func (c Counts) Changes() int {
	n := 0
	for op, k := range c {
		if op != "same" && op != "read" {
			n += k
		}
	}
	return n
}

// A Result says what became of a stack.
type Result string

// The results.
const (
	ResultSkipped   Result = "skipped"   // as the plan says already: not run
	ResultUnchanged Result = "unchanged" // run, and nothing had to change
	ResultChanged   Result = "changed"   // run, and changed (in a preview: would change)
	ResultFailed    Result = "failed"
	ResultRefused   Result = "refused"  // it would do what a deployment must not do; nothing was written
	ResultBlocked   Result = "blocked"  // not tried: another stack failed, or the run was interrupted
	ResultDeferred  Result = "deferred" // preview only: it needs what does not exist yet
	ResultRemoved   Result = "removed"  // taken away, and its state with it
	ResultLeft      Result = "left"     // its account left the file; nothing was done
	ResultAbsent    Result = "absent"   // its account is closed or no member; nothing was done
)

// A Report is the outcome of a run.
type Report struct {
	Command  string        `json:"command"` // preview, up, refresh, destroy, adopt
	Stacks   []StackReport `json:"stacks"`  // in the order they are deployed
	Duration time.Duration `json:"duration"`
}

// A StackReport is the outcome of one stack.
type StackReport struct {
	Stack    stacks.Stack   `json:"stack"`
	Result   Result         `json:"result"`
	Counts   Counts         `json:"counts"`
	Changes  []Operation    `json:"changes"` // resources that changed, sorted by name; of adopt, that up would change
	Adopted  int            `json:"adopted,omitempty"`
	Warnings []string       `json:"warnings"`
	Problem  *Problem       `json:"problem,omitempty"` // for failed, refused, blocked, deferred, left and absent
	Duration time.Duration  `json:"duration"`
	Outputs  stacks.Outputs `json:"outputs,omitempty"` // of up
}

// Clean says that every stack is as it should be after the run.
func (r *Report) Clean() bool {
	for _, s := range r.Stacks {
		switch s.Result {
		case ResultFailed, ResultRefused, ResultBlocked:
			return false
		}
	}
	return true
}

// Changes is the number of resources that changed, in all stacks.
func (r *Report) Changes() int {
	n := 0
	for _, s := range r.Stacks {
		n += s.Counts.Changes()
	}
	return n
}
