package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	managementKey = "management"
	rootKey       = "root"
)

// A node is the root, a unit or a member account.
type node struct {
	id, key, name string
	email         string // of an account
	unnamed       bool   // its name is none for the file
	parent        *node
	units         []*node // by name
	accounts      []*node // by name
	allowed       []string
	asks          []ask
}

// selector names the node as the file does.
func (n *node) selector() string {
	switch {
	case n.parent == nil:
		return rootKey
	case n.email != "" || n.parent.parent == nil:
		return n.key
	}
	return n.parent.selector() + "/" + n.key
}

// each walks the node and all below it, units before accounts.
func (n *node) each(f func(*node)) {
	f(n)
	for _, u := range n.units {
		u.each(f)
	}
	for _, a := range n.accounts {
		f(a)
	}
}

// tree makes the nodes of the snapshot, with keys from their names.
func (d *drafter) tree() error {
	root, ok := d.s.Root.Get()
	units, unitsRead := d.s.Units.Get()
	accounts, accountsRead := d.s.Accounts.Get()
	if !ok || !unitsRead || !accountsRead {
		return errNotRead
	}
	d.root = &node{id: root.ID, key: rootKey}
	d.byID = map[string]*node{root.ID: d.root}
	for _, u := range units {
		n := &node{id: u.ID, name: u.Name}
		if strings.Contains(u.Name, "{{") {
			n.unnamed = true
			d.notef("the name %q of the unit %s is not in the file, which takes no {{: orgrails would give the unit the name of its key", u.Name, u.ID)
		}
		d.byID[u.ID] = n
	}
	for _, u := range units {
		p := d.byID[u.ParentID]
		if p == nil {
			return fmt.Errorf("the unit %s is below %s, which was not read", u.ID, u.ParentID)
		}
		d.byID[u.ID].parent = p
		p.units = append(p.units, d.byID[u.ID])
	}
	inUse := d.attachedTo()
	for _, a := range accounts {
		parent, placed := a.ParentID.Get()
		switch {
		case a.ID == d.s.Organization.ManagementAccount:
			if d.manager = a; a.Name != "" && !accountNamed(a.Name) {
				d.notef("the name %q of the management account is not in the file, which takes printable ASCII alone, and no markup", a.Name)
			}
			continue
		case a.State != "ACTIVE" && !inUse[a.ID]:
			d.closed = append(d.closed, a)
			continue
		case a.State != "ACTIVE":
			d.notef("the account %s (%s) is %s, and in the file because policies are attached to it", a.ID, a.Name, strings.ToLower(a.State))
		}
		p := d.byID[parent]
		if !placed || p == nil {
			d.notef("the account %s (%s) is not in the file: where it is was not read", a.ID, a.Name)
			continue
		}
		n := &node{id: a.ID, name: a.Name, email: a.Email, parent: p}
		if !accountNamed(a.Name) {
			n.unnamed = true
			d.notef("the name %q of the account %s is not in the file, which takes printable ASCII alone, and no markup; orgrails does not change names of accounts that exist", a.Name, a.ID)
		}
		d.byID[a.ID] = n
		d.accounts = append(d.accounts, n)
		p.accounts = append(p.accounts, n)
	}
	d.keys()
	return nil
}

// markup is what AWS takes for a script, and refuses in new names.
var markup = regexp.MustCompile(`(?i)<\s*/?\s*[a-z!]|javascript\s*:|\bon[a-z]+\s*=|&#`)

// accountNamed reports whether the file takes a name of an account.
func accountNamed(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) && !strings.Contains(name, "{{") && !markup.MatchString(name)
}

// attachedTo are the ids of everything that a policy is attached to, other
// than AWS's own.
func (d *drafter) attachedTo() map[string]bool {
	to := map[string]bool{}
	for _, pt := range d.s.Policies {
		policies, _ := pt.Policies.Get()
		for _, p := range policies {
			targets, _ := p.Targets.Get()
			for _, t := range targets {
				if !p.AWSManaged {
					to[t.ID] = true
				}
			}
		}
	}
	return to
}

// keys gives every node a key: a unit one that is unique among its siblings, an
// account one that is unique in the organization and no unit's.
func (d *drafter) keys() {
	byName := func(a, b *node) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) }
	taken := map[string]bool{managementKey: true, rootKey: true}
	d.root.each(func(n *node) {
		slices.SortFunc(n.units, byName)
		slices.SortFunc(n.accounts, byName)
		siblings := map[string]bool{managementKey: true, rootKey: true}
		for _, u := range n.units {
			u.key = unique(unitKey(u.name), 64, siblings)
			if n == d.root {
				taken[u.key] = true
			}
		}
	})
	slices.SortFunc(d.accounts, byName)
	for _, a := range d.accounts {
		a.key = unique(accountKey(a.name), 40, taken)
	}
	slices.SortFunc(d.accounts, func(a, b *node) int { return cmp.Compare(a.key, b.key) })
}

// unique is a key that is not taken, and takes it: the key itself, or with a
// number behind it.
func unique(key string, most int, taken map[string]bool) string {
	name := key
	for i := 2; taken[name]; i++ {
		end := fmt.Sprint("-", i)
		name = strings.TrimRight(key[:min(len(key), most-len(end))], "-") + end
	}
	taken[name] = true
	return name
}

// unitKey is the key of a unit of that name: what keys take of it, the rest
// becoming hyphens.
func unitKey(name string) string {
	return keyOf(name, "Unit", 64, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	})
}

// accountKey is the key of an account of that name.
func accountKey(name string) string {
	return keyOf(strings.ToLower(name), "account", 40, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' })
}

func keyOf(name, prefix string, most int, takes func(rune) bool) string {
	var b strings.Builder
	for _, r := range letters.Replace(name) {
		switch {
		case takes(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	key := strings.Trim(b.String(), "-_")
	if key == "" {
		return prefix
	}
	if c := key[0]; c >= '0' && c <= '9' {
		key = prefix + "-" + key
	}
	return strings.TrimRight(key[:min(len(key), most)], "-_")
}

// letters spells what keys do not take as people do in mail addresses.
var letters = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "å", "a", "Å", "A", "æ", "ae", "Æ", "Ae", "ø", "o", "Ø", "O",
	"à", "a", "á", "a", "â", "a", "ã", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e", "ì", "i", "í", "i", "î", "i", "ï", "i", "ñ", "n",
	"ò", "o", "ó", "o", "ô", "o", "õ", "o", "ù", "u", "ú", "u", "û", "u", "ý", "y", "ÿ", "y",
	"À", "A", "Á", "A", "Â", "A", "Ã", "A", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E", "Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N",
	"Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ù", "U", "Ú", "U", "Û", "U", "Ý", "Y",
)

// keyOfAccount is the key of an account by its id; "" for one that is not in
// the file.
func (d *drafter) keyOfAccount(id string) string {
	if id == d.s.Organization.ManagementAccount {
		return managementKey
	}
	if n := d.byID[id]; n != nil {
		return n.key
	}
	return ""
}

// managerName is what people call the organization by.
func (d *drafter) managerName() string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, d.manager.Name)
	if name = cut(oneLine(name), 128); name != "" && !strings.Contains(name, "{{") && !markup.MatchString(name) {
		return name
	}
	return d.s.Organization.ID
}
