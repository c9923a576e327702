package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Declare makes the document of a declarative template for an organization, as
// [Template.Instantiate] makes statements. A list in a name makes a member of
// each item, within which the list's placeholder is that item. What comes out
// empty is left out, and what holds nothing else with it.
//
// It panics on a template of another type.
func (t *Template) Declare(env Env, params map[string]org.Parameter, use diag.Range) (*policy.Declarative, diag.Diagnostics) {
	if !t.Type.IsDeclarative() {
		panic("catalog: a " + string(t.Type) + " declares nothing")
	}
	ds := t.Check(params, use)
	if ds.HasErrors() {
		return nil, ds
	}
	values := t.values(env, params, use, &ds)
	if ds.HasErrors() {
		return nil, ds
	}
	filled, there, err := splice(t.Document, values)
	if err == nil && !there {
		err = fmt.Errorf("nothing is left of it")
	}
	if err != nil {
		ds.Errorf(use, "GR215", "the document of %s: %v", t.ID, err)
		return nil, ds
	}
	d, found := declared(t.ID, t.Type, filled)
	for _, f := range found {
		if f.Severity == diag.Error {
			ds.Errorf(use, "GR217", "the document of %s: %s", t.ID, f.Summary).Hint = f.Hint
		} else {
			ds.Warnf(use, "GR217", "the document of %s: %s", t.ID, f.Summary).Hint = f.Hint
		}
	}
	if ds.HasErrors() {
		return nil, ds
	}
	return d, ds
}

// declared reads a document as a template or a setting holds it.
func declared(name string, typ Type, v any) (*policy.Declarative, diag.Diagnostics) {
	src, err := json.Marshal(v)
	if err != nil {
		panic("catalog: a document is no JSON value: " + err.Error())
	}
	return policy.ParseDeclarative(name, src, policy.Kind(typ))
}

// splice puts values into a part of a document; there is false where nothing
// is left of it.
func splice(v any, values map[string]value) (out any, there bool, err error) {
	switch v := v.(type) {
	case string:
		if name, ok := whole(v); ok && values[name].list {
			return values[name].items, len(values[name].items) > 0, nil
		}
		texts, err := expand(v, values)
		if err != nil || len(texts) == 1 {
			return first(texts), true, err
		}
		return nil, false, fmt.Errorf("%q becomes %d values where one stands", v, len(texts))
	case []any:
		list := []any{}
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				list = append(list, item)
				continue
			}
			texts, err := expand(s, values)
			if err != nil {
				return nil, false, err
			}
			for _, text := range texts {
				list = append(list, text)
			}
		}
		return list, len(list) > 0 || len(v) == 0, nil
	case map[string]any:
		return spliceMap(v, values)
	}
	return v, true, nil
}

func first(texts []string) any {
	if len(texts) == 0 {
		return nil
	}
	return texts[0]
}

func spliceMap(v map[string]any, values map[string]value) (any, bool, error) {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		parts, err := parseText(key)
		if err != nil {
			return nil, false, err
		}
		for _, scope := range scopes(parts, values) {
			names, err := expand(key, scope)
			if err != nil {
				return nil, false, err
			}
			member, there, err := splice(v[key], scope)
			if err != nil {
				return nil, false, err
			}
			if !there {
				continue
			}
			if _, twice := out[names[0]]; twice {
				return nil, false, fmt.Errorf("the name %q comes out twice", names[0])
			}
			out[names[0]] = member
		}
	}
	return out, len(out) > 0 || len(v) == 0, nil
}

// scopes are the values for each member that a name becomes: one for each item
// of every list in it.
func scopes(parts []part, values map[string]value) []map[string]value {
	all := []map[string]value{values}
	for _, p := range parts {
		if !values[p.name].list {
			continue
		}
		var next []map[string]value
		for _, scope := range all {
			if !scope[p.name].list { // in the name twice
				next = append(next, scope)
				continue
			}
			for _, item := range scope[p.name].items {
				one := maps.Clone(scope)
				one[p.name] = value{items: []string{item}}
				next = append(next, one)
			}
		}
		all = next
	}
	return all
}

// Below is the policy of a unit or account below that a setting tries, nil
// where it tries none.
func (t *Template) Below(s *Setting) (*policy.Declarative, diag.Diagnostics) {
	if s.Below == nil {
		return nil, nil
	}
	return declared(t.ID, t.Type, s.Below)
}
