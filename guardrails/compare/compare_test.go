package compare

import (
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// parsed is a set of one document with the statements, given as JSON.
func parsed(t testing.TB, statements string) []eval.Level {
	t.Helper()
	src := `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
	d, ds := policy.Parse("p.json", []byte(src))
	if ds.HasErrors() {
		t.Fatalf("%s: %v", src, ds)
	}
	return []eval.Level{{Policies: []eval.Document{{Name: "p.json", Policy: d}}}}
}

// deny is a denial beside an Allow of everything.
func deny(elements string) string {
	return `{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", ` + elements + `}`
}

func TestRelations(t *testing.T) {
	on := func(condition string) string {
		return deny(`"Action": "s3:*", "Resource": "*", "Condition": {` + condition + `}`)
	}
	for _, c := range []struct {
		name, a, b string
		want       Relation
	}{
		{"nothing", ``, ``, Equal},
		{"* and *:*", deny(`"Action": "*", "Resource": "*"`), deny(`"Action": "*:*", "Resource": "*"`), Equal},
		{"case of actions", deny(`"Action": "s3:getobject", "Resource": "*"`), deny(`"Action": "S3:GetObject", "Resource": "*"`), Equal},
		{"a list and its wildcard", deny(`"Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"`), deny(`"Action": "s3:Get*", "Resource": "*"`), Equal},
		{"two wildcards that make one", deny(`"Action": ["s3:?*x", "s3:x"], "Resource": "*"`), deny(`"Action": "s3:*x", "Resource": "*"`), Equal},
		{"one statement in two", deny(`"Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"`),
			deny(`"Action": "s3:PutObject", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"`), Equal},
		{"Action and NotAction", deny(`"Action": "*", "Resource": "*"`), deny(`"NotAction": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"`), Equal},
		{"resources of two fields", deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b*"`), deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b/*"`), Wider},
		{"every ARN is not every resource", deny(`"Action": "s3:*", "Resource": "*"`), deny(`"Action": "s3:*", "Resource": "arn:*"`), Wider},
		{"two halves of a condition", on(`"StringEquals": {"aws:RequestedRegion": "a"}`) + "," + `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "a"}}}`,
			deny(`"Action": "s3:*", "Resource": "*"`), Equal},
		{"IfExists", on(`"StringEquals": {"aws:RequestedRegion": "a"}`), on(`"StringEqualsIfExists": {"aws:RequestedRegion": "a"}`), Narrower},
		{"IfExists of a negation", on(`"StringNotEquals": {"aws:RequestedRegion": "a"}`), on(`"StringNotEqualsIfExists": {"aws:RequestedRegion": "a"}`), Equal},
		{"case of keys", on(`"StringNotEquals": {"aws:RequestedRegion": "a"}`), on(`"StringNotEquals": {"AWS:requestedregion": "a"}`), Equal},
		{"case of values", on(`"StringEquals": {"aws:RequestedRegion": "a"}`), on(`"StringEqualsIgnoreCase": {"aws:RequestedRegion": "A"}`), Narrower},
		{"ARNs and text", on(`"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}`), on(`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}`), Wider},
		{"a boolean of two values", on(`"Bool": {"aws:SecureTransport": "false"}`), on(`"StringNotEqualsIfExists": {"aws:SecureTransport": "true"}, "Null": {"aws:SecureTransport": "false"}`), Equal},
		{"numbers as they are spelled", on(`"NumericLessThan": {"aws:MultiFactorAuthAge": "1.50"}`), on(`"NumericLessThan": {"aws:MultiFactorAuthAge": "1.5"}`), Equal},
		{"less and not more", on(`"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "3600"}`), on(`"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}`), Wider},
		{"a range in two", on(`"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}`), on(`"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "10.128.0.0/9"]}`), Equal},
		{"a range with a hole", on(`"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}`), on(`"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/11"]}`), Wider},
		{"a date and its zone", on(`"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}`), on(`"DateLessThan": {"aws:CurrentTime": "2026-01-01T01:00:00+01:00"}`), Equal},
		{"a nanosecond", on(`"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}`), on(`"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00.000000001Z"}`), Narrower},
		{"each value and any", on(`"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}`), on(`"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}`), Different},
		{"not any is all not", on(`"ForAllValues:StringNotEquals": {"aws:TagKeys": "a"}`) + "," + `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}}`,
			deny(`"Action": "s3:*", "Resource": "*"`), Equal},
		{"a variable and anything", deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"`), deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b/*"`), Narrower},
		{"two variables", deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}"`), deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:userid}"`), Different},
		{"a variable whose value is asked for", on(`"StringEquals": {"aws:username": "x", "aws:userid": "x"}`), on(`"StringEquals": {"aws:username": "x", "aws:userid": "${aws:username}"}`), Unknown},
		{"service-linked roles", on(`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}`), on(`"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/x", "arn:aws:iam::*:role/aws-service-role/*"]}`), Equal},
		{"a text and a number", on(`"StringEquals": {"my:n": ["1", "1.0"]}`), on(`"NumericEquals": {"my:n": "1"}, "StringLike": {"my:n": "1*"}`), Narrower},
		{"a text like a number", on(`"StringLike": {"my:n": "1*"}, "NumericEquals": {"my:n": "1"}`), on(`"NumericEquals": {"my:n": "1"}, "StringLike": {"my:n": ["1*", "2*"]}`), Unknown},
	} {
		for turned, sets := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			want := c.want
			if turned == 1 {
				want = map[Relation]Relation{Wider: Narrower, Narrower: Wider}[want]
				if want == "" {
					want = c.want
				}
			}
			r, err := Compare(policy.ServiceControlPolicy, parsed(t, sets[0]), parsed(t, sets[1]), Options{})
			if err != nil || r.Relation != want {
				t.Errorf("%s (turned round: %d): %s, want %s; %+v %+v %v", c.name, turned, r.Relation, want, r.Lost, r.Gained, err)
			}
		}
	}
}

