package pack_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// documents parses what was packed, as AWS will.
func documents(t testing.TB, p *pack.Packing, maxSize int) []policy.Document {
	t.Helper()
	var docs []policy.Document
	for _, d := range p.Documents {
		parsed, ds := policy.Parse("packed.json", []byte(d.Content))
		if ds.HasErrors() || parsed.JSON() != d.Content {
			t.Fatalf("document %d is not canonical: %v\n%s", d.Number, ds, d.Content)
		}
		if d.Size != policy.Size(d.Content) || d.Size > maxSize || len(d.Statements) == 0 {
			t.Fatalf("document %d: %d characters are said to be %d, of %d", d.Number, policy.Size(d.Content), d.Size, maxSize)
		}
		sids := map[string]bool{}
		for _, s := range parsed.Statements {
			if s.Sid != "" && sids[s.Sid] {
				t.Fatalf("document %d has two statements %s", d.Number, s.Sid)
			}
			sids[s.Sid] = true
		}
		docs = append(docs, parsed)
	}
	return docs
}

// accounted asks that each wanted statement is in a document or was dropped for
// one that is, and that nothing else is.
func accounted(t testing.TB, statements []pack.Statement, p *pack.Packing) {
	t.Helper()
	held, dropped := map[pack.ID]bool{}, map[pack.ID]bool{}
	for _, d := range p.Documents {
		for _, s := range d.Statements {
			if len(s.Holds) == 0 {
				t.Fatalf("nobody wants %+v", s.Statement)
			}
			for _, id := range s.Holds {
				held[id] = true
			}
		}
	}
	for _, d := range p.Dropped {
		if !held[d.By] || held[d.ID] {
			t.Fatalf("%v is dropped for %v; held %v", d.ID, d.By, held)
		}
		dropped[d.ID] = true
	}
	if len(held)+len(dropped) != len(statements) {
		t.Fatalf("%d statements are held and %d dropped, of %d", len(held), len(dropped), len(statements))
	}
}

// Packing may move, merge, split and leave out statements; it must never change
// an answer, whatever is unknown of the request.
func TestPackingNeverChangesAnAnswer(t *testing.T) {
	sets, requests := 3_000, 100
	if testing.Short() {
		sets = 500
	}
	shapes := []shape{{}, {exact: true}, {principals: true}, {principals: true, exact: true}}
	decisions := map[eval.Decision]int{}
	merged, dropped, compacted, many, refused := 0, 0, 0, 0, 0
	for n := range sets {
		r := rand.New(rand.NewPCG(uint64(n), 5))
		s := shapes[n%len(shapes)]
		statements := someStatements(r, s)
		size := pick(r, []int{10_240, 10_240, 2_000, 800, 400, 300})
		opts := pack.Options{MaxSize: size, MaxDocuments: 200, DropSids: r.IntN(3) == 0, AsWritten: r.IntN(3) == 0}
		p, ds := pack.Pack(statements, opts)
		if ds.HasErrors() {
			refused++
			continue
		}
		docs := documents(t, p, size)
		accounted(t, statements, p)
		again := slices.Clone(statements)
		r.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		if q, _ := pack.Pack(again, opts); !reflect.DeepEqual(p, q) {
			t.Fatalf("set %d: another order of the same statements is packed differently", n)
		}
		both, err := compare(s, statements, docs)
		if err != nil {
			t.Fatal(err)
		}
		for range requests {
			q := someRequest(r, s)
			if d := both.differs(q); d != "" {
				for _, st := range statements {
					t.Log(st.ID, st.Group, st.Compact, policy.Document{Statements: []policy.Statement{st.Statement}}.JSON())
				}
				for _, doc := range docs {
					t.Log(doc.JSON())
				}
				t.Fatalf("set %d: %s", n, d)
			}
			decisions[both.packed.Authorize(q).Decision]++
		}
		left := 0
		for _, d := range p.Documents {
			for _, st := range d.Statements {
				left++
				if len(st.Holds) > 1 {
					merged++
				}
				if slices.ContainsFunc(st.Action, func(a string) bool { return !slices.Contains(somePatterns, a) }) {
					compacted++
				}
			}
		}
		dropped += len(p.Dropped)
		if left > 0 && len(p.Documents) > 1 {
			many++
		}
	}
	t.Logf("%v; %d statements merged, %d dropped, %d compacted; %d sets in several documents, %d refused", decisions, merged, dropped, compacted, many, refused)
	for what, n := range map[string]int{"merged": merged, "dropped": dropped, "compacted": compacted, "in several documents": many} {
		if n < sets/50 {
			t.Errorf("only %d are %s: the test tests little", n, what)
		}
	}
	if refused > sets/10 {
		t.Errorf("%d of %d sets are refused", refused, sets)
	}
	for _, d := range []eval.Decision{eval.Allowed, eval.ExplicitlyDenied, eval.ImplicitlyDenied, eval.Depends} {
		if decisions[d] == 0 {
			t.Errorf("no answer is %v", d)
		}
	}
}
