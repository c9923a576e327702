package eval

import (
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A naming says in which ways the Principal element of a statement names a
// caller; it may be in several. Who it names directly needs no more in the
// resource's account; a role is still limited by boundary and session; an
// account leaves the decision to its own identity policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-resource-based.html
type naming uint8

const (
	byAccount naming = 1 << iota
	byRole
	directly
)

// principals are a Principal or NotPrincipal element made ready.
type principals struct {
	everyone  bool
	accounts  []string // of account principals, with the partition before a colon where one is given
	named     []caller // users, roles, sessions
	services  []string
	providers []string
}

func newPrincipals(p *policy.Principal) *principals {
	if p == nil {
		return nil
	}
	out := &principals{everyone: p.Everyone, services: p.Service, providers: p.Federated}
	for _, s := range p.AWS {
		switch c := parseCaller(s); {
		case s == "*":
			out.everyone = true
		case c.kind == rootUser:
			out.accounts = append(out.accounts, c.partition+":"+c.account)
		case isAccountID(s):
			out.accounts = append(out.accounts, ":"+s)
		case c.kind != otherCaller:
			out.named = append(out.named, c)
		}
	}
	return out
}

func isAccountID(s string) bool { return len(s) == 12 && digits(s) == 12 }

// names says how the element names a caller.
func (p *principals) names(c *caller) naming {
	var n naming
	if p.everyone {
		n |= directly
	}
	switch c.kind {
	case service:
		if listed(p.services, c.text) {
			n |= directly
		}
		return n
	case identityProvider:
		if listed(p.providers, c.text) {
			n |= directly
		}
		return n
	}
	if p.namesAccount(c) {
		n |= byAccount
	}
	for i := range p.named {
		switch q := &p.named[i]; {
		case q.text == c.text && q.kind == role:
			n |= byRole
		case q.text == c.text:
			n |= directly
		case p.isRoleOf(q, c):
			n |= byRole
		}
	}
	return n
}

func listed(list []string, s string) bool {
	for _, l := range list {
		if l == s || l == "*" {
			return true
		}
	}
	return false
}

func (p *principals) namesAccount(c *caller) bool {
	if c.account == "" {
		return false
	}
	for _, a := range p.accounts {
		i := strings.IndexByte(a, ':')
		if a[i+1:] == c.account && (i == 0 || a[:i] == c.partition) {
			return true
		}
	}
	return false
}

// isRoleOf reports whether q is the role of the session c. The ARN of a
// session does not have the role's path; names of roles are unique in their
// account without it.
func (p *principals) isRoleOf(q, c *caller) bool {
	return q.kind == role && c.kind == roleSession && q.name == c.name && q.account == c.account && q.partition == c.partition
}

// spares reports whether a NotPrincipal element of a Deny leaves a caller
// alone. AWS checks the account first, then the role, then the session: the
// account must be listed, and where any of its users, roles or sessions are
// listed, the caller must be among them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p *principals) spares(c *caller) bool {
	n := p.names(c)
	if p.everyone || c.account == "" || c.kind == rootUser {
		return n != 0
	}
	if n&byAccount == 0 {
		return false
	}
	others, sessions := false, false
	for i := range p.named {
		q := &p.named[i]
		others = others || q.account == c.account
		sessions = sessions || c.kind == roleSession && q.kind == roleSession && q.account == c.account && q.name == c.name
	}
	switch {
	case !others:
		return true
	case c.kind == roleSession && sessions:
		return n&byRole != 0 && n&directly != 0
	}
	return n&(byRole|directly) != 0
}
