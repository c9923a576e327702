package live

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// allIAM reads IAM in every account.
func (r *reader) allIAM(accounts Answer[[]Account]) Answer[[]AccountIAM] {
	list, ok := accounts.Get()
	switch {
	case r.opts.OrganizationOnly:
		r.missing(question{what: "IAM of the accounts"}, "it was not asked for")
		return Answer[[]AccountIAM]{}
	case !ok:
		r.missing(question{what: "IAM of the accounts"}, "the accounts could not be read")
		return Answer[[]AccountIAM]{}
	}
	out := make([]AccountIAM, len(list))
	r.progress("accounts", 0, len(list))
	r.each(len(list), func(i int) {
		out[i] = r.accountIAM(list[i])
		r.progress("accounts", 1, 0)
	})
	return answered(out)
}

// accountIAM takes four calls in an account with roles and groups of few
// pages, and one more for each customer managed policy that it keeps.
func (r *reader) accountIAM(a Account) AccountIAM {
	out := AccountIAM{Account: a.ID}
	if a.State != string(orgtypes.AccountStateActive) {
		r.missing(question{what: "IAM of the account", account: a.ID}, "the account is "+a.State)
		return out
	}
	out.PasswordPolicy = r.passwordPolicy(a.ID)
	details := r.details(a.ID)
	if d, ok := details.Get(); ok {
		r.complete(a.ID, &d)
		out.Roles, out.Groups, out.Policies = answered(d.Roles), answered(d.Groups), answered(d.Policies)
	}
	return out
}

func (r *reader) passwordPolicy(account string) Answer[PasswordPolicy] {
	q := question{what: "the password policy", api: "iam:GetAccountPasswordPolicy", account: account}
	return in(r, q, func(ctx context.Context, s *Session) (PasswordPolicy, error) {
		out, err := s.iam().GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
		var none *iamtypes.NoSuchEntityException
		switch {
		case errors.As(err, &none):
			return PasswordPolicy{}, nil
		case err != nil:
			return PasswordPolicy{}, err
		case out.PasswordPolicy == nil:
			return PasswordPolicy{}, errIncomplete
		}
		p := out.PasswordPolicy
		return PasswordPolicy{
			Custom: true, MinimumLength: int(aws.ToInt32(p.MinimumPasswordLength)),
			RequireUppercase: p.RequireUppercaseCharacters, RequireLowercase: p.RequireLowercaseCharacters,
			RequireNumbers: p.RequireNumbers, RequireSymbols: p.RequireSymbols,
			AllowUsersToChange: p.AllowUsersToChangePassword, HardExpiry: aws.ToBool(p.HardExpiry),
			MaxAge: int(aws.ToInt32(p.MaxPasswordAge)), PreventReuseOfCount: int(aws.ToInt32(p.PasswordReusePrevention)),
		}, nil
	})
}

// complete adds what GetAccountAuthorizationDetails leaves out: it has no
// descriptions and no session durations.
func (r *reader) complete(account string, d *details) {
	if len(d.Roles) > 0 {
		facts, ok := r.roleFacts(account, d.Roles).Get()
		for i := range d.Roles {
			f, known := facts[d.Roles[i].ARN]
			switch {
			case known:
				d.Roles[i].Description, d.Roles[i].MaxSession = answered(f.Description), answered(f.MaxSession)
			case ok:
				r.missing(question{what: "description and session duration of role " + d.Roles[i].Name, api: "iam:ListRoles", account: account}, "the role went away while it was read")
			}
		}
	}
	for i := range d.Policies {
		if p := &d.Policies[i]; !p.Description.IsRead() {
			p.Description = r.policyDescription(account, p)
		}
	}
}

// roleFacts is what only ListRoles tells of many roles in one call.
type roleFacts struct {
	Description string `json:"description"`
	MaxSession  int    `json:"maxSession"`
}

func (r *reader) roleFacts(account string, roles []Role) Answer[map[string]roleFacts] {
	q := question{what: "descriptions and session durations of the roles", api: "iam:ListRoles", account: account}
	return in(r, q, func(ctx context.Context, s *Session) (map[string]roleFacts, error) {
		wanted, facts := map[string]bool{}, map[string]roleFacts{}
		for _, role := range roles {
			wanted[role.ARN] = true
		}
		pages := iam.NewListRolesPaginator(s.iam(), &iam.ListRolesInput{MaxItems: aws.Int32(iamPage)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, v := range page.Roles {
				if arn := aws.ToString(v.Arn); wanted[arn] {
					facts[arn] = roleFacts{aws.ToString(v.Description), int(aws.ToInt32(v.MaxSessionDuration))}
				}
			}
			if len(facts) == len(wanted) {
				break
			}
		}
		return facts, nil
	})
}

func (r *reader) policyDescription(account string, p *ManagedPolicy) Answer[string] {
	q := question{what: "the description of policy " + p.Name, api: "iam:GetPolicy", account: account, about: p.ARN}
	return in(r, q, func(ctx context.Context, s *Session) (string, error) {
		out, err := s.iam().GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &p.ARN})
		if err != nil {
			return "", err
		}
		if out.Policy == nil {
			return "", errIncomplete
		}
		return aws.ToString(out.Policy.Description), nil
	})
}
