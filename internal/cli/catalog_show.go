package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/internal/sheet"
)

func (c *Command) catalogShow() *cobra.Command {
	var file string
	var given []string
	var asJSON bool
	var at instant
	cmd := &cobra.Command{
		Use:   "show id",
		Short: "Show one template, or the policies of deploy-role",
		Long: `Shows a template: what it stops and what it breaks, its parameters, its policy
document as an example organization would get it and how much of the quota that
takes, its controls, and what becomes of its vectors, the requests that it must
deny and let through. The document is that of the default parameters, or of those
given; each vector brings its own. Of a declarative policy it says what its settings
come to in an account below. Exits 1 when a vector or a setting is not as expected.

"deploy-role" is no template: it shows the least that whoever deploys must be
allowed, as an identity policy of the deploy role in member accounts and one of the
principal in the management account. With --file they are for what the plan of that
file deploys, by its names, else for everything that orgrails can deploy.`,
		Example: `  orgrails catalog show protect-cloudtrail
  orgrails catalog show protect-cloudtrail --parameters trails=org-trail,security-*
  orgrails catalog show protect-cloudtrail --parameters @parameters.yaml --json
  orgrails catalog show deploy-role --file organization.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"show needs one argument: the id of a template", `"orgrails catalog list" lists them`}
			}
			if len(args) > 1 {
				hint := "it takes one argument, the id of a template"
				if strings.Contains(args[1], "=") {
					hint = "write --parameters in front of each parameter"
				}
				return &usageError{fmt.Sprintf("%q is one argument too many", args[1]), hint}
			}
			return nil
		},
		ValidArgsFunction: completeTemplates,
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] == deployRole {
				if len(given) > 0 {
					return &usageError{deployRole + " has no parameters", "give --file to have the policies for what a file deploys"}
				}
				return c.showDeployRole(file, c.at(at), asJSON)
			}
			all, err := c.templates(file, c.at(at))
			if err != nil {
				return err
			}
			t, ok := all.Lookup(args[0])
			if !ok {
				return &usageError{fmt.Sprintf("no template is named %q", args[0]), suggest(args[0], append(all.IDs(""), deployRole), `"orgrails catalog list" lists them`)}
			}
			s, err := c.sheet(t, given)
			if err != nil {
				return err
			}
			if asJSON {
				err = c.writeJSON(newShown(s))
			} else {
				err = c.show(s)
			}
			if err == nil && !s.Passed() {
				err = errFindings
			}
			return err
		},
	}
	cmd.Flags().StringArrayVar(&given, "parameters", nil, "a parameter, name=value (items of a list between commas), or @file of parameters; may be given several times")
	cmd.Flags().StringVar(&file, "file", "", "an organization file, whose own templates are looked at, too; for deploy-role, what is deployed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	asOfFlag(cmd, &at)
	return cmd
}

// sheet makes the sheet of a template for the parameters of the command line.
func (c *Command) sheet(t *catalog.Template, given []string) (*sheet.Sheet, error) {
	params, sources, err := c.parameters(t, given)
	if err != nil {
		return nil, err
	}
	s, ds, err := sheet.New(t, params)
	if err != nil || !ds.HasErrors() {
		return s, err
	}
	located := slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return sources[d.Range.File] != nil })
	if !located {
		return nil, &usageError{ds[0].Summary, ds[0].Hint}
	}
	if err := render.Diagnostics(c.Stderr, ds, sources, c.look(c.Stderr)); err != nil {
		return nil, err
	}
	return nil, errFindings
}

// parameters reads those of the command line, later ones in place of earlier
// ones; nil where there are none.
func (c *Command) parameters(t *catalog.Template, given []string) (map[string]org.Parameter, map[string][]byte, error) {
	var params map[string]org.Parameter
	sources := map[string][]byte{}
	set := func(name string, p org.Parameter) {
		if params == nil {
			params = map[string]org.Parameter{}
		}
		params[name] = p
	}
	for _, text := range given {
		if file, ok := strings.CutPrefix(text, "@"); ok {
			src, err := os.ReadFile(c.path(file))
			if err != nil {
				return nil, nil, fmt.Errorf("read parameters: %w", err)
			}
			sources[file] = src
			more, ds := config.ParseParameters(file, src)
			if ds.HasErrors() {
				if err := render.Diagnostics(c.Stderr, ds, sources, c.look(c.Stderr)); err != nil {
					return nil, nil, err
				}
				return nil, nil, errFindings
			}
			for name, p := range more {
				set(name, p)
			}
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, nil, &usageError{fmt.Sprintf("--parameters cannot be %q", text), "expected name=value, such as trails=org-trail, or @file"}
		}
		set(name, org.Parameter{Value: typed(t.Parameters[name].Type, value)})
	}
	return params, sources, nil
}

// typed is a value of the command line as a file would hold it: what it cannot
// be stays a string, which the template refuses in its own words.
func typed(as catalog.ParameterType, value string) any {
	var v any
	switch as {
	case "integer", "boolean":
		if json.Unmarshal([]byte(value), &v) == nil {
			return v
		}
	case "strings", "regions", "accounts", "roles", "actions":
		items := []any{}
		inside := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(value), "["), "]")
		for item := range strings.SplitSeq(inside, ",") {
			if item = strings.Trim(strings.TrimSpace(item), `"'`); item != "" {
				items = append(items, item)
			}
		}
		return items
	}
	return value
}

