package pages

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/sheet"
)

const dir = "../../../docs/catalog"

// Every template has its page, byte for byte, and no page is of anything else.
func TestPagesAreWhatTheTemplatesSay(t *testing.T) {
	files, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ts, _ := config.BuiltinTemplates()
	if len(ts) < 20 || len(files) < len(ts) {
		t.Fatalf("%d pages of %d templates", len(files), len(ts))
	}
	for _, tm := range ts {
		if files[tm.ID+".md"] == "" {
			t.Errorf("%s has no page", tm.ID)
		}
	}
	const again = "run go generate ./templates"
	for _, name := range slices.Sorted(maps.Keys(files)) {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%v: %s", err, again)
		} else if string(got) != files[name] {
			t.Errorf("docs/catalog/%s is not what the templates say: %s", name, again)
		}
	}
	existing, err := Existing(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range existing {
		if _, ok := files[name]; !ok {
			t.Errorf("docs/catalog/%s is the page of no template: %s", name, again)
		}
	}
	twice, err := Builtin()
	if err != nil || !maps.Equal(files, twice) {
		t.Errorf("made twice, the pages differ: %v", err)
	}
}

// A control that a template names is one of its framework, where all of them
// are known; where some are, it is not a part of one that has no parts.
func TestControlsExist(t *testing.T) {
	known := map[string]catalog.Framework{}
	for _, f := range catalog.Frameworks().Value {
		known[f.ID] = f
	}
	ts, _ := config.BuiltinTemplates()
	seen := 0
	for _, tm := range ts {
		for _, k := range tm.Controls {
			f, ok := known[k.Framework]
			if !ok {
				continue
			}
			seen++
			listed := slices.ContainsFunc(f.Controls, func(c catalog.FrameworkControl) bool { return c.ID == k.ID })
			part := !strings.Contains(k.ID, "(") && slices.ContainsFunc(f.Controls, func(c catalog.FrameworkControl) bool { return sheet.Within(k.ID, c.ID) })
			if !listed && (f.Whole || part) {
				t.Errorf("%s serves %s of %s, which has no such control", tm.ID, k.ID, k.Framework)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d controls were looked at", seen)
	}
}

// A table's rows have as many cells as its head, whatever stands in them.
func TestTablesAreWhole(t *testing.T) {
	files, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	bar := regexp.MustCompile(`(^|[^\\])\|`)
	tables := 0
	for name, text := range files {
		cells := 0
		for i, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "|") {
				cells = 0
				continue
			}
			n := len(bar.FindAllString(strings.ReplaceAll(line, "||", "| |"), -1))
			if cells == 0 {
				cells = n
				tables++
			}
			if n != cells {
				t.Errorf("%s:%d has %d cells in a table of %d", name, i+1, n, cells)
			}
		}
	}
	if tables < 50 {
		t.Errorf("only %d tables were looked at", tables)
	}
}

// A template of a type that has neither statements nor vectors has a page, too.
func TestATypeWithoutStatements(t *testing.T) {
	tm := &catalog.Template{
		ID: "opt-out", Title: "No *data* is used | kept", Stops: "Use.", Breaks: "Nothing.", Avoid: "Nowhere.",
		Type: "ELSEWHERE_POLICY", Severity: "low", References: []string{"https://docs.aws.amazon.com/"},
		Controls: []catalog.Control{{Framework: "of-our-own", ID: "A_1", Source: "us"}},
	}
	files, err := Make([]*catalog.Template{tm})
	if err != nil {
		t.Fatal(err)
	}
	page := files["opt-out.md"]
	for _, part := range []string{"# opt-out\n", `No \*data\* is used | kept.`, "| type | `ELSEWHERE_POLICY` |", "| `of-our-own` | `A_1` | us |"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	if strings.Contains(page, "## Document") || strings.Contains(page, "## Requests") {
		t.Errorf("the page has a document, or requests:\n%s", page)
	}
	readme := files["README.md"]
	for _, part := range []string{"### Other guardrails\n", `| [opt-out](opt-out.md) | elsewhere policy | low | No \*data\* is used \| kept |`, "| of-our-own | 1 | not known | not known |"} {
		if !strings.Contains(readme, part) {
			t.Errorf("the index lacks %q:\n%s", part, readme)
		}
	}
}

// No page is made of a claim that does not hold.
func TestAVectorThatFails(t *testing.T) {
	tm := &catalog.Template{
		ID: "forgets", Title: "Nothing is stopped", Stops: "Nothing.", Breaks: "Nothing.", Avoid: "Nowhere.",
		Type: catalog.ServiceControlPolicy, Severity: "low", References: []string{"https://docs.aws.amazon.com/"},
		Statements: []catalog.Statement{{Sid: "Deny", Effect: "Deny", Action: []string{"s3:PutObject"}, Resource: []string{"*"}}},
		Vectors:    []catalog.Vector{{Name: "a look", Expect: "deny", Principal: "arn:aws:iam::222222222222:role/a", Action: "s3:GetObject"}},
	}
	if _, err := Make([]*catalog.Template{tm}); err == nil || !strings.Contains(err.Error(), `forgets: vector "a look": expected deny`) {
		t.Error(err)
	}
}

func TestWriteTakesAwayWhatIsElse(t *testing.T) {
	to := t.TempDir()
	for range 2 {
		if err := Write(to, map[string]string{"README.md": "a", "frameworks/x.md": "b"}); err != nil {
			t.Fatal(err)
		}
		if names, err := Existing(to); err != nil || !slices.Equal(names, []string{"README.md", "frameworks/x.md"}) {
			t.Fatal(names, err)
		}
		if err := os.WriteFile(filepath.Join(to, "left.md"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
