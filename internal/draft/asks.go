package draft

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// ask writes what each node asks for, and the documents that this takes.
func (d *drafter) ask() {
	d.partAgain()
	d.docs = map[string][]byte{}
	d.root.each(func(n *node) { n.asks = nil })
	for _, c := range d.list {
		c.sets = nil
		if c.allow != nil && c.way == taken {
			continue
		}
		switch c.way {
		case taken, own:
			var items []string
			items, c.sets = d.share(c, d.items(c))
			for _, n := range c.nodes {
				for _, text := range items {
					n.asks = append(n.asks, ask{c, text})
				}
			}
		case elsewhere:
			d.docs[c.file] = pretty(c.content)
		}
	}
}

// items are the guardrails of a policy as the file asks for them.
func (d *drafter) items(c *candidate) []string {
	name := ""
	if c.named() {
		name = c.Name
	}
	var items []string
	for _, u := range c.uses() {
		if len(u.Parameters) == 0 && name == "" && !c.stay {
			items = append(items, plain(u.Template))
			continue
		}
		m := mapping{{"template", u.Template}}
		if len(u.Parameters) > 0 {
			m = append(m, pair{"parameters", u.Parameters})
		}
		items = append(items, flow(c.put(m)))
	}
	content := c.content
	if c.way == taken || c.part {
		if len(c.rest) == 0 {
			return items
		}
		doc := policy.Document{Version: policy.Version2012}
		for _, i := range c.rest {
			doc.Statements = append(doc.Statements, c.statements[i])
		}
		content = doc.JSON()
	}
	d.docs[c.file] = pretty(content)
	return append(items, flow(c.put(mapping{{"file", c.file}, {"type", string(c.typ)}})))
}

// put says of a guardrail which policy it is put into.
func (c *candidate) put(m mapping) mapping {
	if c.named() {
		return append(m, pair{"policy", c.Name})
	}
	if c.stay {
		return append(m, pair{"hoist", "never"})
	}
	return m
}

// sets are the guardrails of sets, by name.
func (d *drafter) sets() map[string][]string {
	sets := map[string][]string{}
	for _, c := range d.list {
		for name, items := range c.sets {
			for _, item := range items {
				if !slices.Contains(sets[name], item) {
					sets[name] = append(sets[name], item)
				}
			}
		}
	}
	return sets
}

// targets are the selectors of the nodes of a policy.
func (c *candidate) targets() []string {
	var list []string
	for _, n := range c.nodes {
		list = append(list, n.selector())
	}
	slices.Sort(list)
	return list
}
