package eval_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// What random cases are made of: few words, so that they often meet.
var (
	someKeys    = []string{"aws:PrincipalArn", "aws:a", "AWS:A", "aws:b", "aws:TagKeys", "aws:PrincipalTag/Team", "aws:principaltag/team", "aws:c"}
	someActions = []string{"s3:GetObject", "S3:getobject", "s3:PutObject", "kms:Decrypt", "ec2:RunInstances", "iam:GetUser"}
	someActionP = append([]string{"*", "s3:*", "s3:Get*", "S3:*object", "s3:?etObject", "ec2:*", "*:Get*", "*:*", "kms:Dec*t", "k?s:*"}, someActions...)
	someTargets = []string{"arn:aws:s3:::b/x", "arn:aws:s3:::b/X", "arn:aws:s3:::b/alice/x", "arn:aws:kms:eu-west-1:222222222222:key/1", "*"}
	someTargetP = append([]string{"arn:aws:s3:::b/*", "arn:aws:s3:::b/?", "arn:*:s3:::*", "arn:aws:s3:::b/${aws:a}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}", "arn:aws:*:*:*:key/*", "arn:aws:s3:::${*}"}, someTargets...)
	someCallers = []string{
		alice, "arn:aws:iam::222222222222:role/Dev", "arn:aws:sts::222222222222:assumed-role/Dev/alice", federated, root, stranger, ecsRole,
		"arn:aws:iam::111111111111:user/admin", "arn:aws:iam::333333333333:role/Dev", "logs.amazonaws.com", "",
	}
	someValues = map[string][]string{
		"String":  {"a", "A", "alice", "a*", "*", "?lice", "", "x", "${aws:b}", "${aws:a, 'x'}", "${aws:gone}", "b${*}", "b*", "${aws:TagKeys}", "*${aws:b}"},
		"Arn":     {"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::*:role/*", "arn:*:*:*:*:*", "*", "arn:aws:iam::222222222222:user/${aws:b}", "arn:aws:iam::2222*:*", "nothing"},
		"Numeric": {"1", "1.0", "2", "-1", "0.5", "10", "many"},
		"Date":    {"2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2027-06-01T00:00:00Z", "never"},
		"Bool":    {"true", "false", "TRUE", "maybe"},
		"Binary":  {"QQ==", "QUI="},
		"Ip":      {"10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::/32", "nowhere"},
		"Null":    {"true", "false"},
	}
	someContext = slices.Concat([]string{"a", "A", "alice", "x", "", "b*", "bcd", "1", "1.00", "2", "-1", "true", "False", "QQ==", "10.1.2.3", "192.0.2.1", "2001:db8::1", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		[]string{"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::222222222222:user/alice", "arn:aws:iam::333333333333:role/Dev"})
)

func family(op string) string {
	for name := range someValues {
		if strings.HasPrefix(strings.TrimPrefix(op, "Not"), name) {
			return name
		}
	}
	panic(op)
}

func list(t *rapid.T, name string, from []string, least int) policy.Values {
	return rapid.SliceOfN(rapid.SampledFrom(from), least, 3).Draw(t, name)
}

func someConditions(t *rapid.T) policy.Conditions {
	cs := policy.Conditions{}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "conditions") {
		op := rapid.SampledFrom(policy.Operators()).Draw(t, "operator")
		values := someValues[family(op)]
		name := rapid.SampledFrom([]string{"", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "set") + op
		if op == "Null" {
			name = op
		} else if rapid.Bool().Draw(t, "IfExists") {
			name += "IfExists"
		}
		if cs[name] == nil {
			cs[name] = map[string]policy.Values{}
		}
		cs[name][rapid.SampledFrom(someKeys).Draw(t, "key")] = list(t, "values", values, 0)
	}
	if len(cs) == 0 {
		return nil
	}
	return cs
}

func someStatement(t *rapid.T, principal bool) policy.Statement {
	s := policy.Statement{Effect: rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Allow, policy.Deny}).Draw(t, "effect")}
	if rapid.IntRange(0, 5).Draw(t, "not action") > 0 {
		s.Action = list(t, "action", someActionP, 1)
	} else {
		s.NotAction = list(t, "action", someActionP, 1)
	}
	switch n := rapid.IntRange(0, 9).Draw(t, "resource kind"); {
	case n < 5:
		s.Resource = policy.Values{"*"}
	case n < 8:
		s.Resource = list(t, "resource", someTargetP, 1)
	default:
		s.NotResource = list(t, "resource", someTargetP, 1)
	}
	if principal {
		s.Principal = somePrincipal(t)
	}
	s.Condition = someConditions(t)
	return s
}

