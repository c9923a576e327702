package draft_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/draft"
	"github.com/orgrails/orgrails/internal/live"
)

type object = map[string]any

// deployed is the snapshot of an organization in which a plan was deployed:
// without IAM and analyzers. change may change it, as JSON has it.
func deployed(t *testing.T, plan *guardrails.Plan, change func(object)) *live.Snapshot {
	t.Helper()
	ids := maps.Clone(plan.IDs)
	set := func(ref, id string) string {
		if ids[ref] == "" {
			ids[ref] = id
		}
		return ids[ref]
	}
	root := set("root", "r-ab12")
	organization := set("organization", "o-a1b2c3d4e5")
	manager := set("account:management", "111111111111")
	units, accounts := []any{}, []any{object{"id": manager, "name": "Management", "email": "aws@acme.example", "state": "ACTIVE", "parentId": root}}
	for i, u := range plan.Units {
		set("unit:"+u.Path, fmt.Sprintf("ou-ab12-%08d", i))
	}
	parent := func(ref string) string {
		if ref == "root" {
			return root
		}
		return ids["unit:"+strings.TrimPrefix(ref, "unit:")]
	}
	targets := []any{object{"id": root, "type": "ROOT"}}
	for _, u := range plan.Units {
		units = append(units, object{"id": ids["unit:"+u.Path], "name": u.Name, "parentId": parent(u.Parent)})
		targets = append(targets, object{"id": ids["unit:"+u.Path], "type": "ORGANIZATIONAL_UNIT"})
	}
	for i, a := range plan.Accounts {
		id := set("account:"+a.Key, fmt.Sprintf("9%011d", i))
		accounts = append(accounts, object{"id": id, "name": a.Name, "email": a.Email, "state": "ACTIVE", "parentId": parent(a.Parent)})
		targets = append(targets, object{"id": id, "type": "ACCOUNT"})
	}
	targets = slices.DeleteFunc(targets, func(target any) bool {
		return slices.ContainsFunc(plan.NoFullAccess, func(ref string) bool { return ids[ref] == target.(object)["id"] })
	})
	by := map[string][]any{"SERVICE_CONTROL_POLICY": {object{
		"id": "p-FullAWSAccess", "name": "FullAWSAccess", "awsManaged": true, "targets": targets,
		"content": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	}}}
	for i, p := range plan.Policies {
		content, err := p.Content.Fill(ids)
		if err != nil {
			t.Fatal(err)
		}
		at := []any{}
		for _, a := range plan.Attachments {
			if a.Policy == p.Name && a.Type == p.Type {
				at = append(at, object{"id": ids[a.Target], "type": "ORGANIZATIONAL_UNIT"})
			}
		}
		by[p.Type] = append(by[p.Type], object{"id": fmt.Sprintf("p-%08d", i), "name": p.Name, "description": p.Description, "content": content, "targets": at})
	}
	types, enabled := []any{}, []any{}
	for _, typ := range slices.Sorted(maps.Keys(by)) {
		types = append(types, object{"type": typ, "policies": by[typ]})
		enabled = append(enabled, object{"type": typ, "status": "ENABLED"})
	}
	s := object{
		"version": 1, "taken": "2026-11-29T12:00:00Z", "oldest": "2026-11-29T12:00:00Z",
		"organization": object{"id": organization, "arn": "arn:aws:organizations::" + manager + ":organization/" + organization, "partition": "aws", "managementAccount": manager, "featureSet": "ALL"},
		"root":         object{"id": root, "name": "Root", "policyTypes": enabled},
		"units":        units, "accounts": accounts, "policies": types, "notRead": []any{},
	}
	if change != nil {
		change(s)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var snap live.Snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		t.Fatal(err)
	}
	return &snap
}

// planOf compiles an organization file with what is beside it.
func planOf(t *testing.T, files map[string][]byte) *guardrails.Plan {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return load(t, filepath.Join(dir, "organization.yaml"))
}

func load(t *testing.T, path string) *guardrails.Plan {
	t.Helper()
	file, ds, err := config.Load(path, config.Options{})
	if err != nil || ds.HasErrors() {
		t.Fatalf("%v %v", err, ds)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{})
	if ds.HasErrors() {
		t.Fatalf("%v", ds)
	}
	if err := plan.Check(); err != nil {
		t.Fatal(err)
	}
	return plan
}

func drafted(t *testing.T, s *live.Snapshot) (*draft.Draft, *guardrails.Plan) {
	t.Helper()
	d, err := draft.Make(s, draft.Options{HomeRegion: "eu-central-1", Regions: []string{"eu-central-1", "eu-west-1"}})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"organization.yaml": d.File}
	maps.Copy(files, d.Documents)
	if testing.Verbose() {
		t.Logf("%s", d.File)
	}
	return d, planOf(t, files)
}
