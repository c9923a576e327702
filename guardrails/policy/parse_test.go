package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/diag"
)

func TestParseReadsEverySpelling(t *testing.T) {
	d, ds := Parse("p.json", []byte(`{
	"Version": "2012-10-17", "Id": "all",
	"Statement": [
	 {"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": ["b", "a", "b"],
	  "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [10, "20", 1.5e2]}}},
	 {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::x/*", "Principal": "*"},
	 {"Effect": "Deny", "Action": [], "Resource": "*", "NotPrincipal":
	   {"AWS": ["123456789012", "*"], "Service": "ec2.amazonaws.com", "Federated": "cognito-identity.amazonaws.com", "CanonicalUser": "79a5"}},
	 {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::{{id:account:management}}:root"}}
	]}`))
	if ds != nil {
		t.Fatal(ds)
	}
	want := Document{Version: "2012-10-17", ID: "all", Statements: []Statement{
		{Sid: "A", Effect: Allow, Action: Values{"s3:*"}, Resource: Values{"b", "a", "b"}, Condition: Conditions{
			"Bool": {"aws:SecureTransport": {"true"}}, "NumericLessThan": {"s3:max-keys": {"10", "20", "1.5e2"}}}},
		{Effect: Deny, NotAction: Values{"iam:*"}, NotResource: Values{"arn:aws:s3:::x/*"}, Principal: &Principal{Everyone: true}},
		{Effect: Deny, Action: Values{}, Resource: Values{"*"}, NotPrincipal: &Principal{
			AWS: Values{"123456789012", "*"}, Service: Values{"ec2.amazonaws.com"},
			Federated: Values{"cognito-identity.amazonaws.com"}, CanonicalUser: Values{"79a5"}}},
		{Effect: Allow, Action: Values{"sts:AssumeRole"}, Principal: &Principal{AWS: Values{"arn:aws:iam::{{id:account:management}}:root"}}},
	}}
	if !reflect.DeepEqual(d, want) {
		t.Fatalf("got  %+v\nwant %+v", d, want)
	}
	const canonical = `{"Version":"2012-10-17","Id":"all","Statement":[` +
		`{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":["a","b"],"Condition":{"Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"s3:max-keys":["1.5e2","10","20"]}}},` +
		`{"Effect":"Deny","Principal":"*","NotAction":"iam:*","NotResource":"arn:aws:s3:::x/*"},` +
		`{"Effect":"Deny","NotPrincipal":{"AWS":["*","123456789012"],"Service":"ec2.amazonaws.com","Federated":"cognito-identity.amazonaws.com","CanonicalUser":"79a5"},"Action":[],"Resource":"*"},` +
		`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:management}}:root"},"Action":"sts:AssumeRole"}]}`
	if got := d.JSON(); got != canonical {
		t.Fatalf("got  %s\nwant %s", got, canonical)
	}
}

func TestParseTakesASingleStatementAndOldVersion(t *testing.T) {
	d, ds := Parse("p.json", []byte("\ufeff"+` {"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}} `))
	if ds != nil || len(d.Statements) != 1 || d.Version != "2008-10-17" {
		t.Fatal(d, ds)
	}
}

// show is a diagnostic as a line of a table: place, code, text.
func show(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%d:%d-%d:%d %s %s\n", d.Range.Start.Line, d.Range.Start.Column, d.Range.End.Line, d.Range.End.Column, d.Code, d.Summary)
	}
	return b.String()
}

