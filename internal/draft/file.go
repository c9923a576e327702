package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/internal/live"
)

// file writes organization.yaml, and notes which line asks for which policy.
func (d *drafter) file() []byte {
	p := &page{}
	d.lines = map[int]*candidate{}
	p.add(0, "# Written by orgrails init --from-aws, from what AWS had at %s.", d.s.Oldest.UTC().Format(time.RFC3339))
	p.comment(0, "It changes nothing: its plan has the policies that are there. It is yours to edit.")
	d.notReadIn(p)
	d.leftOut(p)
	p.add(0, "version: 1")
	d.organization(p)
	d.rootIn(p)
	d.setsIn(p)
	d.exceptionsIn(p)
	d.elsewhereIn(p)
	d.asFoundIn(p)
	d.passwordPolicies(p)
	d.accessAnalyzer(p)
	d.centralIn(p)
	return p.bytes()
}

// notReadIn names once what could not be read.
func (d *drafter) notReadIn(p *page) {
	type kind struct{ what, api, reason string }
	where := map[kind][]string{}
	var order []kind
	for _, n := range d.s.NotRead {
		k := kind{n.What, n.API, n.Reason}
		if _, ok := where[k]; !ok {
			order = append(order, k)
		}
		if place := strings.TrimSpace(n.Account + " " + n.Region); place != "" {
			where[k] = append(where[k], place)
		} else {
			where[k] = append(where[k], "")
		}
	}
	for _, k := range order {
		text := "not read: " + k.what
		if places := where[k]; len(places) == 1 && places[0] != "" && !strings.Contains(k.what, places[0]) {
			text += " of " + places[0]
		} else if len(places) > 1 {
			text += fmt.Sprintf(", in %d places, %s among them", len(places), places[0])
		}
		if k.api != "" {
			text += " (" + k.api + ")"
		}
		p.comment(0, text+": "+k.reason)
	}
}

// leftOut says what is in AWS and not in the file.
func (d *drafter) leftOut(p *page) {
	for _, n := range d.notes {
		p.comment(0, "not as in AWS: "+n)
	}
	for _, c := range d.list {
		if c.way == left {
			p.comment(0, fmt.Sprintf("not taken: the policy %q at %s: %s", c.Name, strings.Join(c.targets(), ", "), c.why))
		}
	}
	if len(d.unused) > 0 {
		p.comment(0, fmt.Sprintf("not taken: %s attached to nothing: %s", count(len(d.unused), "policy"), strings.Join(d.unused, ", ")))
	}
	for _, typ := range sortedKeys(d.otherTypes) {
		p.comment(0, fmt.Sprintf("not taken: %s of the type %s, which orgrails does not manage", count(d.otherTypes[typ], "policy"), typ))
	}
	if r, ok := d.s.ResourcePolicy.Get(); ok && r.Content != "" {
		p.comment(0, "not taken: the resource policy by which the organization delegates its administration; orgrails leaves it as it is")
	}
	d.servicesOut(p)
	d.centralOut(p)
	for _, a := range d.closed {
		p.comment(0, fmt.Sprintf("not taken: the account %s, %s, is %s", a.ID, a.Name, strings.ToLower(a.State)))
	}
}

func (d *drafter) organization(p *page) {
	p.add(0, "organization:")
	p.add(1, "id: %s", plain(d.s.Organization.ID))
	p.add(1, "name: %s", plain(d.managerName()))
	m := mapping{{"id", d.s.Organization.ManagementAccount}}
	if accountNamed(d.manager.Name) {
		m = append(m, pair{"name", d.manager.Name})
	}
	if d.manager.Email != "" {
		m = append(m, pair{"email", d.manager.Email})
	}
	p.add(1, "managementAccount: %s", flow(m))
	p.add(1, "homeRegion: %s", plain(d.opts.HomeRegion))
	p.add(1, "regions: %s", flow(d.opts.Regions))
	p.add(1, "deployRole: %s", plain(d.opts.DeployRole))
	d.administrators(p)
	if features, ok := d.s.CentralizedRootAccess.Get(); ok && len(features) > 0 {
		p.add(1, "centralizedRootAccess: %s", flow(features))
	}
}

func (d *drafter) administrators(p *page) {
	all, _ := d.s.DelegatedAdministrators.Get()
	by := map[string][]string{}
	for _, a := range all {
		services, read := a.Services.Get()
		switch key := d.keyOfAccount(a.Account); {
		case !read || len(services) == 0:
		case key == "":
			p.comment(1, fmt.Sprintf("not taken: the account %s administers %s, and is not in the file", a.Account, strings.Join(services, ", ")))
		default:
			by[key] = services
		}
	}
	if len(by) == 0 {
		return
	}
	p.add(1, "delegatedAdministrators:")
	for _, key := range sortedKeys(by) {
		p.add(2, "%s: %s", plain(key), flow(by[key]))
	}
}

