package compile

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"pgregory.net/rapid"
)

// A request is what the small evaluator of these tests decides.
type request struct {
	action, principal, account, region string
	time                               string // RFC 3339; "" for any before all others
}

// glob is a matcher of its own, so that the tests do not rest on policy.Match.
func glob(pattern, s string, fold bool) bool {
	expr := regexp.QuoteMeta(pattern)
	expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
	if fold {
		expr = "(?i)" + expr
	}
	return regexp.MustCompile(`^(?:` + expr + `)$`).MatchString(s)
}

func anyGlob(patterns policy.Values, s string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(p, s, fold) })
}

// denied reports whether some statement denies the request.
func denied(statements []policy.Statement, q request) bool {
	return slices.ContainsFunc(statements, func(s policy.Statement) bool {
		if s.Effect != policy.Deny {
			return false
		}
		if s.Action != nil && !anyGlob(s.Action, q.action, true) || s.NotAction != nil && anyGlob(s.NotAction, q.action, true) {
			return false
		}
		for op, keys := range s.Condition {
			for key, values := range keys {
				if !holds(op, key, values, q) {
					return false
				}
			}
		}
		return true
	})
}

func holds(op, key string, values policy.Values, q request) bool {
	if strings.EqualFold(key, "aws:CurrentTime") {
		return strings.EqualFold(op, "DateGreaterThanEquals") && q.time >= values[0] || strings.EqualFold(op, "DateGreaterThan") && q.time > values[0]
	}
	value, ok := map[string]string{"aws:principalarn": q.principal, "aws:principalaccount": q.account, "aws:requestedregion": q.region}[strings.ToLower(key)]
	ok = ok && value != ""
	switch strings.ToLower(op) {
	case "arnnotlike":
		return !ok || !anyGlob(values, value, false)
	case "arnlike", "arnequals":
		return ok && anyGlob(values, value, false)
	case "stringnotequals":
		return !ok || !slices.Contains(values, value)
	case "stringequals":
		return ok && slices.Contains(values, value)
	}
	panic("no operator " + op)
}

// spares reports whether the exemption is meant for the request.
func (x exemption) spares(q request) bool {
	who := len(x.principals) > 0 && q.principal != "" && anyGlob(x.principals, q.principal, false) ||
		len(x.principals) == 0 && q.account != "" && slices.Contains(x.accounts, q.account)
	what := len(x.actions) == 0 || anyGlob(x.actions, q.action, true)
	return who && what
}

var (
	genPattern = rapid.SampledFrom([]string{
		"s3:*", "s3:Get*", "S3:GET*", "s3:GetObject", "s3:GetObjectAcl", "s3:getobject", "s3:*Object", "s3:Put?bject", "s3:PutObject", "s3:G*t*",
		"iam:*", "iam:CreateRole", "iam:Create*", "iam:*Role", "sqs:SendMessage", "*", "s3:Get?bject",
	})
	genAction = rapid.OneOf(
		rapid.SampledFrom([]string{"s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:ListBucket", "iam:CreateRole", "iam:CreateUser", "iam:DeleteRole", "sqs:SendMessage", "S3:getOBJECT"}),
		rapid.StringMatching(`(s3|iam):(Get|Put|Create)(Object|Role|X)?`),
	)
	genAccount   = rapid.SampledFrom([]string{"1", "2", "3"})
	genPrincipal = rapid.Custom(func(t *rapid.T) string {
		return "arn:aws:iam::" + genAccount.Draw(t, "account") + ":" + rapid.SampledFrom([]string{"role/A", "role/team/A", "role/B", "user/A", "root"}).Draw(t, "name")
	})
	genPrincipals = rapid.SampledFrom([]string{"arn:aws:iam::*:role/A", "arn:aws:iam::1:role/*", "arn:aws:iam::2:role/team/A", "arn:aws:iam::*:role/team/*", "arn:aws:iam::*:root"})
)

