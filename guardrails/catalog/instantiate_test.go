package catalog

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var (
	here  = diag.Range{File: "organization.yaml", Start: diag.Pos{Line: 3, Column: 5}}
	there = diag.Range{File: "organization.yaml", Start: diag.Pos{Line: 4, Column: 9}}
)

func given(values map[string]any) map[string]org.Parameter {
	params := map[string]org.Parameter{}
	for name, v := range values {
		params[name] = org.Parameter{Value: v, Range: there}
	}
	return params
}

func TestInstantiate(t *testing.T) {
	tm := good(nil)
	env := ExampleEnv()
	env.Values["organization.identityAccounts"] = []string{"{{id:account:identity}}"}
	env.Accounts = map[string]string{"hub": "{{id:account:hub}}"}
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{nil, `{"Sid":"DenyThings","Effect":"Deny","Action":"s3:Putx","Resource":"arn:aws:iam::*:role/x","Condition":{` +
			`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"},"Bool":{"a:on":"true"},"NumericGreaterThan":{"a:b":"2"},` +
			`"StringNotEquals":{"aws:PrincipalAccount":"{{id:account:identity}}","aws:PrincipalTag/team":"x","aws:RequestedRegion":["eu-central-1","eu-west-1"]}}}`},
		{map[string]any{"names": []any{"a", "b"}, "level": float64(4), "exempt": []any{}, "tag": "cost", "roles": []any{"role/p/*", "role/q"}, "regions": []any{"us-east-1"}, "on": false},
			`{"Sid":"DenyThings","Effect":"Deny","Action":["s3:Puta","s3:Putb"],"Resource":["arn:aws:iam::*:role/p/*","arn:aws:iam::*:role/q","arn:aws:iam::*:role/x"],"Condition":{` +
				`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"},"Bool":{"a:on":"false"},"NumericGreaterThan":{"a:b":"4"},` +
				`"StringNotEquals":{"aws:PrincipalTag/cost":"x","aws:RequestedRegion":"us-east-1"}}}`},
		{map[string]any{"exempt": []any{"hub", "123456789012"}, "tag": "cost"},
			`{"Sid":"DenyThings","Effect":"Deny","Action":"s3:Putx","Resource":"arn:aws:iam::*:role/x","Condition":{` +
				`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"},"Bool":{"a:on":"true"},"NumericGreaterThan":{"a:b":"2"},` +
				`"StringNotEquals":{"aws:PrincipalAccount":["123456789012","{{id:account:hub}}"],"aws:PrincipalTag/cost":"x","aws:RequestedRegion":["eu-central-1","eu-west-1"]}}}`},
	} {
		ss, ds := tm.Instantiate(env, given(c.values), here)
		if ds != nil {
			t.Fatal(lines(ds))
		}
		if got := (policy.Document{Statements: ss}).JSON(); got != `{"Statement":[`+c.want+`]}` {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Null asks of each key by itself, so that a list in a key makes a key of each
// item, and of no item no condition.
func TestInstantiateMakesKeysOfAList(t *testing.T) {
	tm := good(func(t *Template) {
		no, zero := false, 0
		names := t.Parameters["names"]
		names.MinItems = &zero
		t.Parameters = map[string]ParameterSpec{"names": names}
		t.ExemptDeployRole, t.Notes = &no, []string{"why"}
		t.Statements = []Statement{{
			Sid: "DenyThings", Effect: "Deny", Action: []string{"s3:*"}, Resource: []string{"*"},
			Condition: map[string]map[string][]string{"Null": {"{{names}}:aud": {"true"}}},
		}}
	})
	if _, ds := New([]Template{tm}); ds != nil {
		t.Fatal(lines(ds))
	}
	for _, c := range []struct {
		names []any
		want  policy.Conditions
	}{
		{[]any{"a.example", "b.example"}, policy.Conditions{"Null": {"a.example:aud": {"true"}, "b.example:aud": {"true"}}}},
		{[]any{}, nil},
	} {
		ss, ds := tm.Instantiate(ExampleEnv(), given(map[string]any{"names": c.names}), here)
		if ds != nil {
			t.Fatal(lines(ds))
		}
		if !reflect.DeepEqual(ss[0].Condition, c.want) {
			t.Errorf("%v: %v", c.names, ss[0].Condition)
		}
	}
	if _, ds := tm.Instantiate(ExampleEnv(), given(map[string]any{"names": []any{"a", "a"}}), here); !strings.Contains(lines(ds), "the condition key a:aud comes out twice under Null") {
		t.Error(lines(ds))
	}
}

func TestInstantiateSparesTheDeployRole(t *testing.T) {
	no := false
	deny := func(t *Template) {
		t.Parameters = nil
		t.Statements = []Statement{{Sid: "A", Effect: "Deny", Action: []string{"s3:*"}, Resource: []string{"*"}}}
	}
	for _, c := range []struct {
		name   string
		change func(*Template)
		want   policy.Conditions
	}{
		{"alone", func(*Template) {}, policy.Conditions{"ArnNotLike": {"aws:PrincipalArn": {"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}},
		{"beside others", func(t *Template) {
			t.Statements[0].Condition = map[string]map[string][]string{"ArnNotLike": {"aws:principalARN": {"arn:aws:iam::*:role/x"}, "a:b": {"c"}}}
		}, policy.Conditions{"ArnNotLike": {"aws:principalARN": {"arn:aws:iam::*:role/x", "arn:aws:iam::*:role/OrganizationAccountAccessRole"}, "a:b": {"c"}}}},
		{"beside another key", func(t *Template) {
			t.Statements[0].Condition = map[string]map[string][]string{"ArnNotLike": {"a:b": {"c"}}}
		}, policy.Conditions{"ArnNotLike": {"a:b": {"c"}, "aws:PrincipalArn": {"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}},
		{"not when it says so", func(t *Template) { t.ExemptDeployRole = &no }, nil},
		{"not in an RCP", func(t *Template) { t.Type = ResourceControlPolicy; t.Statements[0].Principal = "*" }, nil},
		{"not in a boundary", func(t *Template) { t.Type = PermissionsBoundary }, nil},
		{"not from an Allow", func(t *Template) { t.Statements[0].Effect = "Allow" }, nil},
	} {
		tm := good(func(t *Template) { deny(t); c.change(t) })
		for range 2 { // the template itself stays as it was
			ss, ds := tm.Instantiate(ExampleEnv(), nil, here)
			if ds != nil || len(ss) != 1 || !reflect.DeepEqual(ss[0].Condition, c.want) {
				t.Errorf("%s: %+v %v", c.name, ss, lines(ds))
			}
		}
	}
}

func TestInstantiateSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		values map[string]any
		change func(*Env)
		want   string
		at     diag.Range
	}{
		{"unknown", map[string]any{"nams": 1.0}, nil, `GR210 deny-things has no parameter "nams" (did you mean "names"?)`, there},
		{"type", map[string]any{"names": "x"}, nil, `GR212 parameter names of deny-things: it is the string "x" (expected a list of strings; write [x])`, there},
		{"number", map[string]any{"level": "2"}, nil, `GR212 parameter level of deny-things: it is the string "2" (expected a whole number)`, there},
		{"fraction", map[string]any{"level": 2.5}, nil, `GR212 parameter level of deny-things: it is the number 2.5 (expected a whole number)`, there},
		{"null", map[string]any{"tag": nil}, nil, "GR212 parameter tag of deny-things: it is empty (expected a string)", there},
		{"mixed", map[string]any{"names": []any{"a", 1.0}}, nil, "GR212 parameter names of deny-things: it is a list that holds the number 1 (expected a list of strings)", there},
		{"boolean", map[string]any{"on": "yes"}, nil, `GR212 parameter on of deny-things: it is the string "yes" (expected true or false)`, there},
		{"mapping", map[string]any{"on": map[string]any{}}, nil, "GR212 parameter on of deny-things: it is a mapping (expected true or false)", there},
		{"bounds", map[string]any{"level": 9.0}, nil, "GR213 parameter level of deny-things: 9 is out of bounds (expected 1 to 4)", there},
		{"items", map[string]any{"names": []any{}}, nil, "GR213 parameter names of deny-things: it has 0 items (expected at least 1 items)", there},
		{"empty string", map[string]any{"names": []any{""}}, nil, "GR213 parameter names of deny-things: an empty string stands in it (leave it out)", there},
		{"enum", map[string]any{"tag": "tema"}, nil, `GR213 parameter tag of deny-things: "tema" is not one of the values that the template takes (did you mean "team"?)`, there},
		{"placeholder", map[string]any{"names": []any{"{{partition}}"}}, nil, `GR216 parameter names of deny-things: "{{partition}}" holds {{`, there},
		{"control character", map[string]any{"names": []any{"a\x00b"}}, nil, "GR216 parameter names of deny-things: \"a\\x00b\" holds a character that IAM policies do not take", there},
		{"region", map[string]any{"regions": []any{"eu-centrall-1"}}, nil, `GR214 parameter regions of deny-things: no region is named "eu-centrall-1" (did you mean "eu-central-1"?)`, there},
		{"region of another partition", map[string]any{"regions": []any{"us-gov-east-1"}}, nil, `GR214 parameter regions of deny-things: "us-gov-east-1" is a region of the partition aws-us-gov, not of aws`, there},
		{"account", map[string]any{"exempt": []any{"12345"}}, nil, `GR214 parameter exempt of deny-things: "12345" is no account`, there},
		{"unknown account", map[string]any{"exempt": []any{"prodd"}}, func(e *Env) { e.Accounts = map[string]string{"prod": "x", "123456789012": "x"} }, `GR214 parameter exempt of deny-things: no account has the key "prodd" (did you mean "prod"?)`, there},
		{"role", map[string]any{"roles": []any{"Admin"}}, nil, `GR214 parameter roles of deny-things: "Admin" is no role`, there},
		{"every role", map[string]any{"roles": []any{"role/*"}}, nil, `GR214 parameter roles of deny-things: "role/*" is no role`, there},
		{"nothing known", nil, func(e *Env) { delete(e.Values, "organization.regions") }, "GR215 parameter regions of deny-things has no value: nothing is known for {{organization.regions}} (give regions a value here)", here},
		{"default too short", nil, func(e *Env) { e.Values["organization.regions"] = []string{} }, "GR213 parameter regions of deny-things: it has 0 items", here},
		{"a value of the organization with a placeholder", nil, func(e *Env) { e.Values["organization.id"] = "{{partition}}" }, `GR216 organization.id is "{{partition}}", which holds {{`, here},
	} {
		t.Run(c.name, func(t *testing.T) {
			tm, env := good(nil), ExampleEnv()
			if c.change != nil {
				c.change(&env)
			}
			ss, ds := tm.Instantiate(env, given(c.values), here)
			if got := lines(ds); !strings.Contains(got, c.want) || len(ds) != 1 {
				t.Errorf("got\n%swant\n%s", got, c.want)
			} else if ds[0].Range != c.at {
				t.Errorf("it stands at %v", ds[0].Range)
			}
			if ss != nil {
				t.Error("it made statements")
			}
		})
	}
}

func TestCheckAsksForWhatMustBeGiven(t *testing.T) {
	tm := good(func(t *Template) {
		s := t.Parameters["names"]
		s.Default = nil
		t.Parameters["names"] = s
	})
	if ds := tm.Check(nil, here); lines(ds) != "GR211 deny-things needs the parameter \"names\" (add parameters: {names: …}, a list of strings)\n" || ds[0].Range != here {
		t.Error(lines(ds))
	}
	none := good(func(t *Template) { t.Parameters = nil })
	if ds := none.Check(given(map[string]any{"x": 1.0}), here); lines(ds) != "GR210 deny-things has no parameter \"x\" (it has no parameters)\n" {
		t.Error(lines(ds))
	}
}

// Whatever a value is, a placeholder changes texts and nothing else.
func TestValuesNeverChangeTheStructure(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		`"}],"Effect":"Allow"`, `\"`, "${aws:username}", "*", "{{", "}}", "{{id:root}}", "{{partition}}", "{ {", "a\nb",
	}))
	rapid.Check(t, func(t *rapid.T) {
		tm := good(nil)
		plain, ds := tm.Instantiate(ExampleEnv(), nil, here)
		if ds != nil {
			t.Fatal(lines(ds))
		}
		names := rapid.SliceOfN(text, 1, 4).Draw(t, "names")
		items := []any{}
		for _, n := range names {
			items = append(items, n)
		}
		ss, ds := tm.Instantiate(ExampleEnv(), given(map[string]any{"names": items}), here)
		if ds.HasErrors() {
			return // refused: nothing was made of it
		}
		if len(ss) != len(plain) || len(ss[0].Action) != len(names) {
			t.Fatalf("%+v", ss)
		}
		for i, n := range names {
			if ss[0].Action[i] != "s3:Put"+n {
				t.Fatalf("%q became %q", n, ss[0].Action[i])
			}
		}
		ss[0].Action = plain[0].Action
		if !reflect.DeepEqual(ss, plain) {
			t.Fatalf("%+v", ss)
		}
		doc := policy.Document{Statements: ss}.JSON()
		if !json.Valid([]byte(doc)) {
			t.Fatal(doc)
		}
	})
}

func TestNegated(t *testing.T) {
	for op, want := range map[string]bool{
		"StringNotEquals": true, "stringnotlikeifexists": true, "ForAllValues:ArnNotLike": true, "NotIpAddress": true,
		"ForAnyValue:StringNotEquals": false, "StringEquals": false, "Null": false, "Bool": false, "NumericNotEqualsIfExists": true,
	} {
		if Negated(op) != want {
			t.Errorf("Negated(%s) is %v", op, !want)
		}
	}
}

func TestExpandIsBounded(t *testing.T) {
	many := value{list: true, items: make([]string, 100)}
	if _, err := expand("{{a}}{{a}}{{a}}", map[string]value{"a": many}); err == nil {
		t.Error("a million values")
	}
	if out, err := expand("{{a}}{{a}}", map[string]value{"a": many}); err == nil || len(out) > maxItems {
		t.Error(len(out), err)
	}
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "{{a}}", "x{{a.b}}y${aws:username}", "{{", "}}", "{{{a}}}", "{{a}}{{b}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := parseText(s)
		if err != nil {
			return
		}
		var b strings.Builder
		for _, p := range parts {
			if p.name != "" {
				b.WriteString("{{" + p.name + "}}")
			}
			b.WriteString(p.literal)
		}
		if b.String() != s {
			t.Fatalf("%q came back as %q", s, b.String())
		}
	})
}
