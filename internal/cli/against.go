package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/internal/revision"
)

// An against is what plan is asked to say of another plan.
type against struct {
	file   string
	live   liveFlags
	format *choice
	failOn *choice
}

func againstFlags(cmd *cobra.Command) *against {
	a := &against{
		format: &choice{allowed: []string{"text", "json", "markdown"}},
		failOn: &choice{allowed: []string{"newly-allowed", "newly-denied", "any"}},
	}
	cmd.Flags().StringVar(&a.file, "against", "", "say how the plan differs from this saved `plan`, from that of git:REV, or from what AWS has (live), and what that does to access")
	cmd.Flags().Var(a.format, "format", "how the difference is written (default text)")
	cmd.Flags().Var(a.failOn, "fail-on", "exit 1 where the difference has, or may have, this")
	a.live.add(cmd)
	return a
}

// check refuses flags that mean nothing beside each other.
func (a *against) check(cmd *cobra.Command) error {
	if err := exclusive(cmd, "json", "format"); err != nil {
		return err
	}
	if a.isLive() {
		return a.live.check()
	}
	for _, name := range []string{"max-age", "role", "trace"} {
		if cmd.Flags().Changed(name) {
			return &usageError{fmt.Sprintf("--%s belongs to --against live", name), "nothing else reads AWS here"}
		}
	}
	if rev, ok := a.revision(); ok {
		return usageOf(revision.Valid(rev))
	}
	if a.file != "" {
		return nil
	}
	for _, name := range []string{"against", "format", "fail-on"} {
		if !cmd.Flags().Changed(name) {
			continue
		}
		if name == "against" {
			return &usageError{"--against names no plan", "give one that was saved, as in --against plan.json, or a revision, as in --against git:main"}
		}
		return &usageError{fmt.Sprintf("--%s belongs to --against", name), "give what to compare with, too"}
	}
	return nil
}

// revision is the git revision to compare with, if it is one. A file whose name
// begins like that is ./git:…
func (a *against) revision() (string, bool) { return strings.CutPrefix(a.file, "git:") }

// isLive reports whether what AWS has is to be compared with. A file of that
// name is ./live.
func (a *against) isLive() bool { return a.file == "live" }

// before is the plan to compare with: one that was saved, or that of the
// organization file at a revision.
func (c *Command) before(ctx context.Context, a *against, args []string, asOf time.Time) (*guardrails.Plan, error) {
	if rev, ok := a.revision(); ok {
		return c.planAt(ctx, rev, args, asOf)
	}
	data, err := os.ReadFile(c.path(a.file))
	if err != nil {
		return nil, fmt.Errorf("read the plan to compare with: %w", err)
	}
	p, err := guardrails.Decode(data)
	if err != nil {
		return nil, &refusal{fmt.Sprintf("%s is no plan: %s", a.file, err), `make one with "orgrails plan -o plan.json"`}
	}
	return p, nil
}

// sameFile reports whether two paths lead to one file.
func (c *Command) sameFile(a, b string) bool {
	x, err := os.Stat(c.path(a))
	if err != nil {
		return false
	}
	y, err := os.Stat(c.path(b))
	return err == nil && os.SameFile(x, y)
}

// writeDifference says how a plan differs from the saved one.
func (c *Command) writeDifference(a *against, before, after *guardrails.Plan, asJSON bool) error {
	d, err := diff.Diff(before, after, diff.Options{})
	if err != nil {
		return &refusal{err.Error(), "compare plans of one organization"}
	}
	return c.tell(a, d, asJSON)
}

// tell writes a difference, and fails as it was asked to.
func (c *Command) tell(a *against, d *diff.Difference, asJSON bool) error {
	var err error
	switch {
	case asJSON || a.format.value == "json":
		err = render.DifferenceJSON(c.Stdout, d)
	case a.format.value == "markdown":
		err = render.DifferenceMarkdown(c.Stdout, d)
	default:
		err = render.DifferenceText(c.Stdout, d, c.look(c.Stdout))
	}
	if err != nil {
		return err
	}
	switch verdict := map[string]diff.Verdict{"newly-allowed": d.NewlyAllowed, "newly-denied": d.NewlyDenied}[a.failOn.value]; {
	case verdict == diff.Some || a.failOn.value == "any" && !d.Same():
		return errFindings
	case verdict == diff.Unknown:
		c.notef("what is %s is not known for all, which counts as %s", spaced[a.failOn.value], a.failOn.value)
		return errFindings
	}
	return nil
}

var spaced = map[string]string{"newly-allowed": "newly allowed", "newly-denied": "newly denied"}
