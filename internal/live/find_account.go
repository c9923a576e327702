package live

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// findManagedPolicy looks for the ARN, which the account, the path and the
// name make up.
func (s *Session) findManagedPolicy(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	pages := iam.NewListPoliciesPaginator(s.iam(), &iam.ListPoliciesInput{Scope: "Local", PathPrefix: nonEmpty(o.text("path"))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, p := range page.Policies {
			if strings.EqualFold(aws.ToString(p.PolicyName), name) && !o.tooOld(p.CreateDate) {
				return aws.ToString(p.Arn), nil
			}
		}
	}
	return "", nil
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Session) findRole(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	out, err := s.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil || o.tooOld(out.Role.CreateDate) {
		return "", err
	}
	return aws.ToString(out.Role.RoleName), nil
}

func (s *Session) findGroup(ctx context.Context, o Object) (string, error) {
	name := o.text("name")
	out, err := s.iam().GetGroup(ctx, &iam.GetGroupInput{GroupName: &name})
	if err != nil || o.tooOld(out.Group.CreateDate) {
		return "", err
	}
	return aws.ToString(out.Group.GroupName), nil
}

func (s *Session) findAnalyzer(ctx context.Context, o Object) (string, error) {
	name := o.text("analyzerName")
	out, err := s.analyzers().GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: &name})
	if err != nil || o.tooOld(out.Analyzer.CreatedAt) {
		return "", err
	}
	return aws.ToString(out.Analyzer.Name), nil
}

func (s *Session) findArchiveRule(ctx context.Context, o Object) (string, error) {
	analyzer, rule := o.text("analyzerName"), o.text("ruleName")
	out, err := s.analyzers().GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: &analyzer, RuleName: &rule})
	if err != nil || o.tooOld(out.ArchiveRule.CreatedAt) {
		return "", err
	}
	return analyzer + "/" + aws.ToString(out.ArchiveRule.RuleName), nil
}
