package inittest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/awstest/world"
	"github.com/orgrails/orgrails/internal/config"
)

// killed kills init while it reads, and while it writes. What it leaves is a
// file that loads, with all that it names, or none; and the next run goes on
// with what was read. all is how many calls a run takes.
func killed(t *testing.T, w *world.World, all int) {
	t.Helper()
	dir := filepath.Join(w.Dir, "killed")
	path := filepath.Join(dir, "organization.yaml")
	args := []string{"init", "--from-aws", "-o", "killed", "--regions", "eu-central-1,eu-west-1"}
	whole := func() (there bool) {
		t.Helper()
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if _, ds, err := config.Load(path, config.Options{}); err != nil || ds.HasErrors() {
			t.Errorf("what is there is no whole file: %v %v", err, ds)
		}
		return true
	}

	w.Emulator.ResetCalls()
	p := w.Command(t.Context(), args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); len(w.Emulator.Calls()) < all/2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("it reads nothing")
			break
		}
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	made := len(w.Emulator.Calls())
	if whole() {
		t.Error("there is a file before all was read")
	}
	w.Emulator.ResetCalls()
	run(t, w, 0, args...)
	more := len(w.Emulator.Calls())
	t.Logf("killed after %d of %d calls, and %d more", made, all, more)
	if made+more > all+30 || !whole() { // 16 are under way at once, and every account is entered again
		t.Errorf("%d calls before and %d after", made, more)
	}
	if a, b := withoutTime(t, path), withoutTime(t, filepath.Join(w.Dir, "found", "organization.yaml")); a != b {
		t.Errorf("killed and run again, the file is\n%s", a)
	}

	// All is read; what takes time is drafting and writing.
	began := time.Now()
	run(t, w, 0, append(args, "--max-age", "1h")...)
	took := time.Since(began)
	before, after := 0, 0
	for i := range 12 {
		for _, name := range []string{"organization.yaml", "policies", filepath.Join(".orgrails", "init.json")} {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		p := w.Command(t.Context(), append(args, "--max-age", "1h")...)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i+1) / 13)
		_ = p.Process.Kill()
		_ = p.Wait()
		if whole() {
			after++
		} else {
			before++
		}
		run(t, w, 0, append(args, "--max-age", "1h")...)
		if !whole() {
			t.Error("the run after a killed one writes nothing")
		}
	}
	t.Logf("killed %d times before the file was there, and %d times after", before, after)
}
