package existingtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/internal/awstest"
)

// An organization that grew: 30 units in four levels, 120 accounts, 40 policies.
const (
	units    = 30
	accounts = 120
	policies = 40
)

// A grown organization is what the calls have made.
type grown struct {
	*awstest.Organization
	o     *organizations.Client
	units []string // ids; two in the root, two in each above
	// closed is suspended, shut has no role that could be assumed, sandbox is in
	// a unit of its own level and has a password policy.
	closed, shut, sandbox string
}

func (g *grown) account(i int) string { return g.Accounts[accountName(i)] }

// accountName is as people write them.
func accountName(i int) string {
	switch i {
	case 11:
		return "Zahlungen - Groesse & Co. (Prod)"
	case 12:
		return "team.data platform_v2"
	}
	return fmt.Sprintf("Account %d", i)
}

// unitName likewise; two are the same, below different parents.
func unitName(i int) string {
	switch i {
	case 0:
		return "Workloads"
	case 1:
		return "Infra & Platform"
	case 3:
		return "Name with  spaces"
	case 4:
		return "dots.and-dashes_v1.2"
	case 5:
		return "Größe Ü / 東京 🏯"
	case 10, 12:
		return "Prod"
	case 29:
		return "Suspended"
	}
	return fmt.Sprintf("Unit %d", i)
}

// grow builds the organization with plain calls of AWS's SDK.
func grow(t *testing.T, e *awstest.Emulator, cfg aws.Config) *grown {
	t.Helper()
	ctx := t.Context()
	g := &grown{o: organizations.NewFromConfig(cfg)}
	var list []awstest.Account
	for i := range accounts - 1 { // and the management account
		list = append(list, awstest.Account{Name: accountName(i), Email: fmt.Sprintf("aws+%d@acme.example", i)})
	}
	g.Organization = must(e.CreateOrganization(ctx, cfg, list...))(t)
	for i := range units {
		parent := g.RootID
		if i >= 2 {
			parent = g.units[i/2-1]
		}
		name := unitName(i)
		out := must(g.o.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent}))(t)
		g.units = append(g.units, *out.OrganizationalUnit.Id)
	}
	for i := range accounts - 1 {
		if i%(units+1) == units {
			continue // stays in the root
		}
		id := g.account(i)
		must(g.o.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &g.RootID, DestinationParentId: &g.units[i%(units+1)]}))(t)
	}
	g.closed, g.shut, g.sandbox = g.account(6), g.account(5), g.account(3)
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy, types.PolicyTypeTagPolicy} {
		must(g.o.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &g.RootID, PolicyType: kind}))(t)
	}
	made := g.policies(t)
	if len(made) != policies {
		t.Fatalf("%d policies, want %d", len(made), policies)
	}
	for _, s := range []string{"access-analyzer.amazonaws.com", "config.amazonaws.com", "sso.amazonaws.com", "guardduty.amazonaws.com"} {
		must(g.o.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &s}))(t)
	}
	security := g.account(1)
	must(g.o.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &security, ServicePrincipal: aws.String("config.amazonaws.com")}))(t)
	must(iam.NewFromConfig(e.Config(g.sandbox)).UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: aws.Int32(16), RequireSymbols: true, RequireNumbers: true, MaxPasswordAge: aws.Int32(90), AllowUsersToChangePassword: true}))(t)
	must(iam.NewFromConfig(e.Config(g.shut)).DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(awstest.DefaultRole)}))(t)
	must(g.o.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &g.closed}))(t)
	return g
}

