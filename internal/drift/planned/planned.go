// Package planned makes the snapshot of an organization in which a plan is in
// place, as internal/live would read it. It is for tests and examples: what
// they change in it has drifted.
package planned

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// Answer is what was read.
func Answer[T any](v T) live.Answer[T] {
	var a live.Answer[T]
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		panic(fmt.Sprintf("an answer that is no JSON: %v", err))
	}
	return a
}

// Unread is what could not be read.
func Unread[T any]() live.Answer[T] { return live.Answer[T]{} }

// Edit changes what was read.
func Edit[T any](a *live.Answer[T], edit func(*T)) {
	v, ok := a.Get()
	if !ok {
		panic("what is to be changed was not read")
	}
	edit(&v)
	*a = Answer(v)
}

// IDs are the ids of the plan, and made up ones for what AWS has yet to make.
func IDs(p *guardrails.Plan) map[string]string {
	ids := map[string]string{"organization": "o-a1b2c3d4e5", "root": "r-ab12", "account:management": "111111111111"}
	for i, u := range p.Units {
		ids["unit:"+u.Path] = fmt.Sprintf("ou-ab12-%08d", i)
	}
	for i, a := range p.Accounts {
		ids["account:"+a.Key] = fmt.Sprintf("9000000000%02d", i)
	}
	maps.Copy(ids, p.IDs)
	return ids
}

