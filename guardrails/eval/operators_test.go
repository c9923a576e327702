package eval_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// holds says whether a statement with a condition matches a request. Context
// is JSON: keys and strings or lists of them.
func holds(t *testing.T, version, condition, context string, unknown ...string) eval.Decision {
	t.Helper()
	d := document(t, `{"Version":"`+version+`","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":`+condition+`}}`)
	s := compile(t, eval.Organization{}, eval.Policies{Identity: []eval.Document{d}})
	return s.Authorize(&eval.Request{Principal: alice, Action: "s3:GetObject", Resource: "*", Context: contextOf(t, context), Unknown: unknown}).Decision
}

func contextOf(t *testing.T, src string) map[string][]string {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal([]byte(src), &raw); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	out := map[string][]string{}
	for k, v := range raw {
		out[k] = []string{}
		switch v := v.(type) {
		case string:
			out[k] = []string{v}
		case []any:
			for _, item := range v {
				out[k] = append(out[k], item.(string))
			}
		default:
			t.Fatalf("%s: %v", k, v)
		}
	}
	return out
}

// A row has a condition's operator and values, a value of the request, and
// whether they match. Each row is tried with the operator and, where it has a
// negation, with that, which must say the opposite.
type row struct {
	operator, policy, request string
	want                      bool
}

