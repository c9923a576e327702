package automation

import (
	"os"
	"path/filepath"
	"testing"
)

// A state file that a dead run half wrote is replaced by its copy, or taken
// away where there is none; whole ones and other people's stay.
func TestMendTorn(t *testing.T) {
	dir := t.TempDir()
	d := &driver{opts: Options{Backend: "file://" + dir, Project: "orgrails", Events: func(Event) {}}}
	folder := filepath.Join(dir, ".pulumi", "stacks", "orgrails")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("organization.json", `{"version":3}`)
	write("organization.json.bak", `{"version":2}`)
	write("account-shop.json", ``)
	write("account-shop.json.bak", `{"version":3,"checkpoint":{}}`)
	write("account-dev.json", `{"version":3,"chec`)
	write("account-dev.json.bak", ``)
	write("somebody-elses.json", ``)
	if err := d.mendTorn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"organization.json":   `{"version":3}`,
		"account-shop.json":   `{"version":3,"checkpoint":{}}`,
		"somebody-elses.json": ``,
	} {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "account-dev.json")); !os.IsNotExist(err) {
		t.Errorf("account-dev.json: %v, want that it is gone", err)
	}
}
