package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-bedrock-keys.all":               {"tokens": []any{"LONG_TERM", "SHORT_TERM"}},
		"deny-cognito-guests.pool":            {"pools": []any{"eu-central-1:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}},
		"deny-commitments.capacity":           {"actions": []any{"ec2:CreateCapacityReservation"}},
		"deny-marketplace-purchases.bedrock":  {"services": []any{"bedrock.amazonaws.com"}},
		"deny-region-opt-in.regions":          {"regions": []any{"ap-east-1", "eu-south-1"}},
		"limit-bedrock-keys.week":             {"maxAgeDays": float64(7)},
		"protect-account-contacts.operations": {"ownContacts": []any{"OPERATIONS"}},
		"protect-cognito-pools.named":         {"userPools": []any{"eu-central-1_AbC*"}, "identityPools": []any{"eu-central-1:0a1b*"}},
		"require-inference-profiles.none":     {"models": []any{}},
		"require-lambda-vpc.named":            {"vpcs": []any{"vpc-0123456789abcdef0"}},
		"require-nitro-instances.more":        {"types": []any{"t2.*", "a1.*"}},
		"restrict-bedrock-models.providers":   {"models": []any{"amazon.*", "anthropic.*"}},
		"restrict-bedrock-regions.profiles":   {"regions": []any{"eu-central-1"}, "profiles": []any{"inference-profile/eu.*", "application-inference-profile/a1b2c3d4e5f6"}},
		"restrict-bucket-regions.one":         {"regions": []any{"us-east-1"}},
		"restrict-instance-types.graviton":    {"types": []any{"m7g.*", "c7g.large"}},
		"restrict-lambda-principals.accounts": {"accounts": []any{"999999999999"}},
		"restrict-services.few":               {"services": []any{"ec2", "s3"}},
	})
}
