package readback

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"github.com/orgrails/orgrails/guardrails"
)

// analyzers compares the analyzers and archive rules of every region.
func (c *checker) analyzers() error {
	for _, region := range c.plan.Analyzers {
		cfg, err := c.config(region.Administrator)
		if err != nil {
			c.thing("analyzers in %s: %v", region.Region, err)
			continue
		}
		cfg.Region = region.Region
		aa := accessanalyzer.NewFromConfig(cfg)
		for _, want := range region.Analyzers {
			if err := c.analyzer(aa, region.Region, want); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) analyzer(aa *accessanalyzer.Client, region string, want guardrails.Analyzer) error {
	label := fmt.Sprintf("analyzer %s in %s", want.Name, region)
	got, err := aa.GetAnalyzer(c.ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: &want.Name})
	if isNotFound(err, "ResourceNotFoundException") {
		c.thing("%s does not exist", label)
		return nil
	}
	if err != nil {
		return fmt.Errorf("get %s: %w", label, err)
	}
	age, excluded, wantExcluded := 0, []string{}, []string{}
	if u, ok := got.Analyzer.Configuration.(*types.AnalyzerConfigurationMemberUnusedAccess); ok {
		age = int(aws.ToInt32(u.Value.UnusedAccessAge))
		if u.Value.AnalysisRule != nil {
			for _, x := range u.Value.AnalysisRule.Exclusions {
				excluded = append(excluded, x.AccountIds...)
			}
		}
	}
	for _, x := range want.ExcludeAccounts {
		wantExcluded = append(wantExcluded, c.fill(x))
	}
	c.same(label,
		prop("type", got.Analyzer.Type, want.Type),
		prop("unused access age", age, want.UnusedAccessAge),
		prop("excluded accounts", sorted(excluded), sorted(wantExcluded)))
	rules := map[string]types.ArchiveRuleSummary{}
	pages := accessanalyzer.NewListArchiveRulesPaginator(aa, &accessanalyzer.ListArchiveRulesInput{AnalyzerName: &want.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.ctx)
		if err != nil {
			return fmt.Errorf("list the archive rules of %s: %w", label, err)
		}
		for _, r := range page.ArchiveRules {
			rules[*r.RuleName] = r
		}
	}
	for _, r := range want.ArchiveRules {
		live, ok := rules[r.Name]
		if !ok {
			c.thing("archive rule %s of %s does not exist", r.Name, label)
			continue
		}
		delete(rules, r.Name)
		c.same("archive rule "+r.Name+" of "+label, prop("filter", liveFilter(live.Filter), wantFilter(r.Filter)))
	}
	for name := range rules {
		c.problem("archive rule %s of %s is left over", name, label)
	}
	return nil
}

// liveFilter and wantFilter print the two sides alike; maps print in the order of their keys.
func liveFilter(f map[string]types.Criterion) string {
	out := map[string]string{}
	for property, x := range f {
		out[property] = criterion(x.Contains, x.Eq, x.Neq, x.Exists)
	}
	return fmt.Sprint(out)
}

func wantFilter(f []guardrails.Criterion) string {
	out := map[string]string{}
	for _, x := range f {
		out[x.Property] = criterion(x.Contains, x.Eq, x.Neq, x.Exists)
	}
	return fmt.Sprint(out)
}

func criterion(contains, eq, neq []string, exists *bool) string {
	e := ""
	if exists != nil {
		e = fmt.Sprint(*exists)
	}
	return fmt.Sprint("contains ", sorted(contains), " eq ", sorted(eq), " neq ", sorted(neq), " exists ", e)
}
