package eval

import (
	"fmt"
	"strings"
)

// A callerKind is what a principal is, which decides what limits it.
type callerKind uint8

const (
	otherCaller      callerKind = iota // nothing that AWS's pages describe; only "*" names it
	anonymous                          // without credentials
	service                            // ec2.amazonaws.com
	identityProvider                   // who signs in with SAML or a web identity, before a role is assumed
	rootUser                           // arn:aws:iam::111122223333:root
	user                               // arn:aws:iam::111122223333:user/path/name
	role                               // arn:aws:iam::111122223333:role/path/name
	roleSession                        // arn:aws:sts::111122223333:assumed-role/name/session
	federatedUser                      // arn:aws:sts::111122223333:federated-user/name
)

// A caller is a principal taken apart; also one that a policy names.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type caller struct {
	kind      callerKind
	partition string
	account   string // of AWS's own principals, "" for others
	name      string // of a role or a role session's role, without the path
	path      string // of a role: everything before the name
	text      string // as it was spelled
}

func parseCaller(s string) caller {
	c := caller{text: s}
	if s == "" {
		c.kind = anonymous
		return c
	}
	rest, isARN := strings.CutPrefix(s, "arn:")
	if !isARN {
		switch {
		case strings.Contains(s, ".amazonaws.") && !strings.HasPrefix(s, "cognito-identity."):
			c.kind = service
		case strings.Contains(s, "."):
			c.kind = identityProvider // accounts.google.com
		}
		return c
	}
	i := strings.IndexByte(rest, ':')
	if i < 0 {
		return c
	}
	c.partition, rest = rest[:i], rest[i+1:]
	if i = strings.IndexByte(rest, ':'); i < 0 {
		return c
	}
	svc := rest[:i]
	rest = rest[i+1:]
	if svc != "iam" && svc != "sts" || !strings.HasPrefix(rest, ":") {
		return c
	}
	rest = rest[1:]
	if i = strings.IndexByte(rest, ':'); i < 0 {
		return c
	}
	c.account, rest = rest[:i], rest[i+1:]
	if svc == "sts" {
		switch {
		case strings.HasPrefix(rest, "assumed-role/"):
			name := rest[len("assumed-role/"):]
			if i = strings.IndexByte(name, '/'); i >= 0 {
				c.kind, c.name = roleSession, name[:i]
			}
		case strings.HasPrefix(rest, "federated-user/"):
			c.kind = federatedUser
		}
		return c
	}
	switch {
	case rest == "root":
		c.kind = rootUser
	case strings.HasPrefix(rest, "user/"):
		c.kind = user
	case strings.HasPrefix(rest, "role/"):
		c.kind = role
		i = strings.LastIndexByte(rest, '/')
		c.path, c.name = rest[len("role"):i+1], rest[i+1:]
	case strings.HasPrefix(rest, "saml-provider/"), strings.HasPrefix(rest, "oidc-provider/"):
		c.kind, c.account = identityProvider, ""
	}
	return c
}

// serviceLinked reports whether a role's path is one that only AWS gives.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
func (c *caller) serviceLinked() bool {
	return c.kind == role && strings.HasPrefix(c.path, "/aws-service-role/")
}

// Check says what is wrong with a request that AWS could not have seen: no
// action, a principal of no known form, a condition key that is given twice in
// different case. A request that fails is decided all the same, by what its
// text matches; the error is for callers who read requests from people.
func (r *Request) Check() error {
	if before, after, ok := strings.Cut(r.Action, ":"); !ok || before == "" || after == "" {
		return fmt.Errorf("the action %q is not of the form service:Action", r.Action)
	}
	if c := parseCaller(r.Principal); c.kind == otherCaller {
		return fmt.Errorf("the principal %q is neither the ARN of a user, role, role session, federated user, root user or identity provider nor a service such as ec2.amazonaws.com", r.Principal)
	}
	seen := map[string]string{}
	for key := range r.Context {
		small := lowerASCII(key)
		if other, twice := seen[small]; twice {
			return fmt.Errorf("the condition keys %q and %q are the same", min(key, other), max(key, other))
		}
		seen[small] = key
	}
	return nil
}
