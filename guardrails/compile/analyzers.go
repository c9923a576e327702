package compile

import (
	"cmp"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// analyzers states the analyzers of each region. External access is regional;
// unused access is found from one region for all.
func (k *compiler) analyzers() {
	a := k.o.AccessAnalyzer
	if a == nil {
		return
	}
	admin := k.analyzerAdministrator(a)
	regions := map[string][]guardrails.Analyzer{}
	if e := a.External; e != nil {
		for _, region := range sortedUnique(e.Regions) {
			regions[region] = append(regions[region], guardrails.Analyzer{
				Name: cmp.Or(e.Name, "orgrails-external"), Type: "ORGANIZATION", ExcludeAccounts: []guardrails.Text{},
				ArchiveRules: k.archiveRules(a, "external"), Origin: k.origin(e.Range),
			})
		}
	}
	if u := a.Unused; u != nil {
		out := guardrails.Analyzer{
			Name: cmp.Or(u.Name, "orgrails-unused"), Type: "ORGANIZATION_UNUSED_ACCESS", UnusedAccessAge: u.AgeDays, ExcludeAccounts: []guardrails.Text{},
			ArchiveRules: k.archiveRules(a, "unused"), Origin: k.origin(u.Range),
		}
		for _, x := range u.Exclude {
			if x == admin {
				k.ds.Errorf(u.Range, "GR360", "the analyzer of unused access excludes %s, which it belongs to", x.Key).Hint =
					"take it out: AWS always analyzes the account of the analyzer"
			}
			out.ExcludeAccounts = append(out.ExcludeAccounts, guardrails.Text(ref(x)))
		}
		slices.Sort(out.ExcludeAccounts)
		out.ExcludeAccounts = slices.Compact(out.ExcludeAccounts)
		region := cmp.Or(u.Region, k.o.HomeRegion)
		regions[region] = append(regions[region], out)
	}
	k.unusedRules(a)
	for _, region := range sortedKeys(regions) {
		list := regions[region]
		slices.SortFunc(list, func(a, b guardrails.Analyzer) int { return cmp.Compare(a.Name, b.Name) })
		if len(list) > 1 && list[0].Name == list[1].Name {
			k.ds.Errorf(a.Range, "GR360", "two analyzers of %s are named %s", region, list[0].Name).Hint = "give one of them another name"
		}
		k.plan.Analyzers = append(k.plan.Analyzers, guardrails.AnalyzerRegion{Region: region, Administrator: admin.Key, Analyzers: list})
	}
}

// analyzerAdministrator is the account that holds the analyzers. A member
// account can hold them only as a delegated administrator.
func (k *compiler) analyzerAdministrator(a *org.AccessAnalyzer) *org.Account {
	admin := a.Administrator
	for _, d := range k.o.DelegatedAdministrators {
		if d.ServicePrincipal == analyzerService && (admin == nil || d.Account == admin) {
			return d.Account
		}
	}
	if admin == nil {
		return k.o.Management
	}
	if admin != k.o.Management {
		k.ds.Errorf(a.Range, "GR360", "%s holds the analyzers and is no delegated administrator of %s", admin.Key, analyzerService).Hint =
			"add it to organization.delegatedAdministrators"
	}
	return admin
}

func (k *compiler) archiveRules(a *org.AccessAnalyzer, analyzer string) []guardrails.ArchiveRule {
	rules := []guardrails.ArchiveRule{}
	for _, r := range a.ArchiveRules {
		if !slices.Contains(r.Analyzers, analyzer) {
			continue
		}
		rule := guardrails.ArchiveRule{Name: r.Key, Filter: []guardrails.Criterion{}, Origin: k.origin(r.Range)}
		for _, c := range r.Filter {
			rule.Filter = append(rule.Filter, guardrails.Criterion{
				Property: c.Property, Contains: sortedUnique(c.Contains), Eq: sortedUnique(c.Eq), Neq: sortedUnique(c.Neq), Exists: c.Exists,
			})
		}
		slices.SortFunc(rule.Filter, func(a, b guardrails.Criterion) int { return cmp.Compare(a.Property, b.Property) })
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b guardrails.ArchiveRule) int { return cmp.Compare(a.Name, b.Name) })
	return rules
}

// unusedRules refuses archive rules for analyzers that the file does not ask for.
func (k *compiler) unusedRules(a *org.AccessAnalyzer) {
	there := map[string]bool{"external": a.External != nil, "unused": a.Unused != nil}
	for _, r := range a.ArchiveRules {
		for _, name := range r.Analyzers {
			if !there[name] {
				k.ds.Errorf(r.Range, "GR360", "the archive rule %s is for the analyzer %s, which is not asked for", r.Key, name).Hint =
					diag.DidYouMean(name, []string{"external", "unused"}) + "; or add accessAnalyzer." + name
			}
		}
	}
	if max := k.quotas.ArchiveRulesPerAnalyzer; len(a.ArchiveRules) > max {
		k.ds.Errorf(a.Range, "GR360", "%d archive rules, and an analyzer takes %d", len(a.ArchiveRules), max).Hint = "join some of them"
	}
}
