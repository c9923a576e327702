package guardrails

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Check says what is wrong with a plan, or nil: lists that are null or not
// sorted, references, parents, attachments and exceptions that name nothing,
// documents that are not canonical or whose statements are not the ones named,
// sizes that are not the real ones, ids that AWS would not give. It asks
// nobody: whether the guardrails are any good is for guardrails/eval and lint.
func (p *Plan) Check() error {
	c := checker{p: p, texts: map[Text]error{}, documents: map[Text]document{}, ids: map[string]bool{}, plain: map[[2]string]bool{}}
	c.check()
	return errors.Join(c.errs...)
}

// maxErrors bounds what is said of a plan that is wrong all over.
const maxErrors = 10

type checker struct {
	p         *Plan
	errs      []error
	texts     map[Text]error // accounts share documents: each is looked at once
	documents map[Text]document
	ids       map[string]bool    // names that a reference may have
	plain     map[[2]string]bool // names and paths that have been looked at
	path      []string           // of the value that walk stands at
}

type document struct {
	sids       []string
	statements []string // as they are written
	everyone   bool     // is a principal of some statement
	size       int
	err        error
}

func (c *checker) errorf(format string, args ...any) {
	if len(c.errs) < maxErrors {
		c.errs = append(c.errs, fmt.Errorf("plan: "+format, args...))
	}
}

func (c *checker) check() {
	if c.p.Version != Version {
		c.errs = append(c.errs, versionError(c.p.Version))
		return
	}
	if l := c.p.IDLengths; min(l.Organization, l.Root, l.Unit, l.Account) < 1 || max(l.Organization, l.Root, l.Unit, l.Account) > 1000 {
		c.errorf("idLengths of organization, root, unit and account are %d, %d, %d and %d, and not from 1 to 1000", l.Organization, l.Root, l.Unit, l.Account)
	}
	c.tree()
	c.walk(reflect.ValueOf(c.p).Elem())
	if len(c.errs) > 0 {
		return // what follows relies on lists and references
	}
	c.idValues()
	c.organization()
	c.exceptions()
	for i := range c.p.Policies {
		c.policy(&c.p.Policies[i])
	}
	c.attachments()
	c.fullAccess()
	for i := range c.p.Baselines {
		c.baseline(&c.p.Baselines[i])
	}
	sorted(c, "baselines", c.p.Baselines, func(a, b Baseline) int { return cmp.Compare(a.Account, b.Account) })
	c.analyzers()
	c.notCarried()
	c.elsewhere()
	c.beside()
	c.mustWork()
}

// tree checks units and accounts, and collects the names that references may have.
func (c *checker) tree() {
	c.ids["organization"], c.ids["root"], c.ids["account:management"] = true, true, true
	sorted(c, "units", c.p.Units, func(a, b Unit) int { return cmp.Compare(a.Path, b.Path) })
	sorted(c, "accounts", c.p.Accounts, func(a, b Account) int { return cmp.Compare(a.Key, b.Key) })
	for _, u := range c.p.Units {
		c.ids["unit:"+u.Path] = true
	}
	for _, u := range c.p.Units {
		parent, key := "root", u.Path
		if i := strings.LastIndexByte(u.Path, '/'); i >= 0 {
			parent, key = u.Path[:i], u.Path[i+1:]
		}
		switch {
		case !plainKey(key, false) || u.Path == "root":
			c.errorf("a unit has the path %q", u.Path)
		case u.Parent != parent, !c.node(parent):
			c.errorf("unit %s has the parent %q", u.Path, u.Parent)
		}
		if slices.ContainsFunc(u.Was, func(w string) bool { return c.ids["unit:"+w] || !plainKey(w, true) }) {
			c.errorf("unit %s was %q, which is a unit or no path", u.Path, u.Was)
		}
	}
	for _, a := range c.p.Accounts {
		c.ids["account:"+a.Key] = true
		if !plainKey(a.Key, false) || a.Key == "management" || a.Key == "root" {
			c.errorf("an account has the key %q", a.Key)
		}
		if !c.node(a.Parent) {
			c.errorf("account %s has the parent %q, which is no unit", a.Key, a.Parent)
		}
	}
	if at := c.p.Organization.NewAccounts; at != "" && !c.node(at) {
		c.errorf("new accounts wait in %q, which is no unit", at)
	}
	if n := c.p.Organization.AccountQuota; n < 0 {
		c.errorf("the organization takes %d accounts", n)
	}
}

// node reports whether path is the root or a unit.
func (c *checker) node(path string) bool { return path == "root" || c.ids["unit:"+path] }

func (c *checker) account(key string) bool { return c.ids["account:"+key] }

