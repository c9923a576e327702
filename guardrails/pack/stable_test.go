package pack_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// aGuardrail is like those of the catalogue: one to three statements, often with
// conditions that others have, too.
func aGuardrail(r *rand.Rand, name string) []pack.Statement {
	exempt := policy.Conditions{"ArnNotLike": {"aws:PrincipalArn": {"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}
	var out []pack.Statement
	for i := range 1 + r.IntN(3) {
		s := policy.Statement{Sid: fmt.Sprintf("Sid%d", r.IntN(1000)), Effect: policy.Deny, Resource: policy.Values{"*"}, Condition: exempt}
		for range 1 + r.IntN(12) {
			s.Action = append(s.Action, fmt.Sprintf("service%d:%sSomething%d", r.IntN(60), pick(r, []string{"Delete", "Put", "Update"}), r.IntN(400)))
		}
		if r.IntN(3) > 0 { // a condition or a resource of its own
			key := fmt.Sprintf("aws:PrincipalTag/%s-%d", name, i)
			s.Condition = policy.Conditions{"ArnNotLike": exempt["ArnNotLike"], "StringNotEquals": {key: {fmt.Sprint(r.IntN(1e9)), "platform"}}}
		}
		if r.IntN(3) == 0 {
			s.Resource = policy.Values{"arn:aws:s3:::" + name + "/*"}
		}
		out = append(out, pack.Statement{ID: pack.ID{Guardrail: name, Position: i}, Statement: s})
	}
	return out
}

// One edit of one guardrail rewrites few documents: how many, of random edits
// of nodes of one to nine documents.
func TestOneEditRewritesFewDocuments(t *testing.T) {
	nodes, edits := 15, 10
	if testing.Short() {
		nodes = 10
	}
	contents := func(in []pack.Statement) map[int]string {
		p, ds := pack.Pack(in, pack.Options{})
		if ds.HasErrors() {
			return nil
		}
		m := map[int]string{}
		for _, d := range p.Documents {
			m[d.Number] = d.Content
		}
		return m
	}
	type outcome struct{ edits, rewritten, upToTwo, all, grown int }
	results := map[int]*outcome{}
	for _, guardrails := range []int{8, 20, 35, 60, 90} {
		for n := range nodes {
			r := rand.New(rand.NewPCG(uint64(n), uint64(guardrails)))
			var in []pack.Statement
			for g := range guardrails {
				in = append(in, aGuardrail(r, fmt.Sprint("guardrail-", g))...)
			}
			before := contents(in)
			if before == nil {
				continue
			}
			o := results[len(before)]
			if o == nil {
				o = &outcome{}
				results[len(before)] = o
			}
			for e := range edits {
				name := fmt.Sprint("guardrail-", r.IntN(guardrails))
				edited := slices.DeleteFunc(slices.Clone(in), func(s pack.Statement) bool { return s.Guardrail == name })
				switch e % 3 {
				case 0: // removed
				case 1: // changed
					edited = append(edited, aGuardrail(r, name)...)
				case 2: // another one
					edited = append(slices.Clone(in), aGuardrail(r, fmt.Sprint("new-", e))...)
				}
				after := contents(edited)
				if after == nil {
					continue
				}
				rewritten := 0
				for number := range 20 {
					if before[number] != after[number] {
						rewritten++
					}
				}
				o.edits++
				o.rewritten += rewritten
				if rewritten <= 2 {
					o.upToTwo++
				}
				if len(before) != len(after) {
					o.grown++
				}
				if rewritten >= max(len(before), len(after)) {
					o.all++
				}
			}
		}
	}
	for documents := range 10 {
		o := results[documents]
		if o == nil {
			continue
		}
		mean, two := float64(o.rewritten)/float64(o.edits), float64(o.upToTwo)/float64(o.edits)
		t.Logf("%d documents: %d edits rewrite %.2f each, at most two %.0f %%; %d change the number of documents, %d rewrite all", documents, o.edits, mean, 100*two, o.grown, o.all)
		if o.edits < 50 {
			continue
		}
		if documents <= 2 && two < 0.99 || two < 0.5 || mean > 1+float64(documents)/3 {
			t.Errorf("edits of nodes with %d documents rewrite %.2f each, at most two in %.0f %%", documents, mean, 100*two)
		}
	}
}
