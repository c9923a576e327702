package pack_test

import (
	"math/rand/v2"
	"testing"

	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// FuzzPack packs whatever parses, and asks both forms about requests made of
// what stands in them.
func FuzzPack(f *testing.F) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := policy.Document{Version: policy.Version2012}
		for _, s := range someStatements(r, shape{}) {
			d.Statements = append(d.Statements, s.Statement)
		}
		f.Add(d.JSON(), uint16(300*seed), seed%2 == 0)
	}
	f.Add(`{"Statement":{"Effect":"Deny","Action":["s3:Ge?Object","S3:*"],"Resource":"arn:aws:s3:::{{id:root}}/${*}","Condition":{"Bool":{"aws:x":true}}}}`, uint16(200), true)
	f.Fuzz(func(t *testing.T, text string, size uint16, exact bool) {
		d, ds := policy.Parse("fuzz.json", []byte(text))
		if ds.HasErrors() || len(d.Statements) == 0 {
			t.Skip()
		}
		var statements []pack.Statement
		for i, s := range d.Statements {
			st := pack.Statement{ID: pack.ID{Guardrail: string(rune('a' + i%5)), Position: i}, Statement: s}
			if exact {
				st.Compact = pack.Exact
			}
			statements = append(statements, st)
		}
		opts := pack.Options{MaxSize: 100 + int(size), MaxDocuments: 50}
		p, ds := pack.Pack(statements, opts)
		if ds.HasErrors() {
			if p != nil {
				t.Fatal("it is refused and packed")
			}
			return
		}
		docs := documents(t, p, opts.MaxSize)
		accounted(t, statements, p)
		both, err := compare(shape{}, statements, docs)
		if err != nil {
			return // what no policy of the kind may hold
		}
		r := rand.New(rand.NewPCG(uint64(len(text)), uint64(size)))
		for range 50 {
			q := someRequest(r, shape{exact: exact})
			st := d.Statements[r.IntN(len(d.Statements))]
			if len(st.Action) > 0 && !exact {
				q.Action = pick(r, st.Action)
			}
			if len(st.Resource) > 0 && r.IntN(2) == 0 {
				q.Resource = pick(r, st.Resource)
			}
			if diff := both.differs(q); diff != "" {
				t.Fatalf("%s\n%s", diff, p.Documents[0].Content)
			}
		}
	})
}
