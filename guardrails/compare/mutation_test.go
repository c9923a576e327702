package compare

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var stride = flag.Int("stride", 7, "of so many mutants one is compared")

// A realDocument is one of the catalogue's.
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

// A mutant is a document with one thing changed.
type mutant struct {
	name string
	doc  policy.Document
	// want is what it may be beside equal; "" is anything.
	want Relation
}

func mutants(d policy.Document) (all []mutant) {
	add := func(name string, i int, want Relation, change func(st *policy.Statement)) {
		m := d
		m.Statements = slices.Clone(d.Statements)
		change(&m.Statements[i])
		if d.Statements[i].Effect == policy.Allow {
			want = map[Relation]Relation{Wider: Narrower, Narrower: Wider}[want]
		}
		all = append(all, mutant{name, m, want})
	}
	without := func(list policy.Values, i int) policy.Values { return slices.Delete(slices.Clone(list), i, i+1) }
	for i, st := range d.Statements {
		for _, e := range []struct {
			name string
			want Relation
			of   func(*policy.Statement) *policy.Values
		}{
			{"Action", Wider, func(s *policy.Statement) *policy.Values { return &s.Action }},
			{"NotAction", Narrower, func(s *policy.Statement) *policy.Values { return &s.NotAction }},
			{"Resource", Wider, func(s *policy.Statement) *policy.Values { return &s.Resource }},
			{"NotResource", Narrower, func(s *policy.Statement) *policy.Values { return &s.NotResource }},
		} {
			list := *e.of(&st)
			for j, text := range list {
				if len(list) > 1 {
					add(fmt.Sprintf("%d without %s %s", i, e.name, text), i, e.want, func(s *policy.Statement) { *e.of(s) = without(list, j) })
				}
				if text != "*" {
					add(fmt.Sprintf("%d with %s %s and a character", i, e.name, text), i, "", func(s *policy.Statement) {
						other := slices.Clone(list)
						other[j] += "x"
						*e.of(s) = other
					})
				}
			}
		}
		for op, keys := range st.Condition {
			for key, list := range keys {
				edit := func(name string, want Relation, to policy.Values) {
					add(name, i, want, func(s *policy.Statement) {
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
				edit(fmt.Sprintf("%d without %s %s", i, op, key), Narrower, nil)
				for j := range list {
					if len(list) > 1 {
						edit(fmt.Sprintf("%d without %s %s %s", i, op, key, list[j]), "", without(list, j))
					}
				}
			}
		}
	}
	return all
}

// One change of a document of the catalogue is found, and on the side where
// it must be: a denial of fewer actions is wider, one with fewer conditions
// narrower. Equal are only those that change nothing, such as a pattern that
// another takes in.
func TestMutantsOfTheCatalogueAreFound(t *testing.T) {
	seen, n := map[Relation]int{}, 0
	for _, d := range realDocuments(t) {
		if r, err := Compare(d.kind, set(d.kind, d.doc), set(d.kind, d.doc), Options{}); err != nil || r.Relation != Equal {
			t.Errorf("%s and itself: %v %v", d.name, r, err)
		}
		for _, m := range mutants(d.doc) {
			if n++; n%*stride != 0 {
				continue
			}
			r, err := Compare(d.kind, set(d.kind, d.doc), set(d.kind, m.doc), Options{})
			if err != nil {
				t.Fatal(err)
			}
			seen[r.Relation]++
			if r.Relation == Equal {
				t.Logf("%s: statement %s: equal", d.name, m.name)
			}
			if r.Relation == Unknown || m.want != "" && r.Relation != Equal && r.Relation != m.want {
				t.Errorf("%s: statement %s: %s, want %s (%s %s)", d.name, m.name, r.Relation, m.want, r.Lost.Unknown, r.Gained.Unknown)
			}
		}
	}
	t.Log(seen)
	if seen[Equal]*50 > seen[Narrower]+seen[Wider]+seen[Different] {
		t.Errorf("%d are equal", seen[Equal])
	}
}
