package compile

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// declarative merges the pieces of a node into one document. above are the
// documents of the nodes above it, to which its own is added.
//
// AWS lets such policies be set again further down, the nearest winning, unless
// one above keeps that from happening; what it keeps so is refused, since the
// line would be without effect. Attached to the root, they hold in the
// management account too.
func (k *compiler) declarative(n *node, t policyType, pieces []*piece, above map[*node]*policy.Declarative) guardrails.Policy {
	p := guardrails.Policy{
		Type: string(t.typ), Name: k.policyName(t.short, n.selector(), n.account != nil), Was: k.formerNames(n, t),
		Description: k.description(n, t, pieces), Statements: []guardrails.Statement{},
	}
	doc, owners := &policy.Declarative{}, map[string]*piece{}
	for _, next := range pieces {
		doc.Merge(next.declared, func(path string) { k.setTwice(n, next, owners[strings.ToLower(path)], path) })
		for _, path := range next.declared.Settings() {
			if key := strings.ToLower(path); owners[key] == nil {
				owners[key] = next
			}
		}
	}
	above[n] = doc
	k.kept(n, t, owners, above)
	for _, path := range doc.Settings() {
		from := owners[strings.ToLower(path)]
		p.Statements = append(p.Statements, guardrails.Statement{Sid: path, Guardrail: from.guardrail, Origin: k.origin(from.origin), Exceptions: []string{}})
	}
	p.Content = guardrails.Text(doc.JSON())
	if p.Size = p.Content.Size(k.plan.IDLengths); p.Size > t.size {
		k.tooLarge(n, t, pieces, p.Size)
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
