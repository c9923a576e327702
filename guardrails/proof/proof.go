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
	"strconv"
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
	r := &Result{Accounts: len(p.Accounts), Lost: []Loss{}, InDoubt: []Loss{}}
	shapes := map[string]int{}
	var requests [][]ask // by shape, of the first account that has it
	losses := map[string]*place{}
	answers := map[class]*place{} // nil where it is allowed
	for i := range p.Accounts {
		account := p.Accounts[i].Key
		shape := a.shape(account)
		at, known := shapes[shape]
		if !known {
			at = len(requests)
			shapes[shape] = at
			requests = append(requests, a.all(account))
		}
		asks, own := requests[at], !known
		r.Requests += len(asks)
		for n := range asks {
			like := class{at, n, w.Class(account, asks[n].question.Action)}
			loss, known := answers[like]
			if !known {
				if !own { // the same requests, of this account
					asks, own = a.all(account), true
				}
				r.Asked++
				if loss, err = r.ask(w, &asks[n], losses); err != nil {
					return nil, err
				}
				answers[like] = loss
			}
			if loss != nil {
				loss.in(account)
			}
		}
	}
	for _, list := range [][]Loss{r.Lost, r.InDoubt} {
		for i := range list {
			slices.Sort(list[i].Accounts)
			list[i].Mend = mend(p, &list[i])
		}
	}
	return r, nil
}

// A class is a request with the accounts that have the same answer to it.
type class struct {
	shape, number int // of the accounts that ask the same, and of the request among theirs
	alike         string
}

// A place is where a loss stands.
type place struct {
	list  *[]Loss
	index int
}

// in adds an account. Several of its requests may be one loss.
func (p *place) in(account string) {
	l := &(*p.list)[p.index]
	if n := len(l.Accounts); n == 0 || l.Accounts[n-1] != account {
		l.Accounts = append(l.Accounts, account)
	}
}

// ask decides a request, and notes it where it is not simply allowed, together
// with others of its kind that the same statements decide.
func (r *Result) ask(w *trial.World, x *ask, losses map[string]*place) (*place, error) {
	decided, err := w.Decide(x.question)
	if err != nil || decided.Decision == eval.Allowed {
		return nil, err
	}
	answer, err := w.Ask(x.question)
	if err != nil {
		return nil, err
	}
	l := Loss{ID: x.id, Level: x.level, Loses: x.loses, Source: x.source, Region: x.region, Answer: answer, Deciders: answer.Deciders()}
	list := &r.Lost
	if !answer.Refused() {
		list, l.DependsOn = &r.InDoubt, answer.DependsOn
	}
	same := []string{strconv.FormatBool(answer.Refused()), x.id, x.region, x.who}
	for _, d := range l.Deciders {
		same = append(same, d.Level, d.Document, d.Sid, d.Origin)
	}
	key := strings.Join(same, "\x00")
	if losses[key] == nil {
		losses[key] = &place{list, len(*list)}
		*list = append(*list, l)
	}
	return losses[key], nil
}
