package livetest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

// regions are those that are read; the last has no analyzers.
var regions = []string{"eu-central-1", "eu-west-1", "us-east-1"}

// analyzers makes one of external access in two Regions, and one of unused
// access in the first.
func (b *built) analyzers(ctx context.Context) {
	for _, region := range regions[:2] {
		cfg := b.e.Config(b.account(1))
		cfg.Region = region
		c := accessanalyzer.NewFromConfig(cfg)
		must(c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: aws.String("external"), Type: types.TypeOrganization, Tags: map[string]string{"team": "blue"}}))(b.t)
		must(c.CreateArchiveRule(ctx, &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: aws.String("external"), RuleName: aws.String("vendor"),
			Filter: map[string]types.Criterion{"principal.AWS": {Contains: []string{"999999999999"}}, "isPublic": {Eq: []string{"false"}}}}))(b.t)
		if region == regions[0] {
			must(c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: aws.String("unused"), Type: types.TypeOrganizationUnusedAccess,
				Configuration: &types.AnalyzerConfigurationMemberUnusedAccess{Value: types.UnusedAccessConfiguration{UnusedAccessAge: aws.Int32(90),
					AnalysisRule: &types.AnalysisRule{Exclusions: []types.AnalysisRuleCriteria{{AccountIds: []string{b.shop}}}}}}}))(b.t)
		}
	}
}
