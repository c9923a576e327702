package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-chat-actions.more":               {"actions": []any{"iam:*", "ec2:Terminate*"}},
		"deny-service-credentials.codecommit":  {"allowedServices": []any{"codecommit.amazonaws.com"}},
		"protect-access-analyzer.named":        {"analyzers": []any{"organization", "unused-*"}},
		"protect-oidc-providers.named":         {"providers": []any{"token.actions.githubusercontent.com", "gitlab.*"}},
		"protect-principal-tags.named":         {"tagKeys": []any{"project", "dp:exclude"}},
		"protect-tagged-roles.values":          {"tagKey": "landing-zone", "tagValues": []any{"core", "baseline-*"}},
		"require-mfa.roles":                    {"actions": []any{"sts:AssumeRole"}, "maxAgeSeconds": float64(3600)},
		"restrict-outbound-federation.service": {"audiences": []any{"https://api.example.com"}, "algorithms": []any{"ES384", "RS256"}, "maxSeconds": float64(900)},
		"restrict-user-networks.office":        {"cidrs": []any{"203.0.113.0/24", "2001:db8::/32"}, "vpcs": []any{"vpc-0123456789abcdef0"}},
	})
}
