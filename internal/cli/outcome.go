package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks"
	"github.com/orgrails/orgrails/stacks/automation"
)

// summarize says what a deployment is about to do, before the question.
func (c *Command) summarize(d *deployment, p *guardrails.Plan) {
	list := stacks.List(p)
	n := len(list)
	if len(d.options.Only) > 0 {
		n = len(d.options.Only)
	}
	t := render.NewText(c.Stderr, c.look(c.Stderr))
	t.Title("Organization " + p.Organization.Name)
	fields := [][2]string{{"plan", p.Digest()}, {"holds", render.Counts(p)}, {"stacks", fmt.Sprintf("%d of %d", n, len(list))}}
	var created []string
	for _, a := range p.Accounts {
		if p.IDs["account:"+a.Key] == "" {
			created = append(created, a.Key+" <"+a.Email+">")
		}
	}
	if d.name == "up" && len(created) > 0 {
		fields = append(fields, [2]string{"creates", strings.Join(created[:min(5, len(created))], ", ") + more(len(created)-5) + "; an AWS account cannot be deleted, only closed"})
	}
	if d.name == "destroy" {
		fields = append(fields, [2]string{"takes away", "policies, analyzers and what is in the accounts; organization, units and accounts stay"})
	}
	t.Fields(fields)
	_ = t.Flush() // nobody reads what cannot be written
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// outcome writes what became of the stacks: the last JSON line, or a table.
func (c *Command) outcome(d *deployment, r *automation.Report) error {
	if d.json {
		return json.NewEncoder(c.Stdout).Encode(struct {
			Kind   string             `json:"kind"`
			Report *automation.Report `json:"report"`
		}{"report", r})
	}
	if d.name == "adopt" {
		return c.adopted(r)
	}
	width, still := 0, 0
	for _, s := range r.Stacks {
		width = max(width, len(s.Stack.Name))
	}
	for _, s := range r.Stacks {
		if s.Result == automation.ResultSkipped || s.Result == automation.ResultUnchanged {
			still++
			continue
		}
		if _, err := fmt.Fprintln(c.Stdout, strings.TrimRight(fmt.Sprintf("%-*s  %-9s  %s", width, s.Stack.Name, result(d.name, s), resources(d.name, counts(s), s.Duration)), " ")); err != nil {
			return err
		}
		if d.name == "preview" {
			changes(c.Stdout, s.Stack.Name, s.Changes)
		}
		if s.Result == automation.ResultDeferred && s.Problem != nil {
			fmt.Fprintf(c.Stdout, "  %s\n", oneLine(s.Problem.Summary))
		}
	}
	c.problems(r)
	end := fmt.Sprintf("%s: %s in %s", d.name, count(r.Changes(), "change"), r.Duration.Round(time.Second))
	if d.name == "preview" {
		end = fmt.Sprintf("%s to make", count(r.Changes(), "change"))
	}
	if still > 0 {
		end += fmt.Sprintf("; %s as the plan says", count(still, "stack"))
	}
	_, err := fmt.Fprintln(c.Stdout, end)
	return err
}

// result is the outcome of a stack in a word: that of a preview is yet to come,
// and destroy leaves what the organization stack holds as it is.
func result(verb string, s automation.StackReport) string {
	switch {
	case verb == "preview" && s.Result == automation.ResultChanged:
		return "changes"
	case verb == "destroy" && s.Result == automation.ResultRemoved && s.Stack.Kind == stacks.OrganizationKind:
		return "forgotten"
	}
	return string(s.Result)
}

// counts are the counts of a stack, nil where "without changes" would be no news.
func counts(s automation.StackReport) automation.Counts {
	switch s.Result {
	case automation.ResultChanged, automation.ResultUnchanged:
		return s.Counts
	}
	if s.Counts.Changes() > 0 {
		return s.Counts
	}
	return nil
}

// problems writes why stacks could not go on, each reason once.
func (c *Command) problems(r *automation.Report) {
	type reason struct{ code, summary, hint string }
	var order []reason
	stacks := map[reason][]string{}
	first := map[reason]*automation.Problem{}
	for _, s := range r.Stacks {
		if p := s.Problem; p != nil && s.Result != automation.ResultDeferred {
			k := reason{p.Code, p.Summary, p.Hint}
			if first[k] == nil {
				first[k] = p
				order = append(order, k)
			}
			stacks[k] = append(stacks[k], s.Stack.Name)
		}
	}
	for _, k := range order {
		of := stacks[k]
		names := strings.Join(of[:min(3, len(of))], ", ") + more(len(of)-3)
		c.problem(names+": ", first[k])
	}
}

// problem writes a problem of the deployment to standard error.
func (c *Command) problem(of string, p *automation.Problem) {
	c.notef("%s%s [%s]", of, p.Summary, p.Code)
	if p.Hint != "" {
		c.hintf("%s", p.Hint)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "ary"); ok {
		return fmt.Sprintf("%d %saries", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// done is what an operation is called once it is done.
var done = map[string]string{
	"create": "created", "update": "updated", "delete": "deleted", "replace": "replaced",
	"import": "imported", "retain": "left as it is", "same": "unchanged",
}

// resources is "3 created, 1 imported (12s)", of a preview "3 to create", or
// "without changes (3s)".
func resources(verb string, counts automation.Counts, d time.Duration) string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(counts)) {
		switch n := counts[op]; {
		case n == 0 || op == "same" || op == "read":
		case verb == "preview":
			parts = append(parts, fmt.Sprintf("%d to %s", n, render.Escape(op)))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, word(op)))
		}
	}
	s := strings.Join(parts, ", ")
	if s == "" && counts != nil {
		s = "without changes"
	}
	if d >= time.Second/10 {
		s = strings.TrimSpace(fmt.Sprintf("%s (%s)", s, d.Round(time.Second/10)))
	}
	return s
}

func word(op string) string {
	if w := done[op]; w != "" {
		return w
	}
	return render.Escape(op)
}

// marks stand before a change that is to be made.
var marks = map[string]string{"create": "+", "update": "~", "delete": "-", "replace": "±", "import": "=", "retain": "!"}

// changes lists what would change in a stack.
func changes(w io.Writer, stack string, list []automation.Operation) {
	for _, o := range list {
		mark := marks[o.Op]
		if mark == "" {
			mark = render.Escape(o.Op)
		}
		line := fmt.Sprintf("  %s %s", mark, resource(stack, o))
		if len(o.Diffs) > 0 {
			line += ": " + render.Escape(strings.Join(properties(o.Diffs), ", "))
		}
		fmt.Fprintln(w, line)
	}
}
