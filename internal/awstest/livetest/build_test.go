// Package livetest builds an organization with plain SDK calls in the
// emulator, reads it with internal/live, and compares the two.
package livetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/live"
)

// A policy is one that was made; targets are the ids it was attached to.
type policy struct {
	id, name, description, content string
	targets                        []string
}

// built is what was made, as it must be read.
type built struct {
	t     *testing.T
	e     *awstest.Emulator
	cfg   aws.Config
	o     *organizations.Client
	clock hasty // of all reads: an answer from the future is not taken

	org      *awstest.Organization
	units    []live.Unit
	parents  map[string]string   // of accounts
	names    map[string]string   // of accounts
	policies map[string][]policy // by type; AWS's own are not among them
	services []string
	admins   map[string][]string
	delegate string // resource policy

	closed, shut, central, shop string // accounts: closed; without the role; of identities; with everything
}

const (
	units    = 30
	accounts = 120
)

// unitNames are as people write them; two are the same, below different parents.
func unitName(i int) string {
	switch i {
	case 3:
		return "Name with  spaces"
	case 4:
		return "dots.and-dashes_v1.2"
	case 5:
		return "Größe Ü / 東京 🏯"
	case 10, 12:
		return "Prod"
	}
	return fmt.Sprintf("Unit %d", i)
}

func build(t *testing.T, e *awstest.Emulator) *built {
	t.Helper()
	b := &built{t: t, e: e, cfg: e.Config(""), parents: map[string]string{}, names: map[string]string{}, policies: map[string][]policy{}, admins: map[string][]string{}, clock: hasty{now: time.Now()}}
	b.o = organizations.NewFromConfig(b.cfg)
	var list []awstest.Account
	for i := range accounts {
		list = append(list, awstest.Account{Name: fmt.Sprintf("Account %d", i), Email: fmt.Sprintf("a%d@acme.example", i)})
	}
	b.org = must(e.CreateOrganization(t.Context(), b.cfg, list...))(t)
	for name, id := range b.org.Accounts {
		b.names[id], b.parents[id] = name, b.org.RootID
	}
	b.names[b.org.ManagementAccount], b.parents[b.org.ManagementAccount] = "master", b.org.RootID
	b.shop, b.central, b.shut, b.closed = b.account(3), b.account(4), b.account(5), b.account(6)
	b.tree()
	b.allPolicies()
	b.trust()
	b.identities()
	must(iam.NewFromConfig(e.Config(b.shut)).DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String(awstest.DefaultRole)}))(t)
	must(b.o.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &b.closed}))(t)
	return b
}

// must fails the test when a call of its own fails.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (b *built) account(i int) string { return b.org.Accounts[fmt.Sprintf("Account %d", i)] }

// tree makes two units in the root and two in each above, four levels
// deep, and moves accounts into all of them.
func (b *built) tree() {
	var ids []string
	for i := range units {
		parent := b.org.RootID
		if i >= 2 {
			parent = ids[i/2-1]
		}
		name := unitName(i)
		out := must(b.o.CreateOrganizationalUnit(b.t.Context(), &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent}))(b.t)
		ids = append(ids, *out.OrganizationalUnit.Id)
		b.units = append(b.units, live.Unit{ID: ids[i], Name: name, ParentID: parent})
	}
	for i := range accounts {
		if i%(units+1) == units {
			continue // stays in the root
		}
		id, to := b.account(i), ids[i%(units+1)]
		must(b.o.MoveAccount(b.t.Context(), &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &b.org.RootID, DestinationParentId: &to}))(b.t)
		b.parents[id] = to
	}
	slices.SortFunc(b.units, func(x, y live.Unit) int { return strings.Compare(x.ID, y.ID) })
}

// allPolicies makes 40 policies of four types, of which one is not enabled.
func (b *built) allPolicies() {
	ctx := b.t.Context()
	for _, t := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy, types.PolicyTypeTagPolicy} {
		must(b.o.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &b.org.RootID, PolicyType: t}))(b.t)
	}
	scp := func(i int) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S%d","Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}`, i)
	}
	for i := range 30 {
		p := policy{name: fmt.Sprintf("scp %d (with.dots)", i), description: fmt.Sprintf("number %d, 100%% ours", i), content: scp(i)}
		switch i % 5 {
		case 0: // unused
		case 1:
			p.targets = []string{b.units[i].ID}
		case 2:
			p.targets = []string{b.account(i), b.units[i].ID}
		case 3:
			p.targets = []string{b.org.RootID}
		case 4:
			for j := range 25 { // more than a page
				p.targets = append(p.targets, b.account(20+j+i))
			}
		}
		if i == 7 {
			p.description = ""
		}
		if i == 8 {
			p.content = long(10_239)
		}
		b.policy(types.PolicyTypeServiceControlPolicy, p)
	}
	for i := range 5 {
		b.policy(types.PolicyTypeResourceControlPolicy, policy{name: fmt.Sprint("rcp ", i), targets: []string{b.units[i].ID},
			content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}`})
	}
	for i := range 3 {
		b.policy(types.PolicyTypeTagPolicy, policy{name: fmt.Sprint("tags ", i), content: `{"tags":{"CostCenter":{"tag_key":{"@@assign":"CostCenter"}}}}`})
	}
	for i := range 2 {
		b.policy(types.PolicyTypeBackupPolicy, policy{name: fmt.Sprint("backup ", i), content: `{"plans":{"p":{"regions":{"@@assign":["eu-central-1"]}}}}`})
	}
}

