package live

import (
	"fmt"
	"net/url"
	"testing"
)

func TestIsAssumable(t *testing.T) {
	for principal, want := range map[string]bool{
		`{"AWS":"arn:aws:iam::111111111111:root"}`:                                                    true,
		`{"AWS":["111111111111"]}`:                                                                    true,
		`{"Federated":"arn:aws:iam::111111111111:saml-provider/idp"}`:                                 true,
		`{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}`: true,
		`{"Service":"ec2.amazonaws.com"}`:                                                             false,
		`{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}`:                                    false,
		`{"Service":"ec2.amazonaws.com","AWS":"arn:aws:iam::111111111111:role/x"}`:                    true,
		`"*"`: true,
	} {
		doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":"sts:AssumeRole"}]}`, principal)
		if got := isAssumable(doc); got != want {
			t.Errorf("%s: %v", principal, got)
		}
	}
	if isAssumable(`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}`) || !isAssumable("not JSON") {
		t.Error("a deny lets somebody in, or what is not understood does not")
	}
}

func TestGrantsAssume(t *testing.T) {
	for statement, want := range map[string]bool{
		`"Action":"sts:AssumeRole"`:                true,
		`"Action":["s3:*","STS:assume*"]`:          true,
		`"Action":"*"`:                             true,
		`"NotAction":"iam:*"`:                      true,
		`"NotAction":["iam:*","sts:*"]`:            false,
		`"Action":"sts:AssumeRoleWithWebIdentity"`: false,
		`"Action":"s3:GetObject"`:                  false,
	} {
		for effect, granted := range map[string]bool{"Allow": want, "Deny": false} {
			doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":%q,%s,"Resource":"*"}}`, effect, statement)
			if got := grantsAssume(doc); got != granted {
				t.Errorf("%s %s: %v", effect, statement, got)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	for _, doc := range []string{`{"a":"b + c % d"}`, "é€ \n\t", ""} {
		if got := document(url.PathEscape(doc)); got != doc {
			t.Errorf("%q: %q", doc, got)
		}
	}
	if got := document("100%"); got != "100%" {
		t.Errorf("%q", got)
	}
}

func TestParentIn(t *testing.T) {
	for _, c := range []struct{ path, id, want string }{
		{"o-a/r-b/ou-b-1/ou-b-2/111111111111/", "111111111111", "ou-b-2"},
		{"o-a/r-b/111111111111/", "111111111111", "r-b"},
		{"o-a/r-b/ou-b-1", "111111111111", "ou-b-1"},
		{"o-a/111111111111/", "111111111111", ""},
		{"", "111111111111", ""},
		{"/", "", ""},
	} {
		if got := parentIn(c.path, c.id); got != c.want {
			t.Errorf("%q: %q, want %q", c.path, got, c.want)
		}
	}
}
