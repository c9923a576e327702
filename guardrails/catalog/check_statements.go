package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// statements checks their shape and every placeholder in them.
func (c *checker) statements() {
	t := c.t
	if len(t.Statements) == 0 {
		c.errorf("GR202", "add statements", "it has no statements")
	}
	sids := map[string]bool{}
	used := map[string]bool{}
	for _, s := range t.Statements {
		if !sidPattern.MatchString(s.Sid) {
			c.errorf("GR206", "expected up to 64 letters and digits", "%q is no Sid", s.Sid)
		}
		if sids[s.Sid] {
			c.errorf("GR206", "give each statement its own", "two statements have the Sid %q", s.Sid)
		}
		sids[s.Sid] = true
		if s.Effect != string(policy.Allow) && s.Effect != string(policy.Deny) {
			c.errorf("GR206", "expected Allow or Deny", "statement %s: %q is no effect", s.Sid, s.Effect)
		}
		if t.Type == ResourceControlPolicy && s.Principal != "*" || t.Type != ResourceControlPolicy && s.Principal != "" {
			c.errorf("GR206", `resource control policies have the principal "*", no others have one`, "statement %s has the principal %q", s.Sid, s.Principal)
		}
		for _, pair := range [][2][]string{{s.Action, s.NotAction}, {s.Resource, s.NotResource}} {
			if (pair[0] == nil) == (pair[1] == nil) {
				c.errorf("GR206", "a statement has one of action and notAction, and one of resource and notResource", "statement %s has both of a pair, or neither", s.Sid)
			}
		}
		for _, f := range []struct {
			name string
			list []string
		}{{"action", s.Action}, {"notAction", s.NotAction}, {"resource", s.Resource}, {"notResource", s.NotResource}} {
			where := "statement " + s.Sid + ", " + f.name
			if f.list != nil && c.mayBeEmpty(f.list, where, used) {
				c.errorf("GR207", "add an item that is always there, or give the parameter minItems: 1", "%s may come out empty", where)
			}
		}
		c.condition(s, used)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		if !used[name] {
			c.errorf("GR203", "use it or remove it", "no statement uses the parameter %s", name)
		}
	}
}

func (c *checker) condition(s Statement, used map[string]bool) {
	for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
		if !policy.KnownOperator(op) {
			c.errorf("GR206", diag.DidYouMean(op, policy.Operators()), "statement %s: no condition operator is named %q", s.Sid, op)
		}
		for _, key := range slices.Sorted(maps.Keys(s.Condition[op])) {
			where := "statement " + s.Sid + ", " + op + " " + key
			c.mayBeEmpty([]string{key}, where, used)
			if parts, err := parseText(key); err == nil && op != "Null" && slices.ContainsFunc(parts, func(p part) bool { return c.isList(p.name) }) {
				c.errorf("GR206", "a list would make several keys of it, which only Null takes", "%s: a list stands in the key", where)
			}
			if c.mayBeEmpty(s.Condition[op][key], where, used) && !Negated(op) {
				c.errorf("GR207", "it would never hold then; give the parameter minItems: 1", "%s may come out empty", where)
			}
		}
	}
}

func (c *checker) isList(name string) bool {
	if s, ok := c.t.Parameters[name]; ok {
		return s.Type.isList()
	}
	p, ok := lookupPlaceholder(name)
	return ok && p.List
}

// mayBeEmpty reports whether nothing could come out of a list of strings; it
// says on the way what placeholders nothing fills, and notes which are used.
func (c *checker) mayBeEmpty(list []string, where string, used map[string]bool) bool {
	empty := true
	for _, s := range list {
		parts, err := parseText(s)
		if err != nil {
			c.errorf("GR205", "", "%s: %v", where, err)
			empty = false
			continue
		}
		if strings.TrimSpace(s) == "" {
			c.errorf("GR206", "leave it out", "%s holds an empty string", where)
		}
		may := false
		for _, p := range parts {
			if p.name == "" {
				continue
			}
			used[p.name] = true
			if spec, ok := c.t.Parameters[p.name]; ok {
				may = may || spec.Type.isList() && (spec.MinItems == nil || *spec.MinItems < 1)
				continue
			}
			known, ok := lookupPlaceholder(p.name)
			if !ok {
				c.errorf("GR205", diag.DidYouMean(p.name, c.t.placeholderNames()), "%s: nothing fills {{%s}}", where, p.name)
			}
			may = may || known.MayBeEmpty
		}
		empty = empty && may
	}
	return empty
}
