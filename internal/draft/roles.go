package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/internal/live"
)

// A role is a role of the file: made alike in some accounts, but for the groups
// that may assume it there.
type role struct {
	item
	roleSpec
	key        string
	boundary   string // key of its boundary; "" for none
	breakGlass bool
	own        []ownPolicy
	accounts   map[string]bool    // that have it, by id
	granted    map[string][]grant // by account
}

// A roleSpec is what is alike in all accounts that have a role.
type roleSpec struct {
	name, path, description string
	session                 int      // seconds
	managed                 []string // as the file names them
	trust                   trust    // without grants
}

// An ownPolicy is a customer managed policy of a role's own.
type ownPolicy struct {
	last, file string // last part of its name
	doc        document
	from       string         // the document that it was made from, where its description says so
	levels     map[string]any // in place of a document: what it allows by service and access level
	resources  []string       // on which; nil for all
}

// A found is a role of one account.
type foundRole struct {
	in       *iamOf
	spec     roleSpec
	own      []ownPolicy
	boundary string // name of the policy
	grants   []grant
}

// alike is the same for roles that can be one of the file.
func (f foundRole) alike() string {
	s := fmt.Sprintf("%+v %q", f.spec, f.boundary)
	for _, p := range f.own {
		s += fmt.Sprintf(" %q %q", p.last, spelled(p.doc.Document))
	}
	return s
}

// collectRoles takes each role where most accounts have it alike.
func (c *central) collectRoles() {
	c.collectHubs()
	variants := map[string][][]foundRole{} // by name, in lower case: the file has one of each
	for _, a := range c.inOrder() {
		for _, r := range a.roles {
			switch {
			case c.isForeign(r.Name, r.Path):
				c.others++
				continue
			case c.hubs[r.ARN] != nil:
				continue
			}
			f, why := c.readRole(a, r)
			if why != "" {
				c.leave("role", c.where(r.Name, a), why)
				continue
			}
			name := strings.ToLower(r.Name)
			i := slices.IndexFunc(variants[name], func(list []foundRole) bool { return list[0].alike() == f.alike() })
			if i < 0 {
				variants[name] = append(variants[name], []foundRole{f})
			} else {
				variants[name][i] = append(variants[name][i], f)
			}
		}
	}
	for _, name := range sortedKeys(variants) {
		list := variants[name]
		slices.SortStableFunc(list, func(a, b []foundRole) int { return -cmp.Compare(len(a), len(b)) })
		for _, other := range list[1:] {
			for _, f := range other {
				c.leave("role", c.where(f.spec.name, f.in), "in other accounts a role of its name is another, and the file has one of a name")
			}
		}
		c.roles = append(c.roles, c.roleOf(list[0]))
	}
	slices.SortFunc(c.roles, func(a, b *role) int { return cmp.Compare(a.key, b.key) })
}

// roleOf is the role of the file that several accounts have.
func (c *central) roleOf(list []foundRole) *role {
	f := list[0]
	r := &role{item: item{kind: "role", title: f.spec.name}, roleSpec: f.spec, key: f.spec.name, own: f.own, accounts: map[string]bool{}, granted: map[string][]grant{}}
	for _, f := range list {
		r.accounts[f.in.id] = true
		r.granted[f.in.id] = f.grants
	}
	if f.boundary != "" {
		i := slices.IndexFunc(c.boundaries, func(b *boundary) bool { return b.name == f.boundary })
		r.boundary = c.boundaries[i].key
	}
	for i := range r.own {
		p := &r.own[i]
		if levels, resources, ok := levelsOf(p.doc.Document); ok && p.from == "access" {
			p.levels, p.resources = levels, resources
			continue
		}
		p.file = c.fileFor(p.from, r.name+"-"+p.last)
	}
	return r
}

var (
	ownNamed   = regexp.MustCompile(`^orgrails, policy of the role \S+ from (\S+)$`)
	roleName   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	managedARN = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:policy/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+$`)
	rolePath   = regexp.MustCompile(`^/([A-Za-z0-9_+=,.@-]+/)*$`) // as plans take them
)

// readRole reads a role of an account, or says why the file cannot say it.
func (c *central) readRole(a *iamOf, r live.Role) (foundRole, string) {
	f := foundRole{in: a}
	description, read := r.Description.Get()
	session, too := r.MaxSession.Get()
	switch {
	case !read || !too:
		return f, "its description and session duration were not read"
	case len(r.InlinePolicies) > 0:
		return f, "it has inline policies, which the file does not know"
	case len(r.Tags) > 0:
		return f, "it has tags, which the file does not know"
	case !roleName.MatchString(r.Name) || !rolePath.MatchString(r.Path):
		return f, "the file does not take its name or its path"
	}
	f.spec = roleSpec{name: r.Name, path: r.Path, description: description, session: session}
	t, why := c.readTrust(a.id, r.Trust)
	if why != "" {
		return f, why
	}
	f.grants, t.grants = t.grants, nil
	f.spec.trust = t
	mine := fmt.Sprintf("arn:%s:iam::%s:policy", c.partition, a.id)
	for _, arn := range r.AttachedPolicies {
		aws, isAWS := strings.CutPrefix(arn, fmt.Sprintf("arn:%s:iam::aws:policy/", c.partition))
		p, known := a.policies[arn]
		last, named := strings.CutPrefix(arn, mine+r.Path+r.Name+"-")
		switch {
		case isAWS:
			f.spec.managed = append(f.spec.managed, aws)
		case !known:
			return f, "a policy of it was not read"
		case named && last != "" && !p.Boundary:
			doc, why := readDocument(p)
			if why != "" {
				return f, "of a policy of it: " + why
			}
			o := ownPolicy{last: last, doc: doc}
			if said, _ := p.Description.Get(); ownNamed.MatchString(said) {
				o.from = ownNamed.FindStringSubmatch(said)[1]
			}
			f.own = append(f.own, o)
		case !managedARN.MatchString(arn):
			return f, "it has a policy whose path the file does not take"
		default:
			f.spec.managed = append(f.spec.managed, arn) // of this account: the role is in no other
		}
	}
	if r.Boundary != "" {
		name, ok := strings.CutPrefix(r.Boundary, mine+"/")
		if !ok || strings.Contains(name, "/") {
			return f, "its permissions boundary is none that the file can have"
		}
		if !slices.ContainsFunc(c.boundaries, func(b *boundary) bool { return b.name == name && b.accounts[a.id] }) {
			return f, "its permissions boundary is not in the file"
		}
		f.boundary = name
	}
	return f, ""
}
