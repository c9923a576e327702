package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks/automation"
)

// closes makes the world close accounts, and returns those that were.
func (w *world) closes() *[]string {
	var closed []string
	w.Drive.Close = func(_ context.Context, _ *guardrails.Plan, _ automation.Options, c automation.Closing) (*automation.Closed, error) {
		a := automation.Closed{Key: "payments", ID: "444444444444", Name: "Pay\x1b[31m", Email: "pay@acme.example", Before: "ACTIVE", InFile: true}
		if err := c.Confirm(a); err != nil {
			return nil, err
		}
		closed = append(closed, a.ID)
		return &a, nil
	}
	return &closed
}

func TestAccountIsTypedAgain(t *testing.T) {
	w := newWorld(t)
	closed := w.closes()
	for _, answer := range []string{"y\n", "payments\n", "\n", "444444444445\n"} {
		screen := w.onTerminal(t, answer, ExitFindings, "account", "close", "payments")
		contains(t, "the terminal", screen, "Type the account's id again to close it:", "pay@acme.example", "nothing was changed")
		if strings.Contains(screen, "\x1b[31m") {
			t.Error("a name from AWS is shown as it is")
		}
	}
	if len(*closed) > 0 {
		t.Fatalf("closed without its id: %v", *closed)
	}
	w.onTerminal(t, "444444444444\n", ExitOK, "account", "close", "payments")
	if len(*closed) != 1 {
		t.Error("it was not closed")
	}
	contains(t, "standard output", w.out.String(), "AWS Support can open it again until 2027-02-20", "take account payments out of the file")
}

func TestAccountConfirmed(t *testing.T) {
	w := newWorld(t)
	closed := w.closes()
	w.exits(t, ExitUsage, "account", "close", "payments")
	contains(t, "standard error", w.errors.String(), "there is no terminal to ask on", "with --confirm")
	w.exits(t, ExitUsage, "account", "close", "payments", "--confirm", "payments")
	if len(*closed) > 0 {
		t.Fatal("closed without its id")
	}
	w.exits(t, ExitOK, "account", "close", "payments", "--confirm", "444444444444", "--json")
	contains(t, "standard output", w.out.String(), `"id":"444444444444"`)
	if len(*closed) != 1 {
		t.Error("it was not closed")
	}
}

func TestAdoptAsks(t *testing.T) {
	w := newWorld(t)
	survey := &automation.Survey{Stacks: []automation.StackSurvey{
		{Things: []automation.Thing{{Name: "organization-unit-A\x1b[31m", Type: "aws:organizations/organizationalUnit:OrganizationalUnit", ID: "ou-1", Standing: automation.ThingFound}}},
		{Problem: &automation.Problem{Code: "GR407", Summary: "account a: the role cannot be assumed"}},
	}}
	adopted := 0
	w.Drive.Adopt = func(_ context.Context, _ *guardrails.Plan, o automation.Options) (*automation.Report, error) {
		if err := o.Agree(survey); err != nil {
			return nil, err
		}
		adopted++
		return &automation.Report{Command: "adopt"}, nil
	}
	w.exits(t, ExitUsage, "adopt")
	contains(t, "standard error", w.errors.String(), "ou-1 as ", "left out: account a: the role cannot be assumed", "give --yes")
	w.onTerminal(t, "n\n", ExitFindings, "adopt")
	if adopted > 0 {
		t.Fatal("adopted without a yes")
	}
	w.exits(t, ExitOK, "adopt", "--yes")
	if strings.Contains(w.errors.String(), "\x1b[31m") {
		t.Error("a name from AWS is shown as it is")
	}
	w.onTerminal(t, "y\n", ExitOK, "adopt")
	if adopted != 2 {
		t.Errorf("adopted %d times, want 2", adopted)
	}
	survey.Stacks = survey.Stacks[1:] // nothing to ask about
	w.exits(t, ExitOK, "adopt")
	w.exits(t, ExitOK, "adopt", "--json")
	contains(t, "standard output", w.out.String(), `{"kind":"survey",`, `"kind":"report"`)
}
