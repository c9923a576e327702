package templates_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
)

var update = flag.Bool("update", false, "write the golden documents")

// load reads the data files as the tool does; an empty folder fails.
func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	ts, ds := config.BuiltinTemplates()
	if len(ts) < 15 {
		t.Fatalf("found %d templates", len(ts))
	}
	for _, tm := range ts {
		if want := "templates/" + tm.ID + ".yaml"; tm.Range.File != want {
			t.Errorf("%s holds the template %s", tm.Range.File, tm.ID)
		}
	}
	c, found := catalog.New(ts)
	for _, d := range append(ds, found...) {
		t.Errorf("%s: %s [%s] %s", d.Range, d.Summary, d.Code, d.Hint)
	}
	return c
}

// instantiate makes the document of a template for the example organization.
func instantiate(t testing.TB, tm *catalog.Template, values map[string]any) policy.Document {
	t.Helper()
	params := catalog.Parameters(values)
	ss, ds := tm.Instantiate(catalog.ExampleEnv(), params, diag.Range{File: tm.ID})
	if ds != nil {
		t.Fatalf("%s: %+v", tm.ID, ds)
	}
	return policy.Document{Version: policy.Version2012, Statements: ss}
}

// document is the document of a template of any type, as it is deployed.
func document(t testing.TB, tm *catalog.Template, values map[string]any) string {
	t.Helper()
	if tm.Type.IsDeclarative() {
		return declare(t, tm, values).JSON()
	}
	return instantiate(t, tm, values).JSON()
}

// Each document is compared byte for byte with one that was read against the
// AWS pages which the template cites: id.json with the defaults, and
// id.<name>.json with the parameters of the table.
func TestGolden(t *testing.T) {
	c := load(t)
	seen := map[string]bool{}
	golden := func(file string, tm *catalog.Template, values map[string]any) {
		t.Helper()
		seen[file] = true
		path := filepath.Join("testdata", file)
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, []byte(document(t, tm, values)), "", "  "); err != nil {
			t.Fatal(err)
		}
		pretty.WriteByte('\n')
		if *update {
			if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: run the test with -update, and read what it wrote against the AWS pages", err)
		} else if !bytes.Equal(pretty.Bytes(), want) {
			t.Errorf("%s differs:\n%s", file, pretty.Bytes())
		}
	}
	for _, tm := range c.All() {
		if tm.Type != catalog.PasswordPolicyPreset {
			golden(tm.ID+".json", tm, nil)
		}
	}
	for name, values := range variants {
		id, _, _ := strings.Cut(name, ".")
		tm, ok := c.Lookup(id)
		if !ok {
			t.Fatalf("no template is named %s", id)
		}
		golden(name+".json", tm, values)
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[filepath.Base(f)] {
			t.Errorf("%s belongs to no template", f)
		}
	}
	for _, tm := range c.All() {
		has := false
		for name := range variants {
			has = has || strings.HasPrefix(name, tm.ID+".")
		}
		if len(tm.Parameters) > 0 && !has {
			t.Errorf("%s has parameters, and no golden document with other values than the defaults", tm.ID)
		}
	}
}

// variants are uses with other parameters than the defaults.
var variants = map[string]map[string]any{
	"restrict-regions.services": {"regions": []any{"us-west-2"}, "services": []any{"bedrock:InvokeModel*"}},
	"protect-cloudtrail.trails": {"trails": []any{"org-trail", "security-*"}},

	"data-perimeter-identity.trusted":         {"actions": []any{"s3:*", "sts:AssumeRole"}, "trustedAccounts": []any{"999999999999"}},
	"deny-all.roles":                          {"allowedRoles": []any{"role/forensics"}},
	"deny-iam-users.none":                     {"exemptAccounts": []any{}},
	"developer-boundary.roles":                {"privilegedRoles": []any{"role/Admin", "role/break-glass/*"}, "boundedRoles": []any{"role/apps/*", "role/web-*"}},
	"protect-policies.named":                  {"policies": []any{"Operator-operator", "ops/*"}},
	"protect-roles.roles":                     {"roles": []any{"role/audit-*"}},
	"protect-saml-providers.named":            {"providers": []any{"okta"}},
	"protect-s3-public-access-block.account":  {"levels": []any{"Account"}},
	"require-imdsv2.hops":                     {"maxHops": float64(1)},
	"require-permissions-boundary.boundaries": {"boundaries": []any{"operator", "team/reader"}},
}

