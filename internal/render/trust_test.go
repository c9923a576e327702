package render

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

func TestTrusted(t *testing.T) {
	const identity = "arn:aws:iam::{{id:account:identity}}"
	for _, c := range []struct{ name, principal, condition, want string }{
		{"a group", `{"AWS":"` + identity + `:root"}`, `{"StringEquals":{"aws:PrincipalTag/orgrails:group/on-call":"member"}}`, "group on-call of identity"},
		{"MFA of an age", `{"AWS":"` + identity + `:root"}`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"5400"}}`, "account identity (MFA at most 1h30m old)"},
		{"MFA", `{"AWS":"` + identity + `:root"}`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, "account identity (with MFA)"},
		{"MFA that is not", `{"AWS":"` + identity + `:root"}`, `{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`, "account identity (aws:MultiFactorAuthPresent Bool false)"},
		{"a permission set", `{"AWS":"` + identity + `:root"}`, `{"ArnLike":{"aws:PrincipalArn":"` + identity + `:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admins_*"}}`, "account identity (permission set Admins)"},
		{"a hub role", `{"AWS":"` + identity + `:root"}`, `{"ArnEquals":{"aws:PrincipalArn":"` + identity + `:role/hub/admins"}}`, "account identity (as role hub/admins of identity)"},
		{"a user", `{"AWS":"arn:aws:iam::{{id:account:management}}:user/break-glass-1"}`, `{}`, "user break-glass-1 of management"},
		{"another company", `{"AWS":"arn:aws:iam::999999999999:root"}`, `{"StringEquals":{"sts:ExternalId":"acme-7f3c"}}`, "account 999999999999 (with external id)"},
		{"a service", `{"Service":"ec2.amazonaws.com"}`, `{}`, "ec2.amazonaws.com"},
		{"OIDC", `{"Federated":"` + identity + `:oidc-provider/token.example.com"}`, `{"StringEquals":{"token.example.com:aud":"sts.amazonaws.com"},"StringLike":{"token.example.com:sub":["repo:acme/infra:*"]}}`,
			"OIDC provider token.example.com of identity (for sts.amazonaws.com, subject repo:acme/infra:*)"},
		{"SAML", `{"Federated":"` + identity + `:saml-provider/okta"}`, `{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`, "SAML provider okta of identity (for https://signin.aws.amazon.com/saml)"},
		{"addresses", `{"AWS":"` + identity + `:root"}`, `{"IpAddress":{"aws:SourceIp":["198.51.100.0/24"]},"DateLessThan":{"aws:CurrentTime":"2026-12-01T06:00:00Z"}}`,
			"account identity (from 198.51.100.0/24, until 2026-12-01T06:00:00Z)"},
		{"everyone", `"*"`, `{}`, "everyone"},
		{"an escape", `{"AWS":"a\u001b[2J"}`, `{"StringEquals":{"k\u001b":"v\u001b"}}`, `a\x1b[2J (k\x1b StringEquals v\x1b)`},
	} {
		doc := guardrails.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + c.principal + `,"Action":"sts:AssumeRole","Condition":` + c.condition + `}]}`)
		if got := strings.Join(trusted(doc), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for doc, want := range map[guardrails.Text]string{
		`{`: "nobody: the trust policy cannot be read",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}`: "nobody",
	} {
		if got := strings.Join(trusted(doc), "; "); got != want {
			t.Errorf("%s: %q", doc, got)
		}
	}
}

func TestSeconds(t *testing.T) {
	for n, want := range map[int]string{900: "15m", 3600: "1h", 5400: "1h30m", 43200: "12h", 90: "1m30s", 30: "30s", 36000: "10h", 0: "0s"} {
		if got := seconds(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
