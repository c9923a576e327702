package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// good is a template without a mistake; change spoils one thing of it.
func good(change func(*Template)) Template {
	one, four := 1, 4
	t := Template{
		ID: "deny-things", Title: "t", Stops: "s", Breaks: "b", Avoid: "a",
		Type: ServiceControlPolicy, Severity: "high", References: []string{"https://docs.aws.amazon.com/"},
		Parameters: map[string]ParameterSpec{
			"names":   {Description: "d", Type: "strings", Default: []any{"x"}, MinItems: &one},
			"level":   {Description: "d", Type: "integer", Default: float64(2), Minimum: &one, Maximum: &four},
			"exempt":  {Description: "d", Type: "accounts", Default: "{{organization.identityAccounts}}"},
			"tag":     {Description: "d", Type: "string", Enum: []string{"team", "cost"}, Default: "team"},
			"roles":   {Description: "d", Type: "roles", Default: []any{}},
			"regions": {Description: "d", Type: "regions", Default: "{{organization.regions}}", MinItems: &one},
			"on":      {Description: "d", Type: "boolean", Default: true},
		},
		Statements: []Statement{{
			Sid: "DenyThings", Effect: "Deny",
			Action:   []string{"s3:Put{{names}}"},
			Resource: []string{"arn:{{partition}}:iam::*:role/x", "arn:{{partition}}:iam::*:{{roles}}"},
			Condition: map[string]map[string][]string{
				"StringNotEquals":    {"aws:PrincipalAccount": {"{{exempt}}"}, "aws:RequestedRegion": {"{{regions}}"}, "aws:PrincipalTag/{{tag}}": {"x"}},
				"NumericGreaterThan": {"a:b": {"{{level}}"}},
				"Bool":               {"a:on": {"{{on}}"}},
			},
		}},
		Vectors: []Vector{
			{Name: "1", Expect: "deny", Principal: "arn:aws:iam::222222222222:role/Admin", Action: "s3:Putx", Resource: "*"},
			{Name: "2", Expect: "deny", Principal: "", Action: "s3:Putx", Context: map[string]any{"a:b": []any{"x"}, "oidc.example.com/id/1:sub": "x"}},
			{Name: "3", Expect: "allow", Principal: "ec2.amazonaws.com", Action: "s3:Get", Resource: "arn:aws:s3:::x"},
			{Name: "4", Expect: "allow", Principal: "arn:aws:iam::222222222222:root", Action: "s3:Get", Parameters: map[string]any{"names": []any{"y"}}},
		},
		Range: diag.Range{File: "t.yaml"},
	}
	if change != nil {
		change(&t)
	}
	return t
}

func lines(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s %s (%s)\n", d.Code, d.Summary, d.Hint)
	}
	return b.String()
}

func TestNewTakesAGoodTemplate(t *testing.T) {
	c, ds := New([]Template{good(nil), good(func(t *Template) { t.ID = "a-first" })})
	if ds != nil {
		t.Fatal(lines(ds))
	}
	if all := c.All(); len(all) != 2 || all[0].ID != "a-first" {
		t.Error("not sorted")
	}
	if got, ok := c.Lookup("deny-things"); !ok || got.Title != "t" {
		t.Error("not found")
	}
	if _, ok := c.Lookup("deny-thing"); ok {
		t.Error("found what is not there")
	}
	if ids := c.IDs(PasswordPolicyPreset); len(ids) != 0 || len(c.IDs("")) != 2 {
		t.Error(ids)
	}
}

