package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/internal/live"
)

// passwordPolicies writes a block for each distinct password policy, at the
// highest nodes below which every account was read and has it.
func (d *drafter) passwordPolicies(p *page) {
	all, ok := d.s.IAM.Get()
	if !ok {
		return
	}
	has := map[string]live.PasswordPolicy{} // by account
	for _, a := range all {
		if v, read := a.PasswordPolicy.Get(); read && v.Custom {
			has[a.Account] = v
		}
	}
	at := map[live.PasswordPolicy][]string{}
	if v, ok := has[d.s.Organization.ManagementAccount]; ok {
		at[v] = append(at[v], managementKey)
	}
	var place func(n *node)
	place = func(n *node) {
		if v, same := d.onePolicy(n, has); same {
			at[v] = append(at[v], n.selector())
			return
		}
		for _, u := range n.units {
			place(u)
		}
		for _, a := range n.accounts {
			if v, ok := has[a.id]; ok {
				at[v] = append(at[v], a.selector())
			}
		}
	}
	place(d.root)
	if len(at) == 0 {
		return
	}
	var order []live.PasswordPolicy
	for v := range at {
		slices.Sort(at[v])
		order = append(order, v)
	}
	slices.SortFunc(order, func(a, b live.PasswordPolicy) int {
		return cmp.Or(-cmp.Compare(len(at[a]), len(at[b])), cmp.Compare(at[a][0], at[b][0]))
	})
	p.blank()
	p.add(0, "passwordPolicies:")
	for i, v := range order {
		key := "default"
		if i > 0 {
			key = fmt.Sprint("policy-", i+1)
		}
		p.add(1, "%s:", key)
		p.add(2, "targets: %s", flow(at[v]))
		for _, f := range (mapping{
			{"minimumLength", v.MinimumLength}, {"requireUppercase", v.RequireUppercase}, {"requireLowercase", v.RequireLowercase},
			{"requireNumbers", v.RequireNumbers}, {"requireSymbols", v.RequireSymbols}, {"maxAgeDays", v.MaxAge},
			{"reusePrevention", v.PreventReuseOfCount}, {"hardExpiry", v.HardExpiry}, {"usersMayChange", v.AllowUsersToChange},
		}) {
			p.add(2, "%s: %s", f.key, flow(f.value))
		}
	}
}

// onePolicy is the password policy of all accounts below a unit, of which
// there are some.
func (d *drafter) onePolicy(n *node, has map[string]live.PasswordPolicy) (live.PasswordPolicy, bool) {
	var v live.PasswordPolicy
	seen, same := 0, true
	n.each(func(m *node) {
		if m.email == "" {
			return
		}
		w, ok := has[m.id]
		if seen > 0 && w != v || !ok {
			same = false
		}
		v = w
		seen++
	})
	return v, same && seen > 0
}

var ruleKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// An analyzed is the organization's analyzer of one kind.
type analyzed struct {
	name    string
	regions []string
	first   live.Analyzer
	rules   map[string]string // filters, by the rule's name
}

