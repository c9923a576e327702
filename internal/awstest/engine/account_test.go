package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	awsiam "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/internal/awstest"
)

// memberProvider acts in a member account, and in no other.
func memberProvider(ctx *pulumi.Context, account string, allowed ...string) (pulumi.ResourceOption, error) {
	p, err := aws.NewProvider(ctx, "member", &aws.ProviderArgs{
		Region:            pulumi.String("eu-central-1"),
		AllowedAccountIds: pulumi.ToStringArray(append(allowed, account)[:1]),
		AssumeRole:        aws.ProviderAssumeRoleArgs{RoleArn: pulumi.String("arn:aws:iam::" + account + ":role/" + awstest.DefaultRole), SessionName: pulumi.String("orgrails")},
	})
	return pulumi.Provider(p), err
}

// What one member account gets: a boundary, roles, a group, a password policy.
func TestAccountLifeCycle(t *testing.T) {
	w := newWorld(t, "payments")
	account := w.org.Accounts["payments"]
	s := w.Stack("account-payments")
	boundary := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}]}`
	policies := []string{"SecurityAudit", "job-function/ViewOnlyAccess"}
	length, session := 14, 3600
	groupArns := func(arn pulumi.StringOutput) pulumi.StringArray { return pulumi.StringArray{arn} }
	program := func(ctx *pulumi.Context) error {
		in, err := memberProvider(ctx, account)
		if err != nil {
			return err
		}
		who, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{})
		if err != nil {
			return err
		}
		ctx.Export("caller", pulumi.String(who.AccountId))
		b, err := awsiam.NewPolicy(ctx, "boundary", &awsiam.PolicyArgs{Name: pulumi.String("developer-boundary"), Policy: pulumi.String(boundary)}, in)
		if err != nil {
			return err
		}
		role, err := awsiam.NewRole(ctx, "auditor", &awsiam.RoleArgs{
			Name: pulumi.String("Auditor"), PermissionsBoundary: b.Arn, MaxSessionDuration: pulumi.Int(session),
			AssumeRolePolicy: pulumi.String(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, w.org.ManagementAccount)),
			Tags:             pulumi.StringMap{"orgrails": pulumi.String("Auditor")},
		}, in)
		if err != nil {
			return err
		}
		arns := make([]string, len(policies))
		for i, p := range policies {
			arns[i] = "arn:aws:iam::aws:policy/" + p
		}
		if _, err := awsiam.NewRolePolicyAttachmentsExclusive(ctx, "auditor-policies", &awsiam.RolePolicyAttachmentsExclusiveArgs{RoleName: role.Name, PolicyArns: pulumi.ToStringArray(arns)}, in); err != nil {
			return err
		}
		other, err := awsiam.NewRole(ctx, "other", &awsiam.RoleArgs{
			Name: pulumi.String("Other"), ForceDetachPolicies: pulumi.Bool(true), AssumeRolePolicy: role.AssumeRolePolicy,
		}, in)
		if err != nil {
			return err
		}
		if _, err := awsiam.NewRolePolicyAttachment(ctx, "other-boundary", &awsiam.RolePolicyAttachmentArgs{Role: other.Name, PolicyArn: b.Arn}, in); err != nil {
			return err
		}
		group, err := awsiam.NewGroup(ctx, "auditors", &awsiam.GroupArgs{Name: pulumi.String("auditors")}, in)
		if err != nil {
			return err
		}
		if _, err := awsiam.NewGroupPolicyAttachment(ctx, "auditors-boundary", &awsiam.GroupPolicyAttachmentArgs{Group: group.Name, PolicyArn: b.Arn}, in); err != nil {
			return err
		}
		second, err := awsiam.NewGroup(ctx, "second", &awsiam.GroupArgs{Name: pulumi.String("second")}, in)
		if err != nil {
			return err
		}
		if _, err := awsiam.NewGroupPolicyAttachmentsExclusive(ctx, "second-policies", &awsiam.GroupPolicyAttachmentsExclusiveArgs{GroupName: second.Name, PolicyArns: groupArns(b.Arn)}, in); err != nil {
			return err
		}
		_, err = awsiam.NewAccountPasswordPolicy(ctx, "passwords", &awsiam.AccountPasswordPolicyArgs{
			AllowUsersToChangePassword: pulumi.Bool(true), HardExpiry: pulumi.Bool(false), MaxPasswordAge: pulumi.Int(90),
			MinimumPasswordLength: pulumi.Int(length), PasswordReusePrevention: pulumi.Int(24), RequireLowercaseCharacters: pulumi.Bool(true),
			RequireNumbers: pulumi.Bool(true), RequireSymbols: pulumi.Bool(true), RequireUppercaseCharacters: pulumi.Bool(true),
		}, in)
		return err
	}
	up := func(want map[string]int) Result {
		t.Helper()
		r, err := s.Up(program, Options{Config: map[string]string{"aws:region": "eu-central-1"}})
		if err != nil {
			t.Fatal(err)
		}
		for op, n := range want {
			if r.Count(op) != n {
				t.Errorf("%s: %d, want %d: %v", op, r.Count(op), n, r.Counts())
			}
		}
		return r
	}
	if r := up(map[string]int{"create": 10}); r.Outputs["caller"] != w.org.ManagementAccount {
		t.Errorf("outputs are %v", r.Outputs)
	}
	up(map[string]int{"same": 10})

	member := iam.NewFromConfig(awstest.AssumeRole(w.cfg, account, awstest.DefaultRole))
	attached := func() []string {
		t.Helper()
		out, err := member.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: ptr("Auditor")})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range out.AttachedPolicies {
			names = append(names, *p.PolicyName)
		}
		slices.Sort(names)
		return names
	}
	// The order of actions, and one policy less.
	boundary = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:*","s3:*"],"Resource":["*"]}}`
	policies = policies[:1]
	up(map[string]int{"update": 1, "same": 9})
	if got := attached(); !slices.Equal(got, []string{"SecurityAudit"}) {
		t.Errorf("attached are %v", got)
	}
	// Somebody attaches a policy by hand: a refresh sees it, an up takes it away.
	if _, err := member.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: ptr("Auditor"), PolicyArn: ptr("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Up(program, Options{Refresh: true, Config: map[string]string{"aws:region": "eu-central-1"}}); err != nil || r.Count("update") != 1 {
		t.Errorf("after drift: %v, %v", r.Counts(), err)
	}
	if got := attached(); !slices.Equal(got, []string{"SecurityAudit"}) {
		t.Errorf("attached are %v", got)
	}
	// Six versions of the boundary: AWS keeps five.
	for i := range 6 {
		boundary = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"V%d","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, i)
		length, session = 15+i, 3600+60*i
		up(map[string]int{"update": map[bool]int{true: 2, false: 3}[i == 0]})
	}
	if out, err := member.GetAccountPasswordPolicy(t.Context(), &iam.GetAccountPasswordPolicyInput{}); err != nil || *out.PasswordPolicy.MinimumPasswordLength != 20 {
		t.Errorf("password policy is %+v, %v", out, err)
	}
	// A group cannot be deleted while anything is attached to it, and the
	// exclusive attachments do not detach when they are deleted.
	groupArns = func(pulumi.StringOutput) pulumi.StringArray { return pulumi.StringArray{} }
	up(map[string]int{"update": 1})
	destroyed, err := s.Destroy(nil, Options{Config: map[string]string{"aws:region": "eu-central-1"}})
	if err != nil || destroyed.Count("delete") != 10 {
		t.Errorf("destroy: %v %v", destroyed.Counts(), err)
	}
}

