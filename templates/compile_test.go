package templates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// Every guardrail can be asked for by its name alone: each compiles at a unit
// of its own, together with the protection of whom it spares.
func TestEveryGuardrailCompiles(t *testing.T) {
	var units []string
	for _, tm := range load(t).All() {
		needs := false
		for _, p := range tm.Parameters {
			needs = needs || p.Default == nil
		}
		if !needs && slices.Contains([]catalog.Type{catalog.ServiceControlPolicy, catalog.ResourceControlPolicy}, tm.Type) {
			units = append(units, fmt.Sprintf("    Unit%d: {guardrails: [%s], accounts: {account-%d: {email: a%d@acme.example}}}\n", len(units), tm.ID, len(units), len(units)))
		}
	}
	if len(units) < 20 {
		t.Fatalf("%d guardrails were found", len(units))
	}
	p, ds := compiled(t, "eu-central-1", []string{"eu-central-1", "eu-west-1"}, "root:\n  units:\n"+strings.Join(units, "")+
		"permissionBoundaries: {developer: {template: developer-boundary, targets: [root], required: true}}\n")
	for _, d := range ds {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s [%s] %s", d.Range, d.Summary, d.Code, d.Hint)
		}
	}
	if p == nil {
		t.Error("there is no plan")
	}
}
