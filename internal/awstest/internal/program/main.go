// program is what TestCLI deploys: an organization with a unit and a policy
// on it, and a group in a member account.
package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		live, err := organizations.LookupOrganization(ctx)
		if err != nil {
			return err
		}
		unit, err := organizations.NewOrganizationalUnit(ctx, "unit", &organizations.OrganizationalUnitArgs{
			Name: pulumi.String("Unit"), ParentId: pulumi.String(live.Roots[0].Id),
		})
		if err != nil {
			return err
		}
		policy, err := organizations.NewPolicy(ctx, "policy", &organizations.PolicyArgs{
			Name:    pulumi.String("deny-leave"),
			Content: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`),
		}, pulumi.DependsOn([]pulumi.Resource{unit}))
		if err != nil {
			return err
		}
		if _, err := organizations.NewPolicyAttachment(ctx, "attachment", &organizations.PolicyAttachmentArgs{PolicyId: policy.ID(), TargetId: unit.ID()}); err != nil {
			return err
		}
		account := config.Require(ctx, "account")
		member, err := aws.NewProvider(ctx, "member", &aws.ProviderArgs{
			Region: pulumi.String("eu-central-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
			AssumeRole: aws.ProviderAssumeRoleArgs{RoleArn: pulumi.String("arn:aws:iam::" + account + ":role/OrganizationAccountAccessRole")},
		})
		if err != nil {
			return err
		}
		_, err = iam.NewGroup(ctx, "group", &iam.GroupArgs{Name: pulumi.String("auditors")}, pulumi.Provider(member))
		ctx.Export("unit", unit.ID())
		return err
	})
}
