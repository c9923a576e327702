// Package recognize finds the guardrails of a catalogue in policy documents
// that somebody wrote: which templates, with which parameters, say what the
// statements say. Names and order of statements, white space, the case of
// actions and whether a single value stands in a list make no difference.
//
// What it finds is exact: each statement of the template, made with the
// parameters, is a statement of the document, or is proved equal to it by
// guardrails/compare. What no template says is left to the caller.
package recognize

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Use is a template that some statements of a document are.
type Use struct {
	Template string
	// Parameters are those that differ from what the template takes by itself,
	// as JSON has them; nil when there are none.
	Parameters map[string]any
	// Statements are the positions of the statements in the document.
	Statements []int
	// Spared is who is spared beside those whom the template spares: from each
	// of its Deny statements the same. nil for nobody.
	Spared *Spared

	general int // parameters that are actions: a template that is about any action
}

// Spared are principals, or accounts with all their principals: either.
type Spared struct {
	Principals []string // ARN patterns
	Accounts   []string // ids
}

// Options say what is looked for. The zero value takes what is a template
// exactly.
type Options struct {
	Spared bool // templates from which somebody is spared, too
}

// Statements finds templates of a type in the statements of a document. env is
// the organization with ids as AWS writes them; its Accounts give keys to the
// ids. The rest are the positions of statements that no template is.
func Statements(c *catalog.Catalog, typ catalog.Type, env catalog.Env, list []policy.Statement, o Options) (uses []Use, rest []int) {
	f := &finder{opts: o, env: env, typ: typ, keys: map[string]string{}, spelling: map[string]string{}}
	for key, id := range env.Accounts {
		if key != id {
			f.keys[id] = key
		}
	}
	for _, s := range list {
		f.live = append(f.live, read(s))
		for _, a := range slices.Concat(s.Action, s.NotAction) {
			f.spelling[strings.ToLower(a)] = a
		}
		for _, keys := range s.Condition {
			for key := range keys {
				f.spelling[strings.ToLower(key)] = key
			}
		}
	}
	open := make([]bool, len(list))
	for i := range open {
		open[i] = true
	}
	var templates []*catalog.Template
	for _, t := range c.All() {
		if t.Type == typ && len(t.Statements) > 0 && t.ID != org.KeepBoundary {
			templates = append(templates, t)
		}
	}
	found := map[*catalog.Template]*Use{}
	for first := true; ; first = false {
		var best *Use
		for _, t := range templates {
			if u := found[t]; first || u != nil && slices.ContainsFunc(u.Statements, func(i int) bool { return !open[i] }) {
				found[t] = f.template(t, open)
			}
			if u := found[t]; u != nil && (best == nil || better(u, best)) {
				best = u
			}
		}
		if best == nil {
			break
		}
		for _, i := range best.Statements {
			open[i] = false
		}
		uses = append(uses, *best)
	}
	for i := range open {
		if open[i] {
			rest = append(rest, i)
		}
	}
	slices.SortFunc(uses, func(a, b Use) int { return cmp.Compare(slices.Min(a.Statements), slices.Min(b.Statements)) })
	return uses, rest
}

// better prefers what explains more, and of those what needs less said.
func better(a, b *Use) bool {
	return cmp.Or(
		-cmp.Compare(len(a.Statements), len(b.Statements)),
		cmp.Compare(a.Spared.count(), b.Spared.count()),
		cmp.Compare(a.general, b.general),
		cmp.Compare(len(a.Parameters), len(b.Parameters)),
		cmp.Compare(a.Template, b.Template),
	) < 0
}

func (s *Spared) count() int {
	if s == nil {
		return 0
	}
	return len(s.Principals) + len(s.Accounts)
}

// from adds the condition that spares to a statement that denies.
func (s *Spared) from(st policy.Statement) policy.Statement {
	if s == nil || st.Effect != policy.Deny {
		return st
	}
	operator, key, values := "ArnNotLike", "aws:PrincipalArn", s.Principals
	if len(s.Accounts) > 0 {
		operator, key, values = "StringNotEquals", "aws:PrincipalAccount", s.Accounts
	}
	more := policy.Conditions{}
	for op, keys := range st.Condition {
		more[op] = maps.Clone(keys)
	}
	if more[operator] == nil {
		more[operator] = map[string]policy.Values{}
	}
	more[operator][key] = slices.Concat(more[operator][key], policy.Values(values))
	st.Condition = more
	return st
}

// A finder looks for templates in one document.
type finder struct {
	opts Options
	env  catalog.Env
	typ  catalog.Type
	keys map[string]string // of accounts, by id
	live []statement
	// spelling of actions and condition keys, by the lower case in which they are compared
	spelling map[string]string
	tries    int
}

// maxTries bounds how often statements are put beside each other for one
// template: documents of many statements that all look alike.
const maxTries = 2000

