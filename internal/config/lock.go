package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// LockFile is the name of the file beside the organization file that holds the
// ids of the accounts that orgrails created. It is committed with it.
const LockFile = "organization.lock.json"

// Lock is the content of the lock file: what AWS made up for this organization file.
type Lock struct {
	at
	// Version of the file's shape.
	Version int `json:"version" jsonschema:"enum=1"`
	// Ids of created accounts by key.
	Accounts map[AccountKey]AccountID `json:"accounts"`
}

// lock merges the ids of the lock file into the accounts that have none.
func (l *loader) lock() error {
	path := filepath.Join(l.dir, LockFile)
	data, size, err := readPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read lock file: %w", err)
	}
	if data == nil {
		tooLarge(diag.Range{File: path}, "the lock file", size, &l.ds)
		return nil
	}
	l.sources[path] = data
	root, ds := parse(newSource(path, data))
	l.ds = append(l.ds, ds...)
	if root == nil {
		return nil
	}
	if root.kind != mapNode {
		l.ds.Errorf(root.head(), "GR036", "expected the lock file to be a mapping, got %s", root.kind.describe()).
			Hint = "restore the file from the repository"
		return nil
	}
	var lock Lock
	decode(root, reflect.ValueOf(&lock).Elem())
	lock.place(root)
	for _, e := range root.entries {
		if e.key.text != "version" && e.key.text != "accounts" {
			l.ds.Errorf(e.key.rng(), "GR036", "unknown key %s in the lock file", quote(e.key.text)).Hint = "restore the file from the repository"
		}
	}
	if lock.Version != 1 {
		l.ds.Errorf(lock.rng("version"), "GR036", "the lock file's version is not 1").
			Hint = "it was written by another version of orgrails, or by hand; restore it from the repository"
		return nil
	}
	if accounts := root.get("accounts"); accounts != nil && accounts.kind != mapNode {
		l.ds.Errorf(accounts.head(), "GR036", "expected the accounts of the lock file to be a mapping, got %s", accounts.kind.describe()).
			Hint = "restore the file from the repository"
	}
	for _, key := range sorted(lock.Accounts) {
		at := lock.rng("accounts", string(key))
		id, err := org.ParseAccountID(string(lock.Accounts[key]))
		if err != nil {
			l.ds.Errorf(at, "GR036", "the id of %s is not twelve digits", quote(string(key))).Hint =
				"restore the line from the repository, or take the account's id from AWS"
			continue
		}
		a := l.names.accounts[string(key)]
		switch {
		case a == nil || a == l.o.Management:
			if !l.names.partial {
				d := l.ds.Errorf(lock.keyRange("accounts", string(key)), "GR036", "the lock file has an account %s that the organization file has not", quote(string(key)))
				d.Hint = "remove the line when the account is to be forgotten; when its key was changed, change it here too"
			}
		case a.ID != "" && a.ID != id:
			d := l.ds.Errorf(at, "GR036", "the lock file says %s, the organization file says %s", id, a.ID)
			d.Hint = "keep the id in one of the two: the one that AWS shows for this account"
			d.Related = []diag.Related{{Range: a.Range, Message: "the account is here"}}
		default:
			a.ID = id
			l.names.locked[a] = at
		}
	}
	return nil
}
