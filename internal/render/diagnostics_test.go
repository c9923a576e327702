package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// at is a range on one line of organization.yaml: columns from and to (exclusive).
func at(line, from, to int) diag.Range {
	return diag.Range{File: "organization.yaml", Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
}

func text(t *testing.T, d diag.Diagnostic, src string, opts Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Diagnostics(&b, diag.Diagnostics{d}, map[string][]byte{"organization.yaml": []byte(src)}, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDiagnosticsText(t *testing.T) {
	thirteen := strings.Repeat("#\n", 13)
	unknown := diag.Diagnostic{
		Severity: diag.Error, Code: "GR012", Range: at(14, 15, 29),
		Summary: `unknown template "deny-leave-org"`, Hint: `did you mean "deny-leave-organization"?`,
	}
	for _, c := range []struct {
		name string
		d    diag.Diagnostic
		src  string
		opts Options
		want string
	}{
		{"the example of the style guide", unknown, thirteen + "  - template: deny-leave-org\n", Options{}, `
organization.yaml:14:15: unknown template "deny-leave-org" [GR012]
14 |   - template: deny-leave-org
   |               ^~~~~~~~~~~~~~ did you mean "deny-leave-organization"?
`},
		{"a hint that does not fit stands below", unknown, thirteen + "  - template: deny-leave-org\n", Options{Width: 40}, `
organization.yaml:14:15: unknown template "deny-leave-org" [GR012]
14 |   - template: deny-leave-org
   |               ^~~~~~~~~~~~~~
   | did you mean
   | "deny-leave-organization"?
`},
		{"a file that nobody has", unknown, "", Options{}, `
organization.yaml:14:15: unknown template "deny-leave-org" [GR012]
  did you mean "deny-leave-organization"?
`},
		{"a warning says so", diag.Diagnostic{Severity: diag.Warning, Code: "GR044", Range: at(1, 1, 4), Summary: "expires soon"}, "abc\n", Options{}, `
organization.yaml:1:1: warning: expires soon [GR044]
1 | abc
  | ^~~
`},
		{"no place at all", diag.Diagnostic{Severity: diag.Error, Code: "GR400", Summary: "no credentials", Hint: "set AWS_PROFILE"}, "", Options{}, `
no credentials [GR400]
  set AWS_PROFILE
`},
		{"tabs, wide runes and combining marks keep the underline in place", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 7, 9), Summary: "no"}, "\t日本é: xy # é\n", Options{}, `
organization.yaml:1:7: no [GR001]
1 |     日本é: xy # é
  |            ^~
`},
		{"control characters do not reach the terminal", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 1, 6), Summary: "unit \"a\x1b[2J\" is\nodd", Hint: "\u202e"}, "a\x1b[2J: 1\r\n", Options{}, `
organization.yaml:1:1: unit "a\x1b[2J" is\nodd [GR001]
1 | a\x1b[2J: 1
  | ^~~~~~~~ \u202e
`},
		{"bytes that are not UTF-8", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 2, 3), Summary: "not UTF-8"}, "a\xffb\n", Options{}, `
organization.yaml:1:2: not UTF-8 [GR001]
1 | a\xffb
  |  ^~~~
`},
		{"an empty range, at the end of the line", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 6, 6), Summary: "a value is missing"}, "name:\n", Options{}, `
organization.yaml:1:6: a value is missing [GR001]
1 | name:
  |      ^
`},
		{"a range over lines is underlined to the end of its first", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: diag.Range{File: "organization.yaml", Start: diag.Pos{Line: 1, Column: 3}, End: diag.Pos{Line: 2, Column: 3}}, Summary: "no"}, "a: [b,\n c]", Options{}, `
organization.yaml:1:3: no [GR001]
1 | a: [b,
  |   ^~~~
`},
		{"a long line is a window", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 501, 505), Summary: "no"}, strings.Repeat("a", 500) + "HERE" + strings.Repeat("b", 500), Options{Width: 40}, `
organization.yaml:1:501: no [GR001]
1 | …aaaaaaaaaaHEREbbbbbbbbbbbbbbbbbbbb…
  |            ^~~~
`},
		{"the end of a long line", diag.Diagnostic{Severity: diag.Error, Code: "GR001", Range: at(1, 501, 505), Summary: "no"}, strings.Repeat("a", 500) + "HERE", Options{Width: 40}, `
organization.yaml:1:501: no [GR001]
1 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaHERE
  |                                ^~~~
`},
		{"a related place before it on the same long line", diag.Diagnostic{
			Severity: diag.Error, Code: "GR001", Range: at(1, 5001, 5005), Summary: "no",
			Related: []diag.Related{{Range: at(1, 1, 3), Message: "the first is here"}},
		}, "AB" + strings.Repeat("a", 4998) + "HERE", Options{Width: 40}, `
organization.yaml:1:5001: no [GR001]
1 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaHERE
  |                                ^~~~
organization.yaml:1:1: the first is here
1 | ABaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
  | ^~
`},
		{"related places", diag.Diagnostic{
			Severity: diag.Error, Code: "GR031", Range: at(2, 1, 2), Summary: `account id "1" twice`,
			Related: []diag.Related{{Range: at(1, 1, 2), Message: "the first is here"}},
		}, "a\nb\n", Options{}, `
organization.yaml:2:1: account id "1" twice [GR031]
2 | b
  | ^
organization.yaml:1:1: the first is here
1 | a
  | ^
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := text(t, c.d, c.src, c.opts); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%swant%s", got, c.want)
			}
		})
	}
}

func TestDiagnosticsAreSortedAndSeparated(t *testing.T) {
	ds := diag.Diagnostics{
		{Severity: diag.Error, Code: "GR002", Range: at(2, 1, 2), Summary: "second"},
		{Severity: diag.Warning, Code: "GR001", Range: at(1, 1, 2), Summary: "first"},
	}
	var b bytes.Buffer
	if err := Diagnostics(&b, ds, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	want := "organization.yaml:1:1: warning: first [GR001]\n\norganization.yaml:2:1: second [GR002]\n"
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
	if ds[0].Summary != "second" {
		t.Error("the caller's diagnostics were reordered")
	}
	if got := Summary(ds); got != "1 error, 1 warning" {
		t.Errorf("summary %q", got)
	}
}

func TestColourIsOnlyAdded(t *testing.T) {
	d := diag.Diagnostic{Severity: diag.Error, Code: "GR012", Range: at(1, 1, 4), Summary: "no", Hint: "a hint"}
	plain, colour := text(t, d, "abc", Options{}), text(t, d, "abc", Options{Color: true})
	if !strings.Contains(colour, "\x1b[31m^~~\x1b[0m") {
		t.Errorf("the underline is not red: %q", colour)
	}
	for strings.Contains(colour, "\x1b[") {
		i := strings.Index(colour, "\x1b[")
		colour = colour[:i] + colour[i+strings.IndexByte(colour[i:], 'm')+1:]
	}
	if colour != plain {
		t.Errorf("without its colour it reads\n%s", colour)
	}
}

// Whatever the bytes and wherever the range, text is shown, it cannot act on
// the terminal, and the source line fits.
func TestDiagnosticsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-2, 60)
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "GR001", Summary: rapid.String().Draw(t, "summary"), Hint: rapid.String().Draw(t, "hint"),
			Range: diag.Range{File: "organization.yaml",
				Start: diag.Pos{Line: n.Draw(t, "line"), Column: n.Draw(t, "column")},
				End:   diag.Pos{Line: n.Draw(t, "end line"), Column: n.Draw(t, "end column")}},
		}
		src := rapid.SliceOf(rapid.Byte()).Draw(t, "source")
		var b bytes.Buffer
		if err := Diagnostics(&b, diag.Diagnostics{d}, map[string][]byte{"organization.yaml": src}, Options{Width: 50}); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.String() {
			if r != '\n' && (r < ' ' || r == 0x7f) {
				t.Fatalf("%q holds %U", b.String(), r)
			}
		}
		for l := range strings.Lines(b.String()) {
			before, after, found := strings.Cut(l, " | ")
			if _, err := fmt.Sscan(before, new(int)); found && err == nil && columns(after) > 50 {
				t.Fatalf("%q is %d columns wide", l, columns(after))
			}
		}
	})
}

func TestManyDiagnosticsInALargeFile(t *testing.T) {
	src := bytes.Repeat([]byte("key: value # a comment\n"), 100_000)
	src = append(src, bytes.Repeat([]byte("x"), 10_000_000)...)
	var ds diag.Diagnostics
	for i := range 2000 {
		ds.Errorf(at(100_001, 5_000*i+1, 5_000*i+9), "GR001", "no")
	}
	start := time.Now()
	var b bytes.Buffer
	if err := Diagnostics(&b, ds, map[string][]byte{"organization.yaml": src}, Options{}); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 60*time.Second {
		t.Errorf("took %s", d)
	}
}

func TestDiagnosticsJSON(t *testing.T) {
	got, err := DiagnosticsJSON(nil)
	if err != nil || string(got) != "[]\n" {
		t.Errorf("%q, %v", got, err)
	}
	got, err = DiagnosticsJSON(diag.Diagnostics{{Severity: diag.Error, Code: "GR012", Range: at(1, 2, 3), Summary: "a < b"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "severity": "error",
    "code": "GR012",
    "range": {
      "file": "organization.yaml",
      "start": {
        "line": 1,
        "column": 2,
        "byte": 0
      },
      "end": {
        "line": 1,
        "column": 3,
        "byte": 0
      }
    },
    "summary": "a < b"
  }
]
`
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
}

