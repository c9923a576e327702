package pack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Whatever is to be packed, it takes seconds: thousands of values of any
// kind are no policy, and are refused or packed in little time.
func TestHostileInputIsBounded(t *testing.T) {
	const n = 2_000
	many := func(format string) policy.Values {
		vs := make(policy.Values, n)
		for i := range vs {
			vs[i] = fmt.Sprintf(format, i)
		}
		return vs
	}
	deny := func(actions, resources policy.Values) policy.Statement {
		return policy.Statement{Effect: policy.Deny, Action: actions, Resource: resources}
	}
	each := func(f func(i int) policy.Statement) []policy.Statement {
		out := make([]policy.Statement, n)
		for i := range out {
			out[i] = f(i)
		}
		return out
	}
	star := policy.Values{"*"}
	for name, in := range map[string][]policy.Statement{
		"a long list":                {deny(many("s3:Action%d"), star)},
		"long lists, each wild":      {deny(many("s3:*%d*"), many("arn:aws:s3:::*%d*"))},
		"question marks":             {deny(many("s3:"+strings.Repeat("?", 50)+"%d*"), many("arn:aws:s3:::"+strings.Repeat("?*", 20)+"%d"))},
		"patterns that search":       {deny(many("s3:"+strings.Repeat("*a", 30)+"%d"), many("arn:aws:s3:::"+strings.Repeat("*a", 30)+"%d"))},
		"equal statements":           each(func(int) policy.Statement { return deny(policy.Values{"s3:*"}, star) }),
		"statements of one action":   each(func(i int) policy.Statement { return deny(policy.Values{fmt.Sprint("s3:A", i)}, star) }),
		"statements of one resource": each(func(i int) policy.Statement { return deny(star, policy.Values{fmt.Sprint("arn:aws:s3:::", i)}) }),
		"statements without anything": each(func(i int) policy.Statement {
			return policy.Statement{Effect: policy.Deny, Action: policy.Values{}, Resource: star}
		}),
		"statements that nearly merge": each(func(i int) policy.Statement {
			return deny(policy.Values{fmt.Sprint("s3:A", i)}, policy.Values{fmt.Sprint("arn:aws:s3:::", i)})
		}),
		"statements that nearly cover": each(func(i int) policy.Statement {
			return deny(policy.Values{fmt.Sprintf("s3:*%d*", i)}, policy.Values{fmt.Sprintf("arn:aws:s3:::*%d", i)})
		}),
		"conditions that differ by a key": each(func(i int) policy.Statement {
			s := deny(star, star)
			s.Condition = policy.Conditions{"Null": {fmt.Sprint("aws:", i): {"true"}}}
			return s
		}),
		"text that is none":               {deny(policy.Values{"\xff\x00", "s3:é*", "*:日本", "\u202e", strings.Repeat("a", 1<<20)}, policy.Values{"\xff", "arn:::::", "${", "{{id:"})},
		"a value of a megabyte":           {deny(policy.Values{"s3:*"}, policy.Values{"arn:aws:s3:::" + strings.Repeat("*a", 1<<19), "arn:aws:s3:::" + strings.Repeat("a", 1<<20)})},
		"known actions in every spelling": {deny(policy.Values{"s3:g*", "S3:G*", "s3:ge*", "ec2:D*", "ec2:*d*", "ec2:?*"}, star)},
	} {
		for _, limits := range []pack.Options{{}, {MaxDocuments: 10_000}} {
			start := time.Now()
			var statements []pack.Statement
			for i, s := range in {
				statements = append(statements, pack.Statement{ID: pack.ID{Guardrail: fmt.Sprint("g", i%1000), Position: i}, Statement: s, Compact: pack.Exact})
			}
			p, ds := pack.Pack(statements, limits)
			if (p == nil) != ds.HasErrors() {
				t.Errorf("%s: %v, %v", name, p, ds)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%s took %s", name, d)
			} else if d > time.Second {
				t.Logf("%s, %+v: %s", name, limits.MaxDocuments, d)
			}
		}
	}
}
