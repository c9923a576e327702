package house

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/cli"
)

// TestPicture wants every line of the README's picture of a plan in what the
// tool prints of the example, in the same order.
func TestPicture(t *testing.T) {
	top := filepath.Join("..", "..")
	readme := read(t, filepath.Join(top, "README.md"))
	_, after, ok := strings.Cut(readme, "$ orgrails plan\n")
	picture, _, ok2 := strings.Cut(after, "$ orgrails up")
	if !ok || !ok2 {
		t.Fatal("README.md has no picture of a plan")
	}
	var out, errs bytes.Buffer
	c := &cli.Command{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Dir: filepath.Join(top, "examples", "acme"), Now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
	}
	if code := c.Main([]string{"plan"}); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	rest, shown := out.String(), 0
	for line := range strings.Lines(picture) {
		if strings.TrimSpace(line) == "…" {
			continue
		}
		_, after, ok := strings.Cut(rest, line)
		if !ok {
			t.Fatalf("the plan of the example does not show, or not in this place:\n%s", line)
		}
		rest = after
		shown++
	}
	if shown < 10 {
		t.Fatalf("the picture has only %d lines", shown)
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// TestLinks wants every file that a page links to.
func TestLinks(t *testing.T) {
	top := filepath.Join("..", "..")
	pages := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir(filepath.Join(top, "docs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			rel, _ := filepath.Rel(top, path)
			pages = append(pages, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(read(t, filepath.Join(top, page)), -1) {
			links++
			if _, err := os.Stat(filepath.Join(top, filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
	if links < 10 {
		t.Fatalf("found only %d links", links)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