func TestSARIF(t *testing.T) {
	ds := diag.Diagnostics{
		{Severity: diag.Warning, Code: "GR044", Range: at(3, 1, 4), Summary: "expires soon"},
		{Severity: diag.Error, Code: "GR012", Range: at(1, 2, 3), Summary: "no", Hint: "yes", Related: []diag.Related{{Range: at(2, 1, 2), Message: "here"}}},
		{Severity: diag.Error, Code: "GR012", Range: diag.Range{File: "a b/ü.yaml"}, Summary: "no"},
	}
	out, err := SARIF(ds, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.ColumnKind != "unicodeCodePoints" || run.Tool.Driver.Version != "1.2.3" {
		t.Errorf("%+v", log)
	}
	var rules []string
	for _, r := range run.Tool.Driver.Rules {
		rules = append(rules, r.ID+" "+r.HelpURI)
	}
	if got, want := strings.Join(rules, "\n"), "GR012 "+manual+"file.md#gr012\nGR044 "+manual+"file.md#gr044"; got != want {
		t.Errorf("rules\n%s", got)
	}
	var results []string
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule index %d is not %s", r.RuleIndex, r.RuleID)
		}
		loc := r.Locations[0].PhysicalLocation
		s := fmt.Sprint(r.Level, " ", r.Message.Text, " ", loc.ArtifactLocation.URI)
		if loc.Region != nil {
			s += fmt.Sprint(" ", *loc.Region)
		}
		results = append(results, s)
	}
	want := "error no a%20b/%C3%BC.yaml\nerror no; yes organization.yaml {1 2 1 3}\nwarning expires soon organization.yaml {3 1 3 4}"
	if got := strings.Join(results, "\n"); got != want {
		t.Errorf("results\n%s", got)
	}
	if rel := run.Results[1].RelatedLocations; len(rel) != 1 || rel[0].Message.Text != "here" || rel[0].PhysicalLocation.Region.StartLine != 2 {
		t.Errorf("related %+v", rel)
	}
	if out, _ := SARIF(nil, ""); !bytes.Contains(out, []byte(`"results": []`)) {
		t.Errorf("without results\n%s", out)
	}
}