// template finds one template among the statements that are still open.
func (f *finder) template(t *catalog.Template, open []bool) *Use {
	shapes := make([]shape, 0, len(t.Statements))
	for _, s := range t.Statements {
		sh, ok := f.shape(t, s)
		if !ok {
			return nil
		}
		shapes = append(shapes, sh)
	}
	f.tries = 0
	return f.search(t, shapes, open, nil, bindings{})
}

// search gives each statement of the template one of the document.
func (f *finder) search(t *catalog.Template, shapes []shape, open []bool, taken []int, bound bindings) *Use {
	if len(taken) == len(shapes) {
		return f.confirm(t, taken, bound)
	}
	sh := shapes[len(taken)]
	for i, s := range f.live {
		if !open[i] || slices.Contains(taken, i) {
			continue
		}
		if f.tries++; f.tries > maxTries {
			return nil
		}
		more, ok := sh.match(s, bound)
		if !ok {
			continue
		}
		if u := f.search(t, shapes, open, append(slices.Clone(taken), i), more); u != nil {
			return u
		}
	}
	return nil
}

// confirm makes the template with the parameters that were found, and wants
// its statements to be those of the document.
func (f *finder) confirm(t *catalog.Template, taken []int, bound bindings) *Use {
	var spared *Spared
	if principals, accounts := bound[sparedPrincipals], bound[sparedAccounts]; len(principals)+len(accounts) > 0 {
		if len(principals) > 0 && len(accounts) > 0 {
			return nil
		}
		spared = &Spared{principals, accounts}
	}
	params, ok := f.parameters(t, bound)
	if !ok {
		return nil
	}
	if !f.equal(t, params, spared, taken) {
		// A list that nothing was found for may be empty rather than what the
		// template takes by itself.
		for name, spec := range t.Parameters {
			if _, given := params[name]; !given && spec.Default != nil && isList(spec.Type) && (spec.MinItems == nil || *spec.MinItems == 0) {
				params[name] = []any{}
			}
		}
		if !f.equal(t, params, spared, taken) {
			return nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if t.Parameters[name].Default == nil {
			continue
		}
		less := maps.Clone(params)
		delete(less, name)
		if f.same(t, less, params) {
			params = less
		}
	}
	if len(params) == 0 {
		params = nil
	}
	u := &Use{Template: t.ID, Parameters: params, Statements: taken, Spared: spared}
	for name := range params {
		if t.Parameters[name].Type == "actions" {
			u.general++
		}
	}
	if u.general > 0 && spared != nil {
		return nil // about any action, and not about somebody: that says nothing
	}
	return u
}

func (f *finder) instantiate(t *catalog.Template, params map[string]any) ([]policy.Statement, bool) {
	given := map[string]org.Parameter{}
	for name, v := range params {
		given[name] = org.Parameter{Value: v}
	}
	made, ds := t.Instantiate(f.env, given, diag.Range{})
	return made, !ds.HasErrors()
}

func (f *finder) equal(t *catalog.Template, params map[string]any, spared *Spared, taken []int) bool {
	made, ok := f.instantiate(t, params)
	if !ok || len(made) != len(taken) {
		return false
	}
	for i, s := range made {
		if !Equal(f.typ, spared.from(s), f.live[taken[i]].Statement) {
			return false
		}
	}
	return true
}

// same reports whether two sets of parameters make the same statements.
func (f *finder) same(t *catalog.Template, a, b map[string]any) bool {
	x, ok := f.instantiate(t, a)
	y, too := f.instantiate(t, b)
	return ok && too && slices.EqualFunc(x, y, func(s, u policy.Statement) bool { return Canonical(s) == Canonical(u) })
}

// full is what stands beside a Deny, so that there is something to deny.
var full = policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}

// budget bounds one comparison: statements of one shape are decided in less.
const budget = 300_000

// Equal reports whether two statements of a policy type mean the same. False
// means that they differ, or that it could not be decided.
func Equal(typ catalog.Type, a, b policy.Statement) bool {
	if Canonical(a) == Canonical(b) {
		return true
	}
	if a.Effect != b.Effect {
		return false
	}
	levels := func(s policy.Statement) []eval.Level {
		list := []policy.Statement{s}
		if s.Effect == policy.Deny && typ == catalog.ServiceControlPolicy {
			list = append(list, full)
		}
		return []eval.Level{{Policies: []eval.Document{{Policy: policy.Document{Version: policy.Version2012, Statements: list}}}}}
	}
	r, err := compare.Compare(policy.Kind(typ), levels(a), levels(b), compare.Options{Budget: budget})
	return err == nil && r.Relation == compare.Equal
}

// Canonical is the same for statements that differ in nothing but the name,
// the order of what stands in lists, the case of what has none, and whether a
// single value stands in a list.
func Canonical(s policy.Statement) string {
	n := read(s).Statement
	n.Sid = ""
	return policy.StatementJSON(n)
}

func distinct(vs policy.Values, fold bool) policy.Values {
	if vs == nil {
		return nil
	}
	out := make(policy.Values, 0, len(vs))
	for _, v := range vs {
		if fold {
			v = strings.ToLower(v)
		}
		out = append(out, v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
