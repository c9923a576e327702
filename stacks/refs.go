package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// Refs returns the names of the ids that a stack needs before it can be
// deployed, sorted. The organization stack needs none: it makes them.
func Refs(p *guardrails.Plan, s Stack) []string {
	set := map[string]bool{}
	text := func(ts ...guardrails.Text) {
		for _, t := range ts {
			for _, r := range t.Refs() {
				set[r] = true
			}
		}
	}
	switch s.Kind {
	case OrganizationKind:
	case AccountKind:
		set["account:"+s.Key] = true
		b := baselineOf(p, s.Key)
		for _, m := range b.Boundaries {
			text(m.Document)
		}
		for _, r := range b.Roles {
			text(r.Trust, r.Boundary)
			text(r.ManagedPolicies...)
			for _, m := range r.Policies {
				text(m.Document)
			}
		}
		for _, g := range b.Groups {
			text(g.Policy.Document)
		}
	case AnalyzersKind:
		r := analyzersOf(p, s.Key)
		set["account:"+r.Administrator] = true
		for _, a := range r.Analyzers {
			text(a.ExcludeAccounts...)
		}
	case PoliciesKind:
		set["account:"+Management] = true
		for _, pol := range p.Policies {
			text(pol.Content)
			if pol.Pending != nil {
				text(pol.Pending.Content)
			}
		}
		for _, a := range p.Attachments {
			set[a.Target] = true
		}
	}
	refs := make([]string, 0, len(set))
	for r := range set {
		refs = append(refs, r)
	}
	slices.Sort(refs)
	return refs
}

// IDsDigest is the digest of the ids that a stack was deployed with: a stack
// whose Digest is the same must be deployed again when an id has changed.
func IDsDigest(p *guardrails.Plan, s Stack, ids map[string]string) string {
	var b strings.Builder
	for _, r := range Refs(p, s) {
		fmt.Fprintf(&b, "%s=%s\n", r, ids[r])
	}
	sum := sha256.Sum256([]byte(b.String()))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Resources is how many resources a stack of the plan holds when everything it
// waits for is there; components and the provider are not counted.
func Resources(p *guardrails.Plan, s Stack) int { return len(LogicalNames(p, s)) }

// AccountOf is the key of the account that a stack writes to.
func AccountOf(p *guardrails.Plan, s Stack) string {
	switch s.Kind {
	case AccountKind:
		return s.Key
	case AnalyzersKind:
		return analyzersOf(p, s.Key).Administrator
	}
	return Management
}

// BoundaryNames are the boundary policies that the plan places into an account.
func BoundaryNames(p *guardrails.Plan, account string) []string {
	var names []string
	for _, m := range baselineOf(p, account).Boundaries {
		names = append(names, m.Name)
	}
	return names
}
