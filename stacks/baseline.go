package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// AccountBaseline is the component of an account's stack: its boundary
// policies, its password policy, its roles and its groups.
type AccountBaseline struct {
	pulumi.ResourceState
}

// AccountBaselineToken is the component's Pulumi type.
const AccountBaselineToken = "orgrails:index:AccountBaseline"

func (p placement) baseline(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.Map, error) {
	c := &AccountBaseline{}
	props := pulumi.Map{DigestOutput: pulumi.String(p.stack.Digest)}
	if err := ctx.RegisterComponentResourceV2(AccountBaselineToken, p.stack.Name, props, c, opts...); err != nil {
		return nil, fmt.Errorf("register the baseline of %s: %w", p.stack.Key, err)
	}
	b := baselineOf(p.plan, p.stack.Key)
	boundaries, made := pulumi.StringMap{}, []pulumi.Resource{}
	for _, m := range b.Boundaries {
		policy, err := p.managedPolicy(ctx, c, boundaryName(p.stack.Name, m.Name), m)
		if err != nil {
			return nil, err
		}
		boundaries[m.Name] = policy.Arn
		made = append(made, policy)
	}
	if b.PasswordPolicy != nil {
		if err := p.passwordPolicy(ctx, c, *b.PasswordPolicy); err != nil {
			return nil, err
		}
	}
	roles := pulumi.StringMap{}
	for _, r := range b.Roles {
		role, err := p.role(ctx, c, r, made)
		if err != nil {
			return nil, err
		}
		roles[r.Name] = role.Arn
	}
	for _, g := range b.Groups {
		if err := p.group(ctx, c, g); err != nil {
			return nil, err
		}
	}
	return p.finish(ctx, c, pulumi.Map{
		AccountIDOutput:  pulumi.String(p.ids["account:"+p.stack.Key]),
		BoundariesOutput: boundaries,
		RolesOutput:      roles,
	})
}

// managedPolicy places a customer managed policy. AWS cannot change the
// description of one, and replacing a policy that is in use fails: a changed
// description is left as it is.
func (p placement) managedPolicy(ctx *pulumi.Context, parent pulumi.Resource, name string, m guardrails.ManagedPolicy) (*iam.Policy, error) {
	document, err := p.fill(ctx, m.Document)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", m.Name, err)
	}
	policy, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
		Name:        pulumi.String(m.Name),
		Path:        pulumi.String(m.Path),
		Description: pulumi.String(m.Description),
		Policy:      document,
	}, p.child(parent, name, pulumi.DeleteBeforeReplace(true), pulumi.IgnoreChanges(Ignored(managedPolicyType)))...)
	if err != nil {
		return nil, fmt.Errorf("register policy %s: %w", m.Name, err)
	}
	p.holds(policy)
	return policy, nil
}

// passwordPolicy sets all nine fields: AWS takes one that is left out for its
// weakest value. It stays when the stack goes.
func (p placement) passwordPolicy(ctx *pulumi.Context, parent pulumi.Resource, w guardrails.PasswordPolicy) error {
	name := passwordPolicyName(p.stack.Name)
	r, err := iam.NewAccountPasswordPolicy(ctx, name, &iam.AccountPasswordPolicyArgs{
		MinimumPasswordLength:      pulumi.Int(w.MinimumPasswordLength),
		RequireUppercaseCharacters: pulumi.Bool(w.RequireUppercaseCharacters),
		RequireLowercaseCharacters: pulumi.Bool(w.RequireLowercaseCharacters),
		RequireNumbers:             pulumi.Bool(w.RequireNumbers),
		RequireSymbols:             pulumi.Bool(w.RequireSymbols),
		MaxPasswordAge:             pulumi.Int(w.MaxPasswordAge),
		PasswordReusePrevention:    pulumi.Int(w.PasswordReusePrevention),
		HardExpiry:                 pulumi.Bool(w.HardExpiry),
		AllowUsersToChangePassword: pulumi.Bool(w.AllowUsersToChangePassword),
	}, p.child(parent, name, pulumi.RetainOnDelete(true))...)
	if err != nil {
		return fmt.Errorf("register the password policy: %w", err)
	}
	p.holds(r)
	return nil
}

