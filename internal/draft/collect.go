package draft

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// collect finds what the file may say of IAM; nil where nothing was read.
func (d *drafter) collect() *central {
	all, ok := d.s.IAM.Get()
	if !ok {
		return nil
	}
	c := &central{d: d, partition: d.s.Organization.Partition, accounts: map[string]*iamOf{}, hubs: map[string]*group{}, files: map[string]bool{}}
	for _, p := range d.list {
		c.files[strings.ToLower(p.file)] = true
	}
	for _, a := range all {
		roles, rolesRead := a.Roles.Get()
		groups, groupsRead := a.Groups.Get()
		policies, policiesRead := a.Policies.Get()
		if !rolesRead || !groupsRead || !policiesRead || d.keyOfAccount(a.Account) == "" {
			continue
		}
		in := &iamOf{id: a.Account, roles: roles, groups: groups, policies: map[string]live.ManagedPolicy{}}
		for _, p := range policies {
			in.policies[p.ARN] = p
		}
		c.accounts[a.Account] = in
	}
	c.collectBoundaries()
	c.collectRoles()
	c.collectGroups()
	return c
}

// inOrder are the accounts that were read, by id.
func (c *central) inOrder() []*iamOf {
	var list []*iamOf
	for _, id := range sortedKeys(c.accounts) {
		list = append(list, c.accounts[id])
	}
	return list
}

// where is something of an account as notes name it.
func (c *central) where(name string, a *iamOf) string { return name + " of " + c.d.keyOfAccount(a.id) }

// foreignNames begin the names of what AWS, its services and its accelerators
// make, or what one deploys with.
var foreignNames = []string{"AWSReservedSSO_", "AWSServiceRoleFor", "aws-controltower-", "AWSControlTower", "stacksets-exec-", "AWSAccelerator", "OrganizationAccountAccessRole"}

func (c *central) isForeign(name, path string) bool {
	return strings.HasPrefix(path, "/aws-service-role/") || strings.HasPrefix(path, "/aws-reserved/") || strings.EqualFold(name, c.d.opts.DeployRole) ||
		slices.ContainsFunc(foreignNames, func(p string) bool { return strings.HasPrefix(name, p) })
}

// A document is what a managed policy says.
type document struct {
	policy.Document
	text string
}

// readDocument reads the document of a managed policy, or says why it cannot
// be in the file.
func readDocument(p live.ManagedPolicy) (document, string) {
	doc, ds := policy.Parse(p.Name, []byte(p.Document))
	switch {
	case ds.HasErrors():
		return document{}, "its document cannot be read"
	case doc.Version != policy.Version2012 && strings.Contains(p.Document, "${"):
		return document{}, "the version of its document has no variables, and orgrails writes " + policy.Version2012
	}
	return document{doc, p.Document}, ""
}

// A boundary is a managed policy that is a permissions boundary.
type boundary struct {
	item
	key, name  string
	doc        document
	template   string // "" for a document
	inferred   map[string]any
	parameters map[string]any // as the file has them
	file       string
	required   bool
	at         []*node         // where it is mandatory
	accounts   map[string]bool // that have it, by id
}

var (
	keyGrammar    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)
	boundaryNamed = regexp.MustCompile(`^orgrails, permissions boundary (\S+)$`)
)

