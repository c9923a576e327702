package trial

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A SettingResult is what one setting of a declarative template comes to.
type SettingResult struct {
	Setting *catalog.Setting
	Value   any // as [policy.Effective] has it
}

// Passed reports whether the setting has the value that it must have.
func (r *SettingResult) Passed() bool { return reflect.DeepEqual(r.Value, Expected(r.Setting.Value)) }

// Expected is the value of a setting as [policy.Effective] has it.
func Expected(v any) any {
	switch v := v.(type) {
	case float64:
		return policy.Literal(strconv.FormatFloat(v, 'f', -1, 64))
	case bool:
		return policy.Literal(strconv.FormatBool(v))
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, fmt.Sprint(item))
		}
		slices.Sort(items)
		return items
	}
	return v
}

// Settings are what the document of a declarative template comes to in an
// account below, for the example organization. Other templates have none.
func Settings(t *catalog.Template) ([]SettingResult, error) {
	if !t.Type.IsDeclarative() {
		return nil, nil
	}
	results := make([]SettingResult, 0, len(t.Settings))
	for i := range t.Settings {
		s := &t.Settings[i]
		params := catalog.Parameters(s.Parameters)
		d, ds := t.Declare(catalog.ExampleEnv(), params, t.Range)
		if ds.HasErrors() {
			return nil, fmt.Errorf("%s: setting %s: %s", t.ID, s.Path, ds[0].Summary)
		}
		value, err := Effect(t, d, s)
		if err != nil {
			return nil, err
		}
		results = append(results, SettingResult{s, value})
	}
	return results, nil
}

// Effect is what a setting comes to below a document of its template.
func Effect(t *catalog.Template, d *policy.Declarative, s *catalog.Setting) (any, error) {
	left := func(string, string) {} // a policy below cannot change what is locked: the value shows it
	var e policy.Effective
	e.Merge(d, left)
	below, ds := t.Below(s)
	if ds.HasErrors() {
		return nil, fmt.Errorf("%s: setting %s: below: %s", t.ID, s.Path, ds[0].Summary)
	}
	if below != nil {
		e.Merge(below, left)
	}
	return e.Value(s.Path), nil
}

// said is a value of a setting as a message says it.
func said(v any) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q", v)
}
