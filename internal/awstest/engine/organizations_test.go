package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	awsorg "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const denyLeave = `{"Version":"2012-10-17","Statement":[{"Sid":"DenyLeave","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`

// An organization from nothing, changed, read again, and taken away.
func TestOrganizationLifeCycle(t *testing.T) {
	e, cfg, account := newEngine(t)
	s := e.Stack("organization")
	unit, description := "Workloads", "keeps accounts in"
	program := func(ctx *pulumi.Context) error {
		org, err := awsorg.NewOrganization(ctx, "org", &awsorg.OrganizationArgs{
			AwsServiceAccessPrincipals: pulumi.ToStringArray([]string{"iam.amazonaws.com", "access-analyzer.amazonaws.com"}),
			EnabledPolicyTypes:         pulumi.ToStringArray([]string{"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}),
		})
		if err != nil {
			return err
		}
		root := org.Roots.Index(pulumi.Int(0)).Id().Elem()
		ou, err := awsorg.NewOrganizationalUnit(ctx, "workloads", &awsorg.OrganizationalUnitArgs{Name: pulumi.String(unit), ParentId: root})
		if err != nil {
			return err
		}
		member, err := awsorg.NewAccount(ctx, "member", &awsorg.AccountArgs{
			Name: pulumi.String("Member"), Email: pulumi.String("member@example.com"), ParentId: ou.ID(),
			Tags: pulumi.StringMap{"owner": pulumi.String("cloud")},
		})
		if err != nil {
			return err
		}
		policy, err := awsorg.NewPolicy(ctx, "deny-leave", &awsorg.PolicyArgs{
			Name: pulumi.String("deny-leave"), Description: pulumi.String(description), Content: pulumi.String(denyLeave),
		}, pulumi.DependsOn([]pulumi.Resource{member}))
		if err != nil {
			return err
		}
		attachment, err := awsorg.NewPolicyAttachment(ctx, "deny-leave-at-workloads", &awsorg.PolicyAttachmentArgs{PolicyId: policy.ID(), TargetId: ou.ID()})
		if err != nil {
			return err
		}
		admin, err := awsorg.NewDelegatedAdministrator(ctx, "analyzer-admin", &awsorg.DelegatedAdministratorArgs{
			AccountId: member.ID(), ServicePrincipal: pulumi.String("access-analyzer.amazonaws.com"),
		}, pulumi.DependsOn([]pulumi.Resource{attachment}))
		if err != nil {
			return err
		}
		if _, err := iam.NewOrganizationsFeatures(ctx, "root-access", &iam.OrganizationsFeaturesArgs{
			EnabledFeatures: pulumi.ToStringArray([]string{"RootSessions", "RootCredentialsManagement"}),
		}, pulumi.DependsOn([]pulumi.Resource{admin})); err != nil {
			return err
		}
		ctx.Export("unit", ou.ID())
		ctx.Export("management", org.MasterAccountId)
		return nil
	}

	preview, err := s.Preview(program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := preview.Count("create"); got != 7 {
		t.Errorf("preview creates %d, want 7: %v", got, preview.Counts())
	}
	up, err := s.Up(program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := up.Count("create"); got != 7 || up.Outputs["management"] != account {
		t.Errorf("up creates %d, outputs %v", got, up.Outputs)
	}
	for _, o := range []Options{{}, {Refresh: true}} {
		again, err := s.Up(program, o)
		if err != nil {
			t.Fatal(err)
		}
		if again.Changes() != 0 {
			t.Errorf("second up %+v: %v %+v", o, again.Counts(), again.Steps)
		}
	}

	unit, description = "Production", "still keeps accounts in"
	changed, err := s.Up(program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Count("update") != 2 || changed.Changes() != 2 {
		t.Errorf("renamed unit, other description: %v", changed.Counts())
	}
	out, err := organizations.NewFromConfig(cfg).DescribeOrganizationalUnit(t.Context(), &organizations.DescribeOrganizationalUnitInput{
		OrganizationalUnitId: aws.String(up.Outputs["unit"].(string)),
	})
	if err != nil || aws.ToString(out.OrganizationalUnit.Name) != "Production" {
		t.Errorf("unit is %v, %v", out, err)
	}

	if refreshed, err := s.Refresh(nil, Options{}); err != nil {
		t.Fatal(err)
	} else if n := refreshed.Count("update", "delete"); n != 0 {
		t.Errorf("refresh: %v", refreshed.Counts())
	}
	destroyed, err := s.Destroy(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if destroyed.Count("delete") != 7 {
		t.Errorf("destroy: %v", destroyed.Counts())
	}
	if _, err := organizations.NewFromConfig(cfg).DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{}); err == nil {
		t.Error("the organization is still there")
	}
}
