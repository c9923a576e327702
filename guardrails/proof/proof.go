// Package proof shows that a plan locks nobody out: that the deploying
// principal can make every call that deploying, changing and removing this
// very plan takes, and that the requests that must work in every organization
// still do. It turns a plan into the list of requests that are lost, each with
// the statement that decides, the guardrail and the line it comes from, and the
// exception that would spare it.
//
// It answers in three values. What is not known of a request, such as whether
// MFA was used or the request comes through a VPC endpoint, is unknown, never
// guessed: a request is lost when it is refused whatever the unknown is, and
// in doubt when that decides. It reads nothing from AWS and changes nothing.
package proof

import (
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// Options are what a proof is made with. The zero value of each but AsOf is right.
type Options struct {
	AsOf time.Time // time of the requests
	// Required are the requests that must work; nil for [RequiredRequests].
	Required []Required
	// NoFullAccess are attachment targets to which FullAWSAccess is not
	// attached: "root", "unit:Workloads", "account:payments".
	NoFullAccess []string
}

// A Result is what a proof came to.
type Result struct {
	Accounts int    // member accounts
	Requests int    // requests in all of them
	Asked    int    // requests that were decided: accounts that are alike are asked once
	Lost     []Loss // refused, whatever is unknown; in the order of accounts and requests
	InDoubt  []Loss // refused or not, by what is unknown
}

// Refuses reports whether a request is lost that must not be.
func (r *Result) Refuses() bool {
	return slices.ContainsFunc(r.Lost, func(l Loss) bool { return l.Level == Must })
}

// A Loss is a request that does not work, or may not.
type Loss struct {
	ID        string // of a [Required], or "deploy-" and an action
	Level     Level
	Loses     string
	Source    string
	Region    string
	Accounts  []string        // keys, sorted
	Answer    *trial.Answer   // of the first of them
	Deciders  []trial.Decider // statements on which it rests, with guardrail and line
	DependsOn []string        // condition keys, where it is in doubt
	Mend      Mend
}

// Check asks everything of the state that a plan leaves behind once it is
// deployed whole. It fails on a plan that its reader would have refused.
func Check(p *guardrails.Plan, opts Options) (*Result, error) {
	w, err := trial.New(p, opts.AsOf)
	if err != nil {
		return nil, err
	}
	w.DetachFullAccess(opts.NoFullAccess...)
	required := opts.Required
	if required == nil {
		required = RequiredRequests()
	}
	a := newAsker(p, required, w.IDs())
	groups := map[string]int{} // by what tells them from others
	var order [][]string       // keys of accounts that are alike
	for i := range p.Accounts {
		key := p.Accounts[i].Key
		like := w.Class(key) + "\x02" + a.shape(key)
		at, ok := groups[like]
		if !ok {
			at = len(order)
			groups[like] = at
			order = append(order, nil)
		}
		order[at] = append(order[at], key)
	}
	r := &Result{Accounts: len(p.Accounts), Lost: []Loss{}, InDoubt: []Loss{}}
	seen := map[string]int{} // index in the list of losses
	for _, accounts := range order {
		asks := a.all(accounts[0])
		r.Asked += len(asks)
		r.Requests += len(asks) * len(accounts)
		for i := range asks {
			x := &asks[i]
			decided, err := w.Decide(x.question)
			if err != nil {
				return nil, err
			}
			if decided.Decision == eval.Allowed {
				continue
			}
			if err := r.add(w, x, accounts, seen); err != nil {
				return nil, err
			}
		}
	}
	for _, list := range [][]Loss{r.Lost, r.InDoubt} { // several requests of an account may be one loss
		for i := range list {
			slices.Sort(list[i].Accounts)
			list[i].Accounts = slices.Compact(list[i].Accounts)
			list[i].Mend = mend(p, &list[i])
		}
	}
	return r, nil
}

// add notes a request that is not simply allowed, together with others of its
// kind that the same statements decide.
func (r *Result) add(w *trial.World, x *ask, accounts []string, seen map[string]int) error {
	answer, err := w.Ask(x.question)
	if err != nil {
		return err
	}
	l := Loss{ID: x.id, Level: x.level, Loses: x.loses, Source: x.source, Region: x.region, Accounts: slices.Clone(accounts),
		Answer: answer, Deciders: answer.Deciders()}
	lost := answer.Refused()
	if !lost {
		l.DependsOn = answer.DependsOn
	}
	same := []string{x.id, x.region, x.who}
	for _, d := range l.Deciders {
		same = append(same, d.Level, d.Document, d.Sid, d.Origin)
	}
	key := strings.Join(same, "\x00")
	list := &r.InDoubt
	if lost {
		key, list = key+"\x00lost", &r.Lost
	}
	if i, ok := seen[key]; ok {
		(*list)[i].Accounts = append((*list)[i].Accounts, accounts...)
		return nil
	}
	seen[key] = len(*list)
	*list = append(*list, l)
	return nil
}
