package catalog

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// declares is a declarative template without a mistake; change spoils one thing.
func declares(change func(*Template)) Template {
	assign := func(v any) map[string]any { return map[string]any{"@@assign": v} }
	t := Template{
		ID: "declare-things", Title: "t", Stops: "s", Breaks: "b", Avoid: "a",
		Type: TagPolicy, Severity: "low", References: []string{"https://docs.aws.amazon.com/"},
		Parameters: map[string]ParameterSpec{
			"keys":   {Description: "d", Type: "strings", Default: []any{"Team", "Cost"}},
			"values": {Description: "d", Type: "strings", Default: []any{}},
			"on":     {Description: "d", Type: "strings", Default: []any{"ec2:instance"}},
		},
		Document: map[string]any{"tags": map[string]any{"{{keys}}": map[string]any{
			"tag_key":      assign("{{keys}}"),
			"tag_value":    assign("{{values}}"),
			"enforced_for": assign([]any{"{{on}}", "s3:bucket"}),
		}}},
		Settings: []Setting{
			{Path: "tags.team.tag_key", Value: "Team"},
			{Path: "tags.team.tag_value", Value: nil},
		},
		Range: diag.Range{File: "t.yaml"},
	}
	if change != nil {
		change(&t)
	}
	return t
}

func TestDeclare(t *testing.T) {
	tm := declares(nil)
	if _, ds := New([]Template{tm}); ds != nil {
		t.Fatal(lines(ds))
	}
	for _, c := range []struct {
		params map[string]any
		want   string // the document, or a message
	}{
		{nil, `{"tags":{"Cost":{"enforced_for":{"@@assign":["ec2:instance","s3:bucket"]},"tag_key":{"@@assign":"Cost"}},"Team":{"enforced_for":{"@@assign":["ec2:instance","s3:bucket"]},"tag_key":{"@@assign":"Team"}}}}`},
		{map[string]any{"keys": []any{"Team"}, "values": []any{"b", "a"}, "on": []any{}},
			`{"tags":{"Team":{"enforced_for":{"@@assign":["s3:bucket"]},"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["a","b"]}}}}`},
		{map[string]any{"keys": []any{}}, "GR215 the document of declare-things: nothing is left of it"},
		{map[string]any{"keys": []any{"Team", "team"}}, `GR217 the document of declare-things: "team" stands in tags as "Team" too`},
		{map[string]any{"keys": []any{"Team", "Team"}}, `GR215 the document of declare-things: the name "Team" comes out twice`},
		{map[string]any{"keys": "Team"}, "GR212"},
	} {
		params := map[string]org.Parameter{}
		for name, v := range c.params {
			params[name] = org.Parameter{Value: v}
		}
		d, ds := tm.Declare(ExampleEnv(), params, diag.Range{})
		got := lines(ds)
		if ds == nil {
			got = d.JSON()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%v\ngot  %s\nwant %s", c.params, got, c.want)
		}
	}
}

// An integer becomes its text, as AWS's pages spell numbers; a number of the
// document itself stays one.
func TestDeclareNumbers(t *testing.T) {
	tm := Template{ID: "x", Type: DeclarativePolicyEC2, Parameters: map[string]ParameterSpec{"hops": {Type: "integer", Default: float64(2)}},
		Document: map[string]any{"ec2_attributes": map[string]any{
			"instance_metadata_defaults": map[string]any{"http_put_response_hop_limit": map[string]any{"@@assign": "{{hops}}"}},
			"allowed_images_settings":    map[string]any{"image_criteria": map[string]any{"a": map[string]any{"days": map[string]any{"@@assign": float64(300)}}}},
		}}}
	d, ds := tm.Declare(ExampleEnv(), nil, diag.Range{})
	if ds != nil || !strings.Contains(d.JSON(), `{"@@assign":"2"}`) || !strings.Contains(d.JSON(), `{"@@assign":300}`) {
		t.Errorf("%v %s", ds, d.JSON())
	}
}

func TestNewSaysEveryMistakeOfADocument(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Template)
		want   string
	}{
		{"no document", func(t *Template) { t.Document = nil }, "GR202 template declare-things: it has no document"},
		{"statements", func(t *Template) { t.Statements = good(nil).Statements }, "GR202 template declare-things: it has statements"},
		{"a document of an SCP", func(t *Template) { *t = good(nil); t.Document = map[string]any{"a": "b"} }, "GR202 template deny-things: it has a document"},
		{"a parameter that nothing uses", func(t *Template) {
			delete(t.Document["tags"].(map[string]any)["{{keys}}"].(map[string]any), "tag_value")
		}, "GR203 template declare-things: nothing in the document uses the parameter values"},
		{"an unknown placeholder", func(t *Template) { t.Document["x"] = "{{kesy}}" }, "GR205 template declare-things: document: nothing fills {{kesy}}"},
		{"an unknown placeholder in a name", func(t *Template) { t.Document["{{kesy}}"] = "x" }, "GR205 template declare-things: document: nothing fills {{kesy}}"},
		{"a placeholder that is not closed", func(t *Template) { t.Document["x"] = "{{keys" }, "GR205 template declare-things: document: {{ is not closed"},
		{"an unknown name", func(t *Template) { t.Document["tag"] = map[string]any{"a": map[string]any{"@@assign": "b"}} }, `GR217 template declare-things: the document of declare-things: the document has no "tag"`},
		{"a list inside a string", func(t *Template) {
			t.Document["tags"].(map[string]any)["team"] = map[string]any{"tag_key": map[string]any{"@@assign": "x{{on}}{{keys}}"}}
		}, `GR215 template declare-things: the document of declare-things: "x{{on}}{{keys}}" becomes 2 values where one stands`},
		{"one setting", func(t *Template) { t.Settings = t.Settings[:1] }, "GR218 template declare-things: it has fewer than two settings"},
		{"no path", func(t *Template) { t.Settings[0].Path = " " }, "GR218"},
		{"a mapping as value", func(t *Template) { t.Settings[0].Value = map[string]any{} }, "GR218 template declare-things: setting tags.team.tag_key: its value is a mapping"},
		{"an unknown parameter", func(t *Template) { t.Settings[0].Parameters = map[string]any{"x": "y"} }, `GR218 template declare-things: setting tags.team.tag_key: declare-things has no parameter "x"`},
		{"no policy below", func(t *Template) { t.Settings[0].Below = map[string]any{"x": "y"} }, "GR218 template declare-things: setting tags.team.tag_key: below:"},
	} {
		_, ds := New([]Template{declares(c.change)})
		if !strings.HasPrefix(lines(ds), c.want) {
			t.Errorf("%s: got\n%swant\n%s", c.name, lines(ds), c.want)
		}
	}
}
