package compile

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

const (
	protectSAMLProviders = "protect-saml-providers"
	protectPolicies      = "protect-policies"
)

var (
	providerChanges = []string{"iam:CreateSAMLProvider", "iam:DeleteSAMLProvider", "iam:UpdateSAMLProvider"}
	policyChanges   = []string{"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"}
)

// protectHubs protects, in the identity account, what people who sign in with
// SAML are recognized by: the hub roles of the groups, whose names the trust of
// the granted roles rests on, and the provider, whose metadata says who signs
// in. Otherwise whoever administers that account would be in every group.
func (k *compiler) protectHubs() {
	id := k.o.Identity
	if id == nil || id.Source != "saml" || len(id.Groups) == 0 {
		return
	}
	n := k.byAccount[id.Account]
	if n == nil {
		return // no SCP reaches the management account
	}
	var hubs []string
	for i := range id.Groups {
		if pattern := "role/" + id.Groups[i].Name; !k.protectedAt(n, pattern) {
			hubs = append(hubs, pattern)
		}
	}
	if len(hubs) > 0 {
		k.protect(n, protectRoles, "roles", hubs, id.Range)
	}
	if !k.keptAt(n, protectSAMLProviders, providerChanges, k.iamARN("*", "saml-provider/"+id.SAMLProvider)) {
		k.protect(n, protectSAMLProviders, "providers", []string{id.SAMLProvider}, id.Range)
	}
}

// protectRolePolicies protects the policies that say what the protected roles
// of the file may do: their own, and boundaries that no guardrail makes
// mandatory and untouchable. A new version of one changes the role without
// touching it.
func (k *compiler) protectRolePolicies() {
	var names []string
	var at diag.Range
	add := func(r diag.Range, policies ...string) {
		for _, p := range policies {
			if k.keptAt(k.byUnit[k.o.Root], protectPolicies, policyChanges, k.iamARN("*", "policy/"+p)) {
				continue
			}
			if names = append(names, p); at.IsZero() {
				at = r
			}
		}
	}
	for i := range k.o.Roles {
		r := &k.o.Roles[i]
		if k.protectedSomewhere(rolePattern(*r)) {
			add(r.Range, k.policiesOf(r)...)
		}
	}
	if id := k.o.Identity; id != nil && id.Source == "saml" && k.byAccount[id.Account] != nil {
		for i := range id.Groups {
			add(id.Groups[i].Range, groupPolicyName(&id.Groups[i]))
		}
	}
	if len(names) > 0 {
		k.protect(k.byUnit[k.o.Root], protectPolicies, "policies", sortedUnique(names), at)
	}
}

// policiesOf are the customer managed policies of a role, with their paths.
func (k *compiler) policiesOf(r *org.Role) (names []string) {
	for _, a := range k.o.AccountsBelow(r.Targets, r.Exclude) {
		roles := k.placed[a].baseline.Roles
		j := slices.IndexFunc(roles, func(made guardrails.Role) bool { return made.Name == r.Name })
		if j < 0 || k.byAccount[a] == nil {
			continue
		}
		for _, p := range roles[j].Policies {
			names = append(names, strings.TrimPrefix(p.Path, "/")+p.Name)
		}
		break // the same in every account
	}
	for _, b := range k.o.PermissionBoundaries {
		if b.Key == r.Boundary && !b.Required {
			names = append(names, b.Name)
		}
	}
	return names
}

// undone says what everybody may do whom an exception spares from a guardrail
// that others rest on; nothing, where it names principals or the guardrail is
// another.
func (k *compiler) undone(x *exception) string {
	if len(x.Principals) > 0 {
		return ""
	}
	signIn := k.o.Identity != nil && k.o.Identity.Account != nil && slices.Contains(x.Accounts, k.o.Identity.Account)
	switch {
	case x.Guardrail == protectRoles:
		return "change the roles that guardrails spare"
	case x.Guardrail == protectPolicies:
		return "change what protected roles may do"
	case x.Guardrail == protectUserTags && signIn:
		return "make themselves members of every group"
	case x.Guardrail == protectSAMLProviders && signIn:
		return "sign in as every group"
	}
	return ""
}

// protect puts a guardrail with one list of names at a node.
func (k *compiler) protect(n *node, template, parameter string, names []string, at diag.Range) {
	in, ok := k.template(template, map[string]org.Parameter{parameter: {Value: anyList(names), Range: at}}, at, nil, catalog.ServiceControlPolicy)
	if !ok {
		return
	}
	p := newPiece(in, at)
	p.template, p.added = true, true
	n.pieces = append(n.pieces, p)
}

// keptAt reports whether guardrails of one template, at the node or above it,
// deny the actions on all that the ARN pattern matches.
func (k *compiler) keptAt(n *node, template string, actions []string, arn string) bool {
	for ; n != nil; n = n.parent {
		for _, p := range n.pieces {
			if p.guardrail == template && p.template && p.instance.keeps(actions, arn) {
				return true
			}
		}
	}
	return false
}

// protectedSomewhere reports whether some node has a protect-roles that covers
// the pattern.
func (k *compiler) protectedSomewhere(pattern string) bool {
	arn := k.iamARN("*", pattern)
	return slices.ContainsFunc(k.all, func(n *node) bool {
		return slices.ContainsFunc(n.pieces, func(p *piece) bool {
			return p.guardrail == protectRoles && p.template && p.instance.protects(arn)
		})
	})
}
