package existingtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
	"github.com/orgrails/orgrails/internal/drift"
)

// A governed organization is as AWS Control Tower, the Landing Zone Accelerator
// and service-managed StackSets leave one.
type governed struct {
	*place
	ids map[string]string // units and policies, by name
}

// Their policies, after those that Control Tower and the Accelerator attach.
const (
	towerTrail  = `{"Version":"2012-10-17","Statement":[{"Sid":"GRCLOUDTRAILENABLED","Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:PutEventSelectors","cloudtrail:StopLogging","cloudtrail:UpdateTrail"],"Resource":["arn:aws:cloudtrail:*:*:trail/aws-controltower-*"],"Condition":{"ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/AWSControlTowerExecution"}}}]}`
	towerRoles  = `{"Version":"2012-10-17","Statement":[{"Sid":"GRIAMROLEPOLICY","Effect":"Deny","Action":["iam:AttachRolePolicy","iam:CreateRole","iam:DeleteRole","iam:PutRolePolicy","iam:UpdateAssumeRolePolicy"],"Resource":["arn:aws:iam::*:role/aws-controltower-*","arn:aws:iam::*:role/*AWSControlTower*","arn:aws:iam::*:role/stacksets-exec-*"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/AWSControlTowerExecution","arn:aws:iam::*:role/stacksets-exec-*"]}}}]}`
	towerBucket = `{"Version":"2012-10-17","Statement":[{"Sid":"GRAUDITBUCKETDELETIONPROHIBITED","Effect":"Deny","Action":["s3:DeleteBucket"],"Resource":["arn:aws:s3:::aws-controltower*"],"Condition":{"ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/AWSControlTowerExecution"}}}]}`
	accelerated = `{"Version":"2012-10-17","Statement":[{"Sid":"%s","Effect":"Deny","Action":["lambda:DeleteFunction","lambda:UpdateFunctionCode"],"Resource":["arn:aws:lambda:*:*:function:AWSAccelerator-*"],"Condition":{"ArnNotLike":{"aws:PrincipalARN":["arn:aws:iam::*:role/AWSAccelerator-*","arn:aws:iam::*:role/AWSControlTowerExecution","arn:aws:iam::*:role/cdk-accel-*"]}}}]}`
)

// theirRoles are in every member account.
var theirRoles = []string{"AWSControlTowerExecution", "aws-controltower-AdministratorExecutionRole", "aws-controltower-ReadOnlyExecutionRole", "AWSAccelerator-Deployment-Role",
	"AWSAccelerator-OperationsStack-1-Lambda", "AWSCloudFormationStackSetExecutionRole", "stacksets-exec-0123456789abcdef0123456789abcdef"}

// theirServices are trusted; all but the first two by the Accelerator.
var theirServices = []string{"controltower.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com", "access-analyzer.amazonaws.com", "cloudtrail.amazonaws.com",
	"config.amazonaws.com", "guardduty.amazonaws.com", "macie.amazonaws.com", "ram.amazonaws.com", "securityhub.amazonaws.com", "sso.amazonaws.com"}

func newGoverned(t *testing.T) *governed {
	t.Helper()
	ctx := t.Context()
	e := must(awstest.Start(ctx, awstest.Options{}))(t)
	t.Cleanup(func() { e.Close() })
	w := &world.World{Emulator: e, Dir: t.TempDir(), Orgrails: world.Orgrails, Tools: must(awstest.FindTools())(t), Config: aws.Config{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider(world.AccessKey, world.SecretKey, ""), BaseEndpoint: aws.String(e.URL()),
	}}
	g := &governed{place: &place{w, &grown{o: organizations.NewFromConfig(w.Config)}, t}, ids: map[string]string{}}
	g.Organization = must(e.CreateOrganization(ctx, w.Config, awstest.Account{Name: "Log Archive"}, awstest.Account{Name: "Audit"}, awstest.Account{Name: "Lab"}, awstest.Account{Name: "Shop"}))(t)
	for name, in := range map[string][]string{"Security": {"Log Archive", "Audit"}, "Sandbox": {"Lab"}, "Workloads": {"Shop"}} {
		g.ids[name] = *must(g.o.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &g.RootID}))(t).OrganizationalUnit.Id
		for _, account := range in {
			must(g.o.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: aws.String(g.Accounts[account]), SourceParentId: &g.RootID, DestinationParentId: aws.String(g.ids[name])}))(t)
		}
	}
	must(g.o.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &g.RootID, PolicyType: types.PolicyTypeServiceControlPolicy}))(t)
	for _, s := range theirServices {
		must(g.o.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &s}))(t)
	}
	must(g.o.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: aws.String(g.Accounts["Audit"]), ServicePrincipal: aws.String("guardduty.amazonaws.com")}))(t)
	g.attach("aws-guardrails-AbCdEf", towerTrail, g.ids["Security"], g.ids["Sandbox"], g.ids["Workloads"])
	g.attach("aws-guardrails-GhIjKl", towerRoles, g.ids["Security"], g.ids["Sandbox"], g.ids["Workloads"])
	g.attach("aws-guardrails-MnOpQr", towerBucket, g.ids["Security"])
	g.attach("AWSAccelerator-Core-Guardrails-1", fmt.Sprintf(accelerated, "LAMBDA"), g.ids["Sandbox"], g.ids["Workloads"])
	g.attach("AWSAccelerator-Org-Guardrails", fmt.Sprintf(accelerated, "ALL"), g.RootID)
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, g.ManagementAccount)
	for _, account := range g.Accounts {
		c := iam.NewFromConfig(e.Config(account))
		for _, role := range theirRoles {
			must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: &trust}))(t)
			must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &role, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}))(t)
		}
	}
	e.ResetCalls()
	return g
}

