package compile

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/org"
)

func sortedKeys[V any, M ~map[string]V](m M) []string { return slices.Sorted(maps.Keys(m)) }

// canonical is one spelling of parameters: equal values have equal spellings,
// whatever the order they were written in.
func canonical(params map[string]org.Parameter) string {
	if len(params) == 0 {
		return ""
	}
	values := make(map[string]any, len(params))
	for name, p := range params {
		values[name] = p.Value
	}
	data, err := json.Marshal(values)
	if err != nil {
		panic("compile: a parameter is no JSON value: " + err.Error())
	}
	return string(data)
}
