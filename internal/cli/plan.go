package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks"
)

func (c *Command) plan() *cobra.Command {
	var at instant
	var asJSON bool
	var out string
	var other *against
	var accept *[]string
	cmd := &cobra.Command{
		Use:   "plan [file]",
		Short: "Show what will be in place",
		Long: `Makes the plan of an organization file: everything that will be in place, where,
and which line asked for it. Without --against live neither AWS nor the network is used. The plan is the
same, byte for byte, for the same file at the same --as-of; its digest names it.

With --against it says how the plan differs from one that was saved, from that of
the file at a git revision, or from what AWS has now (which it reads, and never
changes): which requests become newly denied and newly allowed, in
which accounts, with one that shows each, and which guardrails, documents, accounts
and roles changed. "Nothing loses access" is said only where it holds for every
request there can be.`,
		Example: `  orgrails plan
  orgrails plan -o plan.json
  orgrails plan --json | jq '.policies[].name'
  orgrails plan --against plan.json --fail-on newly-allowed
  orgrails plan --against git:origin/main --format markdown
  orgrails plan --against live`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("output") && out == "" {
				return &usageError{"--output names no file", "give one, as in -o plan.json"}
			}
			if err := other.check(cmd); err != nil {
				return err
			}
			asOf := c.at(at)
			var before *guardrails.Plan
			if other.file != "" && !other.isLive() {
				var err error
				if before, err = c.before(cmd.Context(), other, args, asOf); err != nil {
					return err
				}
				if out != "" && c.sameFile(out, other.file) {
					return &usageError{fmt.Sprintf("%s is what the plan is compared with", out), "write the plan to another file, as in -o after.json"}
				}
			}
			r, err := c.mustCompile(args, asOf, *accept...)
			if err != nil {
				return err
			}
			if out != "" {
				if err := c.writePlan(r, out); err != nil {
					return err
				}
			}
			switch {
			case other.isLive():
				err = c.againstLive(cmd.Context(), other, r, asJSON)
			case before != nil:
				err = c.writeDifference(other, before, r.plan, asJSON)
				if lost := c.provedOver(r, before, asOf, func(*proof.Loss) bool { return true }); lost != nil {
					err = lost
				}
			case asJSON:
				_, err = c.Stdout.Write(guardrails.Encode(r.plan))
			case out == "":
				err = render.PlanText(c.Stdout, r.plan, r.file.Organization.Quotas, c.planLook(r))
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the plan to this `file`, as --json prints it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the plan, or the difference, as JSON")
	other = againstFlags(cmd)
	asOfFlag(cmd, &at)
	accept = acceptFlag(cmd)
	return c.traced(cmd, other.check)
}

// writePlan writes the plan to a file, which may be none that it was made from.
func (c *Command) writePlan(r *compiled, out string) error {
	path := c.path(out)
	inputs := append(slices.Sorted(maps.Keys(r.file.Sources)), r.path, filepath.Join(filepath.Dir(r.path), config.LockFile))
	if target, err := os.Stat(path); err == nil {
		for _, input := range inputs {
			if info, err := os.Stat(input); err == nil && os.SameFile(target, info) {
				return &usageError{fmt.Sprintf("%s is what the plan is made from", out), "write the plan to another file, as in -o plan.json"}
			}
		}
	}
	if err := writeFile(path, guardrails.Encode(r.plan)); err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			pe.Path = out // and not that of the file that was to become it
		}
		return fmt.Errorf("write the plan: %w", err)
	}
	c.notef("wrote %s, %s", out, r.plan.Digest())
	return nil
}

// planLook is how a plan is laid out on standard output, its stacks and what
// the proof came to included.
func (c *Command) planLook(r *compiled) render.Options {
	opts := c.look(c.Stdout)
	for _, s := range stacks.List(r.plan) {
		opts.Stacks = append(opts.Stacks, render.Stack{Name: s.Name, Kind: string(s.Kind)})
	}
	opts.Proof = proved(r.proof)
	return opts
}

// proved is what a proof came to, in numbers.
func proved(r *proof.Result) *render.Proof {
	if r == nil {
		return nil
	}
	p := &render.Proof{Accounts: r.Accounts, Requests: r.Requests}
	ids := map[string]bool{}
	for _, l := range r.Lost {
		if l.Accepted {
			ids[l.ID] = true
		} else {
			p.Lost = append(p.Lost, l.ID)
		}
	}
	p.Accepted = slices.Sorted(maps.Keys(ids))
	keys := map[string]bool{}
	for _, l := range r.InDoubt {
		p.InDoubt++
		for _, k := range l.DependsOn {
			keys[k] = true
		}
	}
	p.DependOn = slices.Sorted(maps.Keys(keys))
	slices.Sort(p.Lost)
	p.Lost = slices.Compact(p.Lost)
	return p
}
