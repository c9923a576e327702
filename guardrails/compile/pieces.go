package compile

import (
	"cmp"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A piece is what one guardrail puts at one node.
type piece struct {
	*instance
	template   bool // made from a template, so that exceptions may narrow it
	added      bool // nobody asked for it: others rest on it
	statements []stated
	origin     diag.Range // the line that asked for it
	set        string     // the set that comes with the tool and holds it; ""
	narrowed   []*exception
	needs      []guardrails.BoundaryNeed // boundaries that must be there before it is
	use        *org.GuardrailUse         // that asked for it; nil where others rest on it
	askedAt    []*node                   // where it was asked for, if it stands somewhere else
	lines      []diag.Range              // further lines that asked for it
}

// A stated is a statement with the exceptions that narrowed it.
type stated struct {
	policy.Statement
	exceptions []string
}

func newPiece(in *instance, origin diag.Range) *piece {
	p := &piece{instance: in, origin: origin, statements: make([]stated, 0, len(in.statements))}
	for _, s := range in.statements {
		p.statements = append(p.statements, stated{Statement: s})
	}
	return p
}

// compact says whether the actions of the piece may become wildcards.
func (p *piece) compact() pack.Compact {
	if p.use != nil && p.use.Compact != "" {
		return pack.Compact(p.use.Compact)
	}
	return cmp.Or(pack.Compact(p.instance.compact), pack.Never)
}

// guardrails collects what each node asks for. The same guardrail with the same
// parameters once more, at a node or above it, adds nothing: AWS evaluates the
// policies of all nodes above an account. It is said, and left out.
func (k *compiler) guardrails() {
	said := map[string]bool{}
	for _, n := range k.all {
		for i := range n.uses {
			u := &n.uses[i]
			in, ok := k.use(u)
			if !ok {
				continue
			}
			if above, first := n.find(in); above != nil && !in.allows && !n.differs(above, in) && !n.staysNamed(in, u.Policy) {
				k.twice(said, n, u, above, first)
				continue
			}
			p := newPiece(in, u.Range)
			p.template, p.set, p.use = u.Template != "", u.Shipped, u
			n.pieces = append(n.pieces, p)
		}
	}
}

// staysNamed reports whether a guardrail stands at the node although it is there
// or above it already: the file names the policy that it is in, which is
// attached wherever it is named, and holds all that it is asked to hold.
func (n *node) staysNamed(in *instance, policy string) bool {
	return policy != "" && !slices.ContainsFunc(n.pieces, func(p *piece) bool { return p.instance == in && p.policyName() == policy })
}

func (k *compiler) use(u *org.GuardrailUse) (*instance, bool) {
	if u.Template == "" {
		return k.own(u.File, u.Type, u.Source)
	}
	return k.template(u.Template, u.Parameters, u.Range, nil, catalog.GuardrailTypes()...)
}

// spoken is a template's type as a message says it.
func spoken(t catalog.Type) string {
	switch t {
	case catalog.ServiceControlPolicy:
		return "service control policy"
	case catalog.ResourceControlPolicy:
		return "resource control policy"
	case catalog.DeclarativePolicyEC2:
		return "declarative policy for EC2"
	case catalog.AIServicesOptOutPolicy:
		return "AI services opt-out policy"
	case catalog.TagPolicy:
		return "tag policy"
	case catalog.BackupPolicy:
		return "backup policy"
	case catalog.PermissionsBoundary:
		return "permissions boundary"
	case catalog.PasswordPolicyPreset:
		return "password policy preset"
	}
	panic("compile: no template type " + string(t))
}

// place is the block of the file that takes templates of a type.
func place(t catalog.Type) string {
	switch t {
	case catalog.PermissionsBoundary:
		return "permissionBoundaries"
	case catalog.PasswordPolicyPreset:
		return "passwordPolicies"
	}
	return "guardrails"
}

// find looks for an instance at the node and above it.
func (n *node) find(in *instance) (*node, *piece) {
	for ; n != nil; n = n.parent {
		for _, p := range n.pieces {
			if p.instance == in {
				return n, p
			}
		}
	}
	return nil, nil
}

// differs reports whether between the node and one above it another declarative
// policy of the type stands, which may have set something else.
func (n *node) differs(above *node, in *instance) bool {
	if in.declared == nil {
		return false
	}
	for ; n != above; n = n.parent {
		if slices.ContainsFunc(n.pieces, func(p *piece) bool { return p.typ == in.typ }) {
			return true
		}
	}
	return false
}

func (k *compiler) twice(said map[string]bool, n *node, u *org.GuardrailUse, above *node, first *piece) {
	at := u.Range
	if !u.Via.IsZero() {
		at = u.Via
	}
	if key := at.String() + " " + first.guardrail; said[key] {
		return
	} else {
		said[key] = true
	}
	what := "%s stands at %s already, and holds for %s too"
	if above == n {
		what = "%s stands at %s twice, and once is enough for %s"
	}
	d := k.ds.Warnf(at, "GR305", what, first.guardrail, above.selector(), n.selector())
	d.Hint = "remove this one; it is left out of the plan"
	d.Related = []diag.Related{{Range: first.origin, Message: "asked for here"}}
}
