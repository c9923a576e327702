package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/diag"
)

var update = flag.Bool("update", false, "write the golden files")

var asOf = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// show writes diagnostics as the golden files have them: the span, what is
// wrong, then the way out and the other places, indented.
func show(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s-%d:%d: ", d.Range, d.Range.End.Line, d.Range.End.Column)
		if d.Severity == diag.Warning {
			b.WriteString("warning: ")
		}
		fmt.Fprintf(&b, "%s [%s]\n", d.Summary, d.Code)
		if d.Hint != "" {
			fmt.Fprintf(&b, "    %s\n", d.Hint)
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "    %s: %s\n", r.Range, r.Message)
		}
	}
	return b.String()
}

// errFiles lists testdata/err: files, and folders with an organization.yaml.
func errFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("testdata/err/*/organization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, folders...)
	slices.Sort(files)
	if len(files) < 40 {
		t.Fatalf("%d files in testdata/err", len(files))
	}
	return files
}

func TestMistakes(t *testing.T) {
	for _, file := range errFiles(t) {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			f, ds, err := Load(file, Options{AsOf: asOf})
			if err != nil {
				t.Fatal(err)
			}
			got := show(ds)
			golden := strings.TrimSuffix(file, ".yaml") + ".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if len(ds) == 0 {
				t.Error("no mistake found")
			}
			for _, d := range ds {
				wellFormed(t, d, f)
			}
		})
	}
}

// wellFormed holds a diagnostic to what every one of them promises.
func wellFormed(t *testing.T, d diag.Diagnostic, f *File) {
	t.Helper()
	if !slices.ContainsFunc(diag.Codes(), func(c diag.Code) bool { return c.ID == d.Code }) {
		t.Errorf("%s: no code %s", d.Range, d.Code)
	}
	if strings.HasPrefix(d.Code, "GR0") && d.Hint == "" {
		t.Errorf("%s: %s shows no way out", d.Range, d.Summary)
	}
	src, ok := f.Sources[d.Range.File]
	if !ok && !strings.HasPrefix(d.Range.File, "templates/") {
		t.Errorf("%s is in no known source", d.Range)
	}
	if ok {
		wellPlaced(t, d.Range, len(src))
	}
	for _, word := range []string{"yaml:", "go-yaml", "jsonschema", "map[", "interface", "struct", "urn:", "nil", "failed to", "%!", "config."} {
		if strings.Contains(d.Summary+d.Hint, word) {
			t.Errorf("%s: %q shows through: %s\n%s", d.Range, word, d.Summary, d.Hint)
		}
	}
	if first := d.Summary[:1]; first != strings.ToLower(first) && !strings.HasPrefix(d.Summary, "AWS") && !strings.HasPrefix(d.Summary, "IAM") && !strings.HasPrefix(d.Summary, "Access") {
		t.Errorf("%s: begins with a capital letter: %s", d.Range, d.Summary)
	}
	if strings.HasSuffix(d.Summary, ".") || strings.HasSuffix(d.Hint, ".") {
		t.Errorf("%s: ends with a full stop: %s", d.Range, d.Summary)
	}
}

// wellPlaced holds a range to being inside a file of size bytes.
func wellPlaced(t *testing.T, r diag.Range, size int) {
	t.Helper()
	start, end := r.Start, r.End
	if start.Line < 1 || start.Column < 1 || start.Byte < 0 || end.Byte < start.Byte || end.Byte > size ||
		end.Line < start.Line || end.Line == start.Line && end.Column < start.Column {
		t.Errorf("impossible range %+v in %d bytes", r, size)
	}
}
