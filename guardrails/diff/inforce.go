package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// InForce is the plan after with the Organizations policies of the plan before:
// what holds while the first is being deployed over the second, once accounts
// are where they will be. Units and accounts that are called otherwise are
// matched as [Diff] matches them; what is attached to nodes that are gone is
// left out. The policies keep their names, texts have the ids of before, and
// neither sizes nor origins mean anything any more.
func InForce(before, after *guardrails.Plan) (*guardrails.Plan, error) {
	w := &work{}
	w.match(before, after)
	old := &w.sides[0]
	there := map[string]bool{"root": true, "account:management": true}
	for _, u := range after.Units {
		there["unit:"+u.Path] = true
	}
	for _, a := range after.Accounts {
		there["account:"+a.Key] = true
	}
	p := *after
	p.Policies, p.Attachments, p.Elsewhere = []guardrails.Policy{}, []guardrails.Attachment{}, []guardrails.ForeignPolicy{}
	fill := func(name string, t guardrails.Text) (guardrails.Text, error) {
		text, err := t.Fill(old.ids)
		if err != nil {
			return "", fmt.Errorf("policy %s: %w", name, err)
		}
		return guardrails.Text(text), nil
	}
	for _, pol := range before.Policies {
		var err error
		if pol.Content, err = fill(pol.Name, pol.Content); err != nil {
			return nil, err
		}
		pol.Pending = nil
		p.Policies = append(p.Policies, pol)
	}
	for _, a := range before.Attachments {
		if a.Target = old.ref(a.Target); there[a.Target] {
			p.Attachments = append(p.Attachments, a)
		}
	}
	for _, f := range before.Elsewhere {
		var err error
		if f.Content, err = fill(f.Name, f.Content); err != nil {
			return nil, err
		}
		targets := []string{}
		for _, t := range f.Targets {
			if t = old.ref(t); there[t] {
				targets = append(targets, t)
			}
		}
		f.Targets = targets
		p.Elsewhere = append(p.Elsewhere, f)
	}
	p.NoFullAccess = []string{}
	for _, t := range before.NoFullAccess {
		if t = old.ref(t); there[t] {
			p.NoFullAccess = append(p.NoFullAccess, t)
		}
	}
	p.IDs = map[string]string{}
	for ref, id := range w.sides[1].ids { // the same ids as in the texts
		p.IDs[ref] = id
	}
	return &p, nil
}

// Between is the plan after with all that is in force at some time while it is
// deployed over the plan before: what was in force, and what will be, at its
// own nodes and at those where a policy of its name still is. Policies are
// written before any is attached or detached. more is whether anything is at a
// node where neither plan has it.
func Between(before, after *guardrails.Plan) (p *guardrails.Plan, more bool, err error) {
	p, err = InForce(before, after)
	if err != nil {
		return nil, false, err
	}
	old := map[string][]string{} // targets, by type and name
	for i := range p.Policies {
		p.Policies[i].Name += inForce
	}
	for i := range p.Attachments {
		a := &p.Attachments[i]
		old[a.Type+" "+a.Policy] = append(old[a.Type+" "+a.Policy], a.Target)
		a.Policy += inForce
	}
	p.Policies = slices.Concat(p.Policies, after.Policies)
	p.Attachments = slices.Concat(p.Attachments, after.Attachments)
	for _, pol := range after.Policies {
		for _, name := range append([]string{pol.Name}, pol.Was...) {
			for _, t := range old[pol.Type+" "+name] {
				a := guardrails.Attachment{Target: t, Type: pol.Type, Policy: pol.Name}
				if !slices.Contains(after.Attachments, a) {
					p.Attachments, more = append(p.Attachments, a), true
				}
			}
		}
	}
	p.Elsewhere = slices.Concat(p.Elsewhere, after.Elsewhere)
	// A policy that allows is attached before another, or FullAWSAccess, goes.
	p.NoFullAccess = slices.DeleteFunc(p.NoFullAccess, func(t string) bool { return !slices.Contains(after.NoFullAccess, t) })
	return p, more, nil
}

// A Crowd is a node at which more policies of a type are attached, while a plan
// is deployed over another, than AWS takes: new ones come before old ones go.
type Crowd struct {
	Target string // reference
	Type   string
	Old    []string // names of those that go
	New    []string // of those that come
	Needs  int      // with those that stay and those of others
	Most   int      // that AWS takes
}

// Crowded lists the nodes at which the plan after cannot be deployed over the
// plan before.
func Crowded(before, after *guardrails.Plan, quotas awsdata.Quotas) ([]Crowd, error) {
	p, err := InForce(before, after)
	if err != nil {
		return nil, err
	}
	at := map[[2]string]*Crowd{}
	crowd := func(a guardrails.Attachment) *Crowd {
		key := [2]string{a.Target, a.Type}
		if at[key] == nil {
			at[key] = &Crowd{Target: a.Target, Type: a.Type}
		}
		return at[key]
	}
	was := map[string]string{} // names by former ones
	for _, pol := range after.Policies {
		for _, name := range pol.Was {
			was[pol.Type+" "+name] = pol.Name
		}
	}
	old := map[guardrails.Attachment]bool{}
	for _, a := range p.Attachments {
		if now := was[a.Type+" "+a.Policy]; now != "" {
			a.Policy = now
		}
		old[a] = true
		crowd(a).Needs++
	}
	kept := map[guardrails.Attachment]bool{}
	for _, a := range after.Attachments {
		kept[a] = true
		if c := crowd(a); !old[a] {
			c.Needs++
			c.New = append(c.New, a.Policy)
		}
	}
	for a := range old {
		if !kept[a] {
			c := crowd(a)
			c.Old = append(c.Old, a.Policy)
		}
	}
	for _, f := range after.Elsewhere {
		for _, t := range f.Targets {
			if c := at[[2]string{t, f.Type}]; c != nil {
				c.Needs++
			}
		}
	}
	var out []Crowd
	for _, c := range at {
		most, always := quotas.PoliciesPerTarget(c.Type)
		c.Most = most
		if c.Needs += always; most > 0 && c.Needs > most && len(c.New) > 0 {
			slices.Sort(c.Old)
			slices.Sort(c.New)
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b Crowd) int { return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Type, b.Type)) })
	return out, nil
}

// inForce follows the name of a policy that is in force and will not be.
const inForce = " (in force)"
