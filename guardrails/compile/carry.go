package compile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// carrying takes note of the boundary that carries guardrails into the
// management account. Its document is made once the guardrails are known.
func (k *compiler) carrying(said map[string]bool, b *org.PermissionBoundary) {
	if !slices.Contains(k.o.AccountsBelow(b.Targets, b.Exclude), k.o.Management) {
		return
	}
	if first := k.carrier; first != nil {
		d := k.ds.Errorf(b.Range, "GR324", "the boundaries %s and %s both carry guardrails, and a role has one boundary", first.Key, b.Key)
		d.Hint = "make one of them, with the guardrails of both"
		d.Related = []diag.Related{{Range: first.Range, Message: "the other one is asked for here"}}
		return
	}
	at := k.placed[k.o.Management]
	if other, ok := claim(&at.managed, b.Name, b.Range); !ok {
		k.sameName(said, "managed policies", b.Name, k.o.Management, b.Range, other.at)
		return
	}
	at.boundaries = append(at.boundaries, b)
	k.carrier = b
}

// carriedBy is the name of the boundary of a role of the management account:
// the one that carries guardrails, unless the role has to work when nothing
// else does, or has a boundary of its own.
func (k *compiler) carriedBy(r *role, own string) string {
	switch {
	case own == "" && !r.BreakGlass:
		return k.carrier.Name
	case own != "" && own != k.carrier.Name:
		d := k.ds.Warnf(r.Range, "GR323", "the role %s has the boundary %s in the management account, and not the guardrails of %s", r.Key, r.Boundary, k.carrier.Key)
		d.Hint = "a role has one boundary: leave management out of its targets, or its own boundary out of the role"
		d.Related = []diag.Related{{Range: k.carrier.Range, Message: "the guardrails are asked for here"}}
	}
	return own
}

// carry makes the document of the boundary that carries guardrails into the
// management account, and puts into the trust of its roles what can be said
// there. What cannot be carried is said in the plan.
func (k *compiler) carry() {
	if k.carrier == nil {
		return
	}
	c := &carry{compiler: k, boundary: k.carrier, lost: map[string]bool{}}
	for _, p := range c.pieces() {
		switch {
		case p.typ == catalog.ResourceControlPolicy:
			c.trusts = append(c.trusts, p)
		case p.typ.IsDeclarative():
			// Those of the root hold in the management account as they are.
			if !slices.Contains(c.byUnit[c.o.Root].instances(), p.instance) {
				c.not(p, true, "it is no boundary's: asked for at the root, a %s holds in the management account too", spoken(p.typ))
			}
		default:
			c.deny(p)
		}
	}
	c.place()
	c.trust()
	c.report()
}

// A carry is the making of that boundary.
type carry struct {
	*compiler
	boundary *org.PermissionBoundary
	denies   []*piece // service control policies that are carried
	trusts   []*piece // resource control policies
	lost     map[string]bool
}

// pieces are the guardrails to carry, each once, with the exceptions that
// reach the management account: those that name it, or principals of any
// account, and from a resource control policy all, since they are about who asks.
func (c *carry) pieces() []*piece {
	var asked []*piece
	if n := c.node(c.boundary.Carries.Node); n != nil {
		for ; n != nil; n = n.parent {
			asked = slices.Concat(n.pieces, asked)
		}
	}
	for i := range c.boundary.Carries.Uses {
		u := &c.boundary.Carries.Uses[i]
		if in, ok := c.use(u); ok {
			asked = append(asked, &piece{instance: in, template: u.Template != "", origin: u.Range})
		}
	}
	here := &node{account: c.o.Management}
	var pieces []*piece
	for _, a := range asked {
		// The boundary says itself that it is mandatory, and that roles which
		// guardrails spare are nobody's to make.
		says := a.template && a.guardrail == requireBoundary || a.added && a.guardrail == protectRoles
		if says || slices.ContainsFunc(pieces, func(p *piece) bool { return p.instance == a.instance }) {
			continue
		}
		p := newPiece(a.instance, a.origin)
		p.template = a.template
		p.statements, p.narrowed = c.narrowed([]*node{here}, p)
		pieces = append(pieces, p)
	}
	return pieces
}

// instances are what holds at the node itself.
func (n *node) instances() []*instance {
	out := make([]*instance, len(n.pieces))
	for i, p := range n.pieces {
		out[i] = p.instance
	}
	return out
}

