package pack

import (
	"cmp"
	"slices"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A value is one string of a list, with the statements that want it.
type value struct {
	text  string
	holds []ID
	exact bool // a statement that permits wildcards wants it
}

// A list is an Action, NotAction, Resource or NotResource element.
type list struct {
	not    bool
	absent bool // there is neither the element nor its Not form
	values []value
}

// splits reports whether a statement with the list is two, each with a part of
// it, that mean the same.
func (l list) splits() bool { return !l.not && !l.absent && len(l.values) > 0 }

// only is the list with one of its values.
func (l list) only(i int) list {
	l.values = l.values[i : i+1]
	return l
}

// texts are the values as an element has them.
func (l list) texts() policy.Values {
	vs := make(policy.Values, len(l.values))
	for i, v := range l.values {
		vs[i] = v.text
	}
	return vs
}

// key is the same for lists that match the same in the same way.
func (l list) key(fold bool) string {
	if l.absent {
		return "-"
	}
	texts := l.texts()
	if fold {
		for i := range texts {
			texts[i] = lower(texts[i])
		}
	}
	slices.Sort(texts)
	d := policy.Document{Statements: []policy.Statement{{Action: slices.Compact(texts)}}}
	if l.not {
		d.Statements[0].Action, d.Statements[0].NotAction = nil, d.Statements[0].Action
	}
	return d.JSON()
}

// lower folds A to Z, byte by byte, as AWS does for actions.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// A unit is a statement in the making: what one or more wanted ones became, or
// a part of that.
type unit struct {
	first     *Statement // the least of those it holds
	holds     []ID       // sorted
	sid       string
	who       string          // equal where group, effect and principal are
	base      string          // and the conditions
	atoms     map[string]bool // each condition of the statement
	head      policy.Statement
	actions   list
	resources list
	opaque    bool // a list is empty: it is left as it is
	part      int  // of what was split, from 1

	// Found out when first asked for; a unit that is merged is a new one.
	chars                  int
	actionKey, resourceKey string
}

// copied is a unit that may be changed.
func (u *unit) copied() *unit {
	c := *u
	c.chars, c.actionKey, c.resourceKey = 0, "", ""
	return &c
}

func (u *unit) keyOfActions() string {
	if u.actionKey == "" {
		u.actionKey = u.actions.key(true)
	}
	return u.actionKey
}

func (u *unit) keyOfResources() string {
	if u.resourceKey == "" {
		u.resourceKey = u.resources.key(false)
	}
	return u.resourceKey
}

func newUnit(s *Statement, dropSid bool) *unit {
	u := &unit{first: s, holds: []ID{s.ID}, sid: s.Sid}
	if dropSid {
		u.sid = ""
	}
	u.head = policy.Statement{Effect: s.Effect, Principal: s.Principal, NotPrincipal: s.NotPrincipal, Condition: s.Condition}
	if len(u.head.Condition) == 0 {
		u.head.Condition = nil
	}
	spelled := func(s policy.Statement) string { return policy.Document{Statements: []policy.Statement{s}}.JSON() }
	u.base = s.Group + "\x00" + spelled(u.head)
	u.who = s.Group + "\x00" + spelled(policy.Statement{Effect: s.Effect, Principal: s.Principal, NotPrincipal: s.NotPrincipal})
	u.atoms = map[string]bool{}
	for op, keys := range u.head.Condition {
		for key, values := range keys {
			u.atoms[spelled(policy.Statement{Condition: policy.Conditions{op: {key: values}}})] = true
		}
	}
	u.actions = newList(s.Action, s.NotAction, s, true)
	u.resources = newList(s.Resource, s.NotResource, s, false)
	for _, l := range []list{u.actions, u.resources} {
		u.opaque = u.opaque || !l.absent && len(l.values) == 0
	}
	return u
}

func newList(in, notIn policy.Values, s *Statement, action bool) list {
	l := list{not: in == nil && notIn != nil, absent: in == nil && notIn == nil}
	if l.not {
		in = notIn
	}
	exact := action && !l.not && s.Compact == Exact && s.Effect == policy.Deny
	for _, text := range in {
		l.values = append(l.values, value{text, []ID{s.ID}, exact})
	}
	l.unite(action)
	return l
}

// unite sorts the values and makes one of those that are the same.
func (l *list) unite(fold bool) {
	type keyed struct {
		key string
		value
	}
	all := make([]keyed, len(l.values))
	for i, v := range l.values {
		all[i] = keyed{v.text, v}
		if fold {
			all[i].key = lower(v.text)
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.text, b.text)) })
	out := l.values[:0:0]
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].key == all[from].key {
			to++
		}
		v := all[from].value
		if to > from+1 {
			var holds []ID
			for _, w := range all[from:to] {
				holds = append(holds, w.holds...)
				v.exact = v.exact || w.exact
			}
			v.holds = distinct(holds)
		}
		out = append(out, v)
		from = to
	}
	l.values = out
}

// distinct sorts ids, and takes each once.
func distinct(ids []ID) []ID {
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

// statement is the unit as a document has it.
func (u *unit) statement() policy.Statement {
	s := u.head
	s.Sid = u.sid
	set := func(l list, in, notIn *policy.Values) {
		switch {
		case l.absent:
		case l.not:
			*notIn = l.texts()
		default:
			*in = l.texts()
		}
	}
	set(u.actions, &s.Action, &s.NotAction)
	set(u.resources, &s.Resource, &s.NotResource)
	return s
}
