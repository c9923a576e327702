// Package drifttest deploys an organization with the real engine, changes it
// behind the file's back with plain SDK calls, and wants orgrails drift to find
// exactly that and to put it right.
package drifttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/readback"
	"github.com/orgrails/orgrails/internal/awstest/world"
	"github.com/orgrails/orgrails/internal/drift"
)

func TestMain(m *testing.M) { os.Exit(world.Main(m)) }

// A place is a deployed organization.
type place struct {
	*world.World
	t    *testing.T
	plan *guardrails.Plan
	ids  map[string]string
	o    *organizations.Client
}

// small is an organization with one of each kind of thing.
var small = filepath.Join("..", "e2e", "testdata", "small")

func deployed(t *testing.T, example string) *place {
	t.Helper()
	w, err := world.New(t.Context(), world.Orgrails, example, t.TempDir(), awstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	p := &place{World: w, t: t, o: organizations.NewFromConfig(w.Config)}
	p.run(0, "up", "--yes")
	if p.plan, err = p.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.inPlace()
	return p
}

// inPlace reads everything back with a reader of its own.
func (p *place) inPlace() {
	p.t.Helper()
	res, err := readback.Check(p.t.Context(), p.plan, p.Config)
	if err != nil {
		p.t.Fatal(err)
	}
	if !res.OK() || res.Total == 0 {
		p.t.Fatalf("%s\n%s", res, strings.Join(res.Problems, "\n"))
	}
	p.t.Log(res)
	p.ids = res.IDs
}

// run runs orgrails and wants this exit code.
func (p *place) run(code int, args ...string) world.Output {
	p.t.Helper()
	out, err := p.Run(p.t.Context(), args...)
	if err != nil {
		p.t.Fatal(err)
	}
	if out.Code != code {
		p.t.Fatalf("orgrails %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), out.Code, code, out.Stdout, out.Stderr)
	}
	return out
}

// reading runs orgrails and wants it to write nothing to AWS.
func (p *place) reading(code int, args ...string) world.Output {
	p.t.Helper()
	p.Emulator.ResetCalls()
	out := p.run(code, args...)
	calls := p.Emulator.Calls()
	if len(calls) < 20 {
		p.t.Errorf("orgrails %s: only %d calls were recorded", strings.Join(args, " "), len(calls))
	}
	for _, c := range calls {
		if c.Write && c.Operation != "AssumeRole" {
			p.t.Errorf("orgrails %s made the writing call %s", strings.Join(args, " "), c.Operation)
		}
	}
	return out
}

func (p *place) in(account string) aws.Config {
	cfg := p.Config.Copy()
	arn := "arn:aws:iam::" + p.ids["account:"+account] + ":role/" + p.plan.Organization.DeployRole
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(p.Config), arn))
	return cfg
}

func (p *place) policy(name string) string {
	p.t.Helper()
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		out := must(p.o.ListPolicies(p.t.Context(), &organizations.ListPoliciesInput{Filter: kind}))(p.t)
		for _, x := range out.Policies {
			if *x.Name == name {
				return *x.Id
			}
		}
	}
	p.t.Fatalf("no policy is named %s", name)
	return ""
}