func (c *carry) node(t org.Target) *node {
	if t.Account != nil {
		return c.byAccount[t.Account]
	}
	return c.byUnit[t.Unit]
}

// not takes note of what is not carried; all says that nothing of the
// guardrail is.
func (c *carry) not(p *piece, all bool, format string, args ...any) {
	c.plan.NotCarried = append(c.plan.NotCarried, guardrails.NotCarried{
		Boundary: c.boundary.Name, Guardrail: p.guardrail, Origin: c.origin(p.origin), Reason: fmt.Sprintf(format, args...),
	})
	if all {
		c.lost[p.guardrail] = true
	}
}

// deny carries a service control policy, as far as a boundary can say it and
// has room.
func (c *carry) deny(p *piece) {
	asked := p.statements
	p.statements = nil
	var roots []string
	for _, s := range asked {
		switch {
		case s.Effect != policy.Deny:
		case rootOnly(s.Condition):
			roots = append(roots, s.Sid)
		default:
			s.Condition = c.withoutDeployRole(s.Condition)
			p.statements = append(p.statements, s)
		}
	}
	if len(roots) > 0 {
		all := len(p.statements) == 0
		what := "it is about the root user, who has no boundary"
		if !all {
			what = "of its statements " + list(roots) + " is about the root user, who has no boundary"
		}
		c.not(p, all, "%s", what)
		if all {
			return
		}
	}
	if len(p.statements) == 0 {
		c.not(p, true, "it denies nothing, and a boundary that allows everything is not narrowed by what is allowed")
		return
	}
	for _, pattern := range c.sparedHere(p) {
		if problem := protectable(pattern); problem != "" {
			c.not(p, true, "it spares %s, which nobody can be kept from making: %s", pattern, problem)
			return
		}
	}
	if problem := unsayable(p.statements); problem != "" {
		c.not(p, true, "a boundary cannot say it: %s", problem)
		return
	}
	before := c.make().Size
	c.denies = append(c.denies, p)
	if m := c.make(); m.Size > c.quotas.ManagedPolicySize {
		c.denies = c.denies[:len(c.denies)-1]
		c.not(p, true, "there is no room: it takes %d characters more, and %d of %d are left", m.Size-before, c.quotas.ManagedPolicySize-before, c.quotas.ManagedPolicySize)
	}
}

// withoutDeployRole takes from conditions that the deploy role is spared: there
// is none in the management account, which is deployed with credentials of the
// user's own, and the room is dear.
func (c *carry) withoutDeployRole(conditions policy.Conditions) policy.Conditions {
	role := c.iamARN("*", "role/"+c.o.DeployRole)
	out := policy.Conditions{}
	for op, keys := range conditions {
		kept := map[string]policy.Values{}
		for key, values := range keys {
			if strings.EqualFold(op, "ArnNotLike") && strings.EqualFold(key, "aws:PrincipalArn") {
				if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == role }); len(values) == 0 {
					continue
				}
			}
			kept[key] = values
		}
		if len(kept) > 0 {
			out[op] = kept
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// unsayable says why AWS takes statements in no boundary; nothing, if it does.
func unsayable(statements []stated) string {
	doc := policy.Document{Version: policy.Version2012}
	used := map[string]bool{}
	for _, s := range statements {
		s.Sid = uniqueSid(used, s.Sid)
		doc.Statements = append(doc.Statements, s.Statement)
	}
	text, ids := guardrails.Text(doc.JSON()), map[string]string{}
	for _, name := range text.Refs() {
		ids[name] = "000000000000" // what an id looks like matters to no boundary
	}
	filled, err := text.Fill(ids)
	if err != nil {
		panic("compile: " + err.Error()) // all of them are filled
	}
	_, ds := policy.Check("", []byte(filled), policy.PermissionsBoundary, policy.Rules{})
	if i := slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Severity == diag.Error }); i >= 0 {
		return ds[i].Summary
	}
	return ""
}

// rootOnly reports whether conditions hold for no principal but root users.
func rootOnly(conditions policy.Conditions) bool {
	for op, keys := range conditions {
		switch strings.ToLower(op) {
		case "arnequals", "arnlike", "stringequals", "stringlike":
		default:
			continue
		}
		for key, values := range keys {
			if strings.EqualFold(key, "aws:PrincipalArn") && !slices.ContainsFunc(values, func(v string) bool { return !strings.HasSuffix(v, ":root") }) {
				return true
			}
		}
	}
	return false
}

