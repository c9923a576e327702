package templates_test

import "maps"

func init() {
	maps.Copy(variants, map[string]map[string]any{
		"protect-alarms.names":             {"names": []any{"security/*"}},
		"protect-delivery-streams.streams": {"streams": []any{"audit"}},
		"protect-event-rules.rules":        {"rules": []any{"audit-trail"}},
		"protect-functions.functions":      {"functions": []any{"responder"}},
		"protect-log-archive.buckets":      {"buckets": []any{"example-log-archive"}},
		"protect-log-groups.groups":        {"logGroups": []any{"audit"}},
		"protect-parameters.paths":         {"paths": []any{"golden-ami"}},
		"protect-ssm-settings.settings":    {"settings": []any{"ssm/parameter-store/*"}},
		"protect-stacks.stacks":            {"stacks": []any{"audit"}},
		"protect-topics.topics":            {"topics": []any{"security.fifo"}},
	})
}