// The trap of the exclusive attachments: deleting them detaches nothing, and
// the role cannot be deleted unless it was made with forceDetachPolicies or
// its state has seen the attachments.
func TestExclusiveAttachmentsStay(t *testing.T) {
	w := newWorld(t)
	for _, force := range []bool{false, true} {
		s := w.Stack(fmt.Sprint("role-", force))
		program := func(ctx *pulumi.Context) error {
			role, err := awsiam.NewRole(ctx, "role", &awsiam.RoleArgs{
				Name: pulumi.String(fmt.Sprint("Role-", force)), ForceDetachPolicies: pulumi.Bool(force),
				AssumeRolePolicy: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
			})
			if err != nil {
				return err
			}
			_, err = awsiam.NewRolePolicyAttachmentsExclusive(ctx, "policies", &awsiam.RolePolicyAttachmentsExclusiveArgs{
				RoleName: role.Name, PolicyArns: pulumi.ToStringArray([]string{"arn:aws:iam::aws:policy/SecurityAudit"}),
			})
			return err
		}
		if _, err := s.Up(program, Options{}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Destroy(nil, Options{})
		if refused := err != nil && strings.Contains(err.Error(), "DeleteConflict"); refused == force {
			t.Errorf("forceDetachPolicies %v: %v", force, err)
		}
		if force {
			continue
		}
		if _, err := s.Refresh(nil, Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Destroy(nil, Options{}); err != nil {
			t.Errorf("after a refresh: %v", err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestProviderRefusesOtherAccounts(t *testing.T) {
	w := newWorld(t, "payments")
	for allowed, message := range map[string]string{"111111111111": "AWS account ID not allowed: " + w.org.Accounts["payments"]} {
		_, err := w.Stack("s").Up(func(ctx *pulumi.Context) error {
			in, err := memberProvider(ctx, w.org.Accounts["payments"], allowed)
			if err != nil {
				return err
			}
			_, err = awsiam.NewGroup(ctx, "g", &awsiam.GroupArgs{Name: pulumi.String("g")}, in)
			return err
		}, Options{})
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("error is %v, want %q", err, message)
		}
	}
	_, err := w.Stack("t").Up(func(ctx *pulumi.Context) error {
		p, err := aws.NewProvider(ctx, "member", &aws.ProviderArgs{Region: pulumi.String("eu-central-1"),
			AssumeRole: aws.ProviderAssumeRoleArgs{RoleArn: pulumi.String("arn:aws:iam::" + w.org.Accounts["payments"] + ":role/nobody")}})
		if err != nil {
			return err
		}
		_, err = awsiam.NewGroup(ctx, "g", &awsiam.GroupArgs{Name: pulumi.String("g")}, pulumi.Provider(p))
		return err
	}, Options{})
	if err == nil || !strings.Contains(err.Error(), "Cannot assume IAM Role") || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("error is %v", err)
	}
}
