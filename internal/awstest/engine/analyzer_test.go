package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	awsaa "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/accessanalyzer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/internal/awstest"
)

func TestAnalyzerLifeCycle(t *testing.T) {
	w := newWorld(t, "security")
	org := organizations.NewFromConfig(w.cfg)
	account := w.org.Accounts["security"]
	if _, err := org.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: ptr("access-analyzer.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	if _, err := org.RegisterDelegatedAdministrator(t.Context(), &organizations.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: ptr("access-analyzer.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	age, vendor, tag := 90, "999999999999", "one"
	before := true
	program := func(ctx *pulumi.Context) error {
		in, err := memberProvider(ctx, account)
		if err != nil {
			return err
		}
		external, err := awsaa.NewAnalyzer(ctx, "external", &awsaa.AnalyzerArgs{
			AnalyzerName: pulumi.String("external"), Type: pulumi.String("ORGANIZATION"), Tags: pulumi.StringMap{"t": pulumi.String(tag)},
		}, in)
		if err != nil {
			return err
		}
		if _, err := awsaa.NewAnalyzer(ctx, "unused", &awsaa.AnalyzerArgs{
			AnalyzerName: pulumi.String("unused"), Type: pulumi.String("ORGANIZATION_UNUSED_ACCESS"),
			Configuration: awsaa.AnalyzerConfigurationArgs{UnusedAccess: awsaa.AnalyzerConfigurationUnusedAccessArgs{
				UnusedAccessAge: pulumi.Int(age),
				AnalysisRule: awsaa.AnalyzerConfigurationUnusedAccessAnalysisRuleArgs{Exclusions: awsaa.AnalyzerConfigurationUnusedAccessAnalysisRuleExclusionArray{
					awsaa.AnalyzerConfigurationUnusedAccessAnalysisRuleExclusionArgs{AccountIds: pulumi.ToStringArray([]string{"111111111111"})},
				}},
			}},
		}, in, pulumi.DeleteBeforeReplace(before)); err != nil {
			return err
		}
		_, err = awsaa.NewArchiveRule(ctx, "vendor", &awsaa.ArchiveRuleArgs{
			AnalyzerName: external.AnalyzerName, RuleName: pulumi.String("vendor"),
			Filters: awsaa.ArchiveRuleFilterArray{
				awsaa.ArchiveRuleFilterArgs{Criteria: pulumi.String("principal.AWS"), Contains: pulumi.ToStringArray([]string{vendor})},
				awsaa.ArchiveRuleFilterArgs{Criteria: pulumi.String("error"), Exists: pulumi.String("false")},
			},
		}, in)
		return err
	}
	s := w.Stack("analyzers")
	for _, step := range []struct {
		name   string
		change func()
		want   map[string]int
	}{
		{"first", func() {}, map[string]int{"create": 3}},
		{"again", func() {}, map[string]int{"same": 3}},
		{"another vendor and tag", func() { vendor, tag = "888888888888", "two" }, map[string]int{"update": 2, "same": 1}},
		{"another age", func() { age = 180 }, map[string]int{"replace": 1, "delete-replaced": 1, "create-replacement": 1, "same": 2}},
		{"again", func() {}, map[string]int{"same": 3}},
	} {
		step.change()
		r, err := s.Up(program, Options{Refresh: true})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for op, n := range step.want {
			if r.Count(op) != n {
				t.Errorf("%s: %s %d, want %d: %v", step.name, op, r.Count(op), n, r.Counts())
			}
		}
	}
	aa := accessanalyzer.NewFromConfig(func() (c2 aws.Config) {
		c2 = awstest.AssumeRole(w.cfg, account, awstest.DefaultRole)
		c2.Region = "eu-central-1"
		return
	}())
	list, err := aa.ListAnalyzers(t.Context(), &accessanalyzer.ListAnalyzersInput{})
	if err != nil || len(list.Analyzers) != 2 {
		t.Errorf("analyzers are %+v, %v", list, err)
	}
	// Without DeleteBeforeReplace the name is taken.
	before, age = false, 60
	if _, err := s.Up(program, Options{}); err == nil {
		t.Error("a second analyzer of the name was made")
	}
	before = true
	if _, err := s.Up(program, Options{}); err != nil {
		t.Error(err)
	}
	if r, err := s.Destroy(nil, Options{}); err != nil || r.Count("delete") != 3 {
		t.Errorf("destroy: %v, %v", r.Counts(), err)
	}
}
