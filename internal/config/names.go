package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// scripting is what AWS Organizations takes for an attempt at cross-site
// scripting in names and descriptions, and refuses since July 2026.
var scripting = regexp.MustCompile(`(?i)<\s*/?\s*[a-z!]|javascript\s*:|\bon[a-z]+\s*=|&#`)

// freeText refuses text that AWS would refuse in a name or description.
func (l *loader) freeText(s string, r diag.Range, what string) {
	if m := scripting.FindString(s); m != "" {
		l.ds.Errorf(r, "GR034", "AWS refuses %s that holds %s", what, quote(m)).
			Hint = "it looks like a script to AWS: leave out markup"
	}
	for _, c := range s {
		if c < ' ' || c == 0x7f {
			l.ds.Errorf(r, "GR034", "%s holds a control character", what).Hint = "write it in one line"
			return
		}
	}
}

// ascii refuses text that AWS takes only in ASCII.
func (l *loader) ascii(s string, r diag.Range, what string) {
	for _, c := range s {
		if c > '~' {
			l.ds.Errorf(r, "GR034", "AWS refuses %s that holds %q", what, c).Hint = "use letters without accents, digits and punctuation"
			return
		}
	}
}

// reserved refuses keys that selectors give a meaning of their own.
func (l *loader) reserved(key string, r diag.Range, what string) {
	if key == org.RootSelector || key == org.ManagementSelector {
		l.ds.Errorf(r, "GR025", "%s cannot have the key %q", what, key).
			Hint = fmt.Sprintf("%q names %s everywhere in the file; choose another key", key,
			map[string]string{org.RootSelector: "all member accounts", org.ManagementSelector: "the management account"}[key])
	}
}

// A firstUse remembers where each name was used first.
type firstUse map[string]diag.Range

// taken reports a name that was used before.
func (f firstUse) taken(name string, r diag.Range) (first diag.Range, twice bool) {
	if first, twice = f[name]; !twice {
		f[name] = r
	}
	return first, twice
}

// unit checks what AWS would refuse of a unit.
func (l *loader) checkUnit(u *org.Unit, in *Unit) {
	l.reserved(u.Key, u.Range, "a unit")
	if in.Name != "" && in.ID == "" { // what AWS has, it has taken
		l.freeText(in.Name, in.rng("name"), "the name of a unit")
	}
	for i, was := range u.Was {
		at := in.rng("was", i)
		if was == u.Key {
			l.ds.Errorf(at, "GR019", "the unit has the key %q now", was).Hint = "was lists the keys that it had before"
			continue
		}
		if sibling := l.names.units[strings.TrimSuffix(u.Path, u.Key)+was]; sibling != nil && sibling != l.o.Root {
			d := l.ds.Errorf(at, "GR019", "another unit has the key %q", was)
			d.Hint = "a unit cannot be two: remove it here, or remove the other unit"
			d.Related = []diag.Related{{Range: sibling.Range, Message: "the other unit is here"}}
		}
	}
	quota := new(awsdata.Quotas).WithDefaults()
	if depth := u.Depth(); depth == quota.OUDepth+1 {
		l.ds.Errorf(u.Range, "GR030", "the unit %s is %d levels below the root", u.Path, depth).
			Hint = fmt.Sprintf("AWS takes %d levels; move it, and what is in it, up", quota.OUDepth)
	}
}

// siblings refuses units of one parent whose names in AWS are equal, and
// former keys that two of them claim.
func (l *loader) siblings(parent *org.Unit, place *at) {
	names, was := firstUse{}, firstUse{}
	for _, u := range parent.Units {
		if first, twice := names.taken(u.Name, u.Range); twice {
			d := l.ds.Errorf(u.Range, "GR029", "two units in %s have the name %s", parent.Path, quote(u.Name))
			d.Hint = "AWS takes a name once among the units of one parent"
			d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
		}
		for i, key := range u.Was {
			at := place.rng("units", u.Key, "was", i)
			if first, twice := was.taken(key, at); twice {
				d := l.ds.Errorf(at, "GR019", "two units were %q before", key)
				d.Hint = "keep the line of the one that the unit became"
				d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
			}
		}
	}
}

// checkAccount checks what AWS would refuse of an account.
func (l *loader) checkAccount(a *org.Account, in *Account) {
	l.reserved(a.Key, a.Range, "an account")
	if in.Name != "" {
		l.freeText(in.Name, in.rng("name"), "the name of an account")
		l.ascii(in.Name, in.rng("name"), "the name of an account")
	}
	l.email(a.Email, in.rng("email"))
}

