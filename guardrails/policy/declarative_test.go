package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/policy"
)

func declarative(t testing.TB, kind policy.Kind, src string) *policy.Declarative {
	t.Helper()
	d, ds := policy.ParseDeclarative("document", []byte(src), kind)
	if ds.HasErrors() {
		t.Fatalf("%+v", ds)
	}
	return d
}

// Reading and writing again changes nothing but the spelling, and that once.
func TestDeclarativeIsCanonical(t *testing.T) {
	src := `{ "tags": { "Team": { "tag_value": {"@@append": ["b", "a", "b"]},
		"tag_key": {"@@operators_allowed_for_child_policies": ["@@none"], "@@assign": "Team"} } } }`
	want := `{"tags":{"Team":{"tag_key":{"@@assign":"Team","@@operators_allowed_for_child_policies":["@@none"]},"tag_value":{"@@append":["a","b"]}}}}`
	d := declarative(t, policy.TagPolicy, src)
	if d.JSON() != want {
		t.Errorf("%s", d.JSON())
	}
	if again := declarative(t, policy.TagPolicy, want); again.JSON() != want {
		t.Errorf("%s", again.JSON())
	}
	if got := d.Settings(); !slices.Equal(got, []string{"tags.Team.tag_key", "tags.Team.tag_value"}) {
		t.Errorf("%q", got)
	}
	one := declarative(t, policy.DeclarativePolicyEC2, `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"c1":{"creation_date_condition":{"maximum_days_since_created":{"@@assign":300}}}}}}}`)
	if !strings.Contains(one.JSON(), `{"@@assign":300}`) {
		t.Errorf("a number is spelled otherwise: %s", one.JSON())
	}
}

// What AWS refuses is refused, at its place.
func TestDeclarativeMistakes(t *testing.T) {
	ec2 := func(s string) string { return `{"ec2_attributes":{` + s + `}}` }
	for _, c := range []struct {
		kind policy.Kind
		src  string
		want string // code, column and the beginning of the summary
	}{
		{policy.TagPolicy, `{`, "GR101:2 expected a name"},
		{policy.TagPolicy, `[]`, "GR105:1 the document is a list"},
		{policy.TagPolicy, `{}`, "GR106:1 the document is empty"},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@assign":"a"}}},"tags":{}}`, `GR103:44 "tags" stands twice`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@assign":"a"}},"A":{"tag_key":{"@@assign":"A"}}}}`, `GR103:43 "A" stands in tags as "a" too`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@assign":"b"}}}}`, `GR132:10 the entry "a" is for the tag key "b"`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_values":{"@@assign":["b"]}}}}`, `GR130:15 tags.a has no "tag_values"`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_value":{"@@assign":"b"}}}}`, `GR105:39 tags.a.tag_value is a string`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_value":{"@@assign":[]}}}}`, `GR106:39 the list of tags.a.tag_value is empty`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_value":{"@@assign":["b"],"@@append":["c"]}}}}`, `GR107:27 tags.a.tag_value has @@assign together`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@append":["b"]}}}}`, `GR131:26 tags.a.tag_key has one value`},
		{policy.TagPolicy, `{"tags":{"@@assign":"x"}}`, `GR131:10 tags is a group of settings`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@assing":"a"}}}}`, `GR131:26 no operator is named "@@assing"`},
		{policy.TagPolicy, `{"tags":{"a":{"tag_key":{"@@assign":"a","@@operators_allowed_for_child_policies":["@@maybe"]}}}}`, `GR131:83 "@@maybe" is no operator`},
		{policy.AIServicesOptOutPolicy, `{"services":{"default":{"opt_out_policy":{"@@assign":"optout"}}}}`, `GR132:54 services.default.opt_out_policy takes no "optout"`},
		{policy.AIServicesOptOutPolicy, `{"services":{"default":{"opt_out_policy":"optOut"}}}`, `GR105:42 services.default.opt_out_policy is a string`},
		{policy.DeclarativePolicyEC2, ec2(`"serial_console_acces":{"status":{"@@assign":"disabled"}}`), `GR130:20 ec2_attributes has no "serial_console_acces"`},
		{policy.DeclarativePolicyEC2, ec2(`"brand_new_thing":{"status":{"@@assign":"disabled"}}`), `GR130:20 ec2_attributes has no "brand_new_thing" that this version knows`},
		{policy.DeclarativePolicyEC2, ec2(`"serial_console_access":{"status":{"value":{"@@assign":"disabled"}}}`), `GR107:55 ec2_attributes.serial_console_access.status is a setting`},
		{policy.BackupPolicy, `{"plans":{"daily":{"regions":{"@@assign":["eu-central-1"]},"rules":{"r":{"lifecycle":{"delete_after":{"@@assign":"30"}}}}}}}`, `GR130:87 plans.daily.rules.r.lifecycle has no "delete_after"`},
	} {
		_, ds := policy.ParseDeclarative("document", []byte(c.src), c.kind)
		got := ""
		if len(ds) > 0 {
			got = fmt.Sprintf("%s:%d %s", ds[0].Code, ds[0].Range.Start.Column, ds[0].Summary)
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.src, got, c.want)
		}
	}
}

