package policy

import (
	"slices"
	"strings"
	"testing"
)

var someRules = Rules{RCPServices: []string{"s3", "sts", "sqs"}}

// validated is what Check says of a source, a line each.
func validated(kind Kind, src string) string {
	_, ds := Check("p.json", []byte(src), kind, someRules)
	return show(ds)
}

func TestValidateTakesWhatAWSTakes(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		src  string
	}{
		{ServiceControlPolicy, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","NotResource":["arn:aws:s3:::a/*","*"]}]}`},
		{ServiceControlPolicy, `{"Version":"2012-10-17","Statement":{"Sid":"A1","Effect":"Deny","Action":["*:Get*","ec2:*Image*","*"],"Resource":"arn:aws:iam::*:role/${aws:PrincipalTag/team}",
			"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:*:iam::*:role/x","arn:aws:iam::${aws:PrincipalAccount}:role/y"]},"Bool":{"aws:MultiFactorAuthPresent":[false]},
			"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"x"},"DateGreaterThan":{"aws:CurrentTime":["2026-11-22T00:00:00Z","2026-11-22","1700000000"]},
			"NotIpAddress":{"aws:SourceIp":["198.51.100.0/24","2001:db8::1","10.0.0.0/8"]},"StringEquals":{"token.actions.githubusercontent.com:sub":"x","aws:SourceVpc":"vpc-0123456789abcdef0","aws:ResourceTag/cost center":"${aws:username, 'none'}${*}"}}}}`},
		{ResourceControlPolicy, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*","S3:Get?bject"],"Resource":"*"}]}`},
		{IdentityPolicy, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:iam::{{id:account:management}}:role/x"}]}`},
		{TrustPolicy, `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:iam::123456789012:root","arn:aws:iam::123456789012:role/a/b"],"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},
			{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML"},
			{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity"},
			{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`},
	} {
		d, ds := Parse("p.json", []byte(c.src))
		if ds != nil {
			t.Fatal(ds)
		}
		if ds := Validate(d, c.kind, someRules); ds != nil {
			t.Errorf("%s\n%s%s", c.src, show(ds), ds[0].Hint)
		}
	}
}

// Each mistake stands alone in a document that is right otherwise.
func TestValidateLocatesEveryMistake(t *testing.T) {
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	for _, c := range []struct {
		name string
		kind Kind
		src  string
		want string // code and text, without the place
	}{
		{"scp principal", ServiceControlPolicy, statement(`{"Effect":"Deny","Principal":"*","Action":"a:b","Resource":"*"}`), "GR120 statement 1: a service control policy has no Principal"},
		{"scp not principal", ServiceControlPolicy, statement(`{"Sid":"X","Effect":"Deny","NotPrincipal":"*","Action":"a:b","Resource":"*"}`), "GR120 statement X: a service control policy has no NotPrincipal"},
		{"scp version", ServiceControlPolicy, `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Action":"a:b","Resource":"*"}]}`, "GR120 a service control policy needs the version 2012-10-17"},
		{"scp resource", ServiceControlPolicy, statement(`{"Effect":"Deny","Action":"a:b"}`), "GR106 statement 1: a service control policy needs Resource or NotResource in every statement"},
		{"no statements", ServiceControlPolicy, statement(``), "GR106 a service control policy has no statements"},
		{"rcp allow", ResourceControlPolicy, statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`), "GR121 statement 1: a resource control policy has no Allow"},
		{"rcp principal", ResourceControlPolicy, statement(`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}`), `GR121 statement 1: a resource control policy has the principal "*", and no other`},
		{"rcp no principal", ResourceControlPolicy, statement(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`), `GR121 statement 1: a resource control policy has the principal "*", and no other`},
		{"rcp not action", ResourceControlPolicy, statement(`{"Effect":"Deny","Principal":"*","NotAction":["s3:*","sts:*"],"Resource":"*"}`), "GR121 statement 1: a resource control policy has no NotAction"},
		{"rcp star", ResourceControlPolicy, statement(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), `GR121 statement 1: a resource control policy may not name the action "*" alone`},
		{"rcp service", ResourceControlPolicy, statement(`{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*"}`), `GR121 statement 1: resource control policies do not know the service "sns"`},
		{"identity principal", IdentityPolicy, statement(`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}`), "GR122 statement 1: an identity policy has no Principal"},
		{"boundary resource", PermissionsBoundary, statement(`{"Effect":"Deny","Action":"s3:*"}`), "GR106 statement 1: a permissions boundary needs Resource or NotResource in every statement"},
		{"trust resource", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Resource":"*"}`), "GR123 statement 1: a trust policy has no Resource"},
		{"trust everyone", TrustPolicy, statement(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`), "GR123 statement 1: a trust policy that trusts everyone is refused"},
		{"trust everyone's accounts", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`), "GR123 statement 1: a trust policy that trusts everyone is refused"},
		{"trust wildcard", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/*"},"Action":"sts:AssumeRole"}`), `GR123 statement 1: the principal "arn:aws:iam::123456789012:role/*" holds a wildcard, which is not one there`},
		{"trust nobody", TrustPolicy, statement(`{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}`), "GR109 statement 1: the Principal holds nobody"},
		{"trust action", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["sts:AssumeRole","s3:*"]}`), `GR123 statement 1: a trust policy holds actions of AWS STS only, not "s3:*"`},
		{"trust mismatch", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","sts:AssumeRoleWithSAML"]}`), "GR123 statement 1: the principals of this statement cannot call sts:AssumeRoleWithSAML"},
		{"trust id", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE12"},"Action":"sts:AssumeRole"}`), `GR109 statement 1: the principal "AROAEXAMPLEEXAMPLE12" is the id of a user or role that was deleted, or will be nobody's once it is`},
		{"trust service", TrustPolicy, statement(`{"Effect":"Allow","Principal":{"Service":"ec2"},"Action":"sts:AssumeRole"}`), `GR109 statement 1: "ec2" is no service principal`},
		{"trust not principal", TrustPolicy, statement(`{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}`), ""},
		{"sid", ServiceControlPolicy, statement(`{"Sid":"a b","Effect":"Deny","Action":"a:b","Resource":"*"}`), `GR108 statement a b: the Sid "a b" has other characters`},
		{"sid twice", IdentityPolicy, statement(`{"Sid":"a","Effect":"Deny","Action":"a:b","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"a:b","Resource":"*"}`), "GR108 statement a: the Sid is also that of statement 1"},
		{"action", IdentityPolicy, statement(`{"Effect":"Deny","Action":["s3:Get Object"],"Resource":"*"}`), `GR113 statement 1: "s3:Get Object" is no action`},
		{"action without service", IdentityPolicy, statement(`{"Effect":"Deny","Action":"GetObject","Resource":"*"}`), `GR113 statement 1: "GetObject" is no action`},
		{"action variable", IdentityPolicy, statement(`{"Effect":"Deny","Action":"${aws:username}:x","Resource":"*"}`), "GR111 statement 1: Action may hold no policy variable"},
		{"empty action", IdentityPolicy, statement(`{"Effect":"Deny","Action":[],"Resource":"*"}`), "GR106 statement 1: Action holds nothing"},
		{"arn prefix", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"s3:::x"}`), `GR112 statement 1: "s3:::x" does not begin with arn:`},
		{"arn fields", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:x"}`), `GR112 statement 1: "arn:aws:s3:x" has 4 fields of an ARN's six`},
		{"arn case", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:S3:::x"}`), `GR112 statement 1: "arn:aws:S3:::x" spells the service "S3"`},
		{"arn account", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:iam::12345:role/x"}`), `GR112 statement 1: "arn:aws:iam::12345:role/x" has "12345" for an account id`},
		{"operator", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"StringEqual":{"a:b":"c"}}}`), `GR110 statement 1: no condition operator is named "StringEqual"`},
		{"null if exists", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}}`), `GR110 statement 1: no condition operator is named "NullIfExists"`},
		{"key", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Bool":{"SecureTransport":"true"}}}`), `GR110 statement 1: "SecureTransport" is no condition key`},
		{"key of a tag", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag":"x"}}}`), "GR110 statement 1: aws:ResourceTag has no key of a tag"},
		{"keys twice", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"x","aws:principalarn":"y"}}}`), `GR110 statement 1: the condition keys "aws:PrincipalArn" and "aws:principalarn" are the same`},
		{"two booleans", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":[true,false]}}}`), "GR110 statement 1: Bool takes one value, and has 2"},
		{"no boolean", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"yes"}}}`), `GR110 statement 1: Bool compares with "yes"`},
		{"no number", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NumericLessThan":{"aws:x":"ten"}}}`), `GR110 statement 1: NumericLessThan compares with "ten"`},
		{"no date", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"22.11.2026"}}}`), `GR110 statement 1: DateLessThan compares with "22.11.2026"`},
		{"no address", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/33"}}}`), `GR110 statement 1: IpAddress compares with "198.51.100.0/33"`},
		{"private address", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.1.1"]}}}`), "GR110 statement 1: aws:SourceIp is always a public address, and the values are private"},
		{"vpc", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`), `GR110 statement 1: aws:SourceVpc compares with "vpc-1"`},
		{"variable in a number", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NumericEquals":{"a:b":"${aws:EpochTime}"}}}`), "GR111 statement 1: NumericEquals takes no policy variable"},
		{"open variable", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${aws:username"}`), "GR111 statement 1: a policy variable is not closed"},
		{"empty variable", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${}"}`), "GR111 statement 1: a policy variable is empty"},
		{"space in a variable", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${aws: username}"}`), "GR111 statement 1: the policy variable ${aws: username} holds a space"},
		{"default without quotes", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${aws:username, none}"}`), "GR111 statement 1: the default of the policy variable ${aws:username, none} is not in quotes"},
		{"variable of an old version", IdentityPolicy, `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::${aws:username}"}]}`, "GR111 statement 1: policy variables need the version 2012-10-17; without it ${ is text"},
		{"no version", IdentityPolicy, `{"Statement":[{"Effect":"Deny","Action":"a:b","Resource":"*"}]}`, "GR108 without a Version the old policy language of 2008 holds, which has no variables"},
		{"characters", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:s3:::漢"}`), "GR108 the document holds a character that IAM does not take"},
		{"braces", IdentityPolicy, statement(`{"Effect":"Deny","Action":"a:b","Resource":"arn:aws:iam::{{id:root}}:role/x"}`), "GR114 a document of your own holds {{"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := validated(c.kind, c.src)
			if c.want == "" { // Principal and NotPrincipal together are the parser's
				if !strings.Contains(got, "GR107") {
					t.Error(got)
				}
				return
			}
			place, text, _ := strings.Cut(strings.TrimSuffix(got, "\n"), " ")
			if text != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if place == "0:0-0:0" {
				t.Error("it has no place")
			}
		})
	}
}

func TestCheckUnderlinesTheValue(t *testing.T) {
	const src = `{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": ["s3:GetObject", "GetBucket"],
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}, "StringLik": {"a:b": "c"}}
  }
}`
	const want = `5:32-5:43 GR113 statement 1: "GetBucket" is no action
7:28-7:49 GR110 statement 1: Bool takes one value, and has 2
7:71-7:82 GR110 statement 1: no condition operator is named "StringLik"
`
	if got := validated(ServiceControlPolicy, src); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestSplitARN(t *testing.T) {
	for in, want := range map[string]string{
		"arn:aws:iam::123456789012:role/a:b":                   "arn|aws|iam||123456789012|role/a:b",
		"arn:aws:iam::{{id:account:x}}:role/y":                 "arn|aws|iam||{{id:account:x}}|role/y",
		"arn:${aws:Partition}:iam::${aws:PrincipalAccount}:xx": "arn|${aws:Partition}|iam||${aws:PrincipalAccount}|xx",
		"*":        "*",
		"arn:${a:": "arn|${a|",
	} {
		if got := strings.Join(SplitARN(in), "|"); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func FuzzValidate(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"a:${b}","Resource":"arn:aws:iam::${:${x"}]}`,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*","A{{id:"]},"Action":"sts:*","Condition":{"Null":{"a:b":[true]}}}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, kind := range Kinds() {
			_, ds := Check("f", src, kind, someRules)
			for _, d := range ds {
				if d.Range.Start.Line < 1 || d.Range.End.Byte > len(src) || d.Summary == "" {
					t.Fatalf("%+v", d)
				}
			}
		}
	})
}

// Who is denied to assume a role is not trusted with it.
func TestATrustPolicyMayDenyEveryone(t *testing.T) {
	for _, s := range []string{
		`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`,
		`{"Effect":"Deny","Principal":{"AWS":"*","Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`,
	} {
		if _, ds := Check("trust.json", []byte(`{"Version":"2012-10-17","Statement":[`+s+`]}`), TrustPolicy, Rules{}); len(ds) > 0 {
			t.Errorf("%s: %v", s, ds)
		}
	}
}

func TestStatementRanges(t *testing.T) {
	src := "{\"Version\":\"2012-10-17\",\n\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Deny\",\"Action\":\"*\"},\n {\"Effect\":\"Deny\",\"Action\":\"*\"}]}"
	var got []string
	for _, r := range StatementRanges("p.json", []byte(src)) {
		got = append(got, r.String())
	}
	if want := []string{"p.json:2:21", "p.json:3:2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := StatementRanges("p.json", []byte("none")); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
