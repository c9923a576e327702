package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A real document is one of the catalogue's.
type realDocument struct {
	name string
	kind policy.Kind
	doc  policy.Document
}

// realDocuments are the SCPs and RCPs of the catalogue.
func realDocuments(t testing.TB) (all []realDocument) {
	t.Helper()
	files, err := filepath.Glob("../../templates/testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d, ds := policy.Parse(f, src)
		if ds.HasErrors() || len(d.Statements) == 0 {
			continue
		}
		kind := policy.ServiceControlPolicy
		switch {
		case d.Statements[0].Principal != nil:
			kind = policy.ResourceControlPolicy
		case slices.ContainsFunc(d.Statements, func(st policy.Statement) bool { return st.Effect == policy.Allow }):
			kind = policy.PermissionsBoundary
		}
		if ds := policy.Validate(d, kind, policy.Rules{}); ds.HasErrors() {
			continue // a trust policy, or no policy at all
		}
		all = append(all, realDocument{filepath.Base(f), kind, d})
	}
	if len(all) < 30 {
		t.Fatalf("only %d documents were found", len(all))
	}
	return all
}

// set is a document as the only one of its node, beside FullAWSAccess where
// that is what an SCP needs.
func set(kind policy.Kind, d policy.Document) []eval.Level {
	docs := []eval.Document{{Name: "document", Policy: d}}
	if kind == policy.ServiceControlPolicy {
		docs = append(docs, eval.Document{Name: "FullAWSAccess", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
			{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}})
	}
	return []eval.Level{{Policies: docs}}
}

// mutants are the document with one thing changed, by what was changed.
func mutants(d policy.Document) (names []string, docs []policy.Document) {
	add := func(name string, i int, change func(st *policy.Statement)) {
		m := d
		m.Statements = slices.Clone(d.Statements)
		change(&m.Statements[i])
		names, docs = append(names, name), append(docs, m)
	}
	without := func(list policy.Values, i int) policy.Values { return slices.Delete(slices.Clone(list), i, i+1) }
	for i, st := range d.Statements {
		for _, e := range []struct {
			name string
			of   func(*policy.Statement) *policy.Values
		}{
			{"Action", func(s *policy.Statement) *policy.Values { return &s.Action }},
			{"NotAction", func(s *policy.Statement) *policy.Values { return &s.NotAction }},
			{"Resource", func(s *policy.Statement) *policy.Values { return &s.Resource }},
			{"NotResource", func(s *policy.Statement) *policy.Values { return &s.NotResource }},
		} {
			list := *e.of(&st)
			for j, text := range list {
				if len(list) > 1 {
					add(fmt.Sprintf("%d without %s %s", i, e.name, text), i, func(s *policy.Statement) { *e.of(s) = without(list, j) })
				}
				if text != "*" {
					add(fmt.Sprintf("%d with %s %s and a character", i, e.name, text), i, func(s *policy.Statement) {
						other := slices.Clone(list)
						other[j] += "x"
						*e.of(s) = other
					})
				}
			}
		}
		for op, keys := range st.Condition {
			for key, list := range keys {
				edit := func(name string, to policy.Values) {
					add(name, i, func(s *policy.Statement) {
						cs := policy.Conditions{}
						for o, ks := range st.Condition {
							for k, vs := range ks {
								if o == op && k == key {
									vs = to
								}
								if vs == nil {
									continue
								}
								if cs[o] == nil {
									cs[o] = map[string]policy.Values{}
								}
								cs[o][k] = vs
							}
						}
						s.Condition = cs
					})
				}
				edit(fmt.Sprintf("%d without %s %s", i, op, key), nil)
				for j := range list {
					if len(list) > 1 {
						edit(fmt.Sprintf("%d without %s %s %s", i, op, key, list[j]), without(list, j))
					}
				}
			}
		}
	}
	return names, docs
}

// One change of a document of the catalogue is found: removing from Action or
// Resource of a denial is wider, and so on; a witness shows it.
func TestMutantsOfTheCatalogueAreFound(t *testing.T) {
	seen := map[Relation]int{}
	for _, d := range realDocuments(t) {
		if r, err := Compare(d.kind, set(d.kind, d.doc), set(d.kind, d.doc), Options{}); err != nil || r.Relation != Equal {
			t.Errorf("%s and itself: %v %v", d.name, r, err)
		}
		names, docs := mutants(d.doc)
		for i := range docs {
			r, err := Compare(d.kind, set(d.kind, d.doc), set(d.kind, docs[i]), Options{})
			if err != nil {
				t.Fatal(err)
			}
			seen[r.Relation]++
			switch r.Relation {
			case Equal, Unknown:
				t.Logf("%s %s: %s %s %s", d.name, names[i], r.Relation, r.Lost.Unknown, r.Gained.Unknown)
			}
		}
	}
	t.Log(seen)
}
