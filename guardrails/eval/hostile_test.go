package eval_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// within fails if f takes longer than limit, which is far more than it needs.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if d := time.Since(start); d > limit {
		t.Errorf("%s takes %v", what, d)
	}
}

func TestPatternsTakeNoExponentialTime(t *testing.T) {
	long := strings.Repeat("a", 20_000)
	for _, p := range []string{"*a*a*a*a*b", strings.Repeat("a*", 200) + "b", strings.Repeat("?*", 200) + "b"} {
		d := document(t, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":%[1]q,"Resource":"*"},{"Effect":"Allow","Action":"s3:%[1]s","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":%[1]q},
			{"Effect":"Allow","Action":"*","Resource":"arn:%[1]s:%[1]s:*:*:%[1]s"},
			{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:a":[%[1]q,"${aws:b}%[1]s"]},"ArnLike":{"aws:c":"arn:aws:s3:::%[1]s"}}}]}`, p))
		s := compile(t, member, eval.Policies{Identity: []eval.Document{d}})
		within(t, 10*time.Second, p[:min(len(p), 20)], func() {
			r := &eval.Request{Principal: alice, Action: "s3:" + long, Resource: "arn:aws:s3:x:y:" + long, Context: map[string][]string{"aws:a": {long}, "aws:b": {long}, "aws:c": {"arn:aws:s3:::" + long}}}
			if got := s.Authorize(r).Decision; got != eval.ImplicitlyDenied {
				t.Errorf("%.20s: %v", p, got)
			}
		})
	}
}

func TestTenThousandStatements(t *testing.T) {
	var b strings.Builder
	b.WriteString(allowAll)
	for i := range 10_000 {
		fmt.Fprintf(&b, `,{"Sid":"S%d","Effect":"Deny","Action":["s3:Delete*","svc%d:*"],"Resource":"arn:aws:s3:::b%d/*","Condition":{"StringEquals":{"aws:PrincipalTag/t%d":["a","b"]}}}`, i, i, i, i)
	}
	within(t, 30*time.Second, "10,000 statements", func() {
		s := compile(t, member, eval.Policies{Identity: documents(t, b.String())})
		r := &eval.Request{Principal: alice, Action: "s3:DeleteObject", Resource: "arn:aws:s3:::b9999/x", Context: map[string][]string{"aws:principaltag/T9999": {"b"}}}
		if got := s.Authorize(r).Decision; got != eval.ExplicitlyDenied {
			t.Error(got)
		}
		if x := s.Explain(r); len(x.Reasons) != 2 || x.Reasons[1].Sid != "S9999" {
			t.Errorf("%+v", x.Reasons)
		}
		r.Context["aws:principaltag/T9999"] = []string{"c"}
		if got := s.Authorize(r).Decision; got != eval.Allowed {
			t.Error(got)
		}
	})
}

func TestTenMegabytes(t *testing.T) {
	values := make([]string, 200_000)
	for i := range values {
		values[i] = fmt.Sprintf("%q", fmt.Sprintf("arn:aws:iam::%012d:role/some-role-with-a-long-name", i))
	}
	src := `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":[` + strings.Join(values, ",") + `]}}}`
	if len(src) < 10_000_000 {
		t.Fatal("the policy is too short")
	}
	within(t, 30*time.Second, "10 MB", func() {
		s := compile(t, member, eval.Policies{Identity: documents(t, src)})
		r := &eval.Request{Principal: alice, Action: "s3:GetObject", Context: map[string][]string{"aws:PrincipalArn": {"arn:aws:iam::000000199999:role/some-role-with-a-long-name"}}}
		if got := s.Authorize(r).Decision; got != eval.Allowed {
			t.Error(got)
		}
	})
}

func TestOddBytes(t *testing.T) {
	for _, odd := range []string{"\x00", "\xff\xfe", "a\x00b", "\xed\xa0\x80", "é", "\u202e", strings.Repeat("x", 100_000)} {
		d := eval.Document{Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{
			Effect: policy.Allow, Action: policy.Values{"s3:" + odd}, Resource: policy.Values{"arn:aws:s3:::" + odd, odd + "${" + odd + "}*"},
			Condition: policy.Conditions{"StringLike": {"aws:" + odd: {odd, "?" + odd}}},
		}}}}
		s := compile(t, member, eval.Policies{Identity: []eval.Document{d}})
		r := &eval.Request{Principal: alice, Action: "s3:" + odd, Resource: "arn:aws:s3:::" + odd, Context: map[string][]string{"aws:" + odd: {odd}}}
		if got := s.Authorize(r).Decision; got != eval.Allowed {
			t.Errorf("%.20q: %v", odd, got)
		}
		r.Resource += "x"
		if got := s.Authorize(r).Decision; got != eval.ImplicitlyDenied {
			t.Errorf("%.20q and x: %v", odd, got)
		}
	}
}

