package drift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/live"
)

// ours begins the names of the Organizations policies that are made from files,
// and of nobody else's.
const ours = "orgrails-"

// fullAccess is AWS's own policy that allows everything.
const fullAccess = "p-FullAWSAccess"

const (
	serviceControl  = "SERVICE_CONTROL_POLICY"
	resourceControl = "RESOURCE_CONTROL_POLICY"
)

// asIs is what AWS has, in the form of a plan: units, accounts and policies have
// the plan's names where they are the plan's. What was not read is as the plan
// says, and is noted. with is the plan together with what stays as it is when it
// is deployed: units, accounts and policies that it does not have.
func (m *match) asIs() (now, with *guardrails.Plan, notCompared []diff.NotCompared) {
	now, with = clone(m.plan), clone(m.plan)
	now.IDs, with.IDs = m.allIDs(), m.allIDs()
	c := &copier{match: m, now: now, with: with}
	c.tree()
	c.settings()
	c.policies()
	c.baselines()
	c.analyzers()
	for access, list := range map[bool][]string{true: c.open, false: c.mute} {
		slices.Sort(list)
		for _, what := range slices.Compact(list) {
			notCompared = append(notCompared, diff.NotCompared{What: what, MayDeny: access, MayAllow: access})
		}
	}
	slices.SortFunc(notCompared, func(a, b diff.NotCompared) int { return strings.Compare(a.What, b.What) })
	return now, with, notCompared
}

// allIDs are the ids that are known, and made up ones for what AWS has yet to
// make, so that the plan's texts can be compared.
func (m *match) allIDs() map[string]string {
	ids, taken := maps.Clone(m.known), map[string]bool{}
	for _, id := range ids {
		taken[id] = true
	}
	n := 0
	add := func(ref, format string) {
		for ids[ref] == "" {
			n++
			if id := fmt.Sprintf(format, n); !taken[id] {
				ids[ref] = id
			}
		}
	}
	for _, u := range m.plan.Units {
		add("unit:"+u.Path, "ou-0000-%08d")
	}
	for _, a := range m.plan.Accounts {
		add("account:"+a.Key, "%012d")
	}
	return ids
}

func clone(p *guardrails.Plan) *guardrails.Plan {
	q := *p
	return &q
}

type copier struct {
	*match
	now, with *guardrails.Plan
	open      []string // what was not read and may deny or allow something
	mute      []string // what was not read besides
}

func (c *copier) tree() {
	c.now.Units, c.now.Accounts = []guardrails.Unit{}, []guardrails.Account{}
	names := map[string]guardrails.Unit{}
	for _, u := range c.plan.Units {
		names["unit:"+u.Path] = u
	}
	for id, u := range c.units {
		ref := c.refs[id]
		if ref == "" {
			continue
		}
		was := names[ref]
		parent := "root"
		if i := strings.LastIndexByte(ref, '/'); i >= 0 {
			parent = strings.TrimPrefix(ref[:i], "unit:")
		}
		x := guardrails.Unit{Path: strings.TrimPrefix(ref, "unit:"), Name: u.Name, Parent: parent, Was: []string{}, Origin: cmp.Or(was.Origin, "AWS ("+id+")")}
		c.now.Units = append(c.now.Units, x)
		if c.isStranger(id) {
			c.with.Units = append(slices.Clone(c.with.Units), x)
		}
	}
	for _, list := range []*[]guardrails.Unit{&c.now.Units, &c.with.Units} {
		slices.SortFunc(*list, func(a, b guardrails.Unit) int { return strings.Compare(a.Path, b.Path) })
	}
	keys := map[string]guardrails.Account{}
	for _, a := range c.plan.Accounts {
		keys["account:"+a.Key] = a
	}
	for id, a := range c.accounts {
		ref := c.refs[id]
		if ref == "account:management" || c.isStranger(id) && a.State != "ACTIVE" {
			continue
		}
		x := guardrails.Account{Key: strings.TrimPrefix(ref, "account:"), Name: a.Name, Email: a.Email, Parent: keys[ref].Parent, Origin: cmp.Or(keys[ref].Origin, "AWS ("+id+")")}
		at, read := a.ParentID.Get()
		switch parent := c.refs[at]; {
		case read && parent != "":
			x.Parent = strings.TrimPrefix(parent, "unit:")
		case x.Parent == "":
			continue // a stranger, and nobody knows where
		default:
			c.open = append(c.open, "where accounts are that could not be located")
		}
		c.now.Accounts = append(c.now.Accounts, x)
		if c.isStranger(id) {
			c.with.Accounts = append(slices.Clone(c.with.Accounts), x)
		}
	}
	for _, list := range []*[]guardrails.Account{&c.now.Accounts, &c.with.Accounts} {
		slices.SortFunc(*list, func(a, b guardrails.Account) int { return strings.Compare(a.Key, b.Key) })
	}
}

