package config

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// roles resolves the centralized roles.
func (l *loader) roles() {
	names := firstUse{}
	for _, key := range sorted(l.doc.Roles) {
		in := l.doc.Roles[key]
		r := org.Role{
			Key:             string(key),
			Name:            or(string(in.Name), string(key)),
			Path:            or(string(in.Path), "/"),
			Description:     in.Description,
			Targets:         l.targets(&in.at, "targets", in.Targets),
			Exclude:         l.excluded(&in.at, in.Targets, in.Exclude),
			BreakGlass:      in.BreakGlass,
			ManagedPolicies: text(in.ManagedPolicies),
			Boundary:        string(in.Boundary),
			SourceIPs:       text(in.SourceIPs),
			Range:           l.doc.keyRange("roles", string(key)),
		}
		if first, twice := names.taken(strings.ToLower(r.Name), r.Range); twice {
			d := l.ds.Errorf(r.Range, "GR034", "two roles have the name %s", quote(r.Name))
			d.Hint = "IAM takes the name of a role once in an account, upper and lower case counting alike"
			d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
		}
		l.rolePolicies(&in, &r)
		l.roleNames(&in, &r)
		l.roleConditions(&in, &r)
		r.Trust = l.trust(&in)
		l.o.Roles = append(l.o.Roles, r)
	}
}

// roleNames checks what AWS would refuse of a role's name, path and description.
func (l *loader) roleNames(in *Role, r *org.Role) {
	at := r.Range
	if in.Name != "" {
		at = in.rng("name")
	}
	for _, prefix := range []string{"AWSServiceRoleFor", "AWSReservedSSO_"} {
		if strings.HasPrefix(r.Name, prefix) {
			l.ds.Errorf(at, "GR034", "only AWS makes roles whose names begin with %s", prefix).Hint = "choose another name"
		}
	}
	if strings.EqualFold(r.Name, l.o.DeployRole) {
		l.ds.Errorf(at, "GR034", "the role %s is the one that deploys", r.Name).Hint = "a role that is deployed must not be the one that deploys it; choose another name"
	}
	for _, path := range []string{"/aws-service-role/", "/aws-reserved/"} {
		if strings.HasPrefix(r.Path, path) {
			l.ds.Errorf(in.rng("path"), "GR034", "only AWS makes roles in the path %s", path).Hint = "choose another path"
		}
	}
	if r.Description != "" {
		for _, c := range r.Description {
			if c > 0xff || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				l.ds.Errorf(in.rng("description"), "GR034", "IAM refuses a description that holds %q", c).Hint = "use Latin letters and punctuation"
				break
			}
		}
	}
}

// rolePolicies checks what a role may do.
func (l *loader) rolePolicies(in *Role, r *org.Role) {
	own := len(in.Policies)
	if in.has("access") {
		own++
		p := RolePolicy{at: in.at, Access: in.Access}
		r.Policies = append(r.Policies, l.accessPolicy(&p)...)
	}
	for i := range in.Policies {
		r.Policies = append(r.Policies, l.rolePolicy(&in.Policies[i])...)
	}
	quota := awsdata.Quotas{}.WithDefaults()
	if n := len(in.ManagedPolicies) + own; n > quota.ManagedPoliciesPerRole {
		l.ds.Errorf(r.Range, "GR015", "the role has %s", plural(n, "managed policy")).
			Hint = fmt.Sprintf("IAM attaches %d to a role", quota.ManagedPoliciesPerRole)
	}
	for i, p := range in.ManagedPolicies {
		l.managedPolicy(r, string(p), in.rng("managedPolicies", i))
	}
	if in.n != nil && in.n.kind == mapNode && !in.has("managedPolicies") && !in.has("policies") && !in.has("access") {
		l.ds.Warnf(r.Range, "GR061", "the role %q may do nothing", r.Key).Hint = "add managedPolicies, access or policies"
	}
	if in.Boundary != "" {
		if _, ok := l.doc.PermissionBoundaries[in.Boundary]; !ok {
			l.ds.Errorf(in.rng("boundary"), "GR024", "no permission boundary has the key %s", quote(r.Boundary)).
				Hint = or(diag.DidYouMean(r.Boundary, text(sorted(l.doc.PermissionBoundaries))), "add one to permissionBoundaries, or remove boundary")
		}
	}
}

