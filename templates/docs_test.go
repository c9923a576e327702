package templates_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// base is the template whose fields the manual's examples replace.
const base = `
id: protect-buckets
title: Buckets stay
stops: Anyone deleting a bucket.
breaks: Teams cannot delete the buckets.
avoid: Nowhere.
type: SERVICE_CONTROL_POLICY
severity: high
references: ["https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html"]
parameters:
  buckets: {description: Buckets to protect., type: strings, default: [logs], minItems: 1}
statements:
  - {sid: Protect, effect: Deny, action: ["s3:DeleteBucket"], resource: ["arn:{{partition}}:s3:::{{buckets}}"]}
vectors:
  - {name: a role deletes the bucket, expect: deny, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:DeleteBucket", resource: "arn:aws:s3:::logs"}
  - {name: a user deletes the bucket, expect: deny, principal: "arn:aws:iam::222222222222:user/alice", action: "s3:DeleteBucket", resource: "arn:aws:s3:::logs"}
  - {name: a role deletes another bucket, expect: allow, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:DeleteBucket", resource: "arn:aws:s3:::other"}
  - {name: a role lists the bucket, expect: allow, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:ListBucket", resource: "arn:aws:s3:::logs"}
`

// overlay is the base template with the fields of an example in place of its own.
func overlay(t *testing.T, example map[string]any) catalog.Template {
	t.Helper()
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(base), &fields); err != nil {
		t.Fatal(err)
	}
	maps.Copy(fields, example)
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	tm := catalog.Template{Range: diag.Range{File: "example.yaml"}}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&tm); err != nil {
		t.Fatal(err)
	}
	return tm
}

// brought are the codes that an example of the manual brings about.
func brought(t *testing.T, c *catalog.Catalog, src string) []string {
	t.Helper()
	example := map[string]any{}
	if err := yaml.Unmarshal([]byte(src), &example); err != nil {
		t.Fatal(err)
	}
	var ds diag.Diagnostics
	if id, ok := example["template"].(string); ok {
		tm, ok := c.Lookup(id)
		if !ok {
			t.Fatalf("no template is named %s", id)
		}
		env, params := catalog.ExampleEnv(), map[string]org.Parameter{}
		if name, ok := example["without"].(string); ok {
			delete(env.Values, name)
		}
		given, _ := example["parameters"].(map[string]any)
		for name, v := range given {
			params[name] = org.Parameter{Value: v}
		}
		_, ds = tm.Instantiate(env, params, diag.Range{File: "example.yaml"})
	} else {
		_, ds = catalog.New([]catalog.Template{overlay(t, example)})
	}
	codes := []string{}
	for _, d := range ds {
		codes = append(codes, d.Code)
	}
	return codes
}

// Every code of templates has its section in the manual, in order, under its
// title; each example brings about the diagnostic of its section.
func TestTheManualIsTrue(t *testing.T) {
	c := load(t)
	if got := brought(t, c, "{}"); len(got) != 0 {
		t.Fatalf("the base template has mistakes: %v", got)
	}
	src, err := os.ReadFile("../docs/diagnostics/template.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(src), "\n## ")[1:]
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	n := 0
	for _, code := range diag.Codes() {
		if !strings.HasPrefix(code.ID, "GR2") {
			continue
		}
		if n == len(sections) {
			t.Fatalf("%s has no section", code.ID)
		}
		section := sections[n]
		n++
		if !strings.HasPrefix(section, code.ID+": "+code.Title+"\n") || !strings.Contains(section, "Way out: ") {
			t.Errorf("section %d is not that of %s: %s, or has no way out", n, code.ID, code.Title)
			continue
		}
		m := example.FindStringSubmatch(section)
		if m == nil {
			if code.ID != "GR211" { // no built-in template asks for a parameter
				t.Errorf("%s has no example", code.ID)
			}
			continue
		}
		got := brought(t, c, m[1])
		if !slices.Contains(got, code.ID) {
			t.Errorf("the example of %s gives %v", code.ID, got)
		}
	}
	if n != len(sections) || n == 0 {
		t.Errorf("%d sections for %d codes", len(sections), n)
	}
	for _, tm := range c.All() {
		for name, p := range tm.Parameters {
			if p.Default == nil {
				t.Errorf("%s: the parameter %s has no default, and the manual says that all do", tm.ID, name)
			}
		}
	}
}
