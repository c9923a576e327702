package config

import (
	"regexp"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// trustKinds are the keys of a trust of which exactly one is given.
var trustKinds = []string{"users", "roles", "account", "services", "oidc", "saml"}

// trust resolves who may assume a role, and refuses trusts that would let in
// more than they say.
func (l *loader) trust(role *Role) *org.Trust {
	in := role.Trust
	if in == nil {
		return nil
	}
	t := &org.Trust{
		Account:    org.AccountID(in.Account),
		ExternalID: string(in.ExternalID),
		Services:   text(in.Services),
		Range:      role.keyRange("trust"),
	}
	l.oneKind(in, t)
	for i, s := range in.Users {
		if a, name, ok := l.principal(in, "users", i, string(s)); ok {
			t.Users = append(t.Users, org.TrustedUser{Account: a, Name: name})
		}
	}
	for i, s := range in.Roles {
		if a, name, ok := l.principal(in, "roles", i, string(s)); ok {
			t.Roles = append(t.Roles, org.TrustedRole{Account: a, Name: name})
		}
	}
	l.foreign(in)
	if in.OIDC != nil {
		t.OIDC = &org.OIDC{Provider: in.OIDC.Provider, Audience: string(in.OIDC.Audience), Subjects: text(in.OIDC.Subjects)}
		l.oidc(in.OIDC)
	}
	if in.SAML != nil {
		t.SAML = &org.SAML{Provider: string(in.SAML.Provider)}
	}
	if role.MFA != nil {
		for _, kind := range []string{"roles", "services", "oidc", "saml"} {
			if in.has(kind) {
				d := l.ds.Errorf(role.keyRange("mfa"), "GR057", "sessions that a trust in %s lets in never carry multi-factor authentication", kind)
				d.Hint = "nobody could assume the role: remove mfa, and require it where those people sign in"
				d.Related = []diag.Related{{Range: in.keyRange(kind), Message: "the trust is here"}}
			}
		}
	}
	return t
}

// oneKind wants exactly one kind of trust.
func (l *loader) oneKind(in *Trust, t *org.Trust) {
	var given []string
	for _, kind := range trustKinds {
		if in.has(kind) {
			given = append(given, kind)
		}
	}
	if len(given) > 1 {
		l.ds.Errorf(in.keyRange(given[1]), "GR018", "a trust is of one kind, this has %s", strings.Join(given, " and ")).
			Hint = "make a role for each"
	}
	if len(given) == 0 && !in.has("externalId") {
		l.ds.Errorf(t.Range, "GR018", "the trust says nobody").Hint = "add one of " + strings.Join(trustKinds, ", ")
	}
}

var trustedName = regexp.MustCompile(`^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$`)

// principal reads account/[path/]name.
func (l *loader) principal(in *Trust, kind string, i int, s string) (*org.Account, string, bool) {
	if !matches(Line(""), s) {
		return nil, "", false
	}
	at, one := in.rng(kind, i), strings.TrimSuffix(kind, "s")
	key, name, ok := strings.Cut(s, "/")
	switch {
	case strings.Contains(s, "*") || strings.Contains(s, "?"):
		l.ds.Errorf(at, "GR056", "a trust takes no wildcards: %s", quote(s)).
			Hint = "name each " + one + ": account/[path/]name"
	case strings.HasPrefix(s, "arn:"):
		l.ds.Errorf(at, "GR014", "%s is an ARN", quote(s)).
			Hint = "write account/[path/]name with the account's key, such as management/break-glass-1"
	case !ok || name == "" || name == "root" && kind == "users":
		l.ds.Errorf(at, "GR056", "%s trusts everyone in the account", quote(s)).
			Hint = "name one " + one + " of it: " + strings.TrimSuffix(key, "/") + "/[path/]name"
	case !trustedName.MatchString(name):
		l.ds.Errorf(at, "GR014", "%s is malformed", quote(s)).Hint = "expected account/[path/]name"
	default:
		a := l.account(key, at)
		return a, name, a != nil
	}
	return nil, "", false
}

// foreign checks the trust in an account outside the organization.
func (l *loader) foreign(in *Trust) {
	if in.has("externalId") {
		if !in.has("account") {
			l.ds.Errorf(in.keyRange("externalId"), "GR018", "externalId belongs to a foreign account").Hint = "add account, or remove it"
		}
	}
	if in.Account == "" || !matches(in.Account, string(in.Account)) {
		return
	}
	if own := l.accountByID(org.AccountID(in.Account)); own != nil {
		d := l.ds.Errorf(in.rng("account"), "GR056", "%s is the account %s of this organization", in.Account, own.Key)
		d.Hint = "account is for foreign accounts and would trust everyone in it: name its users or roles, " + own.Key + "/[path/]name"
		d.Related = []diag.Related{{Range: own.Range, Message: "the account is here"}}
		return
	}
	if !in.has("externalId") {
		l.ds.Errorf(in.keyRange("account"), "GR056", "the foreign account %s has no externalId", in.Account).
			Hint = "agree on one with its owner and add externalId: …; without it, another customer of theirs could use the role"
	}
}

// oidc checks the trust in an OpenID Connect provider.
func (l *loader) oidc(in *OIDC) {
	if p := in.Provider; p != "" {
		switch {
		case strings.Contains(p, "://"):
			l.ds.Errorf(in.rng("provider"), "GR014", "%s is malformed", quote(p)).
				Hint = "write the host and path alone: " + quote(strings.TrimSuffix(p[strings.Index(p, "://")+3:], "/"))
		case !oidcProvider.MatchString(p):
			l.ds.Errorf(in.rng("provider"), "GR014", "%s is malformed", quote(p)).Hint = "expected a host and its path, such as token.actions.githubusercontent.com"
		}
	}
	for i, s := range in.Subjects {
		s := string(s)
		literal, rest, wild := s, "", false
		if j := strings.IndexAny(s, "*?"); j >= 0 {
			literal, rest, wild = s[:j], s[j:], true
		}
		if s == "" || !wild {
			continue
		}
		at := in.rng("subjects", i)
		issuer, shared := awsdata.LookupSharedIssuer(in.Provider)
		switch {
		case literal == "" && strings.Trim(rest, "*?") == "":
			l.ds.Errorf(at, "GR056", "the subject %s is everyone at %s", quote(s), in.Provider).
				Hint = "name the subjects that are yours, such as repo:acme/infra:ref:refs/heads/main"
		case shared && strings.Count(literal, string(issuer.Separator)) < issuer.Fields:
			l.ds.Errorf(at, "GR056", "the subject %s takes in other customers of %s", quote(s), in.Provider).
				Hint = "write what comes before the first wildcard as far as " + issuer.Begin
		}
	}
}

var oidcProvider = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$`)
