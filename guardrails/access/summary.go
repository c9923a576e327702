package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Summary is what a policy document allows and denies. The two stand beside
// each other: what is denied is not taken from what is allowed.
type Summary struct {
	Allow []Service `json:"allow"` // sorted by prefix
	Deny  []Service `json:"deny"`
	// Unknown are the actions of the document that match none of AWS's, as it
	// spells them.
	Unknown []string `json:"unknown"`
}

// A Service is what is allowed, or denied, of one service.
type Service struct {
	Service string  `json:"service"` // prefix
	Name    string  `json:"name"`
	Full    bool    `json:"full"`   // all actions of the service are there
	Levels  []Level `json:"levels"` // in AWS's order; only those of which there is any
}

// A Level is what is allowed, or denied, of the actions of one access level.
type Level struct {
	Level   awsdata.AccessLevel `json:"level"`
	Of      int                 `json:"of"`      // how many actions the service has of the level
	Actions []string            `json:"actions"` // sorted
	// Narrowed are those of the actions that are only meant on some resources,
	// of some principals or under conditions, by every statement that names them.
	Narrowed []string `json:"narrowed"`
}

// Narrow reports whether all of the actions that are there are narrowed.
func (l Level) Narrow() bool { return len(l.Narrowed) == len(l.Actions) }

// Full reports whether all actions of the level are there.
func (l Level) Full() bool { return len(l.Actions) == l.Of }

// Summarize says what a document allows and denies, by service and access level.
func Summarize(d policy.Document) Summary {
	sides := map[policy.Effect]map[string]bool{policy.Allow: {}, policy.Deny: {}} // actions, and whether all statements narrow them
	s := Summary{Unknown: []string{}}
	for _, st := range d.Statements {
		named, unknown := actions(st)
		s.Unknown = append(s.Unknown, unknown...)
		narrow, side := narrows(st), sides[st.Effect]
		for _, a := range named {
			before, twice := side[a]
			side[a] = narrow && (before || !twice)
		}
	}
	slices.Sort(s.Unknown)
	s.Unknown = slices.Compact(s.Unknown)
	s.Allow, s.Deny = services(sides[policy.Allow]), services(sides[policy.Deny])
	return s
}

// actions are the names of what a statement is about, and its patterns that
// match nothing.
func actions(s policy.Statement) (named, unknown []string) {
	matched := map[string]bool{}
	for _, pattern := range slices.Concat(s.Action, s.NotAction) {
		found := awsdata.MatchActions(pattern)
		if len(found) == 0 {
			unknown = append(unknown, pattern)
		}
		for _, a := range found {
			matched[a.Name] = true
		}
	}
	for _, service := range awsdata.ServiceAuthorization().Value.Services {
		for _, a := range service.Actions {
			if matched[a.Name] != (s.NotAction != nil) {
				named = append(named, a.Name)
			}
		}
	}
	return named, unknown
}

// narrows reports whether a statement leaves out some resources, principals or
// circumstances.
func narrows(s policy.Statement) bool {
	everyone := func(p *policy.Principal) bool { return p.Everyone || slices.Contains(p.AWS, "*") }
	return len(s.Condition) > 0 || s.NotResource != nil || s.NotPrincipal != nil ||
		s.Principal != nil && !everyone(s.Principal) || s.Resource != nil && !slices.Contains(s.Resource, "*")
}

// services groups actions by service and level. The values say which are narrowed.
func services(named map[string]bool) []Service {
	out := []Service{}
	for _, service := range awsdata.ServiceAuthorization().Value.Services {
		levels := map[awsdata.AccessLevel]*Level{}
		count := 0
		for _, a := range service.Actions {
			l := levels[a.Level]
			if l == nil {
				l = &Level{Level: a.Level, Actions: []string{}, Narrowed: []string{}}
				levels[a.Level] = l
			}
			l.Of++
			if narrow, ok := named[a.Name]; ok {
				count++
				l.Actions = append(l.Actions, a.Name)
				if narrow {
					l.Narrowed = append(l.Narrowed, a.Name)
				}
			}
		}
		if count == 0 {
			continue
		}
		s := Service{Service: service.Prefix, Name: service.Name, Full: count == len(service.Actions)}
		for _, name := range awsdata.AccessLevels() {
			if l := levels[name]; l != nil && len(l.Actions) > 0 {
				s.Levels = append(s.Levels, *l)
			}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Service) int { return cmp.Compare(strings.ToLower(a.Service), strings.ToLower(b.Service)) })
	return out
}
