package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/orgrails/orgrails/stacks/automation"
)

// run is what a deployment of two stacks tells.
func run() []automation.Event {
	op := func(op, state string) *automation.Operation {
		return &automation.Operation{Name: "organization-unit-Work\x1bloads", Type: "aws:organizations/organizationalUnit:OrganizationalUnit", Op: op, State: state}
	}
	return []automation.Event{
		{Kind: automation.Queued, Stack: "organization"},
		{Kind: automation.Queued, Stack: "account-payments"},
		{Kind: automation.Queued, Stack: "policies"},
		{Kind: automation.Recovered, Stack: "organization", Message: "the lock of a run that died was released"},
		{Kind: automation.Started, Stack: "organization"},
		{Kind: automation.Resource, Stack: "organization", Resource: op("create", "started")},
		{Kind: automation.Resource, Stack: "organization", Resource: op("create", "done")},
		{Kind: automation.Resource, Stack: "organization", Resource: op("same", "done")},
		{Kind: automation.Resource, Stack: "organization", Resource: op("update", "failed")},
		{Kind: automation.Warning, Stack: "organization", Message: "an account left the file"},
		{Kind: automation.Done, Stack: "organization", Counts: automation.Counts{"create": 1, "import": 2, "same": 4}, Duration: 2500 * time.Millisecond},
		{Kind: automation.Skipped, Stack: "account-payments"},
		{Kind: automation.Started, Stack: "policies"},
		{Kind: automation.Failed, Stack: "policies", Message: "AWS refused", Problem: &automation.Problem{Code: "GR499", Summary: "AWS refused"}},
	}
}

func TestLines(t *testing.T) {
	var b bytes.Buffer
	l := &lines{out: &b}
	for _, e := range run() {
		l.event(e)
	}
	l.note("a note")
	l.close()
	want := `organization: recovered: the lock of a run that died was released
organization: started
organization: created organizational unit Work\x1bloads
organization: not updated: organizational unit Work\x1bloads
organization: warning: an account left the file
organization: done 1 created, 2 imported (2.5s)
policies: started
policies: failed: AWS refused [GR499]
a note
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

func TestJSONLines(t *testing.T) {
	var out, notes bytes.Buffer
	j := &jsonLines{out: json.NewEncoder(&out), notes: &Command{Stderr: &notes}}
	for _, e := range run() {
		j.event(e)
	}
	j.note("a note")
	dec := json.NewDecoder(&out)
	for i, want := range run() {
		var got automation.Event
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Kind != want.Kind || got.Stack != want.Stack {
			t.Errorf("event %d is %s of %s", i, got.Kind, got.Stack)
		}
	}
	if notes.String() != "orgrails: a note\n" {
		t.Errorf("%q", notes.String())
	}
}

func TestBoard(t *testing.T) {
	b := &board{verb: "up", width: 80, height: 10, begun: time.Now(), running: map[string]*lane{}}
	var stayed []string
	shown := map[int]string{}
	for i, e := range run() {
		b.event(e)
		if line := staying("up", e, false); line != "" {
			stayed = append(stayed, line)
		}
		shown[i] = b.View()
	}
	want := `! organization: recovered: the lock of a run that died was released
! organization: warning: an account left the file
✓ organization: done 1 created, 2 imported (2.5s)
✗ policies: failed: AWS refused [GR499]`
	if got := strings.Join(stayed, "\n"); got != want {
		t.Errorf("stays:\n%s", got)
	}
	if got := shown[6]; !strings.Contains(got, `organization     0s  1 changed  organizational unit Work\x1bloads`) || !strings.Contains(got, "up: 0 of 3 stacks, 1 changed, 0s") {
		t.Errorf("while it runs:\n%s", got)
	}
	if got := shown[len(run())-1]; got != "up: 3 of 3 stacks, 1 changed, 0s" {
		t.Errorf("at the end:\n%s", got)
	}
}

// However small the terminal is, and however many stacks run, it fits.
func TestBoardFits(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 10}, {20, 4}, {5, 2}, {1, 1}, {0, 0}} {
		b := &board{verb: "up", color: true, begun: time.Now(), running: map[string]*lane{}}
		b.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for i := range 30 {
			b.event(automation.Event{Kind: automation.Started, Stack: fmt.Sprintf("account-with-a-long-name-%d", i)})
			b.event(automation.Event{Kind: automation.Resource, Stack: fmt.Sprintf("account-with-a-long-name-%d", i),
				Resource: &automation.Operation{Name: strings.Repeat("日本", 30), Type: "aws:iam/role:Role", Op: "create", State: "started"}})
		}
		lines := strings.Split(b.View(), "\n")
		if len(lines) > max(size[1], 3) {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if w := ansi.StringWidth(l); w > max(size[0]-1, 1) {
				t.Errorf("%v: %d columns: %q", size, w, l)
			}
		}
	}
}

func TestLiveEnds(t *testing.T) {
	var b bytes.Buffer
	l := newLive(&b, "up", false)
	for _, e := range run() {
		l.event(e)
	}
	l.note("a note")
	ended := make(chan struct{})
	go func() { l.close(); l.close(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the view does not end")
	}
	at := 0
	for _, want := range []string{"! organization: recovered", "! organization: warning", "✓ organization: done", "✗ policies: failed", "a note"} {
		i := strings.Index(b.String()[at:], want)
		if i < 0 {
			t.Fatalf("%q is not in its place in\n%q", want, b.String())
		}
		at += i
	}
	l.event(automation.Event{Kind: automation.Warning}) // after the end it is dropped
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 59 * time.Second: "59s", 62 * time.Second: "1m02s", 3600 * time.Second: "60m00s"} {
		if got := clock(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}
