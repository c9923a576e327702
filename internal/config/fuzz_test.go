package config

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzLoad holds that no file makes the reader panic, and that every mistake
// it reports has a place that exists and a code that is documented.
func FuzzLoad(f *testing.F) {
	for _, file := range errFiles(f) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	acme, err := os.ReadFile("../../examples/acme/organization.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(acme)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, src []byte) {
		file := filepath.Join(dir, "organization.yaml")
		if err := os.WriteFile(file, src, 0o644); err != nil {
			t.Fatal(err)
		}
		got, ds, err := Load(file, Options{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			if d.Range.File == file {
				wellPlaced(t, d.Range, len(src))
			}
		}
		if !ds.HasErrors() && got.Organization.Management == nil {
			t.Fatal("no mistakes, and no management account")
		}
	})
}

// FuzzParseTemplate holds the same of templates.
func FuzzParseTemplate(f *testing.F) {
	files, err := filepath.Glob("../../templates/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(err, "no templates")
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		_, ds := ParseTemplate("t.yaml", src)
		for _, d := range ds {
			wellPlaced(t, d.Range, len(src))
		}
	})
}
