package pack_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orgrails/orgrails/guardrails/pack"
)

func BenchmarkPack(b *testing.B) {
	for _, guardrails := range []int{10, 40, 80} {
		b.Run(fmt.Sprint("guardrails-", guardrails), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var in []pack.Statement
			for g := range guardrails {
				in = append(in, aGuardrail(r, fmt.Sprint("guardrail-", g))...)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, ds := pack.Pack(in, pack.Options{}); ds.HasErrors() {
					b.Fatal(ds)
				}
			}
		})
	}
}
