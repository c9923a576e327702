package guardrails

import (
	"cmp"
	"slices"
	"strings"
)

// elsewhere checks what others manage.
func (c *checker) elsewhere() {
	sorted(c, "policies managed elsewhere", c.p.Elsewhere, func(a, b ForeignPolicy) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	for _, f := range c.p.Elsewhere {
		what := "policy " + f.Name + ", managed elsewhere,"
		if f.Type == "" || f.Name == "" || f.Origin == "" {
			c.errorf("%s lacks a type, a name or an origin", what)
		}
		if _, ok := slices.BinarySearchFunc(c.p.Policies, Policy{Type: f.Type, Name: f.Name}, comparePolicies); ok {
			c.errorf("%s is in the plan as well", what)
		}
		c.targets(what, f.Targets)
		if f.Content == "" {
			continue
		}
		var err error
		if slices.Contains(declarativeTypes, f.Type) {
			_, _, err = documentSettings(f.Content)
		} else {
			_, _, err = documentStatements(f.Content)
		}
		if err != nil {
			c.errorf("%s: %w", what, err)
		}
	}
}

// governors are the keys that Beside may hold.
var governors = []string{"control-tower", "landing-zone-accelerator", "stack-sets"}

// beside checks who governs accounts beside orgrails.
func (c *checker) beside() {
	for _, key := range c.p.Beside {
		if !slices.Contains(governors, key) {
			c.errorf("%q, beside orgrails, is nobody known", key)
		}
	}
}

// targets checks that references are of nodes that policies are attached to.
func (c *checker) targets(what string, targets []string) {
	for _, t := range targets {
		if t == "organization" || !c.ids[t] {
			c.errorf("%s is at %q, which is no root, unit or account", what, t)
		}
	}
}

// mustWork checks the requests of the file that must work.
func (c *checker) mustWork() {
	sorted(c, "requests that must work", c.p.MustWork, func(a, b MustWork) int { return cmp.Compare(a.Key, b.Key) })
	for _, m := range c.p.MustWork {
		what := "the request " + m.Key + ", which must work,"
		if m.Key == "" || m.As == "" || m.Resource == "" || m.Origin == "" || m.Level != "must" && m.Level != "should" {
			c.errorf("%s lacks a part, or has the level %q", what, m.Level)
		}
		if service, name, ok := strings.Cut(m.Action, ":"); !ok || service == "" || name == "" || strings.ContainsAny(m.Action, "*?") {
			c.errorf("%s has the action %q", what, m.Action)
		}
		c.targets(what, m.In)
		sorted(c, "condition keys of "+m.Key, m.Context, func(a, b Context) int { return cmp.Compare(a.Key, b.Key) })
	}
}
