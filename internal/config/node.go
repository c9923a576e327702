package config

import (
	"strconv"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A nodeKind is what a node is, in JSON's terms.
type nodeKind uint8

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	listNode
	mapNode
)

// describe names what a node is, as it is said to a reader.
func (k nodeKind) describe() string {
	return [...]string{"nothing", "true or false", "a number", "a string", "a list", "a mapping"}[k]
}

// A node is a value of a YAML or JSON file with its place. An alias is its
// target: both are the same node.
type node struct {
	src        *source
	start, end int
	kind       nodeKind
	bad        bool    // has the wrong type; reported already
	odd        bool    // a number whose spelling has been refused
	text       string  // of a scalar, as written in the file
	number     float64 // of a number
	size       int     // nodes in it, aliases counted as often as they are used
	items      []*node // of a list
	entries    []entry // of a mapping, in the order of the file
	index      map[string]int
}

// An entry is one key of a mapping with its value. merged says that it came
// through a merge key.
type entry struct {
	key    *node
	value  *node
	merged bool
}

// rng is the place of the node; that of no node is the zero range.
func (n *node) rng() diag.Range {
	if n == nil {
		return diag.Range{}
	}
	return n.src.span(n.start, n.end)
}

// head is the place of the node's first line: what is worth underlining of a
// list or a mapping of many lines.
func (n *node) head() diag.Range {
	if n == nil {
		return diag.Range{}
	}
	return n.src.span(n.start, max(n.start, min(n.end, n.src.lineEnd(n.start))))
}

// smallMapping is the size up to which a mapping is searched key by key.
const smallMapping = 16

func (n *node) find(key string) *entry {
	if n == nil || n.kind != mapNode {
		return nil
	}
	if len(n.entries) <= smallMapping {
		for i := range n.entries {
			if n.entries[i].key.text == key {
				return &n.entries[i]
			}
		}
		return nil
	}
	if n.index == nil {
		n.index = make(map[string]int, len(n.entries))
		for i := range n.entries {
			n.index[n.entries[i].key.text] = i
		}
	}
	if i, ok := n.index[key]; ok {
		return &n.entries[i]
	}
	return nil
}

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	if e := n.find(key); e != nil {
		return e.value
	}
	return nil
}

// keyNode is the node of a key itself, or nil.
func (n *node) keyNode(key string) *node {
	if e := n.find(key); e != nil {
		return e.key
	}
	return nil
}

// item is the i-th item of a list, or nil.
func (n *node) item(i int) *node {
	if n == nil || i < 0 || i >= len(n.items) {
		return nil
	}
	return n.items[i]
}

// at follows keys and item numbers down from n as far as they exist, so that
// there always is a place to point at.
func (n *node) at(path ...any) *node {
	for _, p := range path {
		var next *node
		switch p := p.(type) {
		case string:
			next = n.get(p)
		case int:
			next = n.item(p)
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// value is the node as JSON has it: nil, bool, float64, string, []any or
// map[string]any.
func (n *node) value() any {
	switch n.kind {
	case boolNode:
		return n.text == "true" || n.text == "True" || n.text == "TRUE"
	case numberNode:
		return n.number
	case stringNode:
		return n.text
	case listNode:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.value()
		}
		return list
	case mapNode:
		m := make(map[string]any, len(n.entries))
		for i := range n.entries {
			m[n.entries[i].key.text] = n.entries[i].value.value()
		}
		return m
	}
	return nil
}

// child is the node that one step of a JSON pointer leads to, or nil.
func (n *node) child(step string) *node {
	if n.kind == listNode {
		i, err := strconv.Atoi(step)
		if err != nil {
			return nil
		}
		return n.item(i)
	}
	return n.get(step)
}
