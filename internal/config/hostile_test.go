package config

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Files that are small and cost much, for a reader that is not careful.
func TestHostileFiles(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	sets := "sets:\n  s0: [deny-root-user]\n"
	for i := 1; i < 40; i++ {
		sets += fmt.Sprintf("  s%d: [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("s%d, ", i-1), 10), ", "))
	}
	for name, text := range map[string]string{
		"sets of sets":      minimal + sets,
		"one long line":     minimal + "roles: {" + many(8_000, `r%d: {targets: [root], managedPolicies: [X], trust: {users: [management/a]}}, `) + "}\n",
		"unknown names":     minimal + "passwordPolicies: {p: {preset: cis-aws-foundations, targets: [" + many(20_000, "nobody-%d, ") + "]}}\n",
		"accounts, unknown": "version: 1\norganization: {name: a, managementAccount: {id: \"111111111111\"}, homeRegion: eu-central-1}\nroot: {accounts: {" + many(10_000, "a%d: {email: a%[1]d@acme.example}, ") + "}}\npasswordPolicies: {p: {preset: cis-aws-foundations, targets: [" + many(10_000, "b%d, ") + "]}}\n",
		"unknown keys":      minimal + many(20_000, "key-%d: 1\n"),
		"wrong types":       minimal + "tests: [" + strings.Repeat("1, ", 50_000) + "]\n",
		"same key":          minimal + "sets: {" + strings.Repeat("a: [], ", 50_000) + "}\n",
		"long names":        minimal + "passwordPolicies: {p: {preset: cis-aws-foundations, targets: [" + strings.Repeat(strings.Repeat("n", 50_000)+", ", 100) + "]}}\n",
		"many tests":        minimal + "tests:\n" + many(20_000, "- {name: t%d, as: role/x, in: root, action: \"s3:GetObject\", expect: allow}\n"),
		"former keys":       strings.Replace(minimal, "root: {", "root: {units: {A: {was: ["+many(20_000, "w%d, ")+"]}}, ", 1),
		"merges":            minimal + "x-a: &a {" + many(200, "k%d: 1, ") + "}\nx-b: {" + many(2000, "m%d: {<<: *a}, ") + "}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if len(text) > MaxFileSize {
				t.Fatalf("%d bytes", len(text))
			}
			start := time.Now()
			_, ds := loadText(t, text)
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%d bytes took %s", len(text), d)
			} else {
				t.Logf("%d bytes, %s, %d mistakes", len(text), d.Round(time.Millisecond), len(ds))
			}
		})
	}
}

func TestPositions(t *testing.T) {
	data := []byte("aé🚀\r\nsecond\u2028line\rthird\n")
	data = append(data, bytes.Repeat([]byte("é"), 5000)...)
	src := newSource("f", data)
	for i := range data {
		if data[i]&0xc0 == 0x80 {
			continue // inside of a character
		}
		p := src.pos(i)
		if p.Byte != i {
			t.Fatalf("byte %d is at %+v", i, p)
		}
		start := bytes.LastIndexByte(data[:i], '\n') + 1
		if want := bytes.Count(data[:i], []byte("\n")) + 1; p.Line != want {
			t.Fatalf("byte %d is in line %d, want %d", i, p.Line, want)
		}
		if want := len([]rune(string(data[start:i]))) + 1; p.Column != want {
			t.Fatalf("byte %d is in column %d, want %d", i, p.Column, want)
		}
	}
	// The YAML library counts a lone carriage return and Unicode's separators as ends of lines.
	for _, c := range []struct{ line, column, want int }{
		{1, 1, 0}, {1, 2, 1}, {1, 3, 3}, {2, 1, 9}, {3, 1, 18}, {4, 1, 23}, {5, 1, 29}, {5, 4001, 29 + 8000}, {99, 1, 29}, {5, 99999, len(data)}, {0, 0, 0},
	} {
		if got := src.offset(c.line, c.column); got != c.want {
			t.Errorf("line %d, column %d is byte %d, want %d", c.line, c.column, got, c.want)
		}
	}
}

func TestTheByteOrderMarkIsNoColumn(t *testing.T) {
	src := newSource("f", []byte("\ufeffa: b\n"))
	if p := src.pos(src.offset(1, 4)); p.Line != 1 || p.Column != 4 || p.Byte != 6 {
		t.Errorf("%+v", p)
	}
}
