package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"backup-plan.hourly":                       {"plan": "hourly", "schedule": "cron(0 * ? * * *)", "vault": "central", "regions": []any{"us-east-1"}, "tagKey": "dataType", "tagValues": []any{"PII", "RED"}, "role": "backup/Backup", "keepDays": float64(365)},
		"declare-allowed-images.accounts":          {"providers": []any{"amazon", "aws_marketplace"}, "accounts": []any{"444444444444"}, "state": "audit_mode"},
		"declare-imdsv2-defaults.enforced":         {"maxHops": float64(1), "enforce": "enabled"},
		"declare-snapshot-block-public-access.new": {"state": "block_new_sharing"},
		"declare-vpc-block-public-access.all":      {"mode": "block_bidirectional", "exclusions": "enabled"},
		"opt-out-ai-services.some":                 {"services": []any{"lex", "rekognition"}},
		"require-tag-policy.enforced":              {"keys": []any{"CostCenter", "Stage"}, "values": []any{"100", "2*"}, "enforcedFor": []any{"ec2:instance", "secretsmanager:*"}, "reportedFor": []any{"ec2:instance"}},
	})
}
