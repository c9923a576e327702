package catalog

import (
	"fmt"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Check says what is wrong with the parameters of one use of the template:
// unknown, missing, wrong type, out of bounds. A parameter's own range is
// underlined where it has one, else use, the place that asks for the template.
// What only the organization can tell, such as whether an account of that key
// exists, is for [Template.Instantiate].
func (t *Template) Check(params map[string]org.Parameter, use diag.Range) diag.Diagnostics {
	var ds diag.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(params)) {
		p := params[name]
		spec, ok := t.Parameters[name]
		if !ok {
			known := slices.Sorted(maps.Keys(t.Parameters))
			hint := diag.DidYouMean(name, known)
			if len(known) == 0 {
				hint = "it has no parameters"
			}
			ds.Errorf(place(p.Range, use), "GR210", "%s has no parameter %q", t.ID, name).Hint = hint
			continue
		}
		_, mistakes := spec.read(p.Value, "")
		for _, m := range mistakes {
			ds.Errorf(place(p.Range, use), m.code, "parameter %s of %s: %s", name, t.ID, m.what).Hint = m.hint
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		if _, given := params[name]; !given && t.Parameters[name].Default == nil {
			ds.Errorf(use, "GR211", "%s needs the parameter %q", t.ID, name).Hint = fmt.Sprintf(
				"add parameters: {%s: …}, %s", name, t.Parameters[name].Type.article())
		}
	}
	return ds
}

func place(r, otherwise diag.Range) diag.Range {
	if r.IsZero() {
		return otherwise
	}
	return r
}

// Instantiate makes the template's policy statements for an organization. The
// parameters are those of one use, which use locates; the defaults stand in for
// those not given. The statements hold references {{id:…}} where env does, and
// no other placeholder. With errors there are no statements.
//
// Every Deny of a service control policy spares the deploy role, unless the
// template says exemptDeployRole: false. A password preset has no statements,
// and neither has a declarative policy: see [Template.Declare].
func (t *Template) Instantiate(env Env, params map[string]org.Parameter, use diag.Range) ([]policy.Statement, diag.Diagnostics) {
	ds := t.Check(params, use)
	if ds.HasErrors() {
		return nil, ds
	}
	values := t.values(env, params, use, &ds)
	if ds.HasErrors() {
		return nil, ds
	}
	out := make([]policy.Statement, 0, len(t.Statements))
	for _, s := range t.Statements {
		made, err := s.make(values)
		if err != nil {
			ds.Errorf(use, "GR215", "statement %s of %s: %v", s.Sid, t.ID, err)
			continue
		}
		if made.Effect == policy.Deny && t.exemptsDeployRole() {
			exempt(&made, "arn:"+env.Partition+":iam::*:role/"+env.DeployRole)
		}
		out = append(out, made)
	}
	if ds.HasErrors() {
		return nil, ds
	}
	return out, ds
}

func (t *Template) exemptsDeployRole() bool {
	return t.Type == ServiceControlPolicy && (t.ExemptDeployRole == nil || *t.ExemptDeployRole)
}

// values are the texts of every placeholder the template may use.
func (t *Template) values(env Env, params map[string]org.Parameter, use diag.Range, ds *diag.Diagnostics) map[string]value {
	values := env.values(use, ds)
	common := maps.Clone(values) // a default may use these, and no parameter
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		spec := t.Parameters[name]
		p, given := params[name]
		at := place(p.Range, use)
		v := p.Value
		if !given {
			var err error
			if v, err = fill(spec.Default, common); err != nil {
				ds.Errorf(use, "GR215", "parameter %s of %s has no value: %v", name, t.ID, err).Hint = fmt.Sprintf("give %s a value here", name)
				continue
			}
		}
		read, mistakes := spec.read(v, env.Partition)
		for _, m := range mistakes {
			ds.Errorf(at, m.code, "parameter %s of %s: %s", name, t.ID, m.what).Hint = m.hint
		}
		if spec.Type == "accounts" {
			read.items = env.accounts(read.items, func(key string, known []string) {
				ds.Errorf(at, "GR214", "parameter %s of %s: no account has the key %q", name, t.ID, key).Hint = diag.DidYouMean(key, known)
			})
		}
		values[name] = read
	}
	return values
}

// values are the texts of the common placeholders.
func (e Env) values(use diag.Range, ds *diag.Diagnostics) map[string]value {
	values := map[string]value{
		"partition":  {items: []string{e.Partition}},
		"deployRole": {items: []string{e.DeployRole}},
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		var v value
		if s, ok := e.Values[name].(string); ok {
			v = value{items: []string{s}}
		} else if items, ok := list(e.Values[name]); ok {
			v = value{list: true, items: items}
		} else {
			panic("catalog: the value of " + name + " is neither a string nor a list of strings")
		}
		for _, s := range v.items {
			if !onlyReferences(s) {
				ds.Errorf(use, "GR216", "%s is %q, which holds {{", name, s).Hint = "placeholders stand in templates only"
			}
		}
		values[name] = v
	}
	return values
}

// accounts turns account keys and ids into the texts that stand for their ids.
func (e Env) accounts(items []string, unknown func(key string, known []string)) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		text, ok := e.Accounts[item]
		switch {
		case ok:
			out = append(out, text)
		case accountKey.MatchString(item):
			known := slices.DeleteFunc(slices.Sorted(maps.Keys(e.Accounts)), accountID.MatchString)
			unknown(item, known)
		default: // twelve digits of another organization, or a reference
			out = append(out, item)
		}
	}
	return out
}

// fill puts values into a default: a string that is one placeholder becomes
// its value, and a list takes in the items of a list.
func fill(v any, values map[string]value) (any, error) {
	switch v := v.(type) {
	case string:
		if name, ok := whole(v); ok && values[name].list {
			return values[name].items, nil
		}
		texts, err := expand(v, values)
		if err != nil || len(texts) != 1 {
			return nil, err
		}
		return texts[0], nil
	case []any:
		out := []string{}
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return v, nil // its type is wrong, which the reader of the value says
			}
			texts, err := expand(s, values)
			if err != nil {
				return nil, err
			}
			out = append(out, texts...)
		}
		return out, nil
	}
	return v, nil
}

// whole is the name of the placeholder that is all of s.
func whole(s string) (string, bool) {
	parts, err := parseText(s)
	if err != nil || len(parts) != 1 || parts[0].name == "" {
		return "", false
	}
	return parts[0].name, true
}
