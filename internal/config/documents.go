package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// document reads a file that the organization file names. It must be a plain
// file in the organization file's folder or below, wherever links lead.
func (l *loader) document(name string, r diag.Range) ([]byte, bool) {
	path, ok := l.inside(name, r)
	if !ok {
		return nil, false
	}
	if data, ok := l.sources[l.shown(name)]; ok {
		return data, true
	}
	data, size, err := readPlain(path)
	if err != nil {
		l.unreadable(name, err, r)
		return nil, false
	}
	if data == nil {
		tooLarge(r, quote(name), size, &l.ds)
		return nil, false
	}
	l.sources[l.shown(name)] = data
	return data, true
}

// policyDocument reads a policy document of the user's own and checks it as the
// type of policy that it becomes; its mistakes are located in it.
func (l *loader) policyDocument(name string, r diag.Range, as policy.Kind) ([]byte, bool) {
	src, ok := l.document(name, r)
	if !ok {
		return nil, false
	}
	if id := string(as) + " " + l.shown(name); !l.documents[id] {
		l.documents[id] = true
		var ds diag.Diagnostics
		if as.IsDeclarative() {
			_, ds = policy.CheckDeclarative(l.shown(name), src, as)
		} else {
			_, ds = policy.Check(l.shown(name), src, as, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		}
		l.ds = append(l.ds, ds...)
	}
	return src, true
}

// shown is the path of a named file as the user would type it.
func (l *loader) shown(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

// inside resolves a path of the file and makes sure that it leads to nothing
// outside the file's folder.
func (l *loader) inside(name string, r diag.Range) (string, bool) {
	const hint = "name a file in the folder of the organization file, or below it"
	if filepath.IsAbs(name) || strings.HasPrefix(name, "/") || !filepath.IsLocal(filepath.FromSlash(name)) {
		l.ds.Errorf(r, "GR035", "%s is outside the folder of the organization file", quote(name)).Hint = hint
		return "", false
	}
	if l.fetch != nil {
		if err := l.fetch(name); err != nil {
			l.unreadable(name, err, r)
			return "", false
		}
	}
	path, err := filepath.EvalSymlinks(l.shown(name))
	if err != nil {
		if _, why := os.Stat(l.shown(name)); why != nil {
			err = why // in the system's words
		}
		l.unreadable(name, err, r)
		return "", false
	}
	base, err := filepath.EvalSymlinks(l.dir)
	if err != nil {
		l.unreadable(name, err, r)
		return "", false
	}
	if rel, err := filepath.Rel(base, path); err != nil || !filepath.IsLocal(rel) {
		l.ds.Errorf(r, "GR035", "%s is a link to something outside the folder of the organization file", quote(name)).Hint = hint
		return "", false
	}
	return path, true
}

func (l *loader) unreadable(name string, err error, r diag.Range) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.ds.Errorf(r, "GR035", "there is no file %s", quote(name)).Hint = l.nearFile(name)
	case errors.Is(err, fs.ErrPermission):
		l.ds.Errorf(r, "GR035", "the file %s may not be read", quote(name)).Hint = "allow yourself to read it"
	default:
		var pe *fs.PathError
		why := err.Error()
		if errors.As(err, &pe) {
			why = pe.Err.Error()
		}
		l.ds.Errorf(r, "GR035", "the file %s cannot be read: %s", quote(name), why).Hint = "name a plain file"
	}
}

// nearFile suggests a file in the same folder.
func (l *loader) nearFile(name string) string {
	if strings.Contains(name, `\`) {
		return "folders are separated by / here, on every system"
	}
	entries, err := os.ReadDir(filepath.Dir(l.shown(name)))
	if err != nil {
		return "paths are relative to the folder of the organization file"
	}
	var files []string
	dir := filepath.ToSlash(filepath.Dir(filepath.FromSlash(name)))
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if dir == "." {
			files = append(files, e.Name())
		} else {
			files = append(files, dir+"/"+e.Name())
		}
	}
	if near := diag.Nearest(name, files); len(near) > 0 {
		return "did you mean " + quote(near[0]) + "?"
	}
	return "paths are relative to the folder of the organization file"
}