// email checks an address against the rules that AWS Organizations has for
// those of new accounts, read 2026-11-22:
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
func (l *loader) email(address string, r diag.Range) {
	local, domain, _ := strings.Cut(address, "@")
	hint := ""
	switch {
	case !matches(Email(""), address):
		return // none at all, or reported by the schema
	case strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(address, ".."):
		hint = "the part before the @ neither begins nor ends with a dot, and no two dots stand together"
	case strings.ContainsAny(local, "'%&"):
		hint = "the part before the @ holds none of ' % &"
	case strings.Trim(domain, "-") != domain || strings.ContainsFunc(domain, foreignToDomains):
		hint = "the part behind the @ has letters, digits, dots and hyphens alone, and neither begins nor ends with a hyphen"
	}
	if hint != "" {
		l.ds.Errorf(r, "GR034", "AWS refuses the e-mail address %s", quote(address)).Hint = hint
	}
	l.ascii(address, r, "an e-mail address")
}

// foreignToDomains reports an ASCII character that the name of a domain does not have.
func foreignToDomains(c rune) bool {
	return c < 0x80 && c != '.' && c != '-' && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')
}

// identities refuses ids and addresses that are there twice, after the lock
// file has brought its ids.
func (l *loader) identities() {
	ids, emails := firstUse{}, firstUse{}
	one := func(a *org.Account, id, email diag.Range) {
		if a.ID != "" {
			if first, twice := ids.taken(string(a.ID), id); twice {
				d := l.ds.Errorf(id, "GR027", "two accounts have the id %s", a.ID)
				d.Hint = "an account stands once in the file"
				d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
			}
		}
		if a.Email != "" {
			if first, twice := emails.taken(strings.ToLower(a.Email), email); twice {
				d := l.ds.Errorf(email, "GR028", "two accounts have the e-mail address %s", quote(a.Email))
				d.Hint = "AWS takes an address once, upper and lower case counting alike; many mail systems deliver name+anything@… to name@…"
				d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
			}
		}
	}
	m := &l.doc.Organization.ManagementAccount
	one(l.o.Management, m.rng("id"), m.rng("email"))
	for _, a := range l.o.Accounts {
		place := l.names.places[a]
		id := place.rng("id")
		if !place.has("id") {
			id = a.Range
			if lock, ok := l.names.locked[a]; ok {
				id = lock
			}
		}
		one(a, id, place.rng("email"))
	}
	l.unitIDs()
	if quota := new(awsdata.Quotas).WithDefaults(); len(l.o.Units) > quota.OUs {
		l.ds.Errorf(l.o.Root.Range, "GR030", "there are %d units", len(l.o.Units)).
			Hint = fmt.Sprintf("AWS takes %d in an organization", quota.OUs)
	}
}

// unitIDs refuses ids of units that are there twice or belong to another root.
func (l *loader) unitIDs() {
	ids := firstUse{}
	root, rootAt := strings.TrimPrefix(l.o.Root.ID, "r-"), l.doc.Root.rng("id")
	for _, u := range l.o.Units {
		if u.ID == "" || !matches(UnitID(""), u.ID) {
			continue
		}
		at := l.names.unitPlaces[u].rng("id")
		if first, twice := ids.taken(u.ID, at); twice {
			d := l.ds.Errorf(at, "GR027", "two units have the id %s", u.ID)
			d.Hint = "a unit stands once in the file"
			d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
		}
		of := strings.Split(u.ID, "-")[1]
		if root == "" {
			root, rootAt = of, at
		} else if of != root {
			d := l.ds.Errorf(at, "GR027", "the unit %s is of the root r-%s, others are of r-%s", u.ID, of, root)
			d.Hint = "an organization has one root; copy the id again"
			d.Related = []diag.Related{{Range: rootAt, Message: "the other root's id is in this one"}}
		}
	}
}

// clashes refuses account keys that are also the path of a unit: a selector
// would name both.
func (l *loader) clashes() {
	for _, a := range l.o.Accounts {
		if u := l.names.units[a.Key]; u != nil && u != l.o.Root {
			d := l.ds.Errorf(a.Range, "GR026", "an account and a unit at the top have the key %q", a.Key)
			d.Hint = "selectors could mean both; give one of them another key"
			d.Related = []diag.Related{{Range: u.Range, Message: "the unit is here"}}
		}
	}
}