// The documents, as people keep them: from AWS's pages and from blogs, edited
// by hand, in all orders.
const (
	// What the console puts on the root of new organizations.
	defaultControl = `{"Version":"2012-10-17","Statement":[{"Sid":"DenyLeaveAndClose","Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"}]}`

	baseline = `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "NoRootUser",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": { "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:root" } }
        },
        {
            "Sid": "KeepTrails",
            "Effect": "Deny",
            "Action": [ "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail" ],
            "Resource": "arn:aws:cloudtrail:*:*:trail/org-trail"
        }
    ]
}`

	// Three that are guardrails of the catalogue, in other words.
	nobodyLeaves = `{"Statement":[{"Resource":["*"],"Action":["organizations:LeaveOrganization","organizations:AcceptHandshake","account:CloseAccount"],"Effect":"Deny","Sid":"S1"}],"Version":"2012-10-17"}`

	roles = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["iam:UpdateRole","iam:UpdateRoleDescription","iam:UpdateAssumeRolePolicy","iam:UntagRole","iam:TagRole","iam:PutRolePolicy",
  "iam:PutRolePermissionsBoundary","iam:PassRole","iam:DetachRolePolicy","iam:DeleteRolePolicy","iam:DeleteRolePermissionsBoundary","iam:DeleteRole","iam:CreateRole","iam:AttachRolePolicy"],
  "Resource":"arn:aws:iam::*:role/OrganizationAccountAccessRole","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/OrganizationAccountAccessRole"]}}}}`

	trails = `{"Version":"2012-10-17","Statement":[
  {"Sid":"Stores","Effect":"Deny","Action":["cloudtrail:UpdateEventDataStore","cloudtrail:DeleteEventDataStore","cloudtrail:PutEventConfiguration","cloudtrail:PutInsightSelectors","cloudtrail:StopEventDataStoreIngestion"],"Resource":"arn:aws:cloudtrail:*:*:eventdatastore/*","Condition":{"ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}},
  {"Sid":"Trails","Effect":"Deny","Action":["cloudtrail:UpdateTrail","cloudtrail:StopLogging","cloudtrail:PutInsightSelectors","cloudtrail:PutEventSelectors","cloudtrail:PutEventConfiguration","cloudtrail:DeleteTrail"],"Resource":"arn:aws:cloudtrail:*:*:trail/org-trail","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}]}`

	imds = `{"Statement":[{"Effect":"Deny","Sid":"V2","Resource":"arn:aws:ec2:*:*:instance/*","Action":"ec2:RunInstances","Condition":{"StringNotEquals":{"ec2:MetadataHttpTokens":"required"}}},
  {"Effect":"Deny","Sid":"V2b","Resource":"*","Action":["ec2:ModifyInstanceMetadataOptions"]}],"Version":"2012-10-17"}`

	regionsOnly = `{"Version":"2012-10-17","Statement":[{"Sid":"Regions","Effect":"Deny","NotAction":["a4b:*","iam:*","organizations:*","route53:*","cloudfront:*","support:*","sts:*","budgets:*","ce:*","globalaccelerator:*","health:*","waf:*","wafv2:*","shield:*","access-analyzer:*"],
 "Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1","us-east-1"]},"ArnNotLike":{"aws:PrincipalARN":["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::*:role/platform/*"]}}}]}`

	noKeys = `{"Version":"2012-10-17","Statement":[{"Sid":"B","Effect":"Deny","Action":["iam:CreateUser","iam:CreateAccessKey","iam:CreateLoginProfile"],"Resource":["*"]},{"Sid":"A","Effect":"Deny","Action":"s3:PutAccountPublicAccessBlock","Resource":"*"}]}`

	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::*:role/AWSControlTowerExecution"]}}}]}`

	tls = `{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":["sqs:*","s3:*"],"Resource":"*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}]}`

	costs = `{"tags":{"CostCenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","200"]}}}}`

	controlTower = `{"Version":"2012-10-17","Statement":[{"Sid":"GRCLOUDTRAILENABLED","Effect":"Deny","Action":["cloudtrail:DeleteTrail"],"Resource":["arn:aws:cloudtrail:*:*:trail/aws-controltower-*"],"Condition":{"ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/AWSControlTowerExecution"}}}]}`
)

// long is a service control policy of so many characters, some of them not
// ASCII. A list of actions comes first that is in no order.
func long(n int) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Sid":"Long","Effect":"Deny","Action":["s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::é`, `"}]}`
	return head + strings.Repeat("x", n-len([]rune(head+tail))) + tail
}

// policies makes and attaches them, and returns their names.
func (g *grown) policies(t *testing.T) (names []string) {
	t.Helper()
	ctx := t.Context()
	add := func(kind types.PolicyType, name, said, content string, targets ...string) {
		t.Helper()
		out := must(g.o.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: &name, Description: &said, Content: &content, Type: kind}))(t)
		for _, target := range targets {
			must(g.o.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: out.Policy.PolicySummary.Id, TargetId: &target}))(t)
		}
		names = append(names, name)
	}
	scp := func(name, said, content string, targets ...string) {
		t.Helper()
		add(types.PolicyTypeServiceControlPolicy, name, said, content, targets...)
	}
	scp("DefaultOrganizationControl", "Prevents accounts from leaving", defaultControl, g.RootID)
	scp("baseline v2 (2023.11)", "Basis – 100 % ours", baseline, g.RootID)
	scp("aws-guardrails-AbCdEf", "", controlTower, g.units[0])
	scp("Nobody leaves", "", nobodyLeaves, g.RootID)
	scp("Roles", "the role that deploys", roles, g.RootID)
	scp("Trails", "audit log", trails, g.RootID)
	scp("Require IMDSv2", "", imds, g.units[0], g.units[1])
	scp("regions", "EU only", regionsOnly, g.units[2])
	scp("no keys, no public buckets", "", noKeys, g.units[3], g.account(40), g.account(41))
	scp("quarantine", "nothing works", everything, g.units[29])
	scp("long", "as long as it may be", long(10_239), g.units[7])
	for i := range 19 {
		name, said := fmt.Sprintf("team policy %d", i), fmt.Sprintf("number %d", i)
		// Lists in no order, one value as a list, white space: as a person edits.
		content := fmt.Sprintf(`{ "Version": "2012-10-17",  "Statement": [ {"Sid": "Team%d", "Effect": "Deny", "Action": ["s3:PutBucketPolicy", "s3:DeleteBucket%s"], "Resource": ["arn:aws:s3:::team-%d-*"]} ]}`,
			i, []string{"", "Policy", "Website"}[i%3], i)
		switch i % 4 {
		case 0:
			scp(name, said, content) // unused
		case 1:
			scp(name, said, content, g.units[4+i])
		case 2:
			scp(name, said, content, g.units[4+i], g.account(20+i))
		case 3:
			scp(name, said, content, g.account(30+i), g.account(31+i), g.account(60+i))
		}
	}
	rcp := func(name, content string, targets ...string) {
		t.Helper()
		add(types.PolicyTypeResourceControlPolicy, name, "resources", content, targets...)
	}
	rcp("Require TLS", tls, g.RootID)
	for i := range 4 {
		rcp(fmt.Sprint("rcp ", i), fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:PutObject","s3:GetObject"],"Resource":["arn:aws:s3:::secret-%d/*"],"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}`, i), g.units[10+i])
	}
	for i := range 5 {
		add(types.PolicyTypeTagPolicy, fmt.Sprint("tags ", i), "", strings.ReplaceAll(costs, "CostCenter", fmt.Sprint("CostCenter", i)), g.units[15+i])
	}
	return names
}

// texts are the contents of all policies but AWS's own, with names and
// descriptions, each with its targets: all that an adoption must leave alone.
func (g *grown) texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy, types.PolicyTypeTagPolicy} {
		p := organizations.NewListPoliciesPaginator(g.o, &organizations.ListPoliciesInput{Filter: kind})
		for p.HasMorePages() {
			for _, s := range must(p.NextPage(t.Context()))(t).Policies {
				if s.AwsManaged {
					continue
				}
				content := *must(g.o.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: s.Id}))(t).Policy.Content
				var targets []string
				at := organizations.NewListTargetsForPolicyPaginator(g.o, &organizations.ListTargetsForPolicyInput{PolicyId: s.Id})
				for at.HasMorePages() {
					for _, x := range must(at.NextPage(t.Context()))(t).Targets {
						targets = append(targets, *x.TargetId)
					}
				}
				slices.Sort(targets)
				all[*s.Name] = fmt.Sprint(*s.Id, " ", aws.ToString(s.Description), " ", content, " ", targets)
			}
		}
	}
	return all
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
