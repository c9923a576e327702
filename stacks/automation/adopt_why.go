package automation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// explain says why a change is left to be made after an adoption, in words that
// follow the name of the resource; "" for what is as the plan says.
func explain(m apitype.StepEventMetadata) string {
	switch m.Op {
	case apitype.OpCreate:
		return "the plan has it and AWS does not: up creates it"
	case apitype.OpImport:
		if strings.HasSuffix(m.Type, ":PolicyAttachment") {
			return "FullAWSAccess is attached here: up takes it away once the allow list is attached"
		}
		return "up imports it"
	case apitype.OpDelete:
		if m.Old != nil && m.Old.RetainOnDelete {
			return "the state has it and the file does not: up forgets it, and it stays in AWS"
		}
		return "the state has it and the file does not: up deletes it"
	case apitype.OpUpdate:
		return differs(m) + ": up changes it"
	case apitype.OpReplace:
		return differs(m) + ", which can only be changed by making it anew: up replaces it"
	}
	return ""
}

// differs names what is not as the plan says, with the values where they are short.
func differs(m apitype.StepEventMetadata) string {
	var parts []string
	for _, d := range m.Diffs {
		name, _, _ := strings.Cut(strings.TrimLeft(d, "+-~"), "[")
		name, _, _ = strings.Cut(name, ".")
		if s := difference(name, m); !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return "it differs"
	}
	slices.Sort(parts) // the engine names them in no order
	return strings.Join(parts, ", ")
}

// named are properties that have a name.
var named = map[string]string{
	"assumeRolePolicy": "trust policy", "maxSessionDuration": "session duration", "content": "policy text", "policy": "policy text",
	"policyArns": "attached policies", "permissionsBoundary": "permissions boundary", "parentId": "unit it is in",
	"awsServiceAccessPrincipals": "trusted services", "enabledPolicyTypes": "policy types", "enabledFeatures": "central root access",
}

// many are properties whose name is that of several things.
var many = map[string]bool{"policyArns": true, "awsServiceAccessPrincipals": true, "enabledPolicyTypes": true, "tags": true, "filters": true}

func difference(name string, m apitype.StepEventMetadata) string {
	what := named[name]
	if what == "" {
		what = name
	}
	what += " differs"
	if many[name] {
		what = strings.TrimSuffix(what, "s")
	}
	if m.Old == nil || m.New == nil {
		return what
	}
	old, want := m.Old.Inputs[name], m.New.Inputs[name]
	if a, b, ok := lists(old, want); ok {
		return what + onlyIn("AWS has", a, b) + onlyIn("the plan has", b, a)
	}
	a, b := scalar(old), scalar(want)
	if s := statements(a, b); s != "" {
		return what + ": " + s
	}
	if len(a)+len(b) > 160 || a == "" && b == "" {
		return what
	}
	return fmt.Sprintf("%s: AWS has %q, the plan %q", what, a, b)
}

func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, float64, int, json.Number:
		return fmt.Sprint(v)
	}
	return ""
}

func lists(a, b any) (x, y []string, ok bool) {
	l, isList := a.([]any)
	r, also := b.([]any)
	if !isList && !also {
		return nil, nil, false
	}
	return texts(l), texts(r), true
}

func texts(l []any) []string {
	var out []string
	for _, v := range l {
		out = append(out, scalar(v))
	}
	return out
}

func onlyIn(who string, a, b []string) string {
	var only []string
	for _, v := range a {
		if !slices.Contains(b, v) {
			only = append(only, v)
		}
	}
	if len(only) == 0 {
		return ""
	}
	return "; only " + who + " " + strings.Join(only, ", ")
}

// statements says which statements of two policies differ; "" where the texts
// are not two policies.
func statements(a, b string) string {
	old, ok := byKey(a)
	want, also := byKey(b)
	if !ok || !also {
		return ""
	}
	var parts []string
	for _, side := range []struct {
		what      string
		here, not map[string]string
	}{{"only AWS has", old, want}, {"only the plan has", want, old}} {
		var keys []string
		for k := range side.here {
			if _, ok := side.not[k]; !ok {
				keys = append(keys, k)
			}
		}
		if slices.Sort(keys); len(keys) > 0 {
			parts = append(parts, side.what+" statement "+strings.Join(keys, ", "))
		}
	}
	var changed []string
	for k, text := range old {
		if w, ok := want[k]; ok && w != text {
			changed = append(changed, k)
		}
	}
	if slices.Sort(changed); len(changed) > 0 {
		parts = append(parts, "not the same is statement "+strings.Join(changed, ", "))
	}
	return strings.Join(parts, "; ")
}

// byKey are the statements of a policy, by Sid or by number; ok is false for a
// text that is not one.
func byKey(text string) (out map[string]string, ok bool) {
	doc, ds := policy.Parse("policy", []byte(text))
	if ds.HasErrors() {
		return nil, false
	}
	out = map[string]string{}
	for i, s := range doc.Statements {
		key := s.Sid
		if key == "" {
			key = fmt.Sprintf("number %d", i+1)
		}
		out[key] = policy.Document{Statements: []policy.Statement{s}}.JSON()
	}
	return out, true
}
