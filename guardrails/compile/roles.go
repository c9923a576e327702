package compile

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A role is one of the file's, and who may assume it where.
type role struct {
	*org.Role
	accounts []*org.Account
	in       map[*org.Account]bool
	grants   []*grant
	byGrant  map[*org.Account][]int // indexes of the grants that lead to it
}

// roles places the roles, and what leads to them: trust, groups, hub roles.
func (k *compiler) roles() {
	roles := map[string]*role{}
	var order []*role
	for i := range k.o.Roles {
		r := &role{Role: &k.o.Roles[i], in: map[*org.Account]bool{}, byGrant: map[*org.Account][]int{}}
		r.accounts = k.o.AccountsBelow(r.Targets, r.Exclude)
		for _, a := range r.accounts {
			r.in[a] = true
		}
		roles[r.Key] = r
		order = append(order, r)
	}
	grants := k.grants(roles)
	said := map[string]bool{}
	for _, r := range order {
		k.role(said, r)
	}
	k.groups(said, grants)
}

// role places one role into its accounts. What does not depend on the account
// is made once.
func (k *compiler) role(said map[string]bool, r *role) {
	if !k.trustable(r) {
		return
	}
	if strings.EqualFold(r.Name, k.o.DeployRole) {
		k.ds.Errorf(r.Range, "GR340", "the role %s has the name of the deploy role", r.Key).Hint = "give it another name: orgrails could not deploy any more"
		return
	}
	boundary, ok := k.boundaryOf(r)
	if !ok {
		return
	}
	base := guardrails.Role{
		Name: r.Name, Path: rolePath(r.Path), Description: r.Description, ManagedPolicies: k.managedPolicies(r.Role), Policies: k.rolePolicies(r.Role),
		MaxSessionDuration: int(r.MaxSession.Seconds()), BreakGlass: r.BreakGlass, Origin: k.origin(r.Range),
	}
	if base.MaxSessionDuration == 0 {
		base.MaxSessionDuration = 3600
	}
	if n, max := len(base.ManagedPolicies)+len(base.Policies), k.quotas.ManagedPoliciesPerRole; n > max {
		k.ds.Errorf(r.Range, "GR347", "the role %s has %d managed policies, and AWS takes %d", r.Key, n, max).Hint = "join some of its own policies"
	}
	trusts := map[string]trust{}
	var lonely []string
	for _, a := range r.accounts {
		at := k.placed[a]
		if other, ok := claim(&at.roles, r.Name, r.Range); !ok {
			k.sameName(said, "roles", r.Name, a, r.Range, other.at)
			continue
		}
		for _, p := range base.Policies {
			if other, ok := claim(&at.managed, p.Name, r.Range); !ok {
				k.sameName(said, "managed policies", p.Name, a, r.Range, other.at)
			}
		}
		t := k.trustIn(trusts, r, a)
		if t.nobody {
			lonely = append(lonely, a.Key)
		}
		made := base
		made.Trust = t.text
		boundary := boundary
		if a == k.o.Management && k.carrier != nil {
			boundary = k.carriedBy(r, boundary)
		}
		if boundary != "" {
			if !slices.ContainsFunc(at.boundaries, func(b *org.PermissionBoundary) bool { return b.Name == boundary }) {
				k.outOfReach(said, r, a)
				continue
			}
			made.Boundary = guardrails.Text(k.iamARN(ref(a), "policy/"+boundary))
		}
		at.baseline.Roles = append(at.baseline.Roles, made)
	}
	switch {
	case len(r.accounts) == 0:
		k.ds.Warnf(r.Range, "GR342", "the role %s is made in no account", r.Key).Hint = "give it targets that have accounts, or remove it"
	case len(lonely) > 0:
		k.ds.Warnf(r.Range, "GR342", "nobody may assume the role %s in %s: %s", r.Key, plural(len(lonely), "account"), list(lonely)).Hint =
			"grant it to a group there, or leave those accounts out of its targets"
	}
}

