package awstest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

// refusedFor wants an error of AWS with a code, and with a reason where one is given.
func refusedFor(t *testing.T, err error, code, reason string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	got := ""
	var constraint *types.ConstraintViolationException
	var handshake *types.HandshakeConstraintViolationException
	var input *types.InvalidInputException
	switch {
	case errors.As(err, &constraint):
		got = string(constraint.Reason)
	case errors.As(err, &handshake):
		got = string(handshake.Reason)
	case errors.As(err, &input):
		got = string(input.Reason)
	}
	if reason != "" && got != reason {
		t.Errorf("%s for the reason %q, want %q", code, got, reason)
	}
}

// An organization has so many accounts and no more, closed ones and open
// invitations included; AWS makes so many at the same time; and an organization
// that it has not set up yet takes none.
func TestAccountLimits(t *testing.T) {
	e, err := Start(t.Context(), Options{Quotas: Quotas{Accounts: 4, AccountCreations: 1}, AccountCreation: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c := organizations.NewFromConfig(e.Config(""))
	if _, err := c.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll}); err != nil {
		t.Fatal(err)
	}
	create := func(name string) (*organizations.CreateAccountOutput, error) {
		email := name + "@example.com"
		return c.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: &email})
	}
	e.SetFaults(Faults{Finalizing: true})
	_, err = create("one")
	refusedFor(t, err, "FinalizingOrganizationException", "")
	e.SetFaults(Faults{})
	one, err := create("one")
	if err != nil {
		t.Fatal(err)
	}
	status, err := c.DescribeCreateAccountStatus(t.Context(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: one.CreateAccountStatus.Id})
	if err != nil || status.CreateAccountStatus.State != types.CreateAccountStateInProgress {
		t.Errorf("an account that takes an hour is %v, %v", status, err)
	}
	_, err = create("two")
	refusedFor(t, err, "TooManyRequestsException", "")

	e.options.AccountCreation = 0
	e.orgs.byManagement[e.ManagementAccountID()].making = map[string]time.Time{}
	two, err := CreateAccount(t.Context(), c, "two", "two@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: &two}); err != nil {
		t.Fatal(err)
	}
	invited, err := c.InviteAccountToOrganization(t.Context(), &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Id: aws.String("999999999999"), Type: types.HandshakePartyTypeAccount}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = create("three")
	refusedFor(t, err, "ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	_, err = c.InviteAccountToOrganization(t.Context(), &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Id: aws.String("888888888888"), Type: types.HandshakePartyTypeAccount}})
	refusedFor(t, err, "HandshakeConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	if _, err := c.CancelHandshake(t.Context(), &organizations.CancelHandshakeInput{HandshakeId: invited.Handshake.Id}); err != nil {
		t.Fatal(err)
	}
	if _, err := create("three"); err != nil {
		t.Errorf("an invitation that was cancelled still counts: %v", err)
	}
}

// An account is invited once, sees its invitation, and joins when it accepts.
func TestHandshakes(t *testing.T) {
	e, err := Start(t.Context(), Options{Quotas: Quotas{Invitations: 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c := organizations.NewFromConfig(e.Config(""))
	if _, err := c.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll}); err != nil {
		t.Fatal(err)
	}
	invite := func(id string, kind types.HandshakePartyType) (*types.Handshake, error) {
		out, err := c.InviteAccountToOrganization(t.Context(), &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Id: &id, Type: kind}})
		if err != nil {
			return nil, err
		}
		return out.Handshake, nil
	}
	const guest, other, third = "999999999999", "888888888888", "777777777777"
	_, err = invite("12", types.HandshakePartyTypeAccount)
	refusedFor(t, err, "InvalidInputException", "INVALID_PATTERN")
	_, err = invite("nobody", types.HandshakePartyTypeEmail)
	refusedFor(t, err, "InvalidInputException", "INVALID_EMAIL_ADDRESS_TARGET")
	_, err = invite(e.ManagementAccountID(), types.HandshakePartyTypeAccount)
	refusedFor(t, err, "HandshakeConstraintViolationException", "ALREADY_IN_AN_ORGANIZATION")
	e.SetFaults(Faults{Finalizing: true})
	_, err = invite(guest, types.HandshakePartyTypeAccount)
	refusedFor(t, err, "FinalizingOrganizationException", "")
	e.SetFaults(Faults{})
	h, err := invite(guest, types.HandshakePartyTypeAccount)
	if err != nil || h.State != types.HandshakeStateOpen || h.ExpirationTimestamp.Sub(*h.RequestedTimestamp) != 15*24*time.Hour {
		t.Fatalf("invited: %+v, %v", h, err)
	}
	_, err = invite(guest, types.HandshakePartyTypeAccount)
	refusedFor(t, err, "DuplicateHandshakeException", "")

	own := organizations.NewFromConfig(e.Config(guest))
	seen, err := own.ListHandshakesForAccount(t.Context(), &organizations.ListHandshakesForAccountInput{})
	if err != nil || len(seen.Handshakes) != 1 {
		t.Fatalf("the account sees %v, %v", seen, err)
	}
	if _, err := own.AcceptHandshake(t.Context(), &organizations.AcceptHandshakeInput{HandshakeId: h.Id}); err != nil {
		t.Fatal(err)
	}
	accounts, err := c.ListAccounts(t.Context(), &organizations.ListAccountsInput{})
	if err != nil || !slices.ContainsFunc(accounts.Accounts, func(a types.Account) bool { return *a.Id == guest }) {
		t.Errorf("the accounts are %v, %v", accounts, err)
	}
	_, err = c.CancelHandshake(t.Context(), &organizations.CancelHandshakeInput{HandshakeId: h.Id})
	refusedFor(t, err, "InvalidHandshakeTransitionException", "")
	_, err = c.DescribeHandshake(t.Context(), &organizations.DescribeHandshakeInput{HandshakeId: aws.String("h-none")})
	refusedFor(t, err, "HandshakeNotFoundException", "")

	h, err = invite(other, types.HandshakePartyTypeAccount)
	if err != nil {
		t.Fatal(err)
	}
	o := e.orgs.byManagement[e.ManagementAccountID()]
	o.handshakes[1].requested = o.handshakes[1].requested.Add(-invitation - time.Minute)
	out, err := c.DescribeHandshake(t.Context(), &organizations.DescribeHandshakeInput{HandshakeId: h.Id})
	if err != nil || out.Handshake.State != types.HandshakeStateExpired {
		t.Errorf("after fifteen days it is %v, %v", out, err)
	}
	if _, err := invite(other, types.HandshakePartyTypeAccount); err != nil {
		t.Fatal(err)
	}
	_, err = invite(third, types.HandshakePartyTypeAccount)
	refusedFor(t, err, "HandshakeConstraintViolationException", "HANDSHAKE_RATE_LIMIT_EXCEEDED")
	listed, err := c.ListHandshakesForOrganization(t.Context(), &organizations.ListHandshakesForOrganizationInput{Filter: &types.HandshakeFilter{ActionType: types.ActionTypeInviteAccountToOrganization}})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, h := range listed.Handshakes {
		states = append(states, string(h.State))
	}
	if got := strings.Join(states, " "); got != "ACCEPTED EXPIRED OPEN" {
		t.Errorf("listed: %s", got)
	}
	decliner := organizations.NewFromConfig(e.Config(other))
	if _, err := decliner.DeclineHandshake(t.Context(), &organizations.DeclineHandshakeInput{HandshakeId: listed.Handshakes[2].Id}); err != nil {
		t.Fatal(err)
	}
}
