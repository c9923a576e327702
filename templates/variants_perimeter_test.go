package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-confused-deputy.trusted":             {"actions": []any{"s3:*", "sqs:*"}, "trustedAccounts": []any{"999999999999"}},
		"deny-foreign-resources.trusted":           {"actions": []any{"s3:*"}, "trustedAccounts": []any{"888888888888", "999999999999"}},
		"restrict-vpc-endpoints.networks":          {"actions": []any{"s3:*"}, "cidrs": []any{"203.0.113.0/24"}, "trustedAccounts": []any{"999999999999"}},
		"restrict-vpc-endpoints-resource.networks": {"actions": []any{"s3:*"}, "cidrs": []any{"203.0.113.0/24"}, "trustedAccounts": []any{"999999999999"}},
		"restrict-networks.named":                  {"roles": []any{"role/app-*", "role/network-bound/*"}, "vpcs": []any{"vpc-0123456789abcdef0"}, "cidrs": []any{"203.0.113.0/24"}, "actions": []any{"s3:*"}},
		"restrict-instance-credentials.hub":        {"vpcs": []any{"vpc-0aaaaaaaaaaaaaaa0"}, "cidrs": []any{"203.0.113.0/24"}, "actions": []any{"s3:*"}},
		"restrict-session-networks.users":          {"sessions": "aws:username", "cidrs": []any{"203.0.113.0/24"}, "actions": []any{"s3:*"}},
	})
}
