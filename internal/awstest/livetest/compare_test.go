package livetest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/orgrails/orgrails/internal/live"
)

// want fails the test unless an answer was read, and is the one.
func want[T any](t *testing.T, what string, got live.Answer[T], v T) {
	t.Helper()
	if g, ok := got.Get(); !ok || !reflect.DeepEqual(g, v) {
		t.Errorf("%s: read %v:\n%+v\nwant\n%+v", what, ok, g, v)
	}
}

// compare wants everything that was made, and nothing else.
func (b *built) compare(t *testing.T, s *live.Snapshot) {
	t.Helper()
	o := s.Organization
	if o.ID != b.org.ID || o.ManagementAccount != b.org.ManagementAccount || o.FeatureSet != "ALL" || o.Partition != "aws" {
		t.Errorf("organization: %+v", o)
	}
	root := live.Root{ID: b.org.RootID, Name: "Root", PolicyTypes: []live.RootPolicyType{
		{Type: "RESOURCE_CONTROL_POLICY", Status: "ENABLED"}, {Type: "SERVICE_CONTROL_POLICY", Status: "ENABLED"}, {Type: "TAG_POLICY", Status: "ENABLED"}}}
	want(t, "root", s.Root, root)
	want(t, "units", s.Units, b.units)
	b.compareAccounts(t, s)
	b.comparePolicies(t, s)
	want(t, "trusted services", s.TrustedServices, b.services)
	delegated, _ := s.DelegatedAdministrators.Get()
	if len(delegated) != len(b.admins) {
		t.Errorf("delegated administrators: %+v", delegated)
	}
	for _, d := range delegated {
		want(t, "services of "+d.Account, d.Services, b.admins[d.Account])
	}
	if p, ok := s.ResourcePolicy.Get(); !ok || p.Content != b.delegate {
		t.Errorf("resource policy: %+v", p)
	}
	want(t, "centralized root access", s.CentralizedRootAccess, []string{"RootSessions"})
	b.compareIAM(t, s)
	b.compareAnalyzers(t, s)
	b.compareNotRead(t, s)
}

func (b *built) compareAccounts(t *testing.T, s *live.Snapshot) {
	t.Helper()
	list, ok := s.Accounts.Get()
	if !ok || len(list) != accounts+1 {
		t.Fatalf("%d accounts", len(list))
	}
	for _, a := range list {
		state := "ACTIVE"
		if a.ID == b.closed {
			state = "SUSPENDED"
		}
		if a.Name != b.names[a.ID] || a.State != state || a.Joined.IsZero() {
			t.Errorf("account: %+v", a)
		}
		if _, n, ok := strings.Cut(a.Name, "Account "); ok && a.Email != "a"+n+"@acme.example" {
			t.Errorf("account: %+v", a)
		}
		want(t, "parent of "+a.Name, a.ParentID, b.parents[a.ID])
	}
}

func (b *built) comparePolicies(t *testing.T, s *live.Snapshot) {
	t.Helper()
	everything := append(slices.Collect(maps.Keys(b.names)), b.org.RootID)
	for _, u := range b.units {
		everything = append(everything, u.ID)
	}
	slices.Sort(everything)
	found := 0
	for _, of := range s.Policies {
		list, ok := of.Policies.Get()
		if !ok {
			continue // compareNotRead says whether that is right
		}
		made := map[string]policy{}
		for _, p := range b.policies[of.Type] {
			made[p.id] = p
		}
		for _, p := range list {
			found++
			targets, _ := p.Targets.Get()
			var ids []string
			for _, v := range targets {
				ids = append(ids, v.ID)
			}
			if p.AWSManaged {
				if !slices.Equal(ids, everything) || !strings.HasSuffix(p.Name, "FullAWSAccess") {
					t.Errorf("%s is attached to %d, want %d", p.Name, len(ids), len(everything))
				}
				continue
			}
			m := made[p.ID]
			content, _ := p.Content.Get()
			if p.Name != m.name || p.Description != m.description || content != m.content || !slices.Equal(ids, m.targets) || !p.Targets.IsRead() {
				t.Errorf("policy %+v\nwant %+v", p, m)
			}
		}
		if own := len(list) - len(made); own != map[string]int{"SERVICE_CONTROL_POLICY": 1, "RESOURCE_CONTROL_POLICY": 1}[of.Type] {
			t.Errorf("%d policies of type %s, %d were made", len(list), of.Type, len(made))
		}
	}
	if found != 42 {
		t.Errorf("%d policies", found)
	}
	if n := utf8.RuneCountInString(b.policies["SERVICE_CONTROL_POLICY"][8].content); n != 10_239 {
		t.Errorf("the long policy has %d characters", n)
	}
}

