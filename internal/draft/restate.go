package draft

import (
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
)

// env is what templates may know of the organization once roles, boundaries
// and groups are in the file.
func (c *central) env() catalog.Env {
	e := c.d.env()
	exempt, glass, required, identities := []string{"role/" + c.d.opts.DeployRole}, []string{}, []string{}, []string{}
	for _, p := range c.d.list {
		if p.way == taken {
			for _, x := range p.exceptions {
				exempt = append(exempt, x.principals...)
			}
		}
	}
	for _, r := range c.roles {
		if !r.out {
			exempt = append(exempt, "role"+r.path+r.name)
		}
		if !r.out && r.breakGlass {
			glass = append(glass, "role"+r.path+r.name)
		}
	}
	for _, b := range c.boundaries {
		if !b.out && b.required {
			required = append(required, b.name)
		}
	}
	if c.identity.source == "iam" && slices.ContainsFunc(c.groups, func(g *group) bool { return !g.out }) {
		identities = append(identities, c.identity.account)
	}
	slices.Sort(exempt)
	slices.Sort(glass)
	slices.Sort(required)
	e.Values["organization.exemptPrincipals"] = slices.Compact(exempt)
	e.Values["organization.breakGlassRoles"] = glass
	e.Values["organization.boundaries"] = required
	e.Values["organization.identityAccounts"] = identities
	return e
}

// restate gives guardrails the parameters with which they stay what they are:
// some default is another once roles are in the file. What a default says by
// then is left out, where less is wanted.
func (c *central) restate(less bool) {
	before, after := c.d.env(), c.env()
	for i, p := range c.d.list {
		p.found = slices.Clone(c.base[i])
		for j, u := range p.found {
			p.found[j].Parameters = c.parameters(u, before, after, less)
		}
	}
	for _, b := range c.boundaries {
		if b.template == "" {
			continue
		}
		before.Values["boundaryName"], after.Values["boundaryName"] = b.name, b.name
		b.parameters = c.parameters(recognize.Use{Template: b.template, Parameters: b.inferred}, before, after, less)
	}
}

// fromFile are the values that what the file has of IAM changes.
var fromFile = []string{"organization.exemptPrincipals", "organization.breakGlassRoles", "organization.boundaries", "organization.identityAccounts"}

// changing is the value that a parameter takes by itself, where the file decides.
func changing(spec catalog.ParameterSpec) (string, bool) {
	s, ok := spec.Default.(string)
	name := strings.TrimSuffix(strings.TrimPrefix(s, "{{"), "}}")
	return name, ok && slices.Contains(fromFile, name)
}

// parameters are those with which a use says after what it said before.
func (c *central) parameters(u recognize.Use, before, after catalog.Env, less bool) map[string]any {
	t, ok := c.d.catalog.Lookup(u.Template)
	if !ok {
		return u.Parameters
	}
	params := maps.Clone(u.Parameters)
	if params == nil {
		params = map[string]any{}
	}
	var names []string
	for _, name := range sortedKeys(t.Parameters) {
		value, ok := changing(t.Parameters[name])
		if !ok {
			continue
		}
		names = append(names, name)
		if list, ok := before.Values[value].([]string); ok && params[name] == nil {
			params[name] = texts(list)
		}
	}
	if len(names) == 0 {
		return u.Parameters
	}
	want, ok := made(t, before, u.Parameters)
	if !ok {
		return u.Parameters
	}
	is := func(params map[string]any) bool {
		got, ok := made(t, after, params)
		return ok && slices.Equal(got, want)
	}
	for _, name := range names {
		without := maps.Clone(params)
		delete(without, name)
		if _, given := u.Parameters[name]; (!given || less) && is(without) {
			params = without
		}
	}
	if len(params) == 0 {
		return nil
	}
	return params
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// made are the statements of a template, in one spelling.
func made(t *catalog.Template, env catalog.Env, params map[string]any) ([]string, bool) {
	given := map[string]org.Parameter{}
	for name, v := range params {
		given[name] = org.Parameter{Value: v}
	}
	list, ds := t.Instantiate(env, given, diag.Range{})
	return spelled(policy.Document{Statements: list}), !ds.HasErrors()
}
