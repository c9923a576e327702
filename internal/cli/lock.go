package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/orgrails/orgrails/internal/config"
)

// A lockFile holds the ids of the accounts that orgrails created.
type lockFile struct {
	Version  int               `json:"version"`
	Accounts map[string]string `json:"accounts"`
}

// lock adds the ids of accounts to the lock file in dir, and returns what there
// is to say of them: that they were created, or adopted. Ids that are there already stay; one that differs is
// an error, for an account has one id for ever.
func lock(dir, how string, ids map[string]string) ([]string, error) {
	path := filepath.Join(dir, config.LockFile)
	l := lockFile{Version: 1}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the lock file: %w", err)
	default:
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil || l.Version != 1 {
			return nil, fmt.Errorf("read the lock file: %s is not one that orgrails wrote", path)
		}
	}
	if l.Accounts == nil {
		l.Accounts = map[string]string{}
	}
	var said []string
	for _, key := range slices.Sorted(maps.Keys(ids)) {
		switch old := l.Accounts[key]; {
		case old == ids[key]:
			continue
		case old != "":
			return said, fmt.Errorf("write the lock file: account %s is %s there, and %s in AWS", key, old, ids[key])
		}
		l.Accounts[key] = ids[key]
		said = append(said, fmt.Sprintf("%s account %s, %s; its id is in %s: commit it", how, key, ids[key], path))
	}
	if len(said) == 0 {
		return nil, nil
	}
	out, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := writeFile(path, append(out, '\n')); err != nil {
		return nil, fmt.Errorf("write the lock file: %w", err)
	}
	return said, nil
}
