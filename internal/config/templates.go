package config

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/templates"
)

// ParseTemplate reads one guardrail template, a YAML or JSON file: src, which
// diagnostics call file. It checks the file against the template schema; what
// only the whole template can tell is for [catalog.New].
func ParseTemplate(file string, src []byte) (catalog.Template, diag.Diagnostics) {
	var t catalog.Template
	if len(src) > MaxFileSize {
		var ds diag.Diagnostics
		tooLarge(diag.Range{File: file}, "the template", int64(len(src)), &ds)
		return t, ds
	}
	root, ds := parse(newSource(file, src))
	if root == nil {
		return t, ds
	}
	ds = append(ds, templateSchema().validate(root)...)
	decode(root, reflect.ValueOf(&t).Elem())
	t.Range = root.at("id").head()
	ds.Sort()
	return t, ds
}

var builtin = sync.OnceValues(func() ([]catalog.Template, diag.Diagnostics) {
	names, err := fs.Glob(templates.Files, "*.yaml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	ts := make([]catalog.Template, len(names))
	found := make([]diag.Diagnostics, len(names))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(names); i = int(next.Add(1)) - 1 {
				src, err := templates.Files.ReadFile(names[i])
				if err != nil {
					panic(fmt.Errorf("embedded template: %w", err))
				}
				ts[i], found[i] = ParseTemplate(path.Join("templates", names[i]), src)
			}
		})
	}
	workers.Wait()
	return ts, slices.Concat(found...)
})

// builtinCatalog has the built-in templates.
var builtinCatalog = sync.OnceValue(func() *catalog.Catalog {
	ts, _ := builtin()
	return catalog.Known(ts)
})

// BuiltinTemplates are the templates that come with the tool, in the order of
// their files. They are read once; a test holds that they have no mistakes.
func BuiltinTemplates() ([]catalog.Template, diag.Diagnostics) {
	ts, ds := builtin()
	return slices.Clone(ts), slices.Clone(ds)
}

// catalogue reads the user's own templates and makes the catalogue of these
// and the built-in ones.
func (l *loader) catalogue() {
	var ts []catalog.Template
	var ds diag.Diagnostics
	for i, name := range l.doc.Templates {
		if name == "" {
			continue
		}
		for _, file := range l.templateFiles(string(name), l.doc.rng("templates", i)) {
			src, ok := l.document(file, l.doc.rng("templates", i))
			if !ok {
				continue
			}
			t, found := ParseTemplate(l.shown(file), src)
			ds = append(ds, found...)
			if t.ID != "" && !found.HasErrors() {
				ts = append(ts, t)
			} else {
				l.brokenTemplates = true
			}
		}
	}
	c, found := builtinCatalog().With(ts)
	l.catalog = c
	if found.HasErrors() {
		l.brokenTemplates = true
	}
	l.ds = append(l.ds, ds...)
	l.ds = append(l.ds, found...)
}

// templateFiles lists the files that an item of templates means: itself, or
// the YAML and JSON files in the folder, sorted.
func (l *loader) templateFiles(name string, r diag.Range) []string {
	path, ok := l.inside(name, r)
	if !ok {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return []string{name} // a file, or something whose reading says why it cannot be read
	}
	var files []string
	for _, e := range entries {
		switch ext := strings.ToLower(filepath.Ext(e.Name())); {
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
		case ext == ".yaml" || ext == ".yml" || ext == ".json":
			files = append(files, filepath.ToSlash(filepath.Join(name, e.Name())))
		}
	}
	if len(files) == 0 {
		l.ds.Errorf(r, "GR035", "the folder %s holds no templates", quote(name)).Hint = "templates are files whose names end in .yaml, .yml or .json"
	}
	return files
}
