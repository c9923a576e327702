// Package house holds the rules of the repository as tests: which package may
// import which, who may know Pulumi, AWS and YAML, and what lies where.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/orgrails/orgrails"

// rank orders the packages; imports point to a lower rank. A folder stands for
// the packages below it that have no rank of their own.
var rank = map[string]int{
	"guardrails/diag":      0,
	"guardrails/policy":    1,
	"guardrails/awsdata":   1,
	"templates":            1,
	"schemas":              1,
	"guardrails/org":       2,
	"guardrails/access":    2,
	"guardrails/pack":      2,
	"guardrails/catalog":   3,
	"guardrails/eval":      3,
	"guardrails/compare":   4,
	"guardrails":           4,
	"guardrails/lint":      5,
	"guardrails/forecast":  5,
	"guardrails/compile":   5,
	"guardrails/recognize": 5,
	"guardrails/observed":  5,
	"guardrails/diff":      5,
	"guardrails/trial":     6,
	"guardrails/proof":     7,
	"internal/config":      6,
	"internal/render":      6,
	"internal/live":        6,
	"internal/evaluate":    6,
	"internal/sheet":       7,
	"internal/revision":    7,
	"internal/draft":       7,
	"internal/drift":       7,
	"internal/gen":         8,
	"internal/gen/cmd":     9,
	"internal/house":       11,
	"stacks":               8,
	"stacks/automation":    9,
	"internal/cli":         10,
	"cmd":                  11,
	"examples":             11,
}

// ranked returns the rank of a package by its folder.
func ranked(dir string) (int, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if r, ok := rank[d]; ok {
			return r, true
		}
	}
	return 0, false
}

// reserved are libraries that only some packages may import.
var reserved = []struct {
	what    string
	prefix  []string
	allowed []string // folders
	tests   []string // folders whose tests may, too
}{
	{"Pulumi", []string{"github.com/pulumi/"}, []string{"stacks", "cmd/stack"}, nil},
	{"the AWS SDK", []string{"github.com/aws/"}, []string{"internal/live", "stacks/automation"}, nil},
	{"YAML", []string{"github.com/goccy/go-yaml", "go.yaml.in/", "gopkg.in/yaml", "sigs.k8s.io/yaml"}, []string{"internal/config"}, []string{"templates"}},
}

func in(dir string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return dir == f || strings.HasPrefix(dir, f+"/") })
}

// An imported is one import of one file.
type imported struct {
	dir, file, path string
	test            bool
}

// imports lists every import of every package of the module.
func imports(t *testing.T) []imported {
	t.Helper()
	var all []imported
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("../..", name)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && rel != "." {
				return fs.SkipDir // a module of its own
			}
			if b := d.Name(); b == "testdata" || strings.HasPrefix(b, ".") && rel != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, s := range f.Imports {
			p, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				return err
			}
			all = append(all, imported{path.Dir(rel), rel, p, strings.HasSuffix(rel, "_test.go")})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d imports found: the test looks in the wrong place", len(all))
	}
	return all
}

func TestImportsPointDown(t *testing.T) {
	unranked := map[string]bool{}
	for _, i := range imports(t) {
		to, ours := strings.CutPrefix(i.path, module+"/")
		from, ok := ranked(i.dir)
		if !ok {
			if !unranked[i.dir] {
				t.Errorf("%s: the folder %s has no rank; give it one in this test", i.file, i.dir)
			}
			unranked[i.dir] = true
			continue
		}
		if !ours {
			continue
		}
		r, ok := ranked(to)
		switch {
		case !ok:
			t.Errorf("%s imports %s, which has no rank", i.file, to)
		case i.test && to == i.dir: // a package's own test from outside
		case i.dir == "guardrails" && !i.test:
			t.Errorf("%s imports %s; the plan imports none of the others", i.file, to)
		case r >= from && !i.test:
			t.Errorf("%s (rank %d) imports %s (rank %d)", i.file, from, to, r)
		case r > from && i.test && in(to, "stacks", "internal/cli", "cmd"):
			// A test may read and compile what it wants to have something real.
			t.Errorf("%s (rank %d) imports %s (rank %d)", i.file, from, to, r)
		}
	}
}

func TestReservedLibraries(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range imports(t) {
		for _, r := range reserved {
			if !slices.ContainsFunc(r.prefix, func(p string) bool { return strings.HasPrefix(i.path, p) }) {
				continue
			}
			seen[r.what] = true
			if !in(i.dir, r.allowed...) && !(i.test && in(i.dir, r.tests...)) {
				t.Errorf("%s imports %s: only %s may know %s", i.file, i.path, strings.Join(r.allowed, " and "), r.what)
			}
		}
	}
	for _, r := range reserved {
		if !seen[r.what] {
			t.Errorf("nobody imports %s: the rule about it tests nothing", r.what)
		}
	}
}

func TestTheDomainIsStandardLibraryOnly(t *testing.T) {
	for _, i := range imports(t) {
		if !in(i.dir, "guardrails", "templates", "schemas") || strings.HasPrefix(i.path, module+"/") {
			continue
		}
		first, _, _ := strings.Cut(i.path, "/")
		if strings.Contains(first, ".") && !(i.test && (i.path == "pgregory.net/rapid" || in(i.dir, "templates"))) {
			t.Errorf("%s imports %s; the domain uses the standard library alone", i.file, i.path)
		}
	}
}

// layout is what may stand at the top of the repository.
var layout = []string{
	"guardrails", "templates", "schemas", "stacks", "cmd", "internal", "docs", "examples",
	"go.mod", "go.sum", "tools.mk", "Makefile", "Pulumi.yaml", "README.md", "CONTRIBUTING.md", "LICENSE", ".gitignore", ".ci",
}

// unshared are folders that .gitignore leaves out, and git's own.
var unshared = []string{".git", ".orgrails", "bin", "dist"}

func TestLayout(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !slices.Contains(layout, n) && !slices.Contains(unshared, n) && !strings.HasSuffix(n, ".test") && !strings.HasSuffix(n, ".prof") {
			t.Errorf("%s does not belong at the top of the repository", n)
		}
	}
}

func TestPackagesIntroduceThemselves(t *testing.T) {
	documented, named := map[string]bool{}, map[string]bool{}
	for _, i := range imports(t) {
		if i.test {
			continue
		}
		named[i.dir] = true
		if documented[i.dir] {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../..", filepath.FromSlash(i.dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			documented[i.dir] = documented[i.dir] || f.Doc != nil && (strings.HasPrefix(f.Doc.Text(), "Package ") || f.Name.Name == "main" && strings.HasPrefix(f.Doc.Text(), "Command "))
		}
	}
	for dir := range named {
		if !documented[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}
