package templates_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// declare makes the document of a declarative template for the example organization.
func declare(t testing.TB, tm *catalog.Template, values map[string]any) *policy.Declarative {
	t.Helper()
	params := catalog.Parameters(values)
	d, ds := tm.Declare(catalog.ExampleEnv(), params, diag.Range{File: tm.ID})
	if ds != nil {
		t.Fatalf("%s: %+v", tm.ID, ds)
	}
	return d
}

// Every document comes to what AWS's pages say it does, and every part of it is
// needed for that: without any one operator, some setting comes out otherwise.
func TestSettings(t *testing.T) {
	n := 0
	for _, tm := range load(t).All() {
		if !tm.Type.IsDeclarative() {
			continue
		}
		n++
		results, err := trial.Settings(tm)
		if err != nil {
			t.Error(err)
		}
		for i := range results {
			if r := &results[i]; !r.Passed() {
				t.Errorf("%s: %s is %v, want %v", tm.ID, r.Setting.Path, r.Value, r.Setting.Value)
			}
		}
		given := map[string]bool{}
		for _, s := range tm.Settings {
			for name := range s.Parameters {
				given[name] = true
			}
		}
		for name := range tm.Parameters {
			if !given[name] {
				t.Errorf("%s: no setting gives the parameter %s", tm.ID, name)
			}
		}
		for _, change := range changes(tm) {
			if !missed(t, tm, change) {
				t.Errorf("%s: no setting misses %s", tm.ID, change)
			}
		}
	}
	if n < 8 {
		t.Errorf("%d declarative templates", n)
	}
}

// changes are the operators of a template's documents, each as its path and name.
func changes(tm *catalog.Template) []string {
	var list []string
	seen := map[string]bool{}
	for i := range tm.Settings {
		params := catalog.Parameters(tm.Settings[i].Parameters)
		d, _ := tm.Declare(catalog.ExampleEnv(), params, diag.Range{})
		if i > 0 && len(params) > 0 {
			continue // a variant's parts are those of the template
		}
		for _, path := range d.Settings() {
			part := d.At(path)
			for name, there := range map[string]bool{"value": part.Assign != nil, "lock": part.ChildOperators != nil} {
				if change := path + " " + name; there && !seen[change] {
					seen[change] = true
					list = append(list, change)
				}
			}
		}
	}
	return list
}

// missed reports whether a setting comes out otherwise without an operator.
func missed(t *testing.T, tm *catalog.Template, change string) bool {
	path, name, _ := strings.Cut(change, " ")
	for i := range tm.Settings {
		s := &tm.Settings[i]
		d := declare(t, tm, s.Parameters)
		part := d.At(path)
		switch {
		case part == nil:
			continue
		case name == "value":
			part.Assign = nil
		default:
			part.ChildOperators = nil
		}
		got, err := trial.Effect(tm, d, s)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, trial.Expected(s.Value)) {
			return true
		}
	}
	return false
}