func (d *drafter) rootIn(p *page) {
	p.blank()
	p.add(0, "root:")
	p.add(1, "id: %s", plain(d.root.id))
	d.guardrails(p, d.root, 1)
	d.below(p, d.root, 1)
}

// below writes the units and accounts of a node.
func (d *drafter) below(p *page, n *node, depth int) {
	if len(n.units) > 0 {
		p.add(depth, "units:")
	}
	units := slices.SortedFunc(slices.Values(n.units), func(a, b *node) int { return cmp.Compare(a.key, b.key) })
	for _, u := range units {
		p.add(depth+1, "%s:", plain(u.key))
		p.add(depth+2, "id: %s", plain(u.id))
		if u.name != u.key && !u.unnamed {
			p.add(depth+2, "name: %s", plain(u.name))
		}
		d.guardrails(p, u, depth+2)
		d.below(p, u, depth+2)
	}
	if len(n.accounts) > 0 {
		p.add(depth, "accounts:")
	}
	accounts := slices.SortedFunc(slices.Values(n.accounts), func(a, b *node) int { return cmp.Compare(a.key, b.key) })
	for _, a := range accounts {
		m := mapping{{"id", a.id}, {"email", a.email}}
		if a.name != a.key && !a.unnamed {
			m = append(m, pair{"name", a.name})
		}
		if len(a.asks)+len(a.allowed) == 0 {
			p.add(depth+1, "%s: %s", plain(a.key), flow(m))
			continue
		}
		p.add(depth+1, "%s:", plain(a.key))
		for _, f := range m {
			p.add(depth+2, "%s: %s", f.key, flow(f.value))
		}
		d.guardrails(p, a, depth+2)
	}
}

// guardrails writes what a node asks for.
func (d *drafter) guardrails(p *page, n *node, depth int) {
	if len(n.allowed) > 0 {
		p.add(depth, "allowList: %s", flow(n.allowed))
		for _, c := range d.list {
			if c.allow != nil && slices.Contains(c.nodes, n) {
				d.lines[len(p.lines)] = c
			}
		}
	}
	if len(n.asks) == 0 {
		return
	}
	p.add(depth, "guardrails:")
	said := map[string]bool{}
	for _, a := range n.asks {
		if said[a.text] {
			continue
		}
		said[a.text] = true
		p.add(depth+1, "- %s", a.text)
		d.lines[len(p.lines)] = a.from
	}
}

func (d *drafter) setsIn(p *page) {
	sets := d.sets()
	if len(sets) == 0 {
		return
	}
	p.blank()
	p.add(0, "sets:")
	for _, name := range sortedKeys(sets) {
		p.add(1, "%s:", plain(name))
		for _, item := range sets[name] {
			p.add(2, "- %s", item)
			for _, c := range d.list {
				if slices.Contains(c.sets[name], item) {
					d.lines[len(p.lines)] = c
				}
			}
		}
	}
}

// beside are the keys of who governs accounts beside orgrails: whose service is
// trusted, who has roles in an account, or policies somewhere.
func (d *drafter) beside() (keys []string) {
	trusted, _ := d.s.TrustedServices.Get()
	accounts, _ := d.s.IAM.Get()
	for _, g := range awsdata.Governors.Value {
		here := slices.Contains(trusted, g.Trusted) || slices.ContainsFunc(d.list, func(c *candidate) bool {
			by, ok := awsdata.GovernorOfPolicy(c.Name)
			return ok && by.Key == g.Key
		})
		for _, a := range accounts {
			roles, _ := a.Roles.Get()
			here = here || a.Account != d.s.Organization.ManagementAccount && slices.ContainsFunc(roles, func(r live.Role) bool { return strings.HasPrefix(r.Name, g.Roles) })
		}
		if here {
			keys = append(keys, g.Key)
		}
	}
	return keys
}

// elsewhereIn writes what others manage.
func (d *drafter) elsewhereIn(p *page) {
	begun := false
	begin := func() {
		if !begun {
			p.blank()
			p.add(0, "managedElsewhere:                         # it is counted, and never touched")
		}
		begun = true
	}
	if by := d.beside(); len(by) > 0 {
		begin()
		p.add(1, "by: %s", flow(by))
	}
	first := true
	for _, c := range d.list {
		if c.way != elsewhere && c.way != nameOnly {
			continue
		}
		if first {
			begin()
			p.add(1, "policies:")
			first = false
		}
		if c.why != "" {
			p.comment(2, c.why)
		}
		m := mapping{{"type", string(c.typ)}, {"targets", c.targets()}}
		if c.way == elsewhere {
			m = append(m, pair{"file", c.file})
		}
		p.add(2, "%s: %s", plain(c.Name), flow(m))
		d.lines[len(p.lines)] = c
	}
}

func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// cut is a text of so many characters at most.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
