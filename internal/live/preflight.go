package live

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/orgrails/orgrails/guardrails"
)

// A Caller is who the credentials are of, and the organization they are in.
type Caller struct {
	Account           string // account id
	ARN               string
	OrganizationID    string
	ManagementAccount string // account id
}

// Preflight checks that the credentials are of the management account of the
// plan's organization, and that the organization has all features. It makes
// two calls. What is wrong comes back as an [*Error].
func (s *Session) Preflight(ctx context.Context, p *guardrails.Plan) (Caller, error) {
	few := retryer(3, time.Second)
	c, o, err := s.caller(ctx, func(o *sts.Options) { o.Retryer = few })
	if err != nil {
		return c, err
	}
	return c, c.check(p, o.FeatureSet)
}

// caller asks AWS who the credentials are of, and of which organization.
func (s *Session) caller(ctx context.Context, opts ...func(*sts.Options)) (Caller, *orgtypes.Organization, error) {
	if _, err := s.cfg.Credentials.Retrieve(ctx); err != nil {
		if problem := s.credentialProblem(err); problem != nil && code(err) != "" {
			return Caller{}, nil, problem
		}
		return Caller{}, nil, &Error{Code: "GR401", Summary: "no AWS credentials were found",
			Hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials of the management account", Err: profile(err)}
	}
	who, err := s.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, opts...)
	if err != nil {
		if problem := s.credentialProblem(err); problem != nil {
			return Caller{}, nil, problem
		}
		return Caller{}, nil, fmt.Errorf("ask AWS who the credentials are of: %w", err)
	}
	if at, ok := awsmiddleware.GetServerTime(who.ResultMetadata); ok {
		s.mu.Lock()
		s.skew = time.Until(at)
		s.mu.Unlock()
	}
	c := Caller{Account: aws.ToString(who.Account), ARN: aws.ToString(who.Arn)}
	out, err := s.organizations().DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		if problem := s.credentialProblem(err); problem != nil {
			return c, nil, problem
		}
		if code(err) == "AWSOrganizationsNotInUseException" {
			return c, nil, &Error{Code: "GR406", Summary: fmt.Sprintf("account %s is in no organization", c.Account),
				Hint: "create one with `aws organizations create-organization --feature-set ALL`, or use credentials of the management account"}
		}
		return c, nil, fmt.Errorf("read the organization: %w", err)
	}
	c.OrganizationID, c.ManagementAccount = aws.ToString(out.Organization.Id), aws.ToString(out.Organization.MasterAccountId)
	return c, out.Organization, nil
}

func (c Caller) check(p *guardrails.Plan, features orgtypes.OrganizationFeatureSet) error {
	want, management := p.IDs["organization"], p.IDs["account:management"]
	switch {
	case want != "" && want != c.OrganizationID:
		return &Error{Code: "GR404", Summary: fmt.Sprintf("the credentials are of organization %s, and the file is about %s", c.OrganizationID, want),
			Hint: "use credentials of the management account of " + want}
	case management != "" && management != c.ManagementAccount:
		return &Error{Code: "GR404", Summary: fmt.Sprintf("the management account of organization %s is %s, and the file says %s", c.OrganizationID, c.ManagementAccount, management),
			Hint: "use credentials of account " + management + ", or correct organization.managementAccount"}
	case c.Account != c.ManagementAccount:
		return &Error{Code: "GR405", Summary: fmt.Sprintf("the credentials are of account %s, which is not the management account", c.Account),
			Hint: "use credentials of account " + c.ManagementAccount}
	case features != orgtypes.OrganizationFeatureSetAll:
		return &Error{Code: "GR406", Summary: fmt.Sprintf("organization %s has only the feature set %s, which has no policies", c.OrganizationID, features),
			Hint: "enable all features: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html"}
	}
	return nil
}