// The examples of the pages on tag policies and on AI services come out as AWS
// says they do.
// https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html
func TestEffective(t *testing.T) {
	a := `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Development","Support"]}}}}`
	lock := `"@@operators_allowed_for_child_policies":["@@none"]`
	e := `{"tags":{"project":{"tag_key":{` + lock + `,"@@assign":"Project"},"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance","Escalations"]}}}}`
	all := `{"services":{` + lock + `,"default":{` + lock + `,"opt_out_policy":{` + lock + `,"@@assign":"optOut"}}}}`
	lex := `{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}}}}`
	for _, c := range []struct {
		name    string
		kind    policy.Kind
		down    []string
		path    string
		want    any
		refused string
	}{
		{"overwritten", policy.TagPolicy, []string{a, `{"tags":{"costcenter":{"tag_value":{"@@assign":["Sandbox"]}}}}`}, "tags.costcenter.tag_value", []string{"Sandbox"}, ""},
		{"in another case", policy.TagPolicy, []string{a, `{"tags":{"CostCenter":{"tag_value":{"@@assign":["Sandbox"]}}}}`}, "tags.costcenter.tag_value", []string{"Sandbox"}, ""},
		{"appended", policy.TagPolicy, []string{a, `{"tags":{"costcenter":{"tag_value":{"@@append":["Marketing"]}}}}`}, "tags.costcenter.tag_value", []string{"Development", "Marketing", "Support"}, ""},
		{"removed", policy.TagPolicy, []string{a, `{"tags":{"costcenter":{"tag_value":{"@@remove":["Development","Marketing"]}}}}`}, "tags.costcenter.tag_value", []string{"Support"}, ""},
		{"nothing to remove from", policy.TagPolicy, []string{`{"tags":{"costcenter":{"tag_value":{"@@remove":["Development"]}}}}`}, "tags.costcenter.tag_value", nil, ""},
		{"a locked key", policy.TagPolicy, []string{e, `{"tags":{"project":{"tag_key":{"@@assign":"PROJECT"}}}}`}, "tags.project.tag_key", "Project", "tags.project.tag_key @@assign"},
		{"values that may be appended", policy.TagPolicy, []string{e, `{"tags":{"project":{"tag_value":{"@@append":["Research"]}}}}`}, "tags.project.tag_value", []string{"Escalations", "Maintenance", "Research"}, ""},
		{"values that may not be replaced", policy.TagPolicy, []string{e, `{"tags":{"project":{"tag_value":{"@@assign":["Research"]}}}}`}, "tags.project.tag_value", []string{"Escalations", "Maintenance"}, "tags.project.tag_value @@assign"},
		{"not unlocked from below", policy.TagPolicy, []string{e, `{"tags":{"project":{"tag_key":{"@@operators_allowed_for_child_policies":["@@all"]}}}}`, `{"tags":{"project":{"tag_key":{"@@assign":"PROJECT"}}}}`}, "tags.project.tag_key", "Project", "tags.project.tag_key @@assign"},
		{"no service beside the locked ones", policy.AIServicesOptOutPolicy, []string{all, lex}, "services.lex.opt_out_policy", nil, "services.lex.opt_out_policy @@assign"},
		{"a service beside the default", policy.AIServicesOptOutPolicy, []string{strings.Replace(all, lock+",", "", 1), lex}, "services.lex.opt_out_policy", "optIn", ""},
	} {
		var e policy.Effective
		var refused []string
		for _, src := range c.down {
			e.Merge(declarative(t, c.kind, src), func(path, op string) { refused = append(refused, path+" "+op) })
		}
		if got := e.Value(c.path); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := strings.Join(refused, ", "); got != c.refused {
			t.Errorf("%s: refused %q, want %q", c.name, got, c.refused)
		}
	}
}