// settings are those that the plan asks for, as far as they are on: of others
// nothing becomes anything.
func (c *copier) settings() {
	o := &c.now.Organization
	o.Partition = cmp.Or(c.snap.Organization.Partition, o.Partition)
	on := func(what string, list *[]string, a live.Answer[[]string]) {
		if has, ok := a.Get(); ok {
			*list = slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return !slices.Contains(has, s) })
		} else if len(*list) > 0 {
			c.mute = append(c.mute, what)
		}
	}
	on("which services are trusted", &o.TrustedServices, c.snap.TrustedServices)
	if has, ok := c.snap.CentralizedRootAccess.Get(); ok && len(o.CentralizedRootAccess) > 0 {
		o.CentralizedRootAccess = slices.Sorted(slices.Values(has))
	} else if len(o.CentralizedRootAccess) > 0 {
		c.open = append(c.open, "central root access")
	}
	o.PolicyTypes = slices.DeleteFunc(slices.Clone(o.PolicyTypes), func(t string) bool { return !c.enabled(t) })
	o.DelegatedAdministrators = c.delegated()
}

func (m *match) enabled(typ string) bool {
	return slices.ContainsFunc(m.root.PolicyTypes, func(t live.RootPolicyType) bool { return t.Type == typ && t.Status != "PENDING_DISABLE" })
}

// delegated are the delegated administrators of the services for which the plan
// names one.
func (c *copier) delegated() []guardrails.DelegatedAdministrator {
	want := c.plan.Organization.DelegatedAdministrators
	have, ok := c.snap.DelegatedAdministrators.Get()
	if !ok {
		if len(want) > 0 {
			c.open = append(c.open, "who are delegated administrators")
		}
		return want
	}
	list := []guardrails.DelegatedAdministrator{}
	for _, d := range have {
		services, ok := d.Services.Get()
		if !ok {
			c.open = append(c.open, "who are delegated administrators")
			return want
		}
		for _, s := range services {
			if slices.ContainsFunc(want, func(w guardrails.DelegatedAdministrator) bool { return w.ServicePrincipal == s }) {
				list = append(list, guardrails.DelegatedAdministrator{ServicePrincipal: s, Account: strings.TrimPrefix(c.refs[d.Account], "account:")})
			}
		}
	}
	slices.SortFunc(list, func(a, b guardrails.DelegatedAdministrator) int {
		return cmp.Or(cmp.Compare(a.ServicePrincipal, b.ServicePrincipal), cmp.Compare(a.Account, b.Account))
	})
	return list
}

