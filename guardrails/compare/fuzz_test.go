package compare

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// FuzzCompare compares documents of any kind of content: it never panics, a
// set is equal to itself, the sets turned round give the answer turned round,
// and no request of which the evaluator says otherwise stands against it.
func FuzzCompare(f *testing.F) {
	f.Add(deny(`"Action": "s3:Get*", "Resource": "*"`), deny(`"NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/?"`), "s3:GetObject", "arn:aws:s3:::b/x", "aws:a", "x")
	f.Add(deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::${aws:a}/*"`), deny(`"Action": "s3:*", "Resource": "arn:aws:s3:::${aws:b, 'x'}/*"`), "s3:GetObject", "arn:aws:s3:::x/x", "aws:a", "x")
	f.Add(deny(`"Action": "*", "Resource": "*", "Condition": {"ForAllValues:StringNotLike": {"aws:TagKeys": ["a*", ""]}, "Null": {"aws:a": "true"}}`),
		deny(`"Action": "*", "Resource": "*", "Condition": {"NumericLessThanIfExists": {"aws:a": ["1e2", "x"]}, "IpAddress": {"aws:b": "10.0.0.0/8"}}`), "a:b", "*", "aws:TagKeys", "a")
	f.Add(deny(`"Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:a": "2026"}, "ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/${aws:a}"}}`),
		deny(`"Action": "*", "Resource": "*", "Condition": {"StringEqualsIgnoreCase": {"aws:a": "K"}, "Bool": {"aws:b": "true"}}`), "a:b", "*", "aws:a", "\u212a")
	f.Fuzz(func(t *testing.T, first, second, action, resource, key, value string) {
		var sets [2][]eval.Level
		for i, statements := range []string{first, second} {
			d, ds := policy.Parse("p.json", []byte(`{"Version": "2012-10-17", "Statement": [`+statements+`]}`))
			if ds.HasErrors() {
				t.Skip()
			}
			sets[i] = []eval.Level{{Policies: []eval.Document{{Policy: d}}}}
		}
		const kind = policy.IdentityPolicy
		o := Options{Budget: 300_000}
		r, err := Compare(kind, sets[0], sets[1], o)
		if err != nil {
			t.Skip()
		}
		turned, _ := Compare(kind, sets[1], sets[0], o)
		want := map[Relation]Relation{Wider: Narrower, Narrower: Wider, Equal: Equal, Different: Different}[r.Relation]
		if r.Relation != Unknown && turned.Relation != Unknown && turned.Relation != want {
			t.Fatalf("%s, turned round %s", r.Relation, turned.Relation)
		}
		if strings.Contains(r.Lost.Unknown+r.Gained.Unknown, "this is a bug") {
			t.Fatal(r.Lost.Unknown, r.Gained.Unknown)
		}
		for _, set := range sets {
			if self, _ := Compare(kind, set, set, o); self.Relation != Equal && self.Relation != Unknown {
				t.Fatalf("a set and itself: %s", self.Relation)
			}
		}
		q := &eval.Request{Principal: caller, ResourceAccount: account, Action: action, Resource: resource, Context: map[string][]string{key: {value}}}
		if !isRequest(action, resource, key, value) {
			return
		}
		x, y := asker(t, kind, sets[0]).Authorize(q).Decision == eval.Allowed, asker(t, kind, sets[1]).Authorize(q).Decision == eval.Allowed
		if x && !y && r.Lost.Witness == nil && r.Lost.Unknown == "" || y && !x && r.Gained.Witness == nil && r.Gained.Unknown == "" {
			t.Fatalf("%s, but %+v: %v, %v", r.Relation, q, x, y)
		}
	})
}

// isRequest reports whether a comparison is about such a request.
func isRequest(action, resource, key, value string) bool {
	s := newSolver(1_000_000)
	for v, text := range []string{small(action), resource} {
		d, _ := s.domain(v)
		if !s.staticOf(s.cores[d]).match(text) {
			return false
		}
	}
	for _, r := range small(action) {
		if !actionRune(r) {
			return false
		}
	}
	v := s.key(key)
	s.freeze()
	if d, ok := s.domain(v); ok && !s.staticOf(s.cores[d]).match(value) {
		return false
	}
	return s.inDomain(v, value) && (value != "" || s.allowsEmpty(v))
}
