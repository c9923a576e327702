package compile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// asOf is the time of every test: nothing here reads the clock.
var asOf = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// An acme is an organization being put together, a line of the file for each thing.
type acme struct {
	*org.Organization
	line int
}

// newAcme is an organization with a few units and accounts:
// Security (log, identity), Workloads/Prod (payments, shop), Workloads/NonProd (dev), Sandbox (play).
func newAcme() *acme {
	a := &acme{Organization: &org.Organization{
		File: "organization.yaml", Name: "acme", HomeRegion: "eu-central-1", Partition: "aws",
		Regions: []string{"eu-central-1", "eu-west-1"}, DeployRole: "OrganizationAccountAccessRole",
		Root: &org.Unit{Path: "root", Key: "root"},
	}}
	a.Root.Range = a.next()
	a.Management = &org.Account{Key: "management", ID: "111111111111", Name: "management", Range: a.next()}
	for _, path := range []string{"Security", "Workloads", "Workloads/Prod", "Workloads/NonProd", "Sandbox"} {
		a.unit(path)
	}
	for _, s := range []string{"log Security", "identity Security", "payments Workloads/Prod", "shop Workloads/Prod", "dev Workloads/NonProd", "play Sandbox"} {
		key, unit, _ := strings.Cut(s, " ")
		a.account(key, unit)
	}
	return a
}

func (a *acme) next() diag.Range {
	a.line++
	return diag.Range{File: "organization.yaml", Start: diag.Pos{Line: a.line, Column: 3}, End: diag.Pos{Line: a.line, Column: 9}}
}

func (a *acme) at(selector string) org.Target {
	t, ok := a.Select(selector)
	if !ok {
		panic("no " + selector)
	}
	return t
}

func (a *acme) targets(selectors ...string) []org.Target {
	var ts []org.Target
	for _, s := range selectors {
		ts = append(ts, a.at(s))
	}
	return ts
}

func (a *acme) find(key string) *org.Account { return a.at(key).Account }

func (a *acme) unit(path string) *org.Unit {
	parent, key := a.Root, path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		parent, key = a.at(path[:i]).Unit, path[i+1:]
	}
	u := &org.Unit{Path: path, Key: key, Name: key, Parent: parent, Range: a.next()}
	parent.Units = append(parent.Units, u)
	a.Units = append(a.Units, u)
	slices.SortFunc(a.Units, func(x, y *org.Unit) int { return strings.Compare(x.Path, y.Path) })
	return u
}

func (a *acme) account(key, unit string) *org.Account {
	u := a.at(unit).Unit
	acc := &org.Account{Key: key, Name: key, Email: key + "@acme.example", Unit: u, Range: a.next()}
	u.Accounts = append(u.Accounts, acc)
	a.Accounts = append(a.Accounts, acc)
	slices.SortFunc(a.Accounts, func(x, y *org.Account) int { return strings.Compare(x.Key, y.Key) })
	return acc
}

// use asks for a template at a node; params are name, value, name, value.
func (a *acme) use(selector, template string, params ...any) {
	u := org.GuardrailUse{Template: template, Range: a.next()}
	for i := 0; i < len(params); i += 2 {
		if u.Parameters == nil {
			u.Parameters = map[string]org.Parameter{}
		}
		u.Parameters[params[i].(string)] = org.Parameter{Value: params[i+1], Range: u.Range}
	}
	a.ask(selector, u)
}

// own asks for a document of the user's own.
func (a *acme) own(selector, file, source string) {
	a.ask(selector, org.GuardrailUse{File: file, Type: "SERVICE_CONTROL_POLICY", Source: []byte(source), Range: a.next()})
}

func (a *acme) ask(selector string, u org.GuardrailUse) {
	if t := a.at(selector); t.Account != nil {
		t.Account.Uses = append(t.Account.Uses, u)
	} else {
		t.Unit.Uses = append(t.Unit.Uses, u)
	}
}

