package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-region-opt-in.regions":          {"regions": []any{"ap-east-1", "eu-south-1"}},
		"protect-account-contacts.operations": {"ownContacts": []any{"OPERATIONS"}},
		"deny-marketplace-purchases.bedrock":  {"services": []any{"bedrock.amazonaws.com"}},
	})
}
