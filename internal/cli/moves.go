package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

// MovesFunc finds the accounts that a deployment would move; nil where there are none.
type MovesFunc func(context.Context, *guardrails.Plan, automation.Options) (*automation.Moves, error)

// moves shows what becomes newly denied and newly allowed in the accounts that
// up moves to another unit, with a request for each, before it moves them.
func (c *Command) moves(ctx context.Context, d *deployment, p *guardrails.Plan) error {
	organization := len(d.options.Only) == 0 || slices.Contains(d.options.Only, "organization")
	if d.name != "up" && d.name != "preview" || c.Drive.Moves == nil || !organization {
		return nil
	}
	m, err := c.Drive.Moves(ctx, p, d.options)
	if err != nil || m == nil {
		return err
	}
	effect, err := diff.Diff(m.Before, m.After, diff.Options{})
	if err != nil { // which is no reason not to deploy
		c.notef("what moving %s does to access cannot be worked out: %s", many(m.Accounts), err)
		return nil
	}
	if d.json {
		return json.NewEncoder(c.Stdout).Encode(struct {
			Kind         string             `json:"kind"`
			Accounts     []diff.Account     `json:"accounts"`
			NewlyDenied  diff.Verdict       `json:"newlyDenied"`
			NewlyAllowed diff.Verdict       `json:"newlyAllowed"`
			Effects      []diff.Effect      `json:"effects"`
			NotCompared  []diff.NotCompared `json:"notCompared"`
		}{"moves", effect.Accounts, effect.NewlyDenied, effect.NewlyAllowed, effect.Effects, effect.NotCompared})
	}
	w := c.Stderr
	if d.name == "preview" {
		w = c.Stdout
	}
	noun := "account moves"
	if len(m.Accounts) > 1 {
		noun = "accounts move"
	}
	fmt.Fprintf(w, "%d %s to another unit. There:\n", len(m.Accounts), noun)
	if err := render.Moves(w, effect, c.look(w)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w)
	return err
}

// many are the keys of accounts that move.
func many(list []automation.Move) string {
	var keys []string
	for _, m := range list {
		keys = append(keys, m.Account)
	}
	return strings.Join(keys[:min(5, len(keys))], ", ") + more(len(keys)-5)
}