// accessAnalyzer writes the organization's analyzers where the file can say
// what they are; what it cannot say is named.
func (d *drafter) accessAnalyzer(p *page) {
	regions, ok := d.s.Analyzers.Get()
	if !ok {
		return
	}
	kinds := map[string]*analyzed{}
	bad := map[string]string{} // why a kind is not taken
	account, others := "", 0
	for _, r := range regions {
		list, read := r.Analyzers.Get()
		if !read {
			for _, kind := range []string{"ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"} {
				bad[kind] = "the analyzers in " + r.Region + " were not read"
			}
			continue
		}
		account = r.Account
		for _, a := range list {
			if a.ManagedBy != "" || a.Type != "ORGANIZATION" && a.Type != "ORGANIZATION_UNUSED_ACCESS" {
				others++
				continue
			}
			rules, why := d.expressible(a)
			k := kinds[a.Type]
			switch {
			case why != "":
				bad[a.Type] = why
			case k == nil:
				kinds[a.Type] = &analyzed{a.Name, []string{r.Region}, a, rules}
			case k.name != a.Name:
				bad[a.Type] = "they have several names"
			case a.Type == "ORGANIZATION_UNUSED_ACCESS":
				bad[a.Type] = "there are several"
			case fmt.Sprint(k.rules) != fmt.Sprint(rules):
				bad[a.Type] = "their archive rules differ from Region to Region"
			default:
				k.regions = append(k.regions, r.Region)
			}
		}
	}
	for _, kind := range sortedKeys(bad) {
		if _, ok := kinds[kind]; ok || bad[kind] != "" && !strings.HasSuffix(bad[kind], "were not read") {
			p.blank()
			p.comment(0, fmt.Sprintf("not taken: the analyzers of the type %s: %s", kind, bad[kind]))
		}
		delete(kinds, kind)
	}
	if others > 0 {
		p.blank()
		p.comment(0, "not taken: "+count(others, "analyzer")+" of other types, or made by a service")
	}
	external, unused := kinds["ORGANIZATION"], kinds["ORGANIZATION_UNUSED_ACCESS"]
	key := d.keyOfAccount(account)
	if external == nil && unused == nil || key == "" {
		return
	}
	p.blank()
	p.add(0, "accessAnalyzer:")
	p.add(1, "administrator: %s", plain(key))
	if external != nil {
		m := mapping{{"name", external.name}, {"regions", external.regions}}
		if slices.Equal(external.regions, slices.Sorted(slices.Values(d.opts.Regions))) {
			m[1].value = "governed"
		}
		p.add(1, "external: %s", flow(m))
	}
	if unused != nil {
		c, _ := unused.first.Configuration.Get()
		m := mapping{{"name", unused.name}, {"region", unused.regions[0]}, {"ageDays", c.UnusedAccessAge}}
		var exclude []string
		for _, x := range c.Exclusions {
			for _, id := range x.AccountIDs {
				exclude = append(exclude, d.keyOfAccount(id))
			}
		}
		if slices.Sort(exclude); len(exclude) > 0 {
			m = append(m, pair{"exclude", exclude})
		}
		p.add(1, "unused: %s", flow(m))
	}
	d.archiveRules(p, external, unused)
}

func (d *drafter) archiveRules(p *page, external, unused *analyzed) {
	rules := map[string]mapping{}
	add := func(k *analyzed, kind string) {
		if k == nil {
			return
		}
		for name, filter := range k.rules {
			key := name
			if had, ok := rules[name]; ok && fmt.Sprint(had[1].value) == filter {
				rules[name][0].value = append(had[0].value.([]string), kind)
				continue
			} else if ok {
				p.comment(1, fmt.Sprintf("not taken: the archive rule %s of the analyzer %s: another one has its name", name, k.name))
				continue
			}
			rules[key] = mapping{{"analyzers", []string{kind}}, {"filter", raw(filter)}}
		}
	}
	add(external, "external")
	add(unused, "unused")
	if len(rules) == 0 {
		return
	}
	p.add(1, "archiveRules:")
	for _, name := range sortedKeys(rules) {
		p.add(2, "%s: {analyzers: %s, filter: %s}", plain(name), flow(rules[name][0].value), rules[name][1].value)
	}
}

// raw is text that is written already.
type raw string

// expressible gives the archive rules of an analyzer as the file writes them,
// or says why the file cannot say what the analyzer is.
func (d *drafter) expressible(a live.Analyzer) (map[string]string, string) {
	if !ruleKey.MatchString(a.Name) {
		return nil, "the name " + a.Name + " is none that the file takes"
	}
	c, read := a.Configuration.Get()
	rules, rulesRead := a.ArchiveRules.Get()
	if !read || !rulesRead {
		return nil, "their configuration or their archive rules were not read"
	}
	if len(c.Inclusions) > 0 {
		return nil, "they look at a part of the organization"
	}
	for _, x := range c.Exclusions {
		if len(x.ResourceTags)+len(x.ResourceARNs)+len(x.ResourceTypes) > 0 {
			return nil, "they leave out more than accounts"
		}
		for _, id := range x.AccountIDs {
			if d.keyOfAccount(id) == "" {
				return nil, "they leave out the account " + id + ", which is not in the file"
			}
		}
	}
	out := map[string]string{}
	for _, r := range rules {
		if !ruleKey.MatchString(r.Name) {
			return nil, "the archive rule " + r.Name + " has a name that the file does not take"
		}
		var filter mapping
		for _, property := range sortedKeys(r.Filter) {
			f := r.Filter[property]
			var m mapping
			for _, l := range []struct {
				key  string
				list []string
			}{{"contains", f.Contains}, {"eq", f.Eq}, {"neq", f.Neq}} {
				if len(l.list) > 0 {
					m = append(m, pair{l.key, l.list})
				}
			}
			if f.Exists != nil {
				m = append(m, pair{"exists", *f.Exists})
			}
			filter = append(filter, pair{property, m})
		}
		out[r.Name] = flow(filter)
	}
	return out, ""
}