// Every document passes AWS's grammar for its kind and fits the quota alone.
func TestDocumentsAreValidAndFit(t *testing.T) {
	quotas := awsdata.Quotas{}.WithDefaults()
	kinds := map[catalog.Type]struct {
		kind policy.Kind
		size int
	}{
		catalog.ServiceControlPolicy:  {policy.ServiceControlPolicy, quotas.SCPSize},
		catalog.ResourceControlPolicy: {policy.ResourceControlPolicy, quotas.RCPSize},
		catalog.PermissionsBoundary:   {policy.PermissionsBoundary, quotas.ManagedPolicySize},

		catalog.DeclarativePolicyEC2:   {policy.DeclarativePolicyEC2, quotas.EC2PolicySize},
		catalog.AIServicesOptOutPolicy: {policy.AIServicesOptOutPolicy, quotas.AIPolicySize},
		catalog.TagPolicy:              {policy.TagPolicy, quotas.TagPolicySize},
		catalog.BackupPolicy:           {policy.BackupPolicy, quotas.BackupPolicySize},
	}
	c := load(t)
	for _, tm := range c.All() {
		if tm.Type == catalog.PasswordPolicyPreset {
			continue
		}
		uses := []map[string]any{nil}
		for name, values := range variants {
			if strings.HasPrefix(name, tm.ID+".") {
				uses = append(uses, values)
			}
		}
		for _, v := range tm.Vectors {
			uses = append(uses, v.Parameters)
		}
		for _, s := range tm.Settings {
			uses = append(uses, s.Parameters)
		}
		for _, values := range uses {
			text := document(t, tm, values)
			found := diag.Diagnostics{}
			if kind := kinds[tm.Type].kind; kind.IsDeclarative() {
				_, found = policy.CheckDeclarative(tm.ID, []byte(text), kind)
			} else {
				found = policy.Validate(instantiate(t, tm, values), kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
			}
			for _, p := range found {
				t.Errorf("%s %v: %s [%s] %s", tm.ID, values, p.Summary, p.Code, p.Hint)
			}
			if n := policy.Size(text); n > kinds[tm.Type].size {
				t.Errorf("%s %v: %d characters of %d", tm.ID, values, n, kinds[tm.Type].size)
			}
			if strings.Contains(text, "{{") {
				t.Errorf("%s %v: a placeholder is left in %s", tm.ID, values, text)
			}
		}
	}
}

// In another partition no ARN and no region of aws is left.
func TestPartitions(t *testing.T) {
	env := catalog.ExampleEnv()
	env.Partition = "aws-us-gov"
	env.Values["organization.regions"] = []string{"us-gov-west-1"}
	for _, tm := range load(t).All() {
		ss, ds := tm.Instantiate(env, nil, diag.Range{File: tm.ID})
		text := policy.Document{Statements: ss}.JSON()
		if tm.Type.IsDeclarative() {
			var d *policy.Declarative
			if d, ds = tm.Declare(env, nil, diag.Range{File: tm.ID}); ds == nil {
				text = d.JSON()
			}
		}
		if ds != nil {
			t.Fatalf("%s: %+v", tm.ID, ds)
		}
		if strings.Contains(text, "arn:aws:") {
			t.Errorf("%s: %s", tm.ID, text)
		}
	}
}

// The ids that AWS makes up stay references.
func TestReferencesStay(t *testing.T) {
	env := catalog.ExampleEnv()
	env.Values["organization.id"] = "{{id:organization}}"
	env.Values["organization.identityAccounts"] = []string{"{{id:account:identity}}"}
	env.Accounts = map[string]string{"vendor-hub": "{{id:account:vendor-hub}}", "333333333333": "{{id:account:log-archive}}"}
	c := load(t)
	for id, want := range map[string]string{
		"data-perimeter-identity": `"aws:PrincipalAccount":["999999999999","{{id:account:log-archive}}","{{id:account:vendor-hub}}"],"aws:PrincipalOrgID":"{{id:organization}}"`,
		"deny-iam-users":          `"aws:PrincipalAccount":"{{id:account:identity}}"`,
	} {
		tm, ok := c.Lookup(id)
		if !ok {
			t.Fatal(id)
		}
		params := map[string]org.Parameter{}
		if id == "data-perimeter-identity" {
			params["trustedAccounts"] = org.Parameter{Value: []any{"vendor-hub", "999999999999", "333333333333"}}
		}
		ss, ds := tm.Instantiate(env, params, diag.Range{})
		if ds != nil {
			t.Fatalf("%+v", ds)
		}
		text := policy.Document{Version: policy.Version2012, Statements: ss}.JSON()
		if !strings.Contains(text, want) {
			t.Errorf("%s: %s", id, text)
		}
		if _, ds := policy.Parse(id, []byte(text)); ds != nil {
			t.Errorf("%s is not valid with references: %+v", id, ds)
		}
	}
}

// The built-in presets are named after what they follow, and complete.
func TestPresets(t *testing.T) {
	c := load(t)
	want := []string{"aws-foundational-security", "cis-aws-foundations", "nist-800-63b", "pci-dss-4"}
	if got := c.IDs(catalog.PasswordPolicyPreset); !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	cis, _ := c.Lookup("cis-aws-foundations")
	if p := cis.PasswordPolicy; p.MinimumLength != 14 || p.ReusePrevention != 24 || p.HardExpiry || !p.UsersMayChange {
		t.Errorf("%+v", p)
	}
}
