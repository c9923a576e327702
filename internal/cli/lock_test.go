package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "organization.lock.json")
	said, err := lock(dir, "created", map[string]string{"b": "222222222222", "a": "111111111111"})
	if err != nil || len(said) != 2 || !strings.HasPrefix(said[0], "created account a, 111111111111; its id is in "+path+": commit it") {
		t.Fatalf("%q, %v", said, err)
	}
	const want = `{
  "version": 1,
  "accounts": {
    "a": "111111111111",
    "b": "222222222222"
  }
}
`
	if got, _ := os.ReadFile(path); string(got) != want {
		t.Errorf("got %s", got)
	}
	// What is known already is not said again; what is there stays.
	if said, err := lock(dir, "created", map[string]string{"b": "222222222222"}); err != nil || said != nil {
		t.Errorf("%q, %v", said, err)
	}
	if _, err := lock(dir, "created", map[string]string{"c": "333333333333"}); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); !strings.Contains(string(got), `"a": "111111111111"`) || !strings.Contains(string(got), `"c"`) {
		t.Errorf("got %s", got)
	}
	// An account has one id for ever.
	if _, err := lock(dir, "created", map[string]string{"a": "999999999999"}); err == nil || !strings.Contains(err.Error(), "account a is 111111111111 there, and 999999999999 in AWS") {
		t.Errorf("%v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestLockLeavesWhatItDidNotWrite(t *testing.T) {
	for _, content := range []string{"", "{", `{"version":2,"accounts":{}}`, `{"version":1,"accounts":{},"more":1}`, `[]`} {
		dir := t.TempDir()
		path := filepath.Join(dir, "organization.lock.json")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := lock(dir, "created", map[string]string{"a": "111111111111"}); err == nil {
			t.Errorf("%q was taken for a lock file", content)
		}
		if got, _ := os.ReadFile(path); string(got) != content {
			t.Errorf("%q became %q", content, got)
		}
	}
}
