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
// It is done only where it saves a document, of the node and of those below
// together, or else an attachment, or else half of the characters: otherwise an
// edit at one of them would rewrite the documents of all for little.
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
	if len(common) == 0 {
		return
	}
	var up []*piece
	moved := map[*piece]bool{}
	for _, same := range common {
		up = append(up, together(same, below))
		for _, q := range same {
			moved[q] = true
		}
	}
	rest := func(c *node) []*piece {
		return slices.DeleteFunc(c.of(t), func(p *piece) bool { return moved[p] })
	}
	here := []*node{n}
	before := k.documentsOf(t, below, func(c *node) []*piece { return c.of(t) }).plus(k.documentsOf(t, here, func(*node) []*piece { return n.of(t) }))
	after := k.documentsOf(t, below, rest).plus(k.documentsOf(t, here, func(*node) []*piece { return slices.Concat(n.of(t), up) }))
	if !after.saves(before) {
		return
	}
	n.pieces = append(n.pieces, up...)
	for _, c := range below {
		c.pieces = slices.DeleteFunc(slices.Clone(c.pieces), func(p *piece) bool { return moved[p] })
	}
}

// A cost is what some nodes take of AWS Organizations.
type cost struct{ documents, attachments, characters int }

func (c cost) plus(d cost) cost {
	return cost{c.documents + d.documents, c.attachments + d.attachments, c.characters + d.characters}
}

// saves reports whether c is enough below another cost to be worth a move.
func (c cost) saves(d cost) bool {
	switch {
	case c.documents != d.documents:
		return c.documents < d.documents
	case c.attachments != d.attachments:
		return c.attachments < d.attachments
	}
	return 2*c.characters <= d.characters
}

// tooMany is more documents than any node takes.
const tooMany = 1_000_000

// documentsOf is what nodes take for pieces of a type; those that ask for the
// same share their documents.
func (k *compiler) documentsOf(t policyType, nodes []*node, of func(*node) []*piece) cost {
	var total cost
	known := map[string]cost{}
	for _, n := range nodes {
		pieces := of(n)
		if len(pieces) == 0 {
			continue
		}
		key := keyOf(pieces)
		c, shared := known[key]
		if !shared {
			c = k.documentsFor(t, n, pieces)
			known[key] = c
			total = total.plus(cost{documents: c.documents, characters: c.characters})
		}
		total.attachments += c.documents
	}
	return total
}

// documentsFor is what pieces take at one node.
func (k *compiler) documentsFor(t policyType, n *node, pieces []*piece) cost {
	size := len(policy.Document{Version: policy.Version2012}.JSON())
	for _, p := range pieces {
		size += k.sizeOf(p) + len(",")
	}
	if size <= t.size && k.slots([]*node{n}, t) > 0 {
		return cost{1, 1, size}
	}
	p, _, ds := k.packing([]*node{n}, pieces, t)
	if ds.HasErrors() {
		return cost{documents: tooMany}
	}
	c := cost{documents: len(p.Documents), attachments: len(p.Documents)}
	for _, d := range p.Documents {
		c.characters += d.Size
	}
	return c
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
