package pack

import "slices"

// asWritten puts back, document by document, the statements that merging and
// leaving out what others say took away, where all of them have room.
func (p *packer) asWritten(statements []Statement, bins [][]*unit) {
	at := map[ID]int{} // the only document that holds any of a statement
	whole := map[ID]bool{}
	for b, bin := range bins {
		for _, u := range bin {
			for _, id := range u.holds {
				if first, ok := at[id]; !ok {
					at[id], whole[id] = b, true
				} else if first != b {
					whole[id] = false
				}
			}
		}
	}
	for _, d := range p.droppedBy() {
		b, ok := at[d.By]
		if _, held := at[d.ID]; ok && !held {
			at[d.ID], whole[d.ID] = b, true
		}
	}
	asked := make([][]*unit, len(bins))
	sizes := make([]int, len(bins))
	for i := range statements {
		if b, ok := at[statements[i].ID]; ok {
			u := newUnit(&statements[i], p.DropSids)
			asked[b] = append(asked[b], u)
			sizes[b] += p.size(u) + len(",")
		}
	}
	back := map[ID]bool{}
	for b, bin := range bins {
		alone := !slices.ContainsFunc(bin, func(u *unit) bool {
			return slices.ContainsFunc(u.holds, func(id ID) bool { return !whole[id] })
		})
		if len(bin) == 0 || !alone || sizes[b]-len(",") > p.room() {
			continue
		}
		bins[b] = asked[b]
		for _, u := range asked[b] {
			back[u.holds[0]] = true
		}
	}
	p.dropped = slices.DeleteFunc(p.dropped, func(d Dropped) bool { return back[d.ID] })
}
