package compile

import (
	"reflect"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
)

func TestAnalyzers(t *testing.T) {
	a := newAcme()
	a.DelegatedAdministrators = []org.DelegatedAdministrator{
		{Account: a.find("log"), ServicePrincipal: "guardduty.amazonaws.com", Range: a.next()},
		{Account: a.find("log"), ServicePrincipal: "access-analyzer.amazonaws.com", Range: a.next()},
	}
	a.CentralizedRootAccess = []string{"RootSessions", "RootCredentialsManagement"}
	a.AccessAnalyzer = &org.AccessAnalyzer{
		External:     &org.ExternalAnalyzer{Regions: a.Regions, Range: a.next()},
		Unused:       &org.UnusedAnalyzer{Name: "unused", AgeDays: 90, Exclude: []*org.Account{a.find("play"), a.find("dev")}, Range: a.next()},
		ArchiveRules: []org.ArchiveRule{{Key: "vendor", Analyzers: []string{"external"}, Filter: []org.Criterion{{Property: "principal.AWS", Contains: []string{"2", "1"}}, {Property: "isPublic", Eq: []string{"false"}}}, Range: a.next()}},
		Range:        a.next(),
	}
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Errorf("%s", show(ds))
	}
	if len(p.Analyzers) != 2 || p.Analyzers[0].Region != "eu-central-1" || p.Analyzers[0].Administrator != "log" || len(p.Analyzers[0].Analyzers) != 2 || len(p.Analyzers[1].Analyzers) != 1 {
		t.Fatalf("%+v", p.Analyzers)
	}
	external, unused := p.Analyzers[0].Analyzers[0], p.Analyzers[0].Analyzers[1]
	if external.Name != "orgrails-external" || external.Type != "ORGANIZATION" || len(external.ArchiveRules) != 1 || external.ArchiveRules[0].Filter[0].Property != "isPublic" ||
		!reflect.DeepEqual(external.ArchiveRules[0].Filter[1].Contains, []string{"1", "2"}) {
		t.Errorf("%+v", external)
	}
	if unused.Type != "ORGANIZATION_UNUSED_ACCESS" || unused.UnusedAccessAge != 90 || len(unused.ArchiveRules) != 0 ||
		!reflect.DeepEqual(unused.ExcludeAccounts, []guardrails.Text{"{{id:account:dev}}", "{{id:account:play}}"}) {
		t.Errorf("%+v", unused)
	}
	if got := p.Organization.TrustedServices; !reflect.DeepEqual(got, []string{"access-analyzer.amazonaws.com", "guardduty.amazonaws.com", "iam.amazonaws.com"}) {
		t.Errorf("trusted: %q", got)
	}
	if got := p.Organization.CentralizedRootAccess; got[0] != "RootCredentialsManagement" {
		t.Errorf("%q", got)
	}
}

func TestTheManagementAccountHoldsAnalyzersByDefault(t *testing.T) {
	a := newAcme()
	a.AccessAnalyzer = &org.AccessAnalyzer{Unused: &org.UnusedAnalyzer{AgeDays: 1, Region: "eu-west-1", Range: a.next()}, Range: a.next()}
	p, _ := a.compile(t)
	if len(p.Analyzers) != 1 || p.Analyzers[0].Administrator != "management" || p.Analyzers[0].Region != "eu-west-1" || p.Analyzers[0].Analyzers[0].Name != "orgrails-unused" {
		t.Errorf("%+v", p.Analyzers)
	}
	if got := p.Organization.TrustedServices; !reflect.DeepEqual(got, []string{"access-analyzer.amazonaws.com"}) {
		t.Errorf("trusted: %q", got)
	}
}

func TestRefusedAnalyzers(t *testing.T) {
	a := newAcme()
	a.AccessAnalyzer = &org.AccessAnalyzer{
		Administrator: a.find("log"), Unused: &org.UnusedAnalyzer{Exclude: []*org.Account{a.find("log")}, Range: a.next()},
		ArchiveRules: []org.ArchiveRule{{Key: "r", Analyzers: []string{"external"}, Range: a.next()}}, Range: a.next(),
	}
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	expect(t, p, ds, "GR360", "log holds the analyzers and is no delegated administrator")
	expect(t, p, ds, "GR360", "excludes log, which it belongs to")
	expect(t, p, ds, "GR360", "the archive rule r is for the analyzer external, which is not asked for")
}
