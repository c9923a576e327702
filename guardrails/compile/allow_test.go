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
	expect(t, r, ds, "GR307", "takes 1 policy", "FullAWSAccess and the allow list are there already")
}

// What a node's documents allow is added up, so that one which allows more than
// the list beside it is said, and no other.
func TestDocumentsThatUndoAnAllowList(t *testing.T) {
	allowing := func(statements string) string { return `{"Version":"2012-10-17","Statement":[` + statements + `]}` }
	for _, c := range []struct{ name, source, beyond string }{
		{"all", allowing(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ec2:RunInstances","Resource":"*"}`), "allows * there"},
		{"one of several", allowing(`{"Effect":"Allow","Action":["s3:Get*","sqs:*","sns:Publish"],"Resource":"*"}`), "allows sqs:* and sns:Publish there"},
		{"all but", allowing(`{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}`), "allows everything but iam:* there"},
		{"on the list", allowing(`{"Effect":"Allow","Action":["s3:Get*","ec2:*"],"Resource":"*"}`), ""},
		{"denies itself what is beyond", allowing(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":["s3:*","ec2:*"],"Resource":"*"}`), ""},
		{"those who mend may do anything", allowing(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}`), ""},
		{"denies alone", allowing(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/x":"y"}}}`), ""},
	} {
		for _, foreign := range []bool{false, true} {
			a := newAcme()
			a.at("Sandbox").Unit.AllowList = &org.AllowList{Actions: []string{"s3:*", "ec2:*"}, Range: a.next()}
			name := "team.json"
			if foreign {
				name = "Team"
				a.Elsewhere = append(a.Elsewhere, org.ForeignPolicy{Name: name, Type: "SERVICE_CONTROL_POLICY", Targets: a.targets("Sandbox", "Workloads"), File: "team.json", Source: []byte(c.source), Range: a.next()})
			} else {
				a.own("Sandbox", name, c.source)
				a.own("Workloads", name, c.source) // where FullAWSAccess is
			}
			p, ds := a.compile(t)
			if c.beyond == "" {
				if len(ds) > 0 {
					t.Errorf("%s, foreign %v:\n%s", c.name, foreign, show(ds))
				}
				continue
			}
			d := expect(t, p, ds, "GR316", "the allow list of Sandbox does not hold: "+name+" "+c.beyond, "put on the list")
			if len(ds) != 1 || len(d.Related) != 1 || d.Related[0].Range != a.at("Sandbox").Unit.AllowList.Range {
				t.Errorf("%s, foreign %v: %+v", c.name, foreign, ds)
			}
		}
	}
}
