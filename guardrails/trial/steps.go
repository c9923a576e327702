package trial

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Step is one place that a request passes: a node with its service or
// resource control policies, or the policies of who asks and of the resource.
type Step struct {
	Layer   eval.Layer
	Node    string // root, a unit's path or an account's key; "" for other layers
	Verdict Verdict
	Reasons []Decider // those behind the verdict, and the statements that would have denied
	Text    string    // why there is nothing to say of the place; ""
}

// A Verdict is what a place says of a request.
type Verdict string

// The verdicts.
const (
	Denies   Verdict = "denies"
	DoesNot  Verdict = "does not allow"
	Depends  Verdict = "depends"
	Allows   Verdict = "allows"
	Exempt   Verdict = "does not reach"
	NotThere Verdict = "none"
	NotKnown Verdict = "not known"
)

// Steps are the places from the root down to the account that asks, those from
// the root down to the resource's, and then the policies of the resource and
// of who asks.
func (a *Answer) Steps() []Step {
	var steps []Step
	if scp := a.world.chain(a.from); len(scp) == 0 || a.exempt(eval.SCP) != "" {
		steps = append(steps, a.none(eval.SCP, "no service control policy reaches who asks"))
	} else {
		for _, node := range scp {
			steps = append(steps, a.step(eval.SCP, node))
		}
	}
	rcp := a.world.chain(a.owner)
	any := slices.ContainsFunc(rcp, func(node string) bool { return len(a.world.at(eval.RCP, node)) > 0 })
	switch {
	case a.owner == "":
		steps = append(steps, a.none(eval.RCP, "the resource is of no account of the organization"))
	case !any || a.exempt(eval.RCP) != "":
		steps = append(steps, a.none(eval.RCP, "there are no resource control policies"))
	default:
		for _, node := range rcp {
			steps = append(steps, a.step(eval.RCP, node))
		}
	}
	steps = append(steps, Step{Layer: eval.Resource, Verdict: NotKnown, Text: "taken to allow"})
	if a.Role == nil {
		steps = append(steps, Step{Layer: eval.Identity, Verdict: NotKnown, Text: "taken to allow"})
	} else {
		steps = append(steps, a.step(eval.Identity, ""))
	}
	if a.boundary {
		steps = append(steps, a.step(eval.Boundary, ""))
	} else if a.Role != nil {
		steps = append(steps, a.none(eval.Boundary, "the role has none"))
	} else {
		steps = append(steps, Step{Layer: eval.Boundary, Verdict: NotKnown, Text: "taken to have none"})
	}
	return steps
}

// exempt is why a layer does not reach the request; "" where it does.
func (a *Answer) exempt(layer eval.Layer) string {
	for i := range a.Reasons {
		if r := &a.Reasons[i]; r.Layer == layer && r.Statement < 0 && r.Matched == eval.No {
			return r.Text
		}
	}
	return ""
}

// none is a place that says nothing, with the engine's reason where it has one.
func (a *Answer) none(layer eval.Layer, why string) Step {
	if text := a.exempt(layer); text != "" {
		return Step{Layer: layer, Verdict: Exempt, Text: text}
	}
	return Step{Layer: layer, Verdict: NotThere, Text: why}
}

// order is how much a verdict weighs.
var order = []Verdict{Allows, Depends, DoesNot, Denies}

// step is what the reasons say of one place.
func (a *Answer) step(layer eval.Layer, node string) Step {
	s := Step{Layer: layer, Node: node, Verdict: Allows}
	for i := range a.Reasons {
		r := &a.Reasons[i]
		if r.Layer != layer || r.Level != node {
			continue
		}
		v, shown := a.weigh(r)
		if slices.Index(order, v) > slices.Index(order, s.Verdict) {
			s.Verdict = v
		}
		if shown {
			s.Reasons = append(s.Reasons, a.Asked(r)...)
		}
	}
	return s
}

// weigh is what one reason means for its place, and whether it is worth
// showing. A statement that denies others is worth it where the request gets
// by: it may be why.
func (a *Answer) weigh(r *eval.Reason) (Verdict, bool) {
	switch {
	case r.Statement < 0 && r.Matched == eval.Yes:
		return DoesNot, true
	case r.Matched == eval.Unknown:
		return Depends, true
	case r.Effect == policy.Deny && r.Matched == eval.Yes:
		return Denies, true
	case r.Effect == policy.Deny:
		return Allows, a.Decision == eval.Allowed || a.Decision == eval.Depends
	}
	return Allows, r.Matched == eval.Yes && r.Document != fullAWSAccess && a.Decision == eval.Allowed
}
