package evaluate

import (
	"encoding/json"
	"strings"
	"testing"
)

// whole reads a text as one value, and reports whether it is one.
func whole(text string) bool {
	var s scanner
	s.reset(text)
	s.value()
	s.end()
	return s.err == ""
}

var spellings = []string{
	`{}`, `[]`, `""`, `"a"`, `0`, `-0`, `1`, `10`, `1.5`, `1e9`, `1E+9`, `1e-9`, `true`, `false`, `null`, ` { "a" : [ 1 , 2 ] } `,
	`{"a":{"b":[[],{}]}}`, `"é"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\"\\\/\b\f\n\r\t"`, "\t\r\n[]\n",
	``, ` `, `{`, `}`, `[`, `]`, `"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", "\x00", `01`, `-`, `+1`, `1.`, `.5`, `1e`, `1e+`,
	`tru`, `truex`, `nul`, `NaN`, `True`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1 "b":2}`, `{"a" 1}`, `[1,]`, `[,1]`, `[1 2]`, `[1,,2]`,
	`{} {}`, `[] x`, `'a'`, `{"a":1}}`, "\ufeff{}", "[1]\x00",
}

// The scanner takes what encoding/json takes, and nothing else.
func TestScannerTakesJSON(t *testing.T) {
	valid := 0
	for _, text := range spellings {
		want := json.Valid([]byte(text))
		if got := whole(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if want {
			valid++
		}
	}
	if valid < 20 || valid > len(spellings)-20 {
		t.Errorf("%d of %d are valid", valid, len(spellings))
	}
}

func TestStringsAreUnescaped(t *testing.T) {
	for text, want := range map[string]string{
		`"plain"`: "plain", `"\u0061\u00e9\n\"\\\/"`: "aé\n\"\\/", `"\ud83d\ude00"`: "😀", `"\u0000"`: "\x00", `""`: "",
	} {
		var s scanner
		s.reset(text)
		if got := s.str(); got != want || s.err != "" {
			t.Errorf("%s: %q %s", text, got, s.err)
		}
	}
	for _, text := range []string{`"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\ud83d\u0061"`} {
		var s scanner
		s.reset(text)
		if got := s.str(); !strings.Contains(s.err, "surrogate") {
			t.Errorf("%s: %q %s", text, got, s.err)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth: true, maxDepth + 1: false, 1 << 20: false} {
		if got := whole(strings.Repeat("[", depth) + strings.Repeat("]", depth)); got != want {
			t.Errorf("%d levels: %v", depth, got)
		}
	}
}

func TestMistakesHaveAColumn(t *testing.T) {
	for text, want := range map[string]string{
		`{"é": x}`:   "column 7: expected a value, found 'x'",
		`{"a" 1}`:    "column 6: expected ':', found '1'",
		`[1`:         "column 3: expected ',' or ']', found the end",
		`{"a":1,}`:   "column 8: expected a value behind the comma, found '}'",
		`"abc`:       "column 5: a string without its closing quote",
		`{"a":"\q"}`: "column 8: a backslash before 'q'; write \\\\ for a backslash",
	} {
		var s scanner
		s.reset(text)
		s.value()
		s.end()
		if s.err != want {
			t.Errorf("%s: %s", text, s.err)
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, text := range spellings {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 || strings.ToValidUTF8(text, "") != text || strings.Count(text, "[")+strings.Count(text, "{") > maxDepth {
			return
		}
		want := json.Valid([]byte(text))
		if got := whole(text); got != want {
			t.Errorf("%q: %v, encoding/json says %v", text, got, want)
		}
		if !want || text[0] != '"' {
			return
		}
		var s scanner
		var std string
		s.reset(text)
		got := s.str()
		if err := json.Unmarshal([]byte(text), &std); err == nil && s.err == "" && got != std {
			t.Errorf("%q: %q, encoding/json reads %q", text, got, std)
		}
		if back := appendString(nil, got); s.err == "" && json.Unmarshal(back, &std) == nil && std != got {
			t.Errorf("%q comes back as %q", got, std)
		}
	})
}
