package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// parse reads a YAML or JSON file into nodes. The node is nil when there is
// nothing to go on with; every mistake is in the diagnostics.
func parse(src *source) (*node, diag.Diagnostics) {
	var ds diag.Diagnostics
	if !readable(src, &ds) {
		return nil, ds
	}
	loader, err := yaml.NewLoader(bytes.NewReader(withoutVersion(src.data)))
	if err != nil {
		syntaxError(src, err, &ds)
		return nil, ds
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			empty(src, &ds)
			return nil, ds
		}
		syntaxError(src, err, &ds)
		return nil, ds
	}
	switch err := loader.Load(&second); {
	case err == nil:
		at := src.offset(second.Line, second.Column)
		ds.Errorf(src.span(at, src.lineEnd(at)), "GR006", "the file holds more than one document").
			Hint = "keep one document in a file: remove the line --- and what follows it"
		return nil, ds
	case !errors.Is(err, io.EOF):
		syntaxError(src, err, &ds)
		return nil, ds
	}
	c := converter{src: src, ds: &ds, done: map[*yaml.Node]*node{}, open: map[*yaml.Node]bool{}}
	root := &doc
	if doc.Kind == yaml.DocumentNode {
		if len(doc.Content) == 0 {
			empty(src, &ds)
			return nil, ds
		}
		root = doc.Content[0]
	}
	n, _ := c.convert(root, nil, 0)
	if c.stop {
		return nil, ds
	}
	if n.kind == nullNode {
		empty(src, &ds)
		return nil, ds
	}
	return n, ds
}

func empty(src *source, ds *diag.Diagnostics) {
	ds.Errorf(src.span(0, 0), "GR002", "the file is empty").
		Hint = "start with \"version: 1\""
}

// readable refuses text that is not UTF-8 before the YAML library sees it.
func readable(src *source, ds *diag.Diagnostics) bool {
	if bytes.HasPrefix(src.data, []byte("\xff\xfe")) || bytes.HasPrefix(src.data, []byte("\xfe\xff")) {
		ds.Errorf(src.span(0, 0), "GR001", "the file is UTF-16").Hint = "save it as UTF-8"
		return false
	}
	for i := 0; i < len(src.data); {
		r, n := utf8.DecodeRune(src.data[i:])
		if r == utf8.RuneError && n == 1 {
			ds.Errorf(src.span(i, i+1), "GR001", "the file is not UTF-8: byte 0x%02x", src.data[i]).Hint = "save it as UTF-8"
			return false
		}
		if control(r) {
			ds.Errorf(src.span(i, i+n), "GR003", "the file holds the control character %U", r).
				Hint = "remove it; in double quotes it can be written as an escape"
			return false
		}
		i += n
	}
	return true
}

// control reports whether YAML takes a character only as an escape.
func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}

// version is the line that names the version of YAML.
var version = regexp.MustCompile(`^%YAML 1\.[0-9]+[ \t]*(#.*)?\r?$`)

