package catalog

import (
	"reflect"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// A Set is a named list of guardrails that comes with the tool, as its data file states it.
type Set struct {
	// What an organization file names it by, in kebab case.
	Name string `json:"name" jsonschema:"pattern=^[a-z][a-z0-9]*(-[a-z0-9]+)*$,maxLength=40"`
	// One line, without a full stop.
	Title string `json:"title" jsonschema:"minLength=1,maxLength=120"`
	// What it is for, in a few sentences.
	Purpose string `json:"purpose" jsonschema:"minLength=1"`
	// Where to attach it: which nodes it is meant for, and which not.
	Attach string `json:"attach" jsonschema:"minLength=1"`
	// The guardrails, in the order of their statements.
	Members []Member `json:"members" jsonschema:"minItems=1"`
	// What was left out that one might look for, and why.
	Without []Omission `json:"without,omitempty"`

	Range diag.Range `json:"-"` // of the name in its file
}

// A Member is one guardrail of a set.
type Member struct {
	// Id of a template.
	Template string `json:"template" jsonschema:"minLength=1"`
	// Parameters of the template; the defaults elsewhere.
	Parameters map[string]any `json:"parameters,omitempty"`
	// Why it is in the set, in one sentence.
	Reason string `json:"reason" jsonschema:"minLength=1"`

	Range diag.Range `json:"-"` // of the template in its file
}

// An Omission is a template that a set does without.
type Omission struct {
	// Id of a template.
	Template string `json:"template" jsonschema:"minLength=1"`
	// Why it is not in the set, in one sentence.
	Reason string `json:"reason" jsonschema:"minLength=1"`

	Range diag.Range `json:"-"` // of the template in its file
}

// Use is the member as a list of guardrails asks for it. Every place in it is
// that of the member.
func (m *Member) Use() org.GuardrailUse {
	u := org.GuardrailUse{Template: m.Template, Range: m.Range}
	for name, v := range m.Parameters {
		if u.Parameters == nil {
			u.Parameters = map[string]org.Parameter{}
		}
		u.Parameters[name] = org.Parameter{Value: v, Range: m.Range}
	}
	return u
}

// CheckSets says what is wrong with sets that come with the tool: names that
// stand twice or are those of templates, members that are no guardrails of the
// catalogue or do not take their parameters, members that stand twice, and
// templates that are said to be left out and are not.
func (c *Catalog) CheckSets(sets []Set) diag.Diagnostics {
	var ds diag.Diagnostics
	first := map[string]diag.Range{}
	for _, s := range sets {
		if at, twice := first[s.Name]; twice {
			ds.Errorf(s.Range, "GR031", "two sets have the name %q", s.Name).Related =
				[]diag.Related{{Range: at, Message: "the first is here"}}
		} else if t, ok := c.Lookup(s.Name); ok {
			ds.Errorf(s.Range, "GR031", "a set and a template have the name %q", s.Name).Related =
				[]diag.Related{{Range: t.Range, Message: "the template is here"}}
		}
		first[s.Name] = s.Range
		for i := range s.Members {
			m := &s.Members[i]
			c.member(m.Template, m.Range, &ds)
			if t, ok := c.Lookup(m.Template); ok {
				ds = append(ds, t.Check(m.Use().Parameters, m.Range)...)
			}
			same := func(o Member) bool {
				return o.Template == m.Template && (len(o.Parameters)+len(m.Parameters) == 0 || reflect.DeepEqual(o.Parameters, m.Parameters))
			}
			if j := slices.IndexFunc(s.Members[:i], same); j >= 0 {
				ds.Errorf(m.Range, "GR031", "%s stands in the set %q twice", m.Template, s.Name).Related =
					[]diag.Related{{Range: s.Members[j].Range, Message: "the first is here"}}
			}
		}
		for _, o := range s.Without {
			c.member(o.Template, o.Range, &ds)
			if i := slices.IndexFunc(s.Members, func(m Member) bool { return m.Template == o.Template }); i >= 0 {
				ds.Errorf(o.Range, "GR031", "%s is left out of the set %q and stands in it", o.Template, s.Name).Related =
					[]diag.Related{{Range: s.Members[i].Range, Message: "it stands here"}}
			}
		}
	}
	return ds
}

func (c *Catalog) member(id string, r diag.Range, ds *diag.Diagnostics) {
	kinds := GuardrailTypes()
	t, ok := c.Lookup(id)
	switch {
	case !ok:
		var known []string
		for _, k := range kinds {
			known = append(known, c.IDs(k)...)
		}
		ds.Errorf(r, "GR022", "no template is named %q", id).Hint = diag.DidYouMean(id, known)
	case !slices.Contains(kinds, t.Type):
		ds.Errorf(r, "GR033", "%s is of the type %s, which is not taken here", id, t.Type).Hint = "a set holds guardrails"
	}
}
