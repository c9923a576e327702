package draft

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// levelsOf are the access levels by service that a policy allows, exactly, as
// the file asks for them: one statement that allows and has no conditions.
func levelsOf(doc policy.Document) (levels map[string]any, resources []string, ok bool) {
	if len(doc.Statements) != 1 {
		return nil, nil, false
	}
	s := doc.Statements[0]
	if s.Effect != policy.Allow || s.NotAction != nil || s.NotResource != nil || len(s.Condition) > 0 || len(s.Action) == 0 {
		return nil, nil, false
	}
	by := map[string][]string{}
	for _, a := range s.Action {
		service, _, _ := strings.Cut(strings.ToLower(a), ":")
		by[service] = append(by[service], strings.ToLower(a))
	}
	levels = map[string]any{}
	for service, actions := range by {
		list := levelsOfService(service, slices.Compact(slices.Sorted(slices.Values(actions))))
		if list == nil {
			return nil, nil, false
		}
		levels[service] = list
	}
	if !slices.Equal(s.Resource, policy.Values{"*"}) {
		resources = slices.Sorted(slices.Values(s.Resource))
	}
	return levels, resources, true
}

// levelsOfService are the levels whose actions these are; nil for none.
func levelsOfService(service string, actions []string) []string {
	all := slices.DeleteFunc(access.Levels(), func(l string) bool { return len(access.Missing(service, []string{l})) > 0 })
	for set := 1; set < 1<<len(all); set++ {
		var levels []string
		for i, l := range all {
			if set&(1<<i) != 0 {
				levels = append(levels, l)
			}
		}
		have := access.Actions(service, levels)
		for i := range have {
			have[i] = strings.ToLower(have[i])
		}
		if slices.Sort(have); slices.Equal(have, actions) {
			return levels
		}
	}
	return nil
}
