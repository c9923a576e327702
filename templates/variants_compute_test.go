package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"cicd-boundary.roles":            {"roles": []any{"role/app-*", "role/cdk-*"}, "targets": []any{"role/deploy-*"}},
		"data-scientist-boundary.roles":  {"roles": []any{"role/ml-*"}},
		"deny-community-images.vendors":  {"owners": []any{"amazon"}, "accounts": []any{"999999999999"}},
		"require-image-tag.golden":       {"tagKey": "golden", "tagValues": []any{"2026-09", "2026-10"}},
		"restrict-image-owners.accounts": {"owners": []any{"${aws:PrincipalAccount}", "amazon"}, "accounts": []any{"333333333333"}},
	})
}
