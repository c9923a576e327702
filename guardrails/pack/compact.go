package pack

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// compact puts wildcards in the place of actions that permit it. A wildcard
// stands at the end of a name, is as long as it can be, and takes the place of
// two values or more; it matches actions that are wanted and no other that AWS
// has today. An action that is not known stays as it is, and so does a wildcard
// that was there, unless all that it will ever match falls under the new one.
func (p *packer) compact(u *unit) *unit {
	if u.opaque || !slices.ContainsFunc(u.actions.values, func(v value) bool { return v.exact }) {
		return u
	}
	services := map[string][]value{} // by prefix, in small letters
	var order []string
	kept := u.actions.values[:0:0]
	for _, v := range u.actions.values {
		prefix, name, ok := strings.Cut(v.text, ":")
		_, known := awsdata.Action(v.text)
		if known = known || strings.ContainsAny(name, "*?"); !known || !v.exact || !ok || len(v.text) > maxCompactedValue || strings.ContainsAny(prefix, "*?") {
			kept = append(kept, v)
			continue
		}
		prefix = lower(prefix)
		if services[prefix] == nil {
			order = append(order, prefix)
		}
		services[prefix] = append(services[prefix], v)
	}
	for _, service := range order {
		kept = append(kept, p.compactService(service, services[service])...)
	}
	c := u.copied()
	c.actions.values = kept
	c.actions.unite(true)
	return c
}

// The most values of a service that are compacted, and the most characters of
// one: far more than any service has actions, and its actions characters.
const (
	maxCompacted      = 5000
	maxCompactedValue = 200
)

// compactService compacts the values of one service.
func (p *packer) compactService(service string, values []value) []value {
	names := p.actions(service)
	wanted := make([]bool, len(names))
	for _, v := range values {
		for _, i := range p.matched(service, v.text) {
			wanted[i] = true
		}
	}
	before := make([]int, len(names)+1) // how many of the first are wanted
	for i, w := range wanted {
		before[i+1] = before[i]
		if w {
			before[i+1]++
		}
	}
	if before[len(names)] < 2 || len(values) > maxCompacted {
		return values
	}
	// pure reports whether a beginning is that of wanted actions only.
	pure := func(begin string) bool {
		from, _ := slices.BinarySearch(names, begin)
		to, _ := slices.BinarySearch(names, begin+"\xff")
		return before[to]-before[from] == to-from
	}
	taken := make([]bool, len(values))
	var out []value
	for i, v := range values {
		if taken[i] {
			continue
		}
		begin := literal(v.text)
		n := len(service) + 1
		for n <= len(begin) && !pure(begin[:n]) {
			n++
		}
		if n > len(begin) {
			continue
		}
		group, length, common := []int{}, 0, begin
		all := value{exact: true}
		for j, w := range values {
			if other := literal(w.text); !taken[j] && strings.HasPrefix(other, begin[:n]) {
				common = common[:shared(common, other)]
				group = append(group, j)
				length += len(w.text) + len(`"",`)
				all.holds = append(all.holds, w.holds...)
			}
		}
		all.text, all.holds = v.text[:len(common)]+"*", distinct(all.holds)
		if len(group) < 2 || len(all.text)+len(`"",`) >= length || !coversAll(all.text, values, group) {
			continue
		}
		for _, j := range group {
			taken[j] = true
		}
		out = append(out, all)
	}
	for i, v := range values {
		if !taken[i] {
			out = append(out, v)
		}
	}
	return out
}

// actions are the names of a service's actions in small letters, sorted.
func (p *packer) actions(service string) []string {
	if names, ok := p.services[service]; ok {
		return names
	}
	var names []string
	for _, a := range awsdata.Actions(service) {
		names = append(names, lower(a.Name))
	}
	slices.Sort(names)
	p.services[service] = names
	return names
}

// matched are the places of the actions that a value of the service matches.
func (p *packer) matched(service, text string) []int {
	if at, ok := p.matches[text]; ok {
		return at
	}
	names := p.actions(service)
	var at []int
	if !wild(text) {
		if i, ok := slices.BinarySearch(names, lower(text)); ok {
			at = []int{i}
		}
	} else {
		for i, name := range names {
			if policy.Match(text, name, true) {
				at = append(at, i)
			}
		}
	}
	p.matches[text] = at
	return at
}

// coversAll reports whether a pattern takes in values, wildcards and all.
func coversAll(pattern string, values []value, group []int) bool {
	for _, j := range group {
		if !coversAction(pattern, values[j].text) {
			return false
		}
	}
	return true
}

// literal is what stands before the first wildcard, in small letters.
func literal(s string) string {
	if i := strings.IndexAny(s, "*?"); i >= 0 {
		s = s[:i]
	}
	return lower(s)
}

// shared is how many bytes two texts begin with alike.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