func (p *place) account(name string) string {
	p.t.Helper()
	for _, a := range must(p.o.ListAccounts(p.t.Context(), &organizations.ListAccountsInput{}))(p.t).Accounts {
		if *a.Name == name {
			return *a.Id
		}
	}
	p.t.Fatalf("no account is named %s", name)
	return ""
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// found are the findings, as "kind what at where".
func found(t *testing.T, out string) []string {
	t.Helper()
	var r drift.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range r.Findings {
		known := strings.HasSuffix(string(f.Kind), "-unknown") || f.Kind == drift.PolicyForeign
		if !known && !strings.HasPrefix(f.Origin, "organization.yaml:") {
			t.Errorf("%s %s has the line %q", f.Kind, f.What, f.Origin)
		}
		list = append(list, fmt.Sprintf("%s %s at %s [%s]", f.Kind, f.What, f.Where, f.Stack))
	}
	slices.Sort(list)
	for _, n := range r.NotChecked {
		t.Errorf("not checked: %+v", n)
	}
	return list
}

const nothing = `{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Deny","Action":"aws-portal:*","Resource":"*"}]}`

func TestDrift(t *testing.T) {
	p := deployed(t, small)
	ctx := t.Context()
	clean := p.reading(0, "drift")
	t.Log(clean.Stdout)
	if out := p.reading(0, "plan", "--against", "live", "--fail-on", "any"); !strings.Contains(out.Stdout, "Nothing differs.") {
		t.Errorf("against live:\n%s", out.Stdout)
	}

	root, workloads, app := p.ids["root"], p.ids["unit:Workloads"], p.ids["account:app"]
	scp := p.policy("orgrails-scp-root")
	edited := must(p.o.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &scp}))(t)
	content := strings.Replace(*edited.Policy.Content, `"organizations:LeaveOrganization"`, `"organizations:LeaveNothing"`, 1)
	if content == *edited.Policy.Content {
		t.Fatalf("nothing to edit in %s", content)
	}
	must(p.o.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &scp, Content: &content}))(t)
	must(p.o.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String(p.policy("orgrails-scp-Workloads")), TargetId: &workloads}))(t)
	foreign := must(p.o.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: aws.String("billing"), Description: aws.String("by hand"), Content: aws.String(nothing), Type: types.PolicyTypeServiceControlPolicy}))(t).Policy.PolicySummary.Id
	must(p.o.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: foreign, TargetId: &workloads}))(t)
	must(p.o.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &app, SourceParentId: aws.String(p.ids["unit:Workloads/Prod"]), DestinationParentId: &root}))(t)
	must(p.o.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("Shadow"), Email: aws.String("shadow@small.example")}))(t)
	must(p.o.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}))(t)

	c := iam.NewFromConfig(p.in("app"))
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(6), RequireSymbols: true, RequireNumbers: true, RequireLowercaseCharacters: true, RequireUppercaseCharacters: true,
		MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(24), AllowUsersToChangePassword: true}))(t)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"sts:AssumeRole"}]}`
	must(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("Auditor"), PolicyDocument: &trust}))(t)
	security := iam.NewFromConfig(p.in("security"))
	must(security.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("Auditor"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}))(t)
	a := accessanalyzer.NewFromConfig(p.in("security"))
	must(a.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: aws.String("orgrails-external")}))(t)

	events := fmt.Sprintf(`{"Records":[
{"eventTime":"2026-11-20T08:00:00Z","eventSource":"organizations.amazonaws.com","eventName":"DetachPolicy","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/Admin/jo"},"requestParameters":{"policyId":%q,"targetId":%q},"recipientAccountId":"111111111111"},
{"eventTime":"2026-11-20T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"UpdateAssumeRolePolicy","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.8","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::%[3]s:assumed-role/Admin/al"},"requestParameters":{"roleName":"Auditor"},"recipientAccountId":%[3]q}
]}`, p.policy("orgrails-scp-Workloads"), workloads, app)
	if err := os.WriteFile(filepath.Join(p.Dir, "events.json"), []byte(events), 0o644); err != nil {
		t.Fatal(err)
	}

	text := p.reading(1, "drift", "--events", "events.json").Stdout
	t.Log(text)
	for _, want := range []string{
		"2026-11-20T08:00:00Z by arn:aws:sts::111111111111:assumed-role/Admin/jo from 198.51.100.7, with organizations:DetachPolicy",
		"2026-11-20T09:00:00Z by arn:aws:sts::" + app + ":assumed-role/Admin/al from 198.51.100.8, with iam:UpdateAssumeRolePolicy",
		"newly allowed in app, security, shadow: organizations:LeaveOrganization",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("drift does not say %q", want)
		}
	}
	want := []string{
		"account-moved account app at account:app [organization]",
		"account-unknown account Shadow at root []",
		"analyzer-deleted analyzer orgrails-external at eu-central-1 [analyzers-eu-central-1]",
		"central-root-access-off central root access RootCredentialsManagement at  [organization]", // which needs the trust in IAM
		"password-policy-changed password policy: maxPasswordAge at account:app [account-app]",
		"password-policy-weaker password policy: minimumPasswordLength at account:app [account-app]",
		"policy-detached SCP orgrails-scp-Workloads at unit:Workloads [policies]",
		"policy-edited SCP orgrails-scp-root at  [policies]",
		"policy-foreign SCP billing at unit:Workloads []",
		"role-policies policies of role Auditor at account:security [account-security]",
		"role-trust trust of role Auditor at account:app [account-app]",
		"trusted-service-off trusted access of iam.amazonaws.com at  [organization]",
	}
	slices.Sort(want)
	if got := found(t, p.reading(1, "drift", "--json").Stdout); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	against := p.reading(1, "plan", "--against", "live", "--fail-on", "newly-denied").Stdout
	t.Log(against)
	p.reading(1, "drift", "--format", "sarif")

	fixed := p.run(1, "drift", "--fix", "--yes") // a policy and an account of others are left
	t.Log(fixed.Stdout, fixed.Stderr)
	want = []string{"account-unknown account Shadow at root []", "policy-foreign SCP billing at unit:Workloads []"}
	if got := found(t, p.reading(1, "drift", "--json").Stdout); !slices.Equal(got, want) {
		t.Errorf("left\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	must(p.o.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: foreign, TargetId: &workloads}))(t)
	must(p.o.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: foreign}))(t)
	must(p.o.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(p.account("Shadow"))}))(t)
	p.reading(0, "drift", "--strict")
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	for _, c := range p.Emulator.Calls() {
		if c.Write && c.Operation != "AssumeRole" {
			t.Errorf("up after the fix made the writing call %s", c.Operation)
		}
	}
}

// TestDeleted takes away one of each kind of thing, and wants all of it back.
func TestDeleted(t *testing.T) {
	p := deployed(t, small)
	ctx := t.Context()
	root, workloads := p.ids["root"], p.ids["unit:Workloads"]
	scp := p.policy("orgrails-scp-root")
	must(p.o.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &scp, TargetId: &root}))(t)
	must(p.o.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &scp}))(t)
	must(p.o.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: &workloads, Name: aws.String("Work")}))(t)
	must(p.o.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{AccountId: aws.String(p.ids["account:security"]), ServicePrincipal: aws.String("access-analyzer.amazonaws.com")}))(t)
	must(iam.NewFromConfig(p.Config).DisableOrganizationsRootCredentialsManagement(ctx, &iam.DisableOrganizationsRootCredentialsManagementInput{}))(t)

	c := iam.NewFromConfig(p.in("app"))
	must(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String("Auditor"), PolicyArn: aws.String("arn:aws:iam::aws:policy/SecurityAudit")}))(t)
	must(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("Auditor")}))(t)
	must(c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{}))(t)
	boundary := "arn:aws:iam::" + p.ids["account:app"] + ":policy/developer"
	must(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &boundary, SetAsDefault: true,
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)}))(t)
	security := iam.NewFromConfig(p.in("security"))
	grant := "arn:aws:iam::" + p.ids["account:security"] + ":policy/orgrails-assume-auditors"
	must(security.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: aws.String("auditors"), PolicyArn: &grant}))(t)
	must(security.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("auditors")}))(t)
	must(security.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &grant}))(t)
	a := accessanalyzer.NewFromConfig(p.in("security"))
	must(a.DeleteArchiveRule(ctx, &accessanalyzer.DeleteArchiveRuleInput{AnalyzerName: aws.String("orgrails-external"), RuleName: aws.String("vendor")}))(t)

	want := []string{
		"archive-rule-deleted archive rule vendor of analyzer orgrails-external at eu-central-1 [analyzers-eu-central-1]",
		"boundary-edited boundary developer at account:app [account-app]",
		"central-root-access-off central root access RootCredentialsManagement at  [organization]",
		"delegated-administrator-gone delegated administrator of access-analyzer.amazonaws.com at account:security [organization]",
		"group-deleted group auditors at account:security [account-security]",
		"managed-policy-deleted policy orgrails-assume-auditors at account:security [account-security]",
		"password-policy-deleted password policy at account:app [account-app]",
		"policy-deleted SCP orgrails-scp-root at  [policies]",
		"role-deleted role Auditor at account:app [account-app]",
		"unit-renamed unit Workloads at unit:Workloads [organization]",
	}
	if got := found(t, p.reading(1, "drift", "--json").Stdout); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	fixed := p.run(0, "drift", "--fix", "--yes")
	t.Log(fixed.Stdout, fixed.Stderr)
	p.reading(0, "drift", "--strict")
	p.inPlace()
}

// TestAcme deploys the example, and wants it not to have drifted.
func TestAcme(t *testing.T) {
	p := deployed(t, filepath.Join("..", "..", "..", "examples", "acme"))
	t.Log(p.reading(0, "drift", "--strict").Stdout)
	if out := p.reading(0, "plan", "--against", "live", "--fail-on", "any"); !strings.Contains(out.Stdout, "Nothing differs.") {
		t.Errorf("against live:\n%s", out.Stdout)
	}
}
