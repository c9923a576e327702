package trial

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/config"
)

func builtin(t *testing.T) *catalog.Catalog {
	t.Helper()
	ts, ds := config.BuiltinTemplates()
	c, more := catalog.New(ts)
	if ds = append(ds, more...); ds.HasErrors() {
		t.Fatal(show(ds))
	}
	return c
}

// Every vector of the catalogue gets the answer it expects.
func TestCatalog(t *testing.T) {
	results, err := Catalog(builtin(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range results {
		n += len(r.Vectors)
	}
	if len(results) < 10 || n < 100 {
		t.Errorf("%d vectors of %d templates", n, len(results))
	}
	if ds := CatalogDiagnostics(results); len(ds) > 0 {
		t.Error(show(ds))
	}
}

// With a template's statements taken away, or made to deny all, vectors fail
// and say so.
func TestBrokenTemplatesFail(t *testing.T) {
	for _, id := range []string{"restrict-regions", "data-perimeter-identity", "developer-boundary"} {
		whole, _ := builtin(t).Lookup(id)
		for name, broken := range map[string]func(*catalog.Statement){
			"expected deny, but nothing denies it": func(s *catalog.Statement) {
				if s.Effect == "Deny" {
					s.Action, s.NotAction = []string{"none:None"}, nil
				}
			},
			"expected allow, but statement": func(s *catalog.Statement) {
				s.Effect, s.Condition, s.Resource, s.NotResource = "Deny", nil, []string{"*"}, nil
			},
		} {
			tm := *whole
			tm.Statements = append([]catalog.Statement{}, whole.Statements...)
			for i := range tm.Statements {
				broken(&tm.Statements[i])
			}
			tm.Range = diag.Range{File: "broken.yaml"}
			vs, err := Vectors(&tm)
			if err != nil {
				t.Fatal(err)
			}
			ds := CatalogDiagnostics([]CatalogResult{{Template: &tm, Vectors: vs}})
			if len(ds) < 2 || ds[0].Code != "GR372" || !strings.Contains(ds[0].Summary, name) {
				t.Errorf("%s: %s", id, show(ds))
			}
		}
	}
}
