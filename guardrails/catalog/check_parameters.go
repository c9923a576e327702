package catalog

import (
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// parameters checks the declarations and their defaults.
func (c *checker) parameters() {
	for _, name := range slices.Sorted(maps.Keys(c.t.Parameters)) {
		s := c.t.Parameters[name]
		if _, taken := lookupPlaceholder(name); taken || !parameterName.MatchString(name) {
			c.errorf("GR203", "expected letters and digits, a small letter first, and no common placeholder", "%q is no name for a parameter", name)
		}
		if s.Description == "" {
			c.errorf("GR203", "say in one sentence what it is for", "parameter %s has no description", name)
		}
		if !slices.Contains(ParameterTypes(), s.Type) {
			c.errorf("GR203", diag.DidYouMean(string(s.Type), texts(ParameterTypes())), "parameter %s: no type is named %q", name, s.Type)
			continue
		}
		c.bounds(name, s)
		if s.Default != nil {
			c.defaults(name, s)
		}
	}
}

// bounds checks that the bounds fit the type, and each other.
func (c *checker) bounds(name string, s ParameterSpec) {
	text := s.Type == "string" || s.Type.isList()
	for _, b := range []struct {
		what string
		set  bool
		fits bool
	}{
		{"minimum and maximum", s.Minimum != nil || s.Maximum != nil, s.Type == "integer"},
		{"minItems and maxItems", s.MinItems != nil || s.MaxItems != nil, s.Type.isList()},
		{"pattern and enum", s.Pattern != "" || len(s.Enum) > 0, text},
	} {
		if b.set && !b.fits {
			c.errorf("GR203", "remove them", "parameter %s is %s, which has no %s", name, s.Type.article(), b.what)
		}
	}
	if _, err := compiled(s.Pattern); err != nil {
		c.errorf("GR203", "expected a regular expression in RE2 syntax", "parameter %s: the pattern %q is no regular expression", name, s.Pattern)
	}
	if s.Minimum != nil && s.Maximum != nil && *s.Minimum > *s.Maximum || s.MinItems != nil && s.MaxItems != nil && *s.MinItems > *s.MaxItems {
		c.errorf("GR203", "", "parameter %s: the lower bound is above the upper one", name)
	}
}

// defaults checks a default as a value that was given; one that comes from the
// organization is checked when it is known.
func (c *checker) defaults(name string, s ParameterSpec) {
	items := []any{s.Default}
	if l, ok := list(s.Default); ok {
		items = nil
		for _, item := range l {
			items = append(items, item)
		}
	}
	fromOrganization := false
	for _, item := range items {
		text, ok := item.(string)
		if !ok {
			continue
		}
		parts, err := parseText(text)
		if err != nil {
			c.errorf("GR205", "", "the default of parameter %s: %v", name, err)
			return
		}
		for _, p := range parts {
			if p.name == "" {
				continue
			}
			fromOrganization = true
			known, ok := c.common(p.name, "the default of parameter "+name)
			if ok && text == s.Default && known.List != s.Type.isList() {
				c.errorf("GR204", "expected "+s.Type.article(), "the default of parameter %s, {{%s}}, has another type", name, p.name)
			}
		}
	}
	if fromOrganization {
		return
	}
	if _, mistakes := s.read(s.Default, ""); len(mistakes) > 0 {
		c.errorf("GR204", mistakes[0].hint, "the default of parameter %s: %s", name, mistakes[0].what)
	}
}

// common looks up a placeholder that is not a parameter.
func (c *checker) common(name, where string) (Placeholder, bool) {
	p, ok := lookupPlaceholder(name)
	if !ok {
		known := []string{}
		for _, p := range placeholders {
			known = append(known, p.Name)
		}
		c.errorf("GR205", diag.DidYouMean(name, known), "%s: nothing fills {{%s}}", where, name)
	}
	return p, ok
}

// preset checks a password policy against AWS's ranges.
func (c *checker) preset() {
	t, r := c.t, awsdata.PasswordPolicy.Value
	if t.PasswordPolicy == nil {
		c.errorf("GR202", "add the nine fields of a password policy", "it has no passwordPolicy")
		return
	}
	if len(t.Statements)+len(t.Vectors)+len(t.Parameters)+len(t.Document)+len(t.Settings) > 0 {
		c.errorf("GR202", "a password preset has nine fields and nothing else", "it has statements, parameters, vectors, a document or settings")
	}
	for _, f := range []struct {
		name string
		n    int
		in   awsdata.Range
		zero bool
	}{
		{"minimumLength", t.PasswordPolicy.MinimumLength, r.MinimumLength, false},
		{"maxAgeDays", t.PasswordPolicy.MaxAgeDays, r.MaxAgeDays, true},
		{"reusePrevention", t.PasswordPolicy.ReusePrevention, r.ReusePrevention, true},
	} {
		if !f.in.Holds(f.n) && !(f.zero && f.n == 0) {
			c.ds.Errorf(t.Range, "GR209", "template %s: %s is %d", t.ID, f.name, f.n).Hint =
				ParameterSpec{}.bounds(&f.in.Min, &f.in.Max, "")
		}
	}
}
