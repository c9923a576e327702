package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

// What a run that was ended while it wrote has left, the next one overwrites;
// the organization file is there only with all that it names.
func TestEndedWhileItWrote(t *testing.T) {
	w := newWorld(t)
	i := &initialization{Command: w.Command, dir: t.TempDir()}
	there := func(name, want string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(i.dir, name))
		if want == "" && !errors.Is(err, fs.ErrNotExist) || want != "" && string(data) != want {
			t.Errorf("%s is %q (%v), want %q", name, data, err, want)
		}
	}
	// The last document cannot be written: its folder is a document.
	ends := files{"organization.yaml": []byte("one"), "policies/a.json": []byte("a1"), "policies/a.json/b.json": []byte("b")}
	if err := i.write(ends); err == nil {
		t.Fatal("all was written")
	}
	there("organization.yaml", "")
	there("policies/a.json", "a1")
	if err := i.write(files{"organization.yaml": []byte("two"), "policies/a.json": []byte("a2"), "policies/c.json": []byte("c2")}); err != nil {
		t.Fatal(err)
	}
	there("organization.yaml", "two")
	there("policies/a.json", "a2")

	// The same where a former run has written all, and one document changes.
	ends = files{"organization.yaml": []byte("three"), "policies/a.json": []byte("a3"), "policies/d.json": []byte("d3"), "policies/d.json/b.json": []byte("b")}
	if err := i.write(ends); err == nil {
		t.Fatal("all was written")
	}
	there("organization.yaml", "two")
	there("policies/a.json", "a3")
	there("policies/c.json", "c2")
	if err := i.write(files{"organization.yaml": []byte("four"), "policies/a.json": []byte("a4")}); err != nil {
		t.Fatal(err)
	}
	there("organization.yaml", "four")
	there("policies/a.json", "a4")
	there("policies/c.json", "")
	there("policies/d.json", "")

	// What somebody changed is still theirs.
	if err := os.WriteFile(filepath.Join(i.dir, "policies", "a.json"), []byte("a3"), 0o644); err != nil {
		t.Fatal(err)
	}
	var usage *usageError
	if err := i.write(files{"organization.yaml": []byte("five"), "policies/a.json": []byte("a5")}); !errors.As(err, &usage) {
		t.Errorf("%v", err)
	}
}

// What is in accounts is counted by its names, however many accounts have it.
func TestCountsOfAccounts(t *testing.T) {
	role, boundary := guardrails.Role{Name: "Auditor"}, guardrails.ManagedPolicy{Name: "edge"}
	p := &guardrails.Plan{Baselines: []guardrails.Baseline{
		{Account: "a", Roles: []guardrails.Role{role, {Name: "Admin"}}, Boundaries: []guardrails.ManagedPolicy{boundary, {Name: "other"}}},
		{Account: "b", Roles: []guardrails.Role{role}, Boundaries: []guardrails.ManagedPolicy{boundary}, Groups: []guardrails.Group{{Name: "g"}}},
	}}
	if got, want := inAccounts(p), ", 2 roles, 1 group, 2 permissions boundaries"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := inAccounts(&guardrails.Plan{}); got != "" {
		t.Errorf("%q", got)
	}
}