var negations = map[string]string{
	"StringEquals": "StringNotEquals", "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase", "StringLike": "StringNotLike",
	"NumericEquals": "NumericNotEquals", "DateEquals": "DateNotEquals", "ArnEquals": "ArnNotEquals", "ArnLike": "ArnNotLike", "IpAddress": "NotIpAddress",
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operatorRows = []row{
	// String: exact, case-sensitive; wildcards in StringLike alone.
	{"StringEquals", `"john"`, `"john"`, true},
	{"StringEquals", `"john"`, `"John"`, false},
	{"StringEquals", `"jo*"`, `"john"`, false},
	{"StringEquals", `"jo*"`, `"jo*"`, true},
	{"StringEquals", `["a","b"]`, `"b"`, true},
	{"StringEquals", `["a","b"]`, `"c"`, false},
	{"StringEquals", `[]`, `"c"`, false},
	{"StringEquals", `""`, `""`, true},
	{"StringEquals", `"10"`, `"10.0"`, false},
	{"StringEquals", `["1","2","3","4","5","6","7","8","9"]`, `"9"`, true},
	{"StringEquals", `["1","2","3","4","5","6","7","8","9"]`, `"0"`, false},
	{"StringEqualsIgnoreCase", `"john"`, `"JOHN"`, true},
	{"StringEqualsIgnoreCase", `"ÄRGER"`, `"ärger"`, true},
	{"StringEqualsIgnoreCase", `"john"`, `"joh"`, false},
	{"StringLike", `["","home/","home/john/*"]`, `""`, true},
	{"StringLike", `["","home/","home/john/*"]`, `"home/john/x/y"`, true},
	{"StringLike", `["","home/","home/john/*"]`, `"home/jane/"`, false},
	{"StringLike", `"t3.*"`, `"T3.micro"`, false},
	{"StringLike", `"t?.micro"`, `"t3.micro"`, true},
	{"StringLike", `"t?.micro"`, `"t.micro"`, false},
	{"StringLike", `"*:*"`, `"a:b"`, true},
	// Numeric: integers and decimals, as numbers.
	{"NumericEquals", `"10"`, `"10.0"`, true},
	{"NumericEquals", `10`, `"10"`, true},
	{"NumericEquals", `"9007199254740993"`, `"9007199254740992"`, false},
	{"NumericEquals", `"ten"`, `"ten"`, false},
	{"NumericEquals", `"10"`, `"ten"`, false},
	{"NumericLessThan", `"10"`, `"9"`, true},
	{"NumericLessThan", `"10"`, `"10"`, false},
	{"NumericLessThan", `"10"`, `"x"`, false},
	{"NumericLessThanEquals", `"10"`, `"10"`, true},
	{"NumericLessThanEquals", `"10"`, `"10.01"`, false},
	{"NumericGreaterThan", `"9"`, `"10"`, true},
	{"NumericGreaterThan", `"9"`, `"-10"`, false},
	{"NumericGreaterThanEquals", `["100","9"]`, `"9"`, true},
	{"NumericGreaterThanEquals", `"9"`, `"8.99"`, false},
	// Date: ISO 8601 or seconds since 1970, mixed.
	{"DateEquals", `"2026-11-22T00:00:00Z"`, `"1795305600"`, true},
	{"DateEquals", `"2026-11-22"`, `"2026-11-22T01:00:00+01:00"`, true},
	{"DateEquals", `"2026-11-22"`, `"yesterday"`, false},
	{"DateLessThan", `"2020-01-01T00:00:01Z"`, `"2020-01-01T00:00:00Z"`, true},
	{"DateLessThan", `"2020-01-01T00:00:01Z"`, `"2020-01-01T00:00:01Z"`, false},
	{"DateLessThanEquals", `"2020-01-01T00:00:01Z"`, `"2020-01-01T00:00:01Z"`, true},
	{"DateGreaterThan", `"2020-01-01T00:00:01Z"`, `"2020-01-01T00:00:01.5Z"`, true},
	{"DateGreaterThan", `"2020-01-01T00:00:01Z"`, `"2019"`, false},
	{"DateGreaterThanEquals", `"1577836801"`, `"2020-01-01T00:00:01Z"`, true},
	// Bool: true and false, in any case and also as JSON.
	{"Bool", `"true"`, `"true"`, true},
	{"Bool", `true`, `"TRUE"`, true},
	{"Bool", `"false"`, `"true"`, false},
	{"Bool", `"yes"`, `"yes"`, false},
	{"Bool", `"true"`, `"1"`, false},
	{"Bool", `"false"`, `""`, false},
	// Binary: the same base64.
	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, true},
	{"BinaryEquals", `"QmluYXJ5VmFsdWVJbkJhc2U2NA=="`, `"qmluYXJ5VmFsdWVJbkJhc2U2NA=="`, false},
	// IP address: ranges and single addresses of both versions.
	{"IpAddress", `"203.0.113.0/24"`, `"203.0.113.255"`, true},
	{"IpAddress", `"203.0.113.0/24"`, `"203.0.114.0"`, false},
	{"IpAddress", `"203.0.113.77/24"`, `"203.0.113.1"`, true},
	{"IpAddress", `"203.0.113.7"`, `"203.0.113.7"`, true},
	{"IpAddress", `"203.0.113.7"`, `"203.0.113.8"`, false},
	{"IpAddress", `"0.0.0.0/0"`, `"203.0.113.8"`, true},
	{"IpAddress", `"0.0.0.0/0"`, `"2001:db8::1"`, false},
	{"IpAddress", `"::/0"`, `"2001:db8::1"`, true},
	{"IpAddress", `"::/0"`, `"203.0.113.8"`, false},
	{"IpAddress", `["203.0.113.0/24","2001:DB8:1234:5678::/64"]`, `"2001:db8:1234:5678:0::ff"`, true},
	{"IpAddress", `"2001:DB8:1234:5678::/64"`, `"2001:db8:1234:5679::"`, false},
	{"IpAddress", `"2001:db8::1"`, `"2001:db8::1"`, true},
	{"IpAddress", `"2001:db8::1"`, `"2001:db8::2"`, false},
	{"IpAddress", `"203.0.113.0/24"`, `"::ffff:203.0.113.9"`, true},
	{"IpAddress", `"203.0.113.0/33"`, `"203.0.113.9"`, false},
	{"IpAddress", `"0.0.0.0/0"`, `"cloudformation.amazonaws.com"`, false},
	{"IpAddress", `"0.0.0.0/0"`, `"203.0.113.009"`, false},
	// ARN: six fields, each with wildcards, case-sensitive; ArnEquals is ArnLike.
	{"ArnEquals", `"arn:aws:sns:*:123456789012:topic"`, `"arn:aws:sns:eu-west-1:123456789012:topic"`, true},
	{"ArnLike", `"arn:aws:sns:*:123456789012:topic"`, `"arn:aws:sns:eu-west-1:123456789012:Topic"`, false},
	{"ArnLike", `"arn:aws:iam::*:role/x"`, `"arn:aws:iam::1:2:role/x"`, false},
	{"ArnLike", `"arn:aws:iam::*:*"`, `"arn:aws:iam::123456789012:role/a/b"`, true},
	{"ArnLike", `"arn:aws:iam::123456789012:role/?"`, `"arn:aws:iam::123456789012:role/ab"`, false},
	{"ArnLike", `"arn:aws:logs:*:*:log-group:*"`, `"arn:aws:logs:eu-west-1:1:log-group:a:*"`, true},
	{"ArnLike", `"*"`, `"arn:aws:iam::123456789012:root"`, true},
	{"ArnLike", `"arn:*"`, `"arn:aws:iam::123456789012:root"`, false},
	{"ArnLike", `"arn:aws:iam::123456789012:root"`, `"root"`, false},
	{"StringLike", `"arn:*:role/x"`, `"arn:aws:iam::1:2:role/x"`, true},
}

