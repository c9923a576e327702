package draft

import (
	"path"
	"strings"
	"time"
)

// documents puts beside the file what boundaries and roles say.
func (c *central) documents() {
	for _, b := range c.boundaries {
		if !b.out && b.file != "" {
			c.d.docs[b.file] = pretty(b.doc.text)
		}
	}
	for _, r := range c.roles {
		for _, p := range r.own {
			if !r.out && p.file != "" {
				c.d.docs[p.file] = pretty(p.doc.text)
			}
		}
	}
}

// asks notes that the lines of a page from one on are about something.
func (c *central) asks(p *page, from int, x *item) {
	for i := from; i <= len(p.lines); i++ {
		c.lines[i] = x
	}
}

// centralIn writes boundaries, identity and roles.
func (d *drafter) centralIn(p *page) {
	if d.iam == nil {
		return
	}
	d.iam.lines = map[int]*item{}
	d.iam.boundariesIn(p)
	d.iam.identityIn(p)
	d.iam.rolesIn(p)
}

func (c *central) boundariesIn(p *page) {
	first := true
	for _, b := range c.boundaries {
		if b.out {
			continue
		}
		if first {
			p.blank()
			p.add(0, "permissionBoundaries:")
			first = false
		}
		m := mapping{}
		if b.name != b.key {
			m = append(m, pair{"name", b.name})
		}
		if b.template != "" {
			m = append(m, pair{"template", b.template})
		} else {
			m = append(m, pair{"file", b.file})
		}
		if len(b.parameters) > 0 {
			m = append(m, pair{"parameters", b.parameters})
		}
		targets, exclude := c.targets(b)
		m = append(m, pair{"targets", targets})
		if len(exclude) > 0 {
			m = append(m, pair{"exclude", exclude})
		}
		if b.required {
			m = append(m, pair{"required", true})
		}
		p.add(1, "%s: %s", plain(b.key), flow(m))
		c.asks(p, len(p.lines), &b.item)
	}
}

func (c *central) identityIn(p *page) {
	first := true
	for _, g := range c.groups {
		if g.out {
			continue
		}
		if first {
			p.blank()
			from := len(p.lines) + 1
			p.add(0, "identity:")
			p.add(1, "source: %s", c.identity.source)
			p.add(1, "account: %s", plain(c.d.keyOfAccount(c.identity.account)))
			if c.identity.provider != "" {
				p.add(1, "samlProvider: %s", plain(c.identity.provider))
			}
			p.add(1, "groups:")
			c.asks(p, from, &g.item) // where there is no group, there is none of it
			first = false
		}
		from := len(p.lines) + 1
		p.add(2, "%s:", plain(g.key))
		if g.name != g.key {
			p.add(3, "name: %s", plain(g.name))
		}
		grants := c.grants(g)
		if len(grants) == 0 {
			p.add(3, "assume: []")
		} else {
			p.add(3, "assume:")
		}
		for _, m := range grants {
			p.add(4, "- %s", flow(m))
		}
		c.asks(p, from, &g.item)
	}
}

func (c *central) rolesIn(p *page) {
	first := true
	for _, r := range c.roles {
		if r.out {
			continue
		}
		if first {
			p.blank()
			p.add(0, "roles:")
			first = false
		}
		from := len(p.lines) + 1
		p.add(1, "%s:", plain(r.key))
		for _, f := range c.fields(r) {
			p.add(2, "%s: %s", f.key, flow(f.value))
		}
		c.asks(p, from, &r.item)
	}
}

// fields are what the file says of a role.
func (c *central) fields(r *role) mapping {
	m := mapping{{"targets", c.d.cover(func(id string) bool { return r.accounts[id] })}}
	if r.path != "/" {
		m = append(m, pair{"path", r.path})
	}
	if r.description != "" {
		m = append(m, pair{"description", r.description})
	}
	if len(r.managed) > 0 {
		m = append(m, pair{"managedPolicies", r.managed})
	}
	var own []any
	for _, o := range r.own {
		x := mapping{}
		switch {
		case o.levels != nil && o.last == "access" && o.resources == nil:
			m = append(m, pair{"access", o.levels})
			continue
		case o.levels != nil:
			x = append(x, pair{"access", o.levels})
			if o.resources != nil {
				x = append(x, pair{"resources", o.resources})
			}
		default:
			x = append(x, pair{"file", o.file})
		}
		if o.levels != nil && o.last != "access" || o.levels == nil && strings.TrimSuffix(path.Base(o.file), ".json") != o.last {
			x = append(x, pair{"name", o.last})
		}
		own = append(own, x)
	}
	if len(own) > 0 {
		m = append(m, pair{"policies", own})
	}
	if r.boundary != "" {
		m = append(m, pair{"boundary", r.boundary})
	}
	if r.breakGlass {
		m = append(m, pair{"breakGlass", true})
	}
	t := r.trust
	if t.narrow.maxAge > 0 {
		m = append(m, pair{"mfa", mapping{{"maxAge", raw(spoken(t.narrow.maxAge))}}})
	} else if t.narrow.mfa {
		m = append(m, pair{"mfa", mapping{}})
	}
	if t.narrow.ips != "" {
		m = append(m, pair{"sourceIps", strings.Fields(t.narrow.ips)})
	}
	if r.session != 3600 {
		m = append(m, pair{"maxSession", raw(spoken(r.session))})
	}
	if trust := t.fields(); len(trust) > 0 {
		m = append(m, pair{"trust", trust})
	}
	return m
}

func (t trust) fields() mapping {
	switch {
	case len(t.users) > 0:
		return mapping{{"users", t.users}}
	case len(t.roles) > 0:
		return mapping{{"roles", t.roles}}
	case t.account != "":
		return mapping{{"account", t.account}, {"externalId", t.externalID}}
	case len(t.services) > 0:
		return mapping{{"services", t.services}}
	case t.provider != "":
		return mapping{{"oidc", mapping{{"provider", t.provider}, {"audience", t.audience}, {"subjects", []string(t.subjects)}}}}
	case t.saml != "":
		return mapping{{"saml", mapping{{"provider", t.saml}}}}
	}
	return nil
}

// spoken writes seconds as the file does: 1h30m.
func spoken(seconds int) string {
	s := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// centralOut says what is left out that nobody misses.
func (d *drafter) centralOut(p *page) {
	if d.iam == nil {
		return
	}
	if n := d.iam.others; n > 0 {
		p.comment(0, "not taken: "+count(n, "role")+" that AWS or its services made, or by which one deploys")
	}
	if n := d.iam.plain; n > 0 {
		p.comment(0, "not taken: "+count(n, "group")+" that may assume roles by policies of their own")
	}
	if names := d.iam.groupsAside(); len(names) > 0 {
		p.comment(0, "not in the file are further policies of the groups "+some(names)+", which orgrails leaves as they are")
	}
}
