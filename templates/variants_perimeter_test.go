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
		"restrict-session-networks.jobs":           {"sessions": "glue:CredentialIssuingService", "cidrs": []any{"203.0.113.0/24"}, "actions": []any{"s3:*"}},
		"deny-service-presigned-urls.images":       {"actions": []any{"ecr:GetDownloadUrlForLayer"}},
		"restrict-topic-subscriptions.listed":      {"emailDomains": []any{"example.com", "example.org"}, "webAddresses": []any{"https://hooks.example.com/*"}},
		"restrict-http-tasks.listed":               {"webAddresses": []any{"https://api.example.com/*"}},
		"restrict-email-recipients.listed":         {"domains": []any{"example.com", "example.org"}},
		"deny-resource-policies.streams":           {"actions": []any{"kinesis:PutResourcePolicy"}},
		"isolate-units.listed":                     {"units": []any{"r-ab12/ou-ab12-11111111/*", "r-ab12/ou-ab12-22222222/"}, "actions": []any{"s3:*"}, "trustedAccounts": []any{"333333333333"}},
		"protect-perimeter-tags.keys":              {"tagKeys": []any{"perimeter"}},
		"restrict-endpoint-services.listed":        {"owners": []any{"amazon", "aws-marketplace"}, "trustedAccounts": []any{"999999999999"}},
	})
}