func (b *built) compareIAM(t *testing.T, s *live.Snapshot) {
	t.Helper()
	list, ok := s.IAM.Get()
	if !ok || len(list) != accounts+1 {
		t.Fatalf("IAM of %d accounts", len(list))
	}
	for _, a := range list {
		if a.Account == b.closed || a.Account == b.shut {
			if a.PasswordPolicy.IsRead() || a.Roles.IsRead() || a.Groups.IsRead() || a.Policies.IsRead() {
				t.Errorf("account %s passes for read: %+v", a.Account, a)
			}
			continue
		}
		password, arn := live.PasswordPolicy{}, "arn:aws:iam::"+a.Account+":"
		roles, groups, policies := []string{"OrganizationAccountAccessRole"}, []string{}, []string{}
		switch a.Account {
		case b.org.ManagementAccount:
			roles = []string{}
		case b.shop:
			password = live.PasswordPolicy{Custom: true, MinimumLength: 16, RequireSymbols: true, MaxAge: 90, PreventReuseOfCount: 24, AllowUsersToChange: true}
			roles, policies = []string{"Deployer", "OrganizationAccountAccessRole", "Auditor"}, []string{"edge", "reading"}
		case b.central:
			groups, policies = []string{"auditors"}, []string{"assume"}
		}
		want(t, "password policy of "+a.Account, a.PasswordPolicy, password)
		wantNames(t, "roles of "+a.Account, a.Roles, func(r live.Role) string { return r.Name }, roles)
		wantNames(t, "groups of "+a.Account, a.Groups, func(g live.Group) string { return g.Name }, groups)
		wantNames(t, "policies of "+a.Account, a.Policies, func(p live.ManagedPolicy) string { return p.Name }, policies)
		if a.Account == b.shop {
			b.compareShop(t, a, arn)
		}
		if a.Account == b.central {
			want(t, "groups", a.Groups, []live.Group{{ARN: arn + "group/people/auditors", Name: "auditors", Path: "/people/", AttachedPolicies: []string{arn + "policy/assume"}, InlinePolicies: []string{}}})
			p, _ := a.Policies.Get()
			want(t, "description", p[0].Description, "to the auditors")
			if p[0].Document != assuming || p[0].Boundary {
				t.Errorf("%+v", p[0])
			}
		}
	}
}

func wantNames[T any](t *testing.T, what string, got live.Answer[[]T], name func(T) string, names []string) {
	t.Helper()
	list, ok := got.Get()
	found := []string{}
	for _, v := range list {
		found = append(found, name(v))
	}
	slices.Sort(found)
	slices.Sort(names)
	if !ok || !slices.Equal(found, names) {
		t.Errorf("%s: read %v: %v, want %v", what, ok, found, names)
	}
}

