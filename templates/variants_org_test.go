package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-region-opt-in.regions":          {"regions": []any{"ap-east-1", "eu-south-1"}},
		"protect-account-contacts.operations": {"ownContacts": []any{"OPERATIONS"}},
		"deny-marketplace-purchases.bedrock":  {"services": []any{"bedrock.amazonaws.com"}},
		"deny-commitments.capacity":           {"actions": []any{"ec2:CreateCapacityReservation"}},
		"restrict-services.few":               {"services": []any{"ec2", "s3"}},
		"restrict-instance-types.graviton":    {"types": []any{"m7g.*", "c7g.large"}},
		"require-nitro-instances.more":        {"types": []any{"t2.*", "a1.*"}},
	})
}