// long is a service control policy of so many characters, some of them not ASCII.
func long(n int) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Sid":"Long","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::é`, `"}]}`
	return head + strings.Repeat("x", n-len([]rune(head+tail))) + tail
}

func (b *built) policy(kind types.PolicyType, p policy) {
	b.t.Helper()
	out := must(b.o.CreatePolicy(b.t.Context(), &organizations.CreatePolicyInput{Name: &p.name, Description: &p.description, Content: &p.content, Type: kind}))(b.t)
	p.id = *out.Policy.PolicySummary.Id
	for _, target := range p.targets {
		must(b.o.AttachPolicy(b.t.Context(), &organizations.AttachPolicyInput{PolicyId: &p.id, TargetId: &target}))(b.t)
	}
	slices.Sort(p.targets)
	b.policies[string(kind)] = append(b.policies[string(kind)], p)
}

// trust makes more than a page of trusted services, and two administrators.
func (b *built) trust() {
	ctx := b.t.Context()
	b.services = []string{"access-analyzer.amazonaws.com", "config.amazonaws.com", "iam.amazonaws.com"}
	for i := range 20 {
		b.services = append(b.services, fmt.Sprintf("service-%02d.amazonaws.com", i))
	}
	for _, s := range b.services {
		must(b.o.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &s}))(b.t)
	}
	b.admins = map[string][]string{b.account(1): {"access-analyzer.amazonaws.com", "iam.amazonaws.com"}, b.account(2): {"config.amazonaws.com"}}
	for account, services := range b.admins {
		for _, s := range services {
			must(b.o.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: &s}))(b.t)
		}
	}
	b.delegate = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"organizations:Describe*","Resource":"*"}]}`, b.account(2))
	must(b.o.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{Content: &b.delegate}))(b.t)
	must(iam.NewFromConfig(b.cfg).EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{}))(b.t)
}

const (
	edge     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	reading  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}`
	assuming = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/Auditor"}]}`
)

func trusting(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a+b c%d"}}}]}`
}

// identities makes roles in one account and groups in another, and a
// permissions boundary and a password policy.
func (b *built) identities() {
	ctx := b.t.Context()
	c := iam.NewFromConfig(b.e.Config(b.shop))
	create := func(c *iam.Client, name, path, doc, said string) string {
		return *must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, Path: &path, PolicyDocument: &doc, Description: &said}))(b.t).Policy.Arn
	}
	boundary := create(c, "edge", "/bounds/", edge, "the edge")
	read := create(c, "reading", "/", reading, "")
	create(c, "nobody-has-it", "/", reading, "unused")
	role := func(name, path, trust string, set func(*iam.CreateRoleInput)) {
		in := &iam.CreateRoleInput{RoleName: &name, Path: &path, AssumeRolePolicyDocument: &trust}
		if set != nil {
			set(in)
		}
		must(c.CreateRole(ctx, in))(b.t)
	}
	role("Auditor", "/acme/", trusting(`{"AWS":"arn:aws:iam::`+b.central+`:root"}`), func(in *iam.CreateRoleInput) {
		in.Description, in.MaxSessionDuration, in.PermissionsBoundary = aws.String("reads, and is read"), aws.Int32(7200), &boundary
		in.Tags = []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	})
	must(c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://token.actions.githubusercontent.com"), ClientIDList: []string{"sts.amazonaws.com"}}))(b.t)
	role("Deployer", "/", trusting(`{"Federated":"arn:aws:iam::`+b.shop+`:oidc-provider/token.actions.githubusercontent.com"}`), nil)
	role("Worker", "/", trusting(`{"Service":"ec2.amazonaws.com"}`), nil)
	audit := "arn:aws:iam::aws:policy/SecurityAudit"
	for _, arn := range []string{audit, read} {
		must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("Auditor"), PolicyArn: &arn}))(b.t)
	}
	must(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Auditor"), PolicyName: aws.String("more"), PolicyDocument: aws.String(reading)}))(b.t)
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(16), RequireSymbols: true, MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(24), AllowUsersToChangePassword: true}))(b.t)

	c = iam.NewFromConfig(b.e.Config(b.central))
	assume := create(c, "assume", "/", assuming, "to the auditors")
	for _, g := range []string{"auditors", "readers"} {
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &g, Path: aws.String("/people/")}))(b.t)
	}
	arn := create(c, "reading", "/", reading, "reads")
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("auditors"), PolicyArn: &assume}))(b.t)
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("readers"), PolicyArn: &arn}))(b.t)
	b.analyzers(ctx)
}

// start is an emulator of its own.
func start(t *testing.T) *awstest.Emulator {
	t.Helper()
	e := must(awstest.Start(context.Background(), awstest.Options{}))(t)
	t.Cleanup(func() { e.Close() })
	return e
}
