package provider

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// props are properties as plain values: string, float64, bool, []any,
// map[string]any. Unknown values are left out.
type props map[string]any

func propsOf(m resource.PropertyMap) props {
	out := props{}
	for k, v := range m {
		if !v.ContainsUnknowns() && !v.IsNull() {
			out[string(k)] = plain(v).Mappable()
		}
	}
	return out
}

// plain takes the secret wrappings off.
func plain(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return plain(v.SecretValue().Element)
	case v.IsOutput():
		return plain(v.OutputValue().Element)
	case v.IsArray():
		out := make([]resource.PropertyValue, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			out = append(out, plain(e))
		}
		return resource.NewProperty(out)
	case v.IsObject():
		out := resource.PropertyMap{}
		for k, e := range v.ObjectValue() {
			out[k] = plain(e)
		}
		return resource.NewProperty(out)
	}
	return v
}

func (p props) propertyMap() resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range p {
		if v != nil {
			out[resource.PropertyKey(k)] = resource.NewPropertyValue(v)
		}
	}
	return out
}

func (p props) string(name string) string { s, _ := p[name].(string); return s }
func (p props) bool(name string) bool     { b, _ := p[name].(bool); return b }

func (p props) int32(name string) int32 {
	switch n := p[name].(type) {
	case float64:
		return int32(n)
	case int:
		return int32(n)
	}
	return 0
}

func (p props) list(name string) []string { return stringsOf(p[name]) }

func (p props) stringMap(name string) map[string]string {
	out := map[string]string{}
	m, _ := p[name].(map[string]any)
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

func (p props) object(name string) props { m, _ := p[name].(map[string]any); return m }

func (p props) objects(name string) []props {
	l, _ := p[name].([]any)
	var out []props
	for _, v := range l {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func stringsOf(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// normal turns Go values into what a property map gives back.
func normal(v any) any { return resource.NewPropertyValue(v).Mappable() }

// empty is nothing as Terraform sees it: zero, false, "" and empty lists.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// equal compares nested blocks without those members that are nothing.
func equal(a, b any) bool { return reflect.DeepEqual(compact(normal(a)), compact(normal(b))) }

func compact(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, compact(e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !empty(e) {
				out[k] = compact(e)
			}
		}
		return out
	}
	return v
}

func equalSets(a, b any) bool { return equal(sorted(a), sorted(b)) }

func sorted(v any) any {
	l, ok := normal(v).([]any)
	if !ok {
		return v
	}
	l = slices.Clone(l)
	sort.Slice(l, func(i, j int) bool { return text(l[i]) < text(l[j]) })
	return l
}

func text(v any) string { b, _ := json.Marshal(compact(v)); return string(b) }

// sameJSON is what the published provider does with the content of an
// organization policy: white space and the order of keys mean nothing, the
// order of lists does. (verify.SuppressEquivalentJSONDiffs)
func sameJSON(a, b any) bool {
	x, y := decode(a), decode(b)
	return x != nil && y != nil && reflect.DeepEqual(x, y) || equal(a, b)
}

// samePolicy is what it does with an IAM policy: a list of one is the value,
// and the order of lists means nothing either.
// (verify.SuppressEquivalentPolicyDiffs)
func samePolicy(a, b any) bool {
	x, y := decode(a), decode(b)
	return x != nil && y != nil && reflect.DeepEqual(canonical("", x), canonical("", y)) || equal(a, b)
}

func decode(v any) any {
	s, ok := v.(string)
	if !ok {
		return nil
	}
	var out any
	if json.Unmarshal([]byte(s), &out) != nil {
		return nil
	}
	return out
}

func canonical(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out[k] = canonical(k, v[k])
		}
		return out
	case []any:
		l := make([]any, 0, len(v))
		for _, e := range v {
			l = append(l, canonical("", e))
		}
		if len(l) == 1 {
			return l[0]
		}
		sort.Slice(l, func(i, j int) bool {
			a, _ := json.Marshal(l[i])
			b, _ := json.Marshal(l[j])
			return string(a) < string(b)
		})
		return l
	case string:
		if account, ok := strings.CutPrefix(v, "arn:aws:iam::"); ok && strings.HasSuffix(account, ":root") && key != "Resource" {
			return strings.TrimSuffix(account, ":root")
		}
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return v
}
