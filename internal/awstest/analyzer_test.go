package awstest

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

func TestAccessAnalyzer(t *testing.T) {
	cfg, o := newOrganization(t, "security", "other")
	org := organizations.NewFromConfig(cfg)
	ctx := t.Context()
	security := AssumeRole(cfg, o.Accounts["security"], DefaultRole)
	aa := accessanalyzer.NewFromConfig(security)
	create := func(c *accessanalyzer.Client, name string, kind types.Type) error {
		_, err := c.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{
			AnalyzerName: &name, Type: kind, Tags: map[string]string{"a": "b"},
			Configuration: map[bool]types.AnalyzerConfiguration{true: &types.AnalyzerConfigurationMemberUnusedAccess{Value: types.UnusedAccessConfiguration{
				UnusedAccessAge: aws.Int32(90), AnalysisRule: &types.AnalysisRule{Exclusions: []types.AnalysisRuleCriteria{{AccountIds: []string{o.Accounts["other"]}}}},
			}}}[kind == types.TypeOrganizationUnusedAccess],
		})
		return err
	}
	var denied *types.AccessDeniedException
	if err := create(aa, "org", types.TypeOrganization); !errors.As(err, &denied) {
		t.Errorf("an organization analyzer from any account: %v", err)
	}
	org.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(analyzerService)})
	if _, err := org.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{
		AccountId: aws.String(o.Accounts["security"]), ServicePrincipal: aws.String(analyzerService),
	}); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]types.Type{"org": types.TypeOrganization, "unused": types.TypeOrganizationUnusedAccess, "own": types.TypeAccount} {
		if err := create(aa, name, kind); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := create(accessanalyzer.NewFromConfig(cfg), "org", types.TypeOrganization); err != nil {
		t.Errorf("from the management account: %v", err)
	}
	var conflict *types.ConflictException
	if err := create(aa, "org", types.TypeOrganization); !errors.As(err, &conflict) || aws.ToString(conflict.ResourceId) != "org" {
		t.Errorf("second of a name: %v", err)
	}
	var quota *types.ServiceQuotaExceededException
	if err := create(aa, "own2", types.TypeAccount); !errors.As(err, &quota) {
		t.Errorf("second account analyzer: %v", err)
	}
	var validation *types.ValidationException
	if err := create(aa, "1st", types.TypeOrganization); !errors.As(err, &validation) {
		t.Errorf("bad name: %v", err)
	}
	got, err := aa.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: aws.String("unused")})
	if err != nil {
		t.Fatal(err)
	}
	unused, ok := got.Analyzer.Configuration.(*types.AnalyzerConfigurationMemberUnusedAccess)
	if !ok || *unused.Value.UnusedAccessAge != 90 || unused.Value.AnalysisRule.Exclusions[0].AccountIds[0] != o.Accounts["other"] ||
		got.Analyzer.Status != types.AnalyzerStatusActive || got.Analyzer.CreatedAt == nil || got.Analyzer.Tags["a"] != "b" {
		t.Errorf("analyzer is %+v", got.Analyzer)
	}
	elsewhere := security
	elsewhere.Region = "eu-central-1"
	var missing *types.ResourceNotFoundException
	if _, err := accessanalyzer.NewFromConfig(elsewhere).GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: aws.String("unused")}); !errors.As(err, &missing) {
		t.Errorf("in another Region: %v", err)
	}
	if _, err := aa.UpdateAnalyzer(ctx, &accessanalyzer.UpdateAnalyzerInput{AnalyzerName: aws.String("unused"), Configuration: got.Analyzer.Configuration}); err != nil {
		t.Error(err)
	}
	arn := got.Analyzer.Arn
	aa.TagResource(ctx, &accessanalyzer.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"c": "d"}})
	aa.UntagResource(ctx, &accessanalyzer.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
	if tags, err := aa.ListTagsForResource(ctx, &accessanalyzer.ListTagsForResourceInput{ResourceArn: arn}); err != nil || len(tags.Tags) != 1 || tags.Tags["c"] != "d" {
		t.Errorf("tags are %v, %v", tags, err)
	}

	filter := map[string]types.Criterion{"principal.AWS": {Contains: []string{"999999999999"}}, "isPublic": {Eq: []string{"false"}}, "error": {Exists: aws.Bool(false)}}
	rule := &accessanalyzer.CreateArchiveRuleInput{AnalyzerName: aws.String("org"), RuleName: aws.String("vendor"), Filter: filter}
	if _, err := aa.CreateArchiveRule(ctx, rule); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.CreateArchiveRule(ctx, rule); !errors.As(err, &conflict) {
		t.Errorf("second rule of a name: %v", err)
	}
	filter["resourceType"] = types.Criterion{Neq: []string{"AWS::S3::Bucket"}}
	aa.UpdateArchiveRule(ctx, &accessanalyzer.UpdateArchiveRuleInput{AnalyzerName: aws.String("org"), RuleName: aws.String("vendor"), Filter: filter})
	back, err := aa.GetArchiveRule(ctx, &accessanalyzer.GetArchiveRuleInput{AnalyzerName: aws.String("org"), RuleName: aws.String("vendor")})
	if err != nil || len(back.ArchiveRule.Filter) != 4 || back.ArchiveRule.Filter["error"].Exists == nil || back.ArchiveRule.UpdatedAt == nil {
		t.Errorf("rule is %+v, %v", back, err)
	}
	if list, err := aa.ListArchiveRules(ctx, &accessanalyzer.ListArchiveRulesInput{AnalyzerName: aws.String("org")}); err != nil || len(list.ArchiveRules) != 1 {
		t.Errorf("rules are %v, %v", list, err)
	}
	if _, err := aa.DeleteArchiveRule(ctx, &accessanalyzer.DeleteArchiveRuleInput{AnalyzerName: aws.String("org"), RuleName: aws.String("vendor")}); err != nil {
		t.Error(err)
	}
	if _, err := aa.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: aws.String("org")}); err != nil {
		t.Error(err)
	}
	if list, err := aa.ListAnalyzers(ctx, &accessanalyzer.ListAnalyzersInput{}); err != nil || len(list.Analyzers) != 2 {
		t.Errorf("analyzers are %v, %v", list, err)
	}
	if _, err := aa.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: aws.String("org")}); !errors.As(err, &missing) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestOrganizationsFeatures(t *testing.T) {
	cfg, o := newOrganization(t, "identity")
	ctx, c, org := t.Context(), iam.NewFromConfig(cfg), organizations.NewFromConfig(cfg)
	var untrusted *iamtypes.ServiceAccessNotEnabledException
	if _, err := c.EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{}); !errors.As(err, &untrusted) {
		t.Errorf("without trusted access: %v", err)
	}
	org.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(iamService)})
	if _, err := c.EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{}); err != nil {
		t.Fatal(err)
	}
	out, err := c.EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{})
	if err != nil || len(out.EnabledFeatures) != 2 || aws.ToString(out.OrganizationId) != o.ID {
		t.Errorf("features are %+v, %v", out, err)
	}
	member := iam.NewFromConfig(AssumeRole(cfg, o.Accounts["identity"], DefaultRole))
	var stranger *iamtypes.AccountNotManagementOrDelegatedAdministratorException
	if _, err := member.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{}); !errors.As(err, &stranger) {
		t.Errorf("from a member: %v", err)
	}
	org.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: aws.String(o.Accounts["identity"]), ServicePrincipal: aws.String(iamService)})
	if list, err := member.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{}); err != nil || len(list.EnabledFeatures) != 2 {
		t.Errorf("from the delegated administrator: %+v, %v", list, err)
	}
	// A delegated administrator may also read the organization.
	reader := organizations.NewFromConfig(AssumeRole(cfg, o.Accounts["identity"], DefaultRole))
	if list, err := reader.ListAccounts(ctx, &organizations.ListAccountsInput{}); err != nil || len(list.Accounts) != 2 {
		t.Errorf("accounts are %+v, %v", list, err)
	}
	if _, err := c.DisableOrganizationsRootSessions(ctx, &iam.DisableOrganizationsRootSessionsInput{}); err != nil {
		t.Error(err)
	}
	if list, err := c.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{}); err != nil || len(list.EnabledFeatures) != 1 {
		t.Errorf("features are %+v, %v", list, err)
	}
}
