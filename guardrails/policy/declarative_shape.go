package policy

// A shape is what AWS takes at one place of a declarative policy.
type shape struct {
	members map[string]*shape // by the names that AWS knows
	named   *shape            // what stands under names that the author gives; nil: none
	grows   bool              // AWS adds names here: an unknown one is a warning
	open    bool              // nothing is known of what stands here
	one     bool              // a setting of one value
	many    bool              // a setting of a list of values
	values  []string          // that the setting takes; nil: any
}

func group(members map[string]*shape) *shape { return &shape{members: members} }
func growing(members map[string]*shape) *shape {
	return &shape{members: members, grows: true}
}
func named(s *shape) *shape          { return &shape{named: s} }
func one(values ...string) *shape    { return &shape{one: true, values: values} }
func either(values ...string) *shape { return &shape{one: true, many: true, values: values} }

var (
	many     = &shape{many: true}
	anything = &shape{open: true}
	tagged   = named(group(map[string]*shape{"tag_key": one(), "tag_value": either()}))
	expiring = group(map[string]*shape{
		"move_to_cold_storage_after_days": one(), "delete_after_days": one(), "opt_in_to_archive_for_supported_resources": one("true", "false"),
	})
)

// shapes are the grammars of the declarative policy types, read on 2026-11-22.
var shapes = map[Kind]*shape{
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ec2_syntax.html
	DeclarativePolicyEC2: group(map[string]*shape{"ec2_attributes": growing(map[string]*shape{
		"exception_message": one(),
		"vpc_block_public_access": group(map[string]*shape{"internet_gateway_block": group(map[string]*shape{
			"mode":               one("off", "block_ingress", "block_bidirectional"),
			"exclusions_allowed": one("enabled", "disabled"),
		})}),
		"serial_console_access":     group(map[string]*shape{"status": one("enabled", "disabled")}),
		"image_block_public_access": group(map[string]*shape{"state": one("unblocked", "block_new_sharing")}),
		"allowed_images_settings": group(map[string]*shape{
			"state":          one("enabled", "disabled", "audit_mode"),
			"image_criteria": named(anything),
		}),
		"instance_metadata_defaults": group(map[string]*shape{
			"http_tokens":                 one("no_preference", "required", "optional"),
			"http_put_response_hop_limit": one(),
			"http_endpoint":               one("no_preference", "enabled", "disabled"),
			"instance_metadata_tags":      one("no_preference", "enabled", "disabled"),
			"http_tokens_enforced":        one("no_preference", "enabled", "disabled"),
		}),
		"snapshot_block_public_access": group(map[string]*shape{"state": one("block_all_sharing", "block_new_sharing", "unblocked")}),
		"vpc_encryption_control":       anything,
	})}),
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
	AIServicesOptOutPolicy: group(map[string]*shape{
		"services": named(group(map[string]*shape{"opt_out_policy": one("optIn", "optOut")})),
	}),
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
	TagPolicy: group(map[string]*shape{"tags": named(growing(map[string]*shape{
		"tag_key": one(), "tag_value": many, "enforced_for": many, "report_required_tag_for": many,
	}))}),
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
	BackupPolicy: group(map[string]*shape{"plans": named(growing(map[string]*shape{
		"regions": many,
		"rules": named(growing(map[string]*shape{
			"schedule_expression": one(), "schedule_expression_timezone": one(),
			"start_backup_window_minutes": one(), "complete_backup_window_minutes": one(),
			"target_backup_vault_name": one(), "enable_continuous_backup": one("true", "false"),
			"lifecycle":           expiring,
			"copy_actions":        named(group(map[string]*shape{"target_backup_vault_arn": one(), "lifecycle": expiring})),
			"recovery_point_tags": tagged,
		})),
		"selections": growing(map[string]*shape{
			"tags": named(growing(map[string]*shape{"iam_role_arn": one(), "tag_key": one(), "tag_value": many})),
		}),
		"advanced_backup_settings": anything,
		"backup_plan_tags":         tagged,
	}))}),
}
