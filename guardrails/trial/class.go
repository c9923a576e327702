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

// classes is what is known of the documents that are attached, for telling
// which accounts are alike.
type classes struct {
	facts map[string]*facts           // by attachment type and document name
	above map[string]map[string][]met // by unit and action
}

// facts are what a document says of accounts, and of actions.
type facts struct {
	name   string
	named  map[string]bool // account ids
	byPath bool            // it asks for a place in the tree
	partly bool            // it names a part of ids
	covers map[string]bool // actions that some statement is about
	policy policy.Document
}

// A met is a document that is about an action, or a place without FullAWSAccess.
type met struct {
	*facts // nil where FullAWSAccess is missing
	target string
}

func (w *World) known() *classes {
	if w.classes != nil {
		return w.classes
	}
	w.classes = &classes{facts: map[string]*facts{}, above: map[string]map[string][]met{}}
	for at, documents := range w.attached {
		typ, _, _ := strings.Cut(at, " ")
		for _, d := range documents {
			if w.classes.facts[typ+" "+d.Name] != nil {
				continue
			}
			f := &facts{name: typ + " " + d.Name, named: map[string]bool{}, covers: map[string]bool{}, policy: d.Policy}
			text := d.Policy.JSON()
			for _, id := range accountIDs.FindAllString(text, -1) {
				f.named[id] = true
			}
			f.byPath = strings.Contains(strings.ToLower(text), "orgpaths")
			f.partly = partOfAnID.MatchString(text)
			w.classes.facts[f.name] = f
		}
	}
	return w.classes
}

// about reports whether any statement is about an action.
func (f *facts) about(action string) bool {
	yes, ok := f.covers[action]
	if !ok {
		yes = slices.ContainsFunc(f.policy.Statements, func(s policy.Statement) bool { return covers(s, action) })
		f.covers[action] = yes
	}
	return yes
}

// here are the documents at a target that are about an action.
func (w *World) here(list []met, target, action string) []met {
	c := w.known()
	if w.bare[target] {
		list = append(list, met{nil, target})
	}
	for _, typ := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy} {
		for _, d := range w.attached[string(typ)+" "+target] {
			if f := c.facts[string(typ)+" "+d.Name]; f.about(action) {
				list = append(list, met{f, target})
			}
		}
	}
	return list
}

// above are the documents from the root down to a unit that are about an action.
func (w *World) above(unit, action string) []met {
	c := w.known()
	if list, ok := c.above[unit][action]; ok {
		return list
	}
	var list []met
	if unit == org.RootSelector {
		list = w.here(nil, org.RootSelector, action)
	} else {
		list = w.here(slices.Clip(w.above(w.parents[unit], action)), "unit:"+unit, action)
	}
	if c.above[unit] == nil {
		c.above[unit] = map[string][]met{}
	}
	c.above[unit][action] = list
	return list
}

// Class is the same text for member accounts in which a request of an action
// has the same answer, if it is the same but for the account's own id, the
// resource is of the account, and who asks has no policies in the plan: the
// same documents that are about the action reach both, and none of them tells
// one account from the other. An organization of thousands of accounts has few
// classes for an action.
func (w *World) Class(account, action string) string {
	list := w.here(slices.Clip(w.above(w.parents[account], action)), "account:"+account, action)
	id := w.ids["account:"+account]
	only, place := false, false
	// What a level without FullAWSAccess allows must come from that level.
	bare := slices.ContainsFunc(list, func(m met) bool { return m.facts == nil })
	var b strings.Builder
	for _, m := range list {
		if m.facts != nil {
			b.WriteString(m.name)
			only = only || m.partly || m.named[id]
			place = place || m.byPath
		}
		if bare {
			b.WriteString(" at " + m.target)
		}
		b.WriteByte(0)
	}
	if place {
		b.WriteString("in " + w.parents[account])
	}
	if only {
		b.WriteString("is " + account)
	}
	return b.String()
}

// DetachFullAccess says that FullAWSAccess is not attached to some targets:
// "root", "unit:Workloads", "account:payments".
func (w *World) DetachFullAccess(targets ...string) {
	if w.bare == nil {
		w.bare = map[string]bool{}
	}
	for _, t := range targets {
		w.bare[t] = true
	}
	w.classes = nil
	clear(w.sets)
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
