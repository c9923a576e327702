package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"keep-boundary.roles": {"privilegedRoles": []any{"role/BreakGlass"}, "boundedRoles": []any{"role/apps/*", "role/bounded/*"}},
	})
}
