package orggen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
)

func TestGeneratedFilesLoad(t *testing.T) {
	for _, n := range []int{1, 9, 10, 57, 1000} {
		size := orggen.Of(n)
		src := orggen.YAML(size)
		if !bytes.Equal(src, orggen.YAML(size)) {
			t.Fatalf("%s: two files of one size differ", size)
		}
		file := filepath.Join(t.TempDir(), "organization.yaml")
		if err := os.WriteFile(file, src, 0o644); err != nil {
			t.Fatal(err)
		}
		f, ds, err := config.Load(file, config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			t.Errorf("%s: %s: %s", size, d.Range, d.Summary)
		}
		uses := len(f.Organization.Root.Uses)
		for _, u := range f.Organization.Units {
			uses += len(u.Uses)
		}
		if got := (orggen.Size{Accounts: len(f.Organization.Accounts), Units: len(f.Organization.Units), Guardrails: uses}); got != size {
			t.Errorf("asked for %+v, got %+v", size, got)
		}
	}
}

func TestTheMeasuredSize(t *testing.T) {
	if got, want := orggen.Of(5000), (orggen.Size{Accounts: 5000, Units: 1000, Guardrails: 40}); got != want {
		t.Errorf("5,000 accounts are %+v, want %+v", got, want)
	}
}
