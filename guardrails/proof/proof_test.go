package proof

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/internal/config"
)

var asOf = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// file is an organization with something of everything that is deployed;
// %s is what stands at the root, and at Workloads.
const file = `version: 1
organization:
  id: o-a1b2c3d4e5
  name: acme
  managementAccount: {id: "111111111111"}
  homeRegion: eu-central-1
  regions: [eu-central-1, eu-west-1]
  delegatedAdministrators: {security: [access-analyzer.amazonaws.com]}
  centralizedRootAccess: [RootCredentialsManagement, RootSessions]
root:
  guardrails: [%s]
  units:
    Security: {accounts: {security: {id: "222222222222", email: security@acme.example}}}
    Workloads:
      guardrails: [%s]
      units:
        Prod: {accounts: {shop: {id: "444444444444", email: shop@acme.example}, pay: {id: "555555555555", email: pay@acme.example}}}
      accounts: {dev: {email: dev@acme.example}}
permissionBoundaries:
  developer: {template: developer-boundary, targets: [Workloads], required: true}
passwordPolicies:
  default: {preset: cis-aws-foundations, targets: [root]}
accessAnalyzer:
  external: {regions: governed}
roles:
  Reader: {targets: [Workloads], path: /people/, managedPolicies: [ReadOnlyAccess], boundary: developer, trust: {users: [management/alice]}}
  BreakGlass: {targets: [root], breakGlass: true, trust: {users: [management/alice]}, managedPolicies: [AdministratorAccess]}
`

const sane = "deny-leave-organization, deny-root-user, restrict-regions, deny-iam-users, {template: protect-cloudtrail, parameters: {trails: [org-trail]}}, protect-config, protect-guardduty, protect-roles, data-perimeter-identity"

// documents are policies of a user's own.
var documents = map[string]string{
	// What people find on the web when they look for "deny IAM changes".
	"no-iam.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "NoIAM", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}`,
	// AWS's sample for regions, without its exemptions of roles and without
	// access-analyzer, which the sample does not have either.
	"regions.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "DenyOutside", "Effect": "Deny",
		"NotAction": ["iam:*", "organizations:*", "sts:*", "support:*", "route53:*", "health:*", "cloudfront:*", "account:*", "billing:*", "ce:*", "kms:*", "s3:ListAllMyBuckets"],
		"Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1"]}}}]}`,
	"network.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "Network", "Effect": "Deny", "Action": "*", "Resource": "*",
		"Condition": {"NotIpAddressIfExists": {"aws:SourceIp": ["198.51.100.0/24"]}, "BoolIfExists": {"aws:ViaAWSService": "false"}}}]}`,
	"tags.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "Tags", "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*",
		"Condition": {"Null": {"aws:RequestTag/CostCenter": "true"}}}]}`,
	// Policies that tell accounts apart: by place, by part of an id.
	"place.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "Place", "Effect": "Deny", "Action": ["iam:Create*", "sts:*"], "Resource": "*",
		"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/*/ou-0000-*/ou-0000-*"]}}}]}`,
	"part.json":  `{"Version": "2012-10-17", "Statement": [{"Sid": "Part", "Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::4*:*"}]}`,
	"allow.json": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:Get*", "support:*"], "Resource": "*"}]}`,
	// A perimeter that forgot AWS's own services, and one that forgot the management account.
	"perimeter.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "OwnOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
		"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}`,
	"assume.json": `{"Version": "2012-10-17", "Statement": [{"Sid": "NoStrangers", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*",
		"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalAccount": "444444444444"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]}`,
}

func plan(t testing.TB, root, workloads string) *guardrails.Plan {
	t.Helper()
	_, p := planOf(t, fmt.Sprintf(file, root, workloads))
	return p
}

// planOf is the plan of a whole file, for which the losses may be accepted.
func planOf(t testing.TB, text string, accept ...string) (*org.Organization, *guardrails.Plan) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"organization.yaml": text}
	for name, text := range documents {
		files[name] = text
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, ds, err := config.Load(filepath.Join(dir, "organization.yaml"), config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf, AcceptLockouts: accept})
	if p == nil {
		t.Fatal(show(ds))
	}
	return f.Organization, p
}

