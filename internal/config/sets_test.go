package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/templates"
)

const shop = `accounts: {shop: {id: "222222222222", email: shop@acme.example}}`

const head = `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1}
`

func templatesOf(uses []org.GuardrailUse) string {
	var ids []string
	for _, u := range uses {
		ids = append(ids, u.Template)
	}
	return strings.Join(ids, " ")
}

func setOfTheTool(t *testing.T, name string) (s catalog.Set) {
	t.Helper()
	sets, ds := BuiltinSets()
	if len(ds) > 0 || len(sets) < 5 {
		t.Fatal(len(sets), show(ds))
	}
	for _, s = range sets {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no set is named %s", name)
	return s
}

// A set that comes with the tool is named in one line, and that line is what
// asks for its guardrails.
func TestSetsOfTheToolAreNamed(t *testing.T) {
	f, ds := loadText(t, head+"root: {guardrails: [foundation], "+shop+"}\n")
	if len(ds) > 0 {
		t.Fatal(show(ds))
	}
	uses := f.Organization.Root.Uses
	members := setOfTheTool(t, "foundation").Members
	if len(uses) != len(members) {
		t.Fatalf("%d guardrails of %d", len(uses), len(members))
	}
	for i, u := range uses {
		if u.Template != members[i].Template || u.Set != "foundation" || u.Shipped != "foundation" || u.Range.Start.Line != 3 || u.Range.Start.Column != 21 || u.Via != u.Range {
			t.Errorf("%+v", u)
		}
		for name, p := range u.Parameters {
			if p.Range != u.Range || p.Value == nil {
				t.Errorf("%s of %s: %+v", name, u.Template, p)
			}
		}
	}
	if len(f.Organization.Sets) != 0 {
		t.Error("the file has sets")
	}
}

// A set of the file may name one of the tool, and is what the uses are of.
func TestSetsOfTheFileNameThoseOfTheTool(t *testing.T) {
	f, ds := loadText(t, head+"sets:\n  base: [suspended, protect-guardduty]\n  more: [base]\nroot: {guardrails: [more], "+shop+"}\n")
	if len(ds) > 0 {
		t.Fatal(show(ds))
	}
	uses := f.Organization.Root.Uses
	if got := templatesOf(uses); got != "deny-all protect-guardduty" {
		t.Fatal(got)
	}
	if u := uses[0]; u.Set != "more" || u.Shipped != "suspended" || u.Range.Start.Line != 4 || u.Via.Start.Line != 6 {
		t.Errorf("%+v", u)
	}
	if u := uses[1]; u.Set != "more" || u.Shipped != "" {
		t.Errorf("%+v", u)
	}
}

// What is the file's own replaces what comes with the tool.
func TestSetsOfTheFileComeFirst(t *testing.T) {
	f, ds := loadText(t, head+"sets: {foundation: [deny-all]}\nroot: {guardrails: [foundation], "+shop+"}\n")
	if len(ds) > 0 {
		t.Fatal(show(ds))
	}
	if uses := f.Organization.Root.Uses; templatesOf(uses) != "deny-all" || uses[0].Shipped != "" {
		t.Errorf("%+v", uses)
	}
	// A template, too.
	dir := t.TempDir()
	src, err := templates.Files.ReadFile("deny-leave-organization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"own.yaml":          strings.Replace(string(src), "id: deny-leave-organization", "id: foundation", 1),
		"organization.yaml": head + "templates: [own.yaml]\nroot: {guardrails: [foundation], " + shop + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, ds, err = Load(filepath.Join(dir, "organization.yaml"), Options{AsOf: asOf})
	if err != nil || len(ds) > 0 {
		t.Fatal(err, show(ds))
	}
	if uses := f.Organization.Root.Uses; templatesOf(uses) != "foundation" || uses[0].Set != "" {
		t.Errorf("%+v", uses)
	}
}

// Suggestions know the sets of the tool, and so does what names them wrongly.
func TestMistakesKnowTheSetsOfTheTool(t *testing.T) {
	for text, want := range map[string]string{
		"sets: {foundation: [foundation, deny-all]}\nroot: {guardrails: [foundation], " + shop + "}\n":                                          "give this one another name",
		"root: {guardrails: [fundation], " + shop + "}\n":                                                                                       `did you mean "foundation"?`,
		"root: {guardrails: [{template: workloads}], " + shop + "}\n":                                                                           "this is a set: name it without template",
		"sets: {base: [data-perimetre]}\nroot: {guardrails: [base], " + shop + "}\n":                                                            `did you mean "data-perimeter"?`,
		"root: {guardrails: [foundation], " + shop + "}\nexceptions: {x: {guardrail: foundation, principals: [role/a], reason: r, owner: o}}\n": "this is a set; an exception is from one template",
	} {
		_, ds := loadText(t, head+text)
		if len(ds) != 1 || !strings.Contains(show(ds), want) {
			t.Errorf("%s gives\n%s", text, show(ds))
		}
	}
	// An exception from a guardrail that such a set holds is in force.
	_, ds := loadText(t, head+"root: {guardrails: [foundation], "+shop+"}\nexceptions: {x: {guardrail: restrict-regions, principals: [role/a], reason: r, owner: o}}\n")
	if len(ds) > 0 {
		t.Error(show(ds))
	}
}

// Mistakes in the files of sets are found, at their places.
func TestMistakesInSets(t *testing.T) {
	const good = "name: base\ntitle: T\npurpose: P\nattach: A\nmembers:\n  - {template: deny-all, reason: r}\n"
	ts, _ := BuiltinTemplates()
	c, _ := catalog.New(ts)
	for _, tt := range []struct{ text, want string }{
		{good, ""},
		{good + "maker: x\n", "set.yaml:7:1"},
		{strings.Replace(good, "name: base", "name: Base", 1), "set.yaml:1:7"},
		{strings.Replace(good, ", reason: r", "", 1), "set.yaml:6:5"},
		{strings.Replace(good, "deny-all", "deny-al", 1), `set.yaml:6:16-6:23: no template is named "deny-al" [GR022]`},
		{strings.Replace(good, "deny-all", "developer-boundary", 1), "set.yaml:6:16-6:34: developer-boundary is of the type PERMISSIONS_BOUNDARY"},
		{strings.Replace(good, "deny-all,", "deny-all, parameters: {rolls: []},", 1), `set.yaml:6:16-6:24: deny-all has no parameter "rolls"`},
		{strings.Replace(good, "deny-all,", "restrict-regions, parameters: {regions: []},", 1), "set.yaml:6:16-6:32: parameter regions of restrict-regions"},
		{good + "  - {template: deny-all, reason: once more}\n", `set.yaml:7:16-7:24: deny-all stands in the set "base" twice`},
		{good + "without:\n  - {template: deny-all, reason: r}\n", `set.yaml:8:16-8:24: deny-all is left out of the set "base" and stands in it`},
		{strings.Replace(good, "name: base", "name: deny-all", 1), `set.yaml:1:7-1:15: a set and a template have the name "deny-all"`},
	} {
		s, ds := ParseSet("set.yaml", []byte(tt.text))
		if !ds.HasErrors() {
			ds = append(ds, c.CheckSets([]catalog.Set{s})...)
		}
		if got := show(ds); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s\ngives\n%s", tt.text, got)
		}
	}
	s, _ := ParseSet("set.yaml", []byte(good))
	if ds := c.CheckSets([]catalog.Set{s, s}); len(ds) != 1 || ds[0].Code != "GR031" {
		t.Error(show(ds))
	}
}
