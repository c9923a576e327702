package awstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// side is one of the two that get the same bare SDK calls: moto alone, and
// moto behind the proxy.
type side struct {
	ctx    context.Context
	cfg    aws.Config
	member aws.Config
	*Organization
	org *organizations.Client
	iam *iam.Client
	n   int
}

// accountHeader tells moto the account, which is all that the proxy adds to a
// call it does not mind.
type accountHeader string

func (a accountHeader) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Moto-Account-Id", string(a))
	return http.DefaultClient.Do(r)
}

func newSide(t *testing.T, proxied, organized bool) *side {
	t.Helper()
	cfg, account := management(t)
	if !proxied {
		cfg = Config(shared.MotoURL(), "AKIAMOTOMOTOMOTO0000", "moto")
		cfg.HTTPClient = accountHeader(account)
	}
	s := &side{ctx: t.Context(), cfg: cfg, org: organizations.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg)}
	if !organized {
		return s
	}
	o, err := createOrganization(t.Context(), cfg, []Account{{Name: "member"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Organization = o
	if proxied {
		s.member = AssumeRole(cfg, o.Accounts["member"], DefaultRole)
	} else {
		s.member = Config(shared.MotoURL(), "AKIAMOTOMOTOMOTO0001", "moto")
		s.member.HTTPClient = accountHeader(o.Accounts["member"])
	}
	for _, p := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		if _, err := s.org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &o.RootID, PolicyType: p}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const (
	scp     = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}`
	optOut  = `{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`
	console = `{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}`

	rcp = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
)

func (s *side) policy(t types.PolicyType, content string) (string, error) {
	s.n++
	out, err := s.org.CreatePolicy(s.ctx, &organizations.CreatePolicyInput{
		Name: aws.String(fmt.Sprintf("policy-%d", s.n)), Description: aws.String(""), Type: t, Content: &content,
	})
	if err != nil {
		return "", err
	}
	return *out.Policy.PolicySummary.Id, nil
}

func (s *side) scp(content string) error {
	_, err := s.policy(types.PolicyTypeServiceControlPolicy, content)
	return err
}

func (s *side) rcp(content string) error {
	_, err := s.policy(types.PolicyTypeResourceControlPolicy, content)
	return err
}

func (s *side) attach(policy, target string) error {
	_, err := s.org.AttachPolicy(s.ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
	return err
}

func (s *side) detach(policy, target string) error {
	_, err := s.org.DetachPolicy(s.ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
	return err
}

func (s *side) unit(name, parent string) (string, error) {
	out, err := s.org.CreateOrganizationalUnit(s.ctx, &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent})
	if err != nil {
		return "", err
	}
	return *out.OrganizationalUnit.Id, nil
}

func (s *side) role(trust string, change func(*iam.CreateRoleInput)) error {
	in := &iam.CreateRoleInput{RoleName: aws.String("role"), AssumeRolePolicyDocument: &trust}
	if change != nil {
		change(in)
	}
	_, err := s.iam.CreateRole(s.ctx, in)
	return err
}

func (s *side) managed(name, document string) (string, error) {
	out, err := s.iam.CreatePolicy(s.ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document})
	if err != nil {
		return "", err
	}
	return *out.Policy.Arn, nil
}

func trusting(arn string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":"sts:AssumeRole"}]}`
}

func long(document string, n int) string {
	return strings.Replace(document, `"Resource"`, `"Condition":{"StringEquals":{"aws:PrincipalTag/x":"`+strings.Repeat("x", n)+`"}},"Resource"`, 1)
}

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`

// Each call is made to both sides: moto alone takes it, AWS refuses it, and
// so does the proxy.
var refusals = []struct {
	name    string
	code    string
	reason  string
	noOrg   bool
	alsoBad bool // moto refuses it too, and the proxy must not lose that
	call    func(s *side) error
}{
	{name: "SCP of 10,241 characters", code: "ConstraintViolationException", reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
		call: func(s *side) error { return s.scp(long(scp, 10241-len(long(scp, 0)))) }},
	{name: "RCP of 5,121 characters", code: "ConstraintViolationException", reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
		call: func(s *side) error { return s.rcp(long(rcp, 5121-len(long(rcp, 0)))) }},
	{name: "SCP updated to 10,241 characters", code: "ConstraintViolationException", reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			id := must(s.policy(types.PolicyTypeServiceControlPolicy, scp))
			_, err := s.org.UpdatePolicy(s.ctx, &organizations.UpdatePolicyInput{PolicyId: &id, Content: aws.String(long(scp, 10241-len(long(scp, 0))))})
			return err
		}},
	{name: "eleventh SCP on a target", code: "ConstraintViolationException", reason: "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			for range 9 { // FullAWSAccess is the first
				if err := s.attach(must(s.policy(types.PolicyTypeServiceControlPolicy, scp)), s.RootID); err != nil {
					panic(err)
				}
			}
			return s.attach(must(s.policy(types.PolicyTypeServiceControlPolicy, scp)), s.RootID)
		}},
	{name: "sixth RCP on a target", code: "ConstraintViolationException", reason: "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			for range 4 {
				if err := s.attach(must(s.policy(types.PolicyTypeResourceControlPolicy, rcp)), s.RootID); err != nil {
					panic(err)
				}
			}
			return s.attach(must(s.policy(types.PolicyTypeResourceControlPolicy, rcp)), s.RootID)
		}},
	{name: "deleting a unit that has an account", code: "OrganizationalUnitNotEmptyException",
		call: func(s *side) error {
			ou := must(s.unit("Full", s.RootID))
			must(s.org.MoveAccount(s.ctx, &organizations.MoveAccountInput{AccountId: aws.String(s.Accounts["member"]), SourceParentId: &s.RootID, DestinationParentId: &ou}))
			_, err := s.org.DeleteOrganizationalUnit(s.ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &ou})
			return err
		}},
	{name: "deleting a unit that has a unit", code: "OrganizationalUnitNotEmptyException",
		call: func(s *side) error {
			ou := must(s.unit("Full", s.RootID))
			must(s.unit("Inner", ou))
			_, err := s.org.DeleteOrganizationalUnit(s.ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &ou})
			return err
		}},
	{name: "second unit of a name", code: "DuplicateOrganizationalUnitException",
		call: func(s *side) error {
			must(s.unit("Same", s.RootID))
			_, err := s.unit("Same", s.RootID)
			return err
		}},
	{name: "sixth level of units", code: "ConstraintViolationException", reason: "OU_DEPTH_LIMIT_EXCEEDED",
		call: func(s *side) error {
			parent := s.RootID
			for i := range 5 {
				parent = must(s.unit(fmt.Sprintf("Level%d", i), parent))
			}
			_, err := s.unit("TooDeep", parent)
			return err
		}},
	{name: "second account of an e-mail", code: "EMAIL_ALREADY_EXISTS",
		call: func(s *side) error {
			_, err := CreateAccount(s.ctx, s.org, "other", "Member@Example.com")
			if err != nil && strings.Contains(err.Error(), "EMAIL_ALREADY_EXISTS") {
				return &smithy.GenericAPIError{Code: "EMAIL_ALREADY_EXISTS"}
			}
			return err
		}},
	{name: "moving an account from where it is not", code: "SourceParentNotFoundException",
		call: func(s *side) error {
			from, to := must(s.unit("A", s.RootID)), must(s.unit("B", s.RootID))
			_, err := s.org.MoveAccount(s.ctx, &organizations.MoveAccountInput{AccountId: aws.String(s.Accounts["member"]), SourceParentId: &from, DestinationParentId: &to})
			return err
		}},
	{name: "closing an account twice", code: "AccountAlreadyClosedException", alsoBad: true,
		call: func(s *side) error {
			member := aws.String(s.Accounts["member"])
			must(s.org.CloseAccount(s.ctx, &organizations.CloseAccountInput{AccountId: member}))
			_, err := s.org.CloseAccount(s.ctx, &organizations.CloseAccountInput{AccountId: member})
			return err
		}},
	{name: "second attachment of a policy", code: "DuplicatePolicyAttachmentException",
		call: func(s *side) error { return s.attach(fullAWSAccess, s.RootID) }},
	{name: "detaching what is not attached", code: "PolicyNotAttachedException",
		call: func(s *side) error {
			return s.detach(must(s.policy(types.PolicyTypeServiceControlPolicy, scp)), s.RootID)
		}},
	{name: "detaching the last SCP", code: "ConstraintViolationException", reason: "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
		call: func(s *side) error { return s.detach(fullAWSAccess, s.RootID) }},
	{name: "detaching RCPFullAWSAccess", code: "ConstraintViolationException", reason: "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			if err := s.attach(must(s.policy(types.PolicyTypeResourceControlPolicy, rcp)), s.RootID); err != nil {
				panic(err)
			}
			return s.detach(rcpFullAWSAccess, s.RootID)
		}},
	{name: "attaching a type that is not enabled", code: "PolicyTypeNotEnabledException",
		call: func(s *side) error {
			return s.attach(must(s.policy(types.PolicyTypeTagPolicy, `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`)), s.RootID)
		}},
	{name: "AI services opt-out policy of 2,501 characters", code: "ConstraintViolationException", reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			_, err := s.policy(types.PolicyTypeAiservicesOptOutPolicy, optOut+strings.Repeat(" ", 2501-len(optOut)))
			return err
		}},
	{name: "declarative policy of 10,001 characters", code: "ConstraintViolationException", reason: "POLICY_CONTENT_LIMIT_EXCEEDED",
		call: func(s *side) error {
			_, err := s.policy(types.PolicyTypeDeclarativePolicyEc2, console+strings.Repeat(" ", 10001-len(console)))
			return err
		}},
	{name: "statements in a tag policy", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { _, err := s.policy(types.PolicyTypeTagPolicy, scp); return err }},
	{name: "a tag policy's document in a backup policy", code: "MalformedPolicyDocumentException",
		call: func(s *side) error {
			_, err := s.policy(types.PolicyTypeBackupPolicy, `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`)
			return err
		}},
	{name: "a setting without an operator", code: "MalformedPolicyDocumentException",
		call: func(s *side) error {
			_, err := s.policy(types.PolicyTypeDeclarativePolicyEc2, `{"ec2_attributes":{"serial_console_access":{"status":"disabled"}}}`)
			return err
		}},
	{name: "an operator that there is not", code: "MalformedPolicyDocumentException",
		call: func(s *side) error {
			_, err := s.policy(types.PolicyTypeAiservicesOptOutPolicy, strings.Replace(optOut, "assign", "set", 1))
			return err
		}},
	{name: "enabling an enabled type", code: "PolicyTypeAlreadyEnabledException", alsoBad: true,
		call: func(s *side) error {
			_, err := s.org.EnablePolicyType(s.ctx, &organizations.EnablePolicyTypeInput{RootId: &s.RootID, PolicyType: types.PolicyTypeServiceControlPolicy})
			return err
		}},
	{name: "deleting a policy in use", code: "PolicyInUseException", alsoBad: true,
		call: func(s *side) error {
			id := must(s.policy(types.PolicyTypeServiceControlPolicy, scp))
			if err := s.attach(id, s.RootID); err != nil {
				panic(err)
			}
			_, err := s.org.DeletePolicy(s.ctx, &organizations.DeletePolicyInput{PolicyId: &id})
			return err
		}},
	{name: "changing a policy of AWS", code: "InvalidInputException", reason: "IMMUTABLE_POLICY",
		call: func(s *side) error {
			_, err := s.org.UpdatePolicy(s.ctx, &organizations.UpdatePolicyInput{PolicyId: aws.String(fullAWSAccess), Content: aws.String(scp)})
			return err
		}},
	{name: "delegated administrator without trusted access", code: "ConstraintViolationException", reason: "SERVICE_ACCESS_NOT_ENABLED",
		call: func(s *side) error {
			_, err := s.org.RegisterDelegatedAdministrator(s.ctx, &organizations.RegisterDelegatedAdministratorInput{
				AccountId: aws.String(s.Accounts["member"]), ServicePrincipal: aws.String(analyzerService),
			})
			return err
		}},
	{name: "SCP with a principal", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.scp(rcp) }},
	{name: "SCP of 2008", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.scp(strings.Replace(scp, "2012-10-17", "2008-10-17", 1)) }},
	{name: "SCP that is not JSON", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.scp("deny everything") }},
	{name: "SCP without a statement", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.scp(`{"Version":"2012-10-17"}`) }},
	{name: "SCP without a resource", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.scp(strings.Replace(scp, `,"Resource":"*"`, "", 1)) }},
	{name: "RCP that allows", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.rcp(strings.Replace(rcp, "Deny", "Allow", 1)) }},
	{name: "RCP for every action", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.rcp(strings.Replace(rcp, "s3:*", "*", 1)) }},
	{name: "RCP with NotAction", code: "MalformedPolicyDocumentException",
		call: func(s *side) error { return s.rcp(strings.Replace(rcp, `"Action"`, `"NotAction"`, 1)) }},
	{name: "RCP for somebody", code: "MalformedPolicyDocumentException",
		call: func(s *side) error {
			return s.rcp(strings.Replace(rcp, `"Principal":"*"`, `"Principal":{"AWS":"111111111111"}`, 1))
		}},
	{name: "creating a policy before there is an organization", code: "AWSOrganizationsNotInUseException", noOrg: true,
		call: func(s *side) error {
			_, err := s.org.ListPolicies(s.ctx, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
			return err
		}},
	{name: "a member that attaches a policy", code: "AccessDeniedException",
		call: func(s *side) error {
			_, err := organizations.NewFromConfig(s.member).EnableAWSServiceAccess(s.ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("sso.amazonaws.com")})
			return err
		}},
	{name: "a member that lists accounts", code: "AccessDeniedException",
		call: func(s *side) error {
			_, err := organizations.NewFromConfig(s.member).ListAccounts(s.ctx, &organizations.ListAccountsInput{})
			return err
		}},

	{name: "trust in a role that is not there", code: "MalformedPolicyDocument",
		call: func(s *side) error { return s.role(trusting("arn:aws:iam::"+s.Accounts["member"]+":role/nobody"), nil) }},
	{name: "trust in a user that is not there", code: "MalformedPolicyDocument",
		call: func(s *side) error { return s.role(trusting("arn:aws:iam::"+s.ManagementAccount+":user/nobody"), nil) }},
	{name: "trust changed to a role that is not there", code: "MalformedPolicyDocument",
		call: func(s *side) error {
			if err := s.role(trusting("arn:aws:iam::"+s.ManagementAccount+":root"), nil); err != nil {
				panic(err)
			}
			_, err := s.iam.UpdateAssumeRolePolicy(s.ctx, &iam.UpdateAssumeRolePolicyInput{
				RoleName: aws.String("role"), PolicyDocument: aws.String(trusting("arn:aws:iam::" + s.ManagementAccount + ":role/nobody")),
			})
			return err
		}},
	{name: "trust policy of 2,049 characters", code: "LimitExceeded",
		call: func(s *side) error {
			return s.role(strings.Replace(trusting("*"), `"Action"`, `"Sid":"`+strings.Repeat("x", 2049-len(trusting("*"))-len(`"Sid":"",`))+`","Action"`, 1), nil)
		}},
	{name: "session longer than AWS has", code: "ValidationError",
		call: func(s *side) error {
			return s.role(trusting("*"), func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(43201) })
		}},
	{name: "session longer than AWS has, updated", code: "ValidationError",
		call: func(s *side) error {
			if err := s.role(trusting("*"), nil); err != nil {
				panic(err)
			}
			_, err := s.iam.UpdateRole(s.ctx, &iam.UpdateRoleInput{RoleName: aws.String("role"), MaxSessionDuration: aws.Int32(43201)})
			return err
		}},
	{name: "boundary that is not there", code: "NoSuchEntity",
		call: func(s *side) error {
			return s.role(trusting("*"), func(in *iam.CreateRoleInput) {
				in.PermissionsBoundary = aws.String("arn:aws:iam::" + s.ManagementAccount + ":policy/nothing")
			})
		}},
	{name: "managed policy of 6,145 characters", code: "LimitExceeded",
		call: func(s *side) error {
			_, err := s.managed("big", long(allowAll, 6145-len(long(allowAll, 0))))
			return err
		}},
	{name: "deleting a role with a policy", code: "DeleteConflict", alsoBad: true,
		call: func(s *side) error {
			if err := s.role(trusting("*"), nil); err != nil {
				panic(err)
			}
			must(s.iam.AttachRolePolicy(s.ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("role"), PolicyArn: aws.String("arn:aws:iam::aws:policy/SecurityAudit")}))
			_, err := s.iam.DeleteRole(s.ctx, &iam.DeleteRoleInput{RoleName: aws.String("role")})
			return err
		}},
	{name: "deleting an attached policy", code: "DeleteConflict",
		call: func(s *side) error {
			arn := must(s.managed("used", allowAll))
			if err := s.role(trusting("*"), nil); err != nil {
				panic(err)
			}
			must(s.iam.AttachRolePolicy(s.ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("role"), PolicyArn: &arn}))
			_, err := s.iam.DeletePolicy(s.ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
			return err
		}},
	{name: "deleting a policy that is a boundary", code: "DeleteConflict",
		call: func(s *side) error {
			arn := must(s.managed("boundary", allowAll))
			if err := s.role(trusting("*"), func(in *iam.CreateRoleInput) { in.PermissionsBoundary = &arn }); err != nil {
				panic(err)
			}
			_, err := s.iam.DeletePolicy(s.ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
			return err
		}},
	{name: "deleting a policy that has versions", code: "DeleteConflict",
		call: func(s *side) error {
			arn := must(s.managed("versions", allowAll))
			must(s.iam.CreatePolicyVersion(s.ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: aws.String(allowAll), SetAsDefault: true}))
			_, err := s.iam.DeletePolicy(s.ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
			return err
		}},
	{name: "twenty-first policy on a role", code: "LimitExceeded",
		call: func(s *side) error {
			if err := s.role(trusting("*"), nil); err != nil {
				panic(err)
			}
			var err error
			for i := range 21 {
				arn := must(s.managed(fmt.Sprintf("p%d", i), allowAll))
				if err != nil {
					panic(err)
				}
				_, err = s.iam.AttachRolePolicy(s.ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("role"), PolicyArn: &arn})
			}
			return err
		}},
	{name: "deleting a group with a policy", code: "DeleteConflict",
		call: func(s *side) error {
			must(s.iam.CreateGroup(s.ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
			must(s.iam.AttachGroupPolicy(s.ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: aws.String("arn:aws:iam::aws:policy/SecurityAudit")}))
			_, err := s.iam.DeleteGroup(s.ctx, &iam.DeleteGroupInput{GroupName: aws.String("g")})
			return err
		}},
	{name: "passwords of five characters", code: "ValidationError",
		call: func(s *side) error {
			_, err := s.iam.UpdateAccountPasswordPolicy(s.ctx, &iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(5)})
			return err
		}},
	{name: "assuming a role that is not there", code: "AccessDenied",
		call: func(s *side) error {
			_, err := sts.NewFromConfig(s.cfg).AssumeRole(s.ctx, &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::" + s.Accounts["member"] + ":role/nobody"), RoleSessionName: aws.String("x"),
			})
			return err
		}},
	{name: "assuming a role that trusts others", code: "AccessDenied",
		call: func(s *side) error {
			must(iam.NewFromConfig(s.member).CreateRole(s.ctx, &iam.CreateRoleInput{
				RoleName: aws.String("theirs"), AssumeRolePolicyDocument: aws.String(trusting("arn:aws:iam::" + s.Accounts["member"] + ":root")),
			}))
			_, err := sts.NewFromConfig(s.cfg).AssumeRole(s.ctx, &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::" + s.Accounts["member"] + ":role/theirs"), RoleSessionName: aws.String("x"),
			})
			return err
		}},
}

func TestRefusals(t *testing.T) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			err := r.call(newSide(t, false, !r.noOrg))
			if refused := isAPIError(err); refused != r.alsoBad {
				t.Errorf("moto alone: %v; is it to refuse: %v", err, r.alsoBad)
			}
			err = r.call(newSide(t, true, !r.noOrg))
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != r.code {
				t.Fatalf("the proxy: %v, want %s", err, r.code)
			}
			var constraint *types.ConstraintViolationException
			var input *types.InvalidInputException
			switch {
			case errors.As(err, &constraint) && string(constraint.Reason) != r.reason,
				errors.As(err, &input) && string(input.Reason) != r.reason:
				t.Errorf("the proxy: %v, want reason %s", err, r.reason)
			}
		})
	}
}

func isAPIError(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api)
}

// The SDK must make its typed exceptions of the proxy's answers, not only
// codes.
func TestTypedExceptions(t *testing.T) {
	s := newSide(t, true, true)
	var malformed *types.MalformedPolicyDocumentException
	if err := s.scp("x"); !errors.As(err, &malformed) || malformed.ErrorMessage() == "" {
		t.Errorf("%T %v", err, err)
	}
	var trust *iamtypes.MalformedPolicyDocumentException
	if err := s.role(trusting("arn:aws:iam::"+s.ManagementAccount+":role/nobody"), nil); !errors.As(err, &trust) || !strings.Contains(trust.ErrorMessage(), "Invalid principal in policy") {
		t.Errorf("%T %v", err, err)
	}
	var limit *iamtypes.LimitExceededException
	if _, err := s.managed("big", long(allowAll, 7000)); !errors.As(err, &limit) {
		t.Errorf("%T %v", err, err)
	}
	var conflict *iamtypes.DeleteConflictException
	arn := must(s.managed("boundary", allowAll))
	must(s.iam.CreateRole(s.ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trusting("*")), PermissionsBoundary: &arn}))
	if _, err := s.iam.DeletePolicy(s.ctx, &iam.DeletePolicyInput{PolicyArn: &arn}); !errors.As(err, &conflict) {
		t.Errorf("%T %v", err, err)
	}
}
