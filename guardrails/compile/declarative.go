package compile

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// declaratives makes one policy of a declarative type for each node that asks
// for any, and those that the file names.
func (k *compiler) declaratives(t policyType) {
	above := map[*node]*policy.Declarative{}
	named := map[string]*site{}
	for _, n := range k.all {
		by := map[string][]*piece{}
		var pieces []*piece
		for _, p := range n.pieces {
			if p.typ == t.typ {
				pieces = append(pieces, p)
				by[p.policyName()] = append(by[p.policyName()], p)
				k.narrowed([]*node{n}, p) // refuses exceptions from it
			}
		}
		if len(pieces) == 0 {
			continue
		}
		k.settings(n, t, pieces, above)
		if free := k.slots([]*node{n}, t); free < 0 || free < 1 && len(by[""]) > 0 {
			k.full(&k.ds, []*node{n}, pieces, t)
		}
		for _, name := range sortedKeys(by) {
			pl := &site{nodes: []*node{n}, pieces: by[name], policy: name}
			if first := named[name]; name != "" && first != nil {
				if keyOf(first.pieces) != keyOf(by[name]) {
					k.otherContent(first, n, by[name][0])
				}
			} else {
				named[name] = pl
				k.plan.Policies = append(k.plan.Policies, k.declarative(pl, t))
			}
			k.plan.Attachments = append(k.plan.Attachments, guardrails.Attachment{Target: n.target().Ref(), Type: string(t.typ), Policy: k.nameOf(pl, t, 1)})
		}
	}
}

// settings merges what a node asks for and refuses what cannot be set there.
// above are the documents of the nodes above it, to which its own is added.
//
// AWS lets such policies be set again further down, the nearest winning, unless
// one above keeps that from happening; what it keeps so is refused, since the
// line would be without effect. Attached to the root, they hold in the
// management account too.
func (k *compiler) settings(n *node, t policyType, pieces []*piece, above map[*node]*policy.Declarative) {
	doc, owners := merged(pieces, func(next, first *piece, path string) { k.setTwice(n, next, first, path) })
	above[n] = doc
	k.kept(n, t, owners, above)
}

// merged is one document of pieces, with the piece that sets each setting.
func merged(pieces []*piece, twice func(next, first *piece, path string)) (*policy.Declarative, map[string]*piece) {
	doc, owners := &policy.Declarative{}, map[string]*piece{}
	for _, next := range pieces {
		doc.Merge(next.declared, func(path string) { twice(next, owners[strings.ToLower(path)], path) })
		for _, path := range next.declared.Settings() {
			if key := strings.ToLower(path); owners[key] == nil {
				owners[key] = next
			}
		}
	}
	return doc, owners
}

// declarative makes the policy of a site of pieces that can be set there.
func (k *compiler) declarative(pl *site, t policyType) guardrails.Policy {
	n := pl.nodes[0]
	p := guardrails.Policy{
		Type: string(t.typ), Name: k.nameOf(pl, t, 1), Was: []string{}, Description: k.description(pl, t, pl.pieces), Statements: []guardrails.Statement{},
	}
	if pl.policy == "" {
		p.Was = k.formerNames(n, t, 1)
	}
	doc, owners := merged(pl.pieces, func(*piece, *piece, string) {})
	for _, path := range doc.Settings() {
		from := owners[strings.ToLower(path)]
		p.Statements = append(p.Statements, guardrails.Statement{Sid: path, Guardrail: from.guardrail, Origin: k.origin(from.origin), Exceptions: []string{}})
	}
	p.Content = guardrails.Text(doc.JSON())
	if p.Size = p.Content.Size(k.plan.IDLengths); p.Size > t.size {
		k.tooLarge(n, t, pl.pieces, p.Size)
	}
	return p
}

// setTwice refuses two guardrails that give a setting two values at one node.
func (k *compiler) setTwice(n *node, next, first *piece, path string) {
	d := k.ds.Errorf(next.origin, "GR308", "%s and %s set %s differently at %s", next.guardrail, first.guardrail, path, n.selector())
	d.Hint = "keep one of them, or ask for one of them further down, where the nearest wins"
	d.Related = []diag.Related{{Range: first.origin, Message: "set here too"}}
}

// kept refuses what a policy above keeps the node's from setting.
func (k *compiler) kept(n *node, t policyType, owners map[string]*piece, above map[*node]*policy.Declarative) {
	var chain []*node
	for m := n; m != nil; m = m.parent {
		if above[m] != nil {
			chain = append(chain, m)
		}
	}
	slices.Reverse(chain)
	var e policy.Effective
	for _, m := range chain[:len(chain)-1] {
		e.Merge(above[m], func(string, string) {}) // said when its own turn was
	}
	e.Merge(above[n], func(path, _ string) {
		next := owners[strings.ToLower(path)]
		d := k.ds.Errorf(next.origin, "GR309", "%s sets %s at %s, which a policy above keeps from being set there", next.guardrail, path, n.selector())
		d.Hint = "take it out, or ask for the guardrail above at the units where it is to hold"
		if first, at := keeper(chain, t, path); first != nil {
			d.Summary = strings.Replace(d.Summary, "a policy above", first.guardrail+" at "+at.selector(), 1)
			d.Related = []diag.Related{{Range: first.origin, Message: "kept from here"}}
		}
	})
}

// keeper is the first piece from the root down that says what policies below may
// do with a setting, or with a group that it is in.
func keeper(chain []*node, t policyType, path string) (*piece, *node) {
	for _, m := range chain[:len(chain)-1] {
		for _, p := range m.pieces {
			if p.typ != t.typ {
				continue
			}
			for _, own := range p.declared.Settings() {
				within := len(own) <= len(path) && strings.EqualFold(own, path[:len(own)]) && (len(own) == len(path) || path[len(own)] == '.')
				if within && p.declared.At(own).ChildOperators != nil {
					return p, m
				}
			}
		}
	}
	return nil, nil
}
