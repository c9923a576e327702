package automation

import (
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// What AWS says of accounts that are to be created comes with the way out.
func TestHintsOfNewAccounts(t *testing.T) {
	for text, want := range map[string]string{
		"ConstraintViolationException: You have exceeded the allowed number of AWS accounts.":                "L-E619E033",
		"unexpected state 'FAILED', wanted target 'SUCCEEDED'. last error: ACCOUNT_LIMIT_EXCEEDED":           "L-E619E033",
		"unexpected state 'FAILED', wanted target 'SUCCEEDED'. last error: EMAIL_ALREADY_EXISTS":             "an address of its own",
		"FinalizingOrganizationException: your organization hasn't finished initializing":                    "takes up to an hour",
		"TooManyRequestsException: You have sent too many requests":                                          "five accounts at a time",
		"ConstraintViolationException: ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED":                                 "tomorrow",
		"EntityAlreadyExists: Role with name Admin already exists. operation error IAM: CreateRole, StatusC": "give its id in the file",
	} {
		if got := hintFor(text); !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// There is room for so many accounts as the file says; without it AWS's first
// quota is warned of, unless the organization has passed it.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		quota, there, create int
		refused, warned      bool
	}{
		{0, 9, 0, false, false},
		{0, 9, 1, false, false},
		{0, 9, 2, false, true},
		{0, 11, 2, false, false},
		{10, 9, 2, true, false},
		{11, 9, 2, false, false},
		{5, 9, 0, false, false},
	} {
		d := newDriver(t)
		d.plan.Organization.AccountQuota, d.there, d.toCreate = c.quota, c.there, c.create
		refusal, warning := d.room()
		if (refusal != nil) != c.refused || (warning != "") != c.warned {
			t.Errorf("%+v: %v, %q", c, refusal, warning)
		}
	}
}

// Open invitations stand with the accounts they are for, and at the end.
func TestInvitedRows(t *testing.T) {
	p := &guardrails.Plan{
		IDs:      map[string]string{"account:shop": "333333333333", "account:hub": "222222222222"},
		Accounts: []guardrails.Account{{Key: "hub", Name: "hub", Email: "hub@x.example", Parent: "root"}, {Key: "shop", Name: "shop", Email: "shop@x.example", Parent: "root"}},
	}
	all := map[string]live.Standing{"222222222222": {ID: "222222222222", Name: "hub", Email: "hub@x.example", Status: "ACTIVE"}}
	expires := time.Date(2026, 12, 14, 0, 0, 0, 0, time.UTC)
	list := invitedRows(rows(p, "111111111111", all, map[string]string{"222222222222": "root"}), map[string]live.Invitation{
		"333333333333": {ID: "h-1", Expires: expires}, "new@x.example": {ID: "h-2", Expires: expires}, "hub@x.example": {ID: "h-3", Expires: expires},
	})
	if len(list) != 4 || list[1].Status != "INVITED" || !strings.Contains(strings.Join(list[1].Differs, " "), "h-1 expires on 2026-12-14") {
		t.Fatalf("%+v", list)
	}
	if list[0].Status != "ACTIVE" || list[0].Invitation != nil || list[3].Email != "new@x.example" || list[3].Invitation.ID != "h-2" {
		t.Errorf("%+v", list)
	}
}
