package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// Diagnostics say of each request that is lost what no longer works, which
// statement of which guardrail refuses it where, at the line that asked for it,
// and what would let it through. Regions in which the same happens are one, and
// so are the calls that deploying takes. What the plan accepts and does not lose
// is said, too.
func Diagnostics(o *org.Organization, p *guardrails.Plan, r *Result) diag.Diagnostics {
	var ds diag.Diagnostics
	for i := range o.MustWork {
		m := &o.MustWork[i]
		if strings.HasPrefix(m.Key, deploying) || slices.ContainsFunc(RequiredRequests(), func(r Required) bool { return r.ID == m.Key }) {
			ds.Errorf(m.Range, "GR070", "the key %q is of a request that is always asked", m.Key).Hint = "give it another key: --accept-lockout would mean both"
		}
	}
	at := map[string]*said{}
	var order []*said
	lost := byLists(p, r.Lost)
	for i := range lost {
		l := &lost[i]
		id := l.ID
		if strings.HasPrefix(id, deploying) && l.Origin == "" && id == deploying+l.Answer.Request.Action {
			id = deploying
		}
		key := []string{string(l.When), id, strconv.FormatBool(l.Accepted), l.Answer.Question.As, strings.Join(l.Accounts, ",")}
		for _, d := range l.Deciders {
			key = append(key, d.Guardrail, d.Sid, d.Origin)
		}
		k := strings.Join(key, "\x00")
		if at[k] == nil {
			at[k] = &said{Loss: l, lists: onlyLists(p, l)}
			order = append(order, at[k])
		}
		if !slices.Contains(at[k].regions, l.Region) {
			at[k].regions = append(at[k].regions, l.Region)
		}
		if !slices.Contains(at[k].ids, l.ID) {
			at[k].ids = append(at[k].ids, l.ID)
			at[k].actions = append(at[k].actions, l.Answer.Request.Action)
		}
	}
	for _, s := range order {
		s.say(o, &ds)
	}
	for _, id := range p.AcceptedLockouts {
		if !slices.ContainsFunc(r.Lost, func(l Loss) bool { return l.ID == id }) {
			ds.Warnf(diag.Range{File: o.File}, "GR393", "the plan accepts that %q is lost, and it is not", id).Hint =
				"leave --accept-lockout " + id + " out: the next plan that loses it would not be refused"
		}
	}
	ds.Sort()
	return ds
}

// byLists are losses of which those of one request that only allow lists refuse
// are one: with lists at several levels there would else be one for each
// combination of levels above some account.
func byLists(p *guardrails.Plan, lost []Loss) []Loss {
	at := map[string]int{}
	var out []Loss
	for _, l := range lost {
		if !onlyLists(p, &l) {
			out = append(out, l)
			continue
		}
		key := strings.Join([]string{string(l.When), l.ID, strconv.FormatBool(l.Accepted), l.Answer.Question.As, l.Region}, "\x00")
		i, ok := at[key]
		if !ok {
			at[key] = len(out)
			out = append(out, l)
			continue
		}
		m := &out[i]
		m.Accounts = slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Accounts, l.Accounts))))
		m.Deciders = slices.Clone(m.Deciders)
		for _, d := range l.Deciders {
			if !slices.ContainsFunc(m.Deciders, func(x trial.Decider) bool { return x.Level == d.Level }) {
				m.Deciders = append(m.Deciders, d)
			}
		}
		// The lists of units and accounts in order, behind that of the root.
		slices.SortFunc(m.Deciders, func(a, b trial.Decider) int {
			return cmp.Compare(strings.TrimPrefix(a.Level, org.RootSelector), strings.TrimPrefix(b.Level, org.RootSelector))
		})
		m.Mend = mend(p, m)
	}
	return out
}

// onlyLists reports whether nothing but allow lists refuses a request.
func onlyLists(p *guardrails.Plan, l *Loss) bool {
	return len(l.Deciders) > 0 && !slices.ContainsFunc(l.Deciders, func(d trial.Decider) bool {
		return d.Effect == policy.Deny || d.Layer != eval.SCP || !listed(p, d.Level)
	})
}

