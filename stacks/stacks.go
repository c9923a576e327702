// Package stacks deploys a plan with Pulumi: it says which stacks a plan has
// and in which order they are deployed, and makes the program of each.
//
// Everything that is decided has been decided in the plan. The components of
// this package place it: one explicit AWS provider per stack, every resource
// below its component, logical names that never change (docs/deployment.md
// lists them). The same programs run under `pulumi up`, through cmd/stack, and
// under `orgrails up`, through stacks/automation.
//
// The package reads no organization file and makes no AWS call of its own.
package stacks

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// A Kind says what a stack holds.
type Kind string

// The kinds of stacks, in deployment order.
const (
	OrganizationKind Kind = "organization" // settings, units, accounts, delegated administrators
	AccountKind      Kind = "account"      // what is placed into one account
	AnalyzersKind    Kind = "analyzers"    // the analyzers of one region
	PoliciesKind     Kind = "policies"     // Organizations policies and their attachments
)

// Management is the key of the management account.
const Management = "management"

const (
	organizationStack = "organization"
	policiesStack     = "policies"
	accountPrefix     = "account-"
	analyzersPrefix   = "analyzers-"
)

// A Stack is one Pulumi stack of a plan.
type Stack struct {
	Name   string `json:"name"`
	Kind   Kind   `json:"kind"`
	Key    string `json:"key"`    // account key or region; "" for the other kinds
	Digest string `json:"digest"` // of what the stack deploys; see Digest
	Empty  bool   `json:"-"`      // an account's, and the plan places nothing there
}

// List returns the stacks of a plan in deployment order: the organization,
// the accounts (first those whose roles other accounts trust or that hold
// groups, then the others, then the management account if anything is placed
// there), the analyzers by region, and the policies.
func List(p *guardrails.Plan) []Stack {
	list := []Stack{{Name: organizationStack, Kind: OrganizationKind}}
	named := namedAccounts(p)
	var first, rest, last []Stack
	for _, b := range p.Baselines {
		s := Stack{Name: accountPrefix + b.Account, Kind: AccountKind, Key: b.Account, Empty: isEmpty(b)}
		switch {
		case b.Account == Management:
			if !s.Empty {
				last = append(last, s)
			}
		case named[b.Account]:
			first = append(first, s)
		default:
			rest = append(rest, s)
		}
	}
	list = slices.Concat(list, byName(first), byName(rest), last)
	var regions []Stack
	for _, r := range p.Analyzers {
		regions = append(regions, Stack{Name: analyzersPrefix + r.Region, Kind: AnalyzersKind, Key: r.Region})
	}
	list = slices.Concat(list, byName(regions), []Stack{{Name: policiesStack, Kind: PoliciesKind}})
	for i := range list {
		list[i].Digest = digest(p, list[i])
	}
	return list
}

// Waves groups the account stacks of a plan: those of one wave may run at the
// same time, those of the next only when they have ended.
func Waves(p *guardrails.Plan) [][]Stack {
	named := namedAccounts(p)
	var first, rest []Stack
	for _, s := range List(p) {
		switch {
		case s.Kind != AccountKind:
		case named[s.Key]:
			first = append(first, s)
		default:
			rest = append(rest, s)
		}
	}
	var waves [][]Stack
	for _, w := range [][]Stack{first, rest} {
		if len(w) > 0 {
			waves = append(waves, w)
		}
	}
	return waves
}

// ParseName takes a stack's name apart; ok is false for a name that no plan has.
func ParseName(name string) (s Stack, ok bool) {
	switch {
	case name == organizationStack:
		return Stack{Name: name, Kind: OrganizationKind}, true
	case name == policiesStack:
		return Stack{Name: name, Kind: PoliciesKind}, true
	}
	if key, ok := strings.CutPrefix(name, accountPrefix); ok && key != "" {
		return Stack{Name: name, Kind: AccountKind, Key: key}, true
	}
	if region, ok := strings.CutPrefix(name, analyzersPrefix); ok && region != "" {
		return Stack{Name: name, Kind: AnalyzersKind, Key: region}, true
	}
	return Stack{}, false
}

func byName(s []Stack) []Stack {
	slices.SortFunc(s, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	return s
}

func isEmpty(b guardrails.Baseline) bool {
	return len(b.Boundaries) == 0 && b.PasswordPolicy == nil && len(b.Roles) == 0 && len(b.Groups) == 0
}

// namedAccounts are the member accounts that must be deployed before others:
// IAM refuses a trust policy that names a role which does not exist, and what
// groups may do is of use only when they exist.
func namedAccounts(p *guardrails.Plan) map[string]bool {
	named := map[string]bool{}
	for _, b := range p.Baselines {
		if len(b.Groups) > 0 {
			named[b.Account] = true
		}
		for _, r := range b.Roles {
			for _, ref := range r.Trust.Refs() {
				key, ok := strings.CutPrefix(ref, "account:")
				if ok && key != b.Account && strings.Contains(string(r.Trust), string(guardrails.Ref(ref))+":role/") {
					named[key] = true
				}
			}
		}
	}
	delete(named, Management)
	return named
}
