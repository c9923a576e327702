package policy

import "sync"

// room is where the members of a tree are, to be used again for another.
type room struct {
	open []member // of lists and objects that are not closed
	slab []member // what the children of those that are closed are cut from
}

// rooms are those of trees that nobody holds any more.
var rooms = sync.Pool{New: func() any { return new(room) }}

// release gives the room of a tree back. Nothing of the tree may be used then;
// its strings may.
func (r *room) release() {
	const keep = 4096 // members; what is larger is left to the collector
	if cap(r.open) > keep || cap(r.slab) > keep {
		return
	}
	clear(r.open[:cap(r.open)])
	clear(r.slab)
	r.open, r.slab = r.open[:0], r.slab[:0]
	rooms.Put(r)
}

// close cuts the children of a list or object that ends here from a slab.
func (s *scanner) close(from int) []member {
	r := s.room
	children := r.open[from:]
	if len(children) > cap(r.slab)-len(r.slab) {
		r.slab = make([]member, 0, max(len(children), min(len(s.src)/bytesPerMember, 1024), 8))
	}
	at := len(r.slab)
	r.slab = append(r.slab, children...)
	r.open = r.open[:from]
	return r.slab[at:len(r.slab):len(r.slab)]
}

// bytesPerMember is about how much text there is to a value in a policy.
const bytesPerMember = 20
