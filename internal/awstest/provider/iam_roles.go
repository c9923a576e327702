package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

var iamRoleKinds = []*kind{
	{
		token: "aws:iam/policy:Policy", label: "IAM Policy",
		docs: []string{registry + "iam/policy/", terraform + "iam_policy"},
		fields: map[string]field{
			"name":        {auto: true, replace: true},
			"namePrefix":  {replace: true, computed: true},
			"path":        {replace: true, def: "/"},
			"description": {replace: true},
			"policy":      {required: true, equivalent: samePolicy},
			"tags":        {},
		},
		outputs: []string{"arn", "attachmentCount", "policyId", "tagsAll"},
		check:   validJSON("policy"),
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			input := &iam.CreatePolicyInput{
				PolicyName: aws.String(in.string("name")), Path: aws.String(in.string("path")),
				PolicyDocument: aws.String(in.string("policy")), Tags: iamTags(in.stringMap("tags")),
			}
			if s := in.string("description"); s != "" {
				input.Description = &s
			}
			out, err := c.iam.CreatePolicy(ctx, input)
			if err != nil {
				return "", err
			}
			return aws.ToString(out.Policy.Arn), nil
		},
		read: readManagedPolicy, update: updateManagedPolicy, delete: deleteManagedPolicy,
	},
	{
		token: "aws:iam/role:Role", label: "IAM Role",
		docs: []string{registry + "iam/role/", terraform + "iam_role"},
		fields: map[string]field{
			"assumeRolePolicy":    {required: true, equivalent: samePolicy},
			"description":         {},
			"forceDetachPolicies": {unread: true, def: false},
			"managedPolicyArns":   {computed: true, set: true},
			"maxSessionDuration":  {def: 3600},
			"name":                {auto: true, replace: true},
			"namePrefix":          {replace: true, computed: true},
			"path":                {replace: true, def: "/"},
			"permissionsBoundary": {},
			"tags":                {},
		},
		outputs: []string{"arn", "createDate", "uniqueId", "tagsAll"},
		check: func(in props) []plugin.CheckFailure {
			f := validJSON("assumeRolePolicy")(in)
			if n := in.int32("maxSessionDuration"); n < 3600 || n > 43200 {
				f = append(f, invalid("maxSessionDuration", "expected maxSessionDuration to be in the range (3600 - 43200), got %d", n))
			}
			return f
		},
		create: createRole, read: readRole, update: updateRole, delete: deleteRole,
	},
	{
		// Create and update attach what is missing and detach what is not
		// named; delete does nothing.
		token: "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", label: "IAM Role Policy Attachments Exclusive",
		docs: []string{registry + "iam/rolepolicyattachmentsexclusive/", terraform + "iam_role_policy_attachments_exclusive"},
		fields: map[string]field{
			"roleName":   {required: true, replace: true},
			"policyArns": {required: true, set: true},
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			return in.string("roleName"), c.exclusive(ctx, rolePolicies, in.string("roleName"), in.list("policyArns"))
		},
		read: func(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
			arns, err := rolePolicies.list(ctx, c, id)
			if gone(err) {
				return nil, false, nil
			}
			return props{"roleName": id, "policyArns": anys(arns)}, err == nil, err
		},
		update: func(ctx context.Context, c *clients, id string, _, in props) error {
			return c.exclusive(ctx, rolePolicies, id, in.list("policyArns"))
		},
	},
	attachment("role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "IAM Role Policy Attachment", "rolepolicyattachment", "iam_role_policy_attachment", rolePolicies),
}

func validJSON(name string) func(props) []plugin.CheckFailure {
	return func(in props) []plugin.CheckFailure {
		if json.Valid([]byte(in.string(name))) {
			return nil
		}
		return []plugin.CheckFailure{invalid(name, "contains an invalid JSON policy")}
	}
}

func readManagedPolicy(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	out, err := c.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	version, err := c.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &id, VersionId: out.Policy.DefaultVersionId})
	if err != nil {
		return nil, false, fmt.Errorf("reading default version: %w", err)
	}
	document, err := url.QueryUnescape(aws.ToString(version.PolicyVersion.Document))
	if err != nil {
		return nil, false, fmt.Errorf("reading default version: %w", err)
	}
	tags := tagsOf(out.Policy.Tags)
	return props{
		"name": aws.ToString(out.Policy.PolicyName), "path": aws.ToString(out.Policy.Path), "description": aws.ToString(out.Policy.Description),
		"policy": document, "arn": id, "policyId": aws.ToString(out.Policy.PolicyId), "attachmentCount": float64(aws.ToInt32(out.Policy.AttachmentCount)),
		"tags": tags, "tagsAll": tags,
	}, true, nil
}

