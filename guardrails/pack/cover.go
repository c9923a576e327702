package pack

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// maxWork bounds the comparisons of a packing, in characters of the patterns.
// What is not compared any more stays in the documents, where it does no harm.
const maxWork = 10_000_000

// cover leaves out values that another of the same list covers, and units that
// another one covers.
func (p *packer) cover(units []*unit) []*unit {
	for _, u := range units {
		if !u.opaque {
			p.thin(&u.actions, coversAction)
			p.thin(&u.resources, coversResource)
			u.chars = 0
		}
	}
	// A statement can only be covered by one of its effect and principal.
	byHead := map[string][]*unit{}
	for _, u := range units {
		byHead[u.who] = append(byHead[u.who], u)
	}
	// Of two that are equal the first stays.
	gone := map[*unit]bool{}
	for _, u := range slices.Backward(units) {
		if by := p.coveredBy(u, byHead[u.who], gone); by != nil {
			gone[u] = true
			for _, id := range u.holds {
				p.dropped = append(p.dropped, Dropped{id, by.holds[0]})
			}
		}
	}
	return slices.DeleteFunc(units, func(u *unit) bool { return gone[u] })
}

// thin leaves out each value of a list that another covers: those that match
// less in an element match less in its Not form, too.
func (p *packer) thin(l *list, covers func(wide, narrow string) bool) {
	gone := make([]bool, len(l.values))
	for w, wide := range l.values {
		if gone[w] || !wild(wide.text) {
			continue
		}
		var holds []ID
		for i, v := range l.values {
			if i == w || gone[i] {
				continue
			}
			if !p.spend(wide.text, v.text) {
				break
			}
			if covers(wide.text, v.text) {
				gone[i] = true
				holds = append(holds, v.holds...)
			}
		}
		if len(holds) > 0 {
			l.values[w].holds = distinct(slices.Concat(wide.holds, holds))
		}
	}
	kept := l.values[:0:0]
	for i, v := range l.values {
		if !gone[i] {
			kept = append(kept, v)
		}
	}
	l.values = kept
}

func wild(s string) bool { return strings.ContainsAny(s, "*?") }

// spend counts a comparison of patterns, and reports whether it may be made.
func (p *packer) spend(wide, narrow string) bool {
	p.work += 8 + len(wide) + len(narrow)
	if wild(wide) {
		p.work += strings.Count(wide, "*") * len(narrow)
	}
	return p.work <= maxWork
}

// coveredBy is a unit that matches whatever u matches.
func (p *packer) coveredBy(u *unit, others []*unit, gone map[*unit]bool) *unit {
	if u.opaque {
		return nil
	}
	for _, w := range others {
		if w == u || w.opaque || gone[w] {
			continue
		}
		if p.work += 8 * (1 + len(w.atoms)); p.work > maxWork {
			return nil
		}
		if w.asksNoMore(u) && p.listCovers(w.resources, u.resources, coversResource) && p.listCovers(w.actions, u.actions, coversAction) {
			return w
		}
	}
	return nil
}

// asksNoMore reports whether each condition of w is one of u: what meets those
// of u meets those of w.
func (w *unit) asksNoMore(u *unit) bool {
	for atom := range w.atoms {
		if !u.atoms[atom] {
			return false
		}
	}
	return true
}

// listCovers reports whether wide matches what narrow matches, pattern by pattern.
func (p *packer) listCovers(wide, narrow list, covers func(wide, narrow string) bool) bool {
	switch {
	case wide.absent || narrow.absent:
		return wide.absent && narrow.absent
	case !wide.not && slices.ContainsFunc(wide.values, func(v value) bool { return v.text == "*" }):
		return true
	case wide.not != narrow.not:
		return false
	case wide.not: // all but few is more than all but many
		wide, narrow = narrow, wide
	}
	for _, n := range narrow.values {
		found := false
		for _, w := range wide.values {
			if !p.spend(w.text, n.text) {
				return false
			}
			if covers(w.text, n.text) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// covers reports whether one pattern matches all that another does, where that
// takes no search: a ? against a wildcard is taken for no.
func covers(wide, narrow string, fold bool) bool {
	if strings.Contains(wide, "?") && wild(narrow) {
		return wide == narrow
	}
	return policy.Covers(wide, narrow, fold)
}

// coversAction is covers for actions.
func coversAction(wide, narrow string) bool {
	if !wild(wide) {
		return len(wide) == len(narrow) && lower(wide) == lower(narrow)
	}
	return covers(wide, narrow, true)
}

// coversResource is covers for resources, where it is certain: a wildcard in
// one of the first five fields of an ARN keeps to its field or does not,
// depending on where it stands, and a variable or a reference may be anything.
func coversResource(wide, narrow string) bool {
	switch {
	case wide == narrow || wide == "*":
		return true
	case !wild(wide), strings.Contains(wide, "${"), strings.Contains(narrow, "${"), strings.Contains(wide, "{{"), strings.Contains(narrow, "{{"):
		return false
	}
	w, n := strings.SplitN(wide, ":", 6), strings.SplitN(narrow, ":", 6)
	if len(w) < 6 || len(n) < 6 || w[0] != "arn" || n[0] != "arn" {
		return false
	}
	for i := range 5 {
		// A field is spelled alike, or is * against a text without wildcards.
		if w[i] != n[i] && (w[i] != "*" || wild(n[i])) {
			return false
		}
	}
	return covers(w[5], n[5], false)
}
