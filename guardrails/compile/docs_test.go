package compile

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diag"
)

var fenced = regexp.MustCompile("(?s)```([a-z ]+)\n(.*?)\n```")

// Every code has a section, and each example brings about the code of its own.
func TestTheManual(t *testing.T) {
	page, err := os.ReadFile("../../docs/diagnostics/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	intro, rest, _ := strings.Cut(string(page), "\n## ")
	base := fenced.FindStringSubmatch(intro)
	if base == nil || base[1] != "yaml base" {
		t.Fatal("no base")
	}
	var documented []string
	run := 0
	for _, section := range strings.Split(rest, "\n## ") {
		heading, _, _ := strings.Cut(section, "\n")
		documented = append(documented, heading)
		code, _, _ := strings.Cut(heading, ":")
		example := fenced.FindStringSubmatch(section)
		if example == nil || !strings.Contains(section, "Way out: ") {
			t.Errorf("%s lacks an example or the way out", code)
			continue
		}
		if example[1] != "yaml" {
			continue
		}
		run++
		file := filepath.Join(t.TempDir(), "organization.yaml")
		if err := os.WriteFile(file, []byte(complete(base[2], example[2])), 0o644); err != nil {
			t.Fatal(err)
		}
		_, ds := load(t, file)
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == code }) {
			t.Errorf("the example of %s brings about\n%s", code, show(ds))
		}
	}
	var want []string
	for _, c := range diag.Codes() {
		if strings.HasPrefix(c.ID, "GR3") {
			want = append(want, c.ID+": "+c.Title)
		}
	}
	if !slices.Equal(documented, want) {
		t.Errorf("sections\n%s\nwant\n%s", strings.Join(documented, "\n"), strings.Join(want, "\n"))
	}
	if run < 8 {
		t.Errorf("only %d examples are run", run)
	}
}

// complete adds to lines of a file the blocks of the base that they leave out.
func complete(base, lines string) string {
	var b strings.Builder
	for _, block := range regexp.MustCompile(`(?m)^[a-z]+:(?:.*\n(?: .*\n)*)`).FindAllString(base+"\n", -1) {
		key, _, _ := strings.Cut(block, ":")
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(lines) {
			b.WriteString(block)
		}
	}
	return b.String() + lines + "\n"
}

// Every code that the package can say is in the table, and the other way round.
func TestEveryCodeIsUsed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(`"(GR[0-9]{3})"`).FindAllStringSubmatch(string(src), -1) {
			used[code[1]] = true
		}
	}
	for _, c := range diag.Codes() {
		if (strings.HasPrefix(c.ID, "GR3") && c.ID < "GR370") != used[c.ID] { // from 370 on it is guardrails/trial
			t.Errorf("%s is used: %v", c.ID, used[c.ID])
		}
		delete(used, c.ID)
	}
	if len(used) > 0 {
		t.Errorf("not in the table: %v", used)
	}
}
