package draft

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// central is what of IAM the file has: permissions boundaries, roles, and the
// groups that may assume them.
type central struct {
	d          *drafter
	partition  string
	accounts   map[string]*iamOf // that were read, by id
	boundaries []*boundary       // by key
	roles      []*role           // by name
	identity   identity
	groups     []*group // by key
	hubs       map[string]*group
	files      map[string]bool   // names of documents that are in use
	lines      map[int]*item     // that asked for them, by the line of the file
	base       [][]recognize.Use // guardrails of the policies, as they were found
	left       []omission
	brought    int // how often a role brought a guardrail
	others     int // roles that AWS and its services make
	plain      int // groups that lead to no role of the file
}

// An iamOf is what was read of IAM in one account.
type iamOf struct {
	id       string
	roles    []live.Role
	groups   []live.Group
	policies map[string]live.ManagedPolicy // by ARN
}

// An item is a thing that is taken, or left out again.
type item struct {
	kind, title string // role, group, permissions boundary
	out         bool
}

// An omission is what is left out for one reason.
type omission struct {
	kind, why string
	names     []string
	has       map[string]bool
}

// leave notes that something is not in the file.
func (c *central) leave(kind, name, why string) {
	i := slices.IndexFunc(c.left, func(o omission) bool { return o.kind == kind && o.why == why })
	if i < 0 {
		i, c.left = len(c.left), append(c.left, omission{kind: kind, why: why, has: map[string]bool{}})
	}
	if o := &c.left[i]; !o.has[name] {
		o.has[name] = true
		o.names = append(o.names, name)
	}
}

// drop leaves out what was taken.
func (c *central) drop(x *item, why string) bool {
	if x == nil || x.out {
		return false
	}
	x.out = true
	c.leave(x.kind, x.title, why)
	return true
}

// guesses are what no role and no boundary shows: which boundaries a service
// control policy makes mandatory, whom it spares, and which parameters say what
// the template takes by itself. The boldest comes first.
var guesses = []guess{{true, true, true}, {true, true, false}, {true, false, true}, {true, false, false}, {false, false, true}, {}}

type guess struct{ required, breakGlass, less bool }

