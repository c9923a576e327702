package livetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/draft"
	"github.com/orgrails/orgrails/internal/live"
)

// The file of an organization that plain SDK calls have built has no errors,
// and its plan the policies that are there, attached where they are.
func TestInit(t *testing.T) {
	e := start(t)
	b := build(t, e)
	s := must(live.Read(t.Context(), b.session(t), b.options()))(t)
	began := time.Now()
	d := must(draft.Make(s, draft.Options{HomeRegion: regions[0], Regions: regions[:2]}))(t)
	t.Logf("drafted in %s: %d lines, %d documents, %d guardrails recognised", time.Since(began).Round(time.Millisecond), countLines(d.File), len(d.Documents), len(d.Found))
	plan, file := planOf(t, d)
	if testing.Verbose() {
		t.Logf("notes: %q\n%s", d.Notes, d.File)
	}
	// One of the policies denies s3:PutObject to everybody, CloudTrail among
	// them: validate says so of the file as it would of any other.
	r := must(proof.Check(plan, proof.Options{AsOf: time.Now()}))(t)
	for _, l := range r.Lost {
		if l.Level == proof.Must && l.Answer.Request.Action != "s3:PutObject" {
			t.Errorf("validate refuses it: %s: %s", l.ID, l.Loses)
		}
	}
	b.attachments(t, s, plan)
	if got := len(file.Organization.Units); got != units {
		t.Errorf("%d units, want %d", got, units)
	}
	if got := len(file.Organization.Accounts); got != accounts-1 { // one is closed
		t.Errorf("%d accounts, want %d", got, accounts-1)
	}
	for _, u := range file.Organization.Units {
		i := slices.IndexFunc(b.units, func(w live.Unit) bool { return w.ID == u.ID })
		if i < 0 || b.units[i].Name != u.Name {
			t.Errorf("the unit %s is %q", u.ID, u.Name)
		} else if p := b.units[i].ParentID; p != u.Parent.ID {
			t.Errorf("the unit %s is in %s, want %s", u.ID, u.Parent.ID, p)
		}
	}
	for _, a := range file.Organization.Accounts {
		if b.names[string(a.ID)] != a.Name || b.parents[string(a.ID)] != a.Unit.ID {
			t.Errorf("the account %s is %q in %s", a.ID, a.Name, a.Unit.ID)
		}
	}
	if again := must(draft.Make(s, draft.Options{HomeRegion: regions[0], Regions: regions[:2]}))(t); string(again.File) != string(d.File) || !maps.EqualFunc(again.Documents, d.Documents, slices.Equal) {
		t.Error("a second draft of the same snapshot is another")
	}
	if n := len(file.Organization.PasswordPolicies); n != 1 {
		t.Errorf("%d password policies", n)
	}
	aa := file.Organization.AccessAnalyzer
	if aa == nil || aa.External == nil || aa.External.Name != "external" || len(aa.External.Regions) != 2 || aa.Unused == nil || aa.Unused.AgeDays != 90 || len(aa.Unused.Exclude) != 1 || len(aa.ArchiveRules) != 1 {
		t.Errorf("analyzers: %+v", aa)
	}
}

func countLines(data []byte) int {
	n := 0
	for _, c := range data {
		if c == '\n' {
			n++
		}
	}
	return n
}

// planOf writes a draft, reads it back and compiles it.
func planOf(t *testing.T, d *draft.Draft) (*guardrails.Plan, *config.File) {
	t.Helper()
	dir := t.TempDir()
	files := maps.Clone(d.Documents)
	files["organization.yaml"] = d.File
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, ds, err := config.Load(filepath.Join(dir, "organization.yaml"), config.Options{})
	if err != nil || ds.HasErrors() {
		t.Fatalf("%v %v\n%s", err, ds, d.File)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{})
	if ds.HasErrors() {
		t.Fatalf("%v\n%s", ds, d.File)
	}
	return plan, file
}

// attachments wants those of the plan, with what others manage, to be those
// that were made.
func (b *built) attachments(t *testing.T, s *live.Snapshot, plan *guardrails.Plan) {
	t.Helper()
	want, got := map[string]bool{}, map[string]bool{}
	for typ, list := range b.policies {
		for _, p := range list {
			for _, target := range p.targets {
				want[fmt.Sprint(typ, " ", p.name, " ", target)] = true
			}
		}
	}
	managed := 0
	for _, a := range plan.Attachments {
		managed++
		got[fmt.Sprint(a.Type, " ", a.Policy, " ", plan.IDs[a.Target])] = true
	}
	for _, p := range plan.Elsewhere {
		t.Logf("managed elsewhere: %s %q at %v", p.Type, p.Name, p.Targets)
		for _, target := range p.Targets {
			got[fmt.Sprint(p.Type, " ", p.Name, " ", plan.IDs[target])] = true
		}
	}
	t.Logf("%d attachments are there; the plan has %d, and others have %d", len(want), managed, len(got)-managed)
	for key := range want {
		if !got[key] {
			t.Errorf("the plan lacks %s", key)
		}
	}
	for key := range got {
		if !want[key] {
			t.Errorf("the plan has %s", key)
		}
	}
	if len(want) < 100 || managed < 100 {
		t.Error("hardly anything was compared")
	}
}
