package pack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// exactBins is the fewest bins that hold the sizes, by trying everything.
func exactBins(sizes []int, capacity int) int {
	sizes = slices.Clone(sizes)
	slices.Sort(sizes)
	slices.Reverse(sizes)
	best := len(sizes)
	var free []int
	var try func(i int)
	try = func(i int) {
		if len(free) >= best {
			return
		}
		if i == len(sizes) {
			best = len(free)
			return
		}
		seen := map[int]bool{}
		for b := range free {
			if room := free[b]; room >= sizes[i] && !seen[room] {
				seen[room] = true
				free[b] -= sizes[i]
				try(i + 1)
				free[b] += sizes[i]
			}
		}
		free = append(free, capacity-sizes[i])
		try(i + 1)
		free = free[:len(free)-1]
	}
	try(0)
	return best
}

func someItems(r *rand.Rand, total int) []item {
	var items []item
	for g := 0; total > 0; g++ {
		for s := range 1 + r.IntN(3) {
			size := 120 + int(r.ExpFloat64()*450)%6000
			items = append(items, item{fmt.Sprint("guardrail-", g), fmt.Sprint("guardrail-", g, "[", s, "]"), size})
			total -= size
		}
	}
	return items
}

// Against the exact minimum, on nodes of up to three documents; the statements
// of a guardrail stand together where the choice is free.
func TestPlacingIsNearMinimal(t *testing.T) {
	const capacity, cases = 10_202, 400
	r := rand.New(rand.NewPCG(3, 4))
	more := map[int]int{}
	for range cases {
		items := someItems(r, 1000+r.IntN(3*capacity))
		for len(items) > 26 { // what can be searched: fewer and larger
			items[len(items)-2].size = min(capacity, items[len(items)-2].size+items[len(items)-1].size)
			items = items[:len(items)-1]
		}
		sizes := make([]int, len(items))
		for i := range items {
			sizes[i] = items[i].size
		}
		bins, ok := assign(items, capacity, 1, 9, nil)
		if !ok {
			t.Fatal("nine documents are not enough for three")
		}
		more[len(bins)-exactBins(sizes, capacity)]++
	}
	t.Logf("documents more than the minimum: %v of %d", more, cases)
	if more[0] < cases*95/100 || more[0]+more[1] != cases {
		t.Errorf("documents more than the minimum: %v", more)
	}
}

// All documents that AWS takes may be needed to the last corner.
func TestTheLastDocumentsAreFilled(t *testing.T) {
	var items []item
	for i := range 9 {
		items = append(items, item{fmt.Sprint("a", i), fmt.Sprint("a", i), 6_000}, item{fmt.Sprint("b", i), fmt.Sprint("b", i), 4_000})
	}
	if bins, ok := assign(items, 10_000, 9, 9, nil); !ok || len(bins) != 9 {
		t.Errorf("%d bins, %v", len(bins), ok)
	}
	items = append(items, item{"c", "c", 1})
	if _, ok := assign(items, 10_000, 9, 9, nil); ok {
		t.Error("one more goes in")
	}
}

// A name's preferences do not depend on how many bins there are.
func TestPreferencesKeepTheirOrder(t *testing.T) {
	for _, name := range []string{"", "restrict-regions", "deny-root-user"} {
		long := preference(hashed(name), 9)
		for n := range 9 {
			short := slices.DeleteFunc(slices.Clone(long), func(b int) bool { return b >= n })
			if got := preference(hashed(name), n); !slices.Equal(got, short) {
				t.Errorf("%q: %v of %v", name, got, long)
			}
		}
	}
}
