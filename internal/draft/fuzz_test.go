package draft_test

import (
	"testing"
	"unicode/utf8"
)

// Whatever roles and policies there are, there is a file, and nothing in it that
// is not in AWS.
func FuzzAccounts(f *testing.F) {
	const users = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:user/a"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"900"},"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}}]}`
	const group = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::333333333333:user/*"},"StringEquals":{"aws:PrincipalTag/orgrails:group/ops":"member"},"DateLessThan":{"aws:CurrentTime":"2027-06-01T00:00:00Z"}}}]}`
	const assume = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::222222222222:role/R","Condition":{"DateLessThan":{"aws:CurrentTime":"2027-06-01T00:00:00Z"}}}]}`
	const oidc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/infra:*"}}}]}`
	for _, x := range []struct {
		name, path, description, trust, document, said string
		session                                        int
	}{
		{"R", "/", "", users, reads, "", 3600},
		{"R", "/a/b/", "x: y", group, assume, "orgrails, the roles that the group ops may assume", 7200},
		{"Vendor", "/", "#", letting(vendor, external), reads, "orgrails, policy of the role Vendor from policies/x.json", 43200},
		{"Build", "/", "\"", oidc, reads, "orgrails, policy of the role Build from access", 3601},
		{"true", "/", "{{x}}", users, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:List*","Resource":"*"}}`, "orgrails, permissions boundary null", 900},
		{"a=b", "/", "\x00", `{}`, `[]`, "orgrails, permissions boundary a b", 0},
	} {
		f.Add(x.name, x.path, x.description, x.trust, x.document, x.said, x.session)
	}
	f.Fuzz(func(t *testing.T, name, path, description, trust, document, said string, session int) {
		for _, s := range []string{name, path, description, trust, document, said} {
			if !utf8.ValidString(s) {
				t.Skip()
			}
		}
		s, _ := placed(t, small(t, ""), func(s object) {
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
			own := "arn:aws:iam::" + shop + ":policy" + path + name + "-x"
			makePolicy(s, shop, path, name+"-x", document, false)
			of(s, shop, "policies", name+"-x")["description"] = said
			makeRole(s, shop, name, trust, object{"arn": "arn:aws:iam::" + shop + ":role" + path + name, "path": path, "description": description, "maxSessionDuration": session, "attachedPolicies": []string{own}})
			makePolicy(s, lab, "/", name, document, true)
			of(s, lab, "policies", name)["description"] = said
			makeRole(s, lab, name, trust, object{"permissionsBoundary": "arn:aws:iam::" + lab + ":policy/" + name})
			makePolicy(s, lab, "/", "orgrails-assume-"+name, document, false)
			of(s, lab, "policies", "orgrails-assume-"+name)["description"] = said
			for _, a := range s["iam"].([]any) {
				if a := a.(object); a["account"] == lab {
					a["groups"] = []any{object{"arn": "arn:aws:iam::" + lab + ":group/" + name, "name": name, "path": "/", "attachedPolicies": []string{"arn:aws:iam::" + lab + ":policy/orgrails-assume-" + name}, "inlinePolicies": []string{}}}
				}
			}
		})
		d, plan := drafted(t, s)
		sameAsLive(t, s, plan)
		isThere(t, s, plan)
		if t.Failed() {
			t.Logf("%s", d.File)
		}
	})
}
