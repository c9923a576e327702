package stacks

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/accessanalyzer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// Analyzers is the component of a region's analyzers stack.
type Analyzers struct {
	pulumi.ResourceState
}

// AnalyzersToken is the component's Pulumi type.
const AnalyzersToken = "orgrails:index:Analyzers"

func (p placement) analyzers(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.Map, error) {
	c := &Analyzers{}
	props := pulumi.Map{DigestOutput: pulumi.String(p.stack.Digest)}
	if err := ctx.RegisterComponentResourceV2(AnalyzersToken, p.stack.Name, props, c, opts...); err != nil {
		return nil, fmt.Errorf("register the analyzers of %s: %w", p.stack.Key, err)
	}
	arns := pulumi.StringMap{}
	region := analyzersOf(p.plan, p.stack.Key)
	for _, a := range region.Analyzers {
		analyzer, err := p.analyzer(ctx, c, a)
		if err != nil {
			return nil, err
		}
		arns[a.Name] = analyzer.Arn
	}
	return p.finish(ctx, c, pulumi.Map{
		AccountIDOutput: pulumi.String(p.ids["account:"+region.Administrator]),
		AnalyzersOutput: arns,
	})
}

// analyzer places an analyzer and its archive rules. The provider replaces an
// analyzer on every change, and AWS allows no second one of the name.
func (p placement) analyzer(ctx *pulumi.Context, parent pulumi.Resource, a guardrails.Analyzer) (*accessanalyzer.Analyzer, error) {
	name := analyzerName(p.stack.Name, a.Name)
	args := &accessanalyzer.AnalyzerArgs{AnalyzerName: pulumi.String(a.Name), Type: pulumi.String(a.Type)}
	if a.UnusedAccessAge > 0 {
		unused := &accessanalyzer.AnalyzerConfigurationUnusedAccessArgs{UnusedAccessAge: pulumi.Int(a.UnusedAccessAge)}
		if len(a.ExcludeAccounts) > 0 {
			ids := pulumi.StringArray{}
			for _, t := range a.ExcludeAccounts {
				id, err := p.fill(ctx, t)
				if err != nil {
					return nil, fmt.Errorf("analyzer %s: %w", a.Name, err)
				}
				ids = append(ids, id)
			}
			unused.AnalysisRule = &accessanalyzer.AnalyzerConfigurationUnusedAccessAnalysisRuleArgs{
				Exclusions: accessanalyzer.AnalyzerConfigurationUnusedAccessAnalysisRuleExclusionArray{
					&accessanalyzer.AnalyzerConfigurationUnusedAccessAnalysisRuleExclusionArgs{AccountIds: ids},
				},
			}
		}
		args.Configuration = &accessanalyzer.AnalyzerConfigurationArgs{UnusedAccess: unused}
	}
	analyzer, err := accessanalyzer.NewAnalyzer(ctx, name, args,
		p.child(parent, name, pulumi.DeleteBeforeReplace(true), guarded(p.hook))...)
	if err != nil {
		return nil, fmt.Errorf("register analyzer %s: %w", a.Name, err)
	}
	p.holds(analyzer)
	for _, r := range a.ArchiveRules {
		rule := archiveRuleName(p.stack.Name, a.Name, r.Name)
		made, err := accessanalyzer.NewArchiveRule(ctx, rule, &accessanalyzer.ArchiveRuleArgs{
			AnalyzerName: analyzer.AnalyzerName,
			RuleName:     pulumi.String(r.Name),
			Filters:      filters(r.Filter),
		}, p.child(parent, rule, pulumi.DeleteBeforeReplace(true))...)
		if err != nil {
			return nil, fmt.Errorf("register archive rule %s: %w", r.Name, err)
		}
		p.holds(made)
	}
	return analyzer, nil
}

func filters(criteria []guardrails.Criterion) accessanalyzer.ArchiveRuleFilterArray {
	out := accessanalyzer.ArchiveRuleFilterArray{}
	for _, c := range criteria {
		f := &accessanalyzer.ArchiveRuleFilterArgs{Criteria: pulumi.String(c.Property)}
		if len(c.Contains) > 0 {
			f.Contains = pulumi.ToStringArray(c.Contains)
		}
		if len(c.Eq) > 0 {
			f.Eqs = pulumi.ToStringArray(c.Eq)
		}
		if len(c.Neq) > 0 {
			f.Neqs = pulumi.ToStringArray(c.Neq)
		}
		if c.Exists != nil {
			f.Exists = pulumi.String(strconv.FormatBool(*c.Exists))
		}
		out = append(out, f)
	}
	return out
}