// updateManagedPolicy makes a new default version, and room for it first.
func updateManagedPolicy(ctx context.Context, c *clients, id string, old, in props) error {
	if old.string("policy") != in.string("policy") {
		versions, err := c.versions(ctx, id)
		if err != nil {
			return err
		}
		if len(versions) >= 5 {
			if _, err := c.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &id, VersionId: versions[0].VersionId}); err != nil {
				return fmt.Errorf("deleting oldest version: %w", err)
			}
		}
		if _, err := c.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &id, PolicyDocument: aws.String(in.string("policy")), SetAsDefault: true}); err != nil {
			return err
		}
	}
	set, remove := tagChanges(old, in)
	if len(remove) > 0 {
		if _, err := c.iam.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: &id, TagKeys: remove}); err != nil {
			return fmt.Errorf("removing tags: %w", err)
		}
	}
	if len(set) > 0 {
		if _, err := c.iam.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &id, Tags: iamTags(props{"tags": set}.stringMap("tags"))}); err != nil {
			return fmt.Errorf("setting tags: %w", err)
		}
	}
	return nil
}

// versions are those that are not the default, oldest first.
func (c *clients) versions(ctx context.Context, arn string) ([]types.PolicyVersion, error) {
	var all []types.PolicyVersion
	pages := iam.NewListPolicyVersionsPaginator(c.iam, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading versions: %w", err)
		}
		all = append(all, page.Versions...)
	}
	slices.SortStableFunc(all, func(a, b types.PolicyVersion) int { return aws.ToTime(a.CreateDate).Compare(aws.ToTime(b.CreateDate)) })
	return all, nil
}

func deleteManagedPolicy(ctx context.Context, c *clients, id string, _ props) error {
	versions, err := c.versions(ctx, id)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if !v.IsDefaultVersion {
			if _, err := c.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &id, VersionId: v.VersionId}); err != nil && !gone(err) {
				return fmt.Errorf("deleting version: %w", err)
			}
		}
	}
	_, err = c.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &id})
	return err
}

func createRole(ctx context.Context, c *clients, in props) (string, error) {
	name := in.string("name")
	input := &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: aws.String(in.string("assumeRolePolicy")), Path: aws.String(in.string("path")),
		MaxSessionDuration: aws.Int32(in.int32("maxSessionDuration")), Tags: iamTags(in.stringMap("tags")),
	}
	if s := in.string("description"); s != "" {
		input.Description = &s
	}
	if s := in.string("permissionsBoundary"); s != "" {
		input.PermissionsBoundary = &s
	}
	if _, err := c.iam.CreateRole(ctx, input); err != nil {
		return "", err
	}
	if arns := in.list("managedPolicyArns"); len(arns) > 0 {
		return name, c.exclusive(ctx, rolePolicies, name, arns)
	}
	return name, nil
}

func readRole(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	out, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	r := out.Role
	trust, err := url.QueryUnescape(aws.ToString(r.AssumeRolePolicyDocument))
	if err != nil {
		return nil, false, fmt.Errorf("reading trust policy: %w", err)
	}
	arns, err := rolePolicies.list(ctx, c, id)
	if err != nil {
		return nil, false, err
	}
	tags := tagsOf(r.Tags)
	p := props{
		"name": aws.ToString(r.RoleName), "path": aws.ToString(r.Path), "description": aws.ToString(r.Description), "assumeRolePolicy": trust,
		"maxSessionDuration": float64(aws.ToInt32(r.MaxSessionDuration)), "managedPolicyArns": anys(arns), "forceDetachPolicies": false,
		"arn": aws.ToString(r.Arn), "uniqueId": aws.ToString(r.RoleId), "createDate": rfc3339(r.CreateDate), "tags": tags, "tagsAll": tags,
	}
	if r.PermissionsBoundary != nil {
		p["permissionsBoundary"] = aws.ToString(r.PermissionsBoundary.PermissionsBoundaryArn)
	}
	return p, true, nil
}

func updateRole(ctx context.Context, c *clients, id string, old, in props) error {
	if old.string("assumeRolePolicy") != in.string("assumeRolePolicy") {
		if _, err := c.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &id, PolicyDocument: aws.String(in.string("assumeRolePolicy"))}); err != nil {
			return fmt.Errorf("updating assume role policy: %w", err)
		}
	}
	if old.string("description") != in.string("description") || old.int32("maxSessionDuration") != in.int32("maxSessionDuration") {
		if _, err := c.iam.UpdateRole(ctx, &iam.UpdateRoleInput{
			RoleName: &id, Description: aws.String(in.string("description")), MaxSessionDuration: aws.Int32(in.int32("maxSessionDuration")),
		}); err != nil {
			return err
		}
	}
	if boundary := in.string("permissionsBoundary"); old.string("permissionsBoundary") != boundary {
		var err error
		if boundary == "" {
			_, err = c.iam.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &id})
		} else {
			_, err = c.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &id, PermissionsBoundary: &boundary})
		}
		if err != nil {
			return fmt.Errorf("updating permissions boundary: %w", err)
		}
	}
	if _, managed := in["managedPolicyArns"]; managed && !equalSets(old["managedPolicyArns"], in["managedPolicyArns"]) {
		if err := c.exclusive(ctx, rolePolicies, id, in.list("managedPolicyArns")); err != nil {
			return err
		}
	}
	set, remove := tagChanges(old, in)
	if len(remove) > 0 {
		if _, err := c.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &id, TagKeys: remove}); err != nil {
			return fmt.Errorf("removing tags: %w", err)
		}
	}
	if len(set) > 0 {
		if _, err := c.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: &id, Tags: iamTags(props{"tags": set}.stringMap("tags"))}); err != nil {
			return fmt.Errorf("setting tags: %w", err)
		}
	}
	return nil
}