// A shown is an entry with what only show says.
type shown struct {
	entry
	Given    map[string]any  `json:"given,omitempty"` // parameters of the document, where they are not the defaults
	Document json.RawMessage `json:"document,omitempty"`
	Size     int             `json:"size,omitempty"`  // characters of the document
	Quota    int             `json:"quota,omitempty"` // characters that a document of the type may have
	Passed   bool            `json:"passed"`          // whether every vector and every setting is as expected
}

func newShown(s *sheet.Sheet) shown {
	e := shown{entry: newEntry(s.Template), Given: s.Given, Passed: s.Passed()}
	if s.Document != "" {
		e.Document = json.RawMessage(s.Document)
		e.Size, e.Quota = s.Size()
	}
	for i := range s.Effects {
		r := &s.Effects[i]
		passed := r.Passed()
		e.Settings[i].Effective, e.Settings[i].Passed = r.Value, &passed
	}
	for i := range s.Results {
		r := &s.Results[i]
		passed := r.Passed()
		e.Vectors[i].Decision, e.Vectors[i].DeniedBy, e.Vectors[i].Passed = r.Decision.String(), sheet.DeniedBy(r), &passed
	}
	return e
}

// show writes a sheet for a person.
func (c *Command) show(s *sheet.Sheet) error {
	t := render.NewText(c.Stdout, c.look(c.Stdout))
	t.Title(s.ID + ": " + s.Title)
	t.Fields([][2]string{{"type", string(s.Type)}, {"severity", string(s.Severity)}, {"stops", s.Stops}, {"breaks", s.Breaks}, {"avoid", s.Avoid}})
	if len(s.Parameters) > 0 {
		t.Title("Parameters")
		var fields [][2]string
		for _, name := range s.ParameterNames() {
			fields = append(fields, [2]string{name, about(s.Parameters[name])})
		}
		t.Fields(fields)
	}
	if s.Document != "" {
		title := "Document, for an example organization"
		if len(s.Given) > 0 {
			title += " with " + sheet.Values(s.Given)
		}
		t.Title(title + ": " + s.Characters())
		t.Block(s.Pretty())
	}
	if s.PasswordPolicy != nil {
		t.Title("Password policy")
		t.Fields(sheet.Passwords(s.PasswordPolicy))
	}
	c.showResults(t, s)
	c.showSettings(t, s)
	if len(s.Controls) > 0 {
		t.Title("Controls")
		var fields [][2]string
		for _, k := range s.Controls {
			fields = append(fields, [2]string{k.Framework, k.ID})
		}
		t.Fields(fields)
	}
	if len(s.Notes) > 0 {
		t.Title("Notes")
		for _, n := range s.Notes {
			t.Paragraph(n)
		}
	}
	t.Title("References")
	for _, r := range s.References {
		t.Paragraph(r)
	}
	return t.Flush()
}

// showResults writes what became of the vectors: those that must be denied, then
// those that must be let through.
func (c *Command) showResults(t *render.Text, s *sheet.Sheet) {
	for _, side := range []struct{ expect, title string }{{"deny", "Must be denied"}, {"allow", "Must be let through"}} {
		var lines [][2]string
		passed := 0
		for i := range s.Results {
			r := &s.Results[i]
			if r.Vector.Expect != side.expect {
				continue
			}
			text := sheet.VectorName(r.Vector)
			why := sheet.Why(r)
			switch {
			case r.Passed():
				passed++
			case why == "":
				text, why = "FAIL: "+text, "it is let through"
			default:
				text, why = "FAIL: "+text, "denied by "+why
			}
			if why != "" {
				text += " (" + why + ")"
			}
			lines = append(lines, [2]string{r.Vector.Action, text})
		}
		if len(lines) > 0 {
			t.Title(fmt.Sprintf("%s: %d of %d are", side.title, passed, len(lines)))
			t.Fields(lines)
		}
	}
}

// showSettings writes what the settings of a declarative template come to.
func (c *Command) showSettings(t *render.Text, s *sheet.Sheet) {
	var lines [][2]string
	passed := 0
	for i := range s.Effects {
		r := &s.Effects[i]
		text := value(r.Setting.Value)
		if when := sheet.When(r.Setting); when != "" {
			text += ", " + when
		}
		if r.Passed() {
			passed++
		} else {
			text = "FAIL: " + text + " (it is " + value(r.Value) + ")"
		}
		lines = append(lines, [2]string{r.Setting.Path, text})
	}
	if len(lines) > 0 {
		t.Title(fmt.Sprintf("Must come out in an account below: %d of %d do", passed, len(lines)))
		t.Fields(lines)
	}
}

// value is the value of a setting.
func value(v any) string {
	if v == nil {
		return "not set"
	}
	return sheet.Value(v)
}

// about says what a parameter is for, and what it may be.
func about(p catalog.ParameterSpec) string {
	parts := []string{string(p.Type), "required"}
	if d := sheet.Default(p); d != "" {
		parts[1] = "default " + d
	}
	return fmt.Sprintf("%s (%s)", cmp.Or(p.Description, "no description"), strings.Join(append(parts, sheet.Bounds(p)...), ", "))
}
