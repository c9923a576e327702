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
	service int32
}

// actions are an Action or NotAction element made ready: patterns whose
// service is written out are grouped by it, so that a request meets those of
// its own service alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
type actions struct {
	not    bool
	all    bool
	wild   []string // patterns with a wildcard in the service, or without one
	groups []actionGroup
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

func newActions(in, notIn policy.Values, services *serviceTable) actions {
	a := actions{not: notIn != nil}
	list := in
	if a.not {
		list = notIn
	}
	at := map[int32]int{}
	for _, text := range list {
		text = lowerASCII(text)
		prefix, name, ok := strings.Cut(text, ":")
		switch {
		case text == "*":
			a.all = true
		case !ok || strings.ContainsAny(prefix, "*?"):
			a.wild = append(a.wild, text)
		default:
			id := services.intern(prefix)
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

func (a *actions) match(n *actionName) bool {
	return a.in(n) != a.not
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
	for _, p := range a.wild {
		if policy.Match(p, n.text, true) {
			return true
		}
	}
	return false
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
