package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// An Object is something that a deployment was about to make: its Pulumi type
// and the inputs it was to be made from.
type Object struct {
	Type   string
	Inputs map[string]any
	// Since, by this machine's clock, leaves out what was made before; the zero
	// time leaves out nothing. Units, Organizations policies and attachments do
	// not tell when they were made.
	Since time.Time
}

// clockSlack is how exactly AWS's clock is known: it is told in seconds.
const clockSlack = 3 * time.Second

func (o Object) tooOld(made *time.Time) bool {
	return !o.Since.IsZero() && made != nil && made.Before(o.Since.Add(-clockSlack))
}

func (o Object) text(name string) string {
	s, _ := o.Inputs[name].(string)
	return s
}

// Find looks an object up by its name. It returns the id by which Pulumi
// imports it; "" when AWS has no such object, or when making it again does no
// harm, as with a password policy. The session must be one in the object's
// account and region.
func (s *Session) Find(ctx context.Context, o Object) (string, error) {
	find := finders[o.Type]
	if find == nil {
		return "", nil
	}
	if !o.Since.IsZero() {
		o.Since = o.Since.Add(s.clock())
	}
	id, err := find(s, ctx, o)
	if isGone(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for %s %s: %w", o.Type, o.name(), err)
	}
	return id, nil
}

func (o Object) name() string {
	for _, n := range []string{"name", "analyzerName", "ruleName", "servicePrincipal", "policyId", "email"} {
		if v := o.text(n); v != "" {
			return v
		}
	}
	return ""
}

// finders are the types that cannot be made twice. The others
// (AccountPasswordPolicy, OrganizationsFeatures, RolePolicyAttachmentsExclusive,
// GroupPolicyAttachment) can.
var finders = map[string]func(*Session, context.Context, Object) (string, error){
	"aws:organizations/organizationalUnit:OrganizationalUnit":         (*Session).findUnit,
	"aws:organizations/account:Account":                               (*Session).findAccount,
	"aws:organizations/policy:Policy":                                 (*Session).findPolicy,
	"aws:organizations/policyAttachment:PolicyAttachment":             (*Session).findAttachment,
	"aws:organizations/delegatedAdministrator:DelegatedAdministrator": (*Session).findAdministrator,
	"aws:iam/policy:Policy":                                           (*Session).findManagedPolicy,
	"aws:iam/role:Role":                                               (*Session).findRole,
	"aws:iam/group:Group":                                             (*Session).findGroup,
	"aws:accessanalyzer/analyzer:Analyzer":                            (*Session).findAnalyzer,
	"aws:accessanalyzer/archiveRule:ArchiveRule":                      (*Session).findArchiveRule,
}

func isGone(err error) bool {
	switch code(err) {
	case "NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException", "ParentNotFoundException", "TargetNotFoundException",
		"PolicyNotFoundException", "AccountNotFoundException", "AccountNotRegisteredException", "AWSOrganizationsNotInUseException":
		return true
	}
	return false
}

