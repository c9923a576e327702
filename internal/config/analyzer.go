package config

import (
	"cmp"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// analyzerService is the service principal of IAM Access Analyzer.
const analyzerService = "access-analyzer.amazonaws.com"

// analyzer resolves the block accessAnalyzer.
func (l *loader) analyzer() {
	in := l.doc.AccessAnalyzer
	if in == nil {
		return
	}
	out := &org.AccessAnalyzer{Administrator: l.administrator(in), Range: l.doc.keyRange("accessAnalyzer")}
	if e := in.External; e != nil {
		regions := l.o.Regions
		if len(e.Regions.List) > 0 {
			regions = text(e.Regions.List)
		}
		regions = slices.Clone(regions)
		slices.Sort(regions)
		out.External = &org.ExternalAnalyzer{
			Name:    or(string(e.Name), "orgrails-external"),
			Regions: slices.Compact(regions),
			Range:   in.keyRange("external"),
		}
	}
	if u := in.Unused; u != nil {
		out.Unused = &org.UnusedAnalyzer{
			Name:    or(string(u.Name), "orgrails-unused"),
			Region:  or(string(u.Region), l.o.HomeRegion),
			AgeDays: u.AgeDays,
			Range:   in.keyRange("unused"),
		}
		for i, key := range u.Exclude {
			if a := l.account(string(key), u.rng("exclude", i)); a != nil {
				out.Unused.Exclude = append(out.Unused.Exclude, a)
			}
		}
	}
	l.checkAnalyzer(in, out)
	for _, key := range sorted(in.ArchiveRules) {
		out.ArchiveRules = append(out.ArchiveRules, l.archiveRule(in, string(key)))
	}
	l.o.AccessAnalyzer = out
}

func (l *loader) administrator(in *AccessAnalyzer) *org.Account {
	if in.Administrator != "" {
		return l.account(string(in.Administrator), in.rng("administrator"))
	}
	var found []org.DelegatedAdministrator
	for _, d := range l.o.DelegatedAdministrators {
		if d.ServicePrincipal == analyzerService {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return l.o.Management
	case 1:
		return found[0].Account
	}
	d := l.ds.Errorf(l.doc.keyRange("accessAnalyzer"), "GR052", "Access Analyzer has two delegated administrators, %s and %s", found[0].Account.Key, found[1].Account.Key)
	d.Hint = "say which of them holds the analyzers: administrator: " + found[0].Account.Key
	d.Related = []diag.Related{{Range: found[1].Range, Message: "the second is here"}}
	return found[0].Account
}

func (l *loader) archiveRule(in *AccessAnalyzer, key string) org.ArchiveRule {
	rule := in.ArchiveRules[Key(key)]
	out := org.ArchiveRule{Key: key, Range: in.keyRange("archiveRules", key)}
	for _, k := range rule.Analyzers {
		out.Analyzers = append(out.Analyzers, string(k))
	}
	if len(out.Analyzers) == 0 {
		out.Analyzers = []string{"external"}
	}
	for property, c := range rule.Filter {
		out.Filter = append(out.Filter, org.Criterion{Property: property, Contains: text(c.Contains), Eq: text(c.Eq), Neq: text(c.Neq), Exists: c.Exists})
	}
	slices.SortFunc(out.Filter, func(a, b org.Criterion) int { return cmp.Compare(a.Property, b.Property) })
	l.checkArchiveRule(in, &rule, &out)
	return out
}
