package pack

import (
	"cmp"
	"hash/fnv"
	"math/bits"
	"slices"
	"strconv"
)

// maxWeighed bounds the statements that are merged to see what they weigh
// together. A node of a hundred guardrails takes some ten thousand.
const maxWeighed = 200_000

// place puts units into documents and merges them there: bins[i] is what
// document i+1 holds.
//
// What a guardrail wants goes into one document, if that has the room once its
// statements are merged. Merging follows placing, and not the other way round:
// a statement made of many guardrails would be changed by an edit of each. Only
// where that needs more documents than there may be does merging go first.
func (p *packer) place(units []*unit) [][]*unit {
	weighed := 0
	weigh := func(bin []*unit) []*unit {
		if weighed += len(bin); weighed > maxWeighed {
			return bin
		}
		return p.merge(bin)
	}
	bins, _, ok := p.placed(units, weigh)
	if !ok {
		weighed = 0
		if units = p.split(p.merge(units)); units == nil {
			return nil
		}
		var least int
		if bins, least, ok = p.placed(units, weigh); !ok {
			p.tooMany(units, max(least, p.MaxDocuments+1))
			return nil
		}
	}
	for i, bin := range bins {
		bins[i] = p.merge(bin)
	}
	return bins
}

// placed puts units into documents, of which they need at least a number.
func (p *packer) placed(units []*unit, weigh func([]*unit) []*unit) (out [][]*unit, least int, ok bool) {
	items := make([]item, len(units))
	for i, u := range units {
		items[i] = item{u.holds[0].Guardrail, u.holds[0].String() + " " + strconv.Itoa(u.part), p.size(u) + 1} // and a comma
	}
	of := func(bin []int) []*unit {
		out := make([]*unit, len(bin))
		for i, j := range bin {
			out[i] = units[j]
		}
		return out
	}
	total := func(bin []int) (n int) {
		for _, u := range weigh(of(bin)) {
			n += p.size(u) + 1
		}
		return n
	}
	least = leastBins(items, p.room()+1, total)
	bins, ok := assign(items, p.room()+1, least, p.MaxDocuments, total)
	for _, bin := range bins {
		out = append(out, of(bin))
	}
	return out, least, ok
}

// An item is what goes into a bin: those of one cluster together, if it can be.
type item struct {
	cluster, id string
	size        int
}

// sum is what items take if nothing is merged.
func sum(items []item, bin []int) (n int) {
	for _, i := range bin {
		n += items[i].size
	}
	return n
}

// leastBins is how many bins the items need if they can be cut anywhere.
func leastBins(items []item, capacity int, weigh func([]int) int) int {
	all := make([]int, len(items))
	for i := range all {
		all[i] = i
	}
	return max(1, (weigh(all)+capacity-1)/capacity)
}

// A filling is bins in the making. What a bin holds weighs at most the sum of
// the items, and less where they merge.
type filling struct {
	items    []item
	capacity int
	weigh    func([]int) int // nil where nothing merges
	bins     [][]int
	sums     []int
}

func newFilling(items []item, capacity, n int, weigh func([]int) int) *filling {
	return &filling{items, capacity, weigh, make([][]int, n), make([]int, n)}
}

// put adds items to a bin, if they fit.
func (f *filling) put(b int, items ...int) bool {
	add := sum(f.items, items)
	if f.sums[b]+add > f.capacity && (f.weigh == nil || f.weigh(slices.Concat(f.bins[b], items)) > f.capacity) {
		return false
	}
	f.bins[b], f.sums[b] = append(f.bins[b], items...), f.sums[b]+add
	return true
}

// assign puts items into bins of a capacity, most of them into the bin that
// their cluster's name prefers, so that a change of one moves few others. It
// takes as few bins as that finds enough, from least on (of more than sixteen
// it tries not every number), and is false if limit
// are not enough in any order that it tries.
func assign(items []item, capacity, least, limit int, weigh func([]int) int) ([][]int, bool) {
	for _, it := range items {
		if it.size > capacity {
			return nil, false
		}
	}
	clusters := clustersOf(items, capacity)
	most := min(limit, len(items))
	for n := least; n <= most; n += 1 + n/16 {
		if f := newFilling(items, capacity, n, weigh); f.byPreference(clusters) {
			return f.bins, true
		}
	}
	for n := least; n <= most; n += 1 + n/16 {
		if f := newFilling(items, capacity, n, weigh); f.byRoom() {
			return f.bins, true
		}
	}
	return nil, len(items) == 0
}

// A cluster is the items of one name.
type cluster struct {
	name  uint64 // hashed
	items []int  // the largest first
	size  int
	class int // coarse size: a small change leaves the order of clusters as it is
}

// clustersOf lists the clusters, the large ones first: they need most room.
func clustersOf(items []item, capacity int) []cluster {
	at := map[string]int{}
	var cs []cluster
	for i, it := range items {
		j, ok := at[it.cluster]
		if !ok {
			j = len(cs)
			at[it.cluster] = j
			cs = append(cs, cluster{name: hashed(it.cluster)})
		}
		cs[j].items = append(cs[j].items, i)
		cs[j].size += it.size
	}
	for i := range cs {
		cs[i].class = bits.Len(uint(8 * cs[i].size / capacity))
		slices.SortStableFunc(cs[i].items, func(a, b int) int {
			return cmp.Or(cmp.Compare(items[b].size, items[a].size), cmp.Compare(items[a].id, items[b].id))
		})
	}
	slices.SortStableFunc(cs, func(a, b cluster) int {
		return cmp.Or(cmp.Compare(b.class, a.class), cmp.Compare(a.name, b.name))
	})
	return cs
}

// byPreference puts each cluster, whole if one has the room, into the first of
// the bins that it prefers.
func (f *filling) byPreference(clusters []cluster) bool {
	for _, c := range clusters {
		order := preference(c.name, len(f.bins))
		first := func(items ...int) bool {
			return slices.ContainsFunc(order, func(b int) bool { return f.put(b, items...) })
		}
		if first(c.items...) {
			continue
		}
		for _, i := range c.items {
			if !first(i) {
				return false
			}
		}
	}
	return true
}

// byRoom is best fit, the largest first. It moves more when something changes,
// and finds room where byPreference does not: it is for the last documents that
// AWS takes.
func (f *filling) byRoom() bool {
	order := make([]int, len(f.items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.items[b].size, f.items[a].size), cmp.Compare(f.items[a].id, f.items[b].id), cmp.Compare(a, b))
	})
	fullest := make([]int, len(f.bins))
	for i := range fullest {
		fullest[i] = i
	}
	for _, i := range order {
		slices.SortFunc(fullest, func(a, b int) int { return cmp.Or(cmp.Compare(f.sums[b], f.sums[a]), cmp.Compare(a, b)) })
		if !slices.ContainsFunc(fullest, func(b int) bool { return f.put(b, i) }) {
			return false
		}
	}
	return true
}

// preference is the order of n bins for a name: with another n, those that are
// there in both keep their order.
func preference(name uint64, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(mix(name+uint64(b)), mix(name+uint64(a))), cmp.Compare(a, b))
	})
	return order
}

func hashed(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return mix(h.Sum64())
}

// mix spreads a number over all its bits (SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
