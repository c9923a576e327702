package sheet

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Search are the templates that every word is found in, the best first: in the
// id, then in the title, then in what it stops and the actions it names. A word
// such as s3:PutObject also finds the pattern s3:Put*, and s3:Put* the action.
func Search(ts []*catalog.Template, words []string) []*catalog.Template {
	var at [3][]*catalog.Template
	for _, t := range ts {
		where := 0
		for _, w := range words {
			where = max(where, found(t, strings.ToLower(w)))
		}
		if where < len(at) {
			at[where] = append(at[where], t)
		}
	}
	return slices.Concat(at[0], at[1], at[2])
}

// found is where a word stands in a template: 0 its id, 1 its title, 2
// elsewhere, 3 nowhere.
func found(t *catalog.Template, word string) int {
	has := func(texts ...string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), word) })
	}
	switch {
	case has(t.ID):
		return 0
	case has(t.Title):
		return 1
	case has(t.Stops, t.CatalogueRow), slices.ContainsFunc(Actions(t), func(a string) bool {
		return has(a) || strings.Contains(word, ":") && a != "*" && (policy.Match(a, word, true) || policy.Match(word, a, true))
	}):
		return 2
	}
	return 3
}

// Actions are those that a template's statements name, with those of its
// parameters' defaults. What NotAction leaves out is not among them.
func Actions(t *catalog.Template) []string {
	var actions []string
	for _, s := range t.Statements {
		actions = append(actions, s.Action...)
	}
	for _, p := range t.Parameters {
		if items, ok := p.Default.([]any); ok && p.Type == "actions" {
			for _, item := range items {
				if a, ok := item.(string); ok {
					actions = append(actions, a)
				}
			}
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Serves reports whether a control of a template is the one that is asked for:
// its framework alone, or its framework and id. The id 4 asks for 4.1, and
// AC-2 for AC-2(1), too.
func Serves(k catalog.Control, framework, id string) bool {
	if !strings.EqualFold(k.Framework, framework) {
		return false
	}
	return id == "" || Within(k.ID, id)
}

// Within reports whether a control is another or a part of it.
func Within(id, whole string) bool {
	if len(id) < len(whole) || !strings.EqualFold(id[:len(whole)], whole) {
		return false
	}
	rest := id[len(whole):]
	return rest == "" || rest[0] == '.' || rest[0] == '('
}
