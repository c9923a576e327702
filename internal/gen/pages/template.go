package pages

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/sheet"
)

// uses say where the organization file asks for templates of a type.
var uses = map[catalog.Type]string{
	catalog.ServiceControlPolicy:   "Name it in a list of [guardrails](../organization-file.md#guardrails); an [exception](../organization-file.md#exceptions) spares a principal, an account or an action.",
	catalog.ResourceControlPolicy:  "Name it in a list of [guardrails](../organization-file.md#guardrails); an [exception](../organization-file.md#exceptions) spares a principal, an account or an action.",
	catalog.DeclarativePolicyEC2:   declarativeUse,
	catalog.AIServicesOptOutPolicy: declarativeUse,
	catalog.TagPolicy:              declarativeUse,
	catalog.BackupPolicy:           declarativeUse,
	catalog.PermissionsBoundary:    "Name it as `template` in [permissionBoundaries](../organization-file.md#permissionboundaries).",
	catalog.PasswordPolicyPreset:   "Name it as `preset` in [passwordPolicies](../organization-file.md#passwordpolicies).",
}

const declarativeUse = "Name it in a list of [guardrails](../organization-file.md#guardrails), where it is to hold: there are no exceptions from [declarative policies](../organization-file.md#declarative-policies)."

// template is the page of one template.
func template(s *sheet.Sheet) string {
	var b strings.Builder
	b.WriteString(generated)
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", s.ID, sentence(s.Title))
	t := newTable("", "")
	t.row("stops", text(s.Stops))
	t.row("breaks", text(s.Breaks))
	t.row("avoid", text(s.Avoid))
	t.row("type", code(string(s.Type)))
	t.row("severity", string(s.Severity))
	if s.Type == catalog.ServiceControlPolicy {
		t.row("deploy role", map[bool]string{true: "is exempt", false: "is not exempt"}[s.ExemptDeployRole == nil || *s.ExemptDeployRole])
	}
	b.WriteString(t.String())
	if use := uses[s.Type]; use != "" {
		b.WriteString(use + "\n\n")
	}
	parameters(&b, s)
	document(&b, s)
	vectors(&b, s)
	settings(&b, s)
	if len(s.Controls) > 0 {
		b.WriteString("## Controls\n\n")
		t := newTable("framework", "control", "where the mapping is stated")
		for _, k := range s.Controls {
			source := text(k.Source)
			if strings.HasPrefix(k.Source, "https://") {
				source = "<" + k.Source + ">"
			}
			t.row(code(k.Framework), control(k.ID), source)
		}
		b.WriteString(t.String())
	}
	if len(s.Notes) > 0 {
		b.WriteString("## Notes\n\n")
		for _, n := range s.Notes {
			b.WriteString("- " + text(n) + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("## References\n\n")
	for _, r := range s.References {
		b.WriteString("- <" + r + ">\n")
	}
	return b.String()
}

func parameters(b *strings.Builder, s *sheet.Sheet) {
	if len(s.Parameters) == 0 {
		return
	}
	b.WriteString("## Parameters\n\n")
	t := newTable("name", "type", "default", "bounds", "meaning")
	for _, name := range s.ParameterNames() {
		p := s.Parameters[name]
		value := "none: it must be given"
		if d := sheet.Default(p); d != "" {
			value = code(d)
		}
		bounds := sheet.Bounds(p)
		for i := range bounds {
			if pattern, ok := strings.CutPrefix(bounds[i], "matches "); ok {
				bounds[i] = "matches " + code(pattern)
			}
		}
		if len(p.Enum) > 0 { // it stands first
			bounds[0] = "one of " + codes(p.Enum, ", ")
		}
		t.row(code(name), string(p.Type), value, strings.Join(bounds, ", "), text(p.Description))
	}
	b.WriteString(t.String())
}

func document(b *strings.Builder, s *sheet.Sheet) {
	if s.PasswordPolicy != nil {
		b.WriteString("## Password policy\n\n")
		t := newTable("field", "value")
		for _, f := range sheet.Passwords(s.PasswordPolicy) {
			t.row(f[0], f[1])
		}
		b.WriteString(t.String())
	}
	if s.Document == "" {
		return
	}
	b.WriteString("## Document\n\n")
	switch {
	case len(s.Given) > 0:
		fmt.Fprintf(b, "For an example organization, with %s: %s.\n\n", code(sheet.Values(s.Given)), s.Characters())
	case len(s.Parameters) > 0:
		fmt.Fprintf(b, "For an example organization, with the defaults: %s.\n\n", s.Characters())
	default:
		fmt.Fprintf(b, "For an example organization: %s.\n\n", s.Characters())
	}
	fmt.Fprintf(b, "```json\n%s\n```\n\n", s.Pretty())
}

// A request is one row of the vectors: those that differ in nothing but the
// action are one.
type request struct {
	vector  *catalog.Vector
	name    string
	actions []string
	why     string
}

func requests(s *sheet.Sheet, expect string) []request {
	var rows []request
	for i := range s.Results {
		r := &s.Results[i]
		if r.Vector.Expect != expect {
			continue
		}
		name, why := sheet.VectorName(r.Vector), sheet.Why(r)
		if n := len(rows); n > 0 && name != r.Vector.Name && rows[n-1].name == name && rows[n-1].why == why {
			rows[n-1].actions = append(rows[n-1].actions, r.Vector.Action)
			continue
		}
		rows = append(rows, request{r.Vector, name, []string{r.Vector.Action}, why})
	}
	return rows
}

func vectors(b *strings.Builder, s *sheet.Sheet) {
	if len(s.Results) == 0 {
		return
	}
	fmt.Fprintf(b, "## Requests\n\n%s, each put to this template alone and answered as expected.\n", plural(len(s.Results), "request"))
	for _, side := range []struct{ expect, title, last string }{{"deny", "Denied", "by"}, {"allow", "Let through", ""}} {
		rows := requests(s, side.expect)
		if len(rows) == 0 {
			continue
		}
		titles := []string{"request", "principal", "action", "resource", "with"}
		if side.last != "" {
			titles = append(titles, side.last)
		}
		t := newTable(titles...)
		for _, r := range rows {
			cells := []string{text(r.name), principal(r.vector.Principal), codes(r.actions, " "), resource(r.vector.Resource), with(r.vector)}
			if side.last != "" {
				cells = append(cells, r.why)
			}
			t.row(cells...)
		}
		fmt.Fprintf(b, "\n### %s\n\n%s", side.title, strings.TrimSuffix(t.String(), "\n"))
	}
	b.WriteString("\n")
}

// principal is who asks, shorter where it is of the account that most are of.
func principal(p string) string {
	if p == "" {
		return "anonymous"
	}
	if parts := policy.SplitARN(p); len(parts) == 6 {
		if parts[4] == "222222222222" {
			return code(parts[5])
		}
		return code(parts[5]) + " of " + parts[4]
	}
	return code(p)
}

func resource(r string) string {
	if r == "" {
		r = "*"
	}
	return code(r)
}

// with are the context keys and the parameters of a vector.
func with(v *catalog.Vector) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(v.Context)) {
		parts = append(parts, code(key+": "+sheet.Value(v.Context[key])))
	}
	if len(v.Parameters) > 0 {
		parts = append(parts, "parameters "+code(sheet.Values(v.Parameters)))
	}
	return strings.Join(parts, ", ")
}

func settings(b *strings.Builder, s *sheet.Sheet) {
	if len(s.Effects) == 0 {
		return
	}
	b.WriteString("## Settings\n\nWhat the document comes to in an account below.\n\n")
	t := newTable("setting", "value", "when")
	for i := range s.Effects {
		r := &s.Effects[i]
		value, when := "not set", []string{}
		if r.Setting.Value != nil {
			value = code(sheet.Value(r.Setting.Value))
		}
		if len(r.Setting.Parameters) > 0 {
			when = append(when, "parameters "+code(sheet.Values(r.Setting.Parameters)))
		}
		if r.Setting.Below != nil {
			when = append(when, "a policy below is "+code(sheet.Value(r.Setting.Below)))
		}
		t.row(code(r.Setting.Path), value, strings.Join(when, ", "))
	}
	b.WriteString(t.String())
}
