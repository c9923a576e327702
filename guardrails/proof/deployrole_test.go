package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
	"github.com/orgrails/orgrails/internal/config"
)

// example is the plan of examples/acme.
func example(t testing.TB) *guardrails.Plan {
	t.Helper()
	f, ds, err := config.Load(filepath.Join("..", "..", "examples", "acme", "organization.yaml"), config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf})
	if p == nil {
		t.Fatal(show(ds))
	}
	return p
}

// A call is one request of a deploying principal.
type call struct {
	account, action, resource string
	context                   map[string][]string
}

func (c call) String() string { return c.action + " on " + c.resource + " in " + c.account }

// calls are those that the proof asks for in an account, the management
// account among them.
func (a *asker) calls(account string) []call {
	var list []call
	for _, x := range a.deployment(account) {
		c := call{account: a.ids["account:"+account], action: x.question.Action, resource: x.question.Resource, context: map[string][]string{}}
		for key, values := range x.question.Context {
			if len(values) > 0 {
				c.context[key] = values
			}
		}
		list = append(list, c)
	}
	return list
}

// organizationCalls are those that are made to AWS Organizations from the
// management account for everything in a plan, with the resources that AWS's
// reference gives them.
func organizationCalls(p *guardrails.Plan, ids map[string]string) []call {
	management, o := ids["account:management"], p.Organization
	base := "arn:" + o.Partition + ":organizations::" + management + ":"
	account, unit, root := base+"account/"+ids["organization"]+"/444444444444", base+"ou/"+ids["organization"]+"/ou-ab12-34567890", base+"root/"+ids["organization"]+"/r-ab12"
	var documents []string
	for _, x := range p.Policies {
		documents = append(documents, base+"policy/"+ids["organization"]+"/"+strings.ToLower(x.Type)+"/p-0123456789")
	}
	var services []string
	for _, d := range o.DelegatedAdministrators {
		services = append(services, d.ServicePrincipal)
	}
	var list []call
	add := func(action string, context map[string][]string, resources ...string) {
		if info, _ := awsdata.Action(action); len(info.Resources) == 0 {
			resources = []string{"*"}
		}
		for _, r := range resources {
			list = append(list, call{management, action, r, context})
		}
	}
	for _, row := range slices.Concat(ResourceTypeCalls.Value, OwnCalls[1:]) {
		on := map[string][]string{
			"aws:organizations/account:Account": {account}, "aws:organizations/delegatedAdministrator:DelegatedAdministrator": {account},
			"aws:organizations/getOrganization:getOrganization": {root}, "aws:organizations/organization:Organization": {root},
			"aws:organizations/organizationalUnit:OrganizationalUnit": {unit},
			"aws:organizations/policy:Policy":                         documents, "aws:organizations/policyAttachment:PolicyAttachment": documents,
			"orgrails:organization": {root}, "aws:index/provider:Provider": {"arn:" + o.Partition + ":iam::444444444444:role/" + o.DeployRole},
			"aws:iam/organizationsFeatures:OrganizationsFeatures": {"*"},
		}[row.Type]
		for _, action := range row.All() {
			if on == nil {
				continue // of what is placed into accounts
			}
			switch action {
			case "organizations:MoveAccount":
				add(action, nil, account, unit, root)
			case "organizations:CreateOrganizationalUnit", "organizations:ListChildren", "organizations:ListOrganizationalUnitsForParent":
				add(action, nil, unit, root)
			case "organizations:AttachPolicy", "organizations:DetachPolicy":
				add(action, nil, append(slices.Clone(on), account, unit, root)...)
			case "organizations:ListTargetsForPolicy":
				add(action, nil, documents...)
			case "organizations:EnableAWSServiceAccess":
				for _, s := range o.TrustedServices {
					add(action, map[string][]string{"organizations:ServicePrincipal": {s}})
				}
			case "organizations:RegisterDelegatedAdministrator", "organizations:DeregisterDelegatedAdministrator":
				for _, s := range services {
					add(action, map[string][]string{"organizations:ServicePrincipal": {s}}, on...)
				}
			case "sts:AssumeRole":
				if row.Type == "aws:index/provider:Provider" {
					add(action, nil, on...)
				}
			default:
				add(action, nil, on...)
			}
		}
	}
	return list
}

