package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// identity resolves the block identity: where people come from, and the roles
// that groups may assume.
func (l *loader) identity() {
	in := l.doc.Identity
	if in == nil {
		return
	}
	out := &org.Identity{
		Source:       string(in.Source),
		Account:      l.account(string(in.Account), in.rng("account")),
		SAMLProvider: string(in.SAMLProvider),
		Range:        l.doc.keyRange("identity"),
	}
	source := out.Source
	if !slices.Contains(IdentitySource("").Values(), source) {
		source = ""
	}
	switch {
	case source == "saml" && !in.has("samlProvider"):
		l.ds.Errorf(in.rng("source"), "GR063", "people come from SAML, but no provider is named").
			Hint = "add samlProvider: the name of the SAML provider in the account " + quote(string(in.Account))
	case source != "saml" && source != "" && in.has("samlProvider"):
		l.ds.Errorf(in.keyRange("samlProvider"), "GR063", "samlProvider belongs to the source saml, this is %s", out.Source).Hint = "remove it, or write source: saml"
	}
	names := firstUse{}
	for _, key := range sorted(in.Groups) {
		g := in.Groups[key]
		group := org.Group{
			Key:           string(key),
			Name:          or(string(g.Name), string(key)),
			PermissionSet: string(g.PermissionSet),
			Range:         in.keyRange("groups", string(key)),
		}
		if first, twice := names.taken(strings.ToLower(group.Name), group.Range); twice {
			d := l.ds.Errorf(group.Range, "GR034", "two groups have the name %s", quote(group.Name))
			d.Hint = "IAM takes the name of a group once, upper and lower case counting alike"
			d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
		}
		if out.Source == "identity-center" {
			group.PermissionSet = or(group.PermissionSet, string(key))
			if at, longest := group.Range, awsdata.PermissionSetNameLength.Value; len(group.PermissionSet) > longest {
				if g.PermissionSet != "" {
					at = g.rng("permissionSet")
				}
				l.ds.Errorf(at, "GR034", "the permission set %s has more than %d characters", quote(group.PermissionSet), longest).
					Hint = "IAM Identity Center takes no longer name"
			}
		} else if g.has("permissionSet") && source != "" {
			l.ds.Errorf(g.keyRange("permissionSet"), "GR063", "permissionSet belongs to the source identity-center, this is %s", out.Source).Hint = "remove it"
		}
		for i := range g.Assume {
			if grant, ok := l.grant(&g.Assume[i], out.Source); ok {
				group.Assume = append(group.Assume, grant)
			}
		}
		out.Groups = append(out.Groups, group)
	}
	l.o.Identity = out
}

func (l *loader) grant(in *Grant, source string) (org.Grant, bool) {
	g := org.Grant{
		Role:   string(in.Role),
		In:     l.targets(&in.at, "in", in.In),
		Until:  l.instant(in.Until, in.rng("until")),
		Reason: in.Reason,
		Range:  in.rng(),
	}
	if !g.Until.IsZero() && !g.Until.After(l.asOf) {
		l.ds.Warnf(in.rng("until"), "GR059", "the grant of %s ended and is left out", quote(g.Role)).
			Hint = "remove it, or write a later time"
	}
	if g.Role == "" {
		return g, false
	}
	i := -1
	for j := range l.o.Roles {
		if l.o.Roles[j].Key == g.Role {
			i = j
		}
	}
	if i < 0 {
		if l.doc.n.at("roles").bad {
			return g, false
		}
		l.ds.Errorf(in.rng("role"), "GR023", "no role has the key %s", quote(g.Role)).
			Hint = diag.DidYouMean(g.Role, text(sorted(l.doc.Roles)))
		return g, false
	}
	l.granted(in, &g, &l.o.Roles[i], source)
	return g, true
}

// granted checks a grant against the role that it is of.
func (l *loader) granted(in *Grant, g *org.Grant, role *org.Role, source string) {
	place := l.doc.Roles[RoleName(role.Key)]
	made := l.madeIn(role)
	for _, t := range g.In {
		below := l.below(t)
		reached := 0
		for _, a := range below {
			if made[a] {
				reached++
			}
		}
		if reached == 0 && len(below) > 0 {
			d := l.ds.Errorf(t.Range, "GR058", "the role %s is not made in %s", role.Key, quote(t.String()))
			d.Hint = "add it to the role's targets, or take it out of the grant"
			d.Related = []diag.Related{{Range: place.keyRange("targets"), Message: "the role's targets are here"}}
		}
	}
	if source != "identity-center" && source != "saml" {
		return
	}
	if role.MFA != nil {
		d := l.ds.Errorf(in.rng("role"), "GR057", "sessions of people from %s never carry multi-factor authentication to AWS", source)
		d.Hint = "nobody could use the grant: remove mfa from the role, and require it where people sign in"
		d.Related = []diag.Related{{Range: role.MFA.Range, Message: "the role requires it here"}}
	}
	if longest := time.Duration(awsdata.Sessions.Value.ChainedMax) * time.Second; role.MaxSession > longest {
		l.ds.Warnf(place.rng("maxSession"), "GR055", "sessions of the role %s end after %s for people from %s", role.Key, spoken(awsdata.Sessions.Value.ChainedMax), source).
			Hint = fmt.Sprintf("they come from another role's session, and AWS ends such a chain after %s whatever the role says", spoken(awsdata.Sessions.Value.ChainedMax))
	}
}

// below lists the accounts at and below a target.
func (l *loader) below(t org.Target) []*org.Account {
	key := t.Ref()
	accounts, ok := l.names.below[key]
	if !ok {
		accounts = l.o.AccountsBelow([]org.Target{t}, nil)
		if l.names.below == nil {
			l.names.below = map[string][]*org.Account{}
		}
		l.names.below[key] = accounts
	}
	return accounts
}

// madeIn is the set of accounts in which a role is made.
func (l *loader) madeIn(role *org.Role) map[*org.Account]bool {
	if made, ok := l.names.made[role.Key]; ok {
		return made
	}
	made := map[*org.Account]bool{}
	for _, a := range l.o.AccountsBelow(role.Targets, role.Exclude) {
		made[a] = true
	}
	if l.names.made == nil {
		l.names.made = map[string]map[*org.Account]bool{}
	}
	l.names.made[role.Key] = made
	return made
}