// policies takes each policy that is the plan's, or was that of an earlier one,
// and counts the others to those that somebody else manages.
func (c *copier) policies() {
	c.now.Policies, c.now.Attachments = []guardrails.Policy{}, []guardrails.Attachment{}
	c.now.Elsewhere, c.with.Elsewhere = []guardrails.ForeignPolicy{}, []guardrails.ForeignPolicy{}
	c.now.NoFullAccess = []string{}
	seen := map[*live.Policy]bool{}
	types := map[string]bool{}
	for _, p := range c.plan.Policies {
		types[p.Type] = true
		if _, read := c.match.policies[p.Type]; !read {
			c.open = append(c.open, "the policies of type "+p.Type)
			c.asPlanned(p)
			continue
		}
		have := c.find(p)
		if have == nil {
			continue
		}
		seen[have] = true
		q := p
		q.Pending, q.Was, q.Name = nil, []string{}, have.Name
		content, ok := have.Content.Get()
		switch {
		case !ok:
			c.open = append(c.open, "the content of policy "+have.Name)
		case c.same(p.Type, p.Content, content), c.asFound(&p, content):
		default:
			q.AsFound = ""
			if q.Content, q.Statements, ok = c.statements(&p, have, content); !ok {
				c.open = append(c.open, "the content of policy "+have.Name+", which cannot be understood")
				q.Content, q.Statements = p.Content, p.Statements
			}
		}
		c.now.Policies = append(c.now.Policies, q)
		c.attach(&p, have)
	}
	for _, typ := range sortedKeys(c.match.policies) {
		for _, name := range sortedKeys(c.match.policies[typ]) {
			if p := c.match.policies[typ][name]; !seen[p] {
				c.other(typ, p)
			}
		}
	}
	for _, list := range []*guardrails.Plan{c.now, c.with} {
		slices.SortFunc(list.Policies, func(a, b guardrails.Policy) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
		})
		slices.SortFunc(list.Elsewhere, func(a, b guardrails.ForeignPolicy) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
		})
	}
	slices.SortFunc(c.now.Attachments, func(a, b guardrails.Attachment) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Policy, b.Policy))
	})
	c.fullAccess()
}

// find is the policy of AWS that is the plan's: of its name, or of a former one.
func (m *match) find(p guardrails.Policy) *live.Policy {
	for _, name := range append([]string{p.Name}, p.Was...) {
		if have := m.policies[p.Type][name]; have != nil && !have.AWSManaged {
			return have
		}
	}
	return nil
}

func (c *copier) asPlanned(p guardrails.Policy) {
	c.now.Policies = append(c.now.Policies, p)
	for _, a := range c.plan.Attachments {
		if a.Type == p.Type && a.Policy == p.Name && c.ids[a.Target] != "" {
			c.now.Attachments = append(c.now.Attachments, a)
		}
	}
}

// attach notes where AWS has a policy of the plan.
func (c *copier) attach(p *guardrails.Policy, have *live.Policy) {
	targets, ok := have.Targets.Get()
	if !ok {
		c.open = append(c.open, "where policy "+have.Name+" is attached")
		for _, a := range c.plan.Attachments {
			if a.Type == p.Type && a.Policy == p.Name && c.ids[a.Target] != "" {
				a.Policy = have.Name
				c.now.Attachments = append(c.now.Attachments, a)
			}
		}
		return
	}
	for _, t := range targets {
		if ref := c.refs[t.ID]; ref != "" {
			c.now.Attachments = append(c.now.Attachments, guardrails.Attachment{Target: ref, Type: p.Type, Policy: have.Name})
		}
	}
}

// statements is AWS's content of a policy with what is known of its statements
// from the plan's: those of the same words are the plan's, and those of the
// same Sid are changed ones of the same guardrail.
func (c *copier) statements(p *guardrails.Policy, have *live.Policy, content string) (guardrails.Text, []guardrails.Statement, bool) {
	doc, ok := understood(p.Type, content)
	parts, err := p.Parts()
	if !ok || err != nil || len(doc.parts) == 0 {
		return "", nil, false
	}
	words, sids := map[string]int{}, map[string]int{}
	for i, text := range parts {
		sids[p.Statements[i].Sid] = i
		if doc.head == "" {
			continue
		}
		if s, ok := c.filled(text); ok {
			if d, ok := understood(p.Type, doc.head+s+"]}"); ok && len(d.parts) == 1 {
				words[d.parts[0].text] = i
			}
		}
	}
	var texts []string
	var list []guardrails.Statement
	for _, x := range doc.parts {
		s := guardrails.Statement{Sid: x.sid, Origin: "AWS (" + have.Name + ", " + have.ID + ")", Exceptions: []string{}}
		text := x.text
		if i, ok := words[x.text]; ok {
			s, text = p.Statements[i], string(parts[i])
		} else if i, ok := sids[x.sid]; ok {
			s.Guardrail = p.Statements[i].Guardrail
		}
		texts, list = append(texts, text), append(list, s)
	}
	if doc.head == "" {
		return guardrails.Text(doc.text), list, true
	}
	return guardrails.Text(doc.head + strings.Join(texts, ",") + "]}"), list, true
}

