package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	awslive "github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks/automation"
)

// What moves is shown on the terminal before the question, and looked up only
// where somebody is asked or has said yes, and where accounts are placed.
func TestMovesComeBeforeTheQuestion(t *testing.T) {
	w := newWorld(t)
	looked := 0
	w.Drive.Moves = func(_ context.Context, p *guardrails.Plan, o automation.Options) (*automation.Moves, error) {
		looked++
		before, after := *p, *p
		before.Accounts, after.Accounts = nil, nil
		for _, a := range p.Accounts {
			if a.Key == "payments" {
				after.Accounts = append(after.Accounts, a)
				a.Parent = "root"
				before.Accounts = append(before.Accounts, a)
			}
		}
		return &automation.Moves{Accounts: []automation.Move{{Account: "payments", From: "root", To: "Workloads"}}, Before: &before, After: &after}, nil
	}
	w.exits(t, ExitUsage, "up")
	w.exits(t, ExitOK, "up", "--yes", "--stack", "policies")
	w.exits(t, ExitOK, "refresh")
	if looked > 0 {
		t.Fatalf("moves were looked up %d times", looked)
	}
	screen := w.onTerminal(t, "n\n", ExitFindings, "up")
	shown, asked := strings.Index(screen, "1 account moves to another unit"), strings.Index(screen, "up? [y/N]")
	if shown < 0 || asked < shown || len(w.drove) > 0 {
		t.Errorf("the terminal shows, having run %v:\n%s", w.drove, screen)
	}
	contains(t, "the terminal", screen, "1 account loses access.", "Nothing gains access.", "Newly denied", "protect-cloudtrail", "cloudtrail:DeleteTrail")
	w.exits(t, ExitOK, "preview", "--json")
	contains(t, "standard output", w.out.String(), `{"kind":"moves","accounts":[{"change":"moved","account":"payments"`, `"newlyDenied":"some","newlyAllowed":"none"`)
}

// Inviting asks on a terminal, and needs --yes elsewhere.
func TestInviteAsks(t *testing.T) {
	w := newWorld(t)
	sent := 0
	w.Drive.Invite = func(_ context.Context, _ *guardrails.Plan, _ automation.Options, in automation.Inviting) (*automation.Invited, error) {
		a := automation.Invited{Key: in.Account, ID: "444444444444"}
		if err := in.Confirm(a); err != nil {
			return nil, err
		}
		sent++
		a.Sent, a.Invitation = true, &awslive.Invitation{ID: "h-1"}
		return &a, nil
	}
	w.exits(t, ExitUsage, "account", "invite", "payments")
	w.exits(t, ExitUsage, "account", "invite")
	contains(t, "the terminal", w.onTerminal(t, "n\n", ExitFindings, "account", "invite", "payments"), "invite account payments (444444444444) to the organization? [y/N]", "nothing was changed")
	if sent > 0 {
		t.Fatal("an invitation was sent without being agreed to")
	}
	w.onTerminal(t, "y\n", ExitOK, "account", "invite", "payments")
	w.exits(t, ExitOK, "account", "invite", "payments", "--yes", "--json")
	contains(t, "standard output", w.out.String(), `"id":"444444444444"`, `"sent":true`)
	if sent != 2 {
		t.Errorf("%d invitations", sent)
	}
}
