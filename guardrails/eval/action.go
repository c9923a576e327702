package eval

import (
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// unknownService is the number of a service that no policy names.
const unknownService = -1

// An actionName is the action of a request with its service looked up.
type actionName struct {
	text    string
	name    string // behind the colon
	plain   bool   // there is one colon
	service int32
}

// actions are an Action or NotAction element made ready: patterns whose
// service is written out are grouped by it, so that a request meets those of
// its own service alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
type actions struct {
	id     int32 // equal elements have one number, so that a request meets them once
	not    bool
	all    bool
	wild   []wildPattern // patterns with a wildcard in the service, or without one
	groups []actionGroup
}

// A wildPattern is one of *:Get*, s?:* and the like.
type wildPattern struct {
	text       string // in small letters
	anyService bool   // the service is *, and behind the colon is no other
	name       namePattern
}

type actionGroup struct {
	service int32
	names   []namePattern
}

// A namePattern is the part of a pattern behind the colon, in small letters.
type namePattern struct {
	form form // exact, prefix, everything or glob
	text string
}

func (b builder) newActions(in, notIn policy.Values) *actions {
	not, list := notIn != nil, in
	if not {
		list = notIn
	}
	as := spelled(not, list)
	if a, ok := b.actions[as]; ok {
		return a
	}
	a := &actions{id: int32(len(b.actions)), not: not}
	b.actions[as] = a
	at := map[int32]int{}
	for _, text := range list {
		text = lowerASCII(text)
		prefix, name, ok := strings.Cut(text, ":")
		switch {
		case text == "*":
			a.all = true
		case !ok || strings.ContainsAny(prefix, "*?"):
			w := wildPattern{text: text}
			if ok && prefix == "*" && !strings.Contains(name, ":") {
				w.anyService, w.name = true, newNamePattern(name)
			}
			a.wild = append(a.wild, w)
		default:
			id := b.services.intern(prefix)
			i, known := at[id]
			if !known {
				i = len(a.groups)
				at[id] = i
				a.groups = append(a.groups, actionGroup{service: id})
			}
			a.groups[i].names = append(a.groups[i].names, newNamePattern(name))
		}
	}
	return a
}

func newNamePattern(s string) namePattern {
	first := strings.IndexAny(s, "*?")
	switch {
	case first < 0:
		return namePattern{exact, s}
	case s == "*":
		return namePattern{everything, ""}
	case first == len(s)-1 && s[first] == '*':
		return namePattern{prefix, s[:first]}
	}
	return namePattern{glob, s}
}

// services lists those outside of which no action matches; nil where any may.
func (a *actions) services() []int32 {
	if a.not || a.all || len(a.wild) > 0 {
		return nil
	}
	ids := []int32{}
	for _, g := range a.groups {
		ids = append(ids, g.service)
	}
	return ids
}

// matchActions says whether an element matches the action of the request.
func (e *evaluation) matchActions(a *actions) bool {
	m := &e.actionMemo[a.id]
	if !m.of(e.round) {
		*m = newMemo(e.round, truth(a.in(&e.action) != a.not))
	}
	return m.truth() == Yes
}

func (a *actions) in(n *actionName) bool {
	if a.all {
		return true
	}
	for i := range a.groups {
		if g := &a.groups[i]; g.service == n.service {
			for j := range g.names {
				if g.names[j].match(n.name) {
					return true
				}
			}
			break
		}
	}
	for i := range a.wild {
		if a.wild[i].match(n) {
			return true
		}
	}
	return false
}

// match compares the names alone where that is enough: a service of * takes
// whatever stands before the only colon.
func (p *wildPattern) match(n *actionName) bool {
	if p.anyService && n.plain {
		return p.name.match(n.name)
	}
	return policy.Match(p.text, n.text, true)
}

func (p *namePattern) match(name string) bool {
	switch p.form {
	case exact:
		return len(name) == len(p.text) && hasPrefixFold(name, p.text)
	case prefix:
		return hasPrefixFold(name, p.text)
	case everything:
		return true
	}
	return policy.Match(p.text, name, true)
}

// hasPrefixFold reports whether s begins with small, in any case.
func hasPrefixFold(s, small string) bool {
	if len(s) < len(small) {
		return false
	}
	for i := range len(small) {
		if c := s[i]; c != small[i] && lower(c) != small[i] {
			return false
		}
	}
	return true
}

// A serviceTable numbers the services that policies name.
type serviceTable struct{ ids map[string]int32 }

func (t *serviceTable) intern(small string) int32 {
	id, ok := t.ids[small]
	if !ok {
		id = int32(len(t.ids))
		t.ids[small] = id
	}
	return id
}

// look takes an action apart.
func (t *serviceTable) look(action string) actionName {
	n := actionName{text: action, service: unknownService}
	colon := strings.IndexByte(action, ':')
	if colon < 0 {
		return n
	}
	n.name = action[colon+1:]
	n.plain = strings.IndexByte(n.name, ':') < 0
	if id, ok := t.ids[action[:colon]]; ok {
		n.service = id
		return n
	}
	var buf [64]byte
	small := buf[:0]
	for i := range colon {
		small = append(small, lower(action[i]))
	}
	if id, ok := t.ids[string(small)]; ok {
		n.service = id
	}
	return n
}
