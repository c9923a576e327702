package compare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// collections are the sets that are compared: the SCPs of the catalogue, and
// of each folder in $SCPS those of its documents; none that denies everything,
// beside which nothing is left to compare.
func collections(b *testing.B) map[string][]eval.Document {
	all := map[string][]eval.Document{}
	for _, d := range realDocuments(b) {
		variant := strings.Count(d.name, ".") > 1
		if d.kind == policy.ServiceControlPolicy && !variant && d.name != "deny-all.json" {
			all["catalogue"] = append(all["catalogue"], eval.Document{Name: d.name, Policy: d.doc})
		}
	}
	files, _ := filepath.Glob(filepath.Join(os.Getenv("SCPS"), "*", "*.json"))
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		d, ds := policy.Parse(f, src)
		name, _, _ := strings.Cut(filepath.Base(filepath.Dir(f)), "_")
		if ds.HasErrors() || strings.Contains(f, "deny-all") {
			continue
		}
		all[name] = append(all[name], eval.Document{Name: filepath.Base(f), Policy: d})
	}
	return all
}

// BenchmarkCompare compares whole collections: with themselves in another
// shape, a statement to a document and an action to a statement, and with one
// action taken away in the middle.
func BenchmarkCompare(b *testing.B) {
	for name, docs := range collections(b) {
		full := set(policy.ServiceControlPolicy, policy.Document{})[0].Policies[1]
		var apart, less []eval.Document
		for _, d := range docs {
			for _, st := range d.Policy.Statements {
				for _, a := range st.Action {
					one := st
					one.Action = policy.Values{a}
					apart = append(apart, eval.Document{Policy: policy.Document{Version: d.Policy.Version, Statements: []policy.Statement{one}}})
				}
				if st.NotAction != nil {
					apart = append(apart, eval.Document{Policy: policy.Document{Version: d.Policy.Version, Statements: []policy.Statement{st}}})
				}
			}
		}
		less = slices.Clone(apart)[1:]
		// As many as one node can have, and one statement fewer.
		node := slices.Clone(docs[:10])
		fewer := slices.Clone(node)
		fewer[4].Policy.Statements = fewer[4].Policy.Statements[1:]
		for _, c := range []struct {
			name        string
			whole, docs []eval.Document
		}{{"apart", docs, apart}, {"less", docs, less}, {"node", node, fewer}} {
			whole := []eval.Level{{Policies: append(slices.Clone(c.whole), full)}}
			n := 0
			for _, d := range c.whole {
				n += len(d.Policy.Statements)
			}
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				var r Result
				for b.Loop() {
					var err error
					if r, err = Compare(policy.ServiceControlPolicy, whole, []eval.Level{{Policies: append(slices.Clone(c.docs), full)}}, Options{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n), "statements")
				b.ReportMetric(float64(len(c.docs)), "documents")
				b.Logf("%s: %s %s %s", c.name, r.Relation, r.Lost.Unknown, r.Gained.Unknown)
			})
		}
	}
}
