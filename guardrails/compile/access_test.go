package compile

import (
	"testing"

	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/org"
)

func TestAccessBecomesActions(t *testing.T) {
	a := newAcme()
	trusted := &org.Trust{Services: []string{"ec2.amazonaws.com"}}
	a.role(org.Role{Key: "Analyst", Trust: trusted, Policies: []org.RolePolicy{
		{Name: "access", Access: []org.ServiceAccess{{Service: "kms", Levels: []string{"list", "read"}}, {Service: "sts", Levels: access.Levels()}}, Range: a.next()},
		{Name: "tags", Access: []org.ServiceAccess{{Service: "ec2", Levels: []string{"tagging"}}}, Resources: []string{"arn:aws:ec2:*:*:instance/*"}, Range: a.next()},
	}}, "Workloads/Prod")
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Fatalf("%s", show(ds))
	}
	got := roleOf(t, p, "payments", "Analyst").Policies
	if len(got) != 2 || got[0].Name != "Analyst-access" || got[1].Name != "Analyst-tags" {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"Access","Effect":"Allow","Action":["kms:Describe*","kms:Get*","kms:List*","sts:*"],"Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Sid":"Access","Effect":"Allow","Action":["ec2:CreateTags","ec2:DeleteTags"],"Resource":"arn:aws:ec2:*:*:instance/*"}]}`,
	} {
		if string(got[i].Document) != want {
			t.Errorf("%s", got[i].Document)
		}
		if s := got[i].Statements; len(s) != 1 || s[0].Sid != "Access" || s[0].Origin == "" {
			t.Errorf("%+v", s)
		}
	}
}

func TestAccessIsMeasuredAndNamed(t *testing.T) {
	a := newAcme()
	trusted := &org.Trust{Services: []string{"ec2.amazonaws.com"}}
	a.role(org.Role{Key: "Everything", Trust: trusted, Policies: []org.RolePolicy{
		{Name: "access", Access: []org.ServiceAccess{{Service: "ec2", Levels: []string{"write"}}}, Range: a.next()},
		{Name: "access", Access: []org.ServiceAccess{{Service: "kms", Levels: []string{"read"}}}, Range: a.next()},
	}}, "Sandbox")
	a.refuses(t, "GR320", "the managed policy Everything-access is ", "AWS takes 6144", "fewer levels")
	a.refuses(t, "GR321", "two policies of the role Everything would have the name Everything-access", "another name")
}
