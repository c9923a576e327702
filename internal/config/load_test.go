package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/org"
)

const acme = "../../examples/acme/organization.yaml"

func loadAcme(t *testing.T) *org.Organization {
	t.Helper()
	f, ds, err := Load(acme, Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if len(ds) > 0 {
		t.Fatalf("the example has mistakes:\n%s", show(ds))
	}
	return f.Organization
}

func TestAcme(t *testing.T) {
	o := loadAcme(t)
	if o.File != acme || o.Name != "acme" || o.Partition != "aws" || o.DeployRole != "OrganizationAccountAccessRole" {
		t.Errorf("%+v", o)
	}
	var keys []string
	for _, a := range o.Accounts {
		keys = append(keys, a.Key)
	}
	if got := strings.Join(keys, " "); got != "data-platform identity legacy-shop log-archive payments-dev payments-prod sandbox-1 security" {
		t.Error(got)
	}
	var paths []string
	for _, u := range o.Units {
		paths = append(paths, u.Path)
	}
	if got := strings.Join(paths, " "); got != "Sandbox Security Suspended Workloads Workloads/NonProd Workloads/Prod" {
		t.Error(got)
	}
	prod, _ := o.Account("payments-prod")
	if prod.ID != "444444444444" || prod.Unit.Path != "Workloads/Prod" || prod.Range.Start.Line == 0 {
		t.Errorf("%+v", prod)
	}
	if sandbox, _ := o.Account("sandbox-1"); sandbox.ID != "" || sandbox.Name != "sandbox-1" {
		t.Errorf("%+v", sandbox)
	}
}

// Every block of the file is used by the example, and so are most keys.
func TestAcmeUsesEveryBlock(t *testing.T) {
	o := loadAcme(t)
	uses := len(o.Root.Uses)
	for _, u := range o.Units {
		uses += len(u.Uses)
	}
	for _, a := range o.Accounts {
		uses += len(a.Uses)
	}
	if uses < 12 {
		t.Errorf("%d guardrails are in use", uses)
	}
	for name, n := range map[string]int{
		"exceptions": len(o.Exceptions), "boundaries": len(o.PermissionBoundaries), "password policies": len(o.PasswordPolicies),
		"roles": len(o.Roles), "tests": len(o.Tests), "groups": len(o.Identity.Groups), "archive rules": len(o.AccessAnalyzer.ArchiveRules),
		"sets": len(o.Sets), "delegated administrators": len(o.DelegatedAdministrators),
	} {
		if n == 0 {
			t.Errorf("the example has no %s", name)
		}
	}
}

func TestSetsAreExpandedInTheOrderOfTheFile(t *testing.T) {
	o := loadAcme(t)
	var got []string
	for _, u := range o.Root.Uses {
		got = append(got, u.Template+u.File)
		if u.Set == "" || u.Via.IsZero() || u.Via == u.Range {
			t.Errorf("%s came from a set: %+v", u.Template, u)
		}
	}
	want := "deny-leave-organization deny-root-user restrict-regions protect-cloudtrail protect-guardduty protect-roles policies/our-own.json data-perimeter-identity"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	own := o.Root.Uses[6]
	if own.Type != "SERVICE_CONTROL_POLICY" || !strings.Contains(string(own.Source), "DenyExternalSharing") {
		t.Errorf("%+v", own)
	}
	prod, _ := o.Account("payments-prod")
	if u := prod.Uses[0]; u.Set != "" || !u.Via.IsZero() || u.Parameters["roles"].Range.IsZero() {
		t.Errorf("%+v", u)
	}
}

func TestBareDaysHoldToTheirEnd(t *testing.T) {
	o := loadAcme(t)
	for _, e := range o.Exceptions {
		if e.Key == "bedrock-us" && !e.Expires.Equal(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)) {
			t.Error(e.Expires)
		}
	}
	for _, s := range []string{"2027-06-01T06:00:00Z", "2027-06-01T08:00:00+02:00", "2027-06-01t06:00:00z"} {
		f, ds := loadText(t, minimal+exception("expires: "+s))
		if got := f.Organization.Exceptions[0].Expires; !got.Equal(time.Date(2027, 6, 1, 6, 0, 0, 0, time.UTC)) || len(ds) > 0 {
			t.Error(s, got, show(ds))
		}
	}
}

func exception(more string) string {
	return "exceptions: {x: {guardrail: restrict-regions, principals: [role/a], reason: r, owner: o, " + more + "}}\n"
}

const minimal = `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1}
root: {guardrails: [restrict-regions], accounts: {shop: {id: "222222222222", email: shop@acme.example}}}
`

