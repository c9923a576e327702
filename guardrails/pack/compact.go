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
		if known = known || strings.ContainsAny(name, "*?"); !known || !v.exact || !ok || strings.ContainsAny(prefix, "*?") {
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

// maxCompacted is far more than any service has actions.
const maxCompacted = 5000

// compactService compacts the values of one service.
func (p *packer) compactService(service string, values []value) []value {
	var wanted, others []string // actions, in small letters
	for _, a := range awsdata.Actions(service) {
		name := lower(a.Name)
		in := false
		for _, v := range values {
			if !p.spend(v.text, name) {
				return values
			}
			if in = policy.Match(v.text, name, true); in {
				break
			}
		}
		if in {
			wanted = append(wanted, name)
		} else {
			others = append(others, name)
		}
	}
	if len(wanted) < 2 || len(values) > maxCompacted {
		return values
	}
	// pure reports whether a beginning is that of wanted actions only.
	pure := func(begin string) bool {
		for _, o := range others {
			if strings.HasPrefix(o, begin) {
				return false
			}
		}
		return true
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
