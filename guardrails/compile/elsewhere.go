package compile

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// elsewhere states what others manage, and notes where it takes up slots.
func (k *compiler) elsewhere() {
	k.foreign = map[*node][]*org.ForeignPolicy{}
	for i := range k.o.Elsewhere {
		f := &k.o.Elsewhere[i]
		p := guardrails.ForeignPolicy{Type: f.Type, Name: f.Name, Origin: k.origin(f.Range)}
		var targets []string
		for _, t := range f.Targets {
			targets = append(targets, t.Ref())
			n := k.byUnit[t.Unit]
			if t.Account != nil {
				n = k.byAccount[t.Account]
			}
			if n != nil {
				k.foreign[n] = append(k.foreign[n], f)
			}
		}
		p.Targets = sortedUnique(targets)
		switch kind := policy.Kind(f.Type); {
		case f.Source == nil:
		case kind.IsDeclarative():
			doc, _ := policy.CheckDeclarative(f.File, f.Source, kind)
			p.Content = guardrails.Text(doc.JSON())
		default:
			doc, _ := policy.Check(f.File, f.Source, kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
			p.Content = guardrails.Text(doc.JSON())
		}
		k.plan.Elsewhere = append(k.plan.Elsewhere, p)
	}
}

// beside states who governs accounts beside orgrails: whom the file names,
// whose policies it leaves to others, and whose service it has trusted.
func (k *compiler) beside() {
	keys := slices.Clone(k.o.Beside)
	for _, f := range k.o.Elsewhere {
		if g, ok := awsdata.GovernorOfPolicy(f.Name); ok {
			keys = append(keys, g.Key)
		}
	}
	for _, d := range k.o.DelegatedAdministrators {
		for _, g := range awsdata.Governors.Value {
			if g.Trusted == d.ServicePrincipal {
				keys = append(keys, g.Key)
			}
		}
	}
	k.plan.Beside = sortedUnique(keys)
}

// foreignAt are the policies of a type that others have at a node.
func (k *compiler) foreignAt(n *node, typ catalog.Type) []*org.ForeignPolicy {
	return slices.DeleteFunc(slices.Clone(k.foreign[n]), func(f *org.ForeignPolicy) bool { return f.Type != string(typ) })
}

// mustWork states the file's own requests that must work.
func (k *compiler) mustWork() {
	for i := range k.o.MustWork {
		r := &k.o.MustWork[i]
		m := guardrails.MustWork{
			Key: r.Key, Level: r.Level, Loses: r.Loses, As: r.As, Action: r.Action, Resource: r.Resource, Source: r.Source,
			Context: []guardrails.Context{}, Origin: k.origin(r.Range),
		}
		var in []string
		for _, t := range r.In {
			in = append(in, t.Ref())
		}
		m.In = sortedUnique(in)
		for _, key := range sortedKeys(r.With) {
			m.Context = append(m.Context, guardrails.Context{Key: key, Values: sortedUnique(org.Values(r.With[key].Value))})
		}
		k.plan.MustWork = append(k.plan.MustWork, m)
	}
}