func (b *built) compareShop(t *testing.T, a live.AccountIAM, arn string) {
	t.Helper()
	roles, _ := a.Roles.Get()
	r := roles[slices.IndexFunc(roles, func(r live.Role) bool { return r.Name == "Auditor" })]
	want(t, "description", r.Description, "reads, and is read")
	want(t, "session", r.MaxSession, 7200)
	r.Description, r.MaxSession = live.Answer[string]{}, live.Answer[int]{}
	if w := (live.Role{
		ARN: arn + "role/acme/Auditor", Name: "Auditor", Path: "/acme/", Trust: trusting(`{"AWS":"arn:aws:iam::` + b.central + `:root"}`), Boundary: arn + "policy/bounds/edge",
		AttachedPolicies: []string{arn + "policy/reading", "arn:aws:iam::aws:policy/SecurityAudit"}, InlinePolicies: []string{"more"}, Tags: map[string]string{"team": "blue"},
	}); !reflect.DeepEqual(r, w) {
		t.Errorf("role\n%+v\nwant\n%+v", r, w)
	}
	d := roles[slices.IndexFunc(roles, func(r live.Role) bool { return r.Name == "Deployer" })]
	want(t, "description", d.Description, "")
	want(t, "session", d.MaxSession, 3600)
	policies, _ := a.Policies.Get()
	for i, w := range []live.ManagedPolicy{
		{ARN: arn + "policy/bounds/edge", Name: "edge", Path: "/bounds/", Document: edge, Boundary: true},
		{ARN: arn + "policy/reading", Name: "reading", Path: "/", Document: reading},
	} {
		want(t, "description of "+w.Name, policies[i].Description, []string{"the edge", ""}[i])
		if policies[i].Description = (live.Answer[string]{}); !reflect.DeepEqual(policies[i], w) {
			t.Errorf("policy\n%+v\nwant\n%+v", policies[i], w)
		}
	}
}

func (b *built) compareAnalyzers(t *testing.T, s *live.Snapshot) {
	t.Helper()
	list, ok := s.Analyzers.Get()
	if !ok || len(list) != len(regions) {
		t.Fatalf("analyzers: %+v", list)
	}
	for i, r := range list {
		names := [][]string{{"external", "unused"}, {"external"}, {}}[i]
		if r.Region != regions[i] || r.Account != b.account(1) {
			t.Errorf("analyzers: %+v", r)
		}
		wantNames(t, "analyzers in "+r.Region, r.Analyzers, func(a live.Analyzer) string { return a.Name }, names)
		all, _ := r.Analyzers.Get()
		for _, a := range all {
			configuration := live.AnalyzerConfiguration{Exclusions: []live.AnalyzerCriteria{}, Inclusions: []live.AnalyzerCriteria{}}
			rules := []live.ArchiveRule{}
			if a.Name == "unused" {
				configuration.UnusedAccessAge = 90
				configuration.Exclusions = []live.AnalyzerCriteria{{AccountIDs: []string{b.shop}, ResourceTags: []map[string]string{}, ResourceARNs: []string{}, ResourceTypes: []string{}}}
			} else {
				rules = []live.ArchiveRule{{Name: "vendor", Filter: map[string]live.Criterion{
					"principal.AWS": {Eq: []string{}, Neq: []string{}, Contains: []string{"999999999999"}},
					"isPublic":      {Eq: []string{"false"}, Neq: []string{}, Contains: []string{}},
				}}}
				if a.Type != "ORGANIZATION" || a.Status != "ACTIVE" || a.Tags["team"] != "blue" || a.ManagedBy != "" {
					t.Errorf("%+v", a)
				}
			}
			want(t, "configuration of "+a.Name, a.Configuration, configuration)
			want(t, "archive rules of "+a.Name, a.ArchiveRules, rules)
		}
	}
}

// unknown are the policy types that the emulator does not have.
var unknown = []string{"BEDROCK_POLICY", "CHATBOT_POLICY", "GUARDDUTY_POLICY", "INSPECTOR_POLICY", "NETWORK_SECURITY_DIRECTOR_POLICY", "S3_POLICY", "SECURITYHUB_POLICY", "UPGRADE_ROLLOUT_POLICY"}

func (b *built) compareNotRead(t *testing.T, s *live.Snapshot) {
	t.Helper()
	var got []string
	for _, n := range s.NotRead {
		got = append(got, fmt.Sprintf("%s|%s|%s", n.What, n.API, n.Account))
		if n.Reason == "" {
			t.Errorf("no reason: %+v", n)
		}
	}
	all := []string{
		"IAM of the account||" + b.closed,
		"everything in the account: the role arn:aws:iam::" + b.shut + ":role/OrganizationAccountAccessRole cannot be assumed|sts:AssumeRole|" + b.shut,
	}
	for _, kind := range unknown {
		all = append(all, "the policies of type "+kind+"|organizations:ListPolicies|")
	}
	slices.Sort(got)
	slices.Sort(all)
	if !slices.Equal(got, all) {
		t.Errorf("not read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(all, "\n"))
	}
}