var genDeny = rapid.Custom(func(t *rapid.T) policy.Statement {
	s := policy.Statement{Sid: "S", Effect: policy.Deny, Resource: policy.Values{"*"}}
	actions := policy.Values(rapid.SliceOfN(genPattern, 1, 5).Draw(t, "actions"))
	if rapid.Bool().Draw(t, "not") {
		s.NotAction = actions
	} else {
		s.Action = actions
	}
	if rapid.Bool().Draw(t, "conditions") {
		s.Condition = policy.Conditions{}
	}
	add := func(op, key string, v ...string) {
		if s.Condition != nil && rapid.Bool().Draw(t, op) {
			s.Condition[op] = map[string]policy.Values{key: v}
		}
	}
	add("ArnNotLike", rapid.SampledFrom([]string{"aws:PrincipalArn", "AWS:principalARN"}).Draw(t, "spelling"), genPrincipals.Draw(t, "spared"))
	add("arnlike", "aws:PrincipalArn", genPrincipals.Draw(t, "only"))
	add("StringNotEquals", "aws:RequestedRegion", "r1")
	add("stringnotequals", "aws:PrincipalAccount", "3")
	return s
})

var genExemption = rapid.Custom(func(t *rapid.T) exemption {
	var x exemption
	if rapid.Bool().Draw(t, "by principal") {
		x.principals = rapid.SliceOfN(genPrincipals, 1, 3).Draw(t, "principals")
	} else {
		x.accounts = rapid.SliceOfN(genAccount, 1, 2).Draw(t, "accounts")
	}
	if rapid.Bool().Draw(t, "actions") {
		x.actions = rapid.SliceOfN(genPattern, 1, 3).Draw(t, "actions")
	}
	return x
})

// An exception takes out exactly what it names: nobody else is denied less, or
// more. Several exceptions in a row are each other's anyone else.
func TestAnExemptionChangesNothingForAnyoneElse(t *testing.T) {
	narrowed := 0
	rapid.Check(t, func(t *rapid.T) {
		before := []policy.Statement{genDeny.Draw(t, "statement")}
		original := policy.Document{Statements: before}.JSON()
		after := before
		var done []exemption
		for _, x := range rapid.SliceOfN(genExemption, 1, 3).Draw(t, "exemptions") {
			var next []policy.Statement
			refused := false
			for _, s := range after {
				made, _, _, bad := x.apply(s)
				refused = refused || len(bad) > 0
				next = append(next, made...)
			}
			if !refused { // Compile refuses the plan otherwise
				after = next
				done = append(done, x)
			}
		}
		if got := (policy.Document{Statements: before}).JSON(); got != original {
			t.Fatalf("the statement itself was changed: %s, was %s", got, original)
		}
		for range 20 {
			q := request{action: genAction.Draw(t, "action"), region: rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "region")}
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				q.principal = genPrincipal.Draw(t, "principal")
				q.account = strings.Split(q.principal, ":")[4]
			}
			spared := slices.ContainsFunc(done, func(x exemption) bool { return x.spares(q) })
			want := denied(before, q) && !spared
			if got := denied(after, q); got != want {
				t.Fatalf("%+v: denied %v, want %v\nbefore %s\nexempt %+v\nafter %s", q, got, want, original, done, policy.Document{Statements: after}.JSON())
			}
			if denied(before, q) && spared {
				narrowed++
			}
		}
	})
	if narrowed < 100 {
		t.Errorf("only %d requests were spared: the test sees nothing", narrowed)
	}
}

// An exception that ends in the policy spares exactly whom it spares until its
// end, and nobody from then on.
func TestAnExemptionEndsInThePolicy(t *testing.T) {
	end := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	times := []string{"2027-03-31T23:59:59Z", "2027-04-01T00:00:00Z", "2028-01-01T00:00:00Z"}
	ended, spared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s, x := genDeny.Draw(t, "statement"), genExemption.Draw(t, "exemption")
		made, excepted, _, bad := x.apply(s)
		if excepted == nil || len(bad) > 0 {
			return
		}
		after, ok := x.after(*excepted, end)
		if !ok {
			t.Fatalf("cannot end: %+v", s.Condition)
		}
		made = append(made, after)
		for range 100 {
			q := request{action: genAction.Draw(t, "action"), region: rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "region"), time: rapid.SampledFrom(times).Draw(t, "time")}
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				q.principal = genPrincipal.Draw(t, "principal")
				q.account = strings.Split(q.principal, ":")[4]
			}
			over := q.time >= times[1]
			want := denied([]policy.Statement{s}, q) && (over || !x.spares(q))
			if got := denied(made, q); got != want {
				t.Fatalf("%+v: denied %v, want %v\n%s", q, got, want, policy.Document{Statements: made}.JSON())
			}
			if denied([]policy.Statement{s}, q) && x.spares(q) {
				if over {
					ended++
				} else {
					spared++
				}
			}
		}
	})
	if min(ended, spared) < 20 {
		t.Errorf("%d requests were spared, and %d no longer: the test sees little", spared, ended)
	}
}