func (a *acme) except(x org.Exception, principals ...string) {
	x.Range = a.next()
	for _, p := range principals {
		x.Principals = append(x.Principals, org.Principal{Pattern: p, Range: x.Range})
	}
	a.Exceptions = append(a.Exceptions, x)
	slices.SortFunc(a.Exceptions, func(x, y org.Exception) int { return strings.Compare(x.Key, y.Key) })
}

func (a *acme) role(r org.Role, targets ...string) {
	r.Name, r.Range, r.Targets = r.Key, a.next(), a.targets(targets...)
	a.Roles = append(a.Roles, r)
}

func (a *acme) group(key string, grants ...org.Grant) *org.Group {
	if a.Identity == nil {
		a.Identity = &org.Identity{Source: "iam", Account: a.find("identity"), Range: a.next()}
	}
	g := org.Group{Key: key, Name: key, Range: a.next()}
	for _, gr := range grants {
		gr.Range = a.next()
		g.Assume = append(g.Assume, gr)
	}
	a.Identity.Groups = append(a.Identity.Groups, g)
	return &a.Identity.Groups[len(a.Identity.Groups)-1]
}

// compile wants a plan, and the diagnostics that are no errors.
func (a *acme) compile(t testing.TB) (*guardrails.Plan, diag.Diagnostics) {
	t.Helper()
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	if ds.HasErrors() || p == nil {
		t.Fatalf("refused:\n%s", show(ds))
	}
	if err := p.Check(); err != nil {
		t.Fatalf("the plan is wrong: %v", err)
	}
	if q, err := guardrails.Decode(guardrails.Encode(p)); err != nil || q.Digest() != p.Digest() {
		t.Fatalf("the plan is not read back: %v", err)
	}
	return p, ds
}

// refuses wants a diagnostic whose code, place and words contain what is given.
func (a *acme) refuses(t testing.TB, code string, words ...string) diag.Diagnostic {
	t.Helper()
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	return expect(t, p, ds, code, words...)
}

func expect(t testing.TB, p *guardrails.Plan, ds diag.Diagnostics, code string, words ...string) diag.Diagnostic {
	t.Helper()
	if ds.HasErrors() != (p == nil) {
		t.Errorf("errors %v, plan %v", ds.HasErrors(), p != nil)
	}
	for _, d := range ds {
		text := d.Range.String() + " " + d.Summary + " | " + d.Hint
		if d.Code == code && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			if d.Hint == "" || d.Range.IsZero() {
				t.Errorf("%s has no hint or no place", text)
			}
			return d
		}
	}
	t.Fatalf("want %s %q, got:\n%s", code, words, show(ds))
	return diag.Diagnostic{}
}

func show(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(string(d.Severity) + " " + d.Range.String() + " [" + d.Code + "] " + d.Summary + " | " + d.Hint + "\n")
	}
	return b.String()
}

// document finds a policy and parses it.
func document(t testing.TB, p *guardrails.Plan, name string) (guardrails.Policy, policy.Document) {
	t.Helper()
	for _, pol := range p.Policies {
		if pol.Name == name {
			return pol, parsed(t, pol.Content)
		}
	}
	var names []string
	for _, pol := range p.Policies {
		names = append(names, pol.Name)
	}
	t.Fatalf("no policy %s among %v", name, names)
	return guardrails.Policy{}, policy.Document{}
}

func parsed(t testing.TB, doc guardrails.Text) policy.Document {
	t.Helper()
	d, ds := policy.Parse("document", []byte(doc))
	if ds.HasErrors() {
		t.Fatalf("%s\n%s", doc, show(ds))
	}
	return d
}

func baseline(t testing.TB, p *guardrails.Plan, account string) guardrails.Baseline {
	t.Helper()
	for _, b := range p.Baselines {
		if b.Account == account {
			return b
		}
	}
	t.Fatalf("no baseline for %s", account)
	return guardrails.Baseline{}
}

