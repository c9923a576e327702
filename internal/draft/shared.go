package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/recognize"
)

// furtherPart ends the name of a policy of ours beside which others hold what
// had no room in the first.
var furtherPart = regexp.MustCompile(`\.[0-9]+$`)

// parts joins the policies of ours that are parts of one: a guardrail may have
// statements in several. The first has the guardrails of all; each keeps as its
// document what no guardrail is.
func (d *drafter) parts() {
	first := map[string]*candidate{}
	for _, c := range d.list {
		if !c.named() && c.way <= own && len(c.statements) > 0 && !furtherPart.MatchString(c.Name) {
			first[string(c.typ)+" "+c.Name] = c
		}
	}
	groups := map[*candidate][]*candidate{}
	for _, c := range d.list {
		f := first[string(c.typ)+" "+furtherPart.ReplaceAllString(c.Name, "")]
		if f != nil && f != c && c.way <= own && len(c.statements) > 0 && slices.Equal(f.ids(), c.ids()) {
			groups[f] = append(groups[f], c)
		}
	}
	for _, f := range d.list {
		if more := groups[f]; len(more) > 0 {
			d.join(f, more)
		}
	}
}

// join gives the first of some policies the guardrails of all. Its documents
// are named so that they stay in the order of the policies.
func (d *drafter) join(f *candidate, more []*candidate) {
	statements := slices.Clone(f.statements)
	from := map[*candidate]int{}
	for _, c := range more {
		from[c] = len(statements)
		statements = append(statements, c.statements...)
	}
	found, rest := recognize.Statements(d.catalog, f.typ, d.env(), statements, recognize.Options{})
	f.stem = f.file
	for i, c := range append([]*candidate{f}, more...) {
		end := from[c] + len(c.statements)
		c.way, c.found, c.rest, c.exceptions, c.part = taken, nil, nil, nil, i > 0
		c.file = fmt.Sprintf("%s-%d.json", strings.TrimSuffix(f.stem, ".json"), i+1)
		for _, j := range rest {
			if j >= from[c] && j < end {
				c.rest = append(c.rest, j-from[c])
			}
		}
	}
	f.alone, f.parts = f.statements, more
	f.statements, f.found = statements, found
}

// maxNames is how many names a document is tried under.
const maxNames = 26

// partAgain makes policies that were joined documents of their own, once one of
// them is to be one. Which document of ours holds which of them depends on
// their names: where one is in the wrong, it is tried under others.
func (d *drafter) partAgain() {
	for _, f := range d.list {
		all := append([]*candidate{f}, f.parts...)
		is := func(w way) bool { return slices.ContainsFunc(all, func(c *candidate) bool { return c.way == w }) }
		again := len(f.alone) == 0 && is(left) && f.names < maxNames
		apart := len(f.alone) > 0 && (is(own) || is(left))
		if len(all) == 1 || !again && !apart {
			continue
		}
		if apart {
			f.statements, f.alone = f.alone, nil
		} else {
			f.names++
		}
		for i, c := range all {
			if again && c.way == left {
				c.file = fmt.Sprintf("%s-%d%c.json", strings.TrimSuffix(f.stem, ".json"), i+1, 'a'+rune(f.names)-1)
			}
			c.part, c.found, c.rest, c.exceptions, c.way, c.why = false, nil, nil, nil, own, ""
		}
	}
}

// words are what the name of a policy of ours says that nodes have in common:
// sets, templates that are asked for by themselves, and the path of a document.
type words struct {
	sets      []string
	templates map[string]bool
	document  string
}

// words reads the name of a policy that several nodes have.
func (d *drafter) words(c *candidate) (words, bool) {
	_, label, ok := strings.Cut(c.Name, "-shared:")
	if !ok || c.named() || len(c.nodes) < 2 {
		return words{}, false
	}
	w := words{templates: map[string]bool{}}
	for _, word := range strings.Split(furtherPart.ReplaceAllString(label, ""), "+") {
		id, _, _ := strings.Cut(word, "~")
		_, isTemplate := d.catalog.Lookup(id)
		switch {
		case isTemplate:
			w.templates[id] = true
		case strings.HasSuffix(word, ".json"):
			w.document = word
		case keyGrammar.MatchString(word):
			w.sets = append(w.sets, word)
		default:
			return words{}, false
		}
	}
	return w, true
}

// documentsOfNames gives documents the paths that names of policies say.
func (d *drafter) documentsOfNames() {
	inUse := map[string]bool{}
	for _, c := range d.list {
		inUse[strings.ToLower(c.file)] = true
	}
	for _, c := range d.list {
		if w, ok := d.words(c); ok && documentPath.MatchString(w.document) && !inUse[strings.ToLower(w.document)] {
			inUse[strings.ToLower(w.document)] = true
			c.file = w.document
		}
	}
}

// share is how nodes that have a policy in common ask for its guardrails: by
// the sets that its name says, and by themselves where it says so. Which of the
// guardrails was in which set no name says, and makes no difference.
func (d *drafter) share(c *candidate, items []string) (asks []string, sets map[string][]string) {
	w, ok := d.words(c)
	if !ok || len(w.sets) == 0 {
		return items, nil
	}
	var rest []string
	uses := c.uses()
	for i, item := range items {
		if i < len(uses) && w.templates[uses[i].Template] || i >= len(uses) && w.document != "" {
			asks = append(asks, item)
		} else {
			rest = append(rest, item)
		}
	}
	sets = map[string][]string{}
	for i, name := range w.sets {
		n := min(1, len(rest))
		if i == len(w.sets)-1 {
			n = len(rest)
		}
		if n > 0 {
			sets[name] = rest[:n]
			asks, rest = append(asks, name), rest[n:]
		}
	}
	return asks, sets
}