// central takes boundaries, roles and groups into the file, where the file says
// of them what AWS has, and where the policies stay what they are.
func (d *drafter) central() error {
	settled := d.plan
	dir, err := os.MkdirTemp("", "orgrails-draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	before := d.standing()
	for _, g := range guesses {
		d.restore(before)
		d.iam = d.collect()
		if d.iam == nil {
			return nil
		}
		if !d.iam.mandatory(g) {
			continue
		}
		for _, p := range d.list {
			d.iam.base = append(d.iam.base, p.found)
		}
		plan, err := d.iam.settle(dir, settled, g)
		if err != nil {
			return err
		}
		if plan != nil {
			d.iam.note()
			d.plan = plan
			return d.again() // the notes stand in the file, and move its lines
		}
	}
	d.restore(before)
	d.iam = nil
	d.ask()
	d.notef("roles, groups and permissions boundaries are not in the file: no file was found that has some and is what AWS has")
	return d.again()
}

// settle compiles the file, and leaves out what comes out otherwise than it is
// in AWS, until nothing does. Policies that come out otherwise end a guess, and
// the last one leaves out what changes them. It is nil where a guess is wrong.
func (c *central) settle(dir string, settled *guardrails.Plan, g guess) (*guardrails.Plan, error) {
	for {
		c.restate(g.less)
		c.d.ask()
		c.documents()
		plan, ds, err := c.d.compile(dir)
		if err != nil {
			return nil, err
		}
		if plan == nil {
			if !c.blame(dir, ds) && !c.nothing("the file that comes out is refused: "+firstError(ds)) {
				return nil, nil
			}
			continue
		}
		if c.compare(plan) {
			continue
		}
		changed := changedPolicies(settled, plan)
		if len(changed) == 0 {
			return plan, nil
		}
		if g != (guess{}) {
			return nil, nil
		}
		if !c.withoutChanging(changed) && !c.nothing("they would change the policy "+changed[0].Name) {
			return nil, nil
		}
	}
}

// items are all that is taken or was.
func (c *central) items() []*item {
	var list []*item
	for _, b := range c.boundaries {
		list = append(list, &b.item)
	}
	for _, r := range c.roles {
		list = append(list, &r.item)
	}
	for _, g := range c.groups {
		list = append(list, &g.item)
	}
	return list
}

// nothing leaves out all; false where nothing is left.
func (c *central) nothing(why string) (again bool) {
	for _, x := range c.items() {
		again = c.drop(x, why) || again
	}
	return again
}

// blame leaves out what errors are about.
func (c *central) blame(dir string, ds diag.Diagnostics) (again bool) {
	said := map[string]string{} // the first of each kind stands for all
	for _, e := range ds {
		if e.Severity != diag.Error {
			continue
		}
		x := c.lines[e.Range.Start.Line]
		if rel, err := filepath.Rel(dir, e.Range.File); err == nil && rel != "organization.yaml" {
			x = c.asker(filepath.ToSlash(rel))
		}
		if said[e.Code] == "" {
			said[e.Code] = "orgrails refuses it: " + e.Summary + " [" + e.Code + "]"
		}
		again = c.drop(x, said[e.Code]) || again
	}
	return again
}

// asker is what a document belongs to.
func (c *central) asker(file string) *item {
	for _, b := range c.boundaries {
		if b.file == file {
			return &b.item
		}
	}
	for _, r := range c.roles {
		for _, p := range r.own {
			if p.file == file {
				return &r.item
			}
		}
	}
	return nil
}

// withoutChanging leaves out what makes policies come out otherwise: a role or
// a group of the file brings the guardrails that protect it.
func (c *central) withoutChanging(changed []guardrails.Policy) (again bool) {
	for _, p := range changed {
		why := "with it the policy " + p.Name + " would not be as it is"
		for _, s := range p.Statements {
			origins := []string{s.Origin}
			if s.Packed != nil {
				origins = append(origins, s.Packed.Lines...)
			}
			for _, origin := range origins {
				if x := c.lines[lineOf(origin)]; x != nil {
					again = c.bringing(s.Guardrail, why) || c.drop(x, why) || again
				}
			}
		}
	}
	return again
}

// oneByOne is how many roles are left out one after the other, before all are
// that have policies of their own.
const oneByOne = 20

// bringing leaves out all that brings a guardrail, of which one line is named.
func (c *central) bringing(guardrail, why string) (again bool) {
	switch guardrail {
	case "protect-policies":
		if c.brought++; c.brought <= oneByOne {
			return false
		}
		for _, r := range c.roles {
			if len(r.own) > 0 || r.boundary != "" {
				again = c.drop(&r.item, why) || again
			}
		}
	case "protect-user-tags", "protect-saml-providers":
		for _, g := range c.groups {
			again = c.drop(&g.item, why) || again
		}
	}
	return again
}

// changedPolicies are those of two plans that do not mean the same, or are not
// attached to the same.
func changedPolicies(before, after *guardrails.Plan) []guardrails.Policy {
	type name struct{ typ, name string }
	had := map[name]guardrails.Policy{}
	for _, p := range before.Policies {
		had[name{p.Type, p.Name}] = p
	}
	at := func(plan *guardrails.Plan, p guardrails.Policy) (targets []string) {
		for _, a := range plan.Attachments {
			if a.Type == p.Type && a.Policy == p.Name {
				targets = append(targets, a.Target)
			}
		}
		return targets
	}
	var changed []guardrails.Policy
	for _, p := range after.Policies {
		q, ok := had[name{p.Type, p.Name}]
		delete(had, name{p.Type, p.Name})
		if !ok || !slices.Equal(at(before, q), at(after, p)) || !sameText(p, q) {
			changed = append(changed, p)
		}
	}
	for _, p := range before.Policies {
		if _, ok := had[name{p.Type, p.Name}]; ok {
			changed = append(changed, p)
		}
	}
	return changed
}

// sameText reports whether two policies of plans mean the same.
func sameText(p, q guardrails.Policy) bool {
	if p.Content == q.Content {
		return true
	}
	kind := policy.Kind(p.Type)
	if kind.IsDeclarative() {
		return false
	}
	a, bad := policy.Parse(p.Name, []byte(p.Content))
	b, worse := policy.Parse(q.Name, []byte(q.Content))
	return !bad.HasErrors() && !worse.HasErrors() && sameDocuments(kind, a, b)
}

// sameDocuments reports whether two documents of a kind mean the same.
func sameDocuments(kind policy.Kind, a, b policy.Document) bool {
	if slices.Equal(spelled(a), spelled(b)) {
		return true
	}
	levels := func(doc policy.Document) []eval.Level {
		doc.Version = policy.Version2012
		if kind == policy.ServiceControlPolicy {
			doc.Statements = append(slices.Clone(doc.Statements), policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
		}
		return []eval.Level{{Policies: []eval.Document{{Policy: doc}}}}
	}
	r, err := compare.Compare(kind, levels(a), levels(b), compare.Options{})
	return err == nil && r.Relation == compare.Equal
}

// A stand is how a policy is in the file, so that a guess can be taken back.
type stand struct {
	way        way
	found      []recognize.Use
	rest       []int
	exceptions []exception
}

func (d *drafter) standing() []stand {
	var list []stand
	for _, c := range d.list {
		list = append(list, stand{c.way, c.found, c.rest, c.exceptions})
	}
	return list
}

func (d *drafter) restore(list []stand) {
	for i, k := range list {
		c := d.list[i]
		c.way, c.found, c.rest, c.exceptions = k.way, k.found, k.rest, k.exceptions
	}
}

// mandatory guesses which boundaries are mandatory: those that a policy which
// orgrails names requires. What requires them leaves that policy: the compiler
// puts it there. False where there is nothing to guess.
func (c *central) mandatory(g guess) bool {
	if !g.required {
		return true
	}
	found, glass := false, false
	for _, p := range c.d.list {
		if p.named() || p.typ != catalog.ServiceControlPolicy || p.way != taken && p.way != own || p.allow != nil {
			continue
		}
		r, ok := c.requirement(p.statements)
		if !ok || !c.require(r.boundaries, p.nodes) {
			continue
		}
		found = true
		glass = c.spare(r.spared, g.breakGlass) || glass
		p.without(r.statements)
	}
	return found && (glass || !g.breakGlass)
}

// requireBoundary is the template that makes boundaries mandatory.
const requireBoundary = "require-permissions-boundary"

// A requirement is what makes boundaries mandatory in a policy.
type requirement struct {
	boundaries []string // names
	spared     []string // ARN patterns, beside those that the template spares
	statements []int
}

// requirement finds the statements that make boundaries mandatory, whomever
// and whichever accounts they spare.
func (c *central) requirement(statements []policy.Statement) (requirement, bool) {
	var r requirement
	for _, s := range statements {
		_, values := valuesOf(s, "StringNotLike", "iam:PermissionsBoundary")
		for _, v := range values {
			if name, ok := strings.CutPrefix(v, "arn:"+c.partition+":iam::????????????:policy/"); ok && !slices.Contains(r.boundaries, name) {
				r.boundaries = append(r.boundaries, name)
			}
		}
	}
	t, ok := c.d.catalog.Lookup(requireBoundary)
	if !ok || len(r.boundaries) == 0 {
		return r, false
	}
	list := make([]any, len(r.boundaries))
	for i, name := range r.boundaries {
		list[i] = name
	}
	made, ds := t.Instantiate(c.d.env(), map[string]org.Parameter{"boundaries": {Value: list}}, diag.Range{})
	if ds.HasErrors() {
		return r, false
	}
	for _, m := range made {
		i := slices.IndexFunc(statements, func(s policy.Statement) bool {
			bare, _ := strict(s, m)
			return recognize.Canonical(bare) == recognize.Canonical(m)
		})
		if i < 0 {
			return r, false
		}
		_, spared := strict(statements[i], m)
		r.spared = append(r.spared, spared...)
		r.statements = append(r.statements, i)
	}
	return r, true
}

// valuesOf are the values of a condition, whatever its case, and its spelling.
func valuesOf(s policy.Statement, operator, key string) (spelling [2]string, values policy.Values) {
	for op, keys := range s.Condition {
		for k, v := range keys {
			if strings.EqualFold(op, operator) && strings.EqualFold(k, key) {
				return [2]string{op, k}, v
			}
		}
	}
	return spelling, nil
}

// strict is a statement that spares nobody whom another does not spare, and
// the principals that it spares besides.
func strict(s, other policy.Statement) (bare policy.Statement, spared []string) {
	at, values := valuesOf(s, "ArnNotLike", "aws:PrincipalArn")
	_, kept := valuesOf(other, "ArnNotLike", "aws:PrincipalArn")
	var keep policy.Values
	for _, v := range values {
		if slices.Contains(kept, v) {
			keep = append(keep, v)
		} else {
			spared = append(spared, v)
		}
	}
	bare = s
	bare.Condition = policy.Conditions{}
	for op, keys := range s.Condition {
		more := maps.Clone(keys)
		if op == at[0] {
			if more[at[1]] = keep; len(keep) == 0 {
				delete(more, at[1])
			}
		}
		if strings.EqualFold(op, "StringNotEquals") {
			maps.DeleteFunc(more, func(k string, _ policy.Values) bool { return strings.EqualFold(k, "aws:PrincipalAccount") })
		}
		if len(more) > 0 {
			bare.Condition[op] = more
		}
	}
	return bare, spared
}

// require makes boundaries mandatory at some nodes; false where one is not in
// the file.
func (c *central) require(names []string, nodes []*node) bool {
	for _, name := range names {
		if !slices.ContainsFunc(c.boundaries, func(b *boundary) bool { return b.name == name }) {
			return false
		}
	}
	for _, b := range c.boundaries {
		if slices.Contains(names, b.name) {
			b.required, b.at = true, append(b.at, nodes...)
		}
	}
	return true
}

// spare takes roles for those of last resort.
func (c *central) spare(principals []string, yes bool) (some bool) {
	for _, r := range c.roles {
		if slices.Contains(principals, "arn:"+c.partition+":iam::*:role"+r.path+r.name) {
			some = true
			r.breakGlass = yes
		}
	}
	return some
}

// without takes statements out of a policy, and the guardrails that they are.
func (p *candidate) without(statements []int) {
	gone := func(i int) bool { return slices.Contains(statements, i) }
	if p.way == own {
		p.way, p.found, p.exceptions, p.rest = taken, nil, nil, nil
		for i := range p.statements {
			p.rest = append(p.rest, i)
		}
	}
	var keep []recognize.Use
	rest := slices.Clone(p.rest)
	for _, u := range p.found {
		if slices.ContainsFunc(u.Statements, gone) {
			rest = append(rest, u.Statements...)
			p.exceptions = slices.DeleteFunc(slices.Clone(p.exceptions), func(x exception) bool { return x.guardrail == u.Template })
		} else {
			keep = append(keep, u)
		}
	}
	slices.Sort(rest)
	p.found, p.rest = keep, slices.DeleteFunc(rest, gone)
}

// note says what is left out, a line for each reason.
func (c *central) note() {
	slices.SortStableFunc(c.left, func(a, b omission) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), -cmp.Compare(len(a.names), len(b.names)))
	})
	for _, o := range c.left {
		slices.Sort(o.names)
		c.d.notef("%s not in the file, %s: %s", count(len(o.names), o.kind), some(o.names), o.why)
	}
}

// some are the first few of many.
func some(names []string) string {
	const shown = 3
	text := strings.Join(names[:min(shown, len(names))], ", ")
	if n := len(names) - shown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// cover are selectors of exactly the accounts that have something, the highest
// below which all have it.
func (d *drafter) cover(has func(id string) bool) []string {
	var list []string
	if id := d.s.Organization.ManagementAccount; has(id) {
		list = append(list, managementKey)
	}
	var place func(n *node)
	place = func(n *node) {
		some, all := false, true
		n.each(func(m *node) {
			if m.email != "" {
				some = some || has(m.id)
				all = all && has(m.id)
			}
		})
		switch {
		case !some:
		case all:
			list = append(list, n.selector())
		default:
			for _, u := range n.units {
				place(u)
			}
			for _, a := range n.accounts {
				place(a)
			}
		}
	}
	place(d.root)
	slices.Sort(list)
	return list
}
