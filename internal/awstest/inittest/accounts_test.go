package inittest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
)

// sameAccounts wants two plans to place the same boundaries, roles and groups
// into the same accounts: every field of them, and documents of the same
// statements.
func sameAccounts(t *testing.T, a, b *guardrails.Plan) {
	t.Helper()
	x, y := inAccounts(t, a, b), inAccounts(t, b, b)
	for name, text := range x {
		if y[name] != text {
			t.Errorf("%s was deployed as\n%s\nand comes out as\n%s", name, text, y[name])
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			t.Errorf("%s was not deployed", name)
		}
	}
	// 4 boundaries, 25 roles and 3 groups.
	if len(x) != 32 {
		t.Errorf("%d things were compared", len(x))
	}
}

// inAccounts is what a plan places into accounts, by the ids of these.
func inAccounts(t *testing.T, plan, ids *guardrails.Plan) map[string]string {
	t.Helper()
	known := maps.Clone(ids.IDs)
	maps.Copy(known, plan.IDs)
	fill := func(text guardrails.Text) string {
		s, err := text.Fill(known)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	document := func(text guardrails.Text) string {
		doc, ds := policy.Parse("", []byte(fill(text)))
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		var list []string
		for _, s := range doc.Statements {
			list = append(list, recognize.Canonical(s))
		}
		slices.Sort(list)
		return strings.Join(list, "\n")
	}
	managed := func(list ...guardrails.ManagedPolicy) string {
		s := ""
		for _, m := range list {
			s += fmt.Sprintf("policy %s%s %q\n%s\n", m.Path, m.Name, m.Description, document(m.Document))
		}
		return s
	}
	out := map[string]string{}
	for _, b := range plan.Baselines {
		in := known["account:"+b.Account]
		for _, m := range b.Boundaries {
			out[in+" boundary "+m.Name] = managed(m)
		}
		for _, r := range b.Roles {
			var arns []string
			for _, m := range r.ManagedPolicies {
				arns = append(arns, fill(m))
			}
			out[in+" role "+r.Name] = fmt.Sprintf("%s%s %q, sessions of %d s, boundary %q, break-glass %t\n%v\n%s%s",
				r.Path, r.Name, r.Description, r.MaxSessionDuration, fill(r.Boundary), r.BreakGlass, arns, managed(r.Policies...), document(r.Trust))
		}
		for _, g := range b.Groups {
			out[in+" group "+g.Name] = g.Path + g.Name + "\n" + managed(g.Policy)
		}
	}
	return out
}
