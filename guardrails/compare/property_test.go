package compare

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var pairs = flag.Int("pairs", 1500, "pairs of random sets to compare")

// asker decides the requests of someRequest.
func asker(t testing.TB, kind policy.Kind, levels []eval.Level) *eval.Set {
	t.Helper()
	s, err := eval.Compile(organization(&eval.Request{Principal: caller, ResourceAccount: account}), around(kind, levels, &eval.Request{Principal: caller}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func show(t testing.TB, levels []eval.Level) {
	t.Helper()
	for _, l := range levels {
		for _, d := range l.Policies {
			t.Log(d.Policy.JSON())
		}
	}
}

// What is said never to happen does not happen in any of many requests, and
// what is shown happens.
func TestAnswersHoldForRandomRequests(t *testing.T) {
	seen := map[Relation]int{}
	open := map[string]int{}
	requests, missed := 0, 0
	for seed := range uint64(*pairs) {
		r := rand.New(rand.NewPCG(seed, 7))
		kind := pick(r, Kinds())
		a := someSet(r, kind)
		b := mutate(r, a)
		switch r.IntN(4) {
		case 0:
			b = mutate(r, b)
		case 1:
			b = someSet(r, kind)
		}
		res, err := Compare(kind, a, b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen[res.Relation]++
		for _, d := range []Direction{res.Lost, res.Gained} {
			if d.Unknown != "" {
				open[d.Unknown]++
			}
			if strings.Contains(d.Unknown, "this is a bug") {
				show(t, a)
				t.Log("and")
				show(t, b)
				t.Fatalf("seed %d, %s: %s", seed, kind, d.Unknown)
			}
		}
		first, second := asker(t, kind, a), asker(t, kind, b)
		for range 200 {
			q := someRequest(r)
			requests++
			x, y := first.Authorize(q).Decision == eval.Allowed, second.Authorize(q).Decision == eval.Allowed
			if x == y {
				continue
			}
			d := res.Gained
			if x {
				d = res.Lost
			}
			switch {
			case d.Witness == nil && d.Unknown == "":
				t.Logf("seed %d, %s", seed, kind)
				show(t, a)
				t.Log("and")
				show(t, b)
				t.Fatalf("%s, but %+v: %v, %v", res.Relation, q, x, y)
			case d.Unknown != "":
				missed++
			}
		}
	}
	t.Logf("%d requests; %v; undecided though a request shows it: %d", requests, seen, missed)
	for why, n := range open {
		t.Logf("%5d %s", n, why)
	}
	for _, want := range []Relation{Equal, Narrower, Wider, Different} {
		if seen[want] == 0 {
			t.Errorf("no pair is %s", want)
		}
	}
}