func TestOperators(t *testing.T) {
	try := func(operator string, r row, want bool) {
		t.Helper()
		got := holds(t, policy.Version2012, fmt.Sprintf(`{%q:{"aws:key":%s}}`, operator, r.policy), `{"AWS:Key":`+r.request+`}`)
		if (got == eval.Allowed) != want {
			t.Errorf("%s %s, %s: %v", operator, r.policy, r.request, got)
		}
	}
	seen := map[string]bool{"Null": true}
	for _, r := range operatorRows {
		try(r.operator, r, r.want)
		try(r.operator+"IfExists", r, r.want)
		try(strings.ToUpper(r.operator), r, r.want)
		seen[r.operator] = true
		if not, ok := negations[r.operator]; ok {
			seen[not] = true
			try(not, r, !r.want)
			try(not+"IfExists", r, !r.want)
		}
	}
	for _, op := range policy.Operators() {
		if !seen[op] {
			t.Errorf("no row for %s", op)
		}
	}
}

// What stands behind each operator and prefix, for a key that is missing, one
// with no values, one with an empty value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func TestMissingKeys(t *testing.T) {
	want := func(set string, negated, ifExists bool) bool {
		switch {
		case ifExists:
			return true
		case set == "":
			return negated
		}
		return set == "ForAllValues:"
	}
	for _, op := range policy.Operators() {
		if op == "Null" {
			continue
		}
		for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
			for _, suffix := range []string{"", "IfExists"} {
				cond := fmt.Sprintf(`{"%s%s%s":{"aws:key":["1","2001-01-01"]}}`, set, op, suffix)
				for _, ctx := range []string{`{}`, `{"aws:key":[]}`, `{"aws:other":"1"}`} {
					got := holds(t, policy.Version2012, cond, ctx) == eval.Allowed
					if want := want(set, strings.Contains(op, "Not"), suffix != ""); got != want {
						t.Errorf("%s with %s: %v", cond, ctx, got)
					}
				}
			}
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		condition, context string
		want               bool
	}{
		// Operators and keys: and. Values: or; of a negated operator: nor.
		{`{"StringEquals":{"aws:a":"1","aws:b":"2"}}`, `{"aws:a":"1","aws:b":"2"}`, true},
		{`{"StringEquals":{"aws:a":"1","aws:b":"2"}}`, `{"aws:a":"1","aws:b":"3"}`, false},
		{`{"StringEquals":{"aws:a":"1"},"NumericLessThan":{"aws:a":"1"}}`, `{"aws:a":"1"}`, false},
		{`{"StringNotEquals":{"aws:a":["1","2"]}}`, `{"aws:a":"2"}`, false},
		{`{"StringNotEquals":{"aws:a":["1","2"]}}`, `{"aws:a":"3"}`, true},
		{`{"StringNotEquals":{"aws:a":[]}}`, `{"aws:a":"3"}`, true},
		{`{}`, `{}`, true},
		{`{"StringEquals":{}}`, `{}`, true},
		// Sets.
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","b"]}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a"]}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","c"]}`, false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":"a"}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a","A"]}`, false},
		{`{"ForAllValues:StringEqualsIgnoreCase":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a","A"]}`, true},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","d"]}`, true},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","a"]}`, false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","b"]}`, true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c"]}`, false},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","c"]}`, true},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","b"]}`, false},
		{`{"ForAnyValue:StringNotLikeIfExists":{"aws:TagKeys":["a*"]}}`, `{"aws:TagKeys":["a1"]}`, false},
		{`{"ForAllValues:NumericLessThan":{"aws:n":"5"}}`, `{"aws:n":["1","4.5"]}`, true},
		{`{"ForAllValues:NumericLessThan":{"aws:n":"5"}}`, `{"aws:n":["1","x"]}`, false},
		{`{"ForAnyValue:IpAddress":{"aws:ip":"10.0.0.0/8"}}`, `{"aws:ip":["1.1.1.1","10.1.1.1"]}`, true},
		{`{"forallvalues:stringequals":{"aws:TagKeys":["a"]}}`, `{"aws:tagkeys":["b"]}`, false},
		// A set of empty values is none, for the set operators alone.
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":""}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["","b"]}`, false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":[""]}}`, `{"aws:TagKeys":""}`, false},
		{`{"ForAnyValue:StringNotEqualsIfExists":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":""}`, false},
		{`{"StringEquals":{"aws:a":""}}`, `{"aws:a":""}`, true},
		// Several values without a set operator: any may match; negated, none may.
		{`{"StringEquals":{"aws:a":"1"}}`, `{"aws:a":["2","1"]}`, true},
		{`{"StringNotEquals":{"aws:a":"1"}}`, `{"aws:a":["2","1"]}`, false},
		// Null.
		{`{"Null":{"aws:a":"true"}}`, `{}`, true},
		{`{"Null":{"aws:a":"true"}}`, `{"aws:a":"1"}`, false},
		{`{"Null":{"aws:a":"false"}}`, `{}`, false},
		{`{"Null":{"aws:a":false}}`, `{"aws:a":"1"}`, true},
		{`{"Null":{"aws:a":"TRUE"}}`, `{"aws:a":[]}`, true},
		{`{"Null":{"aws:a":["true","false"]}}`, `{}`, true},
		{`{"Null":{"aws:a":"maybe"}}`, `{}`, false},
		{`{"Null":{"aws:a":"true"}}`, `{"aws:a":""}`, false},
		{`{"ForAnyValue:Null":{"aws:a":"true"}}`, `{}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]},"Null":{"aws:TagKeys":"false"}}`, `{}`, false},
		// IfExists.
		{`{"StringEqualsIfExists":{"aws:a":"1"}}`, `{"aws:a":"2"}`, false},
		{`{"StringNotEqualsIfExists":{"aws:a":"1"}}`, `{"aws:a":"1"}`, false},
		{`{"BoolIfExists":{"aws:a":"true"}}`, `{"aws:a":"false"}`, false},
		// Keys differ in case only by mistake; tag keys too.
		{`{"StringEquals":{"AWS:PrincipalTag/TEAM":"x"}}`, `{"aws:principaltag/team":"x"}`, true},
	} {
		if got := holds(t, policy.Version2012, c.condition, c.context) == eval.Allowed; got != c.want {
			t.Errorf("%s, %s: %v", c.condition, c.context, got)
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func TestVariables(t *testing.T) {
	const ctx = `{"aws:username":"alice","aws:PrincipalTag/team":"a*b","aws:PrincipalArn":"arn:aws:iam::222222222222:user/alice","aws:TagKeys":["x","y"],"aws:empty":"","s3:prefix":"home/alice/x","aws:team":"a*b","aws:x":"axb","aws:star":"*","aws:dollar":"$","aws:bool":"true","aws:ip":"203.0.113.1","aws:n":"1"`
	for _, c := range []struct {
		condition, more string
		want            bool
	}{
		{`{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}`, ``, true},
		{`{"StringLike":{"s3:prefix":"home/${AWS:UserName}/*"}}`, ``, true},
		{`{"StringEquals":{"aws:team":"${aws:PrincipalTag/team}"}}`, ``, true},
		{`{"StringEqualsIgnoreCase":{"aws:team":"${aws:PrincipalTag/team}"}}`, `,"aws:team":"A*B"`, true},
		{`{"StringNotEqualsIgnoreCase":{"aws:team":"${aws:gone}"}}`, ``, true},
		// The text of a variable is no pattern.
		{`{"StringLike":{"aws:x":"${aws:PrincipalTag/team}"}}`, ``, false},
		{`{"StringLike":{"aws:team":"${aws:PrincipalTag/team}"}}`, ``, true},
		{`{"StringLike":{"aws:x":"a${*}b"}}`, ``, false},
		{`{"StringLike":{"aws:team":"a${*}b"}}`, ``, true},
		{`{"StringEquals":{"aws:star":"${*}"}}`, ``, true},
		{`{"StringEquals":{"aws:dollar":"${$}"}}`, ``, true},
		// Without a value a variable is like nothing; negated operators match.
		{`{"StringEquals":{"aws:x":"${aws:gone}"}}`, ``, false},
		{`{"StringNotEquals":{"aws:x":"${aws:gone}"}}`, ``, true},
		{`{"StringNotLike":{"aws:x":["${aws:gone}","a?b"]}}`, ``, false},
		{`{"StringLike":{"aws:x":["${aws:gone}*","a?b"]}}`, ``, true},
		{`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:gone}"}}`, ``, true},
		{`{"StringLike":{"aws:x":"*${aws:empty}"}}`, ``, true},
		// Defaults.
		{`{"StringEquals":{"aws:x":"${aws:gone, 'axb'}"}}`, ``, true},
		{`{"StringEquals":{"aws:x":"${aws:username, 'axb'}"}}`, ``, false},
		{`{"StringLike":{"aws:x":"${aws:gone, 'a*b'}"}}`, ``, false},
		{`{"StringLike":{"aws:x":"${aws:gone, ''}a*"}}`, ``, true},
		// A key of several values is none that a variable may name.
		{`{"StringLike":{"aws:x":"*${aws:TagKeys}*"}}`, ``, false},
		{`{"StringLike":{"aws:x":"*${aws:TagKeys, ''}*"}}`, ``, false},
		// ARNs.
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::222222222222:user/${aws:username}"}}`, ``, true},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:*::*:*/${aws:username}"}}`, ``, true},
		{`{"ArnLike":{"aws:a":"${aws:PrincipalArn}"}}`, `,"aws:a":"arn:aws:iam::222222222222:user/alice"`, true},
		{`{"ArnLike":{"aws:a":"${aws:PrincipalArn}*"}}`, `,"aws:a":"arn:aws:iam::222222222222:user/alice2"`, true},
		{`{"ArnLike":{"aws:a":"arn:aws:iam:*:user/${aws:username}"}}`, `,"aws:a":"arn:aws:iam::222222222222:user/alice"`, false},
		{`{"ArnLike":{"aws:a":"arn:aws:iam::*:user/${aws:username}"}}`, `,"aws:a":"arn:aws:iam::222222222222:user/bob"`, false},
		// No variables in other operators.
		{`{"Bool":{"aws:bool":"${aws:bool}"}}`, ``, false},
		{`{"NumericEquals":{"aws:n":"${aws:n}"}}`, ``, false},
		{`{"IpAddress":{"aws:ip":"${aws:ip}"}}`, ``, false},
	} {
		if got := holds(t, policy.Version2012, c.condition, ctx+c.more+"}") == eval.Allowed; got != c.want {
			t.Errorf("%s%s: %v", c.condition, c.more, got)
		}
	}
	// The version of 2008 has no variables.
	if holds(t, "2008-10-17", `{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}`, ctx+"}") == eval.Allowed {
		t.Error("variables work in the version of 2008")
	}
	if holds(t, "2008-10-17", `{"StringLike":{"aws:x":"${aws:user*"}}`, `{"aws:x":"${aws:username}"}`) != eval.Allowed {
		t.Error("in the version of 2008 ${ is not text")
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func TestVariablesInResources(t *testing.T) {
	for _, c := range []struct {
		element, resource string
		want              bool
	}{
		{`"Resource":"arn:aws:s3:::b/${aws:username}/*"`, "arn:aws:s3:::b/alice/x", true},
		{`"Resource":"arn:aws:s3:::b/${aws:username}/*"`, "arn:aws:s3:::b/bob/x", false},
		{`"Resource":"arn:aws:s3:::b/${aws:gone}/*"`, "arn:aws:s3:::b//x", false},
		{`"Resource":"arn:aws:s3:::b/${aws:gone, 'public'}/*"`, "arn:aws:s3:::b/public/x", true},
		{`"Resource":["arn:aws:s3:::b/${aws:gone}/*","arn:aws:s3:::b/x"]`, "arn:aws:s3:::b/x", true},
		{`"NotResource":"arn:aws:s3:::b/${aws:gone}/*"`, "arn:aws:s3:::b/x", true},
		{`"NotResource":"arn:aws:s3:::b/${aws:username}/*"`, "arn:aws:s3:::b/alice/x", false},
		{`"NotResource":["arn:aws:s3:::a","arn:aws:s3:::b"]`, "arn:aws:s3:::b", false},
		{`"NotResource":["arn:aws:s3:::a","arn:aws:s3:::b"]`, "arn:aws:s3:::c", true},
		{`"Resource":"arn:aws:s3:::${aws:star}"`, "arn:aws:s3:::anything", false},
		{`"Resource":"arn:aws:s3:::${aws:star}"`, "arn:aws:s3:::*", true},
		{`"Resource":"arn:aws:s3:::${*}"`, "arn:aws:s3:::x", false},
		{`"Resource":"arn:aws:s3:::a${?}*"`, "arn:aws:s3:::a?bc", true},
		{`"Resource":"arn:aws:s3:::b"`, "*", false},
		{`"Resource":[]`, "arn:aws:s3:::b", false},
		{`"NotResource":[]`, "arn:aws:s3:::b", true},
	} {
		s := compile(t, eval.Organization{}, eval.Policies{Identity: documents(t, `{"Effect":"Allow","Action":"*",`+c.element+`}`)})
		r := eval.Request{Principal: alice, Action: "s3:GetObject", Resource: c.resource, ResourceAccount: "222222222222", Context: map[string][]string{"aws:username": {"alice"}, "aws:star": {"*"}}}
		if got := s.Authorize(&r).Decision == eval.Allowed; got != c.want {
			t.Errorf("%s, %s: %v", c.element, c.resource, got)
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func TestActions(t *testing.T) {
	for _, c := range []struct {
		element, action string
		want            bool
	}{
		{`"Action":"s3:GetObject"`, "S3:getobject", true},
		{`"Action":"S3:GETOBJECT"`, "s3:GetObject", true},
		{`"Action":"s3:Get*"`, "s3:getBucketPolicy", true},
		{`"Action":"s3:*"`, "s3:x", true},
		{`"Action":"s3:*"`, "s3-object-lambda:x", false},
		{`"Action":"s3:Get?bject"`, "s3:GetObject", true},
		{`"Action":"s3:*Object*"`, "s3:PutObjectAcl", true},
		{`"Action":"s3:*Object"`, "s3:PutObjectAcl", false},
		{`"Action":"*"`, "iam:CreateUser", true},
		{`"Action":"*:Get*"`, "iam:GetUser", true},
		{`"Action":"*:Get*"`, "iam:ListGet", false},
		{`"Action":"*:*"`, "iam:GetUser", true},
		{`"Action":"i?m:GetUser"`, "IAM:GetUser", true},
		{`"Action":"*User"`, "iam:GetUser", true},
		{`"Action":"iam"`, "iam:GetUser", false},
		{`"Action":["s3:x","iam:GetUser"]`, "iam:GetUser", true},
		{`"Action":[]`, "iam:GetUser", false},
		{`"Action":"iam:GetUser"`, "iam:GetUserPolicy", false},
		{`"Action":"iam:GetUserPolicy"`, "iam:GetUser", false},
		{`"NotAction":"iam:*"`, "IAM:GetUser", false},
		{`"NotAction":"iam:*"`, "s3:GetObject", true},
		{`"NotAction":["iam:*","*:List*"]`, "s3:ListBuckets", false},
		{`"NotAction":[]`, "s3:ListBuckets", true},
		{`"NotAction":"*"`, "s3:ListBuckets", false},
		{`"Action":"s3:${aws:username}"`, "s3:alice", false},
		{`"Action":"*:Get*"`, "a:b:GetX", true},
		{`"Action":"a:*"`, "a:b:GetX", true},
	} {
		s := compile(t, eval.Organization{}, eval.Policies{Identity: documents(t, `{"Effect":"Allow","Resource":"*",`+c.element+`}`)})
		r := eval.Request{Principal: alice, Action: c.action, Context: map[string][]string{"aws:username": {"alice"}}}
		if got := s.Authorize(&r).Decision == eval.Allowed; got != c.want {
			t.Errorf("%s, %s: %v", c.element, c.action, got)
		}
	}
}