func somePrincipal(t *rapid.T) *policy.Principal {
	named := append([]string{"222222222222", "999999999999", "*", "arn:aws:iam::333333333333:root"}, slices.DeleteFunc(slices.Clone(someCallers), func(s string) bool { return !strings.HasPrefix(s, "arn:") })...)
	switch rapid.IntRange(0, 3).Draw(t, "principal kind") {
	case 0:
		return &policy.Principal{Everyone: true}
	case 1:
		return &policy.Principal{Service: policy.Values{"logs.amazonaws.com"}}
	}
	return &policy.Principal{AWS: list(t, "principal", named, 1)}
}

func someDocument(t *rapid.T, principal, open bool) eval.Document {
	d := policy.Document{Version: rapid.SampledFrom([]string{policy.Version2012, policy.Version2012, policy.Version2012, "2008-10-17", ""}).Draw(t, "version")}
	for range rapid.IntRange(0, 3).Draw(t, "statements") {
		d.Statements = append(d.Statements, someStatement(t, principal))
	}
	if open {
		s := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
		if principal {
			s.Principal = &policy.Principal{Everyone: true}
		}
		d.Statements = append(d.Statements, s)
	}
	return eval.Document{Policy: d}
}

func somePolicies(t *rapid.T) eval.Policies {
	open := func() bool { return rapid.IntRange(0, 3).Draw(t, "open") > 0 }
	var p eval.Policies
	for range rapid.IntRange(0, 2).Draw(t, "identity") {
		p.Identity = append(p.Identity, someDocument(t, false, open()))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "levels") {
		l := eval.Level{ID: fmt.Sprint("level-", i)}
		for range rapid.IntRange(0, 2).Draw(t, "SCPs") {
			l.Policies = append(l.Policies, someDocument(t, false, open()))
		}
		p.SCP = append(p.SCP, l)
	}
	for range rapid.IntRange(0, 2).Draw(t, "RCP levels") {
		p.RCP = append(p.RCP, eval.Level{ID: "rcp", Policies: []eval.Document{someDocument(t, true, false)}})
	}
	if rapid.Bool().Draw(t, "resource policy") {
		d := someDocument(t, true, rapid.IntRange(0, 5).Draw(t, "open") == 0)
		p.Resource = &d
	}
	if rapid.IntRange(0, 2).Draw(t, "boundary") == 0 {
		p.Boundary = []eval.Document{someDocument(t, false, open())}
	}
	if rapid.IntRange(0, 2).Draw(t, "session") == 0 {
		d := someDocument(t, false, open())
		p.Session = &d
	}
	if rapid.IntRange(0, 4).Draw(t, "endpoint") == 0 {
		p.VPCE = []eval.Document{someDocument(t, true, open())}
	}
	return p
}

func someRequest(t *rapid.T) *eval.Request {
	r := &eval.Request{
		Principal: rapid.SampledFrom(someCallers).Draw(t, "principal"), Action: rapid.SampledFrom(someActions).Draw(t, "action"),
		Resource:        rapid.SampledFrom(someTargets).Draw(t, "resource"),
		ResourceAccount: rapid.SampledFrom([]string{"222222222222", "222222222222", "333333333333", "111111111111", "999999999999"}).Draw(t, "account"),
		Context:         map[string][]string{},
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 5).Draw(t, "keys") {
		key := rapid.SampledFrom(someKeys).Draw(t, "key")
		if !seen[strings.ToLower(key)] {
			seen[strings.ToLower(key)] = true
			r.Context[key] = rapid.SliceOfN(rapid.SampledFrom(someContext), 0, 3).Draw(t, "values")
		}
	}
	return r
}