// Spellings that must load without a mistake.
func TestGoodFiles(t *testing.T) {
	for name, text := range map[string]string{
		"minimal":         minimal,
		"crlf":            strings.ReplaceAll(minimal, "\n", "\r\n"),
		"byte order mark": "\ufeff" + minimal,
		"version of YAML": "# a file\r\n%YAML 1.2\r\n---\n" + minimal,
		"numbers":         minimal + "passwordPolicies: {p: {preset: cis-aws-foundations, targets: [root], minimumLength: 0x10, maxAgeDays: 9e1, reusePrevention: +5}}\n",
		"document marks":  "---\n" + minimal + "...\n",
		"json": `{
	"$schema": "schemas/organization.schema.json",
	"version": 1,
	"organization": {"name": "acm\u00e9", "managementAccount": {"id": "111111111111"}, "homeRegion": "eu-central-1"},
	"root": {"accounts": {"shop": {"email": "shop@acme.example"}}}
}`,
		"explicit tags": strings.Replace(minimal, `id: "111111111111"`, "id: !!str 111111111111", 1),
		"anchors": minimal + `x-targets: &everywhere [root]
roles:
  A: &role {targets: *everywhere, managedPolicies: [SecurityAudit], trust: {users: [management/alice]}}
  B: {<<: *role, maxSession: 2h}
  C: {<<: [*role, {maxSession: 3h}]}
`,
		"government":            strings.ReplaceAll(minimal, "eu-central-1", "us-gov-west-1"),
		"no accounts":           "version: 1\norganization: {name: acme, managementAccount: {id: \"111111111111\"}, homeRegion: eu-central-1}\nroot: {}\n",
		"names of any spelling": minimal + "x-name: |\n  two\n  lines\nroles: {R: {targets: [root], description: \"Größe\", managedPolicies: [X], trust: {users: [management/alice]}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			f, ds := loadText(t, text)
			if len(ds) > 0 {
				t.Fatalf("mistakes:\n%s", show(ds))
			}
			if f.Organization.Root == nil || f.Catalog == nil {
				t.Error("something is missing")
			}
		})
	}
}

func TestMergeKeysGiveWayToWhatIsThere(t *testing.T) {
	f, ds := loadText(t, minimal+`x-a: &a {maxSession: 2h, managedPolicies: [A]}
x-b: &b {maxSession: 3h, description: b}
roles:
  R: {<<: [*a, *b], targets: [root], managedPolicies: [R], trust: {users: [management/alice]}}
`)
	r := f.Organization.Roles[0]
	if len(ds) > 0 || r.MaxSession != 2*time.Hour || r.Description != "b" || !slices.Equal(r.ManagedPolicies, []string{"R"}) {
		t.Errorf("%+v\n%s", r, show(ds))
	}
}

// A mistake behind an alias is shown where it stands.
func TestPlacesAreThoseOfTheTarget(t *testing.T) {
	_, ds := loadText(t, minimal+"x-m: &m {maxAge: 40h}\nroles: {R: {targets: [root], managedPolicies: [X], mfa: *m, trust: {users: [management/alice]}}}\n")
	if len(ds) != 1 || ds[0].Range.Start.Line != 4 || ds[0].Range.Start.Column != 18 {
		t.Error(show(ds))
	}
}

func TestTheLockFileBringsIDs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "organization.yaml")
	write(t, file, strings.Replace(minimal, `id: "222222222222", `, "", 1))
	write(t, filepath.Join(dir, LockFile), `{"version":1,"accounts":{"shop":"222222222222"}}`)
	f, ds, err := Load(file, Options{AsOf: asOf})
	if err != nil || len(ds) > 0 {
		t.Fatal(err, show(ds))
	}
	if a := f.Organization.Accounts[0]; a.ID != "222222222222" {
		t.Errorf("%+v", a)
	}
	if f.Sources[filepath.Join(dir, LockFile)] == nil {
		t.Error("the lock file is not among the sources")
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsAreAboutTheWorld(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{filepath.Join(dir, "none.yaml"), dir} {
		f, ds, err := Load(file, Options{})
		if err == nil || f != nil || ds != nil {
			t.Errorf("%s: %v %v", file, f, ds)
		} else if !strings.HasPrefix(err.Error(), "read organization file: ") {
			t.Error(err)
		}
	}
	_, _, err := Load(filepath.Join(dir, "none.yaml"), Options{})
	if !strings.Contains(fmt.Sprint(err), "none.yaml") {
		t.Error(err)
	}
	// An unreadable lock file is no missing one.
	write(t, filepath.Join(dir, "organization.yaml"), minimal)
	if err := os.Mkdir(filepath.Join(dir, LockFile), fs.ModePerm); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(filepath.Join(dir, "organization.yaml"), Options{}); err == nil || !strings.HasPrefix(err.Error(), "read lock file: ") {
		t.Error(err)
	}
}

func TestAHugeFileIsRefusedUnread(t *testing.T) {
	file := filepath.Join(t.TempDir(), "organization.yaml")
	write(t, file, "version: 1\n")
	if err := os.Truncate(file, 50<<20); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	f, ds, err := Load(file, Options{})
	if err != nil || len(ds) != 1 || ds[0].Code != "GR008" || !strings.Contains(ds[0].Summary, "50.0 MB") || ds[0].Range.File != file {
		t.Error(err, show(ds))
	}
	if len(f.Sources) != 0 || time.Since(start) > time.Second {
		t.Error("the file was read")
	}
}

func TestTwoLoadsAreEqual(t *testing.T) {
	for _, file := range append(errFiles(t), acme) {
		_, first, err := Load(file, Options{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if _, again, _ := Load(file, Options{AsOf: asOf}); show(again) != show(first) {
				t.Fatalf("%s: two runs differ:\n%s\n%s", file, show(first), show(again))
			}
		}
	}
}
