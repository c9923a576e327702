// Package config reads the organization file: YAML or JSON with positions,
// checked against the schema, then against everything that a schema cannot
// say, and turned into an [org.Organization] whose references all resolve.
//
// Every mistake in the file comes back in one run, as diagnostics located in
// the file; an error means that the file could not be read at all. Reading
// uses neither the network nor AWS. The file's shape is [Document]; the schema
// is generated from it, see the folder schemas/. The same machinery reads
// guardrail templates, see [ParseTemplate].
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// Options are what reading depends on beside the file. The zero value is right.
type Options struct {
	// AsOf decides what has expired; the present when it is zero.
	AsOf time.Time
	// Fetch is called with each path that the file names, before what is there
	// is looked at, and may put it there. Its error says why it cannot be read.
	Fetch func(name string) error
}

// A File is what was read.
type File struct {
	Organization *org.Organization
	// Catalog holds the built-in templates and the user's own.
	Catalog *catalog.Catalog
	// Sources are the files that diagnostics may point into, by the path that
	// their ranges carry.
	Sources map[string][]byte
}

// DefaultFile is read when a command is given no file.
const DefaultFile = "organization.yaml"

// Load reads the organization file at path, the lock file beside it, and the
// policy documents and templates that it names, none of which may be outside
// its folder. The error says why the file itself cannot be read.
//
// The File is never nil without an error, but its Organization must not be
// used when the diagnostics have errors.
func Load(path string, opts Options) (*File, diag.Diagnostics, error) {
	if opts.AsOf.IsZero() {
		opts.AsOf = time.Now()
	}
	l := &loader{
		path:    path,
		dir:     filepath.Dir(path),
		asOf:    opts.AsOf.UTC(),
		fetch:   opts.Fetch,
		sources: map[string][]byte{},
		o:       &org.Organization{File: path},
		catalog: new(catalog.Catalog),

		documents: map[string]bool{},
	}
	data, size, err := readLimited(path)
	if errors.Is(err, errFolder) {
		return nil, nil, fmt.Errorf("read organization file: %w; name the file in it, such as %s", err, filepath.Join(path, "organization.yaml"))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read organization file: %w", err)
	}
	if data == nil {
		tooLarge(diag.Range{File: path}, "the file", size, &l.ds)
		return l.file(), l.ds, nil
	}
	l.sources[path] = data
	if err := l.load(newSource(path, data)); err != nil {
		return nil, nil, err
	}
	l.ds.Sort()
	l.ds = once(l.ds)
	return l.file(), l.ds, nil
}

func (l *loader) file() *File {
	return &File{Organization: l.o, Catalog: l.catalog, Sources: l.sources}
}

var errFolder = errors.New("it is a folder")

var errNotPlain = errors.New("it is no plain file")

// readPlain is readLimited for files beside the organization file: a pipe or a
// device would keep the run waiting.
func readPlain(path string) (data []byte, size int64, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, 0, &fs.PathError{Op: "read", Path: path, Err: errNotPlain}
	}
	return readLimited(path)
}

// readLimited reads a file of up to MaxFileSize bytes. The data are nil when
// it is larger; a size that is not known to the system is counted up to one
// byte more than the limit.
func readLimited(path string) (data []byte, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.IsDir() {
		return nil, 0, &fs.PathError{Op: "read", Path: path, Err: errFolder}
	}
	if info.Size() > MaxFileSize {
		return nil, info.Size(), nil
	}
	data, err = io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, 0, err
	}
	if len(data) > MaxFileSize {
		return nil, int64(len(data)), nil
	}
	if data == nil {
		data = []byte{}
	}
	return data, int64(len(data)), nil
}

// tooLarge refuses a file by its size.
func tooLarge(r diag.Range, what string, size int64, ds *diag.Diagnostics) {
	ds.Errorf(r, "GR008", "%s is %s long; at most %s are read", what, megabytes(size), megabytes(MaxFileSize)).
		Hint = "an organization of 50,000 accounts needs about 6 MB: is this the right file?"
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

// A loader holds what one run of Load knows.
type loader struct {
	path, dir string
	asOf      time.Time
	fetch     func(name string) error // nil where all is there
	sources   map[string][]byte
	ds        diag.Diagnostics
	doc       *Document
	o         *org.Organization
	names     names
	catalog   *catalog.Catalog
	// brokenTemplates says that a template could not be read, so that one which is not known may well be it.
	brokenTemplates bool
	nears           int             // how often nearest names were looked for
	documents       map[string]bool // own documents that have been checked, by type and path
}

func (l *loader) load(src *source) error {
	root, ds := parse(src)
	l.ds = append(l.ds, ds...)
	if root == nil {
		return nil
	}
	l.ds = append(l.ds, organizationSchema().validate(root)...)
	l.names.partial = l.ds.HasErrors() && partial(root)
	l.doc = new(Document)
	decode(root, reflect.ValueOf(l.doc).Elem())
	l.doc.place(root)

	l.placeholders(root)
	l.organization()
	l.tree()
	if err := l.lock(); err != nil {
		return err
	}
	l.identities()
	l.catalogue()
	l.sets()
	l.uses()
	l.exceptions()
	l.boundaries()
	l.passwords()
	l.analyzer()
	l.roles()
	l.identity()
	l.reachable()
	l.tests()
	l.mustWork()
	l.elsewhere()
	l.asFound()
	return nil
}

// partial reports whether a part of the tree of units and accounts could not
// be read, so that a name which is not known may well be there.
func partial(root *node) bool {
	var incomplete func(n *node) bool
	incomplete = func(n *node) bool {
		if n.bad {
			return true
		}
		for _, e := range n.entries {
			switch {
			case e.key.bad:
				return true
			case e.key.text == "units" || e.key.text == "accounts":
				if e.value.bad {
					return true
				}
				for _, child := range e.value.entries {
					if incomplete(child.value) {
						return true
					}
				}
			}
		}
		return false
	}
	n := root.get("root")
	return n == nil || incomplete(n)
}

// once drops repetitions: what an alias leads to is read as often as it is used.
func once(ds diag.Diagnostics) diag.Diagnostics {
	type said struct {
		r             diag.Range
		code, summary string
	}
	seen := make(map[said]bool, len(ds))
	return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
		s := said{d.Range, d.Code, d.Summary}
		if seen[s] {
			return true
		}
		seen[s] = true
		return false
	})
}

// placeholders refuses "{{" anywhere in the file: only templates have
// placeholders, and a reference is written by orgrails alone.
func (l *loader) placeholders(root *node) {
	if !bytes.Contains(root.src.data, []byte("{{")) && !bytes.Contains(root.src.data, []byte(`\`)) {
		return
	}
	seen := map[*node]bool{}
	check := func(n *node) {
		if n.kind == stringNode && strings.Contains(n.text, "{{") {
			l.ds.Errorf(n.rng(), "GR017", "\"{{\" stands for nothing here").Hint =
				"only template files have placeholders; AWS's own policy variables are written ${…}"
		}
	}
	var walk func(n *node)
	walk = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		check(n)
		for _, item := range n.items {
			walk(item)
		}
		for _, e := range n.entries {
			check(e.key)
			walk(e.value)
		}
	}
	walk(root)
}

// sorted lists the keys of a map in order.
func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// text turns words of the file into strings.
func text[S ~string](list []S) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s != "" {
			out = append(out, string(s))
		}
	}
	return out
}

// or is the first that is not empty.
func or(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