// walk looks at what holds for every value: no null lists, UTF-8, references
// that name something, and lists of strings and texts sorted.
func (c *checker) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == textType {
			if err := c.text(Text(v.String())); err != nil {
				c.errorf("%s: %w", c.where(), err)
			}
		} else if !utf8.ValidString(v.String()) {
			c.errorf("%s is not UTF-8", c.where())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(v.Elem())
		}
	case reflect.Map:
		if v.IsNil() {
			c.errorf("%s is null; write {}", c.where())
		}
	case reflect.Slice:
		if v.IsNil() {
			c.errorf("%s is null; write []", c.where())
		}
		for i := range v.Len() {
			e, name := v.Index(i), ""
			switch {
			case e.Kind() == reflect.Struct && e.Field(0).Kind() == reflect.String:
				name = e.Field(0).String()
			case e.Kind() == reflect.String && i > 0 && v.Index(i-1).String() >= e.String():
				c.errorf("%s is not sorted, or has %q twice", c.where(), e.String())
			}
			c.path = append(c.path, name)
			c.walk(e)
			c.path = c.path[:len(c.path)-1]
		}
	case reflect.Struct:
		for i, name := range fieldNames(v.Type()) {
			c.path = append(c.path, name)
			c.walk(v.Field(i))
			c.path = c.path[:len(c.path)-1]
		}
	}
}

// where names the value that walk stands at.
func (c *checker) where() string { return strings.Join(c.path, "/") }

func (c *checker) text(t Text) error {
	if !strings.Contains(string(t), refOpen) && len(t) < 64 {
		return t.check()
	}
	err, ok := c.texts[t]
	if !ok {
		if err = t.check(); err == nil {
			for _, name := range t.Refs() {
				if !c.ids[name] {
					err = fmt.Errorf("reference to %s, which is not in the plan", name)
					break
				}
			}
		}
		c.texts[t] = err
	}
	return err
}

// sorted checks the order of a list by its key, which may not occur twice.
func sorted[T any](c *checker, what string, list []T, order func(a, b T) int) {
	for i := 1; i < len(list); i++ {
		if order(list[i-1], list[i]) >= 0 {
			c.errorf("%s are not sorted, or one stands there twice: element %d", what, i)
			return
		}
	}
}

var idPatterns = map[string]*regexp.Regexp{
	"organization": regexp.MustCompile(`^o-[a-z0-9]{10,32}$`),
	"root":         regexp.MustCompile(`^r-[0-9a-z]{4,32}$`),
	"unit":         regexp.MustCompile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`),
	"account":      regexp.MustCompile(`^[0-9]{12}$`),
}

func (c *checker) idValues() {
	owners := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.p.IDs)) {
		id := c.p.IDs[name]
		if other := owners[id]; other != "" {
			c.errorf("%s and %s have the same id %s", other, name, id)
		}
		owners[id] = name
		kind, _, _ := strings.Cut(name, ":")
		switch {
		case !c.ids[name]:
			c.errorf("an id for %q, which is not in the plan", name)
		case !idPatterns[kind].MatchString(id):
			c.errorf("%s has the id %q, which AWS would not give", name, id)
		}
	}
}

func (c *checker) organization() {
	o := &c.p.Organization
	sorted(c, "delegated administrators", o.DelegatedAdministrators, func(a, b DelegatedAdministrator) int {
		return cmp.Or(cmp.Compare(a.ServicePrincipal, b.ServicePrincipal), cmp.Compare(a.Account, b.Account))
	})
	for _, d := range o.DelegatedAdministrators {
		if !c.account(d.Account) || d.Account == "management" {
			c.errorf("%s is delegated to %q, which is no member account", d.ServicePrincipal, d.Account)
		}
	}
}

func (c *checker) analyzers() {
	sorted(c, "analyzers", c.p.Analyzers, func(a, b AnalyzerRegion) int { return cmp.Compare(a.Region, b.Region) })
	for _, r := range c.p.Analyzers {
		if !c.account(r.Administrator) {
			c.errorf("analyzers of %s are administered from %q, which is no account", r.Region, r.Administrator)
		}
		sorted(c, "analyzers of "+r.Region, r.Analyzers, func(a, b Analyzer) int { return cmp.Compare(a.Name, b.Name) })
		for i := range r.Analyzers {
			c.excluded(&r.Analyzers[i])
		}
		for _, a := range r.Analyzers {
			sorted(c, "archive rules of "+a.Name, a.ArchiveRules, func(a, b ArchiveRule) int { return cmp.Compare(a.Name, b.Name) })
			for _, rule := range a.ArchiveRules {
				sorted(c, "criteria of "+rule.Name, rule.Filter, func(a, b Criterion) int { return cmp.Compare(a.Property, b.Property) })
			}
		}
	}
}
