package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// mustWork resolves the file's own requests that must work.
func (l *loader) mustWork() {
	for _, key := range sorted(l.doc.MustWork) {
		in := l.doc.MustWork[key]
		r := org.RequiredRequest{
			Key:      string(key),
			Loses:    in.Loses,
			Level:    or(string(in.Level), "must"),
			As:       in.As,
			In:       l.targets(&in.at, "in", in.In),
			Action:   string(in.Action),
			Resource: or(in.Resource, "*"),
			Source:   in.Source,
			Range:    l.doc.keyRange("mustWork", string(key)),
		}
		for i, t := range r.In {
			if t.Account != nil && t.Account == l.o.Management {
				l.ds.Errorf(in.rng("in", i), "GR070", "no guardrail holds in the management account").
					Hint = "ask in member accounts: service and resource control policies reach no other"
			}
		}
		if in.As != "" && !testPrincipal.MatchString(in.As) && !awsService(in.As) {
			l.ds.Errorf(in.rng("as"), "GR070", "%s is no principal", quote(in.As)).Hint = "expected role/[path/]name, user/[path/]name, root, or a service such as backup.amazonaws.com"
		}
		_, r.As = l.o.Role(r.As)
		if strings.ContainsAny(r.Action, "*?") {
			l.ds.Errorf(in.rng("action"), "GR070", "a request has one action, %s is many", quote(r.Action)).Hint = "write an entry for each"
		} else if matches(in.Action, r.Action) {
			l.knownAction(r.Action, in.rng("action"))
		}
		if plain := strings.ReplaceAll(r.Resource, "{account}", "000000000000"); plain != "*" && !resourceARN.MatchString(plain) {
			l.ds.Errorf(in.rng("resource"), "GR070", "%s is no ARN", quote(in.Resource)).
				Hint = "expected one such as arn:aws:s3:::bucket/key; leave resource out for an action that has none"
		}
		if len(in.With) > 0 {
			r.With = make(map[string]org.Parameter, len(in.With))
			for _, name := range sorted(in.With) {
				r.With[name] = org.Parameter{Value: in.With[name], Range: in.rng("with", name)}
				l.contextValue(&in.at, name)
			}
		}
		l.o.MustWork = append(l.o.MustWork, r)
	}
}

// asFound reads what policies keep of what they were. Whether there are such
// policies is known when they are compiled.
func (l *loader) asFound() {
	for _, name := range sorted(l.doc.AsFound) {
		in := l.doc.AsFound[name]
		p := org.FoundPolicy{Name: name, File: string(in.File), Range: l.doc.keyRange("asFound", name)}
		if in.Description != nil {
			p.Description, p.HasDescription = *in.Description, true
		}
		if p.File != "" {
			p.Source, _ = l.document(p.File, in.rng("file"))
		}
		l.o.AsFound = append(l.o.AsFound, p)
	}
}

// awsService reports whether a name is that of a service principal.
func awsService(s string) bool {
	return strings.Count(s, ".") >= 2 && !strings.ContainsAny(s, "/: ") &&
		slices.ContainsFunc(awsdata.Partitions.Value, func(p awsdata.Partition) bool { return strings.HasSuffix(s, "."+p.DNSSuffix) })
}

// elsewhere resolves what others manage.
func (l *loader) elsewhere() {
	if l.doc.ManagedElsewhere == nil {
		return
	}
	l.o.Beside = text(l.doc.ManagedElsewhere.By)
	slices.Sort(l.o.Beside)
	for _, name := range sorted(l.doc.ManagedElsewhere.Policies) {
		in := l.doc.ManagedElsewhere.Policies[name]
		p := org.ForeignPolicy{
			Name: name, Type: string(in.Type), File: string(in.File), Targets: l.targets(&in.at, "targets", in.Targets),
			Range: l.doc.keyRange("managedElsewhere", "policies", name),
		}
		if strings.HasPrefix(name, ownPolicies) {
			l.ds.Errorf(p.Range, "GR069", "the policy %s has a name that orgrails gives", quote(name)).
				Hint = "what orgrails deploys is in the plan already; name here what others manage"
		}
		if ofAWS(name) {
			l.ds.Errorf(p.Range, "GR069", "%s is counted already", name).Hint = "AWS attaches it to every node; remove it here"
		}
		for i, t := range p.Targets {
			if t.Account != nil && t.Account == l.o.Management && !policy.Kind(in.Type).IsDeclarative() {
				l.ds.Errorf(in.rng("targets", i), "GR069", "no policy of the type %s has an effect in the management account", in.Type).Hint = "take it out"
			}
		}
		if p.File != "" && slices.Contains(PolicyType("").Values(), p.Type) {
			p.Source, _ = l.policyDocument(p.File, in.rng("file"), policy.Kind(p.Type))
		}
		l.o.Elsewhere = append(l.o.Elsewhere, p)
	}
	slices.SortFunc(l.o.Elsewhere, func(a, b org.ForeignPolicy) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
}