func TestParseLocatesEveryMistake(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"empty", "", "1:1-1:1 GR101 the document is empty\n"},
		{"blank", " \n", "2:1-2:1 GR101 the document is empty\n"},
		{"not an object", `[]`, "1:1-1:3 GR105 the policy document is a list\n"},
		{"trailing data", `{"Statement":[]} x`, "1:18-1:19 GR101 there is text behind the end of the document\n"},
		{"trailing comma", `{"Statement":[],}`, "1:16-1:17 GR101 a comma stands before '}'\n"},
		{"no closing", `{"Statement":[`, "1:15-1:15 GR101 expected a value, found the end of the document\n"},
		{"open string", `{"Statement`, "1:2-1:12 GR101 the string has no closing quote\n"},
		{"single quotes", `{'Statement':[]}`, "1:2-1:3 GR101 expected a name in double quotes, found '\\''\n"},
		{"bare word", `{"Statement":None}`, "1:14-1:15 GR101 expected a value, found 'N'\n"},
		{"control character", "{\"Sta\ntement\":[]}", "1:6-2:1 GR101 the string holds the control character U+000A\n"},
		{"no UTF-8", "{\"Id\":\"ä\xff\"}", "1:9-1:10 GR101 the document is not valid UTF-8\n"},
		{"lone surrogate", `{"Id":"\ud800"}`, "1:8-1:14 GR101 the escape in the string is not one of JSON's\n"},
		{"bad escape", `{"Id":"\x"}`, "1:8-1:10 GR101 the escape in the string is not one of JSON's\n"},
		{"leading zero", `{"Id":01}`, "1:7-1:9 GR101 the number is not spelled as JSON spells numbers\n"},
		{"columns are characters", `{"Id":"ää", "Statment":[]}`, "1:13-1:23 GR104 a policy document has no element \"Statment\"\n" +
			"1:1-1:2 GR106 the policy document has no Statement\n"},
		{"null", `null`, "1:1-1:5 GR105 the policy document is null\n"},
		{"several at once", `{"Version":"2012","Version":"x","Statement":[
 {"Effect":"allow","Action":5,"NotAction":[true],"Resource":{}, "resource":"*"},
 7, {}]}`,
			`1:12-1:18 GR108 "2012" is no version of the policy language
1:19-1:28 GR103 "Version" stands twice in a policy document
2:12-2:19 GR108 "allow" is no effect
2:29-2:30 GR105 Action is a number
2:44-2:48 GR105 NotAction is a boolean
2:61-2:63 GR105 Resource is an object
2:65-2:75 GR104 a statement has no element "resource"
2:31-2:42 GR107 a statement may not have both Action and NotAction
3:2-3:3 GR105 a statement is a number
3:5-3:6 GR106 the statement has no Effect
3:5-3:6 GR106 the statement has neither Action nor NotAction
`},
		{"principals", `{"Statement":{"Effect":"Deny","Action":"a:b","Principal":"arn:x","NotPrincipal":{"User":"x","AWS":12}}}`,
			`1:58-1:65 GR109 Principal is a bare string
1:82-1:88 GR104 NotPrincipal has no element "User"
1:99-1:101 GR105 AWS is a number
1:66-1:80 GR107 a statement may not have both Principal and NotPrincipal
`},
		{"conditions", `{"Statement":{"Effect":"Deny","Action":"a:b","Condition":{"Bool":[],"Null":{"k":null,"k":"x","l":{}}}}}`,
			`1:66-1:68 GR105 Bool is a list
1:81-1:85 GR105 k is null
1:86-1:89 GR103 "k" stands twice in Null
1:98-1:100 GR105 l is an object
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, ds := Parse("p.json", []byte(c.src)); show(ds) != c.want {
				t.Errorf("got\n%swant\n%s", show(ds), c.want)
			}
		})
	}
}

func TestParseHintsTheWayOut(t *testing.T) {
	_, ds := Parse("p.json", []byte(`{"Statment":[]}`))
	if len(ds) != 2 || ds[0].Hint != `did you mean "Statement"?` {
		t.Fatalf("%+v", ds)
	}
	_, ds = Parse("p.json", []byte(`{"Statement":[],"Statement":[]}`))
	if len(ds) != 1 || len(ds[0].Related) != 1 || ds[0].Related[0].Range.Start.Column != 2 {
		t.Fatalf("%+v", ds)
	}
}

func TestParseIsBounded(t *testing.T) {
	const tenMB = 10 << 20
	for name, src := range map[string]string{
		"nesting":     strings.Repeat("[", tenMB),
		"values":      `{"Statement":[` + strings.Repeat("1,", tenMB/2),
		"mistakes":    `{"Statement":[` + strings.Repeat(`{"a":1},`, maxValues/3) + `1]}`,
		"one string":  `{"Id":"` + strings.Repeat("a", tenMB) + `"}`,
		"escapes":     `{"Id":"` + strings.Repeat(`\u00e4`, tenMB/6) + `"}`,
		"blanks":      strings.Repeat(" ", tenMB),
		"too long":    strings.Repeat(" ", maxSource+1),
		"same values": `{"Statement":{"Effect":"Deny","Action":["a:b"` + strings.Repeat(`,"a:b"`, maxValues-100) + `]}}`,
	} {
		start := time.Now()
		_, ds := Parse("p.json", []byte(src))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if (ds == nil) != (name == "same values") || len(ds) > maxProblems+1 {
			t.Errorf("%s: %d diagnostics", name, len(ds))
		}
	}
	_, ds := Parse("p.json", []byte(strings.Repeat("[", maxDepth+1)))
	if show(ds) != "1:65-1:66 GR102 the document is nested more than 64 levels deep\n" {
		t.Error(show(ds))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`,
		`{"Statement":{"Effect":"Allow","NotAction":["a:b",1],"Condition":{"Bool":{"k":[true,1e3]}}}}`,
		`{"Statement":[{"Effect":"Deny","Principal":{"AWS":[]},"Action":"{{id:root}}\ud83d\ude00\\"}]}`,
		`{"Id":"\u0000\u2028<>&","Statement":[]}`, "{", "\ufeff{}", `[[[[`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, ds := Parse("f", src)
		for _, g := range ds {
			if g.Range.Start.Byte > g.Range.End.Byte || g.Range.End.Byte > len(src) || g.Range.Start.Line < 1 || g.Range.Start.Column < 1 {
				t.Fatalf("%+v lies outside the source", g)
			}
		}
		if ds.HasErrors() {
			return
		}
		one := d.JSON()
		again, ds := Parse("f", []byte(one))
		if ds != nil {
			t.Fatalf("canonical %s: %v", one, ds)
		}
		if two := again.JSON(); two != one {
			t.Fatalf("canonical is no fixed point:\n%s\n%s", one, two)
		}
	})
}