// other is a policy that the plan does not have: one of an earlier plan, which
// goes when this one is deployed, or somebody else's, which stays.
func (c *copier) other(typ string, p *live.Policy) {
	if p.ID == fullAccess || p.ID == "p-RCPFullAWSAccess" {
		return
	}
	targets, read := p.Targets.Get()
	content, ok := p.Content.Get()
	doc, known := understood(typ, content)
	if !read || !ok || !known || len(doc.parts) == 0 {
		c.open = append(c.open, "the policy "+p.Name+" of others")
		return
	}
	origin := "AWS (" + p.Name + ", " + p.ID + ")"
	refs := []string{}
	for _, t := range targets {
		if ref := c.refs[t.ID]; ref != "" {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	if strings.HasPrefix(p.Name, ours) && !p.AWSManaged {
		q := guardrails.Policy{Type: typ, Name: p.Name, Was: []string{}, Description: p.Description, Content: guardrails.Text(doc.text), Statements: []guardrails.Statement{}}
		for _, x := range doc.parts {
			q.Statements = append(q.Statements, guardrails.Statement{Sid: x.sid, Origin: origin, Exceptions: []string{}})
		}
		c.now.Policies = append(c.now.Policies, q)
		for _, ref := range refs {
			c.now.Attachments = append(c.now.Attachments, guardrails.Attachment{Target: ref, Type: typ, Policy: p.Name})
		}
		return
	}
	if len(refs) == 0 {
		return
	}
	f := guardrails.ForeignPolicy{Type: typ, Name: p.Name, Content: guardrails.Text(doc.text), Targets: refs, Origin: origin}
	c.now.Elsewhere = append(c.now.Elsewhere, f)
	c.with.Elsewhere = append(c.with.Elsewhere, f)
}

// fullAccess notes where FullAWSAccess is not attached. A deployment gives it
// back only where an earlier one took it away.
func (c *copier) fullAccess() {
	missing, read := c.withoutFullAccess()
	if !read {
		c.open = append(c.open, "where FullAWSAccess is attached")
		c.now.NoFullAccess = c.plan.NoFullAccess
		return
	}
	c.now.NoFullAccess = missing
	c.with.NoFullAccess = slices.Clone(c.plan.NoFullAccess)
	allows := map[string]bool{}
	for _, p := range c.now.Policies {
		allows[p.Name] = p.Type == serviceControl && strings.Contains(string(p.Content), `"Effect":"Allow"`)
	}
	for _, ref := range missing {
		givenBack := slices.ContainsFunc(c.now.Attachments, func(a guardrails.Attachment) bool {
			return a.Target == ref && a.Type == serviceControl && allows[a.Policy]
		})
		if !givenBack && !slices.Contains(c.with.NoFullAccess, ref) {
			c.with.NoFullAccess = append(c.with.NoFullAccess, ref)
		}
	}
	slices.Sort(c.with.NoFullAccess)
}

// withoutFullAccess are the nodes without FullAWSAccess; false where that is not
// known. An organization in which service control policies are off has none.
func (m *match) withoutFullAccess() ([]string, bool) {
	missing := []string{}
	if !m.enabled(serviceControl) {
		return missing, true
	}
	list, ok := m.policies[serviceControl]
	if !ok {
		return nil, false
	}
	i := ""
	for name, p := range list {
		if p.ID == fullAccess {
			i = name
		}
	}
	if i == "" {
		return nil, false
	}
	targets, ok := list[i].Targets.Get()
	if !ok {
		return nil, false
	}
	has := map[string]bool{}
	for _, t := range targets {
		has[t.ID] = true
	}
	for _, ref := range sortedKeys(m.ids) {
		id := m.ids[ref]
		if ref == "organization" || ref == "account:management" || has[id] {
			continue
		}
		if a, ok := m.accounts[id]; ok && (a.State != "ACTIVE" || m.isStranger(id)) {
			continue
		}
		missing = append(missing, ref)
	}
	return missing, true
}
