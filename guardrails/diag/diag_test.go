package diag

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestSortIsByPlaceAndStable(t *testing.T) {
	at := func(file string, line, column int) Range {
		return Range{File: file, Start: Pos{Line: line, Column: column}}
	}
	var ds Diagnostics
	ds.Errorf(at("b", 1, 1), "GR001", "fifth")
	ds.Warnf(at("a", 2, 1), "GR002", "third")
	ds.Errorf(at("a", 2, 1), "GR002", "fourth")
	ds.Errorf(at("a", 2, 1), "GR001", "second")
	ds.Errorf(at("a", 1, 9), "GR009", "first")
	ds.Sort()
	var got []string
	for _, d := range ds {
		got = append(got, d.Summary)
	}
	if s := strings.Join(got, " "); s != "first second third fourth fifth" {
		t.Error(s)
	}
}

func TestAnErrorIsAnErrorAndAWarningIsNot(t *testing.T) {
	var ds Diagnostics
	if ds.HasErrors() {
		t.Error("nothing has errors")
	}
	ds.Warnf(Range{File: "f"}, "GR001", "%d%%", 5).Hint = "hint"
	if ds.HasErrors() || ds[0].Summary != "5%" || ds[0].Hint != "hint" || ds[0].Severity != Warning {
		t.Errorf("%+v", ds)
	}
	ds.Errorf(Range{File: "f"}, "GR001", "x")
	if !ds.HasErrors() {
		t.Error("an error is none")
	}
}

func TestRangeString(t *testing.T) {
	r := Range{File: "f.yaml", Start: Pos{Line: 3, Column: 7}}
	if r.String() != "f.yaml:3:7" || (Range{File: "f.yaml"}).String() != "f.yaml" || r.IsZero() || !(Range{}).IsZero() {
		t.Error(r)
	}
}

func TestCodesAreUniqueAndNamed(t *testing.T) {
	id := regexp.MustCompile(`^GR[0-4][0-9][0-9]$`)
	seen := map[string]bool{}
	for _, c := range Codes() {
		if !id.MatchString(c.ID) {
			t.Errorf("%q is no code", c.ID)
		}
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q", c.ID, c.Title)
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d codes", len(seen))
	}
}

func TestFileCodesAreSortedAndHaveASection(t *testing.T) {
	if !slices.IsSortedFunc(fileCodes, func(a, b Code) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not sorted")
	}
	page, err := os.ReadFile("../../docs/diagnostics/file.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range fileCodes {
		if !strings.HasPrefix(c.ID, "GR0") {
			t.Errorf("%s is not of the file", c.ID)
		}
		if heading := fmt.Sprintf("\n## %s: %s\n", c.ID, c.Title); !strings.Contains(string(page), heading) {
			t.Errorf("docs/diagnostics/file.md has no section %q", strings.TrimSpace(heading))
		}
	}
	for _, h := range regexp.MustCompile(`(?m)^## (GR\d+)`).FindAllStringSubmatch(string(page), -1) {
		if !slices.ContainsFunc(fileCodes, func(c Code) bool { return c.ID == h[1] }) {
			t.Errorf("docs/diagnostics/file.md explains %s, which does not exist", h[1])
		}
	}
}
