package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A placement is what one account gets.
type placement struct {
	account    *org.Account
	baseline   guardrails.Baseline
	boundaries []*org.PermissionBoundary
	managed    []named // every customer managed policy
	roles      []named // every role
}

// A named is something whose name an account can have only once, upper and
// lower case counting alike.
type named struct {
	name string
	at   diag.Range
}

// claim takes a name, or says who has it.
func claim(list *[]named, name string, at diag.Range) (named, bool) {
	for _, n := range *list {
		if strings.EqualFold(n.name, name) {
			return n, false
		}
	}
	*list = append(*list, named{name, at})
	return named{}, true
}

// baselines prepares one for every account, empty or not: what is no longer in
// the file is taken away from an account by its baseline.
func (k *compiler) baselines() {
	k.placed = map[*org.Account]*placement{}
	for _, a := range k.accounts() {
		k.placed[a] = &placement{account: a, baseline: guardrails.Baseline{
			Account: a.Key, Boundaries: []guardrails.ManagedPolicy{}, Roles: []guardrails.Role{}, Groups: []guardrails.Group{},
		}}
	}
}

// accounts are all accounts, the management account too, sorted by key.
func (k *compiler) accounts() []*org.Account {
	all := slices.Clone(k.o.Accounts)
	if k.o.Management != nil {
		all = append(all, k.o.Management)
	}
	slices.SortFunc(all, func(a, b *org.Account) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// place ends the baselines.
func (k *compiler) place() {
	for _, a := range k.accounts() {
		b := k.placed[a].baseline
		slices.SortFunc(b.Boundaries, func(a, b guardrails.ManagedPolicy) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortFunc(b.Roles, func(a, b guardrails.Role) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortFunc(b.Groups, func(a, b guardrails.Group) int { return cmp.Compare(a.Name, b.Name) })
		k.plan.Baselines = append(k.plan.Baselines, b)
	}
}

// boundaries places the boundary policies.
func (k *compiler) boundaries() {
	said := map[string]bool{}
	for i := range k.o.PermissionBoundaries {
		b := &k.o.PermissionBoundaries[i]
		if b.Carries != nil {
			k.carrying(said, b)
			continue
		}
		in, ok := k.boundary(b)
		if !ok {
			continue
		}
		doc := k.managed(b.Name, "/", "orgrails, permissions boundary "+b.Key, in, b.Range)
		for _, a := range k.o.AccountsBelow(b.Targets, b.Exclude) {
			at := k.placed[a]
			if other, ok := claim(&at.managed, b.Name, b.Range); !ok {
				k.sameName(said, "managed policies", b.Name, a, b.Range, other.at)
				continue
			}
			at.boundaries = append(at.boundaries, b)
			at.baseline.Boundaries = append(at.baseline.Boundaries, doc)
		}
	}
}

func (k *compiler) boundary(b *org.PermissionBoundary) (*instance, bool) {
	if b.Template == "" {
		return k.own(b.File, string(catalog.PermissionsBoundary), b.Source)
	}
	return k.template(b.Template, b.Parameters, b.Range, map[string]any{"boundaryName": b.Name}, catalog.PermissionsBoundary)
}

// managed makes a customer managed policy of an instance.
func (k *compiler) managed(name, path, description string, in *instance, at diag.Range) guardrails.ManagedPolicy {
	doc := policy.Document{Version: policy.Version2012}
	m := guardrails.ManagedPolicy{Name: name, Path: path, Description: ascii(description), Statements: []guardrails.Statement{}, Origin: k.origin(at)}
	used := map[string]bool{}
	for _, s := range in.statements {
		s.Sid = uniqueSid(used, s.Sid)
		doc.Statements = append(doc.Statements, s)
		m.Statements = append(m.Statements, guardrails.Statement{Sid: s.Sid, Guardrail: in.guardrail, Origin: m.Origin, Exceptions: []string{}})
	}
	m.Document = guardrails.Text(doc.JSON())
	m.Size = m.Document.Size(k.plan.IDLengths)
	if limit := k.quotas.ManagedPolicySize; m.Size > limit {
		k.ds.Errorf(at, "GR320", "the managed policy %s is %d characters, and AWS takes %d", name, m.Size, limit).Hint = "shorten it, or make two of it"
		if in.guardrail == byAccess {
			k.ds[len(k.ds)-1].Hint = "ask for fewer levels, move some of the services to an item of policies, or name a managed policy of AWS"
		}
	}
	return m
}

func (k *compiler) sameName(said map[string]bool, what, name string, a *org.Account, at, other diag.Range) {
	if key := at.String() + other.String(); said[key] {
		return
	} else {
		said[key] = true
	}
	d := k.ds.Errorf(at, "GR321", "two %s named %q in the account %s", what, name, a.Key)
	d.Hint = "give one of them another name, or other targets; upper and lower case count alike"
	d.Related = []diag.Related{{Range: other, Message: "the other one is asked for here"}}
}

const requireBoundary = "require-permissions-boundary"

// requiredBoundaries makes boundaries mandatory where the file says so, by a
// guardrail at the targets.
//
// An account may be below several boundaries that are required. Each is then
// good: the guardrail asks for one of them. SCPs of all nodes above an account
// hold together, so a guardrail for one boundary at a unit and another for
// another below would let nobody create a role there. Therefore there is one
// guardrail, at the uppermost target, and it takes every boundary that is
// required in some account below. An account where one of these is not
// deployed cannot use it: a boundary must exist in the account, and the
// guardrail keeps everybody but the deploy role from making a policy of such a
// name. Accounts below in which none is required, because they are excluded,
// are left alone.
//
// The guardrail waits until every account below has its boundaries: before
// that, nobody there could create a role at all.
func (k *compiler) requiredBoundaries() {
	required := map[*org.Account][]string{}
	targets := map[*node][]*org.PermissionBoundary{}
	for i := range k.o.PermissionBoundaries {
		b := &k.o.PermissionBoundaries[i]
		if !b.Required {
			continue
		}
		for _, a := range k.o.AccountsBelow(b.Targets, b.Exclude) {
			required[a] = append(required[a], b.Name)
		}
		for _, t := range b.Targets {
			switch {
			case t.Account != nil && t.Account == k.o.Management:
				// No SCP reaches it: there the boundary is made, and not mandatory.
			case t.Account != nil:
				targets[k.byAccount[t.Account]] = append(targets[k.byAccount[t.Account]], b)
			default:
				targets[k.byUnit[t.Unit]] = append(targets[k.byUnit[t.Unit]], b)
			}
		}
	}
	for _, n := range k.all {
		if len(targets[n]) > 0 && !n.below(targets) {
			k.requireAt(n, targets[n], required)
		}
	}
}

// below reports whether a node above n is a target too.
func (n *node) below(targets map[*node][]*org.PermissionBoundary) bool {
	for up := n.parent; up != nil; up = up.parent {
		if len(targets[up]) > 0 {
			return true
		}
	}
	return false
}

func (k *compiler) requireAt(n *node, here []*org.PermissionBoundary, required map[*org.Account][]string) {
	var names, free []string
	var needs []guardrails.BoundaryNeed
	accounts := k.o.AccountsBelow([]org.Target{n.target()}, nil)
	for _, a := range accounts {
		if len(required[a]) == 0 {
			free = append(free, ref(a))
		}
		for _, name := range required[a] {
			names = append(names, name)
			needs = append(needs, guardrails.BoundaryNeed{Account: a.Key, Policy: name})
		}
	}
	if len(names) == 0 {
		return // nobody is there whom it could bind
	}
	params := map[string]org.Parameter{"boundaries": {Value: anyList(sortedUnique(names)), Range: here[0].Range}}
	in, ok := k.template(requireBoundary, params, here[0].Range, nil, catalog.ServiceControlPolicy)
	if !ok {
		return
	}
	p := newPiece(in, here[0].Range)
	p.template = true
	p.needs = needs
	for i, s := range p.statements {
		if s.Effect != policy.Deny {
			continue
		}
		if len(free) > 0 {
			s.Statement = unless(s.Statement, "StringNotEquals", "aws:PrincipalAccount", free)
		}
		if glass := k.breakGlass(); len(glass) > 0 {
			s.Statement = unless(s.Statement, "ArnNotLike", "aws:PrincipalArn", glass)
		}
		p.statements[i] = s
	}
	n.pieces = append(n.pieces, p)
}

// breakGlass are the ARN patterns of the roles that must work when nothing else
// does; they may create roles without a boundary.
func (k *compiler) breakGlass() policy.Values {
	var arns policy.Values
	for _, r := range k.o.Roles {
		if r.BreakGlass {
			arns = append(arns, k.iamARN("*", rolePattern(r)))
		}
	}
	return arns
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// plural is "1 account" or "2 accounts".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