// What AWS would refuse, or what has no meaning, is an error that says where.
func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct {
		set  setting
		want string
	}{
		{setting{identity: allowAll + `,{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringMatches":{"aws:a":"b"}}}`}, `identity, document 1, statement 2: no condition operator is named "StringMatches"`},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"aws:a":"true"}}}`}, `identity, document 1, statement 1: no condition operator is named "NullIfExists"`},
		{setting{identity: `{"Effect":"Allow","Action":"*"}`}, `identity, document 1, statement 1: there is neither Resource nor NotResource`},
		{setting{scp: grant(`"*"`)}, `scp of r-1, document 1, statement 1: there is a Principal, which a policy of the layer scp does not have`},
		{setting{boundary: effect("Deny", `"NotPrincipal":"*"`)}, `boundary, document 1, statement 1: there is a Principal, which a policy of the layer boundary does not have`},
		{setting{resource: allowAll}, `resource, document 1, statement 1: a resource policy names its principals, and there are none`},
		{setting{vpce: `{"Effect":"Deny","Action":"*"}`}, `vpce, document 1, statement 1: there is neither Resource nor NotResource`},
	} {
		_, err := eval.Compile(member, c.set.policies(t))
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, not %s", err, c.want)
		}
	}
	for _, s := range []policy.Statement{
		{},
		{Effect: "allow", Action: policy.Values{"*"}, Resource: policy.Values{"*"}},
		{Effect: policy.Allow, Resource: policy.Values{"*"}},
		{Effect: policy.Allow, Action: policy.Values{"*"}, NotAction: policy.Values{"*"}, Resource: policy.Values{"*"}},
		{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}, NotResource: policy.Values{"*"}},
	} {
		if _, err := eval.Compile(member, eval.Policies{Identity: []eval.Document{{Name: "n", Policy: policy.Document{Statements: []policy.Statement{s}}}}}); err == nil || !strings.Contains(err.Error(), `document 1 ("n")`) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestRequestsThatAWSCouldNotHaveSeen(t *testing.T) {
	good := eval.Request{Principal: alice, Action: "s3:GetObject", Resource: object, Context: map[string][]string{"aws:a": {"1"}, "aws:b": nil}}
	for _, principal := range append(someCallers, "accounts.google.com", "arn:aws:iam::222222222222:saml-provider/x", "arn:aws:iam::222222222222:oidc-provider/a.b/c", "cognito-identity.amazonaws.com") {
		r := good
		r.Principal = principal
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
	for want, change := range map[string]func(*eval.Request){
		`the action "s3" is not of the form service:Action`: func(r *eval.Request) { r.Action = "s3" },
		`the action ":x" is not of the form service:Action`: func(r *eval.Request) { r.Action = ":x" },
		`the condition keys "AWS:a" and "aws:a" are the same`: func(r *eval.Request) {
			r.Context = map[string][]string{"aws:a": {"1"}, "AWS:a": {"2"}}
		},
		`the principal "alice" is neither`:                                 func(r *eval.Request) { r.Principal = "alice" },
		`the principal "arn:aws:s3:::bucket" is neither`:                   func(r *eval.Request) { r.Principal = "arn:aws:s3:::bucket" },
		`the principal "arn:aws:iam::222222222222:group/g" is neither`:     func(r *eval.Request) { r.Principal = "arn:aws:iam::222222222222:group/g" },
		`the principal "arn:aws:sts::222222222222:assumed-role/R" is neit`: func(r *eval.Request) { r.Principal = "arn:aws:sts::222222222222:assumed-role/R" },
	} {
		r := good
		change(&r)
		if err := r.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

// Of one key in two spellings that of the policy counts, else the first in
// byte order; whatever the order of the map.
func TestKeysGivenTwice(t *testing.T) {
	s := compile(t, member, eval.Policies{Identity: documents(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:Key":"policy"},"StringLike":{"AWS:KEY":"first"}}}`)})
	for range 50 {
		r := &eval.Request{Principal: alice, Action: "s3:GetObject", Context: map[string][]string{"aws:Key": {"policy"}, "aws:key": {"last"}, "Aws:key": {"first"}}}
		if got := s.Authorize(r).Decision; got != eval.Allowed {
			t.Fatal(got)
		}
		r.Unknown = []string{"aws:other"} // the keys are then looked up another way
		if got := s.Authorize(r).Decision; got != eval.Allowed {
			t.Fatal(got)
		}
	}
}
