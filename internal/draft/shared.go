package draft

import (
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
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

func (d *drafter) join(f *candidate, more []*candidate) {
	all := []*candidate{f}
	var statements []policy.Statement
	statements = append(statements, f.statements...)
	from := map[*candidate]int{}
	for _, c := range more {
		all = append(all, c)
		from[c] = len(statements)
		statements = append(statements, c.statements...)
	}
	found, rest := recognize.Statements(d.catalog, f.typ, d.env(), statements, recognize.Options{})
	for i, c := range all {
		end := from[c] + len(c.statements)
		c.way, c.found, c.rest, c.exceptions, c.part = taken, nil, nil, nil, i > 0
		for _, j := range rest {
			if j >= from[c] && j < end {
				c.rest = append(c.rest, j-from[c])
			}
		}
	}
	f.statements, f.found = statements, found
	if len(found) == 0 {
		f.way = own
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