// Snapshot is an organization in which the plan is in place at some time.
func Snapshot(p *guardrails.Plan, at time.Time) *live.Snapshot {
	s := &snapshot{p: p, ids: IDs(p)}
	node := func(parent string) string {
		if parent != "root" {
			parent = "unit:" + parent
		}
		return s.ids[parent]
	}
	var types []live.RootPolicyType
	for _, t := range p.Organization.PolicyTypes {
		types = append(types, live.RootPolicyType{Type: t, Status: "ENABLED"})
	}
	units := []live.Unit{}
	for _, u := range p.Units {
		units = append(units, live.Unit{ID: s.ids["unit:"+u.Path], Name: u.Name, ParentID: node(u.Parent)})
	}
	management := s.ids["account:management"]
	accounts := []live.Account{{ID: management, Name: "management", Email: "management@example.com", State: "ACTIVE", ParentID: Answer(s.ids["root"])}}
	for _, a := range p.Accounts {
		accounts = append(accounts, live.Account{ID: s.ids["account:"+a.Key], Name: a.Name, Email: a.Email, State: "ACTIVE", ParentID: Answer(node(a.Parent))})
	}
	slices.SortFunc(units, func(a, b live.Unit) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(accounts, func(a, b live.Account) int { return strings.Compare(a.ID, b.ID) })
	partition := p.Organization.Partition
	out := &live.Snapshot{
		Version: live.SnapshotVersion, Taken: at, Oldest: at,
		Organization: live.Organization{ID: s.ids["organization"], ARN: "arn:" + partition + ":organizations::" + management + ":organization/" + s.ids["organization"],
			Partition: partition, ManagementAccount: management, FeatureSet: "ALL"},
		Root:  Answer(live.Root{ID: s.ids["root"], Name: "Root", PolicyTypes: append([]live.RootPolicyType{}, types...)}),
		Units: Answer(units), Accounts: Answer(accounts),
		TrustedServices:       Answer(append([]string{}, p.Organization.TrustedServices...)),
		ResourcePolicy:        Answer(live.ResourcePolicy{}),
		CentralizedRootAccess: Answer(append([]string{}, p.Organization.CentralizedRootAccess...)),
		NotRead:               []live.NotRead{},
	}
	out.Policies = s.policies()
	out.DelegatedAdministrators = Answer(s.administrators())
	out.IAM = Answer(s.iam(accounts))
	out.Analyzers = Answer(s.analyzers())
	return out
}

type snapshot struct {
	p   *guardrails.Plan
	ids map[string]string
}

func (s *snapshot) fill(t guardrails.Text) string {
	text, err := t.Fill(s.ids)
	if err != nil {
		panic(err)
	}
	return text
}

const fullAccess = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func (s *snapshot) policies() []live.PoliciesOfType {
	by := map[string][]live.Policy{}
	all := []live.Target{}
	for _, ref := range slices.Sorted(maps.Keys(s.ids)) {
		kind, _, _ := strings.Cut(ref, ":")
		typ := map[string]string{"root": "ROOT", "unit": "ORGANIZATIONAL_UNIT", "account": "ACCOUNT"}[kind]
		if typ != "" && !slices.Contains(s.p.NoFullAccess, ref) {
			all = append(all, live.Target{ID: s.ids[ref], Type: typ})
		}
	}
	slices.SortFunc(all, func(a, b live.Target) int { return strings.Compare(a.ID, b.ID) })
	scp := "SERVICE_CONTROL_POLICY"
	by[scp] = []live.Policy{{ID: "p-FullAWSAccess", Name: "FullAWSAccess", AWSManaged: true, Content: Answer(fullAccess), Targets: Answer(all)}}
	for i, p := range s.p.Policies {
		targets := []live.Target{}
		for _, a := range s.p.Attachments {
			if a.Type == p.Type && a.Policy == p.Name {
				targets = append(targets, live.Target{ID: s.ids[a.Target]})
			}
		}
		by[p.Type] = append(by[p.Type], live.Policy{ID: fmt.Sprintf("p-%08d", i), Name: p.Name, Description: p.Description, Content: Answer(s.fill(p.Deployed())), Targets: Answer(targets)})
	}
	for i, f := range s.p.Elsewhere {
		content := s.fill(f.Content)
		if content == "" {
			content = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"example:Nothing","Resource":"*"}]}`
		}
		targets := []live.Target{}
		for _, t := range f.Targets {
			targets = append(targets, live.Target{ID: s.ids[t]})
		}
		by[f.Type] = append(by[f.Type], live.Policy{ID: fmt.Sprintf("p-other%03d", i), Name: f.Name, Content: Answer(content), Targets: Answer(targets)})
	}
	out := []live.PoliciesOfType{}
	for _, typ := range slices.Sorted(maps.Keys(by)) {
		out = append(out, live.PoliciesOfType{Type: typ, Policies: Answer(by[typ])})
	}
	return out
}

func (s *snapshot) administrators() []live.DelegatedAdministrator {
	by := map[string][]string{}
	for _, d := range s.p.Organization.DelegatedAdministrators {
		id := s.ids["account:"+d.Account]
		by[id] = append(by[id], d.ServicePrincipal)
	}
	list := []live.DelegatedAdministrator{}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		list = append(list, live.DelegatedAdministrator{Account: id, Services: Answer(by[id])})
	}
	return list
}

func (s *snapshot) iam(accounts []live.Account) []live.AccountIAM {
	list := []live.AccountIAM{}
	for _, a := range accounts {
		x := live.AccountIAM{Account: a.ID, PasswordPolicy: Answer(live.PasswordPolicy{})}
		roles, groups, policies := []live.Role{}, []live.Group{}, []live.ManagedPolicy{}
		arn := func(kind, path, name string) string {
			return "arn:" + s.p.Organization.Partition + ":iam::" + a.ID + ":" + kind + path + name
		}
		managed := func(m guardrails.ManagedPolicy, boundary bool) string {
			p := live.ManagedPolicy{ARN: arn("policy", m.Path, m.Name), Name: m.Name, Path: m.Path, Description: Answer(m.Description), Document: s.fill(m.Document), Boundary: boundary}
			policies = append(policies, p)
			return p.ARN
		}
		for _, b := range s.p.Baselines {
			if s.ids["account:"+b.Account] != a.ID {
				continue
			}
			for _, m := range b.Boundaries {
				managed(m, true)
			}
			if w := b.PasswordPolicy; w != nil {
				x.PasswordPolicy = Answer(live.PasswordPolicy{Custom: true, MinimumLength: w.MinimumPasswordLength, RequireUppercase: w.RequireUppercaseCharacters,
					RequireLowercase: w.RequireLowercaseCharacters, RequireNumbers: w.RequireNumbers, RequireSymbols: w.RequireSymbols, AllowUsersToChange: w.AllowUsersToChangePassword,
					HardExpiry: w.HardExpiry, MaxAge: w.MaxPasswordAge, PreventReuseOfCount: w.PasswordReusePrevention})
			}
			for _, r := range b.Roles {
				attached := []string{}
				for _, t := range r.ManagedPolicies {
					attached = append(attached, s.fill(t))
				}
				for _, m := range r.Policies {
					attached = append(attached, managed(m, false))
				}
				slices.Sort(attached)
				roles = append(roles, live.Role{ARN: arn("role", r.Path, r.Name), Name: r.Name, Path: r.Path, Description: Answer(r.Description), MaxSession: Answer(r.MaxSessionDuration),
					Trust: s.fill(r.Trust), Boundary: s.fill(r.Boundary), AttachedPolicies: attached, InlinePolicies: []string{}, Tags: map[string]string{}})
			}
			for _, g := range b.Groups {
				groups = append(groups, live.Group{ARN: arn("group", g.Path, g.Name), Name: g.Name, Path: g.Path, AttachedPolicies: []string{managed(g.Policy, false)}, InlinePolicies: []string{}})
			}
		}
		x.Roles, x.Groups, x.Policies = Answer(roles), Answer(groups), Answer(policies)
		list = append(list, x)
	}
	return list
}

func (s *snapshot) analyzers() []live.RegionAnalyzers {
	list := []live.RegionAnalyzers{}
	for _, r := range s.p.Analyzers {
		analyzers := []live.Analyzer{}
		account := s.ids["account:"+r.Administrator]
		for _, a := range r.Analyzers {
			conf := live.AnalyzerConfiguration{UnusedAccessAge: a.UnusedAccessAge}
			if len(a.ExcludeAccounts) > 0 {
				var ids []string
				for _, t := range a.ExcludeAccounts {
					ids = append(ids, s.fill(t))
				}
				conf.Exclusions = []live.AnalyzerCriteria{{AccountIDs: ids}}
			}
			rules := []live.ArchiveRule{}
			for _, rule := range a.ArchiveRules {
				filter := map[string]live.Criterion{}
				for _, c := range rule.Filter {
					filter[c.Property] = live.Criterion{Eq: c.Eq, Neq: c.Neq, Contains: c.Contains, Exists: c.Exists}
				}
				rules = append(rules, live.ArchiveRule{Name: rule.Name, Filter: filter})
			}
			analyzers = append(analyzers, live.Analyzer{Name: a.Name, ARN: "arn:" + s.p.Organization.Partition + ":access-analyzer:" + r.Region + ":" + account + ":analyzer/" + a.Name,
				Type: a.Type, Status: "ACTIVE", Tags: map[string]string{}, Configuration: Answer(conf), ArchiveRules: Answer(rules)})
		}
		list = append(list, live.RegionAnalyzers{Region: r.Region, Account: account, Analyzers: Answer(analyzers)})
	}
	return list
}
