package diff

import (
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// An outside is a policy that others manage, as a side has it.
type outside struct {
	typ, name string
	content   string   // filled; "" where it is not known
	targets   []string // in the names of the plan after, sorted
}

// outsides are the policies that others manage, by type and name.
func (s *side) outsides() (map[string]*outside, error) {
	all := map[string]*outside{}
	for _, f := range s.plan.Elsewhere {
		x := &outside{typ: f.Type, name: f.Name}
		var err error
		if x.content, err = f.Content.Fill(s.ids); err != nil {
			return nil, fmt.Errorf("policy %s: %w", f.Name, err)
		}
		for _, t := range f.Targets {
			x.targets = append(x.targets, s.ref(t))
		}
		slices.Sort(x.targets)
		all[f.Type+" "+f.Name] = x
	}
	return all, nil
}

// elsewhere compares the policies that others manage. Where only one plan has
// the content, what is in AWS need not have changed, and the other is read as
// if it had it, too.
func (w *work) elsewhere() error {
	var sides [2]map[string]*outside
	for i := range w.sides {
		var err error
		if sides[i], err = w.sides[i].outsides(); err != nil {
			return err
		}
		w.sides[i].outside = sides[i]
	}
	for key, b := range sides[0] {
		a := sides[1][key]
		switch {
		case a == nil:
			w.otherOutside(Removed, b)
		case a.content != b.content || !slices.Equal(a.targets, b.targets):
			w.otherOutside(Changed, a)
			switch {
			case declarative(a.typ):
			case a.content == "":
				a.content = b.content
				w.notCompared(unknownContent, true)
			case b.content == "":
				b.content = a.content
				w.notCompared(unknownContent, true)
			}
		}
	}
	for key, a := range sides[1] {
		if sides[0][key] == nil {
			w.otherOutside(Added, a)
		}
	}
	return nil
}

// unknownContent is what is not compared of policies that others manage and
// whose content is not known.
const unknownContent = "what policies say that others manage and whose content is not known"

func (w *work) otherOutside(kind Kind, x *outside) {
	w.other(kind, "policy that others manage", x.name, "")
	if declarative(x.typ) {
		w.saysOtherwise(x.typ)
	}
}

// foreign notes what policies that others manage deny.
func (w *work) foreign(s *side) error {
	for _, f := range s.plan.Elsewhere {
		x := s.outside[f.Type+" "+f.Name]
		if x.content == "" || declarative(f.Type) {
			continue
		}
		doc, bad := parsed(x.content)
		if bad != "" {
			return fmt.Errorf("policy %s: %s", f.Name, bad)
		}
		for _, st := range doc.Policy.Statements {
			st.Sid = ""
			text := policy.StatementJSON(st)
			n, ok := w.denies(f.Type, text)
			if !ok {
				n = -1
			}
			for _, target := range x.targets {
				s.uses = append(s.uses, use{f.Type, target, f.Name, text, n, true, guardrails.Statement{Origin: f.Origin}})
				if ok {
					s.at[f.Type+" "+target] = append(s.at[f.Type+" "+target], n)
				}
			}
		}
	}
	return nil
}

// unknowns says so where policies of unknown content reach an account in one
// plan only. One more may deny; where FullAWSAccess is taken away, it may be
// what allows.
func (w *work) unknowns() {
	lists := false
	var at [2]map[string][]string // what is unknown, by target
	for i := range w.sides {
		s := &w.sides[i]
		lists = lists || len(s.plan.NoFullAccess) > 0
		at[i] = map[string][]string{}
		for key, x := range s.outside {
			for _, t := range x.targets {
				if x.content == "" && !declarative(x.typ) {
					at[i][t] = append(at[i][t], key)
				}
			}
		}
	}
	if len(at[0])+len(at[1]) == 0 {
		return
	}
	var n NotCompared
	for _, ref := range w.both() {
		var reach [2]map[string]bool
		for i := range w.sides {
			reach[i] = map[string]bool{}
			for r := ref; r != ""; r = w.sides[i].parents[r] {
				for _, key := range at[i][r] {
					reach[i][key] = true
				}
			}
		}
		for key := range reach[0] {
			n.MayAllow = n.MayAllow || !reach[1][key]
		}
		for key := range reach[1] {
			n.MayDeny = n.MayDeny || !reach[0][key]
		}
	}
	if n.MayAllow || n.MayDeny {
		w.d.NotCompared = append(w.d.NotCompared, NotCompared{unknownContent, n.MayDeny || lists, n.MayAllow || lists})
	}
}