// attach makes a service control policy and attaches it.
func (g *governed) attach(name, content string, targets ...string) {
	g.t.Helper()
	out := must(g.o.CreatePolicy(g.t.Context(), &organizations.CreatePolicyInput{Name: &name, Description: aws.String("managed"), Content: &content, Type: types.PolicyTypeServiceControlPolicy}))(g.t)
	g.ids[name] = *out.Policy.PolicySummary.Id
	for _, target := range targets {
		must(g.o.AttachPolicy(g.t.Context(), &organizations.AttachPolicyInput{PolicyId: aws.String(g.ids[name]), TargetId: &target}))(g.t)
	}
}

func (g *governed) detach(name, target string) {
	g.t.Helper()
	must(g.o.DetachPolicy(g.t.Context(), &organizations.DetachPolicyInput{PolicyId: aws.String(g.ids[name]), TargetId: &target}))(g.t)
}

// theirs is everything in the organization that others have made: their
// policies and where they are attached, FullAWSAccess, roles with trust and
// policies, where accounts are, trusted services, delegated administrators.
func (g *governed) theirs() map[string]string {
	t, ctx := g.t, g.t.Context()
	t.Helper()
	all := map[string]string{}
	for name, text := range g.texts(t) {
		if !strings.HasPrefix(name, "orgrails-") {
			all["policy "+name] = text
		}
	}
	var full []string
	for _, x := range must(g.o.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: aws.String("p-FullAWSAccess")}))(t).Targets {
		full = append(full, *x.TargetId)
	}
	all["FullAWSAccess"] = fmt.Sprint(slices.Sorted(slices.Values(full)))
	for name, account := range g.Accounts {
		all["parent of "+name] = *must(g.o.ListParents(ctx, &organizations.ListParentsInput{ChildId: &account}))(t).Parents[0].Id
		c := iam.NewFromConfig(g.Emulator.Config(account))
		for _, r := range must(c.ListRoles(ctx, &iam.ListRolesInput{}))(t).Roles {
			attached := must(c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r.RoleName}))(t).AttachedPolicies
			inline := must(c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: r.RoleName}))(t).PolicyNames
			all["role "+*r.RoleName+" in "+name] = string(must(json.Marshal([]any{r.RoleId, r.AssumeRolePolicyDocument, attached, inline}))(t))
		}
	}
	for _, s := range must(g.o.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{}))(t).EnabledServicePrincipals {
		all["service "+*s.ServicePrincipal] = "trusted"
	}
	for _, s := range must(g.o.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: aws.String(g.Accounts["Audit"])}))(t).DelegatedServices {
		all["administrator of "+*s.ServicePrincipal] = "Audit"
	}
	g.Emulator.ResetCalls()
	return all
}

// same wants everything of theirs as it was.
func (g *governed) same(after string, before map[string]string) {
	g.t.Helper()
	now := g.theirs()
	if maps.Equal(now, before) {
		return
	}
	for what, text := range before {
		if now[what] != text {
			g.t.Errorf("after %s, %s was\n%s\nand is\n%s", after, what, text, now[what])
		}
	}
	for what, text := range now {
		if _, ok := before[what]; !ok {
			g.t.Errorf("after %s, there is %s: %s", after, what, text)
		}
	}
}