// decide asks a policy alone. Roles are assumed from the management account, by
// whom they trust.
func decide(t testing.TB, d policy.Document, c call) eval.Decision {
	t.Helper()
	p := eval.Policies{Identity: []eval.Document{{Name: "deploy", Policy: d}}}
	q := eval.Request{Principal: "arn:aws:iam::" + c.account + ":role/deploys", Action: c.action, Resource: c.resource, ResourceAccount: c.account, Context: c.context}
	if c.action == "sts:AssumeRole" {
		q.Principal, q.ResourceAccount = "arn:aws:iam::111111111111:role/deploys", ""
		p.Resource = &eval.Document{Name: "trust", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
			{Effect: policy.Allow, Principal: &policy.Principal{AWS: policy.Values{"111111111111"}}, Action: policy.Values{c.action}, Resource: policy.Values{"*"}},
		}}}
	}
	s, err := eval.Compile(eval.Organization{}, p)
	if err != nil {
		t.Fatal(err)
	}
	return s.Authorize(&q).Decision
}

// everyCall are the calls of deploying a plan: those of the deploy role in
// member accounts, and those of the principal in the management account.
func everyCall(t testing.TB, p *guardrails.Plan) (member, management []call) {
	t.Helper()
	w, err := trial.New(p, asOf)
	if err != nil {
		t.Fatal(err)
	}
	a := newAsker(p, nil, w.IDs())
	for _, x := range p.Accounts {
		member = append(member, a.calls(x.Key)...)
	}
	return member, append(a.calls("management"), organizationCalls(p, w.IDs())...)
}

