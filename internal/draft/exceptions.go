package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/recognize"
)

// An exception is from a guardrail, as the file has it.
type exception struct {
	guardrail            string
	principals, accounts []string
}

// excepted looks for guardrails from which somebody is spared, where the file
// can say who.
func (c *candidate) excepted(d *drafter, env catalog.Env) {
	found, rest := recognize.Statements(d.catalog, c.typ, env, c.statements, recognize.Options{Spared: true})
	var exceptions []exception
	var uses []recognize.Use
	for _, u := range found {
		list, ok := d.exceptions(u, c.typ)
		if !ok {
			rest = append(rest, u.Statements...)
			continue
		}
		uses = append(uses, u)
		exceptions = append(exceptions, list...)
	}
	if len(exceptions) == 0 {
		return
	}
	slices.Sort(rest)
	c.found, c.rest, c.exceptions = uses, rest, exceptions
}

var principalARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(\*|[0-9]{12}):(role/[A-Za-z0-9_+=,.@*?/-]+)$`)

// exceptions say who is spared from a guardrail; false where the file cannot.
func (d *drafter) exceptions(u recognize.Use, typ catalog.Type) ([]exception, bool) {
	if u.Spared == nil {
		return nil, true
	}
	key := func(id string) (string, bool) {
		if k := d.keyOfAccount(id); k != "" {
			return k, k != managementKey
		}
		return id, typ == catalog.ResourceControlPolicy
	}
	if len(u.Spared.Accounts) > 0 {
		x := exception{guardrail: u.Template}
		for _, id := range u.Spared.Accounts {
			k, ok := key(id)
			if !ok {
				return nil, false
			}
			x.accounts = append(x.accounts, k)
		}
		return []exception{x}, true
	}
	by := map[string][]string{} // principals by account
	for _, arn := range u.Spared.Principals {
		m := principalARN.FindStringSubmatch(arn)
		if m == nil || m[1] == "*" && typ == catalog.ResourceControlPolicy {
			return nil, false
		}
		by[m[1]] = append(by[m[1]], m[2])
	}
	groups := map[string]*exception{}
	for _, id := range sortedKeys(by) {
		slices.Sort(by[id])
		name := strings.Join(by[id], " ")
		if id == "*" {
			name += " *"
		}
		if groups[name] == nil {
			groups[name] = &exception{guardrail: u.Template, principals: by[id]}
		}
		if id == "*" {
			continue
		}
		k, ok := key(id)
		if !ok {
			return nil, false
		}
		groups[name].accounts = append(groups[name].accounts, k)
	}
	var list []exception
	for _, name := range sortedKeys(groups) {
		list = append(list, *groups[name])
	}
	return list, true
}

// withoutExceptions keeps as documents what somebody is spared from: of the
// guardrails that policies which come out otherwise have, since an exception is
// from every use of its guardrail; of all where none are given.
func (d *drafter) withoutExceptions(bad map[*candidate]string) (again bool) {
	templates := map[string]bool{}
	for c := range bad {
		for _, u := range c.uses() {
			templates[u.Template] = true
		}
	}
	for _, c := range d.list {
		var keep []recognize.Use
		for _, u := range c.found {
			if u.Spared != nil && (bad == nil || templates[u.Template]) {
				c.rest = append(c.rest, u.Statements...)
				c.exceptions = slices.DeleteFunc(c.exceptions, func(x exception) bool { return x.guardrail == u.Template })
				again = true
			} else {
				keep = append(keep, u)
			}
		}
		slices.Sort(c.rest)
		if c.found = keep; c.way == taken && c.allow == nil && len(keep) == 0 && !c.part {
			c.way = own
		}
	}
	for _, c := range d.list {
		c.stay = c.stay && !again // what came out otherwise may do so no longer
	}
	return again
}

// exceptionsIn writes who is spared from what.
func (d *drafter) exceptionsIn(p *page) {
	said := map[string]bool{}
	keys := map[string]bool{}
	for _, c := range d.list {
		if c.way != taken {
			continue
		}
		for _, x := range c.exceptions {
			if text := fmt.Sprint(x); said[text] {
				continue
			} else {
				said[text] = true
			}
			if len(keys) == 0 {
				p.blank()
				p.add(0, "exceptions:                               # found in AWS: say why they are there, and who answers for them")
			}
			p.add(1, "%s:", unique(x.guardrail+"-spares", 64, keys))
			d.lines[len(p.lines)] = c
			p.add(2, "guardrail: %s", plain(x.guardrail))
			for _, f := range (mapping{{"principals", x.principals}, {"accounts", x.accounts}}) {
				if list := f.value.([]string); len(list) > 0 {
					p.add(2, "%s: %s", f.key, flow(list))
					d.lines[len(p.lines)] = c
				}
			}
			p.add(2, "reason: found in AWS by orgrails init")
			p.add(2, "owner: nobody named yet")
		}
	}
}
