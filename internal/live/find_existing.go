package live

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Existing is [Session.Find] for everything that a stack can hold: also for
// what does no harm when it is made again.
func (s *Session) Existing(ctx context.Context, o Object) (string, error) {
	find := existing[o.Type]
	if find == nil {
		return s.Find(ctx, o)
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

var existing = map[string]func(*Session, context.Context, Object) (string, error){
	"aws:iam/accountPasswordPolicy:AccountPasswordPolicy":                   (*Session).findPasswordPolicy,
	"aws:iam/organizationsFeatures:OrganizationsFeatures":                   (*Session).findFeatures,
	"aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (*Session).findRoleAttachments,
	"aws:iam/groupPolicyAttachment:GroupPolicyAttachment":                   (*Session).findGroupAttachment,
}

func (s *Session) findPasswordPolicy(ctx context.Context, _ Object) (string, error) {
	_, err := s.iam().GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	if err != nil {
		return "", err
	}
	return "iam-account-password-policy", nil
}

func (s *Session) findFeatures(ctx context.Context, _ Object) (string, error) {
	out, err := s.iam().ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
	switch {
	case code(err) == "ServiceAccessNotEnabledException":
		return "", nil // nobody can have switched any on
	case err != nil || len(out.EnabledFeatures) == 0:
		return "", err
	}
	return aws.ToString(out.OrganizationId), nil
}

// findRoleAttachments: every role has its list of attached policies.
func (s *Session) findRoleAttachments(ctx context.Context, o Object) (string, error) {
	name := o.text("roleName")
	out, err := s.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Role.RoleName), nil
}

func (s *Session) findGroupAttachment(ctx context.Context, o Object) (string, error) {
	group, policy := o.text("group"), o.text("policyArn")
	if policy == "" {
		return "", nil
	}
	pages := iam.NewListAttachedGroupPoliciesPaginator(s.iam(), &iam.ListAttachedGroupPoliciesInput{GroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range page.AttachedPolicies {
			if aws.ToString(p.PolicyArn) == policy {
				return group + "/" + policy, nil
			}
		}
	}
	return "", nil
}

// A Standing is an account as the organization lists it.
type Standing struct {
	ID, Name, Email string
	Status          string // ACTIVE, SUSPENDED, PENDING_CLOSURE
	Created         bool   // by this organization, and not invited
	Joined          time.Time
}

// Accounts are all accounts of the organization by id, those that are closed
// among them for as long as AWS lists them.
func (s *Session) Accounts(ctx context.Context) (map[string]Standing, error) {
	all := map[string]Standing{}
	pages := organizations.NewListAccountsPaginator(s.organizations(), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the accounts: %w", err)
		}
		for _, a := range page.Accounts {
			id := aws.ToString(a.Id)
			all[id] = Standing{ID: id, Name: aws.ToString(a.Name), Email: strings.ToLower(aws.ToString(a.Email)), Status: string(a.Status),
				Created: a.JoinedMethod == orgtypes.AccountJoinedMethodCreated, Joined: aws.ToTime(a.JoinedTimestamp)}
		}
	}
	return all, nil
}

// CreatedSince are the ids of the accounts that this organization has created
// since a time of this machine's clock.
func (s *Session) CreatedSince(ctx context.Context, since time.Time) (map[string]bool, error) {
	all, err := s.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	o := Object{Since: since.Add(s.clock())}
	made := map[string]bool{}
	for id, a := range all {
		if a.Created && !o.tooOld(&a.Joined) {
			made[id] = true
		}
	}
	return made, nil
}

// Active says that the account is not closed or about to be.
func (a Standing) Active() bool { return a.Status == string(orgtypes.AccountStatusActive) }