// Several exceptions from one guardrail that end in the policy, or with a
// deployment: a request is denied unless one that is still in force spares it.
func TestExemptionsEndOneByOne(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2027, 4, n, 0, 0, 0, 0, time.UTC) }
	before, after := 0, 0 // requests that are spared, by one while others are over; and those that are no longer
	rapid.Check(t, func(t *rapid.T) {
		s := genDeny.Draw(t, "statement")
		var made []*exempting
		for i, x := range rapid.SliceOfN(genExemption, 2, 4).Draw(t, "exemptions") {
			e := &org.Exception{Key: string(rune('a' + i)), Actions: x.actions}
			if n := rapid.IntRange(0, 4).Draw(t, "end"); n > 0 { // 0: with a deployment
				e.Expires, e.InPolicy = day(n), true
			}
			made = append(made, &exempting{exemption: x, exception: &exception{Exception: e, hits: map[string]bool{}, refused: map[string]bool{}}})
		}
		k := &compiler{}
		var doc policy.Document
		for _, s := range k.less(&piece{instance: &instance{}}, stated{Statement: s}, made) {
			doc.Statements = append(doc.Statements, s.Statement)
		}
		for _, d := range k.ds {
			if d.Code == "GR315" {
				t.Fatalf("cannot end: %s", d.Summary)
			}
		}
		if k.ds.HasErrors() {
			return // actions that lie across others
		}
		for range 100 {
			now := day(rapid.IntRange(1, 4).Draw(t, "day")).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "second")) * time.Second)
			q := request{action: genAction.Draw(t, "action"), region: rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "region"), time: now.Format(time.RFC3339)}
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				q.principal = genPrincipal.Draw(t, "principal")
				q.account = strings.Split(q.principal, ":")[4]
			}
			spares, over := false, false
			for _, x := range made {
				if x.spares(q) && x.InPolicy && !now.Before(x.Expires) {
					over = true
				} else {
					spares = spares || x.spares(q)
				}
			}
			was := denied([]policy.Statement{s}, q)
			if got, want := denied(doc.Statements, q), was && !spares; got != want {
				t.Fatalf("%+v: denied %v, want %v\n%s", q, got, want, doc.JSON())
			}
			if was && over && spares {
				before++
			} else if was && over {
				after++
			}
		}
	})
	if min(before, after) < 20 {
		t.Errorf("%d requests were spared by one exception while another was over, and %d no longer: the test sees little", before, after)
	}
}

// What cannot be matched by one principal does not meet.
func TestMeeting(t *testing.T) {
	ref := "{{id:account:shop}}"
	who := func(account, name string) string { return "arn:aws:iam::" + account + ":" + name }
	roles := func(p ...string) exemption { return exemption{principals: p} }
	accounts := func(ids ...string) exemption { return exemption{accounts: ids} }
	for _, tt := range []struct {
		name string
		x, y exemption
		want exemption
	}{
		{"the same role", roles(who("*", "role/A")), roles(who("*", "role/A")), roles(who("*", "role/A"))},
		{"other roles", roles(who("*", "role/x/A")), roles(who("*", "role/x/B")), roles()},
		{"beginnings of other roles", roles(who("*", "role/a*")), roles(who(ref, "role/b*")), roles()},
		{"a pattern and what it covers", roles(who("*", "role/x/*"), who("*", "role/y")), roles(who(ref, "role/x/B")), roles(who("*", "role/x/*"))},
		{"patterns across", roles(who("*", "role/x*")), roles(who("*", "role/*y")), roles(who("*", "role/x*"))},
		{"other accounts", roles(who("1", "role/*")), roles(who("2", "role/*")), roles()},
		{"an account and a reference", roles(who("1", "role/A")), roles(who(ref, "role/A")), roles()},
		{"a reference", roles(who(ref, "role/A*")), roles(who(ref, "role/*A")), roles(who(ref, "role/A*"))},
		{"accounts", accounts("1", "2", ref), accounts("2", ref, "3"), accounts("2", ref)},
		{"roles of accounts", roles(who("1", "role/A"), who("2", "role/A"), who("*", "role/B")), accounts("2"), roles(who("2", "role/A"), who("*", "role/B"))},
		{"accounts of roles", accounts("1", ref), roles(who(ref, "role/*")), accounts(ref)},
		{"accounts of roles anywhere", accounts("1"), roles(who("*", "role/A")), accounts("1")},
	} {
		if got := tt.x.meeting(tt.y); !slices.Equal(got.principals, tt.want.principals) || !slices.Equal(got.accounts, tt.want.accounts) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestOverlapIsItsDefinition(t *testing.T) {
	// Two patterns of three pieces, none of them more than one letter beside a
	// wildcard, share a word of at most six letters if they share any.
	words := []string{""}
	for from := 0; len(words[from]) < 6; from++ {
		words = append(words, words[from]+"a", words[from]+"b")
	}
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.StringMatching(`[ab*?]{0,3}`)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		want := slices.ContainsFunc(words, func(w string) bool { return glob(a, w, true) && glob(b, w, true) })
		if got := overlap(a, b); got != want {
			t.Fatalf("overlap(%q, %q) is %v", a, b, got)
		}
	})
}

