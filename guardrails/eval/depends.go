package eval

import "slices"

// dependsOn lists the unknown keys on which the decision hangs: those of the
// statements that might deny and, where it is not settled that the request is
// refused, of those that might allow where that is needed.
func (e *evaluation) dependsOn() []string {
	lacks := e.lacks()
	settled := slices.Max(lacks[:]) == Yes
	found := map[int32]bool{}
	for _, st := range e.s.statements {
		switch {
		case e.applies&(1<<st.layer) == 0, st.layer == rcpLayer && !st.deny:
			continue
		case !st.deny && (settled || !e.matters(st, lacks)):
			continue
		}
		if t, _ := e.match(st); t == Unknown {
			e.unknownOf(st, found)
		}
	}
	var keys []string
	for id := range found {
		keys = append(keys, e.keys.keys[id].spelt)
	}
	slices.Sort(keys)
	return keys
}

// matters reports whether what a statement allows is needed and not yet
// allowed by another for certain.
func (e *evaluation) matters(st *statement, lacks [layerCount]Truth) bool {
	switch st.layer {
	case scpLayer, vpceLayer:
		return e.allow[st.scope] == Unknown
	case resourceLayer:
		return slices.Contains(lacks[:], Unknown)
	}
	return lacks[st.layer] == Unknown
}

// unknownOf adds the unknown keys of a statement of which it is unknown
// whether it matches.
func (e *evaluation) unknownOf(st *statement, found map[int32]bool) {
	add := func(id int32) {
		if state, _ := e.key(id); state == keyUnknown {
			found[id] = true
		}
	}
	variables := func(p *pattern) {
		for _, x := range p.pieces {
			if x.kind == variable {
				add(x.key)
			}
		}
	}
	if e.matchResources(st) == Unknown {
		for i := range st.resources {
			variables(&st.resources[i])
		}
	}
	for _, c := range st.conditions {
		if e.holds(c) != Unknown {
			continue
		}
		add(c.key)
		for j := range c.values {
			variables(&c.values[j].pattern)
		}
	}
}
