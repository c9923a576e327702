package config

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"sync"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/templates"
)

// ParseSet reads one set of those that come with the tool, a YAML or JSON
// file: src, which diagnostics call file. It checks the file against the
// schema; whether its members are guardrails is for [catalog.Catalog.CheckSets].
func ParseSet(file string, src []byte) (catalog.Set, diag.Diagnostics) {
	var s catalog.Set
	root, ds := parse(newSource(file, src))
	if root == nil {
		return s, ds
	}
	ds = append(ds, setSchema().validate(root)...)
	decode(root, reflect.ValueOf(&s).Elem())
	s.Range = root.at("name").head()
	for i := range s.Members {
		s.Members[i].Range = root.at("members", i, "template").head()
	}
	for i := range s.Without {
		s.Without[i].Range = root.at("without", i, "template").head()
	}
	ds.Sort()
	return s, ds
}

var builtinSets = sync.OnceValues(func() ([]catalog.Set, diag.Diagnostics) {
	names, err := fs.Glob(templates.Files, "sets/*.yaml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	var sets []catalog.Set
	var ds diag.Diagnostics
	for _, name := range names {
		src, err := templates.Files.ReadFile(name)
		if err != nil {
			panic(fmt.Errorf("embedded set: %w", err))
		}
		s, found := ParseSet(path.Join("templates", name), src)
		ds = append(ds, found...)
		sets = append(sets, s)
	}
	return sets, ds
})

// BuiltinSets are the sets that come with the tool, sorted by name. They are
// read once; a test holds that they have no mistakes.
func BuiltinSets() ([]catalog.Set, diag.Diagnostics) {
	sets, ds := builtinSets()
	return slices.Clone(sets), slices.Clone(ds)
}

// shippedSet is the set of a name that comes with the tool, unless the file
// has a set or a template of the name: what is the file's own goes first.
func (l *loader) shippedSet(name string) *catalog.Set {
	if _, own := l.doc.Sets[Key(name)]; own {
		return nil
	}
	if _, own := l.catalog.Lookup(name); own {
		return nil
	}
	return builtinSet(name)
}

func builtinSet(name string) *catalog.Set {
	sets, _ := builtinSets()
	if i := slices.IndexFunc(sets, func(s catalog.Set) bool { return s.Name == name }); i >= 0 {
		return &sets[i]
	}
	return nil
}

// shippedUses are the guardrails of a set that comes with the tool. The line r,
// which names the set, is what asks for them.
func shippedUses(s *catalog.Set, r diag.Range) []org.GuardrailUse {
	uses := make([]org.GuardrailUse, 0, len(s.Members))
	for i := range s.Members {
		u := s.Members[i].Use()
		u.Set, u.Shipped, u.Range = s.Name, s.Name, r
		for name, p := range u.Parameters {
			u.Parameters[name] = org.Parameter{Value: p.Value, Range: r}
		}
		uses = append(uses, u)
	}
	return uses
}

// isSet reports whether a name is that of a set, the file's own or one that
// comes with the tool.
func (l *loader) isSet(name string) bool {
	_, own := l.doc.Sets[Key(name)]
	return own || l.shippedSet(name) != nil
}

// setNames are the names of all sets that the file can name.
func (l *loader) setNames() []string {
	names := text(sorted(l.doc.Sets))
	sets, _ := builtinSets()
	for _, s := range sets {
		if l.shippedSet(s.Name) != nil {
			names = append(names, s.Name)
		}
	}
	return names
}
