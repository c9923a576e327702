package awstest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Region is the Region of configurations that name none.
const Region = "us-east-1"

// AccessKey is an access key of any account, made up on the spot: the way to
// have several management accounts, and so several organizations, in one
// emulator.
func (e *Emulator) AccessKey(account string) (id, secret string) {
	id = "AKIA" + rand.Text()[:16]
	e.keys.learn(id, account)
	return id, "secret-of-" + id
}

// Config is an SDK configuration for an account, with an access key of its
// own. "" is the management account.
func (e *Emulator) Config(account string) aws.Config {
	if account == "" {
		account = e.options.ManagementAccountID
	}
	id, secret := e.AccessKey(account)
	return Config(e.url, id, secret)
}

// Config is an SDK configuration for an endpoint. It does not retry, so that
// a test sees each answer.
func Config(endpoint, accessKeyID, secret string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider(accessKeyID, secret, ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// AssumeRole is a configuration that acts in another account, through a role
// of it.
func AssumeRole(c aws.Config, account, role string) aws.Config {
	c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c),
		"arn:aws:iam::"+account+":role/"+role, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "awstest" }))
	return c
}

// DefaultRole is the role that Organizations makes in accounts it creates.
const DefaultRole = "OrganizationAccountAccessRole"

// Account is a member account to create.
type Account struct {
	Name  string
	Email string // "" is name@example.com, in lower case
	ID    string // "" lets the emulator choose
}

// Organization is one that CreateOrganization has made.
type Organization struct {
	ID, RootID        string
	ManagementAccount string
	Accounts          map[string]string // id by name
}

// CreateOrganization makes an organization with all features and its member
// accounts, through the API and in the order given.
func (e *Emulator) CreateOrganization(ctx context.Context, management aws.Config, accounts ...Account) (*Organization, error) {
	for i, a := range accounts {
		if a.ID != "" {
			e.ids.want(a.email(), accounts[i].ID)
		}
	}
	return createOrganization(ctx, management, accounts)
}

func (a Account) email() string {
	if a.Email != "" {
		return a.Email
	}
	return strings.ToLower(strings.ReplaceAll(a.Name, " ", "-")) + "@example.com"
}

func createOrganization(ctx context.Context, management aws.Config, accounts []Account) (*Organization, error) {
	c := organizations.NewFromConfig(management)
	created, err := c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
	if err != nil {
		return nil, fmt.Errorf("create organization: %w", err)
	}
	roots, err := c.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return nil, fmt.Errorf("list roots: %w", err)
	}
	o := &Organization{
		ID:                aws.ToString(created.Organization.Id),
		RootID:            aws.ToString(roots.Roots[0].Id),
		ManagementAccount: aws.ToString(created.Organization.MasterAccountId),
		Accounts:          map[string]string{},
	}
	for _, a := range accounts {
		id, err := CreateAccount(ctx, c, a.Name, a.email())
		if err != nil {
			return nil, err
		}
		o.Accounts[a.Name] = id
	}
	return o, nil
}

// CreateAccount creates a member account and waits for its id.
func CreateAccount(ctx context.Context, c *organizations.Client, name, email string) (string, error) {
	out, err := c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: &email})
	if err != nil {
		return "", fmt.Errorf("create account %s: %w", name, err)
	}
	for {
		s, err := c.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: out.CreateAccountStatus.Id})
		if err != nil {
			return "", fmt.Errorf("create account %s: %w", name, err)
		}
		switch s.CreateAccountStatus.State {
		case types.CreateAccountStateSucceeded:
			return aws.ToString(s.CreateAccountStatus.AccountId), nil
		case types.CreateAccountStateFailed:
			return "", fmt.Errorf("create account %s: %s", name, s.CreateAccountStatus.FailureReason)
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("create account %s: %w", name, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