// withoutVersion makes the line %YAML 1.2 in front of a document a comment:
// every version is read alike, and the library knows one.
func withoutVersion(data []byte) []byte {
	for i := 0; i < len(data); {
		line := data[i:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		if version.Match(line) {
			data = bytes.Clone(data)
			data[i] = '#'
			return data
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			return data
		}
		i += len(line) + 1
	}
	return data
}

// knownTags are those that say what JSON has.
var knownTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!timestamp", "!!merge"}

// A converter turns the library's nodes into ours.
type converter struct {
	src  *source
	ds   *diag.Diagnostics
	done map[*yaml.Node]*node // anchored nodes that have been converted
	open map[*yaml.Node]bool  // anchored nodes that are being converted
	stop bool                 // a limit was passed: nothing of the result may be used
}

// null stands for what could not be converted.
func (c *converter) null(start, end int) (*node, int) {
	return &node{src: c.src, start: start, end: end, bad: true, size: 1}, end
}

// convert returns the node and the byte after it in the file, which for an
// alias is the end of the alias rather than of its target. key is the node of
// the key whose value y is; an empty value is shown there.
func (c *converter) convert(y *yaml.Node, key *node, depth int) (*node, int) {
	start := c.src.offset(y.Line, y.Column)
	if c.stop {
		return c.null(start, start)
	}
	if y.Kind == yaml.AliasNode {
		return c.alias(y, start)
	}
	if depth > maxDepth {
		c.stop = true
		c.ds.Errorf(c.src.span(start, start+1), "GR005", "lists and mappings are nested more than %d deep", maxDepth).
			Hint = "an organization needs about a dozen levels; look for a bracket that is not closed"
		return c.null(start, start)
	}
	if y.Anchor != "" {
		c.open[y] = true
		defer delete(c.open, y)
	}
	start = c.properties(start, y)
	n := &node{src: c.src, start: start, end: start, size: 1}
	if tag := y.ShortTag(); y.Style&yaml.TaggedStyle != 0 && !slices.Contains(knownTags, tag) {
		c.ds.Errorf(n.src.span(c.src.offset(y.Line, y.Column), start), "GR003", "the tag %s means nothing here", quote(tag)).Hint = "remove the tag"
		n.bad = true
	}
	switch y.Kind {
	case yaml.ScalarNode:
		c.scalar(n, y, key)
	case yaml.SequenceNode:
		c.list(n, y, depth)
	case yaml.MappingNode:
		c.mapping(n, y, depth)
	}
	if n.size > maxNodes && !c.stop {
		c.stop = true
		c.ds.Errorf(n.head(), "GR005", "the file holds more than %d values once its aliases are followed", maxNodes).
			Hint = "use fewer aliases of aliases"
	}
	if y.Anchor != "" {
		c.done[y] = n
	}
	return n, n.end
}

func (c *converter) alias(y *yaml.Node, start int) (*node, int) {
	end := start + 1 + len(y.Value)
	switch {
	case c.open[y.Alias]:
		c.ds.Errorf(c.src.span(start, end), "GR004", "the anchor %q holds itself", y.Value).
			Hint = "an alias may stand only outside of what its anchor marks"
	case c.done[y.Alias] == nil:
		c.ds.Errorf(c.src.span(start, end), "GR004", "no anchor is named %q before this line", y.Value)
	default:
		return c.done[y.Alias], end
	}
	return c.null(start, end)
}

// properties skips the anchor and the tag in front of a value.
func (c *converter) properties(start int, y *yaml.Node) int {
	if y.Anchor == "" && y.Style&yaml.TaggedStyle == 0 {
		return start
	}
	i := start
	for i < len(c.src.data) && (c.src.data[i] == '&' || c.src.data[i] == '!') {
		for i < len(c.src.data) && !strings.ContainsRune(" \t\r\n,[]{}", rune(c.src.data[i])) {
			i++
		}
		i = c.src.skip(i, "")
	}
	return i
}

func (c *converter) list(n *node, y *yaml.Node, depth int) {
	n.kind = listNode
	n.items = make([]*node, 0, len(y.Content))
	end := n.start + 1
	for _, child := range y.Content {
		var item *node
		item, end = c.convert(child, nil, depth+1)
		n.items = append(n.items, item)
		n.size += item.size
	}
	n.end = c.collectionEnd(y, end)
}

func (c *converter) mapping(n *node, y *yaml.Node, depth int) {
	n.kind = mapNode
	n.entries = make([]entry, 0, len(y.Content)/2)
	end := n.start + 1
	var merges []*node
	seen := make(map[string]*node, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		var key, value *node
		key, _ = c.convert(y.Content[i], nil, depth+1)
		value, end = c.convert(y.Content[i+1], key, depth+1)
		n.size += key.size + value.size
		if y.Content[i].ShortTag() == "!!merge" {
			merges = append(merges, value)
			continue
		}
		if key.kind != stringNode {
			if !key.bad {
				key.bad = true
				c.ds.Errorf(key.head(), "GR003", "a key must be a string, this is %s", key.kind.describe()).
					Hint = "put it in quotes"
			}
			if key.text == "" || key.kind >= listNode {
				continue
			}
		}
		if first := seen[key.text]; first != nil {
			d := c.ds.Errorf(key.rng(), "GR007", "the key %s is here twice", quote(key.text))
			d.Hint = fmt.Sprintf("the other is in line %d; keep one of them", first.rng().Start.Line)
			d.Related = []diag.Related{{Range: first.rng(), Message: "first here"}}
			continue
		}
		seen[key.text] = key
		n.entries = append(n.entries, entry{key: key, value: value})
	}
	n.end = c.collectionEnd(y, end)
	for _, m := range merges {
		c.merge(n, m, seen)
	}
}

// merge adds what a merge key brings: keys of the mapping itself come first,
// then those of earlier mappings in the list.
func (c *converter) merge(n, from *node, seen map[string]*node) {
	switch {
	case from.bad:
	case from.kind == mapNode:
		for _, e := range from.entries {
			if seen[e.key.text] == nil {
				seen[e.key.text] = e.key
				n.entries = append(n.entries, entry{key: e.key, value: e.value, merged: true})
			}
		}
	case from.kind == listNode:
		for _, item := range from.items {
			if item.kind != mapNode && !item.bad {
				c.ds.Errorf(item.head(), "GR003", "a merge key takes mappings, this is %s", item.kind.describe()).
					Hint = "write <<: *name, where the anchor marks a mapping"
				continue
			}
			c.merge(n, item, seen)
		}
	default:
		c.ds.Errorf(from.head(), "GR003", "a merge key takes a mapping or a list of mappings, this is %s", from.kind.describe()).
			Hint = "write <<: *name, where the anchor marks a mapping"
	}
}

// collectionEnd is the byte after a list or mapping whose last child ends at end.
func (c *converter) collectionEnd(y *yaml.Node, end int) int {
	if y.Style&yaml.FlowStyle == 0 {
		return end
	}
	i := c.src.skip(end, ",:")
	if i < len(c.src.data) && (c.src.data[i] == ']' || c.src.data[i] == '}') {
		return i + 1
	}
	return end
}

// quote writes a text from the file the way messages show it.
func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return strconv.Quote(s)
}
