package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A Catalog is a set of templates that have been checked, by id.
type Catalog struct {
	byID map[string]*Template
	all  []*Template
}

// New checks templates and makes a catalogue of those that have no error. Every
// mistake of every template is reported, at the template's range: ids that
// stand twice, placeholders that nothing fills, defaults that break their own
// bounds, Sids that stand twice, lists that could come out empty where that
// changes the meaning, vectors that are missing. A vector with more actions
// becomes one for each.
func New(ts []Template) (*Catalog, diag.Diagnostics) { return Known(nil).With(ts) }

// Known makes a catalogue of templates in which [New] is known to find no
// mistake, as a test says of the built-in ones. Checking them takes longer than
// reading an organization file.
func Known(ts []Template) *Catalog {
	c := &Catalog{byID: map[string]*Template{}}
	for _, t := range ts {
		t.Vectors = spread(t.Vectors)
		c.add(&t)
	}
	c.sort()
	return c
}

func (c *Catalog) add(t *Template) {
	c.byID[t.ID] = t
	c.all = append(c.all, t)
}

func (c *Catalog) sort() {
	slices.SortFunc(c.all, func(a, b *Template) int { return strings.Compare(a.ID, b.ID) })
}

// With is a catalogue with more templates, which are checked as [New] does.
func (c *Catalog) With(ts []Template) (*Catalog, diag.Diagnostics) {
	with := &Catalog{byID: maps.Clone(c.byID), all: slices.Clone(c.all)}
	var ds diag.Diagnostics
	first := map[string]diag.Range{}
	for _, t := range c.all {
		first[t.ID] = t.Range
	}
	for _, t := range ts {
		t.Vectors = spread(t.Vectors)
		ck := checker{t: &t}
		if at, twice := first[t.ID]; twice {
			ds.Errorf(t.Range, "GR201", "two templates have the id %q", t.ID).Related =
				[]diag.Related{{Range: at, Message: "the first is here"}}
			continue
		}
		first[t.ID] = t.Range
		ck.template()
		ds = append(ds, ck.ds...)
		if !ck.ds.HasErrors() {
			with.add(&t)
		}
	}
	with.sort()
	return with, ds
}

// Lookup is the template of an id.
func (c *Catalog) Lookup(id string) (*Template, bool) {
	t, ok := c.byID[id]
	return t, ok
}

// All are the templates, sorted by ID.
func (c *Catalog) All() []*Template { return slices.Clone(c.all) }

// IDs are the ids of the templates, sorted; of one type only, unless it is "".
func (c *Catalog) IDs(only Type) []string {
	ids := []string{}
	for _, t := range c.all {
		if only == "" || t.Type == only {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

var (
	templateID    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	parameterName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	sidPattern    = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)
)

// A checker collects what is wrong with one template.
type checker struct {
	t  *Template
	ds diag.Diagnostics
}

func (c *checker) errorf(code, hint, format string, args ...any) {
	c.ds.Errorf(c.t.Range, code, "template "+c.t.ID+": "+format, args...).Hint = hint
}

func (c *checker) template() {
	t := c.t
	if !templateID.MatchString(t.ID) || len(t.ID) > 64 {
		c.ds.Errorf(t.Range, "GR201", "%q is no id of a template", t.ID).Hint = "expected up to 64 small letters, digits and single hyphens, verb first: protect-cloudtrail"
	}
	for _, f := range []struct{ name, text string }{{"title", t.Title}, {"stops", t.Stops}, {"breaks", t.Breaks}, {"avoid", t.Avoid}} {
		if strings.TrimSpace(f.text) == "" {
			c.errorf("GR202", "say it in one sentence", "it has no %s", f.name)
		}
	}
	if len(t.References) == 0 {
		c.errorf("GR202", "name the AWS pages behind it", "it has no references")
	}
	for _, r := range t.References {
		if !strings.HasPrefix(r, "https://") {
			c.errorf("GR202", "expected an address that begins with https://", "the reference %q is no page", r)
		}
	}
	if !slices.Contains(Types(), t.Type) {
		c.errorf("GR202", diag.DidYouMean(string(t.Type), texts(Types())), "no type is named %q", t.Type)
		return
	}
	if !slices.Contains(Severities(), t.Severity) {
		c.errorf("GR202", diag.DidYouMean(string(t.Severity), texts(Severities())), "no severity is named %q", t.Severity)
	}
	for _, k := range t.Controls {
		if k.Framework == "" || k.ID == "" || k.Source == "" {
			c.errorf("GR202", "a control has a framework, an id and a source", "a control is not complete")
		}
	}
	if t.ExemptDeployRole != nil && !*t.ExemptDeployRole && t.Type == ServiceControlPolicy && len(t.Notes) == 0 {
		c.errorf("GR202", "say why in notes", "it does not exempt the deploy role")
	}
	c.parameters()
	if t.Type == PasswordPolicyPreset {
		c.preset()
		return
	}
	if t.PasswordPolicy != nil {
		c.errorf("GR202", "only the type PASSWORD_POLICY has one", "it has a passwordPolicy")
	}
	if t.Type.IsDeclarative() {
		c.declarative()
		return
	}
	if t.Document != nil || t.Settings != nil {
		c.errorf("GR202", "statements say what it denies, and vectors prove it", "it has a document or settings, which the type %s does not have", t.Type)
	}
	c.statements()
	c.vectors()
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
