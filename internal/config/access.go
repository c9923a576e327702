package config

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// rolePolicy resolves a policy of a role's own; none with mistakes.
func (l *loader) rolePolicy(in *RolePolicy) []org.RolePolicy {
	switch {
	case in.n == nil || in.n.kind != mapNode:
		return nil // said by the schema
	case in.has("file") && in.has("access"):
		l.ds.Errorf(in.keyRange("access"), "GR018", "a policy is a document or access, not both").
			Hint = "make two items of the list of them"
	case in.has("access"):
		return l.accessPolicy(in)
	case !in.has("file"):
		l.ds.Errorf(in.rng(), "GR018", "a policy needs a file or access").Hint = "write {file: …} or {access: {s3: [list, read]}}"
	case in.has("resources"):
		l.ds.Errorf(in.keyRange("resources"), "GR018", "a document names its resources itself").Hint = "remove resources"
	case in.File != "":
		at := in.rng("file")
		if source, ok := l.policyDocument(string(in.File), at, policy.IdentityPolicy); ok {
			return []org.RolePolicy{{Name: string(in.Name), File: string(in.File), Source: source, Range: at}}
		}
	}
	return nil
}

// accessPolicy resolves access by service and access level.
func (l *loader) accessPolicy(in *RolePolicy) []org.RolePolicy {
	p := org.RolePolicy{Name: or(string(in.Name), "access"), Range: in.keyRange("access")}
	for _, service := range sorted(in.Access) {
		if !matches(service, string(service)) {
			continue
		}
		if !awsdata.ServiceKnown(string(service)) {
			l.unknownService(string(service), in.keyRange("access", string(service)))
			continue
		}
		levels := text(in.Access[service])
		if len(levels) == 0 {
			l.ds.Errorf(in.rng("access", string(service)), "GR015", "%s has no access level", quote(string(service))).
				Hint = "add some of " + strings.Join(access.Levels(), ", ")
		}
		missing := access.Missing(string(service), levels)
		levels = slices.DeleteFunc(levels, func(level string) bool { return !slices.Contains(access.Levels(), level) })
		for i, level := range in.Access[service] {
			if slices.Contains(levels, string(level)) && slices.Contains(missing, string(level)) {
				has := slices.DeleteFunc(access.Levels(), func(l string) bool { return len(access.Missing(string(service), []string{l})) > 0 })
				l.ds.Errorf(in.rng("access", string(service), i), "GR067", "no action of %s has the access level %s", service, level).
					Hint = "remove it; the levels of its actions are " + strings.Join(has, ", ")
			}
		}
		slices.Sort(levels)
		p.Access = append(p.Access, org.ServiceAccess{Service: string(service), Levels: slices.Compact(levels)})
	}
	for i, r := range in.Resources {
		if matches(r, string(r)) {
			l.accessResource(&p, string(r), in.rng("resources", i))
			p.Resources = append(p.Resources, string(r))
		}
	}
	if len(p.Access) == 0 {
		return nil // said above
	}
	return []org.RolePolicy{p}
}

// accessResource checks that a resource is one that the actions can be asked of.
func (l *loader) accessResource(p *org.RolePolicy, arn string, r diag.Range) {
	parts := strings.SplitN(arn, ":", 6)
	if l.o.Partition != "" && parts[1] != l.o.Partition && !strings.ContainsAny(parts[1], "*?") {
		l.ds.Errorf(r, "GR014", "%s is in the partition %s, the organization is in %s", quote(arn), parts[1], l.o.Partition).
			Hint = "begin it with arn:" + l.o.Partition + ":"
		return
	}
	if strings.ContainsAny(parts[2], "*?$") || len(p.Access) == 0 {
		return
	}
	for _, a := range p.Access {
		if access.Takes(a.Service, a.Levels, parts[2]) {
			return
		}
	}
	l.ds.Warnf(r, "GR068", "none of the actions takes a resource of %s", parts[2]).
		Hint = "name resources of the services under access, or the service of this one there"
}