// role places a role, its own policies before it: on the way out the role,
// which detaches what it has, goes first.
func (p placement) role(ctx *pulumi.Context, parent pulumi.Resource, r guardrails.Role, boundaries []pulumi.Resource) (*iam.Role, error) {
	before := boundaries
	attached := pulumi.StringArray{}
	for _, t := range r.ManagedPolicies {
		arn, err := p.fill(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", r.Name, err)
		}
		attached = append(attached, arn)
	}
	for _, m := range r.Policies {
		policy, err := p.managedPolicy(ctx, parent, rolePolicyName(p.stack.Name, r.Name, m.Name), m)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", r.Name, err)
		}
		attached = append(attached, policy.Arn)
		before = append(before[:len(before):len(before)], policy)
	}
	trust, err := p.fill(ctx, r.Trust)
	if err != nil {
		return nil, fmt.Errorf("trust of role %s: %w", r.Name, err)
	}
	args := &iam.RoleArgs{
		Name:                pulumi.String(r.Name),
		Path:                pulumi.String(r.Path),
		Description:         pulumi.String(r.Description),
		AssumeRolePolicy:    trust,
		MaxSessionDuration:  pulumi.Int(r.MaxSessionDuration),
		ForceDetachPolicies: pulumi.Bool(true),
	}
	if r.Boundary != "" {
		arn, err := p.fill(ctx, r.Boundary)
		if err != nil {
			return nil, fmt.Errorf("boundary of role %s: %w", r.Name, err)
		}
		args.PermissionsBoundary = arn
	}
	name := roleName(p.stack.Name, r.Name)
	role, err := iam.NewRole(ctx, name, args, p.child(parent, name, pulumi.DeleteBeforeReplace(true), pulumi.DependsOn(before))...)
	if err != nil {
		return nil, fmt.Errorf("register role %s: %w", r.Name, err)
	}
	name = roleAttachmentsName(p.stack.Name, r.Name)
	all, err := iam.NewRolePolicyAttachmentsExclusive(ctx, name, &iam.RolePolicyAttachmentsExclusiveArgs{
		RoleName:   role.Name,
		PolicyArns: attached,
	}, p.child(parent, name)...)
	if err != nil {
		return nil, fmt.Errorf("register the policies of role %s: %w", r.Name, err)
	}
	p.holds(role)
	p.holds(all)
	return role, nil
}

func (p placement) group(ctx *pulumi.Context, parent pulumi.Resource, g guardrails.Group) error {
	name := groupName(p.stack.Name, g.Name)
	group, err := iam.NewGroup(ctx, name, &iam.GroupArgs{
		Name: pulumi.String(g.Name),
		Path: pulumi.String(g.Path),
	}, p.child(parent, name, pulumi.DeleteBeforeReplace(true))...)
	if err != nil {
		return fmt.Errorf("register group %s: %w", g.Name, err)
	}
	policy, err := p.managedPolicy(ctx, parent, groupPolicyName(p.stack.Name, g.Name), g.Policy)
	if err != nil {
		return fmt.Errorf("group %s: %w", g.Name, err)
	}
	name = groupAttachmentName(p.stack.Name, g.Name)
	attachment, err := iam.NewGroupPolicyAttachment(ctx, name, &iam.GroupPolicyAttachmentArgs{
		Group:     group.Name,
		PolicyArn: policy.Arn,
	}, p.child(parent, name, pulumi.DeleteBeforeReplace(true))...)
	if err != nil {
		return fmt.Errorf("register the policy of group %s: %w", g.Name, err)
	}
	p.holds(attachment)
	return nil
}
