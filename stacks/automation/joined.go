package automation

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/orgrails/orgrails/stacks"
)

// joined is the state of a stack with what was imported into another one. What
// the state has already stays as it is. The digest that the stack's component
// exported goes: only an `up` can say that everything is as the plan says.
func joined(state, imported json.RawMessage) (json.RawMessage, stacks.Outputs, error) {
	into, err := decoded(state)
	if err != nil {
		return nil, nil, err
	}
	from, err := decoded(imported)
	if err != nil {
		return nil, nil, err
	}
	resources := objects(into["resources"])
	have := map[string]map[string]any{}
	provider := ""
	for _, r := range resources {
		if r["delete"] != true {
			have[text(r, "urn")] = r
		}
		if text(r, "type") == "pulumi:providers:aws" && r["delete"] != true {
			provider = text(r, "urn") + "::" + text(r, "id")
		}
	}
	outputs := map[string]any{}
	for _, r := range objects(from["resources"]) {
		old, typ := have[text(r, "urn")], text(r, "type")
		switch {
		case typ == "pulumi:pulumi:Stack":
			if old == nil {
				old = r
				resources = append(resources, r)
			} else {
				old["outputs"] = filledIn(old["outputs"], r["outputs"])
			}
			outputs, _ = old["outputs"].(map[string]any)
		case old != nil && strings.HasPrefix(typ, componentPrefix):
			if o, ok := old["outputs"].(map[string]any); ok {
				delete(o, stacks.DigestOutput)
			}
		case old == nil:
			if text(r, "provider") != "" && provider != "" {
				r["provider"] = provider
			}
			asOurs(r, typ)
			resources = append(resources, r)
		}
	}
	into["resources"] = resources
	out, err := json.Marshal(into)
	if err != nil {
		return nil, nil, err
	}
	plain, err := json.Marshal(outputs)
	if err != nil {
		return nil, nil, err
	}
	var known stacks.Outputs
	if err := json.Unmarshal(plain, &known); err != nil {
		return nil, nil, err
	}
	return out, known, nil
}

// decoded is a state with its numbers as they are written.
func decoded(state json.RawMessage) (map[string]any, error) {
	var all map[string]any
	dec := json.NewDecoder(bytes.NewReader(state))
	dec.UseNumber()
	return all, dec.Decode(&all)
}

// asOurs makes an imported resource what the stack's own program would have
// made of it.
func asOurs(r map[string]any, typ string) {
	delete(r, "ignoreChanges") // the import ignored everything
	if ignored := stacks.Ignored(typ); len(ignored) > 0 {
		r["ignoreChanges"] = ignored
	}
	if strings.HasPrefix(typ, componentPrefix) {
		r["outputs"] = map[string]any{}
	}
	if in, ok := r["inputs"].(map[string]any); ok {
		for _, k := range stacks.Unasked(typ) {
			delete(in, k)
		}
	}
	for _, part := range []string{"inputs", "outputs"} {
		if m, ok := r[part].(map[string]any); ok {
			for k, v := range stacks.Untold(typ) {
				m[k] = v
			}
		}
	}
}

// filledIn are outputs with those of an adoption where they are missing.
func filledIn(had, more any) any {
	h, ok := had.(map[string]any)
	m, also := more.(map[string]any)
	switch {
	case had == nil:
		return more
	case !ok || !also:
		return had
	}
	for k, v := range m {
		h[k] = filledIn(h[k], v)
	}
	return h
}

func objects(list any) []map[string]any {
	l, _ := list.([]any)
	out := make([]map[string]any, 0, len(l))
	for _, v := range l {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