func TestSplit(t *testing.T) {
	role := policy.Values{"arn:aws:iam::*:role/A"}
	list := policy.Statement{Sid: "S", Effect: policy.Deny, Action: policy.Values{"s3:GetObject", "s3:PutObject", "sqs:*"}, Resource: policy.Values{"*"}}
	not := policy.Statement{Sid: "S", Effect: policy.Deny, NotAction: policy.Values{"iam:*", "s3:List*"}, Resource: policy.Values{"*"}}
	tests := []struct {
		name    string
		s       policy.Statement
		actions []string
		want    string
		hits    []string
		bad     []conflict
	}{
		{"one of a list", list, []string{"s3:Get*"},
			`{"Statement":[{"Sid":"S","Effect":"Deny","Action":["s3:PutObject","sqs:*"],"Resource":"*"},{"Sid":"SExcept","Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"}}}]}`, []string{"s3:Get*"}, nil},
		{"all of a list", list, []string{"s3:*", "sqs:*"},
			`{"Statement":[{"Sid":"S","Effect":"Deny","Action":["s3:GetObject","s3:PutObject","sqs:*"],"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"}}}]}`, []string{"s3:*", "s3:*", "sqs:*"}, nil},
		{"a part of a pattern", list, []string{"sqs:Send*"}, "", nil, []conflict{{action: "sqs:Send*", pattern: "sqs:*"}}},
		{"none of a list", list, []string{"kms:*"}, "", nil, nil},
		{"outside NotAction", not, []string{"bedrock:InvokeModel*"},
			`{"Statement":[{"Sid":"S","Effect":"Deny","NotAction":["bedrock:InvokeModel*","iam:*","s3:List*"],"Resource":"*"},{"Sid":"SExcept","Effect":"Deny","Action":"bedrock:InvokeModel*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"}}}]}`, []string{"bedrock:InvokeModel*"}, nil},
		{"inside NotAction", not, []string{"iam:CreateRole"}, "", nil, nil},
		{"across NotAction", not, []string{"s3:*"}, "", nil, []conflict{{action: "s3:*", pattern: "s3:List*", not: true}}},
		{"an allowing statement", policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:*"}}, []string{"s3:*"}, "", nil, nil},
	}
	for _, tt := range tests {
		want := tt.want
		if want == "" {
			want = policy.Document{Statements: []policy.Statement{tt.s}}.JSON()
		}
		made, _, hits, bad := exemption{principals: role, actions: tt.actions}.apply(tt.s)
		if got := (policy.Document{Statements: made}).JSON(); got != want || !reflect.DeepEqual(hits, tt.hits) || len(bad) != len(tt.bad) || len(bad) > 0 && !reflect.DeepEqual(bad, tt.bad) {
			t.Errorf("%s:\n%s %v %v, want\n%s %v %v", tt.name, got, hits, bad, want, tt.hits, tt.bad)
		}
	}
}

// AWS compares operators and keys without regard to case, and would meet one
// that stands there twice.
func TestSpellingIsKept(t *testing.T) {
	s := policy.Statement{Effect: policy.Deny, Action: policy.Values{"s3:*"}, Condition: policy.Conditions{"arnNotLike": {"AWS:principalARN": {"arn:aws:iam::*:role/Z"}, "aws:SourceArn": {"x"}}}}
	made, _, _, _ := exemption{principals: policy.Values{"arn:aws:iam::*:role/A"}}.apply(s)
	want := policy.Conditions{"arnNotLike": {"AWS:principalARN": {"arn:aws:iam::*:role/A", "arn:aws:iam::*:role/Z"}, "aws:SourceArn": {"x"}}}
	if !reflect.DeepEqual(made[0].Condition, want) {
		t.Errorf("%v, want %v", made[0].Condition, want)
	}
}
