package provider

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

var iamGroupKinds = []*kind{
	{
		token: "aws:iam/group:Group", label: "IAM Group",
		docs: []string{registry + "iam/group/", terraform + "iam_group"},
		fields: map[string]field{
			"name": {auto: true}, // UpdateGroup renames
			"path": {def: "/"},
		},
		outputs: []string{"arn", "uniqueId"},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			_, err := c.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String(in.string("name")), Path: aws.String(in.string("path"))})
			if err != nil {
				return "", err
			}
			return in.string("name"), nil
		},
		read: func(ctx context.Context, c *clients, id string, old props) (props, bool, error) {
			if name := old.string("name"); name != "" {
				id = name // after an update that renames
			}
			out, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: &id})
			if gone(err) {
				return nil, false, nil
			} else if err != nil {
				return nil, false, err
			}
			return props{
				"name": aws.ToString(out.Group.GroupName), "path": aws.ToString(out.Group.Path),
				"arn": aws.ToString(out.Group.Arn), "uniqueId": aws.ToString(out.Group.GroupId),
			}, true, nil
		},
		update: func(ctx context.Context, c *clients, _ string, old, in props) error {
			_, err := c.iam.UpdateGroup(ctx, &iam.UpdateGroupInput{
				GroupName: aws.String(old.string("name")), NewGroupName: aws.String(in.string("name")), NewPath: aws.String(in.string("path")),
			})
			return err
		},
		delete: func(ctx context.Context, c *clients, _ string, old props) error {
			_, err := c.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String(old.string("name"))})
			return err
		},
	},
	attachment("group", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "IAM Group Policy Attachment", "grouppolicyattachment", "iam_group_policy_attachment", groupPolicies),
	{
		token: "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive", label: "IAM Group Policy Attachments Exclusive",
		docs: []string{registry + "iam/grouppolicyattachmentsexclusive/", terraform + "iam_group_policy_attachments_exclusive"},
		fields: map[string]field{
			"groupName":  {required: true, replace: true},
			"policyArns": {required: true, set: true},
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			return in.string("groupName"), c.exclusive(ctx, groupPolicies, in.string("groupName"), in.list("policyArns"))
		},
		read: func(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
			arns, err := groupPolicies.list(ctx, c, id)
			if gone(err) {
				return nil, false, nil
			}
			return props{"groupName": id, "policyArns": anys(arns)}, err == nil, err
		},
		update: func(ctx context.Context, c *clients, id string, _, in props) error {
			return c.exclusive(ctx, groupPolicies, id, in.list("policyArns"))
		},
	},
}

var groupPolicies = attached{
	list: func(ctx context.Context, c *clients, name string) ([]string, error) {
		var arns []string
		pages := iam.NewListAttachedGroupPoliciesPaginator(c.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: &name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, p := range page.AttachedPolicies {
				arns = append(arns, aws.ToString(p.PolicyArn))
			}
		}
		slices.Sort(arns)
		return arns, nil
	},
	attach: func(ctx context.Context, c *clients, name, arn string) error {
		_, err := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: &name, PolicyArn: &arn})
		return err
	},
	detach: func(ctx context.Context, c *clients, name, arn string) error {
		_, err := c.iam.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: &name, PolicyArn: &arn})
		return err
	},
}