func roleOf(t testing.TB, p *guardrails.Plan, account, name string) guardrails.Role {
	t.Helper()
	for _, r := range baseline(t, p, account).Roles {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no role %s in %s", name, account)
	return guardrails.Role{}
}

// testCatalog holds small templates of every kind, so that these tests do not
// change with the catalogue.
func testCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	vectors := []catalog.Vector{
		{Name: "no", Expect: "deny", Action: "a:B"}, {Name: "neither", Expect: "deny", Action: "a:B"},
		{Name: "yes", Expect: "allow", Action: "a:C"}, {Name: "as well", Expect: "allow", Action: "a:C"},
	}
	deny := func(sid string, s catalog.Statement) catalog.Statement {
		s.Sid, s.Effect = sid, "Deny"
		if s.Resource == nil {
			s.Resource = []string{"*"}
		}
		return s
	}
	scp, rcp := catalog.ServiceControlPolicy, catalog.ResourceControlPolicy
	one := 1
	ts := []catalog.Template{
		{ID: "deny-leave-organization", Type: scp, Statements: []catalog.Statement{deny("DenyLeave", catalog.Statement{Action: []string{"organizations:LeaveOrganization"}})}},
		{ID: "protect-trails", Type: scp,
			Parameters: map[string]catalog.ParameterSpec{"trails": {Description: "d", Type: "strings", Default: []any{"*"}, MinItems: &one}},
			Statements: []catalog.Statement{deny("ProtectTrails", catalog.Statement{Action: []string{"cloudtrail:DeleteTrail", "cloudtrail:StopLogging"}, Resource: []string{"arn:{{partition}}:cloudtrail:*:*:trail/{{trails}}"}})}},
		{ID: "restrict-regions", Type: scp, Statements: []catalog.Statement{deny("RestrictRegions", catalog.Statement{
			NotAction: []string{"{{data.globalServices}}"}, Condition: map[string]map[string][]string{"StringNotEquals": {"aws:RequestedRegion": {"{{organization.regions}}"}}}})}},
		{ID: "protect-roles", Type: scp,
			Parameters: map[string]catalog.ParameterSpec{"roles": {Description: "d", Type: "roles", Default: "{{organization.exemptPrincipals}}"}},
			Statements: []catalog.Statement{deny("ProtectRoles", catalog.Statement{
				Action:   changes,
				Resource: []string{"arn:{{partition}}:iam::*:role/{{deployRole}}", "arn:{{partition}}:iam::*:{{roles}}"}})}},
		{ID: "protect-saml-providers", Type: scp,
			Parameters: map[string]catalog.ParameterSpec{"providers": {Description: "d", Type: "strings", Default: []any{"*"}, MinItems: &one}},
			Statements: []catalog.Statement{deny("ProtectSAMLProviders", catalog.Statement{Action: providerChanges, Resource: []string{"arn:{{partition}}:iam::*:saml-provider/{{providers}}"}})}},
		{ID: "protect-policies", Type: scp,
			Parameters: map[string]catalog.ParameterSpec{"policies": {Description: "d", Type: "strings", Default: []any{"x"}, MinItems: &one}},
			Statements: []catalog.Statement{deny("ProtectPolicies", catalog.Statement{Action: policyChanges, Resource: []string{"arn:{{partition}}:iam::*:policy/{{policies}}"}})}},
		{ID: "protect-user-tags", Type: scp, Statements: []catalog.Statement{deny("ProtectUserTags", catalog.Statement{
			Action: []string{"iam:TagUser"}, Condition: map[string]map[string][]string{"ForAnyValue:StringLike": {"aws:TagKeys": {"orgrails:*"}}}})}},
		{ID: "require-permissions-boundary", Type: scp,
			Parameters: map[string]catalog.ParameterSpec{"boundaries": {Description: "d", Type: "strings", MinItems: &one, Default: []any{"x"}}},
			Statements: []catalog.Statement{deny("RequireBoundary", catalog.Statement{Action: []string{"iam:CreateRole"},
				Condition: map[string]map[string][]string{"ArnNotLike": {"iam:PermissionsBoundary": {"arn:{{partition}}:iam::*:policy/{{boundaries}}"}}}})}},
		{ID: "perimeter", Type: rcp, Statements: []catalog.Statement{deny("Perimeter", catalog.Statement{Principal: "*", Action: []string{"s3:*", "sqs:*"},
			Condition: map[string]map[string][]string{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": {"{{organization.id}}"}}, "BoolIfExists": {"aws:PrincipalIsAWSService": {"false"}}}})}},
		{ID: "some-roles", Type: scp, Statements: []catalog.Statement{deny("SomeRoles", catalog.Statement{Action: []string{"sqs:SendMessage"},
			Condition: map[string]map[string][]string{"ArnLike": {"aws:PrincipalArn": {"arn:{{partition}}:iam::*:role/build*"}}, "ArnEquals": {"aws:PrincipalArn": {"arn:{{partition}}:iam::*:role/*s/*"}}}})}},
		{ID: "developer-boundary", Type: catalog.PermissionsBoundary, Statements: []catalog.Statement{
			{Sid: "AllowMost", Effect: "Allow", NotAction: []string{"organizations:*"}, Resource: []string{"*"}},
			deny("KeepBoundary", catalog.Statement{Action: []string{"iam:DeletePolicy"}, Resource: []string{"arn:{{partition}}:iam::*:policy/{{boundaryName}}"}})}},
		{ID: "console-off", Type: catalog.DeclarativePolicyEC2, Document: map[string]any{"ec2_attributes": map[string]any{"serial_console_access": map[string]any{"status": map[string]any{
			"@@assign": "disabled", "@@operators_allowed_for_child_policies": []any{"@@none"}}}}}},
		{ID: "hops", Type: catalog.DeclarativePolicyEC2,
			Parameters: map[string]catalog.ParameterSpec{"hops": {Description: "d", Type: "integer", Default: float64(2)}},
			Document:   map[string]any{"ec2_attributes": map[string]any{"instance_metadata_defaults": map[string]any{"http_put_response_hop_limit": map[string]any{"@@assign": "{{hops}}"}}}}},
		{ID: "tags", Type: catalog.TagPolicy,
			Parameters: map[string]catalog.ParameterSpec{
				"keys":   {Description: "d", Type: "strings", Default: []any{"Owner"}},
				"values": {Description: "d", Type: "strings", Default: []any{}},
			},
			Document: map[string]any{"tags": map[string]any{"{{keys}}": map[string]any{"tag_key": map[string]any{"@@assign": "{{keys}}"}, "tag_value": map[string]any{"@@assign": "{{values}}"}}}}},
		{ID: "backups", Type: catalog.BackupPolicy,
			Parameters: map[string]catalog.ParameterSpec{"accounts": {Description: "d", Type: "accounts", Default: "{{organization.identityAccounts}}"}},
			Document:   map[string]any{"plans": map[string]any{"daily": map[string]any{"rules": map[string]any{"r": map[string]any{"copy_actions": map[string]any{"arn:{{partition}}:backup:eu-central-1:{{accounts}}:backup-vault:x": map[string]any{"target_backup_vault_arn": map[string]any{"@@assign": "arn:{{partition}}:backup:eu-central-1:{{accounts}}:backup-vault:x"}}}}}}}}},
		{ID: "cis-passwords", Type: catalog.PasswordPolicyPreset, PasswordPolicy: &catalog.PasswordPolicy{MinimumLength: 14, ReusePrevention: 24, RequireNumbers: true, UsersMayChange: true}},
	}
	for i := range ts {
		ts[i].Title, ts[i].Stops, ts[i].Breaks, ts[i].Avoid = "t", "s", "b", "a"
		ts[i].Severity, ts[i].References = "high", []string{"https://docs.aws.amazon.com/"}
		ts[i].Range = diag.Range{File: "templates/" + ts[i].ID + ".yaml"}
		switch {
		case ts[i].Type.IsDeclarative():
			ts[i].Settings = []catalog.Setting{{Path: "a", Value: nil}, {Path: "b", Value: nil}}
		case ts[i].Type != catalog.PasswordPolicyPreset:
			ts[i].Vectors = vectors
		}
	}
	c, ds := catalog.New(ts)
	if ds.HasErrors() {
		t.Fatalf("the test's templates are wrong:\n%s", show(ds))
	}
	return c
}
