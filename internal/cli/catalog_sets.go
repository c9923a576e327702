package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) catalogSets() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sets",
		Short: "List the sets that come with orgrails, and show one",
		Long: `Lists the sets of guardrails that come with orgrails. A list of guardrails in an
organization file names one in a line: guardrails: [foundation]. A set of the file
replaces one of the same name.`,
		Example: `  orgrails catalog sets
  orgrails catalog sets show foundation`,
		Annotations: map[string]string{otherwise: `"orgrails catalog sets show name" shows a set`},
		Args:        atMost(0),
		RunE: func(*cobra.Command, []string) error {
			sets, err := builtinSets()
			if err != nil {
				return err
			}
			if asJSON {
				return c.writeJSON(sets)
			}
			width := 0
			for _, s := range sets {
				width = max(width, len(s.Name))
			}
			for _, s := range sets {
				fmt.Fprintf(c.Stdout, "%-*s  %-13s  %s\n", width, s.Name, plural(len(s.Members), "guardrail"), s.Title)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as a JSON array")
	cmd.AddCommand(c.catalogSetsShow())
	return cmd
}

func (c *Command) catalogSetsShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show name",
		Short: "Show one set",
		Long: `Shows a set that comes with orgrails: what it is for and where to attach it, its
guardrails with a reason each, what was left out and why, and the set as one of
your own, to be changed in an organization file.`,
		Example: `  orgrails catalog sets show workloads`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"show needs one argument: the name of a set", `"orgrails catalog sets" lists them`}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			sets, err := builtinSets()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return setNames(sets), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			sets, err := builtinSets()
			if err != nil {
				return err
			}
			i := slices.IndexFunc(sets, func(s setEntry) bool { return s.Name == args[0] })
			if i < 0 {
				return &usageError{fmt.Sprintf("no set that comes with orgrails is named %q", args[0]), suggest(args[0], setNames(sets), `"orgrails catalog sets" lists them`)}
			}
			if asJSON {
				return c.writeJSON(sets[i])
			}
			return c.showSet(&sets[i])
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// A setEntry is what catalog sets says of a set.
type setEntry struct {
	Name    string             `json:"name"`
	Title   string             `json:"title"`
	Purpose string             `json:"purpose"`
	Attach  string             `json:"attach"`
	Members []memberEntry      `json:"members"`
	Without []catalog.Omission `json:"without"`
	// Characters that its documents take in an example organization, by type.
	Sizes map[catalog.Type]int `json:"sizes"`
}

type memberEntry struct {
	Template   string           `json:"template"`
	Title      string           `json:"title"`
	Type       catalog.Type     `json:"type"`
	Severity   catalog.Severity `json:"severity"`
	Parameters map[string]any   `json:"parameters"` // those given; the defaults elsewhere
	Reason     string           `json:"reason"`
}

// builtinSets are the sets that come with the tool, sorted by name.
func builtinSets() ([]setEntry, error) {
	all, err := builtin()
	if err != nil {
		return nil, err
	}
	sets, ds := config.BuiltinSets()
	if ds = append(ds, all.CheckSets(sets)...); ds.HasErrors() {
		return nil, fmt.Errorf("read the sets of the catalogue: %s: %s", ds[0].Range, ds[0].Summary)
	}
	entries := []setEntry{}
	for _, s := range sets {
		e := setEntry{
			Name: s.Name, Title: s.Title, Purpose: s.Purpose, Attach: s.Attach,
			Members: []memberEntry{}, Without: append([]catalog.Omission{}, s.Without...), Sizes: map[catalog.Type]int{},
		}
		documents := map[catalog.Type]*policy.Document{}
		for i := range s.Members {
			m := &s.Members[i]
			t, _ := all.Lookup(m.Template) // CheckSets knows it
			member := memberEntry{t.ID, t.Title, t.Type, t.Severity, map[string]any{}, m.Reason}
			maps.Copy(member.Parameters, m.Parameters)
			e.Members = append(e.Members, member)
			if t.Type.IsDeclarative() {
				continue // its size depends on what stands above
			}
			statements, ds := t.Instantiate(catalog.ExampleEnv(), m.Use().Parameters, m.Range)
			if ds.HasErrors() {
				return nil, fmt.Errorf("make an example of the set %s: %s: %s", s.Name, ds[0].Range, ds[0].Summary)
			}
			if documents[t.Type] == nil {
				documents[t.Type] = &policy.Document{Version: policy.Version2012}
			}
			documents[t.Type].Statements = append(documents[t.Type].Statements, statements...)
		}
		for typ, d := range documents {
			e.Sizes[typ] = policy.Size(d.JSON())
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func setNames(sets []setEntry) []string {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = s.Name
	}
	return names
}

// showSet writes a set for a person.
func (c *Command) showSet(s *setEntry) error {
	t := render.NewText(c.Stdout, c.look(c.Stdout))
	t.Title(s.Name + ": " + s.Title)
	fields := [][2]string{{"for", s.Purpose}, {"attach to", s.Attach}}
	quotas := awsdata.Quotas{}.WithDefaults()
	limits := map[catalog.Type]int{catalog.ServiceControlPolicy: quotas.SCPSize, catalog.ResourceControlPolicy: quotas.RCPSize}
	for _, typ := range slices.Sorted(maps.Keys(s.Sizes)) {
		fields = append(fields, [2]string{"size", fmt.Sprintf("%d of %d characters of a %s, in an example organization", s.Sizes[typ], limits[typ], typ)})
	}
	t.Fields(fields)
	t.Title("Guardrails")
	fields = nil
	lines := []string{"sets:", "  " + s.Name + ":"}
	for _, m := range s.Members {
		reason, line := m.Reason, m.Template
		if len(m.Parameters) > 0 {
			values, err := json.Marshal(m.Parameters)
			if err != nil {
				return err
			}
			reason += " With " + string(values) + "."
			line = "{template: " + m.Template + ", parameters: " + string(values) + "}"
		}
		fields = append(fields, [2]string{m.Template, reason})
		lines = append(lines, "    - "+line)
	}
	t.Fields(fields)
	if len(s.Without) > 0 {
		t.Title("Left out")
		fields = nil
		for _, o := range s.Without {
			fields = append(fields, [2]string{o.Template, o.Reason})
		}
		t.Fields(fields)
	}
	t.Title("As a set of your own")
	t.Block(strings.Join(lines, "\n"))
	return t.Flush()
}