// sparedHere are the patterns of roles that a guardrail spares and that
// somebody in the management account could make.
func (c *carry) sparedHere(p *piece) []string {
	return slices.DeleteFunc(c.sparedBy(p, c.o.Management), func(pattern string) bool {
		return pattern == "role/"+c.o.DeployRole || onlyAWS(pattern)
	})
}

// privileged are the roles that nobody with the boundary may touch: those that
// the carried guardrails spare, and those that have to work when nothing else
// does.
func (c *carry) privileged() []any {
	var patterns []string
	if given, ok := c.boundary.Parameters["privilegedRoles"].Value.([]any); ok {
		for _, v := range given {
			patterns = append(patterns, v.(string)) // the reader of the file has seen to it
		}
	}
	for _, p := range c.denies {
		patterns = append(patterns, c.sparedHere(p)...)
	}
	for i := range c.o.Roles {
		r := &c.o.Roles[i]
		if r.BreakGlass && slices.Contains(c.o.AccountsBelow(r.Targets, r.Exclude), c.o.Management) {
			patterns = append(patterns, rolePattern(*r))
		}
	}
	return anyList(sortedUnique(patterns))
}

// make is the boundary with the guardrails that are carried so far.
func (c *carry) make() guardrails.ManagedPolicy {
	b := c.boundary
	m := guardrails.ManagedPolicy{
		Name: b.Name, Path: "/", Description: ascii("orgrails, permissions boundary " + b.Key + ": guardrails of the management account"),
		Statements: []guardrails.Statement{}, Origin: c.origin(b.Range),
	}
	params := map[string]org.Parameter{}
	maps.Copy(params, b.Parameters)
	params["privilegedRoles"] = org.Parameter{Value: c.privileged(), Range: orRange(params["privilegedRoles"].Range, b.Range)}
	core, ok := c.template(org.KeepBoundary, params, b.Range, map[string]any{"boundaryName": b.Name}, catalog.PermissionsBoundary)
	if !ok {
		return m
	}
	doc := policy.Document{Version: policy.Version2012}
	used := map[string]bool{}
	add := func(s policy.Statement, of guardrails.Statement) {
		s.Sid = uniqueSid(used, s.Sid)
		of.Sid = s.Sid
		doc.Statements, m.Statements = append(doc.Statements, s), append(m.Statements, of)
	}
	for _, s := range core.statements {
		add(s, guardrails.Statement{Guardrail: org.KeepBoundary, Origin: m.Origin, Exceptions: []string{}})
	}
	for _, p := range c.denies {
		for _, s := range p.statements {
			add(s.Statement, guardrails.Statement{Guardrail: p.guardrail, Origin: c.origin(p.origin), Exceptions: sortedUnique(s.exceptions)})
		}
	}
	m.Document = guardrails.Text(doc.JSON())
	m.Size = m.Document.Size(c.plan.IDLengths)
	return m
}

func (c *carry) place() {
	m := c.make()
	if m.Document == "" {
		return // there is no such template, which has been said
	}
	if limit := c.quotas.ManagedPolicySize; m.Size > limit {
		c.ds.Errorf(c.boundary.Range, "GR320", "the managed policy %s is %d characters without any guardrail, and AWS takes %d", m.Name, m.Size, limit).Hint =
			"give the break-glass roles of the management account a path of their own"
	}
	for _, p := range slices.Concat(c.denies, c.trusts) {
		for _, x := range p.narrowed {
			x.policies[m.Name] = true
		}
	}
	b := &c.placed[c.o.Management].baseline
	b.Boundaries = append(b.Boundaries, m)
}

// report sorts what is not carried, and warns of guardrails of which nothing is.
func (c *carry) report() {
	slices.SortFunc(c.plan.NotCarried, func(a, b guardrails.NotCarried) int {
		return cmp.Or(cmp.Compare(a.Guardrail, b.Guardrail), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Reason, b.Reason))
	})
	c.plan.NotCarried = slices.Compact(c.plan.NotCarried)
	if len(c.lost) == 0 {
		return
	}
	c.ds.Warnf(c.boundary.Range, "GR322", "the boundary %s does not carry %s into the management account", c.boundary.Key, list(sortedKeys(c.lost))).Hint =
		"`orgrails plan` says why; name in guardrails those that it is to carry, the dearest first"
}
