package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// An identity is where people come from.
type identity struct {
	source, account string // account is an id
	provider        string // with saml
}

// A group may assume roles.
type group struct {
	item
	key, name string
	attached  int // policies beside the one that lets it assume
}

// assumePolicy begins the name of the policy that lets a group assume roles.
const assumePolicy = "orgrails-assume-"

var (
	groupNamed = regexp.MustCompile(`^orgrails, the roles that the group ([A-Za-z0-9_+=,.@-]{1,128}) may assume$`)
	groupKey   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,128}$`)
)

// policyOf is the policy that lets a group, or a hub role, assume roles: its
// ARN, and the key of the group.
func (c *central) policyOf(a *iamOf, name string) (arn, key string) {
	arn = fmt.Sprintf("arn:%s:iam::%s:policy/%s%s", c.partition, a.id, assumePolicy, name)
	p, ok := a.policies[arn]
	if !ok {
		return "", ""
	}
	if said, _ := p.Description.Get(); groupNamed.MatchString(said) {
		return arn, groupNamed.FindStringSubmatch(said)[1]
	}
	return arn, name
}

// collectHubs finds the roles through which groups come that sign in with SAML.
func (c *central) collectHubs() {
	for _, a := range c.inOrder() {
		for _, r := range a.roles {
			arn, key := c.policyOf(a, r.Name)
			if arn == "" || !slices.Equal(r.AttachedPolicies, []string{arn}) || len(r.InlinePolicies)+len(r.Tags) > 0 || r.Path != "/" {
				continue
			}
			t, why := c.readTrust(a.id, r.Trust)
			if why != "" || t.saml == "" || len(t.grants) > 0 {
				continue
			}
			if c.identity.source == "" {
				c.identity = identity{"saml", a.id, t.saml}
			}
			if c.identity == (identity{"saml", a.id, t.saml}) {
				c.hubs[r.ARN] = &group{item: item{kind: "group", title: r.Name}, key: key, name: r.Name}
			}
		}
	}
}

// collectGroups finds the groups that roles are granted to, all in one place,
// and leaves out what is granted to others.
func (c *central) collectGroups() {
	c.choose()
	if c.identity.source == "" {
		c.ungrouped()
		return
	}
	switch in := c.accounts[c.identity.account]; {
	case c.identity.source == "identity-center":
		seen := map[string]bool{}
		c.eachGrant(func(_ *role, g grant) {
			if g.source == "identity-center" && g.account == c.identity.account && !seen[g.group] {
				seen[g.group] = true
				c.groups = append(c.groups, &group{item: item{kind: "group", title: g.group}, key: g.group, name: g.group})
			}
		})
	case c.identity.source == "saml":
		for _, arn := range sortedKeys(c.hubs) {
			c.groups = append(c.groups, c.hubs[arn])
		}
	case in != nil:
		keys := map[string]bool{}
		for _, g := range in.groups {
			arn, key := c.policyOf(in, g.Name)
			if arn == "" || !slices.Contains(g.AttachedPolicies, arn) || g.Path != "/" || keys[key] || !groupKey.MatchString(g.Name) {
				c.plain++
				continue
			}
			keys[key] = true
			c.groups = append(c.groups, &group{item: item{kind: "group", title: g.Name}, key: key, name: g.Name, attached: len(g.AttachedPolicies) - 1 + len(g.InlinePolicies)})
		}
	}
	slices.SortFunc(c.groups, func(a, b *group) int { return cmp.Compare(a.key, b.key) })
	c.ungrouped()
}

func (c *central) eachGrant(f func(*role, grant)) {
	for _, r := range c.roles {
		for _, id := range sortedKeys(r.granted) {
			for _, g := range r.granted[id] {
				if !r.out {
					f(r, g)
				}
			}
		}
	}
}

// choose takes the source and the account from which most is granted: the file
// has one of each.
func (c *central) choose() {
	if c.identity.source != "" {
		return
	}
	n := map[identity]int{}
	c.eachGrant(func(_ *role, g grant) { n[identity{source: g.source, account: g.account}]++ })
	most := 0
	for id, k := range n {
		if k > most || k == most && id.source+id.account < c.identity.source+c.identity.account {
			most, c.identity = k, id
		}
	}
	if most == 0 {
		for _, a := range c.inOrder() { // groups to which nothing is granted any more
			for _, g := range a.groups {
				if arn, _ := c.policyOf(a, g.Name); arn != "" && c.identity.source == "" {
					c.identity = identity{source: "iam", account: a.id}
				}
			}
		}
	}
}

// groupOf is the group of a grant; nil where it is not in the file.
func (c *central) groupOf(g grant) *group {
	if g.source != c.identity.source || g.account != c.identity.account {
		return nil
	}
	for _, x := range c.groups {
		if !x.out && (x.key == g.group && g.source != "saml" || x.name == g.group && g.source == "saml") {
			return x
		}
	}
	return nil
}

// ungrouped leaves out the roles that are granted to groups which are not in
// the file.
func (c *central) ungrouped() (again bool) {
	for _, r := range c.roles {
		for _, id := range sortedKeys(r.granted) {
			for _, g := range r.granted[id] {
				if c.groupOf(g) == nil {
					again = c.drop(&r.item, "it is granted to a group that is not in the file") || again
				}
			}
		}
	}
	return again
}

// grants are those of a group, by role and end: where the role may be assumed.
func (c *central) grants(x *group) []mapping {
	type lasting struct {
		r     *role
		until string
	}
	where := map[lasting]map[string]bool{}
	var order []lasting
	for _, r := range c.roles {
		if r.out {
			continue
		}
		for _, id := range sortedKeys(r.granted) {
			for _, g := range r.granted[id] {
				if c.groupOf(g) != x {
					continue
				}
				l := lasting{r, g.until}
				if where[l] == nil {
					where[l] = map[string]bool{}
					order = append(order, l)
				}
				where[l][id] = true
			}
		}
	}
	var list []mapping
	for _, l := range order {
		in := c.d.cover(func(id string) bool { return where[l][id] })
		m := mapping{{"role", l.r.key}, {"in", in}}
		if l.until != "" {
			m = append(m, pair{"until", l.until})
		}
		list = append(list, m)
	}
	return list
}

// groupsAside are groups of which the file says a part.
func (c *central) groupsAside() []string {
	var names []string
	for _, g := range c.groups {
		if !g.out && g.attached > 0 {
			names = append(names, g.name)
		}
	}
	return names
}
