package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-chat-actions.more":               {"actions": []any{"iam:*", "ec2:Terminate*"}},
		"deny-service-credentials.codecommit":  {"allowedServices": []any{"codecommit.amazonaws.com"}},
		"protect-access-analyzer.named":        {"analyzers": []any{"organization", "unused-*"}},
		"protect-oidc-providers.named":         {"providers": []any{"token.actions.githubusercontent.com", "gitlab.*"}},
		"protect-principal-tags.named":         {"tagKeys": []any{"project", "dp:exclude"}},
		"protect-session-tags.named":           {"tagKeys": []any{"workload"}},
		"protect-tagged-roles.values":          {"tagKey": "landing-zone", "tagValues": []any{"core", "baseline-*"}},
		"require-mfa.roles":                    {"actions": []any{"sts:AssumeRole"}, "maxAgeSeconds": float64(3600)},
		"restrict-outbound-federation.service": {"audiences": []any{"https://api.example.com"}, "algorithms": []any{"ES384", "RS256"}, "maxSeconds": float64(900)},
		"restrict-github-oidc.acme":            {"repositories": []any{"acme/*", "acme@123456/*"}},
		"restrict-oidc-providers.github":       {"providers": []any{"token.actions.githubusercontent.com", "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"}},
		"restrict-role-assumption.vendor":      {"trustedAccounts": []any{"999999999999"}},
		"restrict-root-user.office":            {"allowedActions": []any{"account:CloseAccount"}, "cidrs": []any{"203.0.113.0/24"}},
		"restrict-shared-oidc-issuers.acme":    {"gitlabGroups": []any{"acme"}, "terraformOrganizations": []any{"acme"}, "pulumiOrganizations": []any{"acme"}, "buildkiteOrganizations": []any{"acme"}},
		"restrict-user-networks.office":        {"cidrs": []any{"203.0.113.0/24", "2001:db8::/32"}, "vpcs": []any{"vpc-0123456789abcdef0"}},
	})
}
