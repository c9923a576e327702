package compare

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/policy"
)

func TestAnAccountThatIsGiven(t *testing.T) {
	const mine, other = "444444444444", "555555555555"
	all := deny(`"Action": "s3:*", "Resource": "*"`)
	except := func(condition string) string {
		return deny(`"Action": "s3:*", "Resource": "*", "Condition": {` + condition + `}`)
	}
	for _, c := range []struct {
		name, b string
		kind    policy.Kind
		o       Options
		want    Relation
	}{
		{"of any account", except(`"StringNotEquals": {"aws:PrincipalAccount": "` + mine + `"}`), policy.ServiceControlPolicy, Options{}, Wider},
		{"of the account", except(`"StringNotEquals": {"aws:PrincipalAccount": "` + mine + `"}`), policy.ServiceControlPolicy, Options{Account: mine}, Wider},
		{"of another account", except(`"StringNotEquals": {"aws:PrincipalAccount": "` + mine + `"}`), policy.ServiceControlPolicy, Options{Account: other}, Equal},
		{"a role of the account", except(`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::` + mine + `:role/x"}`), policy.ServiceControlPolicy, Options{Account: mine}, Wider},
		{"a role of another account", except(`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::` + mine + `:role/x"}`), policy.ServiceControlPolicy, Options{Account: other}, Equal},
		{"a role of any account", except(`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}`), policy.ServiceControlPolicy, Options{Account: other}, Wider},
		{"the organization", except(`"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}`), policy.PermissionsBoundary, Options{Organization: "o-aaaaaaaaaa"}, Equal},
		{"who asks of an account's resources", except(`"StringNotEquals": {"aws:PrincipalAccount": "` + mine + `"}`), policy.ResourceControlPolicy, Options{Account: other}, Wider},
		{"an account's resources", except(`"StringEquals": {"aws:ResourceAccount": "` + other + `"}`), policy.ResourceControlPolicy, Options{Account: other}, Equal},
	} {
		a, b := all, c.b
		if c.kind == policy.ResourceControlPolicy {
			a, b = strings.ReplaceAll(a, `"Deny",`, `"Deny", "Principal": "*",`), strings.ReplaceAll(b, `"Deny",`, `"Deny", "Principal": "*",`)
			a, b = a[strings.Index(a, "}, ")+3:], b[strings.Index(b, "}, ")+3:]
		}
		r, err := Compare(c.kind, parsed(t, a), parsed(t, b), c.o)
		if err != nil || r.Relation != c.want {
			t.Errorf("%s: got %+v, %v, want %s", c.name, r, err, c.want)
			continue
		}
		w := r.Gained.Witness
		if w == nil {
			continue
		}
		if shows, err := Shows(c.kind, parsed(t, b), parsed(t, a), &w.Request); !shows || err != nil {
			t.Errorf("%s: the witness shows nothing: %v", c.name, err)
		}
		if shows, _ := Shows(c.kind, parsed(t, a), parsed(t, b), &w.Request); shows {
			t.Errorf("%s: the witness shows the opposite", c.name)
		}
		if got := w.Request.Principal; c.o.Account != "" && c.kind != policy.ResourceControlPolicy && accountOf(got) != c.o.Account {
			t.Errorf("%s: %s asks", c.name, got)
		}
	}
}
