package templates_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
)

// builtinSets are the sets as the tool reads them.
func builtinSets(t testing.TB) []catalog.Set {
	t.Helper()
	sets, ds := config.BuiltinSets()
	for _, d := range append(ds, load(t).CheckSets(sets)...) {
		t.Errorf("%s: %s [%s] %s", d.Range, d.Summary, d.Code, d.Hint)
	}
	return sets
}

func TestSets(t *testing.T) {
	var names []string
	for _, s := range builtinSets(t) {
		names = append(names, s.Name)
		if want := "templates/sets/" + s.Name + ".yaml"; s.Range.File != want || s.Range.Start.Line == 0 {
			t.Errorf("%s is the place of %s", s.Range, s.Name)
		}
		for _, m := range s.Members {
			if m.Range.File != s.Range.File || m.Range.Start.Line == 0 {
				t.Errorf("%s: %s is the place of %s", s.Name, m.Range, m.Template)
			}
		}
	}
	want := []string{"data-perimeter", "foundation", "quarantine", "regulated-pci", "sandbox", "suspended", "workloads"}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
}

// together are the sets that hold for an account at once: from the root down.
var together = [][]string{
	{"foundation", "data-perimeter", "workloads", "regulated-pci"},
	{"foundation", "data-perimeter", "sandbox"},
	{"foundation", "data-perimeter", "suspended"},
	{"foundation", "data-perimeter", "quarantine"},
}

// What holds above is not asked for again below, and the stronger of two that
// exclude each other is not beside the weaker.
func TestSetsDoNotRepeatEachOther(t *testing.T) {
	sets := map[string]catalog.Set{}
	for _, s := range builtinSets(t) {
		sets[s.Name] = s
	}
	instead := [][2]string{
		{"deny-root-user", "restrict-root-user"}, {"deny-root-access-keys", "restrict-root-user"}, {"deny-root-access-keys", "deny-root-user"},
		{"deny-bedrock-keys", "limit-bedrock-keys"}, {"deny-outbound-federation", "restrict-outbound-federation"},
		{"deny-service-credentials", "deny-iam-users"}, {"restrict-role-assumption", "data-perimeter-identity"},
	}
	seen := map[string]bool{}
	for _, names := range together {
		in := map[string]string{}
		for _, name := range names {
			seen[name] = true
			for _, m := range sets[name].Members {
				if first, twice := in[m.Template]; twice {
					t.Errorf("%s stands in %s and in %s", m.Template, first, name)
				}
				in[m.Template] = name
			}
		}
		for _, pair := range instead {
			if in[pair[0]] != "" && in[pair[1]] != "" {
				t.Errorf("%s of %s and %s of %s say the same", pair[0], in[pair[0]], pair[1], in[pair[1]])
			}
		}
	}
	for name := range sets {
		if !seen[name] {
			t.Errorf("%s holds together with nothing", name)
		}
	}
}