// happened is what refuses the request; of all its accounts, where allow lists do.
func (s *said) happened() string {
	if !s.lists || len(s.Deciders) < 2 {
		return s.Answer.Happened()
	}
	var levels []string
	for _, d := range s.Deciders {
		levels = append(levels, d.Level)
	}
	last := len(levels) - 1
	return "it is not on the allow lists of " + strings.Join(levels[:last], ", ") + " and " + levels[last]
}

// said is a loss with all regions in which it is one.
type said struct {
	*Loss
	regions      []string
	ids, actions []string // several where they are calls that deploying takes
	lists        bool     // nothing but allow lists refuses it
}

func (s *said) say(o *org.Organization, ds *diag.Diagnostics) {
	a := s.Answer
	where := trial.Where(s.Accounts)
	if len(s.regions) > 1 || s.regions[0] != o.HomeRegion {
		where += " (" + strings.Join(s.regions, ", ") + ")"
	}
	loses, action := s.Loses, a.Request.Action
	if more := len(s.actions) - 1; more > 0 {
		loses = "orgrails cannot deploy what the plan has there"
		action += fmt.Sprintf(", %s", s.actions[1])
		if more > 1 {
			action += fmt.Sprintf(" and %d more", more-1)
		}
	}
	what := fmt.Sprintf("%s: in %s %s may not call %s%s: %s", loses, where, who(a), action, s.When.words(), s.happened())
	r := diag.Range{File: o.File}
	var places []trial.Decider
	for _, d := range s.Deciders {
		if d.Origin != "" && !slices.ContainsFunc(places, func(x trial.Decider) bool { return x.Origin == d.Origin }) {
			places = append(places, d)
		}
	}
	if len(places) > 0 {
		r = trial.Locate(o, places[0].Origin)
	}
	var d *diag.Diagnostic
	hint := s.hint()
	switch {
	case s.Accepted:
		d = ds.Warnf(r, "GR392", "%s", what)
		hint = "the plan accepts that it is lost; " + hint
	case s.Level == Must:
		d = ds.Errorf(r, "GR390", "%s", what)
		hint += "; or accept it with --accept-lockout " + strings.Join(s.ids, " --accept-lockout ")
	default:
		d = ds.Warnf(r, "GR391", "%s", what)
	}
	d.Hint = hint
	for _, x := range places[min(1, len(places)):] {
		d.Related = append(d.Related, diag.Related{Range: trial.Locate(o, x.Origin), Message: "denied from here as well: " + cmp.Or(x.Guardrail, x.Name(), "the allow list of "+x.Level)})
	}
	if s.Origin != "" {
		d.Related = append(d.Related, diag.Related{Range: trial.Locate(o, s.Origin), Message: "it must work: asked for here"})
	}
}

// hint is what would let the request through.
func (s *said) hint() string {
	switch {
	case s.When == Before:
		return "what is in force now stands in the way: deploy the policies before the rest, with --stack organization and then --stack policies"
	case s.When == Between:
		return "it works before and after: detach the policy from the nodes that it leaves in a deployment of its own; or " + s.Mend.Text
	case s.When == Waiting:
		return "organization.newAccounts names the unit: let the deploy role work there, or name another unit; for one, " + s.Mend.Text
	}
	if len(s.actions) > 1 { // the exception for the first action would not do
		text, _, _ := strings.Cut(s.Mend.Text, " for "+s.actions[0])
		return text
	}
	return s.Mend.Text
}

// words say when a request is lost.
func (w When) words() string {
	switch w {
	case Before:
		return " with the policies in force now"
	case Between:
		return " while the plan is deployed"
	case Waiting:
		return " where new accounts wait"
	}
	return ""
}

// who is who asks, as the file speaks of it.
func who(a *trial.Answer) string {
	switch as := a.Question.As; {
	case as == "root":
		return "the root user"
	case strings.HasSuffix(as, ":role/unknown"):
		return "the management account"
	default:
		return as
	}
}
