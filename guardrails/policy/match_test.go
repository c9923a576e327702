package policy

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		fold, want bool
	}{
		{"*", "", false, true},
		{"", "", false, true},
		{"", "a", false, false},
		{"s3:Get*", "s3:GetObject", false, true},
		{"s3:Get*", "s3:getobject", false, false},
		{"s3:Get*", "S3:getobject", true, true},
		{"*:*Tag*", "iam:UntagRole", true, true},
		{"a?c", "abc", false, true},
		{"a?c", "ac", false, false},
		{"a?c", "aäc", false, true},
		{"*?", "ä", false, true},
		{"??", "ä", false, false},
		{"a*b*c", "aXbYbZc", false, true},
		{"a*b*c", "aXcYb", false, false},
		{"a[b]", "ab", false, false},
		{"${*}", "${x}", false, true},
		{"*\xff", "a\xff", false, true},
	} {
		if got := Match(c.pattern, c.s, c.fold); got != c.want {
			t.Errorf("Match(%q, %q, %v) = %v", c.pattern, c.s, c.fold, got)
		}
	}
}

func TestMatchTakesNoTime(t *testing.T) {
	start := time.Now()
	s := strings.Repeat("a", 100_000)
	Match(strings.Repeat("a*", 50)+"b", s, true)
	Match(strings.Repeat("?*", 50)+"b", s, true)
	Covers(strings.Repeat("*?", 50)+"b", strings.Repeat("a*", 50), true)
	Covers("*a"+strings.Repeat("?", 60), strings.Repeat("ab*", 60), true)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		wide, narrow string
		want         bool
	}{
		{"*", "s3:*", true},
		{"s3:*", "*", false},
		{"bedrock:*", "bedrock:InvokeModel*", true},
		{"bedrock:InvokeModel", "bedrock:InvokeModel*", false},
		{"bedrock:InvokeModel*", "bedrock:invokemodel", true},
		{"?*", "*a", true},
		{"?*", "*", false},
		{"*?", "?*", true},
		{"a?", "a*", false},
		{"a?", "a?", true},
		{"a?", "ab", true},
		{"ab", "a?", false},
		{"*a?", "*a??", false},
		{"*??", "*a?", true},
		{"role/x*", "role/x-*", true},
	} {
		if got := Covers(c.wide, c.narrow, true); got != c.want {
			t.Errorf("Covers(%q, %q) = %v", c.wide, c.narrow, got)
		}
	}
}

// reference is Match by the definition, letter by letter.
func reference(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return reference(p[1:], s) || s != "" && reference(p, s[1:])
	case s == "":
		return false
	}
	return (p[0] == '?' || p[0] == s[0]) && reference(p[1:], s[1:])
}

var (
	genPattern = rapid.StringOfN(rapid.SampledFrom([]rune("ab*?")), 0, 6, -1)
	genPlain   = rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 0, 8, -1)
)

func TestMatchIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := genPattern.Draw(t, "p"), genPlain.Draw(t, "s")
		if got, want := Match(p, s, false), reference(p, s); got != want {
			t.Fatalf("Match(%q, %q) = %v", p, s, got)
		}
	})
}

// plains are all strings over three letters of up to seven characters: enough
// to tell two patterns of at most four characters apart.
var plains = func() []string {
	all, last := []string{""}, []string{""}
	for range 7 {
		var next []string
		for _, s := range last {
			next = append(next, s+"a", s+"b", s+"c")
		}
		all, last = append(all, next...), next
	}
	return all
}()

func TestCoversIsItsDefinition(t *testing.T) {
	short := rapid.StringOfN(rapid.SampledFrom([]rune("ab*?")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		wide, narrow := short.Draw(t, "wide"), short.Draw(t, "narrow")
		want := true
		for _, s := range plains {
			if reference(narrow, s) && !reference(wide, s) {
				want = false
				break
			}
		}
		if got := Covers(wide, narrow, false); got != want {
			t.Fatalf("Covers(%q, %q) = %v", wide, narrow, got)
		}
	})
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"*", "x"}, {"s3:Get*", "s3:GetObject"}, {"a?b*", "aXbc"}, {"*?*", ""}, {"ä?", "äö"}, {"\xff*", "\xff"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if Match(p, s, false) && !Match(p, s, true) {
			t.Fatal("folding loses a match")
		}
		if !Match("*", s, false) || !Match(p, p, true) && !strings.Contains(p, "?") {
			t.Fatal("a pattern matches itself, and * everything")
		}
		if !Covers("*", p, false) || !Covers(p, p, false) && len(p) < 20 {
			t.Fatalf("%q does not cover itself", p)
		}
		if len(p) < 50 && len(s) < 200 && Covers(p, s, false) && !strings.ContainsAny(s, "*?") && !Match(p, s, false) {
			t.Fatalf("%q covers %q and does not match it", p, s)
		}
	})
}
