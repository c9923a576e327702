package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

// Declarative policies stand in the tree with their room, of which AWS itself
// takes no slot, and have a file each.
func TestDeclarativePolicies(t *testing.T) {
	p := samplePlan()
	for _, d := range []struct{ typ, short, content string }{
		{"AISERVICES_OPT_OUT_POLICY", "ai", `{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`},
		{"BACKUP_POLICY", "backup", `{"plans":{"daily":{"regions":{"@@assign":["eu-central-1"]}}}}`},
		{"DECLARATIVE_POLICY_EC2", "ec2", `{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}`},
		{"TAG_POLICY", "tag", `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`},
	} {
		name := "orgrails-" + d.short + "-root"
		p.Policies = append(p.Policies, guardrails.Policy{
			Type: d.typ, Name: name, Was: []string{}, Content: guardrails.Text(d.content), Size: len(d.content),
			Statements: []guardrails.Statement{{Sid: "a.path", Guardrail: "declare-something", Origin: "organization.yaml:9:7", Exceptions: []string{}}},
		})
		p.Attachments = append(p.Attachments, guardrails.Attachment{Target: "root", Type: d.typ, Policy: name})
	}
	text := planText(t, p, Options{})
	for _, want := range []string{
		"AI orgrails-ai-root  65 of 2,500 characters, 2,435 left; 1 of 5 slots, 4 left",
		"BACKUP orgrails-backup-root  61 of 10,000 characters, 9,939 left; 1 of 10 slots, 9 left",
		"EC2 orgrails-ec2-root  79 of 10,000 characters",
		"TAG orgrails-tag-root  49 of 10,000 characters",
		"declare-something  organization.yaml:9:7",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q:\n%s", want, text)
		}
	}
	docs := Documents(p)
	i := slices.IndexFunc(docs, func(d Document) bool { return d.File == "policies/TAG_POLICY/orgrails-tag-root.json" })
	if i < 0 || docs[i].Text != `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}` || !slices.Equal(docs[i].Targets, []string{"root"}) {
		t.Errorf("%+v", docs)
	}
}

// A policy that keeps the text which AWS has is shown, and written, with that.
func TestPoliciesAsFound(t *testing.T) {
	p := samplePlan()
	content := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	found := strings.Replace(content, `"Resource":"*"`, `"Resource":["*"]`, 1)
	p.Policies = append(p.Policies, guardrails.Policy{
		Type: "SERVICE_CONTROL_POLICY", Name: "By hand", Was: []string{}, Content: guardrails.Text(content), AsFound: guardrails.Text(found), Size: len(content),
		Statements: []guardrails.Statement{{Guardrail: "own.json", Origin: "organization.yaml:9:7", Exceptions: []string{}}},
	})
	p.Attachments = append(p.Attachments, guardrails.Attachment{Target: "root", Type: "SERVICE_CONTROL_POLICY", Policy: "By hand"})
	if text := planText(t, p, Options{}); !strings.Contains(text, "SCP By hand  89 of 10,240 characters") || !strings.Contains(text, "; spelled as in AWS") {
		t.Errorf("the plan is\n%s", text)
	}
	docs := Documents(p)
	i := slices.IndexFunc(docs, func(d Document) bool { return d.Name == "By hand" })
	if i < 0 || docs[i].Text != found || docs[i].Size != len(found) {
		t.Errorf("%+v", docs)
	}
}
