package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/config"
)

var opts = compile.Options{AsOf: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}

// base is an organization with something of everything that tests ask about.
const base = `version: 1
organization: {id: o-a1b2c3d4e5, name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, regions: [eu-central-1]}
root:
  guardrails: [restrict-regions, deny-leave-organization]
  accounts: {lonely: {id: "222222222222", email: lonely@acme.example}}
  units:
    Workloads:
      guardrails: [{template: protect-cloudtrail, parameters: {trails: [org-trail]}}, data-perimeter-identity]
      units:
        Prod: {accounts: {shop: {id: "444444444444", email: shop@acme.example}}}
        Empty: {guardrails: [deny-all]}
      accounts: {dev: {email: dev@acme.example}}
exceptions:
  models: {guardrail: restrict-regions, principals: [role/platform/Models], accounts: [shop], actions: ["bedrock:InvokeModel"], reason: r, owner: o, expires: 2027-03-31}
permissionBoundaries:
  developer: {template: developer-boundary, targets: [Workloads], required: true}
roles:
  Admin: {name: Administrator, targets: [Workloads], managedPolicies: [AdministratorAccess], trust: {users: [management/alice]}}
  Reader: {targets: [Workloads], path: /people/, policies: [{file: reader.json}], boundary: developer, trust: {users: [management/alice]}}
`

const reader = `{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "iam:*"], "Resource": "*"}]}`

// A file is an organization file with its plan.
type file struct {
	*config.File
	plan  *guardrails.Plan
	world *World
}

func load(t *testing.T, text string) file {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "organization.yaml")
	for name, content := range map[string]string{path: text, filepath.Join(dir, "reader.json"): reader} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, ds, err := config.Load(path, config.Options{AsOf: opts.AsOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, opts)
	if p == nil {
		t.Fatal(show(ds))
	}
	w, err := New(p, opts.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	return file{f, p, w}
}

func show(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(d.Range.String() + " " + d.Summary + " [" + d.Code + "]\n  " + d.Hint + "\n")
	}
	return b.String()
}

func (f file) ask(t *testing.T, q Question) *Answer {
	t.Helper()
	a, err := f.world.Ask(q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
