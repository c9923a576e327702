package pack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// shortest is the fewest characters that any order of merges comes to.
func shortest(p *packer, units []*unit, seen map[string]int) int {
	texts := make([]string, len(units))
	n := 0
	for i, u := range units {
		texts[i] = u.base + u.keyOfActions() + u.keyOfResources()
		n += p.size(u) + 1
	}
	slices.Sort(texts)
	key := strings.Join(texts, "\n")
	if best, ok := seen[key]; ok {
		return best
	}
	for i, u := range units {
		for j := range i {
			v := units[j]
			same := u.base == v.base && (u.keyOfResources() == v.keyOfResources() && u.actions.splits() && v.actions.splits() ||
				u.keyOfActions() == v.keyOfActions() && u.resources.splits() && v.resources.splits())
			if !same {
				continue
			}
			rest := slices.Delete(slices.Clone(units), i, i+1)
			rest[j] = merged([]*unit{u, v})
			n = min(n, shortest(p, rest, seen))
		}
	}
	seen[key] = n
	return n
}

// On small instances, whose merges can all be tried, the result is next to the
// shortest.
func TestMergingIsNearMinimal(t *testing.T) {
	p := &packer{Options: Options{}.withDefaults()}
	p.bare = p.Measure(policy.Document{}.JSON())
	r := rand.New(rand.NewPCG(8, 9))
	some := func(format string, of, most int) policy.Values {
		var vs policy.Values
		for range 1 + r.IntN(most) {
			vs = append(vs, fmt.Sprintf(format, r.IntN(of)))
		}
		return vs
	}
	const cases = 2_000
	minimal, ours, least, merges := 0, 0, 0, 0
	for range cases {
		var units []*unit
		for i := range 2 + r.IntN(6) {
			s := &Statement{ID: ID{"g", i}, Statement: policy.Statement{Effect: policy.Deny, Action: some("s3:Action%d", 3, 2), Resource: some("arn:aws:s3:::bucket-%d", 3, 2)}}
			if r.IntN(4) == 0 {
				s.Condition = policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}}
			}
			units = append(units, newUnit(s, false))
		}
		got := 0
		left := p.merge(units)
		for _, u := range left {
			got += p.size(u) + 1
		}
		merges += len(units) - len(left)
		want := shortest(p, units, map[string]int{})
		if got < want {
			t.Fatalf("%d characters are fewer than the fewest, %d", got, want)
		}
		if got == want {
			minimal++
		}
		ours, least = ours+got, least+want
	}
	t.Logf("%d of %d are minimal; %d characters in all, %.2f %% more than the fewest; %d merges", minimal, cases, ours, 100*float64(ours-least)/float64(least), merges)
	if minimal < cases*9/10 || merges < cases {
		t.Errorf("%d of %d are minimal, after %d merges", minimal, cases, merges)
	}
}
