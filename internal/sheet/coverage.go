package sheet

import (
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/catalog"
)

// A Coverage says which controls of a framework templates serve, and which of
// the others something detects.
type Coverage struct {
	catalog.Framework          // without a title and controls where the framework's own are not known
	Served            []Served // in the order of the framework
	Detectable        []catalog.FrameworkControl
	Neither           []catalog.FrameworkControl
}

// A Served is one control, with the templates that serve it.
type Served struct {
	ID        string
	Templates []string // ids, sorted
}

// Coverages are those of every framework that a template names or whose
// controls are known: these first, the others sorted.
func Coverages(ts []*catalog.Template) []Coverage {
	served := map[string]map[string][]string{}
	for _, t := range ts {
		for _, k := range t.Controls {
			if served[k.Framework] == nil {
				served[k.Framework] = map[string][]string{}
			}
			served[k.Framework][k.ID] = append(served[k.Framework][k.ID], t.ID)
		}
	}
	frameworks := slices.Clone(catalog.Frameworks().Value)
	for _, id := range slices.Sorted(maps.Keys(served)) {
		if !slices.ContainsFunc(frameworks, func(f catalog.Framework) bool { return f.ID == id }) {
			frameworks = append(frameworks, catalog.Framework{ID: id})
		}
	}
	var all []Coverage
	for _, f := range frameworks {
		c := Coverage{Framework: f}
		for _, id := range slices.SortedFunc(maps.Keys(served[f.ID]), catalog.CompareControls) {
			ids := slices.Clone(served[f.ID][id])
			slices.Sort(ids)
			c.Served = append(c.Served, Served{id, slices.Compact(ids)})
		}
		for _, k := range f.Controls {
			switch {
			case slices.ContainsFunc(c.Served, func(s Served) bool { return Within(s.ID, k.ID) }):
			case k.Detectable():
				c.Detectable = append(c.Detectable, k)
			default:
				c.Neither = append(c.Neither, k)
			}
		}
		all = append(all, c)
	}
	return all
}
