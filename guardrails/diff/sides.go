package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// work is a difference being made.
type work struct {
	d     *Difference
	o     Options
	sides [2]side
	// table holds each statement once, by its type and text; index finds it.
	table []statement
	index map[string]int
	// neutral is an account that no document names.
	neutral string
}

// A side is one of the plans, in the names of the plan after.
type side struct {
	plan    *guardrails.Plan
	ids     map[string]string // by reference of this plan, all of them
	now     map[string]string // references by that of this plan, where they differ
	parents map[string]string // of units and accounts, by reference
	uses    []use
	at      map[string][]int // statements by type and target
	outside map[string]*outside
}

// A use is a statement of a policy that is attached to a node.
type use struct {
	typ, target string
	policy      string
	text        string // filled, without its Sid
	number      int    // in the table, of the statement that it is in; -1 where that allows
	foreign     bool   // of a policy that others manage
	guardrails.Statement
}

// ref is a reference of the side's plan in the names of the plan after.
func (s *side) ref(ref string) string {
	if now, ok := s.now[ref]; ok {
		return now
	}
	return ref
}

// nodeRef is the reference of a parent: "root" or a unit's path.
func nodeRef(parent string) string {
	if parent == "root" {
		return parent
	}
	return "unit:" + parent
}

// match finds which units and accounts of the two plans are the same, and
// gives both plans ids for all: one that only one of them knows is that of the
// other, too, and one that neither knows is made up.
func (w *work) match(before, after *guardrails.Plan) {
	b := side{plan: before, ids: maps.Clone(before.IDs), now: map[string]string{}, parents: map[string]string{}, at: map[string][]int{}}
	a := side{plan: after, ids: maps.Clone(after.IDs), now: map[string]string{}, parents: map[string]string{}, at: map[string][]int{}}
	refs := func(p *guardrails.Plan) map[string]bool {
		m := map[string]bool{"organization": true, "root": true, "account:management": true}
		for _, u := range p.Units {
			m["unit:"+u.Path] = true
		}
		for _, x := range p.Accounts {
			m["account:"+x.Key] = true
		}
		return m
	}
	old, new := refs(before), refs(after)
	for _, u := range after.Units {
		for _, was := range u.Was {
			if old["unit:"+was] && !new["unit:"+was] && !old["unit:"+u.Path] {
				b.now["unit:"+was] = "unit:" + u.Path
			}
		}
	}
	byID := map[string]string{}
	for _, x := range after.Accounts {
		if id := after.IDs["account:"+x.Key]; id != "" && !old["account:"+x.Key] {
			byID[id] = "account:" + x.Key
		}
	}
	for _, x := range before.Accounts {
		if to := byID[before.IDs["account:"+x.Key]]; to != "" && !new["account:"+x.Key] {
			b.now["account:"+x.Key] = to
		}
	}
	taken := map[string]bool{}
	for _, ids := range []map[string]string{a.ids, b.ids} {
		for _, id := range ids {
			taken[id] = true
		}
	}
	next := 0
	made := func(ref string) string {
		format := "%012d"
		switch kind, _, _ := strings.Cut(ref, ":"); kind {
		case "organization":
			format = "o-%010d"
		case "root":
			format = "r-%04d"
		case "unit":
			format = "ou-0000-%08d"
		}
		for {
			next++
			if id := fmt.Sprintf(format, next); !taken[id] {
				return id
			}
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(old)) {
		to := b.ref(ref)
		switch {
		case b.ids[ref] != "":
		case a.ids[to] != "":
			b.ids[ref] = a.ids[to]
		default:
			b.ids[ref] = made(ref)
		}
		if new[to] && a.ids[to] == "" {
			a.ids[to] = b.ids[ref]
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(new)) {
		if a.ids[ref] == "" {
			a.ids[ref] = made(ref)
		}
	}
	w.sides = [2]side{b, a}
}

// read notes the tree of a side and what its policies say where.
func (w *work) read(s *side) error {
	for _, u := range s.plan.Units {
		s.parents[s.ref("unit:"+u.Path)] = s.ref(nodeRef(u.Parent))
	}
	for _, a := range s.plan.Accounts {
		s.parents[s.ref("account:"+a.Key)] = s.ref(nodeRef(a.Parent))
	}
	texts := map[string][]string{}
	policies := map[string]*guardrails.Policy{}
	for i := range s.plan.Policies {
		p := &s.plan.Policies[i]
		parts, err := p.Parts()
		if err != nil {
			return err
		}
		policies[p.Type+" "+p.Name] = p
		for j, part := range parts {
			text, err := part.Fill(s.ids)
			if err != nil {
				return fmt.Errorf("policy %s: %w", p.Name, err)
			}
			if sid := p.Statements[j].Sid; sid != "" {
				text = strings.Replace(text, `"Sid":"`+sid+`",`, "", 1)
			}
			texts[p.Type+" "+p.Name] = append(texts[p.Type+" "+p.Name], text)
		}
	}
	if err := w.foreign(s); err != nil {
		return err
	}
	for _, a := range s.plan.Attachments {
		p := policies[a.Type+" "+a.Policy]
		if p == nil {
			return fmt.Errorf("no policy is named %s", a.Policy)
		}
		target := s.ref(a.Target)
		for i, text := range texts[a.Type+" "+a.Policy] {
			n, ok := w.denies(a.Type, text)
			if ok {
				s.at[a.Type+" "+target] = append(s.at[a.Type+" "+target], n)
			} else {
				n = -1
			}
			uses, err := s.asked(use{a.Type, target, p.Name, text, n, false, p.Statements[i]})
			if err != nil {
				return err
			}
			s.uses = append(s.uses, uses...)
		}
	}
	for _, t := range s.plan.NoFullAccess {
		w.allowList(s, s.ref(t))
	}
	return nil
}

// allowList notes what a node denies by not allowing it: everything but what is
// on its list, to everybody but those who may do everything. That is what a
// Deny says, and what is compared.
func (w *work) allowList(s *side, target string) {
	deny := policy.Statement{Effect: policy.Deny, Resource: policy.Values{"*"}, NotAction: policy.Values{}}
	var spared policy.Values
	var of *use
	for i := range s.uses {
		u := &s.uses[i]
		if u.typ != string(policy.ServiceControlPolicy) || u.target != target || u.number >= 0 {
			continue
		}
		doc, bad := parsed(`{"Version":"` + policy.Version2012 + `","Statement":[` + u.text + `]}`)
		for _, st := range doc.Policy.Statements {
			who := st.Condition["ArnLike"]["aws:PrincipalArn"]
			switch {
			case bad != "" || !slices.Equal(st.Resource, policy.Values{"*"}) || st.NotAction != nil:
				bad = "more"
			case len(st.Condition) == 0:
				deny.NotAction = append(deny.NotAction, st.Action...)
				of = u
			case len(st.Condition) == 1 && len(st.Condition["ArnLike"]) == 1 && len(who) > 0 && slices.Equal(st.Action, policy.Values{"*"}):
				spared = append(spared, who...)
			default:
				bad = "more"
			}
		}
		if bad != "" {
			of = nil
			break
		}
	}
	if of == nil {
		w.notCompared("what is allowed at "+target, true)
		return
	}
	if len(spared) > 0 {
		deny.Condition = policy.Conditions{"ArnNotLike": {"aws:PrincipalArn": spared}}
	}
	if n, ok := w.denies(of.typ, policy.StatementJSON(deny)); ok {
		of.number = n
		s.at[of.typ+" "+target] = append(s.at[of.typ+" "+target], n)
	}
}

// asked are the statements that one of a document stands for: those that were
// asked for, where it was merged of several.
func (s *side) asked(u use) ([]use, error) {
	if u.Packed == nil || len(u.Packed.Merged) == 0 {
		return []use{u}, nil
	}
	var uses []use
	for _, m := range u.Packed.Merged {
		text, err := m.Statement.Fill(s.ids)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", u.policy, err)
		}
		if m.Sid != "" {
			text = strings.Replace(text, `"Sid":"`+m.Sid+`",`, "", 1)
		}
		uses = append(uses, use{u.typ, u.target, u.policy, text, u.number, false, guardrails.Statement{Sid: m.Sid, Guardrail: m.Guardrail, Origin: m.Origin, Exceptions: m.Exceptions}})
	}
	return uses, nil
}