func TestLevelsMustAllAllow(t *testing.T) {
	level := func(statements string) eval.Level { return parsed(t, statements)[0] }
	s3, ec2 := level(`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`), level(`{"Effect": "Allow", "Action": ["ec2:*", "s3:Get*"], "Resource": "*"}`)
	both := level(`{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}`)
	r, err := Compare(policy.ServiceControlPolicy, []eval.Level{s3, ec2}, []eval.Level{both}, Options{})
	if err != nil || r.Relation != Equal {
		t.Errorf("%+v %v", r, err)
	}
	if r, _ = Compare(policy.ServiceControlPolicy, []eval.Level{s3, ec2}, []eval.Level{ec2}, Options{}); r.Relation != Wider {
		t.Errorf("%+v", r)
	}
}

func TestRCPsReachTheirServicesAlone(t *testing.T) {
	rcp := func(elements string) []eval.Level {
		return parsed(t, `{"Effect": "Deny", "Principal": "*", `+elements+`}`)
	}
	for _, c := range []struct {
		a, b string
		want Relation
	}{
		{`"Action": "*", "Resource": "*"`, `"Action": ["*", "ec2:*"], "Resource": "*"`, Equal},
		{`"Action": "ec2:*", "Resource": "*"`, `"Action": "iam:*", "Resource": "*"`, Equal},
		{`"Action": "kms:*", "Resource": "*"`, `"NotAction": ["s3:*", "sts:*"], "Resource": "*"`, Narrower},
		{`"Action": "kms:*", "Resource": "*"`, `"Action": ["kms:RetireGrant", "kms:*"], "NotResource": "arn:aws:kms:*:*:alias/aws/*"`, Equal},
	} {
		if r, err := Compare(policy.ResourceControlPolicy, rcp(c.a), rcp(c.b), Options{}); err != nil || r.Relation != c.want {
			t.Errorf("%s and %s: %+v %v", c.a, c.b, r, err)
		}
	}
}

