package eval

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func resourcePattern(s string) pattern {
	return parsePattern(s, Syntax{Wildcards: true, Resource: true}, nil)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func TestResourcePatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, resource string
		want              bool
	}{
		{"*", "", true},
		{"*", "arn:aws:s3:::bucket/key", true},
		{"", "", true},
		{"", "x", false},
		{"arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/", true},
		{"arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false},
		{"arn:aws:s3:::bucket/*", "arn:aws:s3:::Bucket/key", false},
		// The page's own example, over all its object names.
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test/object.jpg", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/object.jpg", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1///test///object.jpg", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/object.jpg", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test/", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1-test/object.jpg", false},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/object.jpg", false},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test.jpg", false},
		// A * at the end of a field goes beyond the colon, one within does not.
		{"arn:aws:sqs:*:111122223333:queue", "arn:aws:sqs:us-east-1:444455556666:x:111122223333:queue", true},
		{"arn:aws:sqs:us-*-1:111122223333:q", "arn:aws:sqs:us-east-1:111122223333:q", true},
		{"arn:aws:sqs:us-*-1:111122223333:q", "arn:aws:sqs:us-east:x-1:111122223333:q", false},
		{"arn:aws:s3*", "arn:aws:s3:::bucket/key", true},
		{"arn:aws:s3?::bucket", "arn:aws:s3:::bucket", false},
		{"arn:aws:s3:::a*z", "arn:aws:s3:::a:b:z", true},
		{"arn:aws:logs:*:*:log-group:*:log-stream:x", "arn:aws:logs:eu-west-1:111122223333:log-group:a:b:log-stream:x", true},
		{"arn:*:iam::*:role/x", "arn:aws-cn:iam::111122223333:role/x", true},
		{"arn:aws:s3:::b?cket", "arn:aws:s3:::bäcket", true},
		{"arn:aws:s3:::b??cket", "arn:aws:s3:::bäcket", false},
		{"arn:aws:ec2:*:*:instance/*", "*", false},
		{"?", "*", true},
	} {
		p := resourcePattern(c.pattern)
		if got := p.match(c.resource); got != c.want {
			t.Errorf("%s, %s: %v", c.pattern, c.resource, got)
		}
	}
}

// asRegexp says the same in the words of regexp.
func asRegexp(pattern string) *regexp.Regexp {
	var b strings.Builder
	field := 5
	if strings.HasPrefix(pattern, "arn:") {
		field = 0
	}
	for i, r := range pattern {
		one := "(?s:.)"
		if field < 5 {
			one = "[^:]"
		}
		switch {
		case r == '*' && field < 5 && i+1 < len(pattern) && pattern[i+1] != ':':
			b.WriteString("[^:]*")
		case r == '*':
			b.WriteString("(?s:.*)")
		case r == '?':
			b.WriteString(one)
		default:
			if r == ':' {
				field++
			}
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile(`\A` + b.String() + `\z`)
}

func TestPatternsMatchAsRegularExpressions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.SampledFrom([]string{"", "arn:", "arn:a:"}).Draw(t, "head")
		p := head + rapid.StringOfN(rapid.SampledFrom([]rune("aab:*?é")), 0, 14, -1).Draw(t, "pattern")
		s := head + rapid.StringOfN(rapid.SampledFrom([]rune("aab:é")), 0, 14, -1).Draw(t, "string")
		compiled := resourcePattern(p)
		if got, want := compiled.match(s), asRegexp(p).MatchString(s); got != want {
			t.Fatalf("%q, %q: %v, regexp says %v", p, s, got, want)
		}
	})
}

func TestHostilePatternsTakeLittleTime(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	for _, p := range []string{
		"*a*a*a*a*b", strings.Repeat("*a", 1000) + "b", strings.Repeat("a*", 1000) + "b", strings.Repeat("?*", 500) + "b",
		"*" + strings.Repeat("a", 50_000) + "b", "arn:x*a*a*a*a*b:*:y*a*b:*z", "arn:*" + strings.Repeat("a*", 100) + ":*:*:*:*b",
		strings.Repeat("*", 10_000) + "b",
	} {
		start := time.Now()
		compiled := resourcePattern(p)
		for _, s := range []string{long, "arn:" + long} {
			if compiled.match(s) {
				t.Errorf("%.40s matches", p)
			}
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%.40s takes %v", p, d)
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func TestVariablesAreRecognized(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "[plain]"},
		{"${aws:username}", "[<aws:username>]"},
		{"a${aws:username}b", "[a <aws:username> b]"},
		{"${aws:PrincipalTag/team, 'none'}", "[<aws:PrincipalTag/team=none>]"},
		{"${aws:PrincipalTag/team,'none' }", "[<aws:PrincipalTag/team=none>]"},
		{"${aws:PrincipalTag/cost center, ''}", "[<aws:PrincipalTag/cost center=>]"},
		{"${aws:PrincipalTag/x, 'a,b}c'}", "[<aws:PrincipalTag/x=a,b}c>]"},
		{"${*}${?}${$}", "[*?$]"},
		{"a*${*}?", "[a * \"*\" ?]"},
		{"${}", "[${}]"},
		{"${aws:username", "[${aws:username]"},
		{"${aws:x, none}", "[${aws:x, none}]"},
		{"${aws:x, 'none}", "[${aws:x, 'none}]"},
		{"$${aws:x}", "[$ <aws:x>]"},
		{"${${aws:x}}", "[<${aws:x> }]"},
		{"$", "[$]"},
	} {
		names := map[int32]string{}
		p := parsePattern(c.text, Syntax{Wildcards: true, Variables: true}, func(key string) int32 {
			id := int32(len(names))
			names[id] = key
			return id
		})
		var parts []string
		for _, x := range p.pieces {
			switch {
			case x.kind == variable && x.hasDefault:
				parts = append(parts, "<"+names[x.key]+"="+x.text+">")
			case x.kind == variable:
				parts = append(parts, "<"+names[x.key]+">")
			case x.kind == anyText:
				parts = append(parts, "*")
			case x.kind == anyOne:
				parts = append(parts, "?")
			case x.text == "*":
				parts = append(parts, `"*"`)
			default:
				parts = append(parts, x.text)
			}
		}
		if got := fmt.Sprint(parts); got != c.want {
			t.Errorf("%s: %s, not %s", c.text, got, c.want)
		}
	}
}

// Before the fifth colon of a Resource a variable is text.
func TestVariablesKeepToTheirPlaceInTheARN(t *testing.T) {
	intern := func(string) int32 { return 0 }
	syn := Syntax{Wildcards: true, Variables: true, Resource: true}
	if p := parsePattern("arn:aws:iam::${aws:PrincipalAccount}:role/x", syn, intern); p.form != exact {
		t.Error("a variable in the account of an ARN is resolved")
	}
	if p := parsePattern("arn:aws:iam::*:role/${aws:username}", syn, intern); p.form != dynamic {
		t.Error("a variable in the resource part of an ARN is not resolved")
	}
}