// boundaryOf is the name of the role's boundary policy, empty for none.
func (k *compiler) boundaryOf(r *role) (string, bool) {
	if r.Boundary == "" {
		return "", true
	}
	var keys []string
	for _, b := range k.o.PermissionBoundaries {
		if b.Key == r.Boundary {
			return b.Name, true
		}
		keys = append(keys, b.Key)
	}
	k.ds.Errorf(r.Range, "GR343", "the role %s has the boundary %q, which is not in the file", r.Key, r.Boundary).Hint = diag.DidYouMean(r.Boundary, keys)
	return "", false
}

func (k *compiler) outOfReach(said map[string]bool, r *role, a *org.Account) {
	if key := "boundary " + r.Key; said[key] {
		return
	} else {
		said[key] = true
	}
	k.ds.Errorf(r.Range, "GR343", "the role %s is made in %s, where its boundary %s is not", r.Key, a.Key, r.Boundary).Hint =
		"give the boundary the targets of the role, or exclude the account from the role"
}

// managedPolicies are ARNs; a name is one of AWS's own, with its path.
func (k *compiler) managedPolicies(r *org.Role) []guardrails.Text {
	out := []guardrails.Text{}
	for _, name := range r.ManagedPolicies {
		if !strings.HasPrefix(name, "arn:") {
			name = k.iamARN("aws", "policy/"+name)
		}
		out = append(out, guardrails.Text(name))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rolePolicies makes customer managed policies of the role's own. Each is named
// after the role and its file, or as the file says.
func (k *compiler) rolePolicies(r *org.Role) []guardrails.ManagedPolicy {
	out := []guardrails.ManagedPolicy{}
	for i := range r.Policies {
		p := &r.Policies[i]
		in, ok := k.rolePolicy(p)
		if !ok {
			continue
		}
		last, from := p.Name, byAccess
		if p.File != "" {
			base := path.Base(p.File)
			last, from = cmp.Or(p.Name, strings.TrimSuffix(base, path.Ext(base))), p.File
		}
		name := r.Name + "-" + nameOf(last)
		if limit := k.quotas.ManagedPolicyNameLength; len(name) > limit {
			k.ds.Errorf(p.Range, "GR321", "the managed policy of %s would have a name of %d characters, and AWS takes %d", from, len(name), limit).Hint = "give it a shorter name"
		}
		if slices.ContainsFunc(out, func(m guardrails.ManagedPolicy) bool { return strings.EqualFold(m.Name, name) }) {
			k.ds.Errorf(p.Range, "GR321", "two policies of the role %s would have the name %s", r.Key, name).Hint = "give one of them another name"
			continue
		}
		out = append(out, k.managed(name, rolePath(r.Path), fmt.Sprintf("orgrails, policy of the role %s from %s", r.Name, from), in, p.Range))
	}
	slices.SortFunc(out, func(a, b guardrails.ManagedPolicy) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// byAccess stands in the plan for a policy that no template and no file makes.
const byAccess = "access"

// rolePolicy is the document of a policy of a role's own. Access becomes one
// statement, which allows exactly the actions of the levels.
func (k *compiler) rolePolicy(p *org.RolePolicy) (*instance, bool) {
	if p.File != "" {
		return k.own(p.File, string(policy.IdentityPolicy), p.Source)
	}
	s := policy.Statement{Sid: "Access", Effect: policy.Allow, Resource: policy.Values{"*"}}
	for _, a := range p.Access {
		s.Action = append(s.Action, access.Actions(a.Service, a.Levels)...)
	}
	if len(p.Resources) > 0 {
		s.Resource = slices.Clone(p.Resources)
	}
	in := &instance{guardrail: byAccess}
	in.hold([]policy.Statement{s})
	return in, len(s.Action) > 0
}

// nameOf keeps the characters that IAM takes in names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
func nameOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("_+=,.@-", r) {
			return r
		}
		return '-'
	}, s)
}
