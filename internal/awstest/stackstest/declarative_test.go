package stackstest

import (
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks/automation"
)

// A policy of each declarative type is enabled, deployed and read back, changed
// in place, and taken away again.
func TestDeclarativePolicies(t *testing.T) {
	w := newWorld(t)
	w.plan.Policies, w.plan.Attachments = []guardrails.Policy{}, []guardrails.Attachment{}
	w.plan.Organization.PolicyTypes = []string{}
	for _, p := range []struct{ typ, name, target, content string }{
		{"AISERVICES_OPT_OUT_POLICY", "orgrails-ai-root", "root", `{"services":{"default":{"opt_out_policy":{"@@assign":"optOut","@@operators_allowed_for_child_policies":["@@none"]}}}}`},
		{"BACKUP_POLICY", "orgrails-backup-Workloads", "unit:Workloads", `{"plans":{"daily":{"regions":{"@@assign":["eu-central-1"]},"rules":{"daily":{"target_backup_vault_name":{"@@assign":"Default"}}}}}}`},
		{"DECLARATIVE_POLICY_EC2", "orgrails-ec2-root", "root", `{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}`},
		{"TAG_POLICY", "orgrails-tag-@payments", "account:payments", `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`},
	} {
		w.plan.Organization.PolicyTypes = append(w.plan.Organization.PolicyTypes, p.typ)
		w.plan.Policies = append(w.plan.Policies, guardrails.Policy{Type: p.typ, Name: p.name, Was: []string{}, Description: "by orgrails", Content: guardrails.Text(p.content)})
		w.plan.Attachments = append(w.plan.Attachments, guardrails.Attachment{Target: p.target, Type: p.typ, Policy: p.name})
	}
	w.up()
	w.inPlace()

	w.plan.Policies[2].Content = `{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"enabled"}}}}`
	r := w.up()
	only(t, r, "policies: update policies-orgrails-ec2-root")
	ended(t, r, map[string]automation.Result{"policies": automation.ResultChanged})
	w.inPlace()

	w.plan.Policies, w.plan.Attachments = w.plan.Policies[:3], w.plan.Attachments[:3]
	r = w.up()
	only(t, r, "policies: delete policies-orgrails-tag-@payments", "policies: delete policies-orgrails-tag-@payments-on-account:payments")
	w.inPlace()
}
