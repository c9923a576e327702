package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) catalog() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Look up guardrails, permissions boundaries and password presets",
		Long: `Lists the templates that come with orgrails, and shows one: what it stops and what
it breaks, its parameters, its policy document as an example organization would
get it, and the requests that it must deny and let through, or the settings that
must come out in an account. Says of any policy document what it allows and
denies, by service and access level.`,
		Example: `  orgrails catalog list --type SERVICE_CONTROL_POLICY
  orgrails catalog show restrict-regions
  orgrails catalog summarize policies/our-own.json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.catalogList(), c.catalogShow(), c.catalogSummarize())
	return cmd
}

// builtin is the catalogue that comes with the tool.
func builtin() (*catalog.Catalog, error) {
	templates, ds := config.BuiltinTemplates()
	if ds.HasErrors() {
		return nil, fmt.Errorf("the templates that come with orgrails have mistakes: %s: %s", ds[0].Range, ds[0].Summary)
	}
	all, ds := catalog.New(templates)
	if ds.HasErrors() {
		return nil, fmt.Errorf("the templates that come with orgrails have mistakes: %s: %s", ds[0].Range, ds[0].Summary)
	}
	return all, nil
}

func (c *Command) catalogList() *cobra.Command {
	var asJSON bool
	var types []string
	for _, t := range catalog.Types() {
		types = append(types, string(t))
	}
	only := &choice{"", types}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the templates",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			all, err := builtin()
			if err != nil {
				return err
			}
			entries := []entry{}
			for _, t := range all.All() {
				if only.value == "" || only.value == string(t.Type) {
					entries = append(entries, newEntry(t))
				}
			}
			if asJSON {
				return c.writeJSON(entries)
			}
			ids, kinds := 0, 0
			for _, e := range entries {
				ids, kinds = max(ids, len(e.ID)), max(kinds, len(e.Type))
			}
			for _, e := range entries {
				fmt.Fprintf(c.Stdout, "%-*s  %-*s  %-8s  %s\n", ids, e.ID, kinds, e.Type, e.Severity, e.Title)
			}
			return nil
		},
	}
	cmd.Flags().Var(only, "type", "list templates of this type only")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as a JSON array")
	return cmd
}

func (c *Command) catalogShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show id",
		Short: "Show one template",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"show needs one argument: the id of a template", `"orgrails catalog list" lists them`}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			all, err := builtin()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return all.IDs(""), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := builtin()
			if err != nil {
				return err
			}
			t, ok := all.Lookup(args[0])
			if !ok {
				return &usageError{fmt.Sprintf("no template is named %q", args[0]), suggest(args[0], all.IDs(""), `"orgrails catalog list" lists them`)}
			}
			e := newEntry(t)
			if e.Document, err = example(t); err != nil {
				return err
			}
			if asJSON {
				return c.writeJSON(e)
			}
			return c.show(e)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// An entry is what catalog says of a template.
type entry struct {
	ID         string                  `json:"id"`
	Title      string                  `json:"title"`
	Type       catalog.Type            `json:"type"`
	Severity   catalog.Severity        `json:"severity"`
	Stops      string                  `json:"stops"`
	Breaks     string                  `json:"breaks"`
	Avoid      string                  `json:"avoid"`
	Parameters []parameter             `json:"parameters"`
	Controls   []catalog.Control       `json:"controls"`
	References []string                `json:"references"`
	Notes      []string                `json:"notes"`
	Vectors    []catalog.Vector        `json:"vectors"`
	Settings   []catalog.Setting       `json:"settings,omitempty"`
	Passwords  *catalog.PasswordPolicy `json:"passwordPolicy,omitempty"`
	Document   json.RawMessage         `json:"document,omitempty"` // of show
}

// A parameter is one of a template's, with its name.
type parameter struct {
	Name string `json:"name"`
	catalog.ParameterSpec
}

func newEntry(t *catalog.Template) entry {
	e := entry{
		ID: t.ID, Title: t.Title, Type: t.Type, Severity: t.Severity, Stops: t.Stops, Breaks: t.Breaks, Avoid: t.Avoid,
		Parameters: []parameter{}, Passwords: t.PasswordPolicy,
		Controls:   append([]catalog.Control{}, t.Controls...),
		References: append([]string{}, t.References...),
		Notes:      append([]string{}, t.Notes...),
		Vectors:    append([]catalog.Vector{}, t.Vectors...),
		Settings:   t.Settings,
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		e.Parameters = append(e.Parameters, parameter{name, t.Parameters[name]})
	}
	return e
}

// show writes an entry for a person.
func (c *Command) show(e entry) error {
	opts := c.look(c.Stdout)
	t := render.NewText(c.Stdout, opts)
	t.Title(e.ID + ": " + e.Title)
	t.Fields([][2]string{{"type", string(e.Type)}, {"severity", string(e.Severity)}, {"stops", e.Stops}, {"breaks", e.Breaks}, {"avoid", e.Avoid}})
	if len(e.Parameters) > 0 {
		t.Title("Parameters")
		var fields [][2]string
		for _, p := range e.Parameters {
			fields = append(fields, [2]string{p.Name, p.about()})
		}
		t.Fields(fields)
	}
	if len(e.Document) > 0 {
		t.Title("Document, for an example organization")
		t.Block(string(e.Document))
	}
	for _, side := range []struct{ expect, title string }{{"deny", "Must be denied"}, {"allow", "Must be let through"}} {
		var lines [][2]string
		for _, v := range e.Vectors {
			if v.Expect == side.expect {
				lines = append(lines, [2]string{v.Action, v.Name})
			}
		}
		if len(lines) > 0 {
			t.Title(side.title)
			t.Fields(lines)
		}
	}
	if len(e.Settings) > 0 {
		t.Title("Must come out in an account below")
		var lines [][2]string
		for _, s := range e.Settings {
			lines = append(lines, [2]string{s.Path, comesOut(s)})
		}
		t.Fields(lines)
	}
	if len(e.Controls) > 0 {
		t.Title("Controls")
		var fields [][2]string
		for _, k := range e.Controls {
			fields = append(fields, [2]string{k.Framework, k.ID})
		}
		t.Fields(fields)
	}
	if len(e.Notes) > 0 {
		t.Title("Notes")
		for _, n := range e.Notes {
			t.Paragraph(n)
		}
	}
	t.Title("References")
	for _, r := range e.References {
		t.Paragraph(r)
	}
	return t.Flush()
}

// comesOut says what a setting must come to, and when.
func comesOut(s catalog.Setting) string {
	spell := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(data)
	}
	what := "nothing"
	if s.Value != nil {
		what = spell(s.Value)
	}
	if len(s.Parameters) > 0 {
		what += ", with " + spell(s.Parameters)
	}
	if s.Below != nil {
		what += ", where a policy below is " + spell(s.Below)
	}
	return what
}

// about says what a parameter is for, and what it may be.
func (p parameter) about() string {
	parts := []string{string(p.Type)}
	if p.Default == nil {
		parts = append(parts, "required")
	} else if d, err := json.Marshal(p.Default); err == nil {
		parts = append(parts, "default "+string(d))
	}
	if len(p.Enum) > 0 {
		parts = append(parts, "one of "+strings.Join(p.Enum, ", "))
	}
	for _, b := range []struct {
		name  string
		bound *int
	}{{"at least", p.Minimum}, {"at most", p.Maximum}, {"items at least", p.MinItems}, {"items at most", p.MaxItems}} {
		if b.bound != nil {
			parts = append(parts, fmt.Sprintf("%s %d", b.name, *b.bound))
		}
	}
	return fmt.Sprintf("%s (%s)", cmp.Or(p.Description, "no description"), strings.Join(parts, ", "))
}
