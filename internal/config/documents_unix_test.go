//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLinksInACircle(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "organization.yaml")
	write(t, file, minimal+"templates: [circle]\n")
	if err := os.Symlink("circle", filepath.Join(dir, "circle")); err != nil {
		t.Fatal(err)
	}
	_, ds, err := Load(file, Options{AsOf: asOf})
	if got := show(ds); err != nil || !strings.Contains(got, `the file "circle" cannot be read: too many levels of symbolic links [GR035]`) {
		t.Error(got, err)
	}
}

// A pipe that nobody writes to must not keep a run waiting.
func TestPipesAreNoDocuments(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "organization.yaml")
	write(t, file, minimal+"templates: [pipe]\nsets: {ours: [{file: pipe, type: SERVICE_CONTROL_POLICY}]}\n")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	go func() {
		_, ds, err := Load(file, Options{AsOf: asOf})
		if err != nil {
			t.Error(err)
		}
		done <- show(ds)
	}()
	select {
	case got := <-done:
		if strings.Count(got, `the file "pipe" cannot be read: it is no plain file [GR035]`) != 2 {
			t.Error(got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("waits for the pipe")
	}
}
