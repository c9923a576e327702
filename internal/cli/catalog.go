package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) catalog() *cobra.Command {
	var which selection
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Look up guardrails, declarative policies, permissions boundaries and password presets",
		Long: `Lists the templates that come with orgrails, searches them, and shows one: what it
stops and what it breaks, its parameters, its policy document as an example
organization would get it, and what becomes of the requests that it must deny and
let through, or of the settings that must come out. With --file, the templates of an
organization file are among them. Says of any policy document what it allows and
denies, by service and access level.`,
		Example: `  orgrails catalog --control cis-aws-foundations-7.0
  orgrails catalog search public access --severity high
  orgrails catalog show protect-cloudtrail --parameters trails=org-trail
  orgrails catalog summarize policies/our-own.json`,
		Annotations: map[string]string{otherwise: `"orgrails catalog show id" shows a template, "orgrails catalog search words" looks for some`},
		Args:        cobra.ArbitraryArgs, // unknownCommand has seen to them
		RunE:        func(*cobra.Command, []string) error { return c.listTemplates(which, nil) },
	}
	which.flags(cmd)
	cmd.AddCommand(c.catalogList(), c.catalogSearch(), c.catalogShow(), c.catalogSummarize())
	cmd.AddCommand(c.catalogSets())
	return cmd
}

// templates are those that come with the tool, or all that a file may use.
// Mistakes in the file are said; a template that has some is not among them.
func (c *Command) templates(file string, asOf time.Time) (*catalog.Catalog, error) {
	if file == "" {
		return builtin()
	}
	f, ds, err := config.Load(c.path(file), config.Options{AsOf: asOf})
	if err != nil {
		return nil, err
	}
	if err := c.diagnose(c.Stderr, &compiled{path: c.path(file), file: f, ds: ds}); err != nil {
		return nil, err
	}
	if ds.HasErrors() {
		return nil, errFindings
	}
	return f.Catalog, nil
}

// builtin is the catalogue that comes with the tool.
func builtin() (*catalog.Catalog, error) {
	ts, ds := config.BuiltinTemplates()
	all, more := catalog.New(ts)
	if ds = append(ds, more...); ds.HasErrors() {
		return nil, fmt.Errorf("read the catalogue: %s: %s", ds[0].Range, ds[0].Summary)
	}
	return all, nil
}

// completeTemplates are the ids that a shell completes for show.
func completeTemplates(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	all, err := builtin()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(all.IDs(""), deployRole), cobra.ShellCompDirectiveNoFileComp
}

// rows writes a line for each template.
func (c *Command) rows(ts []*catalog.Template) {
	var width [3]int
	for _, t := range ts {
		width = [3]int{max(width[0], len(t.ID)), max(width[1], len(t.Type)), max(width[2], len(t.Severity))}
	}
	for _, t := range ts {
		fmt.Fprintf(c.Stdout, "%-*s  %-*s  %-*s  %s\n", width[0], t.ID, width[1], t.Type, width[2], t.Severity, render.Escape(t.Title))
	}
}