func show(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(d.Range.String() + " " + d.Summary + " [" + d.Code + "]\n")
	}
	return b.String()
}

func prove(t testing.TB, p *guardrails.Plan, opts Options) *Result {
	t.Helper()
	opts.AsOf = asOf
	r, err := Check(p, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func list(losses []Loss) string {
	var b strings.Builder
	for _, l := range losses {
		fmt.Fprintf(&b, "%s %s in %s of %s as %s on %s: %s; %s %s\n", l.Level, l.ID, l.Region, strings.Join(l.Accounts, " "), l.Answer.Question.As, l.Answer.Question.Resource, l.Answer.Happened(), l.Mend.Text, l.DependsOn)
	}
	return b.String()
}

func find(losses []Loss, id string) *Loss {
	i := slices.IndexFunc(losses, func(l Loss) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &losses[i]
}

func TestASaneOrganizationLosesNothing(t *testing.T) {
	r := prove(t, plan(t, sane, "require-imdsv2"), Options{})
	if len(r.Lost) > 0 {
		t.Errorf("lost:\n%s", list(r.Lost))
	}
	if len(r.InDoubt) > 0 {
		t.Logf("in doubt:\n%s", list(r.InDoubt))
	}
	if r.Accounts != 4 || r.Requests < 600 {
		t.Errorf("%d accounts, %d requests, %d asked", r.Accounts, r.Requests, r.Asked)
	}
}

func TestLockouts(t *testing.T) {
	scp := func(name string) string { return "{file: " + name + ", type: SERVICE_CONTROL_POLICY}" }
	rcp := func(name string) string { return "{file: " + name + ", type: RESOURCE_CONTROL_POLICY}" }
	for _, c := range []struct {
		name, root, workloads string
		lost                  []string // ids among the lost
		kept                  []string // ids that are not
		accounts              string   // of the first lost
		by, mend              string   // of the first lost
	}{
		{
			name: "IAM denied to everyone", root: sane, workloads: scp("no-iam.json"),
			lost:     []string{"deploy-iam:CreateRole", "deploy-iam:GetRole", "deploy-iam:UpdateAccountPasswordPolicy", "break-glass-mends-trust", "deploy-role-mends-trust"},
			kept:     []string{"break-glass-sees-instances", "linked-sign-in", "enter-as-deploy-role", "cloudtrail-writes"},
			accounts: "dev pay shop", by: "no-iam.json", mend: "exempt role/OrganizationAccountAccessRole from statement NoIAM",
		},
		{
			name: "tags that orgrails does not set", root: sane, workloads: scp("tags.json"),
			lost: []string{"deploy-iam:CreateRole", "deploy-role-creates-role"}, kept: []string{"deploy-iam:GetRole", "linked-stack-sets"},
			accounts: "dev pay shop", by: "tags.json", mend: "exempt role/OrganizationAccountAccessRole from statement Tags",
		},
		{
			name: "regions without an exemption", root: scp("regions.json"), workloads: "deny-root-user",
			lost:     []string{"deploy-access-analyzer:CreateAnalyzer", "deploy-access-analyzer:GetAnalyzer"},
			kept:     []string{"deploy-iam:CreateRole", "deploy-iam:CreateServiceLinkedRole"},
			accounts: "security", by: "regions.json",
		},
		{
			name: "a perimeter without AWS's services", root: rcp("perimeter.json"), workloads: "deny-root-user",
			lost: []string{"cloudtrail-writes", "config-writes", "balancer-logs-write"}, kept: []string{"cloudtrail-encrypts", "root-session-unlocks-bucket"},
			accounts: "dev pay security shop", by: "perimeter.json", mend: "narrow statement",
		},
		{
			name: "roles that nobody else may assume", root: "deny-root-user", workloads: rcp("assume.json"),
			lost: []string{"enter-as-deploy-role", "enter-as-access-role"}, kept: []string{"instances-take-role", "deploy-iam:CreateRole"},
			accounts: "dev pay shop", by: "assume.json", mend: "narrow statement",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := prove(t, plan(t, c.root, c.workloads), Options{})
			if !r.Refuses() {
				t.Error("the plan is not refused")
			}
			for i, id := range c.lost {
				l := find(r.Lost, id)
				if l == nil {
					t.Errorf("%s is not lost", id)
					continue
				}
				if i > 0 {
					continue
				}
				if got := strings.Join(l.Accounts, " "); got != c.accounts {
					t.Errorf("%s: lost in %s, want %s", id, got, c.accounts)
				}
				if len(l.Deciders) != 1 || !strings.HasSuffix(l.Deciders[0].Guardrail, c.by) || !strings.Contains(l.Deciders[0].Origin, "organization.yaml:") {
					t.Errorf("%s: decided by %+v", id, l.Deciders)
				}
				if !strings.Contains(l.Mend.Text, c.mend) {
					t.Errorf("%s: mended by: %s", id, l.Mend.Text)
				}
			}
			for _, id := range c.kept {
				if find(r.Lost, id) != nil || find(r.InDoubt, id) != nil {
					t.Errorf("%s is lost", id)
				}
			}
			if t.Failed() {
				t.Logf("lost:\n%s", list(r.Lost))
			}
		})
	}
}

// A guardrail of the catalogue denies the deploy role once its exemption is
// gone, and an exception is what mends it.
func TestWithoutTheExemptionOfTheDeployRole(t *testing.T) {
	p := plan(t, sane, "deny-all")
	found := 0
	for i := range p.Policies {
		text := string(p.Policies[i].Content)
		found += strings.Count(text, "role/OrganizationAccountAccessRole")
		p.Policies[i].Content = guardrails.Text(strings.ReplaceAll(text, "role/OrganizationAccountAccessRole", "role/Nobody"))
	}
	if found == 0 {
		t.Fatal("no policy exempts the deploy role")
	}
	r := prove(t, p, Options{})
	l := find(r.Lost, "deploy-iam:CreateRole")
	if l == nil {
		t.Fatalf("not lost:\n%s", list(r.Lost))
	}
	want := Exception{Guardrail: "deny-all", Principals: []string{"role/OrganizationAccountAccessRole"}, Accounts: []string{"dev", "pay", "shop"}, Actions: []string{"iam:CreateRole"}}
	if got := fmt.Sprintf("%+v", l.Mend.Exceptions); !strings.Contains(got, fmt.Sprintf("%+v", want)) {
		t.Errorf("mended by %s", got)
	}
}

func TestMissingFullAWSAccess(t *testing.T) {
	r := prove(t, plan(t, sane, "require-imdsv2"), Options{NoFullAccess: []string{"unit:Workloads"}})
	l := find(r.Lost, "deploy-iam:CreateRole")
	if l == nil || strings.Join(l.Accounts, " ") != "dev pay shop" || l.Mend.Text != "attach FullAWSAccess to Workloads, or a policy that allows iam:CreateRole" {
		t.Fatalf("%s", list(r.Lost))
	}
	if find(r.Lost, "linked-sign-in") != nil || find(r.Lost, "enter-as-deploy-role") != nil {
		t.Error("a policy reaches a service-linked role, or the management account")
	}
}

// What is not known is not guessed.
func TestInDoubt(t *testing.T) {
	r := prove(t, plan(t, "{file: network.json, type: SERVICE_CONTROL_POLICY}", "deny-root-user"), Options{})
	l := find(r.InDoubt, "deploy-iam:CreateRole")
	if l == nil || find(r.Lost, "deploy-iam:CreateRole") != nil || !slices.Equal(l.DependsOn, []string{"aws:SourceIp"}) {
		t.Fatalf("in doubt:\n%s\nlost:\n%s", list(r.InDoubt), list(r.Lost))
	}
}

// Asking accounts that are alike once gives the answer of asking each.
func TestAccountsThatAreAlike(t *testing.T) {
	for _, c := range []struct {
		workloads string
		bare      []string
	}{
		{"{file: perimeter.json, type: RESOURCE_CONTROL_POLICY}, {file: no-iam.json, type: SERVICE_CONTROL_POLICY}", nil},
		{"{file: assume.json, type: RESOURCE_CONTROL_POLICY}", nil}, // names an account
		{"{file: network.json, type: SERVICE_CONTROL_POLICY}", nil},
		{"{file: place.json, type: SERVICE_CONTROL_POLICY}", nil},
		{"{file: part.json, type: SERVICE_CONTROL_POLICY}", nil},
		{"{file: allow.json, type: SERVICE_CONTROL_POLICY}", []string{"unit:Workloads"}},
		{"{file: allow.json, type: SERVICE_CONTROL_POLICY}", []string{"unit:Workloads/Prod", "account:dev"}},
		{"require-imdsv2", []string{"account:shop"}},
	} {
		workloads, opts := c.workloads, Options{NoFullAccess: c.bare}
		p := plan(t, sane, workloads)
		whole := prove(t, p, opts)
		if whole.Asked >= whole.Requests {
			t.Errorf("%s: all %d of %d requests were asked", workloads, whole.Asked, whole.Requests)
		}
		losses := 0
		for i := range p.Accounts {
			one := *p
			one.Accounts = slices.Clone(p.Accounts)
			// The account first, so that it is asked itself.
			one.Accounts[0], one.Accounts[i] = one.Accounts[i], one.Accounts[0]
			key := one.Accounts[0].Key
			alone := prove(t, &one, opts)
			got, want := in(alone, key), in(whole, key)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s alone loses\n%s\nand with others\n%s", workloads, key, got, want)
			}
			losses += len(want)
		}
		if losses == 0 {
			t.Errorf("%s: nothing is lost, and the test shows nothing", workloads)
		}
	}
}

// in is what an account loses, and may lose.
func in(r *Result, account string) []string {
	var out []string
	for _, l := range slices.Concat(r.Lost, r.InDoubt) {
		if slices.Contains(l.Accounts, account) {
			out = append(out, l.ID+" "+l.Region+" "+strings.Join(l.DependsOn, " "))
		}
	}
	slices.Sort(out)
	return out
}

// Each guardrail of the catalogue, alone at the root, leaves orgrails able to
// do its work, and everybody else what they must be able to do.
func TestTheCatalogueLocksNobodyOut(t *testing.T) {
	ts, ds := config.BuiltinTemplates()
	if ds.HasErrors() {
		t.Fatal(show(ds))
	}
	proved := 0
	for _, x := range ts {
		required := slices.ContainsFunc(slices.Collect(maps.Values(x.Parameters)), func(p catalog.ParameterSpec) bool { return p.Default == nil })
		if required || x.Type != catalog.ServiceControlPolicy && x.Type != catalog.ResourceControlPolicy {
			continue
		}
		proved++
		r := prove(t, plan(t, x.ID, "deny-leave-organization"), Options{})
		for _, l := range r.Lost {
			// An account out of use is out of use, and the deploy role can still enter it.
			spared := x.ID == "deny-all" && (strings.HasPrefix(l.ID, "break-glass-") || strings.HasPrefix(l.ID, "root-session-"))
			if l.Level == Must && !spared {
				t.Errorf("%s: %s is lost: %s", x.ID, l.ID, l.Loses)
			}
		}
		for _, l := range r.InDoubt {
			if strings.HasPrefix(l.ID, "deploy-") {
				t.Errorf("%s: %s depends on %s", x.ID, l.ID, l.DependsOn)
			}
		}
	}
	if proved < 100 {
		t.Errorf("only %d guardrails proved", proved)
	}
}

// A plan may not leave a text in AWS that means something else than what is
// proved: whoever can edit a plan could else deploy what nobody reviewed.
func TestWhatAWSHasMeansWhatIsProved(t *testing.T) {
	_, p := planOf(t, fmt.Sprintf(file, sane, "{file: no-iam.json, type: SERVICE_CONTROL_POLICY, policy: Mine}"))
	at := slices.IndexFunc(p.Policies, func(pol guardrails.Policy) bool { return pol.Name == "Mine" })
	content := string(p.Policies[at].Content)
	p.Policies[at].AsFound = guardrails.Text(strings.Replace(content, `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"iam:GetRole","Resource":"arn:aws:iam::*:role/x"},`, 1))
	if _, err := Check(p, Options{AsOf: asOf}); err != nil {
		t.Errorf("what is denied already is said once more: %v", err)
	}
	p.Policies[at].AsFound = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	if _, err := Check(p, Options{AsOf: asOf}); err == nil || !strings.Contains(err.Error(), "Mine") {
		t.Errorf("a text that denies everything is taken for one that does not: %v", err)
	}
}
