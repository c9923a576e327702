package drift

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// An accountIAM is what was read of IAM in one account, by name.
type accountIAM struct {
	*live.AccountIAM
	id       string
	roles    map[string]*live.Role // nil where they were not read
	groups   map[string]*live.Group
	policies map[string]*live.ManagedPolicy // by ARN
}

// iam is what was read in the account of a key.
func (m *match) iam(key string) accountIAM {
	x := accountIAM{AccountIAM: &live.AccountIAM{}, id: m.ids["account:"+key]}
	list, _ := m.snap.IAM.Get()
	for i := range list {
		if list[i].Account == x.id {
			x.AccountIAM = &list[i]
		}
	}
	if roles, ok := x.Roles.Get(); ok {
		x.roles = map[string]*live.Role{}
		for i := range roles {
			x.roles[roles[i].Name] = &roles[i]
		}
	}
	if groups, ok := x.Groups.Get(); ok {
		x.groups = map[string]*live.Group{}
		for i := range groups {
			x.groups[groups[i].Name] = &groups[i]
		}
	}
	if policies, ok := x.Policies.Get(); ok {
		x.policies = map[string]*live.ManagedPolicy{}
		for i := range policies {
			x.policies[policies[i].ARN] = &policies[i]
		}
	}
	return x
}

// arn is that of a customer managed policy in the account.
func (m *match) arn(x accountIAM, p *guardrails.ManagedPolicy) string {
	return "arn:" + m.snap.Organization.Partition + ":iam::" + x.id + ":policy" + p.Path + p.Name
}

// passwords is a password policy as the plan writes it.
func passwords(p live.PasswordPolicy) guardrails.PasswordPolicy {
	if !p.Custom {
		return awsPasswords
	}
	return guardrails.PasswordPolicy{
		MinimumPasswordLength: p.MinimumLength, RequireUppercaseCharacters: p.RequireUppercase, RequireLowercaseCharacters: p.RequireLowercase,
		RequireNumbers: p.RequireNumbers, RequireSymbols: p.RequireSymbols, MaxPasswordAge: p.MaxAge,
		PasswordReusePrevention: p.PreventReuseOfCount, HardExpiry: p.HardExpiry, AllowUsersToChangePassword: p.AllowUsersToChange,
	}
}

// awsPasswords are AWS's own requirements, where an account has no policy: eight
// characters, of three of the four kinds, which no field says; and they never
// expire.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
var awsPasswords = guardrails.PasswordPolicy{MinimumPasswordLength: 8}

// baselines are what accounts have of what the plan places into them.
func (c *copier) baselines() {
	c.now.Baselines = []guardrails.Baseline{}
	for _, want := range c.plan.Baselines {
		if c.ids["account:"+want.Account] == "" {
			continue // the account has yet to be made
		}
		c.now.Baselines = append(c.now.Baselines, c.baseline(want))
	}
}

func (c *copier) baseline(want guardrails.Baseline) guardrails.Baseline {
	x := c.iam(want.Account)
	now := guardrails.Baseline{Account: want.Account, Boundaries: []guardrails.ManagedPolicy{}, Roles: []guardrails.Role{}, Groups: []guardrails.Group{}}
	if p, ok := x.PasswordPolicy.Get(); !ok {
		now.PasswordPolicy = want.PasswordPolicy
		if want.PasswordPolicy != nil {
			c.mute = append(c.mute, "the password policies that could not be read")
		}
	} else if want.PasswordPolicy != nil && p.Custom {
		has := passwords(p)
		has.Origin = want.PasswordPolicy.Origin
		now.PasswordPolicy = &has
	}
	if x.roles == nil || x.groups == nil || x.policies == nil {
		if len(want.Boundaries)+len(want.Roles)+len(want.Groups) > 0 {
			c.open = append(c.open, "the roles, groups and boundaries of accounts that could not be read")
		}
		now.Boundaries, now.Roles, now.Groups = want.Boundaries, want.Roles, want.Groups
		return now
	}
	for _, m := range want.Boundaries {
		if have := x.policies[c.arn(x, &m)]; have != nil {
			now.Boundaries = append(now.Boundaries, c.managed(m, have))
		}
	}
	for _, r := range want.Roles {
		if have := x.roles[r.Name]; have != nil {
			now.Roles = append(now.Roles, c.role(x, r, have))
		}
	}
	for _, g := range want.Groups {
		have := x.groups[g.Name]
		p := x.policies[c.arn(x, &g.Policy)]
		if have == nil || p == nil || !slices.Contains(have.AttachedPolicies, p.ARN) {
			continue
		}
		g.Path, g.Policy = have.Path, c.managed(g.Policy, p)
		now.Groups = append(now.Groups, g)
	}
	return now
}

// managed is a customer managed policy as AWS has it. Its description is left as
// it is by a deployment, and is not compared.
func (c *copier) managed(m guardrails.ManagedPolicy, have *live.ManagedPolicy) guardrails.ManagedPolicy {
	if !c.same("", m.Document, have.Document) {
		m.Document, m.Statements = literal(have.Document), []guardrails.Statement{}
	}
	return m
}

// literal is a document of IAM in the one spelling, or as it is.
func literal(content string) guardrails.Text {
	if d, ok := understood("", content); ok {
		return guardrails.Text(d.text)
	}
	return guardrails.Text(strings.ReplaceAll(content, "{{", "{ {"))
}

