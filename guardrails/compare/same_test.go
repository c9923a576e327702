package compare

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/policy"
)

func TestSame(t *testing.T) {
	const scp, rcp, tag = policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.TagPolicy
	deny := func(version, statements string) string {
		return `{"Version":"` + version + `","Statement":[` + statements + `]}`
	}
	const two = `{"Effect":"Deny","Action":["s3:PutObject","s3:GetObject"],"Resource":"*"}`
	const conditional = `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalTag/a":"x*y*z"},"NumericLessThan":{"s3:max-keys":"10"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`
	const variable = `{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/*"}`
	for _, c := range []struct {
		name string
		kind policy.Kind
		a, b string
		want bool
	}{
		{"order and names", scp, deny("2012-10-17", `{"Sid":"A","Effect":"Deny","Action":"iam:*","Resource":"*"},`+two), deny("2012-10-17", strings.Replace(two, `"s3:PutObject","s3:GetObject"`, `"s3:GetObject","s3:PutObject"`, 1)+`,{"Effect":"Deny","Action":["iam:*"],"Resource":["*"],"Sid":"B"}`), true},
		{"taken apart", scp, deny("2012-10-17", two), deny("2012-10-17", `{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`), true},
		{"conditions", scp, deny("2012-10-17", conditional), deny("2012-10-17", conditional), true},
		{"other conditions", scp, deny("2012-10-17", conditional), deny("2012-10-17", strings.Replace(conditional, "10.0.0.0/8", "10.0.0.0/9", 1)), false},
		{"less", scp, deny("2012-10-17", two), deny("2012-10-17", `{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`), false},
		{"another version", scp, deny("2012-10-17", two), deny("2008-10-17", two), true},
		{"another version, with a variable", scp, deny("2012-10-17", variable), deny("2008-10-17", variable), false},
		{"the same version, with a variable", scp, deny("2012-10-17", variable), deny("2012-10-17", variable), true},
		{"allowing", scp, deny("2012-10-17", two), deny("2012-10-17", strings.Replace(two, "Deny", "Allow", 1)), false},
		{"of resources", rcp, deny("2012-10-17", strings.Replace(two, `"Action"`, `"Principal":"*","Action"`, 1)), deny("2012-10-17", strings.Replace(two, `"Action"`, `"Sid":"X","Principal":"*","Action"`, 1)), true},
		{"tags", tag, `{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}`, `{ "tags": {"a": {"tag_key": {"@@assign": "A"}}}}`, true},
		{"other tags", tag, `{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}`, `{"tags":{"a":{"tag_key":{"@@assign":"a"}}}}`, false},
		{"no document", scp, deny("2012-10-17", two), "Deny", false},
		{"no documents", scp, "Deny", "Deny", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Same(c.kind, c.a, c.b); got != c.want {
				t.Errorf("the same: %v", got)
			}
			if got := Same(c.kind, c.b, c.a); got != c.want {
				t.Errorf("the same the other way: %v", got)
			}
		})
	}
}