// collectBoundaries takes each boundary where most accounts have it alike.
func (c *central) collectBoundaries() {
	variants := map[string][]*boundary{} // by name
	keys := map[*boundary]string{}
	for _, a := range c.inOrder() {
		for _, arn := range sortedKeys(a.policies) {
			p := a.policies[arn]
			if !p.Boundary || c.isForeign(p.Name, p.Path) {
				continue
			}
			doc, why := readDocument(p)
			if why == "" && p.Path != "/" {
				why = "it has a path, and the file has none for boundaries"
			}
			if why != "" {
				c.leave("permissions boundary", c.where(p.Name, a), why)
				continue
			}
			list := variants[p.Name]
			i := slices.IndexFunc(list, func(b *boundary) bool { return slices.Equal(spelled(b.doc.Document), spelled(doc.Document)) })
			if i < 0 {
				i = len(list)
				b := &boundary{item: item{kind: "permissions boundary", title: p.Name}, name: p.Name, doc: doc, accounts: map[string]bool{}}
				if said, _ := p.Description.Get(); boundaryNamed.MatchString(said) {
					keys[b] = boundaryNamed.FindStringSubmatch(said)[1]
				}
				variants[p.Name] = append(list, b)
			}
			variants[p.Name][i].accounts[a.id] = true
		}
	}
	taken := map[string]bool{}
	for _, name := range sortedKeys(variants) {
		list := variants[name]
		slices.SortStableFunc(list, func(a, b *boundary) int { return -cmp.Compare(len(a.accounts), len(b.accounts)) })
		for _, other := range list[1:] {
			for _, id := range sortedKeys(other.accounts) {
				c.leave("permissions boundary", c.where(name, c.accounts[id]), "in other accounts a policy of its name says something else")
			}
		}
		b := list[0]
		key := cmp.Or(keys[b], name)
		if !keyGrammar.MatchString(key) || taken[key] {
			key = unique(keyOf(name, "boundary", 60, func(r rune) bool {
				return r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			}), 60, taken)
		}
		taken[key] = true
		b.key = key
		c.asTemplate(b)
		if b.template == "" {
			b.file = c.fileFor("policies/"+fileName(name)+".json", name)
		}
		c.boundaries = append(c.boundaries, b)
	}
	slices.SortFunc(c.boundaries, func(a, b *boundary) int { return cmp.Compare(a.key, b.key) })
}

// asTemplate finds the template that a boundary is.
func (c *central) asTemplate(b *boundary) {
	env := c.d.env()
	env.Values["boundaryName"] = b.name
	uses, rest := recognize.Statements(c.d.catalog, catalog.PermissionsBoundary, env, b.doc.Statements, recognize.Options{})
	if len(uses) == 1 && len(rest) == 0 {
		b.template, b.inferred = uses[0].Template, uses[0].Parameters
	}
}

// found are the boundaries that are templates of the catalogue.
func (c *central) found() (list []Found) {
	for _, b := range c.boundaries {
		if !b.out && b.template != "" {
			list = append(list, Found{b.name, b.template, b.parameters})
		}
	}
	return list
}

// fileFor is the name of a document: the one that is wished for, where it is
// free and below the folder of policies.
func (c *central) fileFor(wish, name string) string {
	if !documentPath.MatchString(wish) || !filepath.IsLocal(wish) || c.files[strings.ToLower(wish)] {
		base := "policies/" + cmp.Or(fileName(name), "policy")
		wish = base + ".json"
		for i := 2; c.files[strings.ToLower(wish)]; i++ {
			wish = fmt.Sprintf("%s-%d.json", base, i)
		}
	}
	c.files[strings.ToLower(wish)] = true
	return wish
}

// documentPath are the paths that a description may ask for: no folder and no
// file of them is hidden.
var documentPath = regexp.MustCompile(`^policies/([A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/){0,5}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}\.json$`)

// targets are where a boundary is placed: at the nodes where it is mandatory,
// less the accounts below that do not have it, and wherever else it is.
func (c *central) targets(b *boundary) (targets, exclude []string) {
	below := map[string]bool{}
	for _, n := range b.at {
		targets = append(targets, n.selector())
		n.each(func(m *node) { below[m.id] = below[m.id] || m.email != "" })
	}
	targets = append(targets, c.d.cover(func(id string) bool { return b.accounts[id] && !below[id] })...)
	slices.Sort(targets)
	return slices.Compact(targets), c.d.cover(func(id string) bool { return below[id] && !b.accounts[id] })
}
