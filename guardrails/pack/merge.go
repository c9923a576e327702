package pack

import (
	"slices"
	"strconv"
)

// maxRounds bounds how often merging looks for more; each round that finds
// something leaves fewer statements, and few find anything after the third.
const maxRounds = 8

// merge makes one of statements that have the same effect, principal and
// conditions, and either the same resources (then their actions are united) or
// the same actions (then their resources are). Statements that differ in what
// they except, NotAction or NotResource, stay two.
//
// Which of the two goes first can matter; per set of equal conditions, the
// shorter result is taken. What is merged is compacted. Neither makes the
// statements longer than they were.
func (p *packer) merge(units []*unit) []*unit {
	var order []string
	groups := map[string][]*unit{}
	for _, u := range units {
		if groups[u.base] == nil {
			order = append(order, u.base)
		}
		groups[u.base] = append(groups[u.base], u)
	}
	var out []*unit
	for _, base := range order {
		group := groups[base]
		if len(group) == 1 {
			out = append(out, group...)
			continue
		}
		total := func(us []*unit) (n int) {
			for _, u := range us {
				n += p.size(u) + 1
			}
			return n
		}
		a, b := mergeGroup(group, true), mergeGroup(group, false)
		if total(b) < total(a) {
			a = b
		}
		out = append(out, a...)
	}
	for i, u := range out {
		out[i] = p.compact(u)
	}
	return out
}

// mergeGroup merges statements of one base, until nothing more can be.
func mergeGroup(units []*unit, actionsFirst bool) []*unit {
	byActions := actionsFirst
	for round, still := 0, 0; round < maxRounds && still < 2; round++ {
		n := len(units)
		units = mergeOnce(units, byActions)
		if byActions = !byActions; len(units) == n {
			still++
		} else {
			still = 0
		}
	}
	return units
}

// mergeOnce unites the actions of statements with the same resources, or the
// resources of those with the same actions.
func mergeOnce(units []*unit, actions bool) []*unit {
	alike := map[string][]*unit{}
	var order []string
	for i, u := range units {
		varies, key := u.actions, "r"+u.keyOfResources()
		if !actions {
			varies, key = u.resources, "a"+u.keyOfActions()
		}
		if u.opaque || !varies.splits() {
			key = strconv.Itoa(i) // like no other
		}
		if alike[key] == nil {
			order = append(order, key)
		}
		alike[key] = append(alike[key], u)
	}
	var out []*unit
	for _, key := range order {
		out = append(out, merged(alike[key]))
	}
	return out
}

// merged is all of some statements in one.
func merged(units []*unit) *unit {
	if len(units) == 1 {
		return units[0]
	}
	m := slices.MinFunc(units, func(a, b *unit) int { return compareIDs(a.holds[0], b.holds[0]) }).copied()
	m.holds, m.actions.values, m.resources.values = nil, nil, nil
	for _, u := range units {
		m.holds = append(m.holds, u.holds...)
		m.actions.values = append(m.actions.values, u.actions.values...)
		m.resources.values = append(m.resources.values, u.resources.values...)
	}
	m.holds = distinct(m.holds)
	m.actions.unite(true)
	m.resources.unite(false)
	return m
}
