package trial

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// partOfAnID is a pattern of account ids that are alike in some digits: in an
// ARN, or as the value of a condition.
var partOfAnID = regexp.MustCompile(`[:"](\d[\d*?]*[*?][\d*?]*|[*?][*?]*\d[\d*?]*)[:"]`)

// classes is what [World.Class] has found out of the plan's policies.
type classes struct {
	named  map[string]bool // account ids that some policy names
	byPath bool            // some policy asks for a place in the tree
	partly bool            // some policy names a part of ids
	above  map[string]string
}

// Class is the same text for accounts in which a request has the same answer,
// if it is the same but for the account's own id, and who asks has no policies
// in the plan: the same documents reach both, at as many levels, and none of
// them tells one from the other.
func (w *World) Class(account string) string {
	if account == org.ManagementSelector {
		return account
	}
	c := w.classes
	if c == nil {
		c = &classes{named: map[string]bool{}, above: map[string]string{}}
		for _, pol := range w.plan.Policies {
			text, err := pol.Content.Fill(w.ids)
			if err != nil {
				continue // World has read those that are attached
			}
			for _, id := range accountIDs.FindAllString(text, -1) {
				c.named[id] = true
			}
			c.byPath = c.byPath || strings.Contains(strings.ToLower(text), "orgpaths")
			c.partly = c.partly || partOfAnID.MatchString(text)
		}
		w.classes = c
	}
	if c.partly || c.named[w.ids["account:"+account]] {
		return "account " + account
	}
	parent := w.parents[account]
	key := w.above(parent) + w.here("account:"+account)
	if c.byPath {
		key += parent
	}
	return key
}

// above tells what is attached from the root down to a unit.
func (w *World) above(unit string) string {
	if key, ok := w.classes.above[unit]; ok {
		return key
	}
	key := w.here(org.RootSelector)
	if unit != org.RootSelector {
		key = w.above(w.parents[unit]) + w.here("unit:"+unit)
	}
	w.classes.above[unit] = key
	return key
}

// here tells what is attached to a target.
func (w *World) here(target string) string {
	var b strings.Builder
	for _, typ := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy} {
		for _, d := range w.attached[string(typ)+" "+target] {
			b.WriteString(d.Name + "\x00")
		}
	}
	if w.bare[target] {
		b.WriteString("bare")
	}
	return b.String() + "/"
}

// DetachFullAccess says that FullAWSAccess is not attached to some targets:
// "root", "unit:Workloads", "account:payments". It is to be said before the
// first question.
func (w *World) DetachFullAccess(targets ...string) {
	if w.bare == nil {
		w.bare = map[string]bool{}
	}
	for _, t := range targets {
		w.bare[t] = true
	}
}

// IDs are the ids of the plan's references, made up where AWS has yet to make
// them.
func (w *World) IDs() map[string]string { return maps.Clone(w.ids) }

// carriable are those of some condition keys that requests of an action may
// carry; all of them for an action that is not known.
func carriable(action string, keys []string) []string {
	info, ok := awsdata.Action(action)
	if !ok {
		return keys
	}
	return slices.DeleteFunc(keys, func(key string) bool { return !info.Carries(key) && !awsdata.NewerKey(action, key) })
}
