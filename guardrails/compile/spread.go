package compile

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// hoist moves to a node what every unit and account below it asks for, so that
// it stands there once. What it means stays the same today: a Deny holds for
// every account below the node it stands at. Who comes below later has it too,
// until the file is compiled again; the plan says so.
//
// It is done only where it saves a document: where some unit or account needs
// none of its own any more, and the node no further one. Otherwise an edit
// at one of them would rewrite the documents of all.
func (k *compiler) hoist() {
	for _, n := range slices.Backward(k.all) { // children before their parents
		if n.unit == nil || len(k.children[n]) < 2 {
			continue
		}
		for _, t := range k.policyTypes() {
			if !t.typ.IsDeclarative() {
				k.hoistTo(n, t)
			}
		}
	}
}

func (k *compiler) hoistTo(n *node, t policyType) {
	below := k.children[n]
	var common [][]*piece // for each guardrail, the pieces of all below
	for _, p := range below[0].of(t) {
		var same []*piece
		for _, c := range below {
			if q := c.movable(p.instance); q != nil {
				same = append(same, q)
			}
		}
		if len(same) == len(below) {
			common = append(common, same)
		}
	}
	if len(common) == 0 || !slices.ContainsFunc(below, func(c *node) bool { return len(c.of(t)) == len(common) }) {
		return
	}
	var up []*piece
	for _, same := range common {
		up = append(up, together(same, below))
	}
	if !k.oneDocument(n, t, up) {
		return
	}
	n.pieces = append(n.pieces, up...)
	for _, same := range common {
		for i, c := range below {
			c.pieces = slices.DeleteFunc(slices.Clone(c.pieces), func(q *piece) bool { return q == same[i] })
		}
	}
}

// movable is the piece of an instance at the node, where it may stand at
// another: it only denies, waits for nothing, and its line does not say that it
// stays.
func (n *node) movable(in *instance) *piece {
	for _, p := range n.pieces {
		if p.instance == in {
			if p.use == nil || p.use.NeverHoist || p.use.Policy != "" || p.declared != nil || in.allows || p.needs != nil {
				return nil
			}
			return p
		}
	}
	return nil
}

// together is one piece for those of several nodes.
func together(same []*piece, nodes []*node) *piece {
	up := *same[0]
	up.askedAt, up.lines = nil, nil
	for i, q := range same {
		if len(q.askedAt) > 0 {
			up.askedAt = append(up.askedAt, q.askedAt...)
		} else {
			up.askedAt = append(up.askedAt, nodes[i])
		}
		up.lines = append(append(up.lines, q.origin), q.lines...)
	}
	up.lines = distinctLines(up.lines, up.origin)
	return &up
}

// distinctLines are lines other than the first, each once, in order.
func distinctLines(lines []diag.Range, first diag.Range) []diag.Range {
	seen := map[diag.Range]bool{first: true}
	var out []diag.Range
	for _, r := range lines {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

// oneDocument reports whether further pieces leave what stands at a node, as
// it is asked for, within one document.
func (k *compiler) oneDocument(n *node, t policyType, more []*piece) bool {
	total := len(policy.Document{Version: policy.Version2012}.JSON())
	for _, p := range slices.Concat(n.of(t), more) {
		total += k.sizeOf(p) + len(",")
	}
	return total <= t.size && k.slots([]*node{n}, t) > 0
}

// pushDown moves guardrails from a node that takes no more documents to each
// unit and account below it, which means the same: as few as it takes, and the
// smallest that will do. It is false where nothing can be moved.
func (k *compiler) pushDown(n *node, t policyType, fits func([]*piece) bool) bool {
	below := k.children[n]
	if n.unit == nil || len(below) == 0 {
		return false
	}
	for {
		pieces := n.of(t)
		if fits(pieces) {
			return true
		}
		var candidates []*piece
		for _, p := range pieces {
			if n.movable(p.instance) == p {
				candidates = append(candidates, p)
			}
		}
		if len(candidates) == 0 {
			return false
		}
		slices.SortStableFunc(candidates, func(a, b *piece) int { return k.sizeOf(a) - k.sizeOf(b) })
		without := func(i int) []*piece {
			return slices.DeleteFunc(slices.Clone(pieces), func(p *piece) bool { return p == candidates[i] })
		}
		lo, hi := 0, len(candidates)-1 // the smallest that makes room, or the largest
		for lo < hi {
			if mid := (lo + hi) / 2; fits(without(mid)) {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		gone := candidates[lo]
		n.pieces = slices.DeleteFunc(slices.Clone(n.pieces), func(p *piece) bool { return p == gone })
		for _, c := range below {
			down := *gone
			if len(down.askedAt) == 0 {
				down.askedAt = []*node{n}
			}
			c.pieces = append(c.pieces, &down)
		}
	}
}

// of are the pieces of a type that are packed at the node.
func (n *node) of(t policyType) []*piece {
	var pieces []*piece
	for _, p := range n.pieces {
		if p.typ == t.typ && len(p.statements) > 0 && p.policyName() == "" {
			pieces = append(pieces, p)
		}
	}
	return pieces
}

// policyName is the name of the policy that a piece is to be in; "" for ours.
func (p *piece) policyName() string {
	if p.use == nil {
		return ""
	}
	return p.use.Policy
}
