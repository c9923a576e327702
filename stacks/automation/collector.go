package automation

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/stacks"
)

// A collector follows the engine's events of one operation.
type collector struct {
	d       *driver
	stack   string
	preview bool

	mu       sync.Mutex
	counts   Counts
	changes  []Operation
	failed   []failedOperation
	warnings []string
	errors   []string
	said     map[string]string // errors by URN
	outputs  stacks.Outputs
	seen     map[string]bool // operations that have been counted
}

// failedOperation is an operation that AWS, or the way to it, did not answer well.
type failedOperation struct {
	Operation
	URN    string
	Inputs map[string]any
	Error  string // what was said of it; "" when nothing was
}

func newCollector(d *driver, stack string, preview bool) *collector {
	return &collector{d: d, stack: stack, preview: preview, counts: Counts{}, outputs: stacks.Outputs{}, seen: map[string]bool{}, said: map[string]string{}}
}

// follow returns a channel for events, and a function that waits until those
// that have come are dealt with.
func (c *collector) follow() (chan<- events.EngineEvent, func()) {
	ch := make(chan events.EngineEvent, 1024)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case e, ok := <-ch:
				if !ok {
					return
				}
				c.take(e)
			case <-stop:
				for { // the CLI never closed the stream
					select {
					case e, ok := <-ch:
						if !ok {
							return
						}
						c.take(e)
					default:
						return
					}
				}
			}
		}
	}()
	return ch, func() {
		close(stop)
		<-done
		for i := range c.failed {
			c.failed[i].Error = c.said[c.failed[i].URN]
		}
	}
}

func (c *collector) take(e events.EngineEvent) {
	switch {
	case e.Error != nil:
	case e.DiagnosticEvent != nil:
		c.diagnostic(e.DiagnosticEvent.Severity, e.DiagnosticEvent.URN, e.DiagnosticEvent.Message)
	case e.ResourcePreEvent != nil:
		c.operation(e.ResourcePreEvent.Metadata, "started")
	case e.ResOutputsEvent != nil:
		c.operation(e.ResOutputsEvent.Metadata, "done")
	case e.ResOpFailedEvent != nil:
		c.operation(e.ResOpFailedEvent.Metadata, "failed")
	}
}

func (c *collector) diagnostic(severity, urn, message string) {
	message = strings.TrimSpace(plain(message))
	if message == "" {
		return
	}
	switch severity {
	case "warning":
		if ignoredWarning(message) {
			return
		}
		c.mu.Lock()
		repeated := slices.Contains(c.warnings, message)
		if !repeated {
			c.warnings = append(c.warnings, message)
		}
		c.mu.Unlock()
		if !repeated {
			c.d.emit(Event{Kind: Warning, Stack: c.stack, Message: message})
		}
	case "error":
		c.mu.Lock()
		c.errors = append(c.errors, message)
		c.said[urn] += message
		c.mu.Unlock()
	}
}

// operation notes one step. The parts of a replacement are told as one.
func (c *collector) operation(m apitype.StepEventMetadata, state string) {
	if m.Type == "pulumi:pulumi:Stack" {
		if m.New != nil && state == "done" && len(m.New.Outputs) > 0 {
			c.mu.Lock()
			c.outputs = m.New.Outputs
			c.mu.Unlock()
		}
		return
	}
	if strings.HasPrefix(m.Type, "pulumi:") || strings.HasPrefix(m.Type, "orgrails:") {
		return
	}
	op := Operation{Name: m.URN[strings.LastIndex(m.URN, "::")+2:], Type: m.Type, Op: string(m.Op), State: state, Diffs: m.Diffs}
	if st := cmp.Or(m.New, m.Old); st != nil {
		op.ID = st.ID
	}
	if c.preview && c.d.command == "adopt" {
		op.Why = explain(m)
	}
	switch m.Op {
	case apitype.OpCreateReplacement, apitype.OpDeleteReplaced, apitype.OpDiscardReplaced, apitype.OpReadDiscard:
		if state != "failed" {
			return
		}
	case apitype.OpDelete:
		if m.Old != nil && m.Old.RetainOnDelete {
			op.Op = "retain"
		}
	case apitype.OpRefresh:
		op.Op = string(apitype.OpSame)
		if m.New != nil && m.Old != nil && len(m.DetailedDiff) > 0 {
			op.Op = string(apitype.OpUpdate)
		}
	}
	c.note(op, m)
}

func (c *collector) note(op Operation, m apitype.StepEventMetadata) {
	if c.preview && op.State == "done" {
		op.State = "planned"
	}
	c.mu.Lock()
	switch op.State {
	case "done", "planned":
		if key := op.Op + " " + m.URN; !c.seen[key] {
			c.seen[key] = true
			c.counts[op.Op]++
			if op.Op != string(apitype.OpSame) {
				c.changes = append(c.changes, op)
			}
		}
	case "failed":
		f := failedOperation{Operation: op, URN: m.URN}
		if m.New != nil {
			f.Inputs = m.New.Inputs
		}
		c.failed = append(c.failed, f)
	}
	c.mu.Unlock()
	if op.Op != string(apitype.OpSame) {
		c.d.emit(Event{Kind: Resource, Stack: c.stack, Resource: &op})
	}
}

// failure makes the CLI's error one of ours.
func (c *collector) failure(err error) error {
	if err == nil {
		return nil
	}
	if auto.IsConcurrentUpdateError(err) {
		return &lockedError{text: err.Error()}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	text := "pulumi gave no reason"
	if f := firstError(err); f != nil {
		text = f.Error()
	}
	for _, e := range c.errors {
		if !summaryOnly(e) {
			text = e
			break
		}
	}
	return &Problem{Code: "GR419", Summary: shorten(text), Hint: hintFor(text), Err: nil}
}

// summaryOnly are errors that only say that there was another.
func summaryOnly(text string) bool {
	return text == "update failed" || text == "preview failed" || strings.HasPrefix(text, "update failed") ||
		strings.Contains(text, "an unhandled error occurred") && !strings.Contains(text, "\n")
}

// shorten takes the engine's dressing off a message: the count of errors, the
// list mark and the name of the provider's verb.
func shorten(text string) string {
	var lines []string
	for _, l := range strings.Split(plain(text), "\n") {
		l = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "* "))
		if l == "" || counted.MatchString(l) {
			continue
		}
		lines = append(lines, l)
	}
	return strings.Join(lines, " ")
}

var (
	counted = regexp.MustCompile(`^\d+ errors? occurred:$`)
	colours = regexp.MustCompile(`<\{%[^%]*%\}>|\x1b\[[0-9;]*m`)
)

// plain takes colours out of a message.
func plain(text string) string { return colours.ReplaceAllString(text, "") }

// ignoredWarning says that a warning of the CLI is about Pulumi, not about the
// organization.
func ignoredWarning(text string) bool {
	for _, code := range []string{"[GR428]", "[GR429]"} { // said of the account's own stack
		if strings.HasSuffix(text, code) {
			return true
		}
	}
	return strings.Contains(text, "using pulumi-resource-") || strings.Contains(text, "pending CREATE operations") ||
		strings.Contains(text, "Attempting to deploy or update resources with")
}

// add takes in what an earlier try of the same stack did.
func (c *collector) add(earlier *collector) {
	if earlier == nil {
		return
	}
	for op, n := range earlier.counts {
		if op != string(apitype.OpSame) {
			c.counts[op] += n
		}
	}
	c.changes = append(earlier.changes, c.changes...)
	for _, w := range earlier.warnings {
		if !slices.Contains(c.warnings, w) {
			c.warnings = append(c.warnings, w)
		}
	}
}
