package config

import (
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// checkAnalyzer checks the block accessAnalyzer beyond its names.
func (l *loader) checkAnalyzer(in *AccessAnalyzer, out *org.AccessAnalyzer) {
	if !in.has("external") && !in.has("unused") {
		l.ds.Errorf(out.Range, "GR052", "accessAnalyzer asks for no analyzer").
			Hint = "add external: {} to find what is shared outside the organization, or unused: {ageDays: 90}"
	}
	if in.Administrator != "" && out.Administrator != nil && out.Administrator != l.o.Management {
		delegated := slices.ContainsFunc(l.o.DelegatedAdministrators, func(d org.DelegatedAdministrator) bool {
			return d.ServicePrincipal == analyzerService && d.Account == out.Administrator
		})
		if !delegated {
			l.ds.Errorf(in.rng("administrator"), "GR052", "the account %s is not a delegated administrator of Access Analyzer", out.Administrator.Key).
				Hint = fmt.Sprintf("add %s: [%s] to organization.delegatedAdministrators", out.Administrator.Key, analyzerService)
		}
	}
	if in.External != nil {
		for i, r := range in.External.Regions.List {
			if r != "" {
				l.region(string(r), in.External.Regions.rng(i))
			}
		}
	}
	if u := in.Unused; u != nil {
		if u.Region != "" {
			l.region(string(u.Region), u.rng("region"))
		}
		if u.has("ageDays") {
			l.within(&u.at, "ageDays", &u.AgeDays, awsdata.AccessAnalyzer.Value.UnusedAccessAge, "")
		}
		for i, key := range u.Exclude {
			if out.Administrator != nil && string(key) == out.Administrator.Key {
				l.ds.Errorf(u.rng("exclude", i), "GR052", "the account %s administers the analyzer and cannot be excluded", key).
					Hint = "remove it; archive its findings by a rule with resourceOwnerAccount instead"
			}
		}
	}
}

// checkArchiveRule checks what Access Analyzer would refuse of a rule.
func (l *loader) checkArchiveRule(in *AccessAnalyzer, rule *ArchiveRule, out *org.ArchiveRule) {
	has := map[string]bool{"external": in.has("external"), "unused": in.has("unused")}
	for i, kind := range out.Analyzers {
		if known, ok := has[kind]; ok && !known {
			at := out.Range
			if rule.has("analyzers") {
				at = rule.rng("analyzers", i)
			}
			l.ds.Errorf(at, "GR053", "the rule %q is for the analyzer %s, which is not asked for", out.Key, kind).
				Hint = "add the analyzer, or name another in analyzers"
		}
	}
	for _, c := range out.Filter {
		at := rule.keyRange("filter", c.Property)
		p, ok := awsdata.LookupFindingProperty(c.Property)
		if !ok {
			var known []string
			for _, p := range awsdata.FindingProperties.Value {
				known = append(known, p.Name)
			}
			l.ds.Errorf(at, "GR053", "no finding has the property %s", quote(c.Property)).Hint = diag.DidYouMean(c.Property, known)
			continue
		}
		for _, kind := range out.Analyzers {
			if kind == "external" && !p.External || kind == "unused" && !p.Unused {
				l.ds.Errorf(at, "GR053", "findings of the analyzer %s do not have the property %s", kind, quote(c.Property)).
					Hint = "take the analyzer out of the rule's analyzers, or filter by another property"
			}
		}
		if len(c.Contains) == 0 && len(c.Eq) == 0 && len(c.Neq) == 0 && c.Exists == nil && rule.n.at("filter", c.Property).size <= 1 {
			l.ds.Errorf(at, "GR053", "the filter says nothing of %s", c.Property).Hint = "add contains, eq, neq or exists"
		}
	}
}
