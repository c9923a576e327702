package config

import (
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// sets resolves the named lists of guardrails, sets in sets expanded.
func (l *loader) sets() {
	l.o.Sets = map[string][]org.GuardrailUse{}
	open := map[string]bool{}
	for _, key := range sorted(l.doc.Sets) {
		l.set(string(key), open)
	}
}

// set is the content of a set. open are the sets being expanded.
func (l *loader) set(name string, open map[string]bool) []org.GuardrailUse {
	if uses, ok := l.o.Sets[name]; ok {
		return uses
	}
	open[name] = true
	defer delete(open, name)
	uses := []org.GuardrailUse{}
	for i := range l.doc.Sets[Key(name)] {
		g := &l.doc.Sets[Key(name)][i]
		if g.Ref != "" {
			if _, isSet := l.doc.Sets[Key(g.Ref)]; isSet {
				if open[g.Ref] {
					d := l.ds.Errorf(g.rng(), "GR032", "the set %q holds itself", g.Ref)
					d.Hint = "remove this line, or the one that leads here"
					d.Related = []diag.Related{{Range: l.doc.keyRange("sets", g.Ref), Message: "the set begins here"}}
					continue
				}
				for _, u := range l.set(g.Ref, open) {
					u.Set = name
					uses = append(uses, u)
				}
				continue
			}
		}
		if u, ok := l.use(g); ok {
			u.Set = name
			uses = append(uses, u)
		}
	}
	l.o.Sets[name] = uses
	return uses
}

// uses gives each node the guardrails that it asks for, sets expanded.
func (l *loader) uses() {
	l.o.Root.Uses = l.usesOf(l.names.uses[l.o.Root])
	for _, u := range l.o.Units {
		u.Uses = l.usesOf(l.names.uses[u])
	}
	for _, a := range l.o.Accounts {
		a.Uses = l.usesOf(l.names.own[a])
	}
}

func (l *loader) usesOf(list []Guardrail) []org.GuardrailUse {
	var uses []org.GuardrailUse
	for i := range list {
		g := &list[i]
		if g.Ref != "" {
			if set, ok := l.o.Sets[g.Ref]; ok {
				for _, u := range set {
					u.Set, u.Via = g.Ref, g.rng()
					uses = append(uses, u)
				}
				continue
			}
		}
		if u, ok := l.use(g); ok {
			uses = append(uses, u)
		}
	}
	return uses
}

// use resolves a guardrail that is not a set.
func (l *loader) use(g *Guardrail) (org.GuardrailUse, bool) {
	u := org.GuardrailUse{
		Template: or(g.Ref, g.Template),
		File:     string(g.File),
		Type:     string(g.Type),
		Range:    g.rng(),
	}
	if u.Template != "" {
		if g.Template != "" {
			u.Range = g.rng("template")
		}
		u.Parameters = l.parameters(&g.at, g.Parameters)
		return u, true
	}
	if u.File != "" {
		u.Range = g.rng("file")
		source, ok := l.document(u.File, u.Range)
		u.Source = source
		return u, ok
	}
	return u, false
}

// parameters locates the values given to a template.
func (l *loader) parameters(place *at, values map[string]any) map[string]org.Parameter {
	if len(values) == 0 {
		return nil
	}
	params := make(map[string]org.Parameter, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		params[name] = org.Parameter{Value: values[name], Range: place.rng("parameters", name)}
	}
	return params
}
