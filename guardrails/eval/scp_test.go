package eval_test

import (
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// The scenarios of the page on SCP evaluation: what is attached at the root,
// at a unit and at the account, and which of S3 and EC2 remain.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func TestSCPScenarios(t *testing.T) {
	const (
		allowS3  = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
		allowEC2 = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
		denyS3   = `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
		denyEC2  = `{"Effect":"Deny","Action":"ec2:*","Resource":"*"}`
	)
	type level []string
	for i, c := range []struct {
		name                string
		root, unit, account level
		s3, ec2             eval.Decision
	}{
		{"a denial at the unit takes away from what all levels allow", level{allowAll}, level{allowAll, denyS3}, level{allowAll}, eval.ExplicitlyDenied, eval.Allowed},
		{"an allow list at the unit narrows", level{allowAll}, level{allowEC2}, level{allowAll}, eval.ImplicitlyDenied, eval.Allowed},
		{"a denial at the root without FullAWSAccess leaves nothing", level{denyS3}, level{allowS3}, level{allowAll}, eval.ExplicitlyDenied, eval.ImplicitlyDenied},
		{"two allow lists at one level add up", level{allowS3, allowEC2}, level{allowAll}, level{allowAll}, eval.Allowed, eval.Allowed},
		{"two allow lists at two levels meet", level{allowS3, allowEC2}, level{allowEC2}, level{allowS3, allowEC2}, eval.ImplicitlyDenied, eval.Allowed},
		{"allow lists that do not meet leave nothing", level{allowAll}, level{allowS3}, level{allowEC2}, eval.ImplicitlyDenied, eval.ImplicitlyDenied},
		{"FullAWSAccess beside an allow list makes it say nothing, and denials of all levels hold", level{allowAll}, level{allowAll, allowS3}, level{allowAll, denyEC2}, eval.Allowed, eval.ExplicitlyDenied},
		{"a level without policies allows nothing", level{allowAll}, level{}, level{allowAll}, eval.ImplicitlyDenied, eval.ImplicitlyDenied},
	} {
		p := eval.Policies{Identity: documents(t, allowAll), SCP: []eval.Level{
			{ID: "r-1", Policies: documents(t, c.root...)}, {ID: "ou-1", Policies: documents(t, c.unit...)}, {ID: "222222222222", Policies: documents(t, c.account...)},
		}}
		s := compile(t, member, p)
		for action, want := range map[string]eval.Decision{"s3:GetObject": c.s3, "ec2:RunInstances": c.ec2} {
			if got := s.Authorize(&eval.Request{Principal: alice, Action: action, Resource: "*"}).Decision; got != want {
				t.Errorf("%d, %s: %s is %v", i+1, c.name, action, got)
			}
		}
	}
}

// SCPs speak the whole language since September 2025.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
func TestSCPsSpeakTheWholeLanguage(t *testing.T) {
	const scp = `{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`
	s := compile(t, member, eval.Policies{Identity: documents(t, allowAll), SCP: []eval.Level{{ID: "r-1", Policies: documents(t, scp)}}})
	for _, c := range []struct {
		action, resource, region string
		want                     eval.Decision
	}{
		{"s3:GetObject", "arn:aws:s3:::open/x", "eu-west-1", eval.Allowed},
		{"s3:GetObject", "arn:aws:s3:::secret/x", "eu-west-1", eval.ImplicitlyDenied},
		{"s3:GetObject", "arn:aws:s3:::open/x", "us-east-1", eval.ImplicitlyDenied},
		{"iam:GetUser", "*", "eu-west-1", eval.ImplicitlyDenied},
	} {
		r := eval.Request{Principal: alice, Action: c.action, Resource: c.resource, Context: map[string][]string{"aws:RequestedRegion": {c.region}}}
		if got := s.Authorize(&r).Decision; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
