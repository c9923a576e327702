// Package revision brings an organization file, and the files that it names,
// from a git revision into a temporary folder, where they are read like any
// others.
//
// It asks the git command for objects and for nothing else: the work tree and
// the index are neither read nor changed, no hook or filter runs, and nothing
// is fetched from elsewhere. Only what the file names is brought, so that the
// size of the repository does not matter. The folder of the organization file
// is the limit, as it is for its reader: a link that leads out of it stays one.
package revision

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/config"
)

// An Error says why a revision cannot be read, and the way out.
type Error struct{ What, Hint string }

func (e *Error) Error() string { return e.What }

// A Folder is the folder of an organization file as it was at a revision, or
// as much of it as was asked for.
type Folder struct {
	// Path is the organization file in the temporary folder.
	Path string

	shown   string // as git names the folder: main:infra/, or main: for the top
	rev     string
	tree    string // object of the folder
	temp    string
	root    *os.Root
	objects *objects
	modules []string // submodules that were seen
}

// Open finds the repository that the file at a path lies in, and brings the
// file, and the lock file beside it, as they were at a revision. The folder is
// there until Close.
func Open(ctx context.Context, file, rev string) (*Folder, error) {
	if err := Valid(rev); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &Error{"git:" + rev + " needs the git command, which is not installed", "install git, or compare with a plan that was saved at that revision"}
	}
	g := git{ctx, filepath.Dir(file)}
	place, err := g.run("rev-parse", "--is-inside-work-tree", "--show-prefix")
	if err != nil {
		return nil, &Error{fmt.Sprintf("find the repository of %s: %s", file, err), "git:REV compares with the file as it was in the repository that it lies in"}
	}
	inside, prefix, _ := strings.Cut(strings.TrimSuffix(place, "\n"), "\n")
	if inside != "true" {
		return nil, &Error{fmt.Sprintf("find the repository of %s: it lies in no work tree", file), "name the file in a checkout of the repository"}
	}
	f := &Folder{rev: rev, shown: rev + ":" + prefix}
	commit, err := g.object(rev)
	if err == nil {
		commit, err = g.object(commit + "^{commit}")
	}
	if err != nil {
		return nil, &Error{fmt.Sprintf("find the revision %q of %s: %s", rev, file, err), g.unknown()}
	}
	name := filepath.Base(file)
	if f.tree, err = g.object(commit + ":" + strings.TrimSuffix(prefix, "/")); err != nil {
		return nil, f.absent(g, commit, prefix+name)
	}
	if err := f.begin(g); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s%s: %w", f.shown, name, err)
	}
	if err := f.open(g, commit, prefix, name); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Valid refuses what can be no revision.
func Valid(rev string) error {
	switch {
	case rev == "":
		return &Error{"git: names no revision", "give one, as in git:main or git:HEAD~1"}
	case strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\n\x00"):
		return &Error{fmt.Sprintf("%q is no revision", rev), "expected what git takes for one, as in git:main, git:HEAD~1 or git:v1.2"}
	}
	return nil
}

// begin makes the temporary folder.
func (f *Folder) begin(g git) (err error) {
	if f.temp, err = os.MkdirTemp("", "orgrails-git-"); err != nil {
		return err
	}
	if f.temp, err = filepath.EvalSymlinks(f.temp); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(f.temp, outside), nil, 0o600); err != nil {
		return err
	}
	dir := filepath.Join(f.temp, "files")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if f.root, err = os.OpenRoot(dir); err != nil {
		return err
	}
	f.objects, err = g.objects()
	return err
}

// outside is the file in the temporary folder that links lead to which lead
// out of the organization file's folder.
const outside = "outside"

// open brings the organization file and the lock file.
func (f *Folder) open(g git, commit, prefix, name string) error {
	kind, err := f.bring(name)
	switch {
	case err != nil:
		return fmt.Errorf("read %s%s: %w", f.shown, name, err)
	case kind == "missing" || kind == "dangling" || kind == "notdir":
		return f.absent(g, commit, prefix+name)
	case kind == "tree":
		return &Error{fmt.Sprintf("%s%s is a folder", f.shown, name), "name the file in it, as in " + path.Join(name, config.DefaultFile)}
	case kind != "blob":
		return &Error{fmt.Sprintf("%s%s is a link to something outside its folder", f.shown, name), "compare with a plan that was saved at that revision"}
	}
	f.Path = filepath.Join(f.root.Name(), name)
	switch kind, err := f.bring(config.LockFile); {
	case err != nil:
		return fmt.Errorf("read %s%s: %w", f.shown, config.LockFile, err)
	case kind == "symlink":
		return &Error{fmt.Sprintf("%s%s is a link to something outside its folder", f.shown, config.LockFile), "compare with a plan that was saved at that revision"}
	}
	return nil
}

