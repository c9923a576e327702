package automation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// An Inviting is the wish to invite an account of the file to the organization.
type Inviting struct {
	Account string // its key in the file
	// Confirm is called with the account before it is invited; an error ends
	// the run. nil confirms.
	Confirm func(Invited) error
}

// An Invited is an account that is invited, or about to be.
type Invited struct {
	Key        string           `json:"key"`
	ID         string           `json:"id"`
	Email      string           `json:"email"`
	Sent       bool             `json:"sent"` // by this run; false where an invitation was open already
	Invitation *live.Invitation `json:"invitation,omitempty"`
}

// InviteAccount invites an account of the plan that has an id and is no member
// of the organization. Where an invitation is open already it sends no other.
func InviteAccount(ctx context.Context, p *guardrails.Plan, opts Options, in Inviting) (*Invited, error) {
	s, err := live.Open(ctx, live.Options{Region: p.Organization.HomeRegion, Env: opts.Env})
	if err != nil {
		return nil, problemOf(err)
	}
	if _, err := s.Preflight(ctx, p); err != nil {
		return nil, problemOf(err)
	}
	all, err := s.Accounts(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	a, err := invitable(p, all, in.Account)
	if err != nil {
		return nil, err
	}
	open, err := s.Invitations(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	for _, party := range []string{a.ID, a.Email} {
		if i, ok := open[party]; ok {
			a.Invitation = &i
			return a, nil
		}
	}
	if in.Confirm != nil {
		if err := in.Confirm(*a); err != nil {
			return nil, err
		}
	}
	i, err := s.Invite(ctx, a.ID)
	if err != nil {
		text := problemOf(err).Summary
		return nil, &Problem{Code: "GR432", Summary: fmt.Sprintf("AWS does not invite account %s: %s", a.ID, text), Hint: "nothing was changed; " + inviteHint(text), Err: err}
	}
	a.Invitation, a.Sent = &i, true
	return a, nil
}

// invitable finds the account, and refuses one that cannot be invited.
func invitable(p *guardrails.Plan, all map[string]live.Standing, key string) (*Invited, error) {
	refuse := func(hint, format string, args ...any) error {
		return &Problem{Code: "GR431", Summary: fmt.Sprintf(format, args...), Hint: hint}
	}
	i := slices.IndexFunc(p.Accounts, func(a guardrails.Account) bool { return a.Key == key })
	if key == stacks.Management {
		return nil, refuse("it is the account that invites", "account %s is the management account", p.IDs["account:"+key])
	}
	if i < 0 {
		return nil, refuse("`orgrails account list` lists the accounts; add one to the file, with its id and where it is to be, before it is invited", "the file has no account with the key %s", key)
	}
	a := &Invited{Key: key, ID: p.IDs["account:"+key], Email: strings.ToLower(p.Accounts[i].Email)}
	if a.ID == "" {
		return nil, refuse("give the id of an account that exists; up creates one without", "account %s has no id in the file", key)
	}
	if there, ok := all[a.ID]; ok {
		if !there.Active() {
			return nil, refuse("it is in the organization until AWS removes it, 90 days after its closure", "account %s (%s) is %s", key, a.ID, there.Status)
		}
		return nil, refuse("run `orgrails up`, which places it", "account %s (%s) is a member of the organization already", key, a.ID)
	}
	return a, nil
}

// inviteHint is the way out of what AWS says of an invitation.
func inviteHint(text string) string {
	switch {
	case strings.Contains(text, "ALREADY_IN_AN_ORGANIZATION"):
		return "the account must leave the organization that it is in first, or accept an invitation by transferring: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_account_migration.html"
	case strings.Contains(text, "HANDSHAKE_RATE_LIMIT_EXCEEDED"):
		return "AWS sends so many invitations a day, 20 or as many as the account quota: try again tomorrow"
	case strings.Contains(text, "ACCOUNT_NUMBER_LIMIT_EXCEEDED"):
		return raiseQuota
	case strings.Contains(text, "FinalizingOrganization"):
		return finalizing
	}
	return "put that right and run the command again"
}
