package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	indexFile = "index.json"
	// manifestFile lists what a run wrote, so that the next one may remove it.
	manifestFile = ".orgrails-files.json"
)

type manifest struct {
	WrittenBy string   `json:"writtenBy"`
	Files     []string `json:"files"` // sorted, with slashes, without the manifest itself
}

const (
	writer    = "orgrails render"
	temporary = ".new" // ends the name of a file that is being written
)

// Index is what index.json says of documents: an array, sorted by file.
func Index(docs []Document) ([]byte, error) { return encode(append([]Document{}, docs...)) }

// Folder writes documents into dir, which it makes, beside an index.json that
// lists them. It removes the files that it wrote there before, and touches
// nothing else: a folder that holds something and was not made by it is
// refused, and so is a file in the way that it did not write. Each file is
// there whole or not at all, and no symbolic link leads out of dir.
func Folder(docs []Document, dir string) error {
	index, err := Index(docs)
	if err != nil {
		return fmt.Errorf("encode %s: %w", indexFile, err)
	}
	contents := map[string][]byte{indexFile: index}
	for _, d := range docs {
		contents[d.File] = []byte(d.Text)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer root.Close()
	before, err := readManifest(root, dir)
	if err != nil {
		return err
	}
	var now []string
	for file := range contents {
		now = append(now, file)
	}
	slices.Sort(now)
	ours := map[string]bool{}
	for _, file := range before {
		ours[file] = true
	}
	for _, file := range now {
		if _, err := root.Lstat(file); err == nil && !ours[file] {
			return fmt.Errorf("%s is in the way: orgrails did not write it, and leaves it as it is", filepath.Join(dir, filepath.FromSlash(file)))
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look at the folder: %w", err)
		}
	}
	// A run that is killed leaves a manifest that lists what was there and what
	// may have come, so that the next run can clear both up.
	interim := slices.Concat(before, now)
	for _, file := range now {
		interim = append(interim, file+temporary)
	}
	if err := writeManifest(root, unique(interim)); err != nil {
		return err
	}
	for _, file := range now {
		if err := writeFile(root, file, contents[file]); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Join(dir, filepath.FromSlash(file)), err)
		}
	}
	for _, file := range before {
		if contents[file] == nil {
			if err := remove(root, file); err != nil {
				return fmt.Errorf("remove %s: %w", filepath.Join(dir, filepath.FromSlash(file)), err)
			}
		}
	}
	return writeManifest(root, now)
}

// readManifest returns the files that an earlier run wrote.
func readManifest(root *os.Root, dir string) ([]string, error) {
	data, err := root.ReadFile(manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("look at the folder: %w", err)
		}
		for _, e := range entries {
			if e.Name() != manifestFile+temporary {
				return nil, fmt.Errorf("%s holds files that orgrails did not write, such as %s: name an empty folder or a new one", dir, Escape(e.Name()))
			}
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of files written before: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil || m.WrittenBy != writer {
		return nil, fmt.Errorf("%s is not a list that orgrails wrote: remove the folder, or name another", filepath.Join(dir, manifestFile))
	}
	for _, file := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(file)) || path.Clean(file) != file {
			return nil, fmt.Errorf("%s lists %q, which is not a file of the folder", filepath.Join(dir, manifestFile), file)
		}
	}
	return m.Files, nil
}

func writeManifest(root *os.Root, files []string) error {
	data, err := encode(manifest{writer, files})
	if err == nil {
		err = writeFile(root, manifestFile, data)
	}
	if err != nil {
		return fmt.Errorf("write the list of files: %w", err)
	}
	return nil
}

// writeFile puts data at name in one step. A file that has it already is left.
func writeFile(root *os.Root, name string, data []byte) error {
	if old, err := root.ReadFile(name); err == nil && string(old) == string(data) {
		return nil
	}
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	temp := name + temporary
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		root.Remove(temp)
	}
	return err
}

// remove takes a file away, and the folders that it leaves empty.
func remove(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(name); dir != "." && !strings.HasPrefix(dir, ".."); dir = path.Dir(dir) {
		if root.Remove(dir) != nil { // not empty
			break
		}
	}
	return nil
}
