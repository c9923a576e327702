package config

import (
	"strings"

	"github.com/orgrails/orgrails/guardrails/org"
)

// roles resolves the centralized roles.
func (l *loader) roles() {
	for _, key := range sorted(l.doc.Roles) {
		in := l.doc.Roles[key]
		r := org.Role{
			Key:             string(key),
			Name:            or(string(in.Name), string(key)),
			Path:            or(string(in.Path), "/"),
			Description:     in.Description,
			Targets:         l.targets(&in.at, "targets", in.Targets),
			Exclude:         l.targets(&in.at, "exclude", in.Exclude),
			BreakGlass:      in.BreakGlass,
			ManagedPolicies: text(in.ManagedPolicies),
			Boundary:        string(in.Boundary),
			SourceIPs:       text(in.SourceIPs),
			Range:           l.doc.keyRange("roles", string(key)),
		}
		for i, p := range in.Policies {
			if p.File == "" {
				continue
			}
			at := in.rng("policies", i, "file")
			if source, ok := l.document(string(p.File), at); ok {
				r.Policies = append(r.Policies, org.RolePolicy{File: string(p.File), Source: source, Range: at})
			}
		}
		r.MaxSession, _ = l.duration(in.MaxSession, in.rng("maxSession"))
		if in.MFA != nil {
			r.MFA = &org.MFA{Range: in.keyRange("mfa")}
			r.MFA.MaxAge, _ = l.duration(in.MFA.MaxAge, in.MFA.rng("maxAge"))
		}
		r.Trust = l.trust(&in)
		l.o.Roles = append(l.o.Roles, r)
	}
}

func (l *loader) trust(role *Role) *org.Trust {
	in := role.Trust
	if in == nil {
		return nil
	}
	t := &org.Trust{
		Account:    org.AccountID(in.Account),
		ExternalID: in.ExternalID,
		Services:   text(in.Services),
		Range:      role.keyRange("trust"),
	}
	for i, s := range in.Users {
		if a, name, ok := l.principal(in, "users", i, s); ok {
			t.Users = append(t.Users, org.TrustedUser{Account: a, Name: name})
		}
	}
	for i, s := range in.Roles {
		if a, name, ok := l.principal(in, "roles", i, s); ok {
			t.Roles = append(t.Roles, org.TrustedRole{Account: a, Name: name})
		}
	}
	if in.OIDC != nil {
		t.OIDC = &org.OIDC{Provider: in.OIDC.Provider, Audience: in.OIDC.Audience, Subjects: text(in.OIDC.Subjects)}
	}
	if in.SAML != nil {
		t.SAML = &org.SAML{Provider: string(in.SAML.Provider)}
	}
	return t
}

// principal reads account/[path/]name.
func (l *loader) principal(in *Trust, kind string, i int, s string) (*org.Account, string, bool) {
	key, name, ok := strings.Cut(s, "/")
	if s == "" || !ok || name == "" {
		return nil, "", false
	}
	a := l.account(key, in.rng(kind, i))
	return a, name, a != nil
}
