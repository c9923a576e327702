package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// policyTypes are those that the SDK compiled into the published 6.83.0 knew.
var policyTypes = []string{
	"AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "CHATBOT_POLICY", "DECLARATIVE_POLICY_EC2",
	"RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY",
}

var policyKinds = []*kind{
	{
		token: "aws:organizations/policy:Policy", label: "Organizations Policy",
		docs: []string{registry + "organizations/policy/", terraform + "organizations_policy"},
		fields: map[string]field{
			"content":     {required: true, equivalent: sameJSON},
			"name":        {auto: true},
			"description": {},
			"skipDestroy": {unread: true},
			"tags":        {},
			"type":        {replace: true, def: "SERVICE_CONTROL_POLICY"},
		},
		outputs: []string{"arn", "tagsAll"},
		check: func(in props) []plugin.CheckFailure {
			var f []plugin.CheckFailure
			if !json.Valid([]byte(in.string("content"))) {
				f = append(f, invalid("content", "contains an invalid JSON"))
			}
			if !slices.Contains(policyTypes, in.string("type")) {
				f = append(f, invalid("type", "expected type to be one of %q, got %s", policyTypes, in.string("type")))
			}
			return f
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			out, err := c.organizations.CreatePolicy(ctx, &organizations.CreatePolicyInput{
				Name: aws.String(in.string("name")), Content: aws.String(in.string("content")), Type: types.PolicyType(in.string("type")),
				Description: aws.String(in.string("description")), Tags: organizationTags(in), // an empty description too
			})
			if err != nil {
				return "", err
			}
			return aws.ToString(out.Policy.PolicySummary.Id), nil
		},
		read: readPolicy,
		update: func(ctx context.Context, c *clients, id string, old, in props) error {
			input := &organizations.UpdatePolicyInput{PolicyId: &id}
			changed := false
			for name, field := range map[string]**string{"content": &input.Content, "name": &input.Name, "description": &input.Description} {
				if old.string(name) != in.string(name) {
					*field, changed = aws.String(in.string(name)), true
				}
			}
			if changed {
				if _, err := c.organizations.UpdatePolicy(ctx, input); err != nil {
					return err
				}
			}
			return c.retagOrganization(ctx, id, old, in)
		},
		delete: func(ctx context.Context, c *clients, id string, old props) error {
			if old.bool("skipDestroy") {
				return nil
			}
			_, err := c.organizations.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
			return err
		},
	},
	{
		token: "aws:organizations/policyAttachment:PolicyAttachment", label: "Organizations Policy Attachment",
		docs: []string{registry + "organizations/policyattachment/", terraform + "organizations_policy_attachment"},
		fields: map[string]field{
			"policyId":    {required: true, replace: true},
			"targetId":    {required: true, replace: true},
			"skipDestroy": {unread: true},
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			policy, target := in.string("policyId"), in.string("targetId")
			if _, err := c.organizations.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target}); err != nil {
				return "", err
			}
			return target + ":" + policy, nil
		},
		read: func(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
			target, policy, ok := strings.Cut(id, ":")
			if !ok {
				return nil, false, fmt.Errorf("unexpected format for id (%s), expected TARGETID:POLICYID", id)
			}
			pages := organizations.NewListTargetsForPolicyPaginator(c.organizations, &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if gone(err) {
					return nil, false, nil
				} else if err != nil {
					return nil, false, err
				}
				for _, t := range page.Targets {
					if aws.ToString(t.TargetId) == target {
						return props{"policyId": policy, "targetId": target}, true, nil
					}
				}
			}
			return nil, false, nil
		},
		delete: func(ctx context.Context, c *clients, id string, old props) error {
			if old.bool("skipDestroy") {
				return nil
			}
			target, policy, _ := strings.Cut(id, ":")
			_, err := c.organizations.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
			return err
		},
	},
}

func readPolicy(ctx context.Context, c *clients, id string, old props) (props, bool, error) {
	out, err := c.organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	s := out.Policy.PolicySummary
	if s.AwsManaged {
		return nil, false, fmt.Errorf("AWS-managed Organizations policy (%s) cannot be imported. Use the policy ID directly in your configuration", id)
	}
	p := props{
		"name": aws.ToString(s.Name), "description": aws.ToString(s.Description), "content": aws.ToString(out.Policy.Content),
		"type": string(s.Type), "arn": aws.ToString(s.Arn),
	}
	return p, true, c.readOrganizationTags(ctx, id, p)
}

func invalid(property, format string, args ...any) plugin.CheckFailure {
	return plugin.CheckFailure{Property: resource.PropertyKey(property), Reason: property + ": " + fmt.Sprintf(format, args...)}
}
