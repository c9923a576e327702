package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

// analyzerTypes are those of 6.83.0: internal access came later.
var analyzerTypes = []string{"ACCOUNT", "ORGANIZATION", "ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS"}

var analyzerKinds = []*kind{
	{
		// AWS has UpdateAnalyzer; this version of the provider does not call
		// it, and every change of the configuration replaces.
		token: "aws:accessanalyzer/analyzer:Analyzer", label: "IAM Access Analyzer Analyzer",
		docs: []string{registry + "accessanalyzer/analyzer/", terraform + "accessanalyzer_analyzer"},
		fields: map[string]field{
			"analyzerName":  {required: true, replace: true},
			"type":          {replace: true, def: "ACCOUNT"},
			"configuration": {replace: true},
			"tags":          {},
		},
		outputs: []string{"arn", "tagsAll"},
		check: func(in props) []plugin.CheckFailure {
			if !slices.Contains(analyzerTypes, in.string("type")) {
				return []plugin.CheckFailure{invalid("type", "expected type to be one of %q, got %s", analyzerTypes, in.string("type"))}
			}
			return nil
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			name := in.string("analyzerName")
			_, err := c.analyzer.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{
				AnalyzerName: &name, Type: types.Type(in.string("type")), Tags: in.stringMap("tags"), Configuration: configuration(in.object("configuration")),
			})
			if err != nil {
				return "", err
			}
			return name, nil
		},
		read: readAnalyzer,
		update: func(ctx context.Context, c *clients, id string, old, in props) error {
			arn := old.string("arn")
			set, remove := tagChanges(old, in)
			if len(remove) > 0 {
				if _, err := c.analyzer.UntagResource(ctx, &accessanalyzer.UntagResourceInput{ResourceArn: &arn, TagKeys: remove}); err != nil {
					return fmt.Errorf("removing tags: %w", err)
				}
			}
			if len(set) > 0 {
				if _, err := c.analyzer.TagResource(ctx, &accessanalyzer.TagResourceInput{ResourceArn: &arn, Tags: props{"tags": set}.stringMap("tags")}); err != nil {
					return fmt.Errorf("setting tags: %w", err)
				}
			}
			return nil
		},
		delete: func(ctx context.Context, c *clients, id string, _ props) error {
			_, err := c.analyzer.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: &id})
			return err
		},
	},
	{
		token: "aws:accessanalyzer/archiveRule:ArchiveRule", label: "IAM Access Analyzer Archive Rule",
		docs: []string{registry + "accessanalyzer/archiverule/", terraform + "accessanalyzer_archive_rule"},
		fields: map[string]field{
			"analyzerName": {required: true, replace: true},
			"ruleName":     {required: true, replace: true},
			"filters":      {required: true, set: true},
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			analyzer, rule := in.string("analyzerName"), in.string("ruleName")
			_, err := c.analyzer.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule, Filter: filterOf(in)})
			if err != nil {
				return "", err
			}
			return analyzer + "/" + rule, nil
		},
		read: readArchiveRule,
		update: func(ctx context.Context, c *clients, id string, _, in props) error {
			analyzer, rule, _ := strings.Cut(id, "/")
			_, err := c.analyzer.UpdateArchiveRule(ctx, &accessanalyzer.UpdateArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule, Filter: filterOf(in)})
			return err
		},
		delete: func(ctx context.Context, c *clients, id string, _ props) error {
			analyzer, rule, _ := strings.Cut(id, "/")
			_, err := c.analyzer.DeleteArchiveRule(ctx, &accessanalyzer.DeleteArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule})
			return err
		},
	},
}

func configuration(in props) types.AnalyzerConfiguration {
	unused := in.object("unusedAccess")
	if len(unused) == 0 {
		return nil
	}
	value := types.UnusedAccessConfiguration{}
	if n := unused.int32("unusedAccessAge"); n != 0 {
		value.UnusedAccessAge = &n
	}
	for _, e := range unused.object("analysisRule").objects("exclusions") {
		criteria := types.AnalysisRuleCriteria{AccountIds: e.list("accountIds")}
		for _, tags := range e.objects("resourceTags") {
			criteria.ResourceTags = append(criteria.ResourceTags, props{"tags": map[string]any(tags)}.stringMap("tags"))
		}
		if value.AnalysisRule == nil {
			value.AnalysisRule = &types.AnalysisRule{}
		}
		value.AnalysisRule.Exclusions = append(value.AnalysisRule.Exclusions, criteria)
	}
	return &types.AnalyzerConfigurationMemberUnusedAccess{Value: value}
}

func readAnalyzer(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	out, err := c.analyzer.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: &id})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	a := out.Analyzer
	tags := map[string]any{}
	for k, v := range a.Tags {
		tags[k] = v
	}
	p := props{"analyzerName": aws.ToString(a.Name), "type": string(a.Type), "arn": aws.ToString(a.Arn), "tags": tags, "tagsAll": tags}
	if c, ok := a.Configuration.(*types.AnalyzerConfigurationMemberUnusedAccess); ok {
		unused := map[string]any{}
		if c.Value.UnusedAccessAge != nil {
			unused["unusedAccessAge"] = float64(*c.Value.UnusedAccessAge)
		}
		if c.Value.AnalysisRule != nil {
			exclusions := []any{}
			for _, e := range c.Value.AnalysisRule.Exclusions {
				criteria := map[string]any{}
				if len(e.AccountIds) > 0 {
					criteria["accountIds"] = anys(e.AccountIds)
				}
				if len(e.ResourceTags) > 0 {
					var list []any
					for _, t := range e.ResourceTags {
						m := map[string]any{}
						for k, v := range t {
							m[k] = v
						}
						list = append(list, m)
					}
					criteria["resourceTags"] = list
				}
				exclusions = append(exclusions, criteria)
			}
			unused["analysisRule"] = map[string]any{"exclusions": exclusions}
		}
		p["configuration"] = map[string]any{"unusedAccess": unused}
	}
	return p, true, nil
}

func filterOf(in props) map[string]types.Criterion {
	out := map[string]types.Criterion{}
	for _, f := range in.objects("filters") {
		c := types.Criterion{Contains: f.list("contains"), Eq: f.list("eqs"), Neq: f.list("neqs")}
		if s := f.string("exists"); s != "" {
			c.Exists = aws.Bool(s == "true")
		}
		out[f.string("criteria")] = c
	}
	return out
}

func readArchiveRule(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
	analyzer, rule, ok := strings.Cut(id, "/")
	if !ok {
		return nil, false, fmt.Errorf("unexpected format of id (%s), expected analyzer_name/rule_name", id)
	}
	out, err := c.analyzer.GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	filters := []any{}
	for _, criteria := range slices.Sorted(maps.Keys(out.ArchiveRule.Filter)) {
		f := out.ArchiveRule.Filter[criteria]
		m := map[string]any{"criteria": criteria}
		for name, list := range map[string][]string{"contains": f.Contains, "eqs": f.Eq, "neqs": f.Neq} {
			if len(list) > 0 {
				m[name] = anys(list)
			}
		}
		if f.Exists != nil {
			m["exists"] = fmt.Sprint(*f.Exists)
		}
		filters = append(filters, m)
	}
	return props{"analyzerName": analyzer, "ruleName": rule, "filters": filters}, true, nil
}
