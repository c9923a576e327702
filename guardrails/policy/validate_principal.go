package policy

import (
	"regexp"
	"slices"
	"strings"
)

func (v *validator) principals(i int, s Statement, at func(...any) path) {
	code, spoken := v.kind.code(), v.kind.spoken()
	switch v.kind {
	case ServiceControlPolicy, IdentityPolicy, PermissionsBoundary:
		for _, e := range []struct {
			name string
			p    *Principal
		}{{"Principal", s.Principal}, {"NotPrincipal", s.NotPrincipal}} {
			if e.p != nil {
				v.errorf(at(e.name), code, "remove it; to spare a principal, use the condition ArnNotLike aws:PrincipalArn", "%s has no %s", spoken, e.name)
			}
		}
	case ResourceControlPolicy:
		if s.NotPrincipal != nil {
			v.errorf(at("NotPrincipal"), code, "use the condition ArnNotLike aws:PrincipalArn", "%s has no NotPrincipal", spoken)
		}
		if s.Principal == nil || !s.Principal.Everyone {
			v.errorf(at("Principal"), code, `write "Principal": "*"`, `%s has the principal "*", and no other`, spoken)
		}
	case TrustPolicy:
		if s.NotPrincipal != nil {
			v.errorf(at("NotPrincipal"), code, "name the principals in Principal", "%s has no NotPrincipal", spoken)
		}
		if s.Principal == nil {
			v.errorf(at(), code, "say who may assume the role", "%s needs a Principal", spoken)
			return
		}
		v.trusted(s, at)
	}
}

var (
	trustedARN       = regexp.MustCompile(`^arn:[a-z-]+:(iam::([0-9]{12}|\{\{id:[^{}]*\}\}):(root|user/\S+|role/\S+)|sts::([0-9]{12}|\{\{id:[^{}]*\}\}):(assumed-role/[^/\s]+/\S+|federated-user/\S+))$`)
	trustedAccount   = regexp.MustCompile(`^([0-9]{12}|\{\{id:[^{}]*\}\})$`)
	uniqueID         = regexp.MustCompile(`^A[A-Z0-9]{15,}$`)
	servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.[a-z.]+$`)
	samlProvider     = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}|\{\{id:[^{}]*\}\}):saml-provider/\S+$`)
	oidcProvider     = regexp.MustCompile(`^(arn:[a-z-]+:iam::([0-9]{12}|\{\{id:[^{}]*\}\}):oidc-provider/\S+|[a-z0-9-]+(\.[a-z0-9-]+)+)$`)
)

// trusted checks the principals of a trust statement, and that its actions are
// theirs.
func (v *validator) trusted(s Statement, at func(...any) path) {
	p, code := s.Principal, v.kind.code()
	if p.Everyone && s.Effect == Allow {
		v.errorf(at("Principal"), code, "name the accounts, roles or services", "a trust policy that trusts everyone is refused")
		return
	}
	if p.Everyone {
		return // denied to everyone, which trusts nobody
	}
	if len(p.AWS)+len(p.Service)+len(p.Federated)+len(p.CanonicalUser) == 0 {
		v.errorf(at("Principal"), "GR109", "name the accounts, roles or services", "the Principal holds nobody")
	}
	if p.CanonicalUser != nil {
		v.errorf(at("Principal", "CanonicalUser"), code, "name the account under AWS", "a trust policy has no canonical user")
	}
	needs := map[string]bool{}
	for j, a := range p.AWS {
		to := at("Principal", "AWS", j)
		needs["sts:AssumeRole"] = true
		switch {
		case a == "*" && s.Effect == Deny:
		case a == "*":
			v.errorf(to, code, "name the accounts, roles or users", "a trust policy that trusts everyone is refused")
		case strings.ContainsAny(a, "*?"):
			v.errorf(to, code, "name the account, and narrow it with the condition ArnLike aws:PrincipalArn", "the principal %q holds a wildcard, which is not one there", a)
		case uniqueID.MatchString(a):
			v.warnf(to, "GR109", "write its ARN", "the principal %q is the id of a user or role that was deleted, or will be nobody's once it is", a)
		case !trustedARN.MatchString(a) && !trustedAccount.MatchString(a):
			v.errorf(to, "GR109", "expected twelve digits or the ARN of a root, user, role or session", "%q is no principal", a)
		}
	}
	for j, sp := range p.Service {
		needs["sts:AssumeRole"] = true
		if !servicePrincipal.MatchString(sp) {
			v.errorf(at("Principal", "Service", j), "GR109", "expected a name such as ec2.amazonaws.com", "%q is no service principal", sp)
		}
	}
	for j, f := range p.Federated {
		switch {
		case samlProvider.MatchString(f):
			needs["sts:AssumeRoleWithSAML"] = true
		case oidcProvider.MatchString(f):
			needs["sts:AssumeRoleWithWebIdentity"] = true
		default:
			v.errorf(at("Principal", "Federated", j), "GR109", "expected the ARN of a SAML or OIDC provider, or a provider's domain", "%q is no identity provider", f)
		}
	}
	for _, action := range []string{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"} {
		exact := func(a string) bool { return strings.EqualFold(a, action) }
		if i := slices.IndexFunc(s.Action, exact); i >= 0 && !needs[action] && len(needs) > 0 {
			v.errorf(at("Action", i), code, "make a statement for each kind of principal", "the principals of this statement cannot call %s", action)
		}
	}
	for action := range needs {
		if len(needs) == 1 && s.Action != nil && !slices.ContainsFunc(s.Action, func(a string) bool { return Match(a, action, true) }) &&
			slices.ContainsFunc(s.Action, func(a string) bool { return Match("sts:AssumeRole*", a, true) }) {
			v.errorf(at("Action"), code, "", "the principals of this statement call %s, which it does not name", action)
		}
	}
}