// deleteRole detaches policies when the role was made with
// forceDetachPolicies, or when the state has seen any: a role that was never
// read again after something else attached its policies cannot be deleted.
// (service/iam/role.go, resourceRoleDelete: hasManaged)
func deleteRole(ctx context.Context, c *clients, id string, old props) error {
	if old.bool("forceDetachPolicies") || len(old.list("managedPolicyArns")) > 0 {
		if err := c.exclusive(ctx, rolePolicies, id, nil); err != nil {
			return err
		}
	}
	if old.bool("forceDetachPolicies") {
		inline, err := c.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &id})
		if err != nil {
			return err
		}
		for _, name := range inline.PolicyNames {
			if _, err := c.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &id, PolicyName: &name}); err != nil && !gone(err) {
				return fmt.Errorf("deleting inline policy (%s): %w", name, err)
			}
		}
	}
	_, err := c.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &id})
	return err
}

func iamTags(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

func tagsOf(tags []types.Tag) map[string]any {
	out := map[string]any{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// attached is what policies are attached to: a role or a group.
type attached struct {
	list           func(ctx context.Context, c *clients, name string) ([]string, error)
	attach, detach func(ctx context.Context, c *clients, name, arn string) error
}

var rolePolicies = attached{
	list: func(ctx context.Context, c *clients, name string) ([]string, error) {
		var arns []string
		pages := iam.NewListAttachedRolePoliciesPaginator(c.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
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
		_, err := c.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &arn})
		return err
	},
	detach: func(ctx context.Context, c *clients, name, arn string) error {
		_, err := c.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &name, PolicyArn: &arn})
		return err
	},
}

// exclusive makes the attached policies exactly those that are wanted.
func (c *clients) exclusive(ctx context.Context, a attached, name string, wanted []string) error {
	have, err := a.list(ctx, c, name)
	if err != nil {
		return err
	}
	for _, arn := range missing(wanted, have) {
		if err := a.attach(ctx, c, name, arn); err != nil {
			return fmt.Errorf("attaching IAM Policy (%s): %w", arn, err)
		}
	}
	for _, arn := range missing(have, wanted) {
		if err := a.detach(ctx, c, name, arn); err != nil && !gone(err) {
			return fmt.Errorf("detaching IAM Policy (%s): %w", arn, err)
		}
	}
	return nil
}

// attachment is the kind of one policy attached to a role or a group. Its id
// is made up (name, a dash, and a timestamp); its import id is name/ARN.
func attachment(owner, token, label, page, resourceName string, a attached) *kind {
	split := func(id string, old props) (string, string) {
		if name := old.string(owner); name != "" {
			return name, old.string("policyArn")
		}
		name, arn, _ := strings.Cut(id, "/")
		return name, arn
	}
	return &kind{
		token: token, label: label, docs: []string{registry + "iam/" + page + "/", terraform + resourceName},
		fields: map[string]field{
			owner:       {required: true, replace: true},
			"policyArn": {required: true, replace: true},
		},
		imported: func(id string) (string, props, error) {
			name, arn, ok := strings.Cut(id, "/")
			if !ok {
				return "", nil, fmt.Errorf("unexpected format of id (%s), expected <%s-name>/<policy_arn>", id, owner)
			}
			return name + "-" + arn, props{owner: name, "policyArn": arn}, nil
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			if err := a.attach(ctx, c, in.string(owner), in.string("policyArn")); err != nil {
				return "", err
			}
			return fmt.Sprintf("%s-%s", in.string(owner), time.Now().UTC().Format("20060102150405.000000000")), nil
		},
		read: func(ctx context.Context, c *clients, id string, old props) (props, bool, error) {
			name, arn := split(id, old)
			arns, err := a.list(ctx, c, name)
			if gone(err) {
				return nil, false, nil
			}
			return props{owner: name, "policyArn": arn}, slices.Contains(arns, arn), err
		},
		delete: func(ctx context.Context, c *clients, id string, old props) error {
			name, arn := split(id, old)
			return a.detach(ctx, c, name, arn)
		},
	}
}
