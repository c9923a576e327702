package config

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// region checks that a Region exists and is in the organization's partition.
func (l *loader) region(name string, r diag.Range) {
	if !matches(Region(""), name) {
		return // reported by the schema
	}
	p, ok := awsdata.PartitionOf(name)
	switch {
	case !ok:
		l.ds.Errorf(r, "GR037", "no Region is named %s", quote(name)).Hint = diag.DidYouMean(name, awsdata.RegionNames(l.o.Partition))
	case l.o.Partition != "" && p.Name != l.o.Partition:
		l.ds.Errorf(r, "GR037", "the Region %s is in the partition %s, the home Region is in %s", name, p.Name, l.o.Partition).
			Hint = "an organization is in one partition"
	}
}

// checkOrganization checks Regions, delegated administrators and features.
func (l *loader) checkOrganization() {
	in, o := &l.doc.Organization, l.o
	l.freeText(in.Name, in.rng("name"), "the organization's name")
	m := &in.ManagementAccount
	if m.Name != "" {
		l.freeText(m.Name, m.rng("name"), "the name of an account")
		l.ascii(m.Name, m.rng("name"), "the name of an account")
	}
	l.email(string(m.Email), m.rng("email"))
	if o.HomeRegion != "" {
		l.region(o.HomeRegion, in.rng("homeRegion"))
	}
	for i, r := range in.Regions {
		if r != "" {
			l.region(string(r), in.rng("regions", i))
		}
	}
	if o.Partition != "" && len(in.Regions) > 0 && !slices.Contains(o.Regions, o.HomeRegion) {
		l.ds.Warnf(in.rng("homeRegion"), "GR038", "the home Region %s is not a governed Region", o.HomeRegion).
			Hint = "guardrails about Regions would deny what orgrails itself deploys there; add it to regions"
	}
	for key, principals := range in.DelegatedAdministrators {
		for i, p := range principals {
			if first := slices.Index(principals, p); first < i && p != "" {
				d := l.ds.Errorf(in.rng("delegatedAdministrators", string(key), i), "GR016", "the list holds %s twice", quote(string(p)))
				d.Hint = "keep one of the two"
				d.Related = []diag.Related{{Range: in.rng("delegatedAdministrators", string(key), first), Message: "first here"}}
				continue
			}
			l.delegate(string(key), string(p), in.rng("delegatedAdministrators", string(key), i))
		}
		if key == "management" {
			l.ds.Errorf(in.keyRange("delegatedAdministrators", string(key)), "GR039", "the management account cannot be a delegated administrator").
				Hint = "it administers every service already; name a member account"
		}
	}
}

// delegate checks one service principal of a delegated administrator.
func (l *loader) delegate(key, principal string, r diag.Range) {
	if !matches(ServicePrincipal(""), principal) {
		return
	}
	s, ok := awsdata.LookupTrustedService(principal)
	switch {
	case !ok:
		var known []string
		for _, s := range awsdata.TrustedServices.Value {
			if s.Delegated {
				known = append(known, s.Principal)
			}
		}
		hint := "AWS refuses it when it is not a service that works with AWS Organizations"
		if near := diag.Nearest(principal, known); len(near) > 0 {
			hint = "did you mean " + quote(near[0]) + "?"
		}
		l.ds.Warnf(r, "GR039", "%s is not a service principal that orgrails knows", quote(principal)).Hint = hint
	case !s.Delegated:
		l.ds.Errorf(r, "GR039", "the service %s takes no delegated administrator", s.Name).
			Hint = "remove it from the list of " + quote(key)
	}
}
