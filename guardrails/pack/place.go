package pack

import (
	"cmp"
	"hash/fnv"
	"math/bits"
	"slices"
)

// place puts units into documents: bins[i] is what document i+1 holds.
func (p *packer) place(units []*unit) [][]*unit {
	items := make([]item, len(units))
	for i, u := range units {
		items[i] = item{u.holds[0].Guardrail, u.holds[0].String(), p.size(u) + 1} // and a comma
	}
	bins, ok := assign(items, p.room()+1, p.MaxDocuments)
	if !ok {
		p.tooMany(units, max(leastBins(items, p.room()+1), p.MaxDocuments+1))
		return nil
	}
	out := make([][]*unit, len(bins))
	for i, bin := range bins {
		for _, j := range bin {
			out[i] = append(out[i], units[j])
		}
	}
	return out
}

// An item is what goes into a bin: those of one cluster together, if it can be.
type item struct {
	cluster, id string
	size        int
}

// leastBins is how many bins the sizes alone need.
func leastBins(items []item, capacity int) int {
	sum := 0
	for _, it := range items {
		sum += it.size
	}
	return (sum + capacity - 1) / capacity
}

// assign puts items into bins of a capacity, most of them into the bin that
// their cluster's name prefers, so that a change of one moves few others. It
// takes as few bins as that finds enough, and is false if limit are not in any
// order that it tries.
func assign(items []item, capacity, limit int) ([][]int, bool) {
	for _, it := range items {
		if it.size > capacity {
			return nil, false
		}
	}
	clusters := clustersOf(items, capacity)
	least, most := leastBins(items, capacity), min(limit, len(items))
	for n := least; n <= most; n++ {
		if bins, ok := byPreference(items, clusters, capacity, n); ok {
			return bins, true
		}
	}
	for n := least; n <= most; n++ {
		if bins, ok := byRoom(items, capacity, n); ok {
			return bins, true
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
// n bins that it prefers.
func byPreference(items []item, clusters []cluster, capacity, n int) ([][]int, bool) {
	bins := make([][]int, n)
	free := slices.Repeat([]int{capacity}, n)
	put := func(i, b int) {
		bins[b] = append(bins[b], i)
		free[b] -= items[i].size
	}
	first := func(order []int, size int) int {
		return slices.IndexFunc(order, func(b int) bool { return free[b] >= size })
	}
	for _, c := range clusters {
		order := preference(c.name, n)
		if at := first(order, c.size); at >= 0 {
			for _, i := range c.items {
				put(i, order[at])
			}
			continue
		}
		for _, i := range c.items {
			at := first(order, items[i].size)
			if at < 0 {
				return nil, false
			}
			put(i, order[at])
		}
	}
	return bins, true
}

// byRoom is best fit, the largest first. It moves more when something changes,
// and finds room where byPreference does not: it is for the last documents that
// AWS takes.
func byRoom(items []item, capacity, n int) ([][]int, bool) {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(items[b].size, items[a].size), cmp.Compare(items[a].id, items[b].id), cmp.Compare(a, b))
	})
	bins := make([][]int, n)
	free := slices.Repeat([]int{capacity}, n)
	for _, i := range order {
		best := -1
		for b := range bins {
			if free[b] >= items[i].size && (best < 0 || free[b] < free[best]) {
				best = b
			}
		}
		if best < 0 {
			return nil, false
		}
		bins[best] = append(bins[best], i)
		free[best] -= items[i].size
	}
	return bins, true
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