// compiled is the plan of an organization whose regions are given, and what is
// wrong with it.
func compiled(t testing.TB, home string, regions []string, tree string) (*guardrails.Plan, diag.Diagnostics) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "organization.yaml")
	src := fmt.Sprintf(`version: 1
organization:
  id: o-a1b2c3d4e5
  name: acme
  managementAccount: {id: "111111111111"}
  homeRegion: %s
  regions: [%s]
%s`, home, strings.Join(regions, ", "), tree)
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	f, ds, err := config.Load(file, config.Options{AsOf: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if ds.HasErrors() {
		return nil, ds
	}
	p, more := compile.Compile(f.Organization, f.Catalog, compile.Options{})
	return p, append(ds, more...)
}

// plan is that of an organization without a mistake.
func plan(t testing.TB, home string, regions []string, tree string) *guardrails.Plan {
	t.Helper()
	p, ds := compiled(t, home, regions, tree)
	if p == nil || len(ds) > 0 {
		t.Fatalf("%s: %+v", tree, ds)
	}
	return p
}

// sizes are those of the documents at the root, by policy type.
func sizes(p *guardrails.Plan) map[string]int {
	out := map[string]int{}
	for _, pol := range p.Policies {
		for _, a := range p.Attachments {
			if a.Policy == pol.Name && a.Target == "root" {
				out[pol.Type] += pol.Size
			}
		}
	}
	return out
}

// largest are the sizes of sets at one node, in the partition in which they
// take most, with all of its regions governed.
func largest(t testing.TB, names ...string) map[string]int {
	t.Helper()
	most := map[string]int{}
	for _, part := range awsdata.Partitions.Value {
		var regions []string
		for _, r := range part.Regions {
			regions = append(regions, r.Name)
		}
		p := plan(t, regions[0], regions, fmt.Sprintf("root: {guardrails: [%s], accounts: {shop: {id: \"222222222222\", email: shop@acme.example}}}\n", strings.Join(names, ", ")))
		for typ, n := range sizes(p) {
			most[typ] = max(most[typ], n)
		}
	}
	return most
}

// Each set alone leaves a fifth of one document of each type free, whatever
// the partition and however many regions are governed; the protection of the
// deploy role, which the compiler adds where no set has it, included. What the
// root is meant for fits it together.
func TestSetsFit(t *testing.T) {
	quotas := awsdata.Quotas{}.WithDefaults()
	limit := map[string]int{"SERVICE_CONTROL_POLICY": quotas.SCPSize, "RESOURCE_CONTROL_POLICY": quotas.RCPSize}
	for _, s := range builtinSets(t) {
		most := largest(t, s.Name)
		if most["SERVICE_CONTROL_POLICY"] == 0 {
			t.Errorf("%s has no service control policy", s.Name)
		}
		for typ, n := range most {
			t.Logf("%-15s %-23s %5d of %5d (%d %%)", s.Name, typ, n, limit[typ], 100*n/limit[typ])
			if n > limit[typ]*80/100 {
				t.Errorf("%s: %d characters of %d, more than 80 %%", s.Name, n, limit[typ])
			}
		}
	}
	for typ, n := range largest(t, "foundation", "data-perimeter") {
		t.Logf("%-15s %-23s %5d of %5d (%d %%)", "both at the root", typ, n, limit[typ], 100*n/limit[typ])
	}
}

// The tree of the manual asks for nothing twice, and everything in it fits.
func TestSetsStandTogether(t *testing.T) {
	p := plan(t, "eu-central-1", []string{"eu-central-1", "eu-west-1"}, `root:
  guardrails: [foundation, data-perimeter]
  units:
    Workloads:
      guardrails: [workloads]
      accounts: {shop: {email: shop@acme.example}}
      units: {Cards: {guardrails: [regulated-pci], accounts: {cards: {email: cards@acme.example}}}}
    Sandbox:   {guardrails: [sandbox], accounts: {play: {email: play@acme.example}}}
    New:       {guardrails: [quarantine]}
    Suspended: {guardrails: [suspended]}
`)
	for _, pol := range p.Policies {
		for _, s := range pol.Statements {
			if _, set := guardrails.SplitOrigin(s.Origin); set == "" {
				t.Errorf("%s of %s is of no set: %s", s.Sid, pol.Name, s.Origin)
			}
		}
	}
	if len(p.Policies) != 8 {
		t.Errorf("%d policies", len(p.Policies))
	}
}

// vectorsTree is the organization that vectors are written for; see
// catalog.ExampleEnv.
const vectorsTree = `root:
  units:
    Unit:
      guardrails: [%s, {template: protect-roles, parameters: {roles: [role/platform/*]}}]
      accounts: {shop: {id: "222222222222", email: shop@acme.example}}
  accounts: {identity: {id: "777777777777", email: identity@acme.example}}
identity: {source: iam, account: identity, groups: {}}
`

// documents are those of a plan at a node, by type.
func documents(t testing.TB, p *guardrails.Plan, targets ...string) map[catalog.Type]policy.Document {
	t.Helper()
	ids := maps.Clone(p.IDs)
	out := map[catalog.Type]policy.Document{}
	for _, a := range p.Attachments {
		if !slices.Contains(targets, a.Target) {
			continue
		}
		for _, pol := range p.Policies {
			if pol.Name != a.Policy {
				continue
			}
			text, err := pol.Content.Fill(ids)
			if err != nil {
				t.Fatal(err)
			}
			d, ds := policy.Parse(pol.Name, []byte(text))
			if len(ds) > 0 {
				t.Fatalf("%+v", ds)
			}
			whole := out[catalog.Type(a.Type)]
			whole.Version = policy.Version2012
			whole.Statements = append(whole.Statements, d.Statements...)
			out[catalog.Type(a.Type)] = whole
		}
	}
	return out
}

// What a member must deny, the whole set denies. Where a member has parameters
// of its own, that is what they leave of the template's vectors.
func TestSetsDenyWhatTheirMembersMustDeny(t *testing.T) {
	c := load(t)
	for _, s := range builtinSets(t) {
		p := plan(t, "eu-central-1", []string{"eu-central-1", "eu-west-1"}, fmt.Sprintf(vectorsTree, s.Name))
		docs := documents(t, p, "unit:Unit")
		ran := 0
		for _, m := range s.Members {
			tm, _ := c.Lookup(m.Template)
			if tm.Type.IsDeclarative() {
				continue // it has no requests to deny
			}
			alone := instantiate(t, tm, m.Parameters)
			denied := 0
			for _, v := range tm.Vectors {
				if v.Expect != "deny" || len(v.Parameters) > 0 || len(m.Parameters) > 0 && !denies(t, tm, alone, v) {
					continue
				}
				denied++
				if !denies(t, tm, docs[tm.Type], v) {
					t.Errorf("%s lets through what %s must deny: %s", s.Name, m.Template, v.Name)
				}
			}
			if denied == 0 {
				t.Errorf("%s: no vector of %s was run", s.Name, m.Template)
			}
			ran += denied
		}
		t.Logf("%s: %d vectors", s.Name, ran)
	}
}

// ask decides a request under documents, as something that is allowed by
// everything else. What requests of the organization's principals carry is
// added, but keys that the vector gives as "".
func ask(t *testing.T, docs map[catalog.Type]policy.Document, v catalog.Vector) bool {
	t.Helper()
	context := map[string]any{
		"aws:RequestedRegion": "eu-central-1", "aws:SecureTransport": "true", "aws:SourceIp": "198.51.100.7", "aws:ViaAWSService": "false",
		"aws:PrincipalIsAWSService": "false", "aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:ResourceOrgID": "o-a1b2c3d4e5", "aws:ResourceAccount": owner,
	}
	maps.Copy(context, v.Context)
	maps.DeleteFunc(context, func(_ string, value any) bool { return value == "" })
	v.Context = context
	for typ, d := range docs {
		if denies(t, &catalog.Template{ID: string(typ), Type: typ}, d, v) {
			return false
		}
	}
	return true
}

const (
	admin   = "arn:aws:iam::222222222222:role/Admin"
	signed  = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_PowerUser_0123456789abcdef"
	cicd    = "arn:aws:iam::222222222222:role/pipeline"
	glass   = "arn:aws:iam::222222222222:role/BreakGlass"
	deploys = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
)

// everyday are requests of people and pipelines at work. Those of sign-in
// roles are of AWS IAM Identity Center.
var everyday = []catalog.Vector{
	{Name: "a pipeline makes a stack", Principal: cicd, Action: "cloudformation:CreateStack", Resource: "arn:aws:cloudformation:eu-central-1:222222222222:stack/shop/*"},
	{Name: "a pipeline makes a change set", Principal: cicd, Action: "cloudformation:CreateChangeSet", Resource: "arn:aws:cloudformation:eu-central-1:222222222222:stack/shop/*"},
	{Name: "a pipeline takes a stack down", Principal: cicd, Action: "cloudformation:DeleteStack", Resource: "arn:aws:cloudformation:eu-central-1:222222222222:stack/shop/*"},
	{Name: "a pipeline hands its role to CloudFormation", Principal: cicd, Action: "iam:PassRole", Resource: "arn:aws:iam::222222222222:role/cloudformation-shop", Context: map[string]any{"iam:PassedToService": "cloudformation.amazonaws.com"}},
	{Name: "an administrator creates a role", Principal: admin, Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/shop-api", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "an administrator changes the trust of a role", Principal: admin, Action: "iam:UpdateAssumeRolePolicy", Resource: "arn:aws:iam::222222222222:role/shop-api", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "an administrator attaches a policy", Principal: admin, Action: "iam:AttachRolePolicy", Resource: "arn:aws:iam::222222222222:role/shop-api", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "an administrator makes a policy", Principal: admin, Action: "iam:CreatePolicy", Resource: "arn:aws:iam::222222222222:policy/shop-api", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a cluster makes an OIDC provider", Principal: cicd, Action: "iam:CreateOpenIDConnectProvider", Resource: "arn:aws:iam::222222222222:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a service makes its linked role", Principal: cicd, Action: "iam:CreateServiceLinkedRole", Resource: "arn:aws:iam::222222222222:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", Context: map[string]any{"aws:RequestedRegion": "us-east-1", "iam:AWSServiceName": "ecs.amazonaws.com"}},
	{Name: "a person who signed in looks around", Principal: signed, Action: "ec2:DescribeInstances", Resource: "*"},
	{Name: "a person who signed in asks who they are", Principal: signed, Action: "sts:GetCallerIdentity", Resource: "*"},
	{Name: "a person who signed in assumes a role", Principal: signed, Action: "sts:AssumeRole", Resource: "arn:aws:iam::222222222222:role/shop-debug"},
	{Name: "a person who signed in reads a log", Principal: signed, Action: "logs:FilterLogEvents", Resource: "arn:aws:logs:eu-central-1:222222222222:log-group:/aws/lambda/shop:*"},
	{Name: "a person who signed in opens a session on an instance", Principal: signed, Action: "ssm:StartSession", Resource: "arn:aws:ec2:eu-central-1:222222222222:instance/i-0123456789abcdef0"},
	{Name: "a person who signed in reads the bill", Principal: signed, Action: "ce:GetCostAndUsage", Resource: "*", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a person who signed in opens the billing console", Principal: signed, Action: "billing:GetBillingData", Resource: "*", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a person who signed in sets a budget", Principal: signed, Action: "budgets:ModifyBudget", Resource: "arn:aws:budgets::222222222222:budget/team", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a person who signed in opens a support case", Principal: signed, Action: "support:CreateCase", Resource: "*", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a person who signed in looks an event up", Principal: signed, Action: "cloudtrail:LookupEvents", Resource: "*"},
	{Name: "a person who signed in archives a finding of IAM Access Analyzer", Principal: signed, Action: "access-analyzer:UpdateFindings", Resource: "arn:aws:access-analyzer:eu-central-1:222222222222:analyzer/orgrails-external"},
	{Name: "a person who signed in reads findings", Principal: signed, Action: "guardduty:GetFindings", Resource: "arn:aws:guardduty:eu-central-1:222222222222:detector/0123456789abcdef0123456789abcdef"},
	{Name: "a person who signed in changes their own IAM password", Principal: "arn:aws:iam::222222222222:user/alice", Action: "iam:ChangePassword", Resource: "arn:aws:iam::222222222222:user/alice", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a pipeline makes a function", Principal: cicd, Action: "lambda:CreateFunction", Resource: "arn:aws:lambda:eu-central-1:222222222222:function:shop"},
	{Name: "a pipeline deploys a function", Principal: cicd, Action: "lambda:UpdateFunctionCode", Resource: "arn:aws:lambda:eu-central-1:222222222222:function:shop"},
	{Name: "a pipeline hands a role to a function", Principal: cicd, Action: "iam:PassRole", Resource: "arn:aws:iam::222222222222:role/shop-api", Context: map[string]any{"iam:PassedToService": "lambda.amazonaws.com"}},
	{Name: "a pipeline lets an API call a function", Principal: cicd, Action: "lambda:AddPermission", Resource: "arn:aws:lambda:eu-central-1:222222222222:function:shop", Context: map[string]any{"lambda:Principal": "apigateway.amazonaws.com"}},
	{Name: "a pipeline makes a URL for a webhook", Principal: cicd, Action: "lambda:CreateFunctionUrlConfig", Resource: "arn:aws:lambda:eu-central-1:222222222222:function:shop", Context: map[string]any{"lambda:FunctionUrlAuthType": "NONE"}},
	{Name: "a pipeline makes a bucket", Principal: cicd, Action: "s3:CreateBucket", Resource: "arn:aws:s3:::shop-assets"},
	{Name: "a pipeline sets the public access block of a bucket", Principal: cicd, Action: "s3:PutBucketPublicAccessBlock", Resource: "arn:aws:s3:::shop-assets"},
	{Name: "a pipeline sets the policy of a bucket", Principal: cicd, Action: "s3:PutBucketPolicy", Resource: "arn:aws:s3:::shop-assets"},
	{Name: "an application writes an object", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "s3:PutObject", Resource: "arn:aws:s3:::shop-assets/a"},
	{Name: "an application deletes an object", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::shop-assets/a"},
	{Name: "an application encrypts", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "kms:GenerateDataKey", Resource: "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-0000-0000-000000000000"},
	{Name: "an application sends a message", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:222222222222:shop"},
	{Name: "an application writes to a table", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "dynamodb:PutItem", Resource: "arn:aws:dynamodb:eu-central-1:222222222222:table/shop"},
	{Name: "an application sends a mail", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "ses:SendEmail", Resource: "arn:aws:ses:eu-central-1:222222222222:identity/acme.example"},
	{Name: "an application asks a model", Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "bedrock:InvokeModel", Resource: "arn:aws:bedrock:eu-central-1::foundation-model/example.model-v1"},
	{Name: "a pipeline makes a key", Principal: cicd, Action: "kms:CreateKey", Resource: "*"},
	{Name: "a stack that holds a key is taken down", Principal: cicd, Action: "kms:ScheduleKeyDeletion", Resource: "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-0000-0000-000000000000", Context: map[string]any{"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}},
	{Name: "a pipeline makes a log group", Principal: cicd, Action: "logs:CreateLogGroup", Resource: "arn:aws:logs:eu-central-1:222222222222:log-group:/aws/lambda/shop:*"},
	{Name: "a pipeline makes an alarm", Principal: cicd, Action: "cloudwatch:PutMetricAlarm", Resource: "arn:aws:cloudwatch:eu-central-1:222222222222:alarm:shop-errors"},
	{Name: "a pipeline starts an instance with IMDSv2", Principal: cicd, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:eu-central-1:222222222222:instance/*", Context: map[string]any{"ec2:InstanceType": "m7g.large", "ec2:MetadataHttpTokens": "required", "ec2:MetadataHttpPutResponseHopLimit": "2"}},
	{Name: "its encrypted volume", Principal: cicd, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:eu-central-1:222222222222:volume/*", Context: map[string]any{"ec2:Encrypted": "true"}},
	{Name: "a pipeline makes a VPC", Principal: cicd, Action: "ec2:CreateVpc", Resource: "arn:aws:ec2:eu-central-1:222222222222:vpc/*"},
	{Name: "a pipeline takes flow logs away with its VPC", Principal: cicd, Action: "ec2:DeleteFlowLogs", Resource: "arn:aws:ec2:eu-central-1:222222222222:vpc-flow-log/fl-0123456789abcdef0"},
	{Name: "a pipeline shares an image inside the organization", Principal: cicd, Action: "ec2:ModifyImageAttribute", Resource: "arn:aws:ec2:eu-central-1::image/ami-0123456789abcdef0"},
	{Name: "a pipeline makes an encrypted database", Principal: cicd, Action: "rds:CreateDBInstance", Resource: "arn:aws:rds:eu-central-1:222222222222:db:shop", Context: map[string]any{"rds:StorageEncrypted": "true", "rds:DatabaseEngine": "postgres"}},
	{Name: "a pipeline makes a cluster of Aurora", Principal: cicd, Action: "rds:CreateDBInstance", Resource: "arn:aws:rds:eu-central-1:222222222222:db:shop-1", Context: map[string]any{"rds:DatabaseEngine": "aurora-postgresql"}},
	{Name: "a pipeline pushes an image", Principal: cicd, Action: "ecr:PutImage", Resource: "arn:aws:ecr:eu-central-1:222222222222:repository/shop"},
	{Name: "a pipeline rolls a service out", Principal: cicd, Action: "ecs:UpdateService", Resource: "arn:aws:ecs:eu-central-1:222222222222:service/shop/api"},
	{Name: "a pipeline makes a cluster", Principal: cicd, Action: "eks:CreateCluster", Resource: "arn:aws:eks:eu-central-1:222222222222:cluster/shop"},
	{Name: "a pipeline changes a distribution", Principal: cicd, Action: "cloudfront:UpdateDistribution", Resource: "arn:aws:cloudfront::222222222222:distribution/E1EXAMPLE", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a pipeline asks for the certificate of a distribution", Principal: cicd, Action: "acm:RequestCertificate", Resource: "arn:aws:acm:us-east-1:222222222222:certificate/*", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a pipeline changes a record", Principal: cicd, Action: "route53:ChangeResourceRecordSets", Resource: "arn:aws:route53:::hostedzone/Z1EXAMPLE", Context: map[string]any{"aws:RequestedRegion": "us-east-1"}},
	{Name: "a pipeline reads a secret", Principal: cicd, Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:eu-central-1:222222222222:secret:shop-AbCdEf"},
	{Name: "a pipeline writes a parameter", Principal: cicd, Action: "ssm:PutParameter", Resource: "arn:aws:ssm:eu-central-1:222222222222:parameter/shop/version"},
	{Name: "a team changes its backup plan", Principal: cicd, Action: "backup:UpdateBackupPlan", Resource: "arn:aws:backup:eu-central-1:222222222222:backup-plan:00000000-0000-0000-0000-000000000000"},
	{Name: "a team makes a snapshot", Principal: signed, Action: "ec2:CreateSnapshot", Resource: "arn:aws:ec2:eu-central-1:222222222222:volume/vol-0123456789abcdef0", Context: map[string]any{"ec2:Encrypted": "true"}},
	{Name: "a stack makes a role for its caller", Principal: cicd, Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/shop-api", Context: map[string]any{"aws:RequestedRegion": "us-east-1", "aws:CalledVia": []any{"cloudformation.amazonaws.com"}, "aws:CalledViaFirst": "cloudformation.amazonaws.com", "aws:CalledViaLast": "cloudformation.amazonaws.com", "aws:ViaAWSService": "true"}},
	{Name: "a quota is raised", Principal: signed, Action: "servicequotas:RequestServiceQuotaIncrease", Resource: "arn:aws:servicequotas:eu-central-1:222222222222:ec2/L-1216C47A"},
}

// Whoever works below foundation and workloads goes on working.
func TestEverydayWorkGoesOn(t *testing.T) {
	const tree = `root:
  guardrails: [foundation]
  units: {Workloads: {guardrails: [workloads], accounts: {shop: {id: "222222222222", email: shop@acme.example}}}}
roles:
  BreakGlass: {targets: [root], breakGlass: true, managedPolicies: [AdministratorAccess], mfa: {maxAge: 15m}, trust: {users: [management/alice]}}
`
	docs := documents(t, plan(t, "eu-central-1", []string{"eu-central-1", "eu-west-1"}, tree), "root", "unit:Workloads")
	if len(docs[catalog.ServiceControlPolicy].Statements) < 20 || len(everyday) < 30 {
		t.Fatalf("%d requests under %+v", len(everyday), docs)
	}
	for _, v := range everyday {
		if !ask(t, docs, v) {
			t.Errorf("foundation and workloads deny it: %s", v.Name)
		}
	}
	// Who repairs things can do all that others can, and the deploy role what it deploys.
	for _, v := range everyday {
		for _, who := range []string{glass, deploys} {
			v.Principal = who
			if !ask(t, docs, v) {
				t.Errorf("foundation and workloads deny it to %s: %s", who, v.Name)
			}
		}
	}
	for _, v := range []catalog.Vector{
		{Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/BreakGlass"},
		{Action: "iam:UpdateAssumeRolePolicy", Resource: deploys},
		{Action: "iam:UpdateAccountPasswordPolicy", Resource: "*"},
		{Action: "cloudtrail:UpdateTrail", Resource: "arn:aws:cloudtrail:eu-central-1:222222222222:trail/org"},
		{Action: "config:PutConfigurationRecorder", Resource: "*"},
		{Action: "guardduty:UpdateDetector", Resource: "arn:aws:guardduty:eu-central-1:222222222222:detector/0123456789abcdef0123456789abcdef"},
		{Action: "account:EnableRegion", Resource: "arn:aws:account::222222222222:account"},
		{Action: "s3:PutAccountPublicAccessBlock", Resource: "*"},
		{Action: "ec2:RunInstances", Resource: "arn:aws:ec2:us-west-2:222222222222:instance/*", Context: map[string]any{"aws:RequestedRegion": "us-west-2"}},
	} {
		v.Name, v.Principal = v.Action, deploys
		if !ask(t, docs, v) {
			t.Errorf("the deploy role is denied %s", v.Action)
		}
		if v.Principal = admin; ask(t, docs, v) {
			t.Errorf("an administrator may %s", v.Action)
		}
	}
}

// A new account is set up under quarantine, and a suspended one by the deploy
// role alone.
func TestQuarantineLetsAccountsBeSetUp(t *testing.T) {
	tree := func(set string) string {
		return "root:\n  guardrails: [foundation]\n  units: {New: {guardrails: [" + set + "], accounts: {shop: {id: \"222222222222\", email: shop@acme.example}}}}\n"
	}
	for set, want := range map[string][4]bool{"quarantine": {true, true, true, false}, "suspended": {true, false, false, false}} {
		docs := documents(t, plan(t, "eu-central-1", []string{"eu-central-1"}, tree(set)), "unit:New")
		for i, role := range []string{"OrganizationAccountAccessRole", "AWSControlTowerExecution", "stacksets-exec-0123456789abcdef0123456789abcdef", "Admin"} {
			v := catalog.Vector{Name: role, Principal: "arn:aws:iam::222222222222:role/" + role, Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/baseline"}
			if got := ask(t, docs, v); got != want[i] {
				t.Errorf("%s: %s creates a role: %v", set, role, got)
			}
		}
	}
}

// Data stays inside, and work inside goes on.
func TestDataPerimeterLetsTheOrganizationWork(t *testing.T) {
	docs := documents(t, plan(t, "eu-central-1", []string{"eu-central-1", "eu-west-1"},
		"root: {guardrails: [data-perimeter], accounts: {shop: {id: \"222222222222\", email: shop@acme.example}}}\n"), "root")
	for _, v := range everyday {
		if v.Action == "ec2:ModifyImageAttribute" {
			continue // sharing by this call is what the set stops
		}
		if !ask(t, docs, v) {
			t.Errorf("data-perimeter denies it: %s", v.Name)
		}
	}
	// Who signs in has no organization yet, and a service has another one.
	outside := func(more map[string]any) map[string]any {
		context := map[string]any{"aws:PrincipalOrgID": ""}
		maps.Copy(context, more)
		return context
	}
	service := func(account, organization string) map[string]any {
		return outside(map[string]any{"aws:PrincipalIsAWSService": "true", "aws:SourceAccount": account, "aws:SourceOrgID": organization})
	}
	trail := catalog.Vector{Principal: "cloudtrail.amazonaws.com", Action: "s3:PutObject", Resource: "arn:aws:s3:::trail/AWSLogs/a"}
	with := func(v catalog.Vector, name string, context map[string]any) catalog.Vector {
		v.Name, v.Context = name, context
		return v
	}
	object := catalog.Vector{Principal: "arn:aws:iam::222222222222:role/shop-api", Action: "s3:PutObject", Resource: "arn:aws:s3:::somewhere/a"}
	for _, tt := range []struct {
		want bool
		catalog.Vector
	}{
		{true, catalog.Vector{Name: "a person signs in by SAML", Action: "sts:AssumeRoleWithSAML", Resource: "arn:aws:iam::222222222222:role/Admin", Context: outside(nil)}},
		{true, catalog.Vector{Name: "a workflow signs in by OIDC", Action: "sts:AssumeRoleWithWebIdentity", Resource: "arn:aws:iam::222222222222:role/pipeline", Context: outside(nil)}},
		{true, with(trail, "a trail of the organization is delivered", service("333333333333", "o-a1b2c3d4e5"))},
		{false, with(trail, "a trail of somebody else is delivered", service("999999999999", "o-zzzzzzzzzz"))},
		{true, with(object, "an object is written inside", nil)},
		{false, with(object, "an object is written to somebody else's bucket", map[string]any{"aws:ResourceOrgID": "o-zzzzzzzzzz", "aws:ResourceAccount": "999999999999"})},
		{false, with(object, "an object is read through somebody else's endpoint", map[string]any{"aws:SourceIp": "", "aws:SourceVpce": "vpce-0123456789abcdef0", "aws:VpceOrgID": "o-zzzzzzzzzz", "aws:VpceAccount": "999999999999"})},
	} {
		if got := ask(t, docs, tt.Vector); got != tt.want {
			t.Errorf("%s: let through: %v", tt.Name, got)
		}
	}
}

// The manual's table of the sets is made of the files.
func TestTheManualHasTheSets(t *testing.T) {
	const page = "../docs/organization-file.md"
	src, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(src, []byte("<!-- sets -->\n"))
	_, after, also := bytes.Cut(rest, []byte("<!-- end -->"))
	if !ok || !also {
		t.Fatal("no table of the sets in the manual")
	}
	var b strings.Builder
	b.WriteString("| set | title | attach it to | guardrails | characters at most |\n|---|---|---|---|---|\n")
	for _, s := range builtinSets(t) {
		var members []string
		for _, m := range s.Members {
			member := "`" + m.Template + "`"
			if len(m.Parameters) > 0 {
				values, err := json.Marshal(m.Parameters)
				if err != nil {
					t.Fatal(err)
				}
				member += " with `" + string(values) + "`"
			}
			members = append(members, member)
		}
		most := largest(t, s.Name)
		size := fmt.Sprintf("SCP %d", most["SERVICE_CONTROL_POLICY"])
		if n := most["RESOURCE_CONTROL_POLICY"]; n > 0 {
			size += fmt.Sprintf(", RCP %d", n)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Name, s.Title, s.Attach, strings.Join(members, ", "), size)
	}
	want := slices.Concat(before, []byte("<!-- sets -->\n"+b.String()+"<!-- end -->"), after)
	if *update {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(src, want) {
		t.Errorf("run go test ./templates -run TestTheManualHasTheSets -update; the table is\n%s", b.String())
	}
}
