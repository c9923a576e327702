package compile

import (
	"reflect"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/org"
)

func TestAllowLists(t *testing.T) {
	a := newAcme()
	a.role(org.Role{Key: "Glass", BreakGlass: true, Trust: &org.Trust{Users: []org.TrustedUser{{Account: a.Management, Name: "alice"}}}}, "root")
	a.at("Sandbox").Unit.AllowList = &org.AllowList{Actions: []string{"s3:*", "ec2:*"}, Range: a.next()}
	a.find("payments").AllowList = &org.AllowList{Actions: []string{"s3:Get*"}, Range: a.next()}
	p, _ := a.compile(t)
	if want := []string{"account:payments", "unit:Sandbox"}; !reflect.DeepEqual(p.NoFullAccess, want) {
		t.Errorf("%q", p.NoFullAccess)
	}
	pol, _ := document(t, p, "orgrails-scp-allow:Sandbox")
	want := `{"Version":"2012-10-17","Statement":[{"Sid":"AllowList","Effect":"Allow","Action":["ec2:*","s3:*"],"Resource":"*"},` +
		`{"Sid":"AllowThoseWhoMend","Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Glass","arn:aws:iam::*:role/OrganizationAccountAccessRole"]}}}]}`
	if string(pol.Content) != want || !strings.HasPrefix(pol.Statements[0].Origin, "organization.yaml:") {
		t.Errorf("%s\n%+v", pol.Content, pol.Statements)
	}
	document(t, p, "orgrails-scp-allow:@payments")
	// Who makes a role of a name that the list spares would be out of the list.
	protects, _ := document(t, p, "orgrails-scp-root")
	for _, pattern := range []string{"role/Glass", "role/OrganizationAccountAccessRole"} {
		if !strings.Contains(string(protects.Content), `"iam:CreateRole"`) || !strings.Contains(string(protects.Content), `"arn:aws:iam::*:`+pattern+`"`) {
			t.Errorf("%s is not protected: %s", pattern, protects.Content)
		}
	}
	q := *p
	q.Attachments = nil
	for _, at := range p.Attachments {
		if at.Policy != pol.Name {
			q.Attachments = append(q.Attachments, at)
		}
	}
	if err := q.Check(); err == nil || !strings.Contains(err.Error(), "FullAWSAccess is taken from unit:Sandbox, where no policy of the plan allows anything") {
		t.Errorf("a plan that leaves a node without an allowing policy is taken: %v", err)
	}
	// While one takes the place of the other, both are there.
	r, ds := Compile(a.Organization, testCatalog(t), Options{Quotas: quotas(func(q *quotasType) { q.SCPPerTarget = 1 })})
	expect(t, r, ds, "GR307", "takes 1 policy", "FullAWSAccess, the allow list are there")
}
