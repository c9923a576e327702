package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"protect-buckets.named":               {"buckets": []any{"ledger", "evidence-*"}},
		"require-mfa-to-delete-objects.named": {"buckets": []any{"ledger"}},
		"require-s3-kms-encryption.layers":    {"algorithms": []any{"aws:kms:dsse"}},
		"require-s3-tls-version.newest":       {"version": "1.3"},
		"require-tls-resource.services":       {"actions": []any{"logs:*", "s3:*"}},
		"require-vpc-access-points.kinds":     {"kinds": []any{"AccessPoint"}},
		"restrict-code-connections.servers":   {"providers": []any{"GitHubEnterpriseServer", "GitLabSelfManaged"}},
		"restrict-s3-signature-age.day":       {"maxSeconds": float64(86400)},
		"restrict-ssm-automation.named":       {"documents": []any{"Patch-*", "Restore"}},
	})
}
