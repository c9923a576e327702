package templates_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// survivors are mutants that no vector can tell from the template, and why.
// The key is "id: Sid: change".
var survivors = map[string]string{
	"require-imdsv2: LimitHopsAtLaunch: all resources": "only the instance of a launch carries ec2:MetadataHttpPutResponseHopLimit; its volumes, without the key, never match",
}

// A mutant is a template with one thing taken away.
type mutant struct {
	name       string
	statements []catalog.Statement
}

// mutants takes away, one at a time, every action, resource, condition and
// value of a template. The last resource becomes all resources, and the last
// action of a NotAction leaves all actions.
func mutants(tm *catalog.Template) []mutant {
	var list []mutant
	for i, s := range tm.Statements {
		add := func(change string, edit func(*catalog.Statement)) {
			m := mutant{fmt.Sprintf("%s: %s: %s", tm.ID, s.Sid, change), slices.Clone(tm.Statements)}
			edit(&m.statements[i])
			list = append(list, m)
		}
		without := func(list []string, j int) []string { return slices.Delete(slices.Clone(list), j, j+1) }
		for j, text := range s.Action {
			if len(s.Action) > 1 {
				add("without the action "+text, func(s *catalog.Statement) { s.Action = without(s.Action, j) })
			}
		}
		for j, text := range s.NotAction {
			add("without the action left out "+text, func(s *catalog.Statement) {
				if s.NotAction = without(s.NotAction, j); len(s.NotAction) == 0 {
					s.NotAction, s.Action = nil, []string{"*"}
				}
			})
		}
		for j, text := range s.Resource {
			if len(s.Resource) > 1 {
				add("without the resource "+text, func(s *catalog.Statement) { s.Resource = without(s.Resource, j) })
			} else if text != "*" {
				add("all resources", func(s *catalog.Statement) { s.Resource = []string{"*"} })
			}
		}
		for j, text := range s.NotResource {
			add("without the resource left out "+text, func(s *catalog.Statement) {
				if s.NotResource = without(s.NotResource, j); len(s.NotResource) == 0 {
					s.NotResource, s.Resource = nil, []string{"*"}
				}
			})
		}
		for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
			for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
				with := func(values []string) func(*catalog.Statement) {
					return func(s *catalog.Statement) {
						s.Condition = maps.Clone(s.Condition)
						s.Condition[operator] = maps.Clone(s.Condition[operator])
						s.Condition[operator][key] = values
						if values == nil {
							delete(s.Condition[operator], key)
						}
						if len(s.Condition[operator]) == 0 {
							delete(s.Condition, operator)
						}
					}
				}
				add(fmt.Sprintf("without the condition %s %s", operator, key), with(nil))
				values := s.Condition[operator][key]
				for j, text := range values {
					if len(values) > 1 {
						add(fmt.Sprintf("without %s of %s %s", text, operator, key), with(without(values, j)))
					}
				}
			}
		}
	}
	return list
}

// killed reports whether any vector is answered otherwise than it expects. A
// mutant that is no valid template is refused before it is asked.
func killed(t *testing.T, tm *catalog.Template, statements []catalog.Statement) bool {
	changed := *tm
	changed.Statements = statements
	for _, v := range tm.Vectors {
		params := catalog.Parameters(v.Parameters)
		ss, ds := changed.Instantiate(catalog.ExampleEnv(), params, diag.Range{File: tm.ID})
		if ds != nil {
			return true
		}
		if denies(t, tm, policy.Document{Version: policy.Version2012, Statements: ss}, v) != (v.Expect == "deny") {
			return true
		}
	}
	return false
}

// Taking any one thing out of a template changes the answer to one of its
// vectors: nothing in it is there without a reason that a test knows.
func TestMutants(t *testing.T) {
	total, alive := 0, 0
	seen := map[string]bool{}
	for _, tm := range load(t).All() {
		if tm.Type == catalog.PasswordPolicyPreset {
			continue
		}
		for _, m := range mutants(tm) {
			total++
			if killed(t, tm, m.statements) {
				continue
			}
			alive++
			seen[m.name] = true
			if survivors[m.name] == "" {
				t.Errorf("no vector misses what this takes away: %s", m.name)
			}
		}
	}
	for name := range survivors {
		if !seen[name] {
			t.Errorf("it is named as a survivor, and is none: %s", name)
		}
	}
	t.Logf("score: %d mutants, %d killed (%.1f %%)", total, total-alive, 100*float64(total-alive)/float64(total))
}
