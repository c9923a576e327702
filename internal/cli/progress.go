package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/orgrails/orgrails/stacks/automation"
)

// A view shows how a deployment goes on. Events come one at a time; notes may
// come at any moment.
type view interface {
	event(automation.Event)
	note(line string)
	close()
}

// view chooses how progress is shown: JSON lines on standard output, a live
// view on a terminal, plain lines elsewhere.
func (c *Command) view(d *deployment) view {
	switch {
	case d.json:
		return &jsonLines{out: json.NewEncoder(c.Stdout), notes: c}
	case d.name != "adopt" && c.redraws(): // adopt asks in between
		return newLive(c.Stderr, d.name, c.look(c.Stderr).Color)
	}
	return &lines{verb: d.name, out: c.Stderr}
}

// jsonLines writes each event as one line of JSON.
type jsonLines struct {
	mu    sync.Mutex
	out   *json.Encoder
	notes *Command
}

func (j *jsonLines) event(e automation.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	_ = j.out.Encode(e) // the report, written last, says whether output still works
}

func (j *jsonLines) note(line string) { j.notes.notef("%s", line) }

func (j *jsonLines) close() {}

// lines writes what is worth a line of a log.
type lines struct {
	verb string
	mu   sync.Mutex
	out  io.Writer
}

func (l *lines) event(e automation.Event) {
	if s := sentence(l.verb, e); s != "" {
		l.note(s)
	}
}

func (l *lines) note(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.out, oneLine(line))
}

func (l *lines) close() {}

// sentence is an event of a verb as one line; "" for one that is not worth it.
func sentence(verb string, e automation.Event) string {
	stack := e.Stack
	if stack != "" {
		stack += ": "
	}
	switch e.Kind {
	case automation.Started:
		return stack + "started"
	case automation.Resource:
		o := e.Resource
		if o == nil || o.Op == "same" || o.Op == "read" {
			return ""
		}
		switch o.State {
		case "done":
			return fmt.Sprintf("%s%s %s", stack, word(o.Op), resource(e.Stack, *o))
		case "failed":
			return fmt.Sprintf("%snot %s: %s", stack, word(o.Op), resource(e.Stack, *o))
		}
		return ""
	case automation.Done:
		return strings.TrimSpace(stack + "done " + resources(verb, e.Counts, e.Duration))
	case automation.Failed, automation.Blocked:
		s := stack + string(e.Kind) + ": " + e.Message
		if verb == "preview" && e.Kind == automation.Blocked {
			return stack + "deferred: " + e.Message
		}
		if e.Problem != nil {
			s += " [" + e.Problem.Code + "]"
		}
		return s
	case automation.Warning:
		return stack + "warning: " + e.Message
	case automation.Recovered, automation.Retrying:
		return stack + string(e.Kind) + ": " + e.Message
	}
	return ""
}

// clock is a duration as a view shows it: 4s, 1m02s.
func clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}