// managedPolicy checks the name or ARN of a managed policy.
func (l *loader) managedPolicy(role *org.Role, s string, r diag.Range) {
	if !strings.Contains(s, ":") {
		if strings.HasPrefix(s, "/") || strings.HasSuffix(s, "/") {
			l.ds.Errorf(r, "GR014", "%s is malformed", quote(s)).Hint = "write the name, with its path when it has one: job-function/ViewOnlyAccess"
		}
		return
	}
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" || !strings.HasPrefix(parts[5], "policy/") || len(parts[5]) == len("policy/") {
		l.ds.Errorf(r, "GR014", "%s is malformed", quote(s)).
			Hint = "expected the ARN of a managed policy: arn:" + or(l.o.Partition, "aws") + ":iam::aws:policy/SecurityAudit"
		return
	}
	if l.o.Partition != "" && parts[1] != l.o.Partition {
		l.ds.Errorf(r, "GR014", "%s is in the partition %s, the organization is in %s", quote(s), parts[1], l.o.Partition).
			Hint = "write the name alone: " + strings.TrimPrefix(parts[5], "policy/")
	}
	if parts[4] == "aws" {
		return
	}
	for a := range l.madeIn(role) {
		if string(a.ID) != parts[4] {
			l.ds.Errorf(r, "GR034", "IAM attaches policies of AWS and of the role's own account, and the role is made outside of %s", quote(parts[4])).
				Hint = "write the document into a file and name it in policies: it is then made in each account"
			return
		}
	}
}

// roleConditions checks session length, authentication and addresses.
func (l *loader) roleConditions(in *Role, r *org.Role) {
	sessions := awsdata.Sessions.Value
	if d, ok := l.duration(in.MaxSession, in.rng("maxSession")); ok {
		r.MaxSession = d
		if !sessions.MaxSession.Holds(int(d / time.Second)) {
			l.ds.Errorf(in.rng("maxSession"), "GR055", "a role's sessions cannot be limited to %s", in.MaxSession).
				Hint = "AWS takes " + spoken(sessions.MaxSession.Min) + " to " + spoken(sessions.MaxSession.Max)
		}
	}
	if in.MFA != nil {
		r.MFA = &org.MFA{Range: in.keyRange("mfa")}
		if d, ok := l.duration(in.MFA.MaxAge, in.MFA.rng("maxAge")); ok {
			r.MFA.MaxAge = d
			if !sessions.MFAAge.Holds(int(d / time.Second)) {
				l.ds.Errorf(in.MFA.rng("maxAge"), "GR055", "no session is authenticated for %s", in.MFA.MaxAge).
					Hint = "write more than 0s and at most " + spoken(sessions.MFAAge.Max) + ", the longest that AWS keeps an authentication"
			}
		}
	}
	for i, s := range in.SourceIPs {
		if matches(s, string(s)) {
			l.sourceIP(string(s), in.rng("sourceIps", i))
		}
	}
}

// spoken writes seconds as the file does.
func spoken(seconds int) string {
	s := (time.Duration(seconds) * time.Second).String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return or(s, "0s")
}

// sourceIP checks a block of addresses.
func (l *loader) sourceIP(s string, r diag.Range) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			l.ds.Errorf(r, "GR014", "%s is no block of IP addresses", quote(s)).Hint = "expected one such as 198.51.100.0/24 or 2001:db8::/32"
			return
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	switch addr := prefix.Addr(); {
	case prefix != prefix.Masked():
		l.ds.Errorf(r, "GR014", "%s has bits behind its length", quote(s)).Hint = "did you mean " + quote(prefix.Masked().String()) + "?"
	case prefix.Bits() == 0:
		l.ds.Errorf(r, "GR014", "%s is every address", quote(s)).Hint = "remove sourceIps, or name the addresses"
	case addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast():
		l.ds.Warnf(r, "GR064", "AWS sees no address of %s", s).
			Hint = "requests arrive with the public address of the network, or through an endpoint with none; write the public one"
	}
}
