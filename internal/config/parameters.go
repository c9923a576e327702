package config

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// ParseParameters reads a file of parameters for one template, a YAML or JSON
// mapping of their names to values: src, which diagnostics call file. Whether
// the template takes them is for [catalog.Template.Check].
func ParseParameters(file string, src []byte) (map[string]org.Parameter, diag.Diagnostics) {
	const hint = "expected parameters and their values, such as trails: [org-trail]"
	var ds diag.Diagnostics
	if len(src) > MaxFileSize {
		tooLarge(diag.Range{File: file}, "the file of parameters", int64(len(src)), &ds)
		return nil, ds
	}
	root, ds := parse(newSource(file, src))
	switch {
	case root == nil:
		if i := slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Code == "GR002" }); i >= 0 {
			ds[i].Hint = hint
		}
		return nil, ds
	case root.kind != mapNode:
		ds.Errorf(root.head(), "GR212", "the file holds %s", root.kind.describe()).Hint = hint
		return nil, ds
	}
	params := map[string]org.Parameter{}
	for _, e := range root.entries {
		params[e.key.text] = org.Parameter{Value: e.value.value(), Range: e.value.head()}
	}
	ds.Sort()
	return params, ds
}
