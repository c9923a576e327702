package live

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// detailPages are the authorization details of an account on two pages; what
// belongs together is on different ones.
var detailPages = func() [2]string {
	enc := url.PathEscape
	policy := func(name, doc, more string) string {
		return fmt.Sprintf(`<member><Arn>arn:aws:iam::1:policy/%[1]s</Arn><PolicyName>%[1]s</PolicyName><Path>/</Path>%[3]s<PolicyVersionList>
<member><IsDefaultVersion>false</IsDefaultVersion><Document>old</Document></member><member><IsDefaultVersion>true</IsDefaultVersion><Document>%[2]s</Document></member></PolicyVersionList></member>`, name, enc(doc), more)
	}
	group := func(name, attached, inline string) string {
		return fmt.Sprintf(`<member><Arn>arn:aws:iam::1:group/%[1]s</Arn><GroupName>%[1]s</GroupName><Path>/</Path>
<AttachedManagedPolicies>%[2]s</AttachedManagedPolicies><GroupPolicyList>%[3]s</GroupPolicyList></member>`, name, attached, inline)
	}
	attach := func(arn string) string { return "<member><PolicyArn>" + arn + "</PolicyArn></member>" }
	const assume = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`
	const other = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	role := `<member><Arn>arn:aws:iam::1:role/R</Arn><RoleName>R</RoleName><Path>/</Path><AssumeRolePolicyDocument>` + enc(synthTrust) + `</AssumeRolePolicyDocument>
<AttachedManagedPolicies>` + attach("arn:aws:iam::1:policy/z") + attach("arn:aws:iam::1:policy/a") + `</AttachedManagedPolicies></member>`
	wrap := func(inner string) string {
		return "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>" + inner + "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
	}
	return [2]string{
		wrap("<RoleDetailList>" + role + "</RoleDetailList><GroupDetailList>" +
			group("attached", attach("arn:aws:iam::1:policy/grant"), "") +
			group("inline", "", "<member><PolicyName>in</PolicyName><PolicyDocument>"+enc(assume)+"</PolicyDocument></member>") +
			group("aws", attach("arn:aws:iam::aws:policy/AdministratorAccess"), "") +
			group("neither", attach("arn:aws:iam::1:policy/unused"), "") +
			"</GroupDetailList><IsTruncated>true</IsTruncated><Marker>m</Marker>"),
		wrap("<Policies>" + policy("z", other, "<Description>said</Description>") + policy("a", other, "") + policy("grant", assume, "") + policy("unused", other, "") +
			policy("of-a-user", other, "<PermissionsBoundaryUsageCount>1</PermissionsBoundaryUsageCount>") + "</Policies><IsTruncated>false</IsTruncated>"),
	}
}()

func TestDetails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &synthetic{accounts: 1, override: func(op, _ string, n int) (int, string, bool) {
			if op == "GetAccountAuthorizationDetails" {
				return 200, detailPages[n], true
			}
			return 0, "", false
		}}
		a := accountOf(mustRead(t, w.session(t), ReadOptions{}), 0)
		names := func(list any) string { return fmt.Sprint(list) }
		policies, _ := a.Policies.Get()
		var got []string
		for _, p := range policies {
			said, ok := p.Description.Get()
			got = append(got, fmt.Sprintf("%s %v %s %v", p.Name, p.Boundary, said, ok && strings.Contains(p.Document, "Allow")))
		}
		if names(got) != "[a false the edge true grant false the edge true of-a-user true the edge true z false said true]" {
			t.Errorf("policies %v", got)
		}
		groups, _ := a.Groups.Get()
		if len(groups) != 2 || groups[0].Name != "attached" || groups[1].Name != "inline" || names(groups[1].InlinePolicies) != "[in]" {
			t.Errorf("groups %+v", groups)
		}
		roles, _ := a.Roles.Get()
		if len(roles) != 1 || names(roles[0].AttachedPolicies) != "[arn:aws:iam::1:policy/a arn:aws:iam::1:policy/z]" || roles[0].MaxSession.IsRead() {
			t.Errorf("roles %+v", roles)
		}
		if w.calls["GetPolicy"] != 3 {
			t.Errorf("%d descriptions were asked for, and one was known", w.calls["GetPolicy"])
		}
	})
}

// Roles are named in the partition that the organization is in.
func TestPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &synthetic{accounts: 2, override: func(op, _ string, n int) (int, string, bool) {
			switch op {
			case "DescribeOrganization":
				return 200, `{"Organization":{"Id":"o-1","Arn":"arn:aws-cn:organizations::100000000000:organization/o-1","MasterAccountId":"100000000000","FeatureSet":"ALL"}}`, true
			case "AssumeRole":
				return 403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", true
			}
			return 0, "", false
		}}
		snap := mustRead(t, w.session(t), ReadOptions{Role: "acme/Reader"})
		if snap.Organization.Partition != "aws-cn" || !strings.Contains(fmt.Sprint(snap.NotRead), "arn:aws-cn:iam::100000000001:role/acme/Reader") {
			t.Errorf("%+v %+v", snap.Organization, snap.NotRead)
		}
	})
}

// What Keep names is kept, though nobody may assume, has or uses it.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &synthetic{accounts: 1, override: func(op, _ string, n int) (int, string, bool) {
			if op == "GetAccountAuthorizationDetails" {
				return 200, detailPages[n], true
			}
			return 0, "", false
		}}
		a := accountOf(mustRead(t, w.session(t), ReadOptions{Keep: []string{"unused", "neither"}}), 0)
		var got []string
		policies, _ := a.Policies.Get()
		for _, p := range policies {
			got = append(got, p.Name)
		}
		groups, _ := a.Groups.Get()
		for _, g := range groups {
			got = append(got, g.Name)
		}
		if fmt.Sprint(got) != "[a grant of-a-user unused z attached inline neither]" {
			t.Errorf("kept %v", got)
		}
	})
}