// Fetch brings a file or a folder that the organization file names, as
// [config.Options] wants it. Of a folder it brings the names alone; what is in
// its files comes when they are asked for.
func (f *Folder) Fetch(name string) error {
	name = path.Clean(filepath.ToSlash(name))
	kind, err := f.bring(name)
	if err != nil || kind != "missing" && kind != "notdir" {
		return err
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) { // for what is near it
		kind, err := f.bring(dir)
		if err != nil || kind != "missing" && kind != "notdir" || dir == "." {
			break
		}
	}
	for _, m := range f.modules {
		if name == m || strings.HasPrefix(name, m+"/") {
			return fmt.Errorf("%s is a submodule, whose files are in another repository", m)
		}
	}
	return nil
}

// bring puts what has a name into the temporary folder, and says what git calls
// it: blob, tree, missing, symlink (one that leads out of the folder),
// dangling, loop or notdir.
func (f *Folder) bring(name string) (string, error) {
	spec := f.tree + ":" + name
	if name == "." {
		spec = f.tree
	}
	kind, data, size, err := f.objects.get(spec)
	if err != nil {
		return "", err
	}
	switch kind {
	case "blob":
		return kind, f.write(name, data, size)
	case "tree":
		if data == nil {
			return "", fmt.Errorf("the folder holds too many files")
		}
		return kind, f.list(name, data)
	case "symlink":
		return kind, f.link(name, f.temp+string(filepath.Separator)+outside)
	case "loop":
		return kind, f.link(name, path.Base(name))
	}
	return kind, nil
}

// write makes a file. One that is too large to be read has its size, and
// nothing in it.
func (f *Folder) write(name string, data []byte, size int64) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if data == nil {
		err = file.Truncate(size)
	} else {
		_, err = file.Write(data)
	}
	return errors.Join(err, file.Close())
}

func (f *Folder) link(name, target string) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.root.Symlink(target, name)
}

// list makes a folder with what git has in it: names of files without content,
// and folders. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
func (f *Folder) list(name string, tree []byte) error {
	if err := f.root.MkdirAll(name, 0o700); err != nil {
		return err
	}
	for len(tree) > 0 {
		head, rest, ok := bytes.Cut(tree, []byte{0})
		mode, base, ok2 := strings.Cut(string(head), " ")
		if n := len(f.tree) / 2; !ok || !ok2 || len(rest) < n {
			return errors.New("git sent a tree that cannot be read")
		} else {
			tree = rest[n:]
		}
		entry := path.Join(name, base)
		if base == "" || base == ".." || strings.Contains(base, "/") || !filepath.IsLocal(filepath.FromSlash(entry)) {
			continue // no tree of git's has such a name
		}
		var err error
		switch mode {
		case "40000":
			err = f.root.MkdirAll(entry, 0o700)
		case "160000":
			if !slices.Contains(f.modules, entry) {
				f.modules = append(f.modules, entry)
			}
		default:
			var file *os.File
			if file, err = f.root.OpenFile(entry, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				err = file.Close()
			} else if errors.Is(err, fs.ErrExist) {
				err = nil // it was brought already
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// absent says that the organization file was not there, and what was.
func (f *Folder) absent(g git, commit, file string) error {
	e := &Error{fmt.Sprintf("there was no %s at %s", file, f.rev), "the revision is older than the file, or the file is not in git"}
	var near, beside []string
	for _, p := range g.names(commit) {
		ext := path.Ext(p)
		switch {
		case path.Base(p) == path.Base(file):
			near = append(near, p)
		case path.Dir(p) == path.Dir(file) && (ext == ".yaml" || ext == ".yml" || ext == ".json"):
			beside = append(beside, p)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(shared(b, file), shared(a, file)) })
	if len(near) == 0 {
		if near = diag.Nearest(file, beside); len(near) == 0 {
			near = beside
		}
	}
	if len(near) > 0 {
		more := ""
		if n := len(near) - 3; n > 0 {
			near, more = near[:3], fmt.Sprintf(" and %d more", n)
		}
		e.Hint = "there was " + strings.Join(near, ", ") + more + "; save a plan of it with -o in a checkout of that revision, and compare with that"
	}
	return e
}

// shared is how many folders two paths have in common from the top.
func shared(a, b string) int {
	x, y := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}

// Shown writes a text that names files of the temporary folder with the names
// that git has for them: main:infra/organization.yaml.
func (f *Folder) Shown(text string) string {
	return strings.ReplaceAll(text, f.root.Name()+string(filepath.Separator), f.shown)
}

// Close removes the temporary folder.
func (f *Folder) Close() error {
	var err error
	if f.objects != nil {
		f.objects.close()
	}
	if f.root != nil {
		err = f.root.Close()
	}
	if f.temp != "" {
		err = errors.Join(err, os.RemoveAll(f.temp))
	}
	return err
}
