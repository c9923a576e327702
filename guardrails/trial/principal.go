package trial

import (
	"fmt"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A principal is who asks, with the policies that are its own.
type principal struct {
	arn      string // as eval wants it: an ARN, a service or ""
	account  string // key; "" where it is of no account of the organization
	outside  bool   // of no account of the organization
	service  bool
	role     *guardrails.Role  // of the file; nil for any other
	keys     map[string]string // condition keys that follow from it
	identity []eval.Document
	boundary []eval.Document
	policies string // tells its policies from those of others in the account
	// documents are those of the plan among its policies, by layer and name.
	documents map[string]document
}

// principal finds who asks: in an account "role/…", "user/…" or "root", or
// anybody by an ARN, a service's name, or "" for nobody known.
func (w *World) principal(q Question) (principal, error) {
	arn, id := q.As, ""
	prefix := "arn:" + w.plan.Organization.Partition + ":iam::"
	if q.As == "root" || strings.HasPrefix(q.As, "role/") || strings.HasPrefix(q.As, "user/") {
		arn = prefix + w.ids["account:"+q.Account] + ":" + q.As
	}
	p := principal{
		arn: arn, keys: map[string]string{}, documents: map[string]document{},
		identity: []eval.Document{allowAll(IdentityNotKnown)},
	}
	parts := policy.SplitARN(arn)
	if len(parts) != 6 {
		p.outside, p.service = true, arn != ""
		return p, nil
	}
	id = parts[4]
	p.account = w.keys[id]
	p.outside = p.account == ""
	p.keys["aws:PrincipalAccount"] = id
	kind, name, _ := strings.Cut(parts[5], "/")
	last := name[strings.LastIndex(name, "/")+1:]
	p.keys["aws:PrincipalArn"] = arn
	switch kind {
	case "saml-provider", "oidc-provider": // who comes from there is nobody of the account yet
		p.account, p.outside, p.keys = "", true, map[string]string{}
		return p, nil
	case "root":
		p.keys["aws:PrincipalType"] = "Account"
	case "user":
		p.keys["aws:PrincipalType"], p.keys["aws:username"] = "User", last
	case "role", "assumed-role":
		p.keys["aws:PrincipalType"] = "AssumedRole"
		if kind == "assumed-role" { // arn:aws:sts::111122223333:assumed-role/Role/session
			name, _, _ = strings.Cut(name, "/")
			p.keys["aws:PrincipalArn"] = prefix + id + ":role/" + name
			if _, full, ok := strings.Cut(q.AsArn, ":role/"); ok {
				p.keys["aws:PrincipalArn"] = q.AsArn
				name = full
			}
		}
		if p.role = w.role(p.account, name, kind != "role"); p.role != nil {
			p.keys["aws:PrincipalArn"] = prefix + id + ":role" + p.role.Path + p.role.Name
		}
	}
	if p.role == nil {
		return p, nil
	}
	return p, w.own(&p)
}

// role is the role of the file with a path and a name in an account. A
// session's ARN has no path: byName finds the role without.
func (w *World) role(account, name string, byName bool) *guardrails.Role {
	b := w.bases[account]
	if b == nil {
		return nil
	}
	for i := range b.Roles {
		r := &b.Roles[i]
		if name == strings.TrimPrefix(r.Path, "/")+r.Name || byName && name == r.Name {
			return r
		}
	}
	return nil
}

// own gives a role of the file its policies and its boundary. A managed policy
// that the file does not write is taken to allow everything.
func (w *World) own(p *principal) error {
	p.identity = nil
	p.policies = p.role.Path + p.role.Name
	for _, arn := range p.role.ManagedPolicies {
		d := allowAll(string(arn))
		d.Origins = []string{p.role.Origin}
		p.identity = append(p.identity, d)
	}
	take := func(layer eval.Layer, m guardrails.ManagedPolicy) (eval.Document, error) {
		d, err := w.document(m.Name, m.Document, m.Statements)
		p.documents[string(layer)+" "+m.Name] = d
		return d.Document, err
	}
	for _, m := range p.role.Policies {
		d, err := take(eval.Identity, m)
		if err != nil {
			return err
		}
		p.identity = append(p.identity, d)
	}
	if p.role.Boundary == "" {
		return nil
	}
	arn := string(p.role.Boundary)
	name := arn[strings.LastIndex(arn, "/")+1:]
	for _, m := range w.bases[p.account].Boundaries {
		if m.Name == name {
			d, err := take(eval.Boundary, m)
			p.boundary = []eval.Document{d}
			return err
		}
	}
	return fmt.Errorf("the role %s has the boundary %s, which is not in its account", p.role.Name, name)
}