// A list of all actions that a wildcard matches is narrower than it, unless
// only those count that AWS has.
func TestKnownActions(t *testing.T) {
	wild, list := deny(`"Action": "account:*Region", "Resource": "*"`), deny(`"Action": ["account:DisableRegion", "account:EnableRegion"], "Resource": "*"`)
	r, err := Compare(policy.ServiceControlPolicy, parsed(t, wild), parsed(t, list), Options{})
	if err != nil || r.Relation != Wider || r.Gained.Witness.ActionKnown {
		t.Errorf("%+v %v", r, err)
	}
	if r, _ = Compare(policy.ServiceControlPolicy, parsed(t, wild), parsed(t, list), Options{KnownActions: true}); r.Relation != Equal {
		t.Errorf("%+v", r)
	}
	more := deny(`"Action": "account:*", "Resource": "*"`)
	if r, _ = Compare(policy.ServiceControlPolicy, parsed(t, wild), parsed(t, more), Options{KnownActions: true}); r.Relation != Narrower || !r.Lost.Witness.ActionKnown {
		t.Errorf("%+v", r)
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, c := range []struct {
		kind             policy.Kind
		statements, want string
	}{
		{policy.TrustPolicy, ``, `documents of the kind "TRUST_POLICY" cannot be compared`},
		{policy.ServiceControlPolicy, deny(`"Action": "*", "Resource": "*", "Condition": {"StringIs": {"a:b": "c"}}`), `no condition operator is named "StringIs"`},
		{policy.ServiceControlPolicy, deny(`"Action": "*", "Resource": "*", "Principal": "*"`), "there is a Principal"},
		{policy.ResourceControlPolicy, `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "222222222222"}}`, "a principal other than"},
	} {
		if _, err := Compare(c.kind, parsed(t, c.statements), nil, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// Policies that were made to be hard end in time, and are unknown.
func TestHostileSetsEndInTime(t *testing.T) {
	hard := "arn:aws:s3:::" + strings.Repeat("*a", 20) + strings.Repeat("?", 40)
	wide := func(n int, f func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, f(i))
		}
		return strings.Join(all, ",")
	}
	quoted := func(s string) string { return `"` + s + `"` }
	letters := func(i int) string { return string([]byte{byte('a' + i%26), byte('a' + i/26%26), byte('a' + i/676%26)}) }
	for _, c := range []struct{ name, a, b string }{
		{"wildcards", deny(`"Action": "*", "Resource": [` + quoted(hard) + `, "arn:aws:s3:::*b` + strings.Repeat("?", 60) + `"]`),
			deny(`"Action": "*", "Resource": "arn:aws:s3:::*b` + strings.Repeat("?", 61) + `"`)},
		{"many patterns", deny(`"Action": "*", "Resource": [` + wide(300, func(i int) string { return quoted("arn:aws:s3:::*" + letters(i) + "*?") }) + `]`),
			deny(`"Action": "*", "Resource": [` + wide(300, func(i int) string { return quoted("arn:aws:s3:::*" + letters(i+1) + "*?") }) + `]`)},
		{"many statements", deny(wide(3000, func(i int) string {
			return `"Action": "s3:*` + letters(i) + `*", "Resource": "*", "Condition": {"StringNotLike": {"my:` + letters(i%50) + `": "*` + letters(i) + `"}}}, {"Effect": "Deny"`
		}) + `, "Action": "a:b", "Resource": "*"`), deny(`"Action": "*", "Resource": "*", "Condition": {"StringLike": {"my:a": "*"}}`)},
		{"many levels of choice", wide(40, func(i int) string {
			return `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"my:` + letters(i) + `": "*x", "my:` + letters(i+1) + `": "y*"}}}`
		}), wide(40, func(i int) string {
			return `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"my:` + letters(i) + `": "*x", "my:` + letters(i+1) + `": "yy*"}}}`
		})},
		{"a large number", deny(`"Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"my:n": "1e999999999"}}`),
			deny(`"Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"my:n": "2e999999999"}}`)},
		{"variables", deny(`"Action": "*", "Resource": "arn:aws:s3:::` + strings.Repeat("${aws:username}${aws:userid}", 30) + `"`),
			deny(`"Action": "*", "Resource": "arn:aws:s3:::` + strings.Repeat("${aws:userid}${aws:username}", 30) + `"`)},
	} {
		began := time.Now()
		r, err := Compare(policy.ServiceControlPolicy, parsed(t, c.a), parsed(t, c.b), Options{})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		t.Logf("%s: %s in %v; %s %s", c.name, r.Relation, took.Round(time.Millisecond), r.Lost.Unknown, r.Gained.Unknown)
		if took > 20*time.Second {
			t.Errorf("%s took %v", c.name, took)
		}
	}
}