// Two documents for one node become one, unless they set something differently.
func TestMerge(t *testing.T) {
	tags := func(s string) string { return `{"tags":{"team":{` + s + `}}}` }
	for _, c := range []struct{ a, b, want, conflict string }{
		{`"tag_key":{"@@assign":"Team"}`, `"tag_value":{"@@assign":["a"]}`, `"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["a"]}`, ""},
		{`"tag_value":{"@@assign":["a","b"]}`, `"tag_value":{"@@assign":["b","a"]}`, `"tag_value":{"@@assign":["a","b"]}`, ""},
		{`"tag_value":{"@@append":["a"]}`, `"tag_value":{"@@append":["b"]}`, `"tag_value":{"@@append":["a","b"]}`, ""},
		{`"tag_value":{"@@append":["a"]}`, `"tag_value":{"@@assign":["b"]}`, "", "tags.team.tag_value"},
		{`"tag_value":{"@@append":["a"]}`, `"tag_value":{"@@remove":["a"]}`, "", "tags.team.tag_value"},
		{`"tag_value":{"@@assign":["a"]}`, `"tag_value":{"@@assign":["b"]}`, "", "tags.team.tag_value"},
		{`"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["a"]}`, `"tag_value":{"@@operators_allowed_for_child_policies":["@@append","@@remove"]}`,
			`"tag_value":{"@@assign":["a"],"@@operators_allowed_for_child_policies":["@@append"]}`, ""},
	} {
		d, conflict := declarative(t, policy.TagPolicy, tags(c.a)), ""
		d.Merge(declarative(t, policy.TagPolicy, tags(c.b)), func(path string) { conflict = path })
		if conflict != c.conflict || conflict == "" && d.JSON() != tags(c.want) {
			t.Errorf("%s and %s: %q %s", c.a, c.b, conflict, d.JSON())
		}
	}
}

// A document of a user's own holds no placeholder, and a name that is new to
// this version is a warning.
func TestCheckDeclarative(t *testing.T) {
	if _, ds := policy.CheckDeclarative("x", []byte(`{"tags":{"{{a}}":{"tag_key":{"@@assign":"{{a}}"}}}}`), policy.TagPolicy); len(ds) != 2 || ds[0].Code != "GR114" {
		t.Errorf("%+v", ds)
	}
	if _, ds := policy.CheckDeclarative("x", []byte(`{"ec2_attributes":{"brand_new":{"status":{"@@assign":"on"}}}}`), policy.DeclarativePolicyEC2); len(ds) != 1 || ds.HasErrors() {
		t.Errorf("%+v", ds)
	}
	for _, k := range policy.DeclarativeKinds() {
		if _, ds := policy.CheckDeclarative("x", []byte(`{"Version": "2012-10-17", "Statement": []}`), k); !ds.HasErrors() {
			t.Errorf("%s takes an IAM policy", k)
		}
	}
}
