package compare

import (
	"regexp"
	"testing"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A witness has ARNs that can exist: an account, where a pattern has a wildcard
// within it, is twelve digits.
func TestWitnessesCanExist(t *testing.T) {
	nothing := parsed(t, `{"Effect": "Deny", "Action": "*", "Resource": "*"}`)
	for _, c := range []struct{ name, elements, resource, principal string }{
		{"an end of an account in a resource", `"Resource": "arn:aws:iam::1*3:role/Q"`, `^arn:aws:iam::1\d{10}3:role/Q$`, ""},
		{"two parts of an account", `"Resource": "arn:aws:iam::1*3*5:role/Q"`, `^arn:aws:iam::1\d{10}5:role/Q$`, ""},
		{"characters of an account", `"Resource": "arn:aws:iam::1?????????3?:role/Q"`, `^arn:aws:iam::1\d{9}3\d:role/Q$`, ""},
		{"a wildcard over fields", `"Resource": "arn:aws:iam*:role/Q"`, `^arn:aws:iam::\d{12}:role/Q$`, ""},
		{"any account", `"Resource": "arn:aws:sns:*:*:topic"`, `^arn:aws:sns:[\w-]*:\d{12}:topic$`, ""},
		{"a word in the place of an account", `"Resource": "arn:aws:iam::aw*:policy/Q"`, `^arn:aws:iam::aws:policy/Q$`, ""},
		{"no account at all", `"Resource": "arn:aws:s3:*::bucket*"`, `^arn:aws:s3:[\w-]*::bucket`, ""},
		{"an account that is spelled", `"Resource": "arn:aws:iam::123:role/Q*"`, `^arn:aws:iam::123:role/Q`, ""},
		{"no account can be that", `"Resource": "arn:aws:iam::1x*:role/Q"`, "", ""},
		{"no account is so long", `"Resource": "arn:aws:iam::1??????*??????3:role/Q"`, "", ""},
		{"an end of an account in ArnLike", `"Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*3:role/Q"}}`, ".", `^arn:aws:iam::\d{11}3:role/Q$`},
		{"a wildcard over fields in StringLike", `"Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam*3:role/Q"}}`, ".", `^arn:aws:iam:\w*:\d{11}3:role/Q$`},
		{"a wildcard that is not to match", `"Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam*3:role/Q"}, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*03:role/Q"}}`, ".", `^arn:aws:iam:\w*:\d{10}[1-9]3:role/Q$`},
		{"no principal can be that", `"Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*x3:role/Q"}}`, "", ""},
		{"a tag is any text", `"Resource": "*", "Condition": {"StringLike": {"aws:PrincipalTag/x": "arn:*x"}}`, ".", ""},
	} {
		allows := parsed(t, `{"Effect": "Allow", "Action": "*", `+c.elements+`}`)
		r, err := Compare(policy.IdentityPolicy, nothing, allows, Options{})
		w := r.Gained.Witness
		if err != nil || r.Gained.Unknown != "" || (w != nil) != (c.resource != "") {
			t.Errorf("%s: %+v, %v", c.name, r.Gained, err)
			continue
		}
		if w == nil {
			continue
		}
		if !regexp.MustCompile(c.resource).MatchString(w.Request.Resource) {
			t.Errorf("%s: the witness has the resource %s", c.name, w.Request.Resource)
		}
		if c.principal == "" {
			continue
		}
		if arn := w.Request.Context["aws:PrincipalArn"]; len(arn) != 1 || !regexp.MustCompile(c.principal).MatchString(arn[0]) {
			t.Errorf("%s: the witness has %q", c.name, arn)
		}
	}
}