// wrote wants these writing calls, sorted, since the last reset.
func (g *governed) wrote(what string, want ...string) {
	g.t.Helper()
	var got []string
	for _, c := range g.Emulator.Calls() {
		if c.Write {
			got = append(got, c.Operation)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		g.t.Errorf("%s made the writing calls %v, want %v", what, got, want)
	}
}

// Guardrails come and go beside Control Tower, the Accelerator and StackSets.
// Theirs is counted and stays; nothing is deployed that locks their roles out;
// drift tells of a slot that they take, and of nothing else that they do.
func TestBesideOthers(t *testing.T) {
	g := newGoverned(t)
	before := g.theirs()
	if len(before) < 50 {
		t.Fatalf("only %d things are theirs", len(before))
	}

	g.run(0, "init", "--from-aws", "-o", ".")
	g.noWrites("init")
	file := string(must(os.ReadFile(g.File()))(t))
	g.contains("the file", file, "\n  by: [control-tower, landing-zone-accelerator, stack-sets]\n", "# AWS Control Tower manages it", "# Landing Zone Accelerator on AWS manages it",
		"aws-guardrails-AbCdEf: {type: SERVICE_CONTROL_POLICY, targets: [Sandbox, Security, Workloads], file:", "aws-guardrails-GhIjKl:", "aws-guardrails-MnOpQr:",
		"AWSAccelerator-Core-Guardrails-1: {type: SERVICE_CONTROL_POLICY, targets: [Sandbox, Workloads], file:", "AWSAccelerator-Org-Guardrails: {type: SERVICE_CONTROL_POLICY, targets: [root], file:")
	if strings.Contains(file, "guardrails:\n") {
		t.Errorf("something of theirs is a guardrail of ours:\n%s", file)
	}
	g.run(0, "adopt", "--yes")
	g.noWrites("adopt")
	g.same("adopt", before)
	g.change("organization.yaml", "  id: "+g.RootID+"\n", "  id: "+g.RootID+"\n  guardrails: [deny-leave-organization]\n")
	g.change("organization.yaml", "      id: "+g.ids["Workloads"]+"\n", "      id: "+g.ids["Workloads"]+"\n      guardrails: [require-imdsv2, protect-guardduty]\n")
	ours := string(must(os.ReadFile(g.File()))(t))
	g.run(0, "validate")
	out := g.run(0, "plan")
	// FullAWSAccess and one of ours; and of theirs one at the root, three at Workloads.
	g.contains("plan", out.Stdout, "3 of 10 slots", "5 of 10 slots")
	g.Emulator.ResetCalls()
	out = g.run(0, "preview")
	g.noWrites("preview")
	g.same("preview", before)
	g.run(0, "up", "--yes")
	g.wrote("up", "AttachPolicy", "AttachPolicy", "CreatePolicy", "CreatePolicy")
	g.same("up", before)

	// What they do all the time: repair, update their roles, make new ones.
	g.detach("aws-guardrails-AbCdEf", g.ids["Sandbox"])
	must(g.o.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: aws.String(g.ids["aws-guardrails-AbCdEf"]), TargetId: aws.String(g.ids["Sandbox"])}))(t)
	must(g.o.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("detective.amazonaws.com")}))(t)
	shop := iam.NewFromConfig(g.Emulator.Config(g.Accounts["Shop"]))
	must(shop.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("stacksets-exec-ffffffffffffffffffffffffffffffff"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + g.ManagementAccount + `:root"},"Action":"sts:AssumeRole"}]}`)}))(t)
	before = g.theirs()
	g.run(0, "drift", "--strict")
	g.noWrites("drift")
	g.run(0, "up", "--yes", "--all")
	g.noWrites("up")
	g.same("a second up", before)

	// A slot that they take is said, and nothing else; --fix leaves it.
	g.attach("aws-guardrails-StUvWx", towerBucket, g.ids["Workloads"])
	before = g.theirs()
	for _, args := range [][]string{{"drift", "--json"}, {"drift", "--fix", "--yes"}} {
		out = g.run(1, args...)
		g.noWrites("drift")
		g.same(strings.Join(args, " "), before)
		if args[1] != "--json" {
			continue
		}
		var r drift.Report
		if err := json.Unmarshal([]byte(out.Stdout), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) != 1 || r.Findings[0].Kind != drift.PolicyForeign || r.Findings[0].What != "SCP aws-guardrails-StUvWx" || r.Findings[0].Where != "unit:Workloads" ||
			r.Findings[0].Found != "attached, 6 of 10 slots are in use" {
			t.Errorf("drift found %+v", r.Findings)
		}
	}

	// What would lock their roles out is deployed nowhere.
	lock := `{"Version":"2012-10-17","Statement":[{"Sid":"NoIAM","Effect":"Deny","Action":["iam:*","cloudformation:*"],"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}]}`
	if err := os.WriteFile(filepath.Join(g.Dir, "policies", "lock.json"), []byte(lock), 0o644); err != nil {
		t.Fatal(err)
	}
	g.change("organization.yaml", "[require-imdsv2, protect-guardduty]", "[require-imdsv2, protect-guardduty, {file: policies/lock.json, type: SERVICE_CONTROL_POLICY}, protect-roles]")
	out = g.run(1, "validate")
	g.contains("validate", out.Stderr+out.Stdout, "[GR390]", "AWS Control Tower cannot set the account up: in shop role/AWSControlTowerExecution may not call cloudformation:CreateStack",
		"stack sets cannot set a new account up: in shop role/stacksets-exec-", "the Landing Zone Accelerator cannot set the account up: in shop role/AWSAccelerator-Deployment-Role may not call cloudformation:CreateStack",
		"stack sets with roles of their own cannot deploy: in shop role/AWSCloudFormationStackSetExecutionRole")
	g.Emulator.ResetCalls()
	g.run(1, "up", "--yes")
	for _, c := range g.Emulator.Calls() {
		if c.Write {
			t.Errorf("a plan that locks others out made the call %s", c.Operation)
		}
	}
	if err := os.WriteFile(g.File(), []byte(ours), 0o644); err != nil {
		t.Fatal(err)
	}

	g.run(0, "destroy", "--yes")
	g.wrote("destroy", "DeletePolicy", "DeletePolicy", "DetachPolicy", "DetachPolicy")
	g.same("destroy", before)
}