// managementOnly is an organization that deploys into its management account
// and has Access Analyzer administered from there.
func managementOnly(t testing.TB) *guardrails.Plan {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf(file, "", "")
	text = strings.Replace(text, "  delegatedAdministrators: {security: [access-analyzer.amazonaws.com]}\n", "", 1)
	text = strings.Replace(text, "targets: [root]}\naccess", "targets: [management]}\naccess", 1)
	text = strings.Replace(text, "{targets: [root], breakGlass", "{targets: [management], breakGlass", 1)
	if err := os.WriteFile(filepath.Join(dir, "organization.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, ds, err := config.Load(filepath.Join(dir, "organization.yaml"), config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf})
	if p == nil {
		t.Fatal(show(ds))
	}
	return p
}

// What deploying takes is allowed by the policies of the plan and by those for
// everything; and nothing stands in those of the plan that no call needs.
func TestDeployPoliciesAllowEveryCall(t *testing.T) {
	for name, p := range map[string]*guardrails.Plan{"acme": example(t), "file": plan(t, sane, "require-imdsv2"), "management": managementOnly(t)} {
		member, management := DeployPolicies(p)
		anyMember, anyManagement := DeployPolicies(nil)
		inMembers, inManagement := everyCall(t, p)
		if len(inMembers) < 50 || len(inManagement) < 40 {
			t.Fatalf("%s: only %d and %d calls", name, len(inMembers), len(inManagement))
		}
		for _, side := range []struct {
			who         string
			list        []call
			narrow, all DeployPolicy
		}{
			{"member", inMembers, member, anyMember},
			{"management", inManagement, management, anyManagement},
		} {
			needed := map[string]bool{}
			if slices.ContainsFunc(side.list, func(c call) bool { return c.action == "iam:CreatePolicy" }) { // orgrails looks for those that are there
				side.list = append(side.list, call{account: "111111111111", action: "iam:ListPolicies", resource: "*"})
			}
			for _, c := range side.list {
				needed[c.action] = true
				for _, d := range []DeployPolicy{side.narrow, side.all} {
					if got := decide(t, d.Document, c); got != eval.Allowed {
						t.Errorf("%s, %s: %s is %s", name, side.who, c, got)
					}
				}
			}
			for _, s := range side.narrow.Document.Statements {
				for _, a := range s.Action {
					if !needed[a] {
						t.Errorf("%s, %s: no call needs %s of %s", name, side.who, a, s.Sid)
					}
				}
				// Every statement carries: without it some call is refused.
				less := policy.Document{Version: policy.Version2012, Statements: slices.DeleteFunc(slices.Clone(side.narrow.Document.Statements), func(x policy.Statement) bool { return x.Sid == s.Sid })}
				if !slices.ContainsFunc(side.list, func(c call) bool { return decide(t, less, c) != eval.Allowed }) {
					t.Errorf("%s, %s: every call is allowed without %s", name, side.who, s.Sid)
				}
			}
		}
	}
}

// What deploying does not take is not allowed.
func TestDeployPoliciesAllowNothingElse(t *testing.T) {
	p := example(t)
	member, management := DeployPolicies(p)
	anyMember, anyManagement := DeployPolicies(nil)
	const iam = "arn:aws:iam::444444444444:"
	never := []call{
		{action: "iam:CreateUser", resource: iam + "user/mallory"}, {action: "iam:CreateAccessKey", resource: iam + "user/mallory"},
		{action: "iam:PutRolePolicy", resource: iam + "role/Auditor"}, {action: "iam:PassRole", resource: iam + "role/Auditor"},
		{action: "iam:AttachUserPolicy", resource: iam + "user/mallory"}, {action: "iam:CreateOpenIDConnectProvider", resource: "*"},
		{action: "iam:DeleteAccountPasswordPolicy", resource: "*"}, {action: "iam:CreateAccountAlias", resource: "*"}, {action: "iam:ListUsers", resource: "*"},
		{action: "s3:GetObject", resource: "arn:aws:s3:::reports/x"}, {action: "ec2:RunInstances", resource: "*"}, {action: "kms:Decrypt", resource: "*"},
		{action: "organizations:LeaveOrganization", resource: "*"}, {action: "organizations:DeleteOrganization", resource: "*"},
		{action: "organizations:CloseAccount", resource: "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/444444444444"},
		{action: "organizations:RemoveAccountFromOrganization", resource: "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/444444444444"},
		{action: "organizations:DisablePolicyType", resource: "arn:aws:organizations::111111111111:root/o-a1b2c3d4e5/r-ab12"},
		{action: "organizations:DisableAWSServiceAccess", resource: "*"}, {action: "organizations:PutResourcePolicy", resource: "*"},
		{action: "organizations:AttachPolicy", resource: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"},
		{action: "organizations:TagResource", resource: "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/444444444444"},
		{action: "sts:AssumeRole", resource: iam + "role/Admin"}, {action: "sts:GetFederationToken", resource: "*"},
		{action: "iam:CreateServiceLinkedRole", resource: iam + "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", context: map[string][]string{"iam:AWSServiceName": {"ecs.amazonaws.com"}}},
		{action: "iam:CreateServiceLinkedRole", resource: iam + "role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer"},
		{action: "access-analyzer:StartPolicyGeneration", resource: "*"},
	}
	notOfThePlan := []call{
		{action: "iam:CreateRole", resource: iam + "role/Other"}, {action: "iam:AttachRolePolicy", resource: iam + "role/Auditor2"}, {action: "iam:DeleteRole", resource: iam + "role/other/Auditor"},
		{action: "iam:UpdateAssumeRolePolicy", resource: iam + "role/OrganizationAccountAccessRole"}, {action: "iam:CreatePolicyVersion", resource: iam + "policy/theirs"},
		{action: "iam:CreateGroup", resource: iam + "group/admins"}, {action: "access-analyzer:CreateAnalyzer", resource: "arn:aws:access-analyzer:us-east-1:222222222222:analyzer/orgrails-external"},
		{action: "access-analyzer:DeleteAnalyzer", resource: "arn:aws:access-analyzer:eu-central-1:222222222222:analyzer/theirs"},
		{action: "organizations:EnableAWSServiceAccess", resource: "*", context: map[string][]string{"organizations:ServicePrincipal": {"ram.amazonaws.com"}}},
		{action: "organizations:CreatePolicy", resource: "arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/tag_policy/p-0123456789"},
		{action: "organizations:MoveAccount", resource: "arn:aws:organizations::111111111111:account/o-ffffffffff/444444444444"},
	}
	refused := func(d DeployPolicy, list []call) {
		t.Helper()
		for _, c := range list {
			c.account = "444444444444"
			if _, ok := awsdata.Action(c.action); !ok {
				t.Errorf("%s is no action", c.action)
			}
			if decide(t, d.Document, c) == eval.Allowed {
				t.Errorf("%s is allowed", c)
			}
		}
	}
	for _, d := range []DeployPolicy{member, management, anyMember, anyManagement} {
		refused(d, never)
	}
	for _, d := range []DeployPolicy{member, management} {
		refused(d, notOfThePlan)
	}
	for _, s := range slices.Concat(member.Document.Statements, anyMember.Document.Statements) {
		for _, a := range s.Action {
			if info, _ := awsdata.Action(a); strings.HasPrefix(a, "organizations:") && info.Level != awsdata.List && info.Level != awsdata.Read {
				t.Errorf("a member account writes to the organization: %s", a)
			}
		}
	}
}

// The documents are ones that IAM takes, of actions and resources that there are.
func TestDeployPoliciesAreWellFormed(t *testing.T) {
	for name, p := range map[string]*guardrails.Plan{"everything": nil, "acme": example(t), "file": plan(t, sane, ""), "management": managementOnly(t)} {
		member, management := DeployPolicies(p)
		for _, d := range []DeployPolicy{member, management} {
			text := d.Document.JSON()
			if _, ds := policy.Check(name, []byte(text), policy.IdentityPolicy, policy.Rules{}); len(ds) > 0 {
				t.Errorf("%s: %s\n%s", name, show(ds), text)
			}
			if most := awsdata.IAMQuotas.Value.ManagedPolicySize; d.Size != policy.Size(text) || d.Size > most || d.Size < 500 {
				t.Errorf("%s: %d characters, at most %d", name, d.Size, most)
			}
			if len(d.Types) < 4 || len(d.Sources) < 4 || len(d.Widened) > 0 {
				t.Errorf("%s: %v from %v, widened %v", name, d.Types, d.Sources, d.Widened)
			}
			for _, s := range d.Document.Statements {
				for _, a := range s.Action {
					info, ok := awsdata.Action(a)
					if !ok || info.Name != a {
						t.Errorf("%s: no action is %s", name, a)
					}
					if within := s.Sid == "AnalyzersReadTheOrganization"; len(info.Resources) > 0 && slices.Contains(s.Resource, "*") != within {
						t.Errorf("%s: %s takes resources, and is allowed on %v", name, a, s.Resource)
					} else if len(info.Resources) == 0 && !slices.Equal(s.Resource, []string{"*"}) {
						t.Errorf("%s: %s takes no resource, and is allowed on %v", name, a, s.Resource)
					}
				}
				for key := range s.Condition["StringEquals"] {
					for _, a := range s.Action {
						if info, _ := awsdata.Action(a); !info.Carries(key) {
							t.Errorf("%s: %s does not carry %s", name, a, key)
						}
					}
				}
			}
		}
	}
}

// Names that have no room are named by a pattern, the longest kind first.
func TestDeployPoliciesOfManyNames(t *testing.T) {
	p := example(t)
	for i := range 200 {
		p.Baselines[1].Roles = append(p.Baselines[1].Roles, guardrails.Role{Name: fmt.Sprintf("Role%03d", i), Path: "/teams/"})
	}
	d, _ := DeployPolicies(p)
	if d.Size > awsdata.IAMQuotas.Value.ManagedPolicySize || !slices.Equal(d.Widened, []string{"roles"}) {
		t.Errorf("%d characters, widened %v", d.Size, d.Widened)
	}
	if !strings.Contains(d.Document.JSON(), `"Resource":"arn:aws:iam::*:role/*"`) || !strings.Contains(d.Document.JSON(), "policy/") {
		t.Error(d.Document.JSON())
	}
}

// OwnCalls are what internal/live calls for a deployment; what reads a whole
// organization, in the files read*.go, and what closes or invites an account are none. What
// adopting looks at is in the rows of the resources that it looks for.
func TestOwnCallsAreThoseOfTheCode(t *testing.T) {
	files, err := filepath.Glob("../../internal/live/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("the code is not where it was", err)
	}
	prefix := map[string]string{"iam": "iam", "organizations": "organizations", "analyzers": "access-analyzer", "sts": "sts"}
	made := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "read") || filepath.Base(name) == "close.go" || filepath.Base(name) == "invite.go" {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, re := range []string{`\.(iam|organizations|analyzers|sts)\(\)\.([A-Z]\w+)\(`, `\.New(?:)([A-Z]\w+)Paginator\(s\.(iam|organizations|analyzers)\(\)`} {
			for _, m := range regexp.MustCompile(re).FindAllStringSubmatch(string(src), -1) {
				if strings.HasPrefix(re, `\.New`) {
					m[1], m[2] = m[2], m[1]
				}
				made[prefix[m[1]]+":"+m[2]] = true
			}
		}
		for _, m := range regexp.MustCompile(`(?:(sts|iam|organizations|accessanalyzer)\.\w+Input\{)`).FindAllStringSubmatchIndex(string(src), -1) {
			in := string(src[m[0]:m[1]])
			service, operation, _ := strings.Cut(strings.TrimSuffix(in, "Input{"), ".")
			made[strings.Replace(service, "accessanalyzer", "access-analyzer", 1)+":"+operation] = true
		}
	}
	delete(made, "sts:GetCallerIdentity") // needs no permission
	if len(made) < 15 {
		t.Fatalf("only %d calls found: the test reads them wrongly", len(made))
	}
	known := map[string]bool{}
	for _, r := range OwnCalls {
		if !slices.IsSorted(r.Read) {
			t.Errorf("%s is not sorted", r.Type)
		}
		for _, a := range r.All() {
			known[a] = true
			if !made[a] {
				t.Errorf("the code does not call %s", a)
			}
		}
	}
	for _, r := range ResourceTypeCalls.Value {
		for _, a := range r.Read {
			known[a] = true
		}
	}
	for a := range made {
		if !known[a] {
			t.Errorf("no row has %s", a)
		}
	}
}
