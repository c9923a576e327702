package revision

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/internal/config"
)

// repository makes one, commits the files in it, and returns its folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, "init", "-q")
	run(t, dir, "add", ".")
	commit(t, dir)
	return dir
}

func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "-c", "user.name=Acme", "-c", "user.email=acme@acme.example", "commit", "-q", "--no-verify", "-m", "Commit")
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func open(t *testing.T, file, rev string) *Folder {
	t.Helper()
	f, err := Open(t.Context(), file, rev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(f.temp); !errors.Is(err, os.ErrNotExist) {
			t.Error("the temporary folder is still there:", err)
		}
	})
	return f
}

// brought are the files of the temporary folder, with how much is in each.
func brought(t *testing.T, f *Folder) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	err := filepath.Walk(f.root.Name(), func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			rel, _ := filepath.Rel(f.root.Name(), path)
			all[filepath.ToSlash(rel)] = info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Of a repository that holds much else, only what is named is brought.
func TestOnlyWhatIsNamed(t *testing.T) {
	dir := repository(t, map[string]string{
		"infra/organization.yaml": "version: 1\n", "infra/organization.lock.json": "{}", "infra/policies/a.json": "a", "infra/policies/b.json": "bb",
		"infra/other/c.json": "c", "README.md": "x", "infra/a name: with\ttab": "odd",
	})
	f := open(t, filepath.Join(dir, "infra", "organization.yaml"), "HEAD")
	if got := brought(t, f); len(got) != 2 || got["organization.yaml"] != 11 || got["organization.lock.json"] != 2 {
		t.Error(got)
	}
	for _, name := range []string{"policies", "policies/b.json", "./policies/../policies/b.json", "a name: with\ttab", "no\nline", "policies/none.json"} {
		if err := f.Fetch(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	got := brought(t, f)
	if got["policies/a.json"] != 0 || got["policies/b.json"] != 2 || got["a name: with\ttab"] != 3 || len(got) != 5 {
		t.Error(got)
	}
	if got := f.Shown(f.Path + ":1:2"); got != "HEAD:infra/organization.yaml:1:2" {
		t.Error(got)
	}
}

// A file that is too large to be read has its size, and takes no room.
func TestLargeFiles(t *testing.T) {
	dir := repository(t, map[string]string{
		"organization.yaml": "version: 1\n", "large.json": strings.Repeat(" ", config.MaxFileSize+7), "most.json": strings.Repeat(" ", config.MaxFileSize),
	})
	f := open(t, filepath.Join(dir, "organization.yaml"), "HEAD")
	for _, name := range []string{"large.json", "most.json", "large.json"} {
		if err := f.Fetch(name); err != nil {
			t.Fatal(err)
		}
	}
	if got := brought(t, f); got["large.json"] != config.MaxFileSize+7 || got["most.json"] != config.MaxFileSize {
		t.Error(got)
	}
}

// Neither hooks nor filters nor aliases nor a pager of the repository run.
func TestNothingOfTheRepositoryRuns(t *testing.T) {
	dir := repository(t, map[string]string{"organization.yaml": "version: 1\n", ".gitattributes": "* filter=bad diff=bad text eol=crlf\n"})
	ran, script := filepath.Join(t.TempDir(), "ran"), filepath.Join(t.TempDir(), "script")
	hook := []byte("#!/bin/sh\ntouch " + ran + "\n")
	if err := os.WriteFile(script, hook, 0o755); err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"core.fsmonitor", "core.pager", "filter.bad.smudge", "filter.bad.process", "diff.bad.textconv", "core.sshCommand", "core.editor"} {
		run(t, dir, "config", key, script)
	}
	for _, key := range []string{"alias.rev-parse", "alias.cat-file", "alias.ls-tree"} {
		run(t, dir, "config", key, "!"+script)
	}
	for _, name := range []string{"post-checkout", "post-index-change", "reference-transaction", "pre-commit"} {
		if err := os.WriteFile(filepath.Join(dir, ".git", "hooks", name), hook, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f := open(t, filepath.Join(dir, "organization.yaml"), "HEAD")
	if got := brought(t, f); got["organization.yaml"] != 11 {
		t.Error("the content was filtered:", got)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "none.yaml"), "HEAD"); err == nil {
		t.Error("there is no such file")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("something of the repository was run")
	}
	if after, err := os.ReadFile(filepath.Join(dir, ".git", "index")); err != nil || string(after) != string(index) {
		t.Error("the index is another", err)
	}
	_ = exec.Command("git", "-C", dir, "status").Run() // which falls into the trap
	if _, err := os.Stat(ran); err != nil {
		t.Error("nothing would have been run:", err)
	}
}

// A tree that git would not make must not write outside the temporary folder.
func TestTreesOfAnAttacker(t *testing.T) {
	f := &Folder{tree: strings.Repeat("0", 40)}
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f.root = root
	entry := func(mode, name string) string { return mode + " " + name + "\x00" + strings.Repeat("x", 20) }
	bad := entry("100644", "../up") + entry("40000", "..") + entry("100644", "") + entry("100644", "a/b") + entry("120000", "link") + entry("100644", "ok")
	if err := f.list(".", []byte(bad)); err != nil {
		t.Fatal(err)
	}
	if got := brought(t, f); len(got) != 2 || got["link"] != 0 || got["ok"] != 0 {
		t.Error(got)
	}
	for _, cut := range []string{"100644", "100644 a", "100644 a\x00short", "\x00" + strings.Repeat("x", 20)} {
		if err := f.list(".", []byte(cut)); err == nil {
			t.Errorf("%q is read", cut)
		}
	}
	if err := root.Symlink(os.TempDir(), "out"); err != nil {
		t.Fatal(err)
	}
	if err := f.write("out/file", []byte("x"), 1); err == nil {
		t.Error("a file was written through a link")
	}
}

func TestSHA256Repositories(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	run(t, dir, "init", "-q", "--object-format=sha256")
	for name, text := range map[string]string{"organization.yaml": "version: 1\n", "a.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, "add", ".")
	commit(t, dir)
	f := open(t, filepath.Join(dir, "organization.yaml"), "HEAD")
	if err := f.Fetch("."); err != nil {
		t.Fatal(err)
	}
	if got := brought(t, f); len(got) != 2 || got["organization.yaml"] != 11 {
		t.Error(got)
	}
}

func TestWithoutGit(t *testing.T) {
	dir := repository(t, map[string]string{"organization.yaml": "version: 1\n"})
	t.Setenv("PATH", t.TempDir())
	_, err := Open(t.Context(), filepath.Join(dir, "organization.yaml"), "HEAD")
	var e *Error
	if !errors.As(err, &e) || e.What != "git:HEAD needs the git command, which is not installed" || e.Hint == "" {
		t.Error(err)
	}
}
