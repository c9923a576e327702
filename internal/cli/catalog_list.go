package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/sheet"
)

func (c *Command) catalogList() *cobra.Command {
	var which selection
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the templates",
		Args:  atMost(0),
		RunE:  func(*cobra.Command, []string) error { return c.listTemplates(which, nil) },
	}
	which.flags(cmd)
	return cmd
}

func (c *Command) catalogSearch() *cobra.Command {
	var which selection
	cmd := &cobra.Command{
		Use:   "search words",
		Short: "List the templates that hold some words",
		Long: `Lists the templates that hold every word in their id, their title, what they stop or
the actions that they name; those with all words in the id come first. A word such
as s3:PutObject also finds s3:Put*.`,
		Example: `  orgrails catalog search cloudtrail
  orgrails catalog search kms:ScheduleKeyDeletion --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return &usageError{"search needs one or more words", `"orgrails catalog list" lists all templates`}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return c.listTemplates(which, strings.Fields(strings.Join(args, " ")))
		},
	}
	which.flags(cmd)
	return cmd
}

// listTemplates writes the templates of a selection that hold all the words.
func (c *Command) listTemplates(which selection, words []string) error {
	all, err := c.templates(which.file, c.Now())
	if err != nil {
		return err
	}
	ts, err := which.of(all.All())
	if err != nil {
		return err
	}
	ts = sheet.Search(ts, words)
	if which.asJSON {
		entries := []entry{}
		for _, t := range ts {
			entries = append(entries, newEntry(t))
		}
		return c.writeJSON(entries)
	}
	if len(ts) == 0 {
		c.nothing(which)
		return nil
	}
	c.rows(ts)
	return nil
}

// A selection is which templates to list, and how.
type selection struct {
	typ, severity choice
	controls      []string
	file          string
	asJSON        bool
}

func (s *selection) flags(cmd *cobra.Command) {
	for _, t := range catalog.Types() {
		s.typ.allowed = append(s.typ.allowed, string(t))
	}
	for _, v := range catalog.Severities() {
		s.severity.allowed = append(s.severity.allowed, string(v))
	}
	cmd.Flags().Var(&s.typ, "type", "templates of this type only")
	cmd.Flags().Var(&s.severity, "severity", "templates of this severity only")
	cmd.Flags().StringArrayVar(&s.controls, "control", nil, "templates that serve a control, or any control of a framework: framework[:id]; may be given several times")
	cmd.Flags().StringVar(&s.file, "file", "", "an organization file, whose own templates are looked at, too")
	cmd.Flags().BoolVar(&s.asJSON, "json", false, "print them as a JSON array")
	for name, values := range map[string][]string{"type": s.typ.allowed, "severity": s.severity.allowed, "control": nil} {
		complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
		if name == "control" {
			complete = completeFrameworks
		}
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is above
		}
	}
}

// completeFrameworks are the frameworks that a shell completes.
func completeFrameworks(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := builtin()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return frameworks(all.All()), cobra.ShellCompDirectiveNoFileComp
}

// frameworks are those that a template names or whose controls are known.
func frameworks(ts []*catalog.Template) []string {
	names := map[string]bool{}
	for _, t := range ts {
		for _, k := range t.Controls {
			names[k.Framework] = true
		}
	}
	for _, f := range catalog.Frameworks().Value {
		names[f.ID] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// of are the templates of the selection. One that serves any of several
// controls is in it.
func (s *selection) of(ts []*catalog.Template) ([]*catalog.Template, error) {
	type control struct{ framework, id string }
	var controls []control
	for _, text := range s.controls {
		framework, id, _ := strings.Cut(text, ":")
		if err := knownControl(framework, id, ts); err != nil {
			return nil, err
		}
		controls = append(controls, control{framework, id})
	}
	return slices.DeleteFunc(slices.Clone(ts), func(t *catalog.Template) bool {
		if s.typ.value != "" && s.typ.value != string(t.Type) || s.severity.value != "" && s.severity.value != string(t.Severity) {
			return true
		}
		return len(controls) > 0 && !slices.ContainsFunc(controls, func(c control) bool {
			return slices.ContainsFunc(t.Controls, func(k catalog.Control) bool { return sheet.Serves(k, c.framework, c.id) })
		})
	}), nil
}

// knownControl refuses a framework that nobody names, and a control that a
// framework does not have.
func knownControl(framework, id string, ts []*catalog.Template) error {
	for _, f := range catalog.Frameworks().Value {
		if id == "" || !f.Whole || !strings.EqualFold(f.ID, framework) {
			continue
		}
		var ids []string
		for _, k := range f.Controls {
			ids = append(ids, k.ID)
		}
		if !slices.ContainsFunc(ids, func(k string) bool { return sheet.Within(k, id) }) {
			return &usageError{fmt.Sprintf("%s has no control %q", f.ID, id), fmt.Sprintf("its controls are %s to %s", ids[0], ids[len(ids)-1])}
		}
	}
	known := frameworks(ts)
	if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, framework) }) {
		return &usageError{fmt.Sprintf("no framework is named %q", framework), diag.DidYouMean(framework, known)}
	}
	return nil
}

// nothing says that no template is in a selection, and of a control that a
// check would tell instead, which.
func (c *Command) nothing(which selection) {
	c.notef("no template is like that")
	for _, text := range which.controls {
		framework, id, _ := strings.Cut(text, ":")
		for _, f := range catalog.Frameworks().Value {
			for _, k := range f.Controls {
				if id != "" && strings.EqualFold(f.ID, framework) && strings.EqualFold(k.ID, id) {
					c.hintf("%s %s is %s", f.ID, k.ID, toldBy(k))
				}
			}
		}
	}
}

func toldBy(k catalog.FrameworkControl) string {
	var by []string
	switch {
	case !k.Detectable():
		return "neither prevented by a template nor told by a check that is known"
	case len(k.Named) > 0:
		by = append(by, "Prowler's "+strings.Join(k.Named, ", "))
	case k.Checks > 0:
		by = append(by, plural(k.Checks, "check")+" of Prowler")
	}
	if len(k.SecurityHub) > 0 {
		by = append(by, "AWS Security Hub's "+strings.Join(k.SecurityHub, ", "))
	}
	return "only detectable, by " + strings.Join(by, " or ")
}

// An entry is what catalog says of a template in JSON.
type entry struct {
	ID           string                  `json:"id"`
	Title        string                  `json:"title"`
	Type         catalog.Type            `json:"type"`
	Severity     catalog.Severity        `json:"severity"`
	CatalogueRow string                  `json:"catalogueRow"`
	Stops        string                  `json:"stops"`
	Breaks       string                  `json:"breaks"`
	Avoid        string                  `json:"avoid"`
	Parameters   []parameter             `json:"parameters"`
	Controls     []catalog.Control       `json:"controls"`
	References   []string                `json:"references"`
	Notes        []string                `json:"notes"`
	Vectors      []vector                `json:"vectors"`
	Settings     []setting               `json:"settings,omitempty"` // in place of vectors, for declarative policies
	Passwords    *catalog.PasswordPolicy `json:"passwordPolicy,omitempty"`
}

// A parameter is one of a template's, with its name.
type parameter struct {
	Name string `json:"name"`
	catalog.ParameterSpec
}

// A vector is one of a template's. show adds what becomes of it.
type vector struct {
	catalog.Vector
	Decision string   `json:"decision,omitempty"`
	DeniedBy []string `json:"deniedBy,omitempty"` // Sids
	Passed   *bool    `json:"passed,omitempty"`
}

// A setting is one of a declarative template's. show adds what it comes to.
type setting struct {
	catalog.Setting
	Effective any   `json:"effective,omitempty"`
	Passed    *bool `json:"passed,omitempty"`
}

func newEntry(t *catalog.Template) entry {
	e := entry{
		ID: t.ID, Title: t.Title, Type: t.Type, Severity: t.Severity, CatalogueRow: t.CatalogueRow,
		Stops: t.Stops, Breaks: t.Breaks, Avoid: t.Avoid,
		Parameters: []parameter{}, Passwords: t.PasswordPolicy,
		Controls:   append([]catalog.Control{}, t.Controls...),
		References: append([]string{}, t.References...),
		Notes:      append([]string{}, t.Notes...),
		Vectors:    []vector{},
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		e.Parameters = append(e.Parameters, parameter{name, t.Parameters[name]})
	}
	for _, v := range t.Vectors {
		e.Vectors = append(e.Vectors, vector{Vector: v})
	}
	for _, s := range t.Settings {
		e.Settings = append(e.Settings, setting{Setting: s})
	}
	return e
}
