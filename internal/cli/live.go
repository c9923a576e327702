package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/orgrails/orgrails/stacks/automation"
)

// A live shows a deployment on a terminal: the stacks that run, each with what it
// is at; what has ended scrolls away above them.
type live struct {
	program *tea.Program
	verb    string
	color   bool
	done    chan struct{}
	once    sync.Once
}

func newLive(out io.Writer, verb string, color bool) *live {
	l := &live{verb: verb, color: color, done: make(chan struct{})}
	m := &board{verb: verb, color: color, width: 80, height: 24, begun: time.Now(), now: time.Now(), running: map[string]*lane{}}
	// Without input the terminal stays as it is, so that an interrupt is a
	// signal, which drive sees to.
	l.program = tea.NewProgram(m, tea.WithOutput(out), tea.WithInput(nil), tea.WithoutSignalHandler())
	go func() {
		defer close(l.done)
		_, _ = l.program.Run() // a terminal that is gone ends the view, not the deployment
	}()
	return l
}

func (l *live) event(e automation.Event) {
	if line := staying(l.verb, e, l.color); line != "" {
		l.stay(line)
	}
	l.program.Send(e)
}

func (l *live) note(line string) { l.stay(oneLine(line)) }

// stay writes a line above the view. Sent as a message and not returned as a
// command, it keeps its place among the others.
func (l *live) stay(line string) { l.program.Send(tea.Println(line)()) }

func (l *live) close() {
	l.once.Do(func() {
		l.program.Send(endMsg{})
		<-l.done
	})
}

type (
	endMsg  struct{}
	tickMsg time.Time
)

// A lane is one running stack.
type lane struct {
	begun   time.Time
	changed int
	now     string // the resource that it is at
}

// A board is the state of the live view.
type board struct {
	verb          string
	color         bool
	width, height int
	begun, now    time.Time
	frame         int
	queued, ended int
	changed       int
	order         []string // running stacks, in the order they began
	running       map[string]*lane
	names         int // columns of the longest name so far
	over          bool
}

const tick = 120 * time.Millisecond

func next() tea.Cmd { return tea.Tick(tick, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Init implements [tea.Model].
func (b *board) Init() tea.Cmd { return next() }

// Update implements [tea.Model].
func (b *board) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		b.width, b.height = msg.Width, msg.Height
	case tickMsg:
		b.frame++
		b.now = time.Time(msg)
		return b, next()
	case endMsg:
		b.over = true
		return b, tea.Quit
	case automation.Event:
		b.event(msg)
	}
	return b, nil
}

// event takes an event in.
func (b *board) event(e automation.Event) {
	b.now = time.Now()
	switch e.Kind {
	case automation.Queued:
		b.queued++
	case automation.Started:
		if b.running[e.Stack] == nil {
			b.running[e.Stack] = &lane{begun: b.now}
			b.order = append(b.order, e.Stack)
			b.names = max(b.names, len(e.Stack))
		}
	case automation.Resource:
		l, o := b.running[e.Stack], e.Resource
		if l == nil || o == nil || o.Op == "same" || o.Op == "read" {
			return
		}
		l.now = resource(e.Stack, *o)
		if o.State == "done" {
			l.changed++
			b.changed++
		}
	case automation.Skipped, automation.Done, automation.Failed, automation.Blocked:
		b.end(e.Stack)
	}
}

func (b *board) end(stack string) {
	b.ended++
	if b.running[stack] == nil {
		return
	}
	delete(b.running, stack)
	for i, name := range b.order {
		if name == stack {
			b.order = append(b.order[:i:i], b.order[i+1:]...)
			return
		}
	}
}

// staying is the line that stays of an event above the view; "" for none.
func staying(verb string, e automation.Event, color bool) string {
	mark, paint := "!", yellow
	switch e.Kind {
	case automation.Done:
		mark, paint = "✓", green
	case automation.Failed:
		mark, paint = "✗", red
	case automation.Blocked, automation.Warning, automation.Recovered, automation.Retrying:
	default:
		return ""
	}
	return colored(color, paint, mark) + " " + oneLine(sentence(verb, e))
}

// A terminal's colours.
const (
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func colored(color bool, code, s string) string {
	if !color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

var frames = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// View implements [tea.Model].
func (b *board) View() string {
	if b.over {
		return ""
	}
	var out []string
	room := max(b.height-2, 1)
	for i, name := range b.order {
		if i == room && len(b.order) > room {
			out = append(out, ansi.Truncate(fmt.Sprintf("  and %d more", len(b.order)-room), b.width-1, "…"))
			break
		}
		l := b.running[name]
		spin := colored(b.color, cyan, string(frames[b.frame%len(frames)]))
		line := fmt.Sprintf("%s %-*s %6s", spin, b.names, name, clock(b.now.Sub(l.begun)))
		if l.changed > 0 {
			line += fmt.Sprintf("  %d changed", l.changed)
		}
		if l.now != "" {
			line += "  " + l.now
		}
		out = append(out, ansi.Truncate(line, b.width-1, "…"))
	}
	total := fmt.Sprintf("%s: %d of %d stacks, %d changed, %s", b.verb, b.ended, max(b.queued, b.ended), b.changed, clock(b.now.Sub(b.begun)))
	if b.queued+b.ended == 0 {
		total = fmt.Sprintf("%s: looking at what is there, %s", b.verb, clock(b.now.Sub(b.begun)))
	}
	out = append(out, ansi.Truncate(colored(b.color, faint, total), b.width-1, "…"))
	return strings.Join(out, "\n")
}
