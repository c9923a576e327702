package live

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	aatypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

const analyzerService = "access-analyzer.amazonaws.com"

// allAnalyzers reads the analyzers of the administrator's account in every
// Region that was asked for.
func (r *reader) allAnalyzers(delegated Answer[[]DelegatedAdministrator]) Answer[[]RegionAnalyzers] {
	if r.opts.OrganizationOnly {
		r.missing(question{what: "the analyzers"}, "it was not asked for")
		return Answer[[]RegionAnalyzers]{}
	}
	account := r.opts.AnalyzerAccount
	if account == "" {
		var known bool
		if account, known = analyzerAccount(delegated, r.org.ManagementAccount); !known {
			r.missing(question{what: "the analyzers"}, "it could not be read which account administers "+analyzerService)
			return Answer[[]RegionAnalyzers]{}
		}
	}
	out := make([]RegionAnalyzers, len(r.opts.Regions))
	r.progress("regions", 0, len(out))
	r.each(len(out), func(i int) {
		region := r.opts.Regions[i]
		out[i] = RegionAnalyzers{region, account, r.analyzers(account, region)}
		r.progress("regions", 1, 0)
	})
	return answered(out)
}

// analyzerAccount is the delegated administrator, or the management account
// when there is none. It is false when that is not known.
func analyzerAccount(delegated Answer[[]DelegatedAdministrator], management string) (string, bool) {
	list, known := delegated.Get()
	for _, d := range list {
		services, ok := d.Services.Get()
		if slices.Contains(services, analyzerService) {
			return d.Account, true
		}
		known = known && ok
	}
	return management, known
}

func (r *reader) analyzers(account, region string) Answer[[]Analyzer] {
	q := question{what: "the analyzers", api: "access-analyzer:ListAnalyzers", account: account, region: region}
	all := in(r, q, func(ctx context.Context, s *Session) ([]Analyzer, error) {
		list := []Analyzer{}
		pages := accessanalyzer.NewListAnalyzersPaginator(s.analyzers(), &accessanalyzer.ListAnalyzersInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, v := range page.Analyzers {
				a := Analyzer{Name: aws.ToString(v.Name), ARN: aws.ToString(v.Arn), Type: string(v.Type), Status: string(v.Status),
					ManagedBy: aws.ToString(v.ManagedBy), Tags: v.Tags}
				if a.Tags == nil {
					a.Tags = map[string]string{}
				}
				if v.Type == aatypes.TypeAccount || v.Type == aatypes.TypeOrganization {
					a.Configuration = answered(configuration(nil)) // of external access: there is nothing to configure
				}
				list = append(list, a)
			}
		}
		slices.SortFunc(list, func(a, b Analyzer) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	})
	list, _ := all.Get()
	for i := range list {
		a := &list[i]
		if !a.Configuration.IsRead() {
			a.Configuration = r.analyzerConfiguration(account, region, a.Name)
		}
		a.ArchiveRules = r.archiveRules(account, region, a.Name)
	}
	return all
}

func (r *reader) analyzerConfiguration(account, region, name string) Answer[AnalyzerConfiguration] {
	q := question{what: "the configuration of analyzer " + name, api: "access-analyzer:GetAnalyzer", account: account, region: region, about: name}
	return in(r, q, func(ctx context.Context, s *Session) (AnalyzerConfiguration, error) {
		out, err := s.analyzers().GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: &name})
		if err != nil {
			return AnalyzerConfiguration{}, err
		}
		if out.Analyzer == nil {
			return AnalyzerConfiguration{}, errIncomplete
		}
		return configuration(out.Analyzer.Configuration), nil
	})
}

func configuration(v aatypes.AnalyzerConfiguration) AnalyzerConfiguration {
	c := AnalyzerConfiguration{Exclusions: []AnalyzerCriteria{}, Inclusions: []AnalyzerCriteria{}}
	switch v := v.(type) {
	case *aatypes.AnalyzerConfigurationMemberUnusedAccess:
		c.UnusedAccessAge = int(aws.ToInt32(v.Value.UnusedAccessAge))
		if rule := v.Value.AnalysisRule; rule != nil {
			for _, e := range rule.Exclusions {
				c.Exclusions = append(c.Exclusions, AnalyzerCriteria{AccountIDs: whole(e.AccountIds), ResourceTags: whole(e.ResourceTags), ResourceARNs: []string{}, ResourceTypes: []string{}})
			}
		}
	case *aatypes.AnalyzerConfigurationMemberInternalAccess:
		if rule := v.Value.AnalysisRule; rule != nil {
			for _, e := range rule.Inclusions {
				types := []string{}
				for _, t := range e.ResourceTypes {
					types = append(types, string(t))
				}
				c.Inclusions = append(c.Inclusions, AnalyzerCriteria{AccountIDs: whole(e.AccountIds), ResourceTags: []map[string]string{}, ResourceARNs: whole(e.ResourceArns), ResourceTypes: types})
			}
		}
	}
	return c
}

// whole is a list that is never nil.
func whole[T any](list []T) []T { return append([]T{}, list...) }

func (r *reader) archiveRules(account, region, name string) Answer[[]ArchiveRule] {
	q := question{what: "the archive rules of analyzer " + name, api: "access-analyzer:ListArchiveRules", account: account, region: region, about: name}
	return in(r, q, func(ctx context.Context, s *Session) ([]ArchiveRule, error) {
		rules := []ArchiveRule{}
		pages := accessanalyzer.NewListArchiveRulesPaginator(s.analyzers(), &accessanalyzer.ListArchiveRulesInput{AnalyzerName: &name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, v := range page.ArchiveRules {
				rule := ArchiveRule{Name: aws.ToString(v.RuleName), Filter: map[string]Criterion{}}
				for property, c := range v.Filter {
					rule.Filter[property] = Criterion{whole(c.Eq), whole(c.Neq), whole(c.Contains), c.Exists}
				}
				rules = append(rules, rule)
			}
		}
		slices.SortFunc(rules, func(a, b ArchiveRule) int { return strings.Compare(a.Name, b.Name) })
		return rules, nil
	})
}
