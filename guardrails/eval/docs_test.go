package eval_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each choice of docs/engine.md names the test that holds it, and the test exists.
func TestTheManualNamesItsTests(t *testing.T) {
	manual, err := os.ReadFile("../../docs/engine.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(src)
	}
	named := 0
	for line := range strings.Lines(string(manual)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 3 || cells[0] == " choice" {
			continue
		}
		tests := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 {
			t.Errorf("no test holds this choice:%s", cells[0])
		}
		for _, m := range tests {
			named++
			if !strings.Contains(code.String(), "func "+m[1]+"(") {
				t.Errorf("there is no test %s", m[1])
			}
		}
	}
	if named < 30 {
		t.Errorf("the manual names %d tests", named)
	}
}
