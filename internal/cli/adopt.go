package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

func (c *Command) adopt() *cobra.Command {
	d := &deployment{name: "adopt", run: c.Drive.Adopt}
	cmd := c.driving(d, &cobra.Command{
		Use:   "adopt [file]",
		Short: "Take what exists in AWS, and what the plan describes, under management",
		Long: `Looks up everything that the plan has, by its name or its id, and shows what exists,
in which stack and under which logical name, and what does not. Then it takes what
exists into Pulumi's state, and says of each stack what up would still change, and
why. It writes to the state and to nothing in AWS.

What the state has already is left alone, so that running it again does no harm.
What the plan does not have is not adopted.`,
		Example: `  orgrails adopt
  orgrails adopt --yes --json
  orgrails adopt --stack policies --yes`,
	})
	cmd.Flags().BoolVarP(&d.yes, "yes", "y", false, "go on without being asked")
	return cmd
}

// agree shows what was found, and asks.
func (c *Command) agree(d *deployment, s *automation.Survey) error {
	if d.json {
		line := struct {
			Kind   string             `json:"kind"`
			Survey *automation.Survey `json:"survey"`
		}{"survey", s}
		if err := json.NewEncoder(c.Stdout).Encode(line); err != nil {
			return err
		}
	} else {
		c.survey(s)
	}
	if d.yes || s.Count(automation.ThingFound) == 0 {
		return nil
	}
	return c.confirm(fmt.Sprintf("adopt %s into the state?", count(s.Count(automation.ThingFound), "thing")))
}

// survey lists what is found and what is not, stack by stack.
func (c *Command) survey(s *automation.Survey) {
	for _, st := range s.Stacks {
		found, managed, absent := st.Count(automation.ThingFound), st.Count(automation.ThingManaged), st.Count(automation.ThingAbsent)
		if st.Problem != nil {
			fmt.Fprintf(c.Stderr, "%s: left out: %s\n", st.Stack.Name, oneLine(st.Problem.Summary))
			continue
		}
		if len(st.Things) == 0 {
			continue
		}
		fmt.Fprintf(c.Stderr, "%s: %d to adopt, %d in the state already, %d not in AWS\n", st.Stack.Name, found, managed, absent)
		for _, t := range st.Things {
			what := resource(st.Stack.Name, automation.Operation{Name: t.Name, Type: t.Type})
			switch t.Standing {
			case automation.ThingFound:
				fmt.Fprintf(c.Stderr, "  = %s: %s as %s\n", what, render.Escape(t.ID), render.Escape(t.Name))
			case automation.ThingAbsent:
				fmt.Fprintf(c.Stderr, "  + %s: not in AWS; up creates it\n", what)
			}
		}
	}
}

// adopted writes what was adopted, and what up would still change and why.
func (c *Command) adopted(r *automation.Report) error {
	width, total := 0, 0
	for _, s := range r.Stacks {
		width = max(width, len(s.Stack.Name))
	}
	for _, s := range r.Stacks {
		total += s.Adopted
		if s.Result == automation.ResultSkipped || s.Result == automation.ResultUnchanged && s.Adopted == 0 {
			continue
		}
		left := "nothing left to change"
		switch {
		case s.Problem != nil:
			left = string(s.Result)
		case len(s.Changes) > 0:
			left = resources("preview", s.Counts, 0)
		}
		fmt.Fprintf(c.Stdout, "%-*s  %-10s  %s\n", width, s.Stack.Name, fmt.Sprintf("%d adopted", s.Adopted), left)
		for _, o := range s.Changes {
			fmt.Fprintf(c.Stdout, "  %s %s: %s\n", mark(o.Op), resource(s.Stack.Name, o), oneLine(o.Why))
		}
		if s.Result == automation.ResultDeferred && s.Problem != nil {
			fmt.Fprintf(c.Stdout, "  %s\n", oneLine(s.Problem.Summary))
		}
	}
	c.problems(r)
	left := "nothing is left to change"
	if n := r.Changes(); n > 0 {
		left = count(n, "change") + " left to make"
	}
	_, err := fmt.Fprintf(c.Stdout, "adopt: %s in %s; %s\n", count(total, "thing"), r.Duration.Round(time.Second), strings.TrimSpace(left))
	return err
}

func mark(op string) string {
	if m := marks[op]; m != "" {
		return m
	}
	return render.Escape(op)
}
