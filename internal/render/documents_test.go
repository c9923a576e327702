package render

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

func TestDocuments(t *testing.T) {
	var got []string
	for _, d := range Documents(samplePlan()) {
		got = append(got, fmt.Sprintf("%s | %s %s | targets %v | size %d | templates %v | origins %v | references %v | pending %q",
			d.File, d.Type, d.Name, d.Targets, d.Size, d.Templates, d.Origins, d.References, d.Pending))
		if !json.Valid([]byte(d.Text)) {
			t.Errorf("%s is not JSON: %s", d.File, d.Text)
		}
		if strings.Contains(d.Text, "{{id:") != (len(d.References) > 0) {
			t.Errorf("%s: references %v, text %s", d.File, d.References, d.Text)
		}
	}
	golden(t, "documents.txt", strings.Join(got, "\n")+"\n")
}

func TestDocumentsHaveKnownIdsFilledIn(t *testing.T) {
	for _, d := range Documents(samplePlan()) {
		if d.File == "policies/SERVICE_CONTROL_POLICY/orgrails-scp-root.json" && !strings.Contains(d.Text, `"o-a1b2c3d4e5"`) {
			t.Errorf("got %s", d.Text)
		}
	}
}

// No two documents are written to one file, whatever their names.
func TestDocumentsHaveFilesOfTheirOwn(t *testing.T) {
	p := samplePlan()
	for _, name := range []string{"a/b", "a.b", "A.B", "a b", "a\tb", "ü", "../../x", "con", "a:b"} {
		p.Policies = append(p.Policies, guardrails.Policy{Type: "SERVICE_CONTROL_POLICY", Name: name, Content: guardrails.Text(`"` + name + `"`)})
	}
	seen := map[string]bool{}
	for _, d := range Documents(p) {
		if low := strings.ToLower(d.File); seen[low] {
			t.Errorf("%s is written twice", d.File)
		} else {
			seen[low] = true
		}
		if !filepath.IsLocal(d.File) || strings.ContainsAny(d.File, " \t:ü") {
			t.Errorf("%q is no safe file name", d.File)
		}
	}
}

// files lists the files of a folder with their contents.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	docs := Documents(samplePlan())
	if err := Folder(docs, dir); err != nil {
		t.Fatal(err)
	}
	first := files(t, dir)
	for _, d := range docs {
		if first[d.File] != d.Text {
			t.Errorf("%s holds %q", d.File, first[d.File])
		}
	}
	var index []Document
	if err := json.Unmarshal([]byte(first["index.json"]), &index); err != nil || len(index) != len(docs) {
		t.Errorf("%d of %d documents in the index, %v", len(index), len(docs), err)
	}
	if len(first) != len(docs)+2 {
		t.Errorf("%d files for %d documents", len(first), len(docs))
	}

	// The user's own file beside ours stays, what we no longer want goes.
	own := filepath.Join(dir, "policies", "own.txt")
	if err := os.WriteFile(own, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Folder(docs[:1], dir); err != nil {
		t.Fatal(err)
	}
	second := files(t, dir)
	if len(second) != 4 || second["policies/own.txt"] != "mine" || second[docs[0].File] != docs[0].Text {
		t.Errorf("left: %v", second)
	}
	if _, err := os.Stat(filepath.Join(dir, "policies", "RESOURCE_CONTROL_POLICY")); err == nil {
		t.Error("an empty folder stays")
	}

	// And back again gives the same bytes.
	if err := Folder(docs, dir); err != nil {
		t.Fatal(err)
	}
	os.Remove(own)
	third := files(t, dir)
	if fmt.Sprint(third) != fmt.Sprint(first) {
		t.Error("the same plan gives other files")
	}
}

func TestFolderRefusesWhatIsNotItsOwn(t *testing.T) {
	docs := Documents(samplePlan())
	write := func(dir, name, content string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "precious")
	write(filepath.Dir(outside), "precious", "mine")
	for name, c := range map[string]struct {
		prepare func(dir string)
		want    string
	}{
		"a folder with files": {func(dir string) { write(dir, "thesis.txt", "mine") }, "holds files that orgrails did not write, such as thesis.txt"},
		"a list of another":   {func(dir string) { write(dir, manifestFile, "{}") }, "is not a list that orgrails wrote"},
		"a list that leads out": {func(dir string) {
			write(dir, manifestFile, `{"writtenBy":"orgrails render","files":["../precious"]}`)
		}, "which is not a file of the folder"},
		"a file in the way": {func(dir string) {
			write(dir, manifestFile, `{"writtenBy":"orgrails render","files":[]}`)
			write(dir, docs[0].File, "mine")
		}, "is in the way"},
		"a link that leads out": {func(dir string) {
			write(dir, manifestFile, `{"writtenBy":"orgrails render","files":["policies/precious"]}`)
			if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "policies")); err != nil {
				t.Fatal(err)
			}
		}, "path escapes"},
		"a file": {func(dir string) { os.RemoveAll(dir); write(filepath.Dir(dir), filepath.Base(dir), "mine") }, "make the folder"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		os.MkdirAll(dir, 0o755)
		c.prepare(dir)
		before := fmt.Sprint(files(t, dir))
		err := Folder(docs, dir)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if after := fmt.Sprint(files(t, dir)); after != before {
			t.Errorf("%s: something was written or removed: %s", name, after)
		}
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "mine" {
		t.Errorf("a file outside is gone: %q, %v", data, err)
	}
}

// A run that was killed is cleared up by the next.
func TestFolderAfterAKill(t *testing.T) {
	docs := Documents(samplePlan())
	dir := t.TempDir()
	if err := Folder(docs, dir); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint(files(t, dir))
	// As left by a kill: the list names what may have come, one file is half written.
	list := manifest{writer, []string{docs[0].File, docs[0].File + temporary, "gone.json", "index.json"}}
	for _, d := range docs[1:] {
		list.Files = append(list.Files, d.File)
	}
	data, err := encode(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{manifestFile: data, docs[0].File + temporary: []byte("{\"Ver")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Folder(docs, dir); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(files(t, dir)); got != want {
		t.Errorf("got %s", got)
	}
}
