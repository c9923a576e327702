package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// declarative checks a document, every placeholder in it, and that enough is
// said of what it comes to. Whether it does come to that is for a test to say.
func (c *checker) declarative() {
	t := c.t
	if len(t.Document) == 0 {
		c.errorf("GR202", "add the document in Organizations' inheritance syntax", "it has no document")
		return
	}
	if len(t.Statements) > 0 || len(t.Vectors) > 0 || t.ExemptDeployRole != nil {
		c.errorf("GR202", "it denies no request; say in settings what it comes to", "it has statements, vectors or exemptDeployRole, which the type %s does not have", t.Type)
	}
	used := map[string]bool{}
	c.placeholdersIn(t.Document, used)
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		if !used[name] {
			c.errorf("GR203", "use it or remove it", "nothing in the document uses the parameter %s", name)
		}
	}
	c.settings()
	if c.ds.HasErrors() {
		return
	}
	for _, s := range append([]Setting{{}}, t.Settings...) {
		params := Parameters(s.Parameters)
		if t.Check(params, t.Range).HasErrors() {
			continue // a parameter without a default, which the first setting gives
		}
		if _, ds := t.Declare(ExampleEnv(), params, t.Range); len(ds) > 0 {
			for _, d := range ds {
				d.Summary = fmt.Sprintf("template %s: %s", t.ID, d.Summary)
				c.ds = append(c.ds, d)
			}
			return
		}
	}
}

// placeholdersIn checks the placeholders of a part of a document, and notes
// which are used.
func (c *checker) placeholdersIn(v any, used map[string]bool) {
	switch v := v.(type) {
	case string:
		parts, err := parseText(v)
		if err != nil {
			c.errorf("GR205", "", "document: %v", err)
			return
		}
		for _, p := range parts {
			if p.name == "" {
				continue
			}
			used[p.name] = true
			_, parameter := c.t.Parameters[p.name]
			if _, common := lookupPlaceholder(p.name); !parameter && !common {
				c.errorf("GR205", diag.DidYouMean(p.name, c.t.placeholderNames()), "document: nothing fills {{%s}}", p.name)
			}
		}
	case []any:
		for _, item := range v {
			c.placeholdersIn(item, used)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			c.placeholdersIn(key, used)
			c.placeholdersIn(v[key], used)
		}
	}
}

func (c *checker) settings() {
	if len(c.t.Settings) < 2 {
		c.errorf("GR218", "expected at least two of what the document comes to", "it has fewer than two settings")
	}
	for _, s := range c.t.Settings {
		bad := func(hint, format string, args ...any) {
			c.errorf("GR218", hint, "setting %s: %s", s.Path, fmt.Sprintf(format, args...))
		}
		if strings.TrimSpace(s.Path) == "" || strings.Contains(s.Path, "@@") {
			bad("expected names joined by full stops, without operators", "%q is no path", s.Path)
		}
		switch _, isList := list(s.Value); {
		case isList:
		default:
			switch s.Value.(type) {
			case nil, string, float64, bool:
			default:
				bad("expected a string, a number, true or false, a list of strings, or null", "its value is %s", noun(s.Value))
			}
		}
		for _, d := range c.t.Check(Parameters(s.Parameters), diag.Range{}) {
			bad(d.Hint, "%s", d.Summary)
		}
		if s.Below == nil {
			continue
		}
		_, ds := declared(c.t.ID, c.t.Type, s.Below)
		for _, d := range ds {
			bad(d.Hint, "below: %s", d.Summary)
		}
	}
}