func (c *copier) role(x accountIAM, r guardrails.Role, have *live.Role) guardrails.Role {
	r.Path = have.Path
	if s, ok := have.Description.Get(); ok {
		r.Description = s
	}
	if n, ok := have.MaxSession.Get(); ok {
		r.MaxSessionDuration = n
	}
	if !c.same("", r.Trust, have.Trust) {
		r.Trust = literal(have.Trust)
	}
	if b, ok := c.filled(r.Boundary); !ok || b != have.Boundary {
		r.Boundary = guardrails.Text(have.Boundary)
	}
	own := map[string]guardrails.ManagedPolicy{}
	for _, m := range r.Policies {
		own[c.arn(x, &m)] = m
	}
	wanted := map[string]guardrails.Text{}
	for _, t := range r.ManagedPolicies {
		if s, ok := c.filled(t); ok {
			wanted[s] = t
		}
	}
	var policies []guardrails.ManagedPolicy
	var arns, more []guardrails.Text
	for _, t := range r.ManagedPolicies {
		if s, ok := c.filled(t); ok && slices.Contains(have.AttachedPolicies, s) {
			arns = append(arns, t)
		}
	}
	for _, arn := range have.AttachedPolicies {
		if m, ok := own[arn]; ok {
			if p := x.policies[arn]; p != nil {
				m = c.managed(m, p)
			}
			policies = append(policies, m)
		} else if _, ok := wanted[arn]; !ok {
			more = append(more, guardrails.Text(arn))
		}
	}
	r.ManagedPolicies = append(append([]guardrails.Text{}, arns...), more...)
	r.Policies = append([]guardrails.ManagedPolicy{}, policies...)
	slices.SortFunc(r.Policies, func(a, b guardrails.ManagedPolicy) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// regions are what was read of the analyzers of a region, by name; false where
// that is not known.
func (m *match) regionAnalyzers(region, administrator string) (map[string]*live.Analyzer, bool) {
	list, _ := m.snap.Analyzers.Get()
	for i := range list {
		r := &list[i]
		analyzers, ok := r.Analyzers.Get()
		if r.Region != region || r.Account != m.ids["account:"+administrator] || !ok {
			continue
		}
		by := map[string]*live.Analyzer{}
		for j := range analyzers {
			by[analyzers[j].Name] = &analyzers[j]
		}
		return by, true
	}
	return nil, false
}

// analyzers are those of the plan's names.
func (c *copier) analyzers() {
	c.now.Analyzers = []guardrails.AnalyzerRegion{}
	for _, region := range c.plan.Analyzers {
		have, ok := c.regionAnalyzers(region.Region, region.Administrator)
		if !ok {
			c.mute = append(c.mute, "the analyzers in "+region.Region)
			c.now.Analyzers = append(c.now.Analyzers, region)
			continue
		}
		list := []guardrails.Analyzer{}
		for _, want := range region.Analyzers {
			if a := have[want.Name]; a != nil {
				list = append(list, c.analyzer(want, a))
			}
		}
		region.Analyzers = list
		c.now.Analyzers = append(c.now.Analyzers, region)
	}
}

func (c *copier) analyzer(want guardrails.Analyzer, have *live.Analyzer) guardrails.Analyzer {
	want.Type = have.Type
	if conf, ok := have.Configuration.Get(); ok {
		want.UnusedAccessAge = conf.UnusedAccessAge
		excluded := excludedAccounts(conf)
		if wanted, ok := c.filledAll(want.ExcludeAccounts); !ok || !slices.Equal(wanted, excluded) {
			want.ExcludeAccounts = []guardrails.Text{}
			for _, id := range excluded {
				want.ExcludeAccounts = append(want.ExcludeAccounts, guardrails.Text(id))
			}
		}
	} else {
		c.mute = append(c.mute, "the configuration of analyzer "+want.Name)
	}
	rules, ok := have.ArchiveRules.Get()
	if !ok {
		c.mute = append(c.mute, "the archive rules of analyzer "+want.Name)
		return want
	}
	origins := map[string]string{}
	for _, r := range want.ArchiveRules {
		origins[r.Name] = r.Origin
	}
	want.ArchiveRules = []guardrails.ArchiveRule{}
	for _, r := range rules {
		if origin, ok := origins[r.Name]; ok {
			want.ArchiveRules = append(want.ArchiveRules, guardrails.ArchiveRule{Name: r.Name, Filter: criteria(r.Filter), Origin: origin})
		}
	}
	return want
}

func excludedAccounts(conf live.AnalyzerConfiguration) []string {
	ids := []string{}
	for _, e := range conf.Exclusions {
		ids = append(ids, e.AccountIDs...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// filledAll are texts of the plan with AWS's ids in them, sorted.
func (m *match) filledAll(list []guardrails.Text) ([]string, bool) {
	out := []string{}
	for _, t := range list {
		s, ok := m.filled(t)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// criteria is a filter as the plan writes it.
func criteria(filter map[string]live.Criterion) []guardrails.Criterion {
	list := []guardrails.Criterion{}
	sorted := func(values []string) []string { return append([]string{}, slices.Sorted(slices.Values(values))...) }
	for _, property := range sortedKeys(filter) {
		f := filter[property]
		list = append(list, guardrails.Criterion{Property: property, Contains: sorted(f.Contains), Eq: sorted(f.Eq), Neq: sorted(f.Neq), Exists: f.Exists})
	}
	return list
}
