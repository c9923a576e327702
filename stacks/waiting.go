package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// waiting are the keys of the accounts that are placed where new ones wait, and
// not in their own units, sorted.
//
// An account begins to wait when this stack creates it, and ends when its own
// stack and the policies have been deployed with this plan: what it is to have
// and what is to hold for it are then there. It takes a second run of this
// stack to move it. That it waits this stack's own outputs say, of the run
// before; an account that exists already never waits.
func (p placement) waiting(ctx *pulumi.Context, absent map[string]string) ([]string, error) {
	unit := p.plan.Organization.NewAccounts
	if unit == "" {
		return []string{}, nil
	}
	before, _, err := p.options.Reader.Outputs(ctx, p.stack.Name)
	if err != nil {
		return nil, err
	}
	waited, known := before.StringList(WaitingOutput), before.StringMap(AccountIDsOutput)
	keys := []string{}
	for _, a := range p.plan.Accounts {
		if a.Parent == unit || absent[a.Key] != "" {
			continue
		}
		name := AccountName(a.Key)
		exists := p.plan.IDs["account:"+a.Key] != "" || known[a.Key] != "" || p.options.Imports[name] != "" && !p.options.Made[name]
		if exists && !slices.Contains(waited, a.Key) {
			continue
		}
		ready, err := p.ready(ctx, a.Key)
		if err != nil {
			return nil, err
		}
		if !ready {
			keys = append(keys, a.Key)
		}
	}
	return keys, nil
}

// ready says that an account may leave the unit where it waits.
func (p placement) ready(ctx *pulumi.Context, account string) (bool, error) {
	for _, s := range []Stack{{Name: accountPrefix + account, Kind: AccountKind, Key: account}, {Name: policiesStack, Kind: PoliciesKind}} {
		o, _, err := p.options.Reader.Outputs(ctx, s.Name)
		if err != nil {
			return false, err
		}
		if o == nil && s.Kind == AccountKind && p.placesNothing(account) {
			continue // it needs no stack
		}
		if o.String(DigestOutput) != digest(p.plan, s) {
			return false, nil
		}
	}
	return true, nil
}

// placesNothing says that the plan has nothing for an account.
func (p placement) placesNothing(account string) bool {
	for _, b := range p.plan.Baselines {
		if b.Account == account {
			return isEmpty(b)
		}
	}
	return true
}

// sayWaiting tells whoever runs this stack alone what is left to do.
func sayWaiting(ctx *pulumi.Context, p *guardrails.Plan, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return ctx.Log.Info(fmt.Sprintf("waiting in %s: %s; deploy the other stacks, then this one again, which moves what is deployed to its own unit",
		p.Organization.NewAccounts, strings.Join(keys, ", ")), nil)
}
