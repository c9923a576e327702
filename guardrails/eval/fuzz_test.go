package eval_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// FuzzDocument feeds documents to every layer: compiling and deciding never
// panic, the explanation agrees with the decision, and the canonical spelling
// decides like the one given.
func FuzzDocument(f *testing.F) {
	for _, src := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","s?:*"],"NotResource":"arn:aws:s3:::b/${aws:username, 'x'}/*","Condition":{"StringNotEqualsIfExists":{"aws:RequestedRegion":["eu-west-1"]}}}]}`,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["222222222222","arn:aws:iam::222222222222:role/x"],"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::222222222222:user/alice"},"Action":"*","Resource":"*","Condition":{"ForAllValues:StringLike":{"aws:TagKeys":["a*","*b"]},"Null":{"aws:a":true}}}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*a*a*a*a*b","Resource":"*a*a*a*a*b"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"NumericLessThan":{"aws:a":1e400},"DateGreaterThan":{"aws:CurrentTime":"2026"},"IpAddress":{"aws:SourceIp":"::/0"}}}]}`,
	} {
		f.Add([]byte(src), alice, "s3:GetObject", object)
	}
	f.Fuzz(func(t *testing.T, src []byte, principal, action, resource string) {
		d, ds := policy.Parse("p.json", src)
		if ds.HasErrors() {
			return
		}
		canonical, ds := policy.Parse("p.json", []byte(d.JSON()))
		if ds.HasErrors() {
			t.Fatalf("%s: %v", d.JSON(), ds)
		}
		r := &eval.Request{Principal: principal, Action: action, Resource: resource, Context: map[string][]string{"aws:username": {"x"}, "aws:TagKeys": {"a", "b"}}, Unknown: []string{"aws:a"}}
		for layer := range 7 {
			s, err := eval.Compile(member, alone(layer, d))
			again, errAgain := eval.Compile(member, alone(layer, canonical))
			if (err == nil) != (errAgain == nil) {
				t.Fatalf("%v, canonical %v", err, errAgain)
			}
			if err != nil {
				continue
			}
			a, b, x := s.Authorize(r), again.Authorize(r), s.Explain(r)
			if a.Decision != b.Decision || a.Decision != x.Decision || !slices.Equal(a.BlockedBy, x.BlockedBy) {
				t.Fatalf("%v, canonical %v, explained %v", a, b, x.Result)
			}
		}
	})
}

// alone are policies with one document, in one of the layers.
func alone(layer int, d policy.Document) eval.Policies {
	docs := []eval.Document{{Policy: d}}
	p := eval.Policies{Identity: []eval.Document{{Policy: policy.Document{Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}}}}
	switch layer {
	case 0:
		p.Identity = docs
	case 1:
		p.SCP = []eval.Level{{ID: "r-1", Policies: docs}}
	case 2:
		p.RCP = []eval.Level{{ID: "r-1", Policies: docs}}
	case 3:
		p.Resource = &docs[0]
	case 4:
		p.Boundary = docs
	case 5:
		p.Session = &docs[0]
	case 6:
		p.VPCE = docs
	}
	return p
}

// FuzzCondition compares the engine with the oracle on one operator, its
// values and a value of the request.
func FuzzCondition(f *testing.F) {
	for i, r := range operatorRows {
		var request string
		if json.Unmarshal([]byte(r.request), &request) == nil {
			f.Add(r.operator, strings.Trim(r.policy, `"`), request, i%2 == 0)
		}
	}
	f.Add("ForAllValues:StringLike", "*a*a*a*b", "aaaaaaaaaaaa", true)
	f.Add("StringLike", "${aws:key}", "x", true)
	f.Add("ArnLike", "arn:aws:iam::${aws:other, '1'}:role/*", "arn:aws:iam::1:role/x", true)
	f.Add("DateEquals", "2026-02-30", "2026-02-30T24:00:00Z", false)
	f.Fuzz(func(t *testing.T, operator, want, got string, present bool) {
		_, op, _, ok := policy.SplitOperator(operator)
		if !ok || !utf8.ValidString(want) || !utf8.ValidString(got) {
			return
		}
		d := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{
			Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}, Condition: policy.Conditions{operator: {"aws:key": {want}}},
		}}}
		p := eval.Policies{Identity: []eval.Document{{Policy: d}}}
		r := &eval.Request{Principal: alice, Action: "s3:GetObject", Resource: "*", ResourceAccount: "222222222222"}
		if present {
			r.Context = map[string][]string{"aws:key": {got}}
		}
		s, err := eval.Compile(member, p)
		if err != nil {
			t.Fatal(err)
		}
		decision := s.Authorize(r).Decision
		// The oracle is exact about strings and ARNs without odd variables; of
		// numbers, dates and addresses it takes other spellings.
		if strings.HasPrefix(op, "String") && !strings.Contains(op, "IgnoreCase") || strings.HasPrefix(op, "Arn") && !strings.Contains(want, "${") {
			if strings.Contains(strings.ReplaceAll(want, "${aws:key}", ""), "${") {
				return
			}
			if expected, _ := (oracle{member, p, r}).decide(); expected != decision {
				t.Fatalf("%s %q, %q: %v, the oracle says %v", operator, want, got, decision, expected)
			}
		}
	})
}

// FuzzRequest feeds requests to a set that has every layer: deciding never
// panics, twice gives the same, and what is unknown is not guessed.
func FuzzRequest(f *testing.F) {
	set := setting{
		identity: allowAll, scp: allowAll + "," + denials(4), rcp: effect("Deny", `"Principal":{"AWS":"999999999999"}`),
		resource: grant(aws(alice)) + "," + grant(aws(devRole)) + "," + effect("Deny", `"NotPrincipal":`+aws(alice, root)), boundary: allowGet, session: allowAll, vpce: grant(`"*"`),
	}
	s := compile(f, member, set.policies(f))
	for _, principal := range []string{alice, aliceSession, root, ecsRole, "logs.amazonaws.com", "", "arn:", "arn:aws:iam::", "arn:aws:sts::222222222222:assumed-role/", "arn:aws:iam::222222222222:role/", "\x00", "\xff"} {
		f.Add(principal, "ec2:RunInstances", "arn:aws:ec2:eu-west-1:222222222222:instance/*", "222222222222", "aws:RequestTag/owner", "me")
	}
	f.Add(alice, "", "", "", "", "")
	f.Add(alice, ":", "arn:", "x", "AWS:PRINCIPALARN", "\xff")
	f.Add(alice, "kms:Decrypt", key, "333333333333", "aws:ViaAWSService", "TRUE")
	f.Fuzz(func(t *testing.T, principal, action, resource, account, key, value string) {
		r := &eval.Request{Principal: principal, Action: action, Resource: resource, ResourceAccount: account, Context: map[string][]string{key: {value}}}
		_ = r.Check()
		a, b, x := s.Authorize(r), s.Authorize(r), s.Explain(r)
		if a.Decision != b.Decision || a.Decision != x.Decision || a.Decision == eval.Depends || (a.Decision == eval.Allowed) != (len(a.BlockedBy) == 0) {
			t.Fatalf("%v, %v, %v", a, b, x.Result)
		}
		unknown := *r
		unknown.Unknown = []string{key}
		if u := s.Authorize(&unknown); u.Decision != eval.Depends && u.Decision != a.Decision {
			t.Fatalf("without %s %v, with it %v", key, u, a)
		}
	})
}
