package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
)

// statements says which guardrails came, went, changed and moved. Statements
// of the same words at the same node are the same, whatever their document and
// Sid; of the rest those are the same that have their Sid in common, and then
// those that have their words in common at another node.
func (w *work) statements() {
	var open [2][]*use
	origins := [2]map[string]map[string]bool{{}, {}}
	for i := range w.sides {
		for j := range w.sides[i].uses {
			u := &w.sides[i].uses[j]
			open[i] = append(open[i], u)
			k := here(u)
			if origins[i][k] == nil {
				origins[i][k] = map[string]bool{}
			}
			origins[i][k][u.Origin] = true
		}
	}
	pair(&open, func(u *use) string { return here(u) + "\x00" + u.text }, func(b, a *use) {})
	pair(&open, func(u *use) string { return here(u) + "\x00" + u.Sid }, func(b, a *use) { w.guardrail(Changed, b, a) })
	pair(&open, func(u *use) string { return u.typ + "\x00" + u.from() + "\x00" + u.text }, func(b, a *use) { w.guardrail(Moved, b, a) })
	for i, kind := range []Kind{Removed, Added} {
		for _, u := range open[i] {
			sides := [2]*use{}
			sides[i] = u
			if n := len(origins[1-i][here(u)]); n > 0 && n >= len(origins[i][here(u)]) {
				w.guardrail(Changed, sides[0], sides[1]) // another statement of a guardrail that stays
			} else {
				w.guardrail(kind, sides[0], sides[1])
			}
		}
	}
	merge(&w.d.Guardrails, func(g *Guardrail) string {
		return fmt.Sprintf("%q", []string{g.Type, g.Target, g.Guardrail, g.Policy, string(g.Change), g.From, cmp.Or(g.After, g.Before)})
	}, func(into, g *Guardrail) { into.Sids = append(into.Sids, g.Sids...) })
	for i := range w.d.Guardrails {
		g := &w.d.Guardrails[i]
		slices.Sort(g.Sids)
		g.Sids = slices.Compact(g.Sids)
	}
}

// here is the guardrail of a use, or the policy of others, and its node.
func here(u *use) string { return u.typ + "\x00" + u.target + "\x00" + u.from() }

// from is the guardrail of a use, or the policy that others manage.
func (u *use) from() string {
	if u.foreign {
		return "\x00" + u.policy
	}
	return u.Guardrail
}

// pair takes away the uses of both sides that have a key in common.
func pair(open *[2][]*use, key func(*use) string, found func(before, after *use)) {
	before := map[string][]*use{}
	for _, u := range open[0] {
		before[key(u)] = append(before[key(u)], u)
	}
	gone := map[*use]bool{}
	var after []*use
	for _, u := range open[1] {
		if list := before[key(u)]; len(list) > 0 {
			before[key(u)] = list[1:]
			gone[list[0]] = true
			found(list[0], u)
			continue
		}
		after = append(after, u)
	}
	open[0] = slices.DeleteFunc(open[0], func(u *use) bool { return gone[u] })
	open[1] = after
}

func (w *work) guardrail(kind Kind, before, after *use) {
	g := Guardrail{Change: kind}
	for _, u := range []*use{before, after} {
		if u == nil {
			continue
		}
		g.Type, g.Guardrail, g.Target, g.Sids = u.typ, u.Guardrail, u.target, []string{u.Sid}
		if u.foreign {
			g.Policy = u.policy
		}
		if declarative(u.typ) {
			w.saysOtherwise(u.typ)
		}
	}
	if before != nil {
		g.Before = before.Origin
	}
	if after != nil {
		g.After = after.Origin
	}
	if kind == Moved {
		g.From = before.target
	}
	w.d.Guardrails = append(w.d.Guardrails, g)
}

// saysOtherwise notes that declarative policies of a type differ.
func (w *work) saysOtherwise(typ string) {
	w.notCompared("what the "+spoken(typ)+" policies say", typ != "AISERVICES_OPT_OUT_POLICY" && typ != "BACKUP_POLICY")
}

// documents says which policies are made, deleted, written anew and attached elsewhere.
func (w *work) documents() error {
	type doc struct {
		p       *guardrails.Policy
		text    string
		targets []string
	}
	var sides [2]map[string]*doc
	for i := range w.sides {
		s := &w.sides[i]
		sides[i] = map[string]*doc{}
		for j := range s.plan.Policies {
			p := &s.plan.Policies[j]
			text, err := p.Deployed().Fill(s.ids)
			if err != nil {
				return fmt.Errorf("policy %s: %w", p.Name, err)
			}
			sides[i][p.Type+" "+p.Name] = &doc{p: p, text: text}
		}
		for _, a := range s.plan.Attachments {
			d := sides[i][a.Type+" "+a.Policy]
			d.targets = append(d.targets, s.ref(a.Target))
		}
	}
	without := func(list, other []string) []string {
		return append([]string{}, slices.DeleteFunc(slices.Clone(list), func(t string) bool { return slices.Contains(other, t) })...)
	}
	for i := range w.sides[1].plan.Policies {
		p := &w.sides[1].plan.Policies[i]
		a := sides[1][p.Type+" "+p.Name]
		b, was := sides[0][p.Type+" "+p.Name], ""
		for _, name := range p.Was {
			if former := sides[0][p.Type+" "+name]; b == nil && former != nil {
				b, was = former, name
			}
		}
		if b == nil {
			w.d.Documents = append(w.d.Documents, Document{Added, p.Type, p.Name, "", without(a.targets, nil), []string{}})
			continue
		}
		delete(sides[0], p.Type+" "+b.p.Name)
		x := Document{Type: p.Type, Name: p.Name, Was: was, Attached: without(a.targets, b.targets), Detached: without(b.targets, a.targets)}
		switch {
		case a.text != b.text:
			x.Change = Changed
		case was != "":
			x.Change = Renamed
		case len(x.Attached)+len(x.Detached) > 0:
			x.Change = Moved
		default:
			continue
		}
		w.d.Documents = append(w.d.Documents, x)
	}
	for _, b := range sides[0] {
		w.d.Documents = append(w.d.Documents, Document{Removed, b.p.Type, b.p.Name, "", []string{}, without(b.targets, nil)})
	}
	return nil
}
