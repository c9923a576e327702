package config

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

// loadText loads a file of the given text.
func loadText(t testing.TB, text string) (*File, diag.Diagnostics) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "organization.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, ds, err := Load(file, Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	return f, ds
}

// complete adds to lines of a file the blocks of the base that they leave out.
func complete(base, lines string) string {
	var b strings.Builder
	for _, block := range regexp.MustCompile(`(?m)^(?:version|organization|root):(?:.*\n(?: .*\n)*)`).FindAllString(base+"\n", -1) {
		key, _, _ := strings.Cut(block, ":")
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(lines) {
			b.WriteString(block)
		}
	}
	return b.String() + lines + "\n"
}

// Each example on the page of mistakes makes the mistake that it is for.
func TestExamplesOfMistakes(t *testing.T) {
	page, err := os.ReadFile("../../docs/diagnostics/file.md")
	if err != nil {
		t.Fatal(err)
	}
	intro, rest, _ := strings.Cut(string(page), "\n## ")
	base := fenced.FindStringSubmatch(intro)
	if base == nil || base[1] != "yaml base" {
		t.Fatal("no base")
	}
	if _, ds := loadText(t, base[2]+"\n"); len(ds) > 0 {
		t.Fatalf("the base has mistakes:\n%s", show(ds))
	}
	run := 0
	for _, section := range strings.Split(rest, "\n## ") {
		code, _, _ := strings.Cut(section, ":")
		example := fenced.FindStringSubmatch(section)
		if example == nil {
			t.Errorf("%s has no example", code)
			continue
		}
		if example[1] != "yaml" {
			continue
		}
		run++
		text := complete(base[2], example[2])
		if code == "GR002" {
			text = example[2]
		}
		_, ds := loadText(t, text)
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == code }) {
			t.Errorf("%s: the example\n%s\ngives\n%s", code, text, show(ds))
		}
		for _, d := range ds {
			if d.Code != code && code != "GR007" {
				t.Errorf("%s: the example makes another mistake too:\n%s", code, show(ds))
				break
			}
		}
	}
	if run < 50 {
		t.Errorf("%d examples were run", run)
	}
}

// The examples of the reference are right.
func TestExamplesOfTheReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/organization-file.md")
	if err != nil {
		t.Fatal(err)
	}
	mistakes, err := os.ReadFile("../../docs/diagnostics/file.md")
	if err != nil {
		t.Fatal(err)
	}
	base := fenced.FindStringSubmatch(string(mistakes))[2]
	run := 0
	for _, example := range fenced.FindAllStringSubmatch(string(page), -1) {
		if example[1] != "yaml example" {
			continue
		}
		run++
		text := complete(base, example[2])
		if _, ds := loadText(t, text); len(ds) > 0 {
			t.Errorf("the example\n%s\nhas mistakes:\n%s", text, show(ds))
		}
	}
	if run < 10 {
		t.Errorf("%d examples were run", run)
	}
}
