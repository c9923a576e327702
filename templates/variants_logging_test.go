package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"protect-alarms.names":             {"names": []any{"security/*"}},
		"protect-backups.vaults":           {"vaults": []any{"central-*"}},
		"protect-delivery-streams.streams": {"streams": []any{"audit"}},
		"protect-dns-records.zone":         {"zones": []any{"Z0123456789EXAMPLE"}, "types": []any{"MX", "TXT"}},
		"protect-event-rules.rules":        {"rules": []any{"audit-trail"}},
		"protect-functions.functions":      {"functions": []any{"responder"}},
		"protect-hosted-zones.zones":       {"zones": []any{"Z0123456789EXAMPLE"}},
		"protect-log-archive.buckets":      {"buckets": []any{"example-log-archive"}},
		"protect-log-groups.groups":        {"logGroups": []any{"audit"}},
		"protect-network-firewall.names":   {"names": []any{"platform-*"}},
		"protect-parameters.paths":         {"paths": []any{"golden-ami"}},
		"protect-platform-tag.tag":         {"tag": "platform:owner"},
		"protect-ssm-settings.settings":    {"settings": []any{"ssm/parameter-store/*"}},
		"protect-stacks.stacks":            {"stacks": []any{"audit"}},
		"protect-topics.topics":            {"topics": []any{"security.fifo"}},
	})
}