func (s *Session) findUnit(ctx context.Context, o Object) (string, error) {
	parent, name := o.text("parentId"), o.text("name")
	if parent == "" {
		return "", nil
	}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(s.organizations(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, u := range page.OrganizationalUnits {
			if aws.ToString(u.Name) == name {
				return aws.ToString(u.Id), nil
			}
		}
	}
	return "", nil
}

// creation is how long AWS may take to make an account.
const creation = 10 * time.Minute

// findAccount finds an account by its e-mail. One that AWS is still making is
// waited for: nobody else would.
func (s *Session) findAccount(ctx context.Context, o Object) (string, error) {
	email, name := o.text("email"), o.text("name")
	for until := time.Now().Add(creation); ; {
		ids, err := s.AccountsByEmail(ctx)
		if err != nil {
			return "", err
		}
		if id := ids[strings.ToLower(email)]; id != "" {
			return id, nil
		}
		making, err := s.making(ctx, name)
		if err != nil || !making {
			return "", err
		}
		if time.Now().After(until) || !pause(ctx, 2*time.Second) {
			return "", errors.Join(fmt.Errorf("AWS is still making account %s", name), ctx.Err())
		}
	}
}

func (s *Session) making(ctx context.Context, name string) (bool, error) {
	pages := organizations.NewListCreateAccountStatusPaginator(s.organizations(), &organizations.ListCreateAccountStatusInput{
		States: []orgtypes.CreateAccountState{orgtypes.CreateAccountStateInProgress},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		for _, st := range page.CreateAccountStatuses {
			if aws.ToString(st.AccountName) == name && st.State == orgtypes.CreateAccountStateInProgress {
				return true, nil
			}
		}
	}
	return false, nil
}

func (s *Session) findPolicy(ctx context.Context, o Object) (string, error) {
	pages := organizations.NewListPoliciesPaginator(s.organizations(), &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType(o.text("type"))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range page.Policies {
			if aws.ToString(p.Name) == o.text("name") {
				return aws.ToString(p.Id), nil
			}
		}
	}
	return "", nil
}

func (s *Session) findAttachment(ctx context.Context, o Object) (string, error) {
	policy, target := o.text("policyId"), o.text("targetId")
	if policy == "" || target == "" {
		return "", nil
	}
	pages := organizations.NewListTargetsForPolicyPaginator(s.organizations(), &organizations.ListTargetsForPolicyInput{PolicyId: &policy})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, t := range page.Targets {
			if aws.ToString(t.TargetId) == target {
				return target + ":" + policy, nil
			}
		}
	}
	return "", nil
}

func (s *Session) findAdministrator(ctx context.Context, o Object) (string, error) {
	account, service := o.text("accountId"), o.text("servicePrincipal")
	if account == "" {
		return "", nil
	}
	pages := organizations.NewListDelegatedAdministratorsPaginator(s.organizations(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: &service})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, a := range page.DelegatedAdministrators {
			if aws.ToString(a.Id) == account {
				return account + "/" + service, nil
			}
		}
	}
	return "", nil
}

// findManagedPolicy looks for the ARN, which the account, the path and the
// name make up.
func (s *Session) findManagedPolicy(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	pages := iam.NewListPoliciesPaginator(s.iam(), &iam.ListPoliciesInput{Scope: "Local", PathPrefix: nonEmpty(o.text("path"))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range page.Policies {
			if strings.EqualFold(aws.ToString(p.PolicyName), name) && !o.tooOld(p.CreateDate) {
				return aws.ToString(p.Arn), nil
			}
		}
	}
	return "", nil
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Session) findRole(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	out, err := s.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil || o.tooOld(out.Role.CreateDate) {
		return "", err
	}
	return aws.ToString(out.Role.RoleName), nil
}

func (s *Session) findGroup(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	out, err := s.iam().GetGroup(ctx, &iam.GetGroupInput{GroupName: &name})
	if err != nil || o.tooOld(out.Group.CreateDate) {
		return "", err
	}
	return aws.ToString(out.Group.GroupName), nil
}

func (s *Session) findAnalyzer(ctx context.Context, o Object) (string, error) {
	name := o.text("analyzerName")
	out, err := s.analyzers().GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: &name})
	if err != nil || o.tooOld(out.Analyzer.CreatedAt) {
		return "", err
	}
	return aws.ToString(out.Analyzer.Name), nil
}

func (s *Session) findArchiveRule(ctx context.Context, o Object) (string, error) {
	analyzer, rule := o.text("analyzerName"), o.text("ruleName")
	out, err := s.analyzers().GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule})
	if err != nil || o.tooOld(out.ArchiveRule.CreatedAt) {
		return "", err
	}
	return analyzer + "/" + aws.ToString(out.ArchiveRule.RuleName), nil
}
