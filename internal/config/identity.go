package config

import (
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
	for _, key := range sorted(in.Groups) {
		g := in.Groups[key]
		group := org.Group{
			Key:           string(key),
			Name:          or(string(g.Name), string(key)),
			PermissionSet: string(g.PermissionSet),
			Range:         in.keyRange("groups", string(key)),
		}
		if out.Source == "identity-center" {
			group.PermissionSet = or(group.PermissionSet, string(key))
		}
		for i := range g.Assume {
			if grant, ok := l.grant(&g.Assume[i]); ok {
				group.Assume = append(group.Assume, grant)
			}
		}
		out.Groups = append(out.Groups, group)
	}
	l.o.Identity = out
}

func (l *loader) grant(in *Grant) (org.Grant, bool) {
	g := org.Grant{
		Role:   string(in.Role),
		In:     l.targets(&in.at, "in", in.In),
		Until:  l.instant(in.Until, in.rng("until")),
		Reason: in.Reason,
		Range:  in.rng(),
	}
	if g.Role == "" {
		return g, false
	}
	if _, ok := l.doc.Roles[in.Role]; !ok {
		l.ds.Errorf(in.rng("role"), "GR023", "no role has the key %s", quote(g.Role)).Hint =
			diag.DidYouMean(g.Role, text(sorted(l.doc.Roles)))
		return g, false
	}
	return g, true
}