func TestNewSaysEveryMistake(t *testing.T) {
	parameter := func(name string, change func(*ParameterSpec)) func(*Template) {
		return func(t *Template) {
			s := t.Parameters[name]
			change(&s)
			t.Parameters[name] = s
		}
	}
	five, zero := 5, 0
	no := false
	for _, c := range []struct {
		name   string
		change func(*Template)
		want   string // within the lines
	}{
		{"id", func(t *Template) { t.ID = "Deny_Things" }, `GR201 "Deny_Things" is no id of a template`},
		{"title", func(t *Template) { t.Title = " " }, "GR202 template deny-things: it has no title"},
		{"references", func(t *Template) { t.References = nil }, "it has no references"},
		{"reference", func(t *Template) { t.References = []string{"the manual"} }, `the reference "the manual" is no page`},
		{"type", func(t *Template) { t.Type = "SERVICE_CONTROL_POLICIE" }, `no type is named "SERVICE_CONTROL_POLICIE" (did you mean "SERVICE_CONTROL_POLICY"?)`},
		{"severity", func(t *Template) { t.Severity = "hight" }, `no severity is named "hight" (did you mean "high"?)`},
		{"control", func(t *Template) { t.Controls = []Control{{Framework: "x", ID: "1"}} }, "a control is not complete"},
		{"exempt without a reason", func(t *Template) { t.ExemptDeployRole = &no }, "it does not exempt the deploy role (say why in notes)"},
		{"parameter name", func(t *Template) { t.Parameters["partition"] = t.Parameters["names"] }, `GR203 template deny-things: "partition" is no name for a parameter`},
		{"parameter type", parameter("names", func(s *ParameterSpec) { s.Type = "stringz" }), `parameter names: no type is named "stringz" (did you mean "string"?)`},
		{"parameter description", parameter("names", func(s *ParameterSpec) { s.Description = "" }), "parameter names has no description"},
		{"bounds of another type", parameter("names", func(s *ParameterSpec) { s.Minimum = &five }), "parameter names is a list of strings, which has no minimum and maximum"},
		{"items of a string", parameter("tag", func(s *ParameterSpec) { s.MinItems = &five }), "parameter tag is a string, which has no minItems and maxItems"},
		{"pattern of a number", parameter("level", func(s *ParameterSpec) { s.Pattern = "x" }), "parameter level is a whole number, which has no pattern and enum"},
		{"pattern", parameter("names", func(s *ParameterSpec) { s.Pattern = "(" }), `the pattern "(" is no regular expression`},
		{"bounds", parameter("level", func(s *ParameterSpec) { s.Minimum = &five }), "parameter level: the lower bound is above the upper one"},
		{"default out of bounds", parameter("level", func(s *ParameterSpec) { s.Default = float64(5) }), "GR204 template deny-things: the default of parameter level: 5 is out of bounds (expected 1 to 4)"},
		{"default of another type", parameter("names", func(s *ParameterSpec) { s.Default = "x" }), `the default of parameter names: it is the string "x"`},
		{"default outside the enum", parameter("tag", func(s *ParameterSpec) { s.Default = "teams" }), `the default of parameter tag: "teams" is not one of the values that the template takes (did you mean "team"?)`},
		{"default from a placeholder of another type", parameter("regions", func(s *ParameterSpec) { s.Default = "{{organization.id}}" }), "the default of parameter regions, {{organization.id}}, has another type"},
		{"default from an unknown placeholder", parameter("regions", func(s *ParameterSpec) { s.Default = "{{organization.region}}" }), `GR205 template deny-things: the default of parameter regions: nothing fills {{organization.region}} (did you mean "organization.regions"?)`},
		{"default from a parameter", parameter("regions", func(s *ParameterSpec) { s.Default = []any{"{{names}}"} }), "nothing fills {{names}}"},
		{"default region", parameter("regions", func(s *ParameterSpec) { s.Default = []any{"eu-central-3"} }), `no region is named "eu-central-3"`},
		{"unused parameter", func(t *Template) { t.Parameters["more"] = t.Parameters["tag"] }, "no statement uses the parameter more"},
		{"no statements", func(t *Template) { t.Statements = nil }, "it has no statements"},
		{"sid", func(t *Template) { t.Statements[0].Sid = "Deny things" }, `GR206 template deny-things: "Deny things" is no Sid`},
		{"sid twice", func(t *Template) { t.Statements = append(t.Statements, t.Statements[0]) }, `two statements have the Sid "DenyThings"`},
		{"effect", func(t *Template) { t.Statements[0].Effect = "deny" }, `"deny" is no effect`},
		{"principal in an SCP", func(t *Template) { t.Statements[0].Principal = "*" }, `statement DenyThings has the principal "*"`},
		{"no principal in an RCP", func(t *Template) { t.Type = ResourceControlPolicy }, `statement DenyThings has the principal ""`},
		{"both actions", func(t *Template) { t.Statements[0].NotAction = []string{"a:b"} }, "statement DenyThings has both of a pair, or neither"},
		{"no resource", func(t *Template) { t.Statements[0].Resource = nil }, "statement DenyThings has both of a pair, or neither"},
		{"empty actions", func(t *Template) { t.Statements[0].Action = []string{} }, "GR207 template deny-things: statement DenyThings, action may come out empty"},
		{"actions that may be empty", parameter("names", func(s *ParameterSpec) { s.MinItems = &zero }), "statement DenyThings, action may come out empty"},
		{"resources that may be empty", func(t *Template) { t.Statements[0].Resource = []string{"arn:aws:iam::*:{{roles}}"} }, "statement DenyThings, resource may come out empty"},
		{"a positive operator of nothing", func(t *Template) {
			t.Statements[0].Condition["StringEquals"] = map[string][]string{"aws:PrincipalAccount": {"{{exempt}}"}}
		}, "statement DenyThings, StringEquals aws:PrincipalAccount may come out empty (it would never hold then"},
		{"a set operator of nothing", func(t *Template) {
			t.Statements[0].Condition["ForAnyValue:StringNotEquals"] = map[string][]string{"aws:PrincipalAccount": {"{{exempt}}"}}
		}, "ForAnyValue:StringNotEquals aws:PrincipalAccount may come out empty"},
		{"unknown placeholder", func(t *Template) { t.Statements[0].Action = []string{"s3:{{name}}"} }, `GR205 template deny-things: statement DenyThings, action: nothing fills {{name}} (did you mean "names"?)`},
		{"malformed placeholder", func(t *Template) { t.Statements[0].Action = []string{"s3:{{na me}}"} }, "{{na me}} is no placeholder"},
		{"reference", func(t *Template) { t.Statements[0].Resource = []string{"{{id:root}}"} }, "{{id:root}} is no placeholder"},
		{"open placeholder", func(t *Template) { t.Statements[0].Resource = []string{"{{names"} }, "{{ is not closed"},
		{"operator", func(t *Template) { t.Statements[0].Condition["StringNotEqual"] = map[string][]string{"a:b": {"c"}} }, `no condition operator is named "StringNotEqual" (did you mean "StringNotEquals"?)`},
		{"operator's case", func(t *Template) { t.Statements[0].Condition["stringlike"] = map[string][]string{"a:b": {"c"}} }, `no condition operator is named "stringlike" (did you mean "StringLike"?)`},
		{"a list in a key", func(t *Template) { t.Statements[0].Condition["StringLike"] = map[string][]string{"a:{{names}}": {"c"}} }, "a list stands in the key"},
		{"one vector that denies", func(t *Template) { t.Vectors = t.Vectors[1:] }, "GR208 template deny-things: it has 1 vectors that deny and 2 that allow"},
		{"vector's action", func(t *Template) { t.Vectors[0].Action = "s3:*" }, `vector "1": "s3:*" is no action`},
		{"vector's principal", func(t *Template) { t.Vectors[0].Principal = "role/Admin" }, `vector "1": "role/Admin" is no principal`},
		{"vector's resource", func(t *Template) { t.Vectors[0].Resource = "bucket" }, `vector "1": "bucket" is no resource`},
		{"vector's context", func(t *Template) { t.Vectors[0].Context = map[string]any{"a:b": true} }, `vector "1": the context key "a:b" is malformed`},
		{"vector's parameter", func(t *Template) { t.Vectors[0].Parameters = map[string]any{"nams": "x"} }, `vector "1": deny-things has no parameter "nams" (did you mean "names"?)`},
		{"vector's expectation", func(t *Template) { t.Vectors[0].Expect = "Deny" }, `vector "1": it expects "Deny"`},
		{"vector's name", func(t *Template) { t.Vectors[1].Name = "1" }, `vector "1": its name is missing, or stands twice`},
		{"password policy elsewhere", func(t *Template) { t.PasswordPolicy = &PasswordPolicy{} }, "it has a passwordPolicy"},
		{"preset without fields", func(t *Template) { t.Type = PasswordPolicyPreset }, "it has no passwordPolicy"},
		{"preset with statements", func(t *Template) {
			t.Type, t.PasswordPolicy = PasswordPolicyPreset, &PasswordPolicy{MinimumLength: 14}
		}, "it has statements, parameters, vectors, a document or settings"},
		{"preset out of range", func(t *Template) {
			*t = Template{ID: t.ID, Title: "t", Stops: "s", Breaks: "b", Avoid: "a", Type: PasswordPolicyPreset, Severity: "low", References: t.References, Range: t.Range,
				PasswordPolicy: &PasswordPolicy{MinimumLength: 5, ReusePrevention: 25}}
		}, "GR209 template deny-things: minimumLength is 5 (expected 6 to 128)\nGR209 template deny-things: reusePrevention is 25 (expected 1 to 24)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat, ds := New([]Template{good(c.change)})
			if got := lines(ds); !strings.Contains(got, c.want) {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if len(cat.All()) != 0 {
				t.Error("the catalogue holds a template with a mistake")
			}
			for _, d := range ds {
				if d.Range.File != "t.yaml" {
					t.Errorf("%s has no place", d.Summary)
				}
			}
		})
	}
}

