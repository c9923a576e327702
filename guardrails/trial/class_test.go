package trial

import (
	"slices"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
)

func TestClass(t *testing.T) {
	w := load(t, base).world
	same := func(a, b, action string) bool { return w.Class(a, action) == w.Class(b, action) }
	if !same("lonely", "dev", "ec2:RunInstances") {
		t.Error("what stands at Workloads says nothing of ec2:RunInstances")
	}
	if same("lonely", "dev", "cloudtrail:StopLogging") {
		t.Error("protect-cloudtrail stands at Workloads alone")
	}
	if same("shop", "dev", "bedrock:InvokeModel") {
		t.Error("an exception names the account shop")
	}
	w.DetachFullAccess("account:dev")
	if same("lonely", "dev", "ec2:RunInstances") {
		t.Error("dev has no FullAWSAccess")
	}
	if r, err := w.Decide(Question{As: "role/Anyone", Account: "dev", Action: "ec2:DescribeInstances", Resource: "*"}); err != nil || r.Decision != eval.ImplicitlyDenied {
		t.Errorf("without FullAWSAccess: %v %v", r, err)
	}
}

func TestWhoComesFromAnIdentityProvider(t *testing.T) {
	a := load(t, base).ask(t, Question{
		As: "arn:aws:iam::444444444444:saml-provider/sso", Account: "shop", Action: "sts:AssumeRoleWithSAML",
		Resource: "arn:aws:iam::444444444444:role/Administrator",
	})
	if a.Decision != eval.Allowed || !a.Outside() {
		t.Errorf("%s: %s", a.Decision, a.Happened())
	}
}

func TestKeysThatARequestNeverCarries(t *testing.T) {
	keys := []string{"aws:SourceIp", "ec2:InstanceType", "iam:PolicyARN", "aws:PrincipalTag/team"}
	if got := carriable("iam:AttachRolePolicy", slices.Clone(keys)); !slices.Equal(got, []string{"aws:SourceIp", "iam:PolicyARN", "aws:PrincipalTag/team"}) {
		t.Error(got)
	}
	if got := carriable("new:Action", slices.Clone(keys)); !slices.Equal(got, keys) {
		t.Error(got)
	}
}
