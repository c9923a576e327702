package readback

import (
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/orgrails/orgrails/guardrails"
)

// baselines compares what is in each account: boundaries, password policy, roles, groups.
func (c *checker) baselines() error {
	for _, b := range c.plan.Baselines {
		if len(b.Boundaries)+len(b.Roles)+len(b.Groups) == 0 && b.PasswordPolicy == nil {
			continue
		}
		cfg, err := c.config(b.Account)
		if err != nil {
			c.thing("baseline of %s: %v", b.Account, err)
			continue
		}
		a := &account{checker: c, key: b.Account, iam: iam.NewFromConfig(cfg)}
		for _, p := range b.Boundaries {
			if err := a.managedPolicy("boundary", p); err != nil {
				return err
			}
		}
		for _, r := range b.Roles {
			if err := a.role(r); err != nil {
				return err
			}
		}
		for _, g := range b.Groups {
			if err := a.group(g); err != nil {
				return err
			}
		}
		if b.PasswordPolicy != nil {
			if err := a.passwordPolicy(*b.PasswordPolicy); err != nil {
				return err
			}
		}
	}
	return nil
}

type account struct {
	*checker
	key string
	iam *iam.Client
}

func (a *account) arn(kind, path, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s%s%s", a.plan.Organization.Partition, a.res.IDs["account:"+a.key], kind, path, name)
}

func (a *account) managedPolicy(what string, p guardrails.ManagedPolicy) error {
	arn := a.arn("policy", p.Path, p.Name)
	label := fmt.Sprintf("%s %s in %s", what, p.Name, a.key)
	got, err := a.iam.GetPolicy(a.ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if isNotFound(err, "NoSuchEntity") {
		a.thing("%s does not exist", label)
		return nil
	}
	if err != nil {
		return fmt.Errorf("get policy %s: %w", arn, err)
	}
	version, err := a.iam.GetPolicyVersion(a.ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: got.Policy.DefaultVersionId})
	if err != nil {
		return fmt.Errorf("get the default version of %s: %w", arn, err)
	}
	a.same(label, prop("document", decoded(version.PolicyVersion.Document), a.fill(p.Document)))
	return nil
}

func (a *account) role(r guardrails.Role) error {
	label := fmt.Sprintf("role %s in %s", r.Name, a.key)
	got, err := a.iam.GetRole(a.ctx, &iam.GetRoleInput{RoleName: &r.Name})
	if isNotFound(err, "NoSuchEntity") {
		a.thing("%s does not exist", label)
		return nil
	}
	if err != nil {
		return fmt.Errorf("get %s: %w", label, err)
	}
	boundary := ""
	if b := got.Role.PermissionsBoundary; b != nil {
		boundary = aws.ToString(b.PermissionsBoundaryArn)
	}
	var attached, want []string
	pages := iam.NewListAttachedRolePoliciesPaginator(a.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &r.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(a.ctx)
		if err != nil {
			return fmt.Errorf("list the policies of %s: %w", label, err)
		}
		for _, p := range page.AttachedPolicies {
			attached = append(attached, *p.PolicyArn)
		}
	}
	for _, p := range r.ManagedPolicies {
		want = append(want, a.fill(p))
	}
	for _, p := range r.Policies {
		want = append(want, a.arn("policy", p.Path, p.Name))
	}
	a.same(label,
		prop("path", *got.Role.Path, r.Path),
		prop("trust", decoded(got.Role.AssumeRolePolicyDocument), a.fill(r.Trust)),
		prop("boundary", boundary, a.fill(r.Boundary)),
		prop("maximum session", aws.ToInt32(got.Role.MaxSessionDuration), r.MaxSessionDuration),
		prop("managed policies", sorted(attached), sorted(want)))
	for _, p := range r.Policies {
		if err := a.managedPolicy("policy", p); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) group(g guardrails.Group) error {
	label := fmt.Sprintf("group %s in %s", g.Name, a.key)
	_, err := a.iam.GetGroup(a.ctx, &iam.GetGroupInput{GroupName: &g.Name})
	if isNotFound(err, "NoSuchEntity") {
		a.thing("%s does not exist", label)
		return nil
	}
	if err != nil {
		return fmt.Errorf("get %s: %w", label, err)
	}
	attached, err := a.iam.ListAttachedGroupPolicies(a.ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: &g.Name})
	if err != nil {
		return fmt.Errorf("list the policies of %s: %w", label, err)
	}
	var have []string
	for _, p := range attached.AttachedPolicies {
		have = append(have, *p.PolicyArn)
	}
	a.same(label, prop("policies", sorted(have), []string{a.arn("policy", g.Policy.Path, g.Policy.Name)}))
	return a.managedPolicy("policy", g.Policy)
}

func (a *account) passwordPolicy(want guardrails.PasswordPolicy) error {
	label := "password policy in " + a.key
	got, err := a.iam.GetAccountPasswordPolicy(a.ctx, &iam.GetAccountPasswordPolicyInput{})
	if isNotFound(err, "NoSuchEntity") {
		a.thing("%s does not exist", label)
		return nil
	}
	if err != nil {
		return fmt.Errorf("get the %s: %w", label, err)
	}
	p := got.PasswordPolicy
	a.same(label,
		prop("minimum length", aws.ToInt32(p.MinimumPasswordLength), want.MinimumPasswordLength),
		prop("upper case", p.RequireUppercaseCharacters, want.RequireUppercaseCharacters),
		prop("lower case", p.RequireLowercaseCharacters, want.RequireLowercaseCharacters),
		prop("numbers", p.RequireNumbers, want.RequireNumbers),
		prop("symbols", p.RequireSymbols, want.RequireSymbols),
		prop("maximum age", aws.ToInt32(p.MaxPasswordAge), want.MaxPasswordAge),
		prop("reuse prevention", aws.ToInt32(p.PasswordReusePrevention), want.PasswordReusePrevention),
		prop("hard expiry", aws.ToBool(p.HardExpiry), want.HardExpiry),
		prop("users may change", p.AllowUsersToChangePassword, want.AllowUsersToChangePassword))
	return nil
}

// decoded undoes the URL encoding in which IAM returns documents.
func decoded(doc *string) string {
	s, err := url.QueryUnescape(aws.ToString(doc))
	if err != nil {
		return aws.ToString(doc)
	}
	return s
}