func TestNewRefusesAnIDTwice(t *testing.T) {
	c, ds := New([]Template{good(nil), good(nil)})
	if len(ds) != 1 || ds[0].Code != "GR201" || len(ds[0].Related) != 1 || len(c.All()) != 1 {
		t.Errorf("%+v", ds)
	}
}

func TestNewMakesAVectorOfEachAction(t *testing.T) {
	in := good(func(t *Template) { t.Vectors[0].Also = []string{"s3:PutObject", "s3:PutObjectAcl"} })
	first := in.Vectors[0]
	c, ds := New([]Template{in})
	if ds != nil {
		t.Fatal(lines(ds))
	}
	vs := c.All()[0].Vectors
	if len(vs) != len(in.Vectors)+2 || vs[0].Action != first.Action || vs[0].Also != nil {
		t.Fatalf("%+v", vs)
	}
	if v := vs[2]; v.Action != "s3:PutObjectAcl" || v.Name != first.Name+": s3:PutObjectAcl" || v.Principal != first.Principal || v.Expect != first.Expect {
		t.Errorf("%+v", v)
	}
	if in.Vectors[0].Also == nil {
		t.Error("the template that was given is changed")
	}
	_, ds = New([]Template{good(func(t *Template) { t.Vectors[0].Also = []string{"s3:*", t.Vectors[0].Action, t.Vectors[0].Action} })})
	if got := lines(ds); !strings.Contains(got, `"s3:*" is no action`) || !strings.Contains(got, "its name is missing, or stands twice") {
		t.Error(got)
	}
}
