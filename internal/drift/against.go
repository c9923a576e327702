package drift

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/live"
)

// Against says what deploying a plan would change of what AWS has, and what
// that does to access. Units, accounts and policies that the plan does not have
// stay as they are; policies whose names say that they were made from a file
// are taken away. Of IAM and the analyzers, what the plan names is compared.
// What was not read is not compared, and what depends on it is not known.
func Against(snap *live.Snapshot, plan *guardrails.Plan, o diff.Options) (*diff.Difference, error) {
	m, err := newMatch(snap, plan)
	if err != nil {
		return nil, err
	}
	now, with, open := m.asIs()
	d, err := diff.Diff(now, with, o)
	if err != nil {
		return nil, err
	}
	d.After = plan.Digest()
	d.NotCompared = append(d.NotCompared, open...)
	slices.SortFunc(d.NotCompared, func(a, b diff.NotCompared) int { return strings.Compare(a.What, b.What) })
	if slices.ContainsFunc(open, func(n diff.NotCompared) bool { return n.MayDeny }) {
		for _, v := range []*diff.Verdict{&d.NewlyDenied, &d.NewlyAllowed} {
			if *v == diff.None {
				*v = diff.Unknown
			}
		}
	}
	return d, nil
}

// InForce is what AWS has in the form of a plan: what is in force before the
// plan is deployed.
func InForce(snap *live.Snapshot, plan *guardrails.Plan) (*guardrails.Plan, error) {
	m, err := newMatch(snap, plan)
	if err != nil {
		return nil, err
	}
	now, _, _ := m.asIs()
	return now, nil
}
