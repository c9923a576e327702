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
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// Options are what a proof is made with. The zero value of each but AsOf is right.
type Options struct {
	AsOf time.Time // time of the requests
	// Required are the requests that must work, beside the plan's own; nil for
	// [RequiredRequests].
	Required []Required
	// NoFullAccess are attachment targets to which FullAWSAccess is not
	// attached: "root", "unit:Workloads", "account:payments".
	NoFullAccess []string
	// Before is what is deployed, over which the plan will be; nil where nothing
	// is, or it is not known. The requests are then put to the policies that are
	// in force before and between, too.
	Before *guardrails.Plan
}

// A Result is what a proof came to.
type Result struct {
	Accounts int    // member accounts
	Requests int    // requests in all of them
	Asked    int    // requests that were decided: accounts that are alike are asked once
	Lost     []Loss // refused, whatever is unknown; by When, in the order of accounts and requests
	InDoubt  []Loss // refused or not, by what is unknown, once all is deployed
}

// Refuses reports whether a request is lost that must not be.
func (r *Result) Refuses() bool {
	return slices.ContainsFunc(r.Lost, func(l Loss) bool { return l.Level == Must && !l.Accepted })
}

// A When is a time at which a request is lost.
type When string

// The times, in the order of [Result.Lost].
const (
	After   When = "after"   // once all is deployed
	Waiting When = "waiting" // where new accounts wait until they are deployed
	Before  When = "before"  // with the policies that are in force now: it cannot be deployed
	Between When = "between" // while it is deployed
)

// A Loss is a request that does not work, or may not.
type Loss struct {
	ID        string // of a [Required], key of one of the plan's own, or "deploy-" and an action
	When      When
	Level     Level
	Accepted  bool // the plan says that it may be lost
	Loses     string
	Source    string
	Origin    string // of a request of the plan's own; ""
	Region    string
	Accounts  []string        // keys, sorted
	Answer    *trial.Answer   // of the first of them
	Deciders  []trial.Decider // statements on which it rests, with guardrail and line
	DependsOn []string        // condition keys, where it is in doubt
	Mend      Mend
}

// Check asks everything of the state that a plan leaves behind once it is
// deployed whole, and of those before and between, where it is known what is
// deployed. It fails on a plan that its reader would have refused.
func Check(p *guardrails.Plan, opts Options) (*Result, error) {
	required := opts.Required
	if required == nil {
		required = RequiredRequests()
	}
	if err := asFound(p); err != nil {
		return nil, err
	}
	r := &Result{Accounts: len(p.Accounts), Lost: []Loss{}, InDoubt: []Loss{}}
	after, err := r.examine(p, p, After, required, opts, nil)
	if err != nil {
		return nil, err
	}
	r.Lost, r.InDoubt = after.lost, after.inDoubt
	if w, others := whileNew(p); w != nil {
		enter := slices.DeleteFunc(slices.Clone(required), func(x Required) bool { return x.ID != entering })
		waiting, err := r.examine(w, w, Waiting, enter, opts, others)
		if err != nil {
			return nil, err
		}
		r.Lost = append(r.Lost, deployingOnly(waiting.lost)...)
	}
	return r.Over(p, opts)
}

// asFound refuses a plan that leaves a text in AWS which means something else
// than the content that is proved.
func asFound(p *guardrails.Plan) error {
	for i := range p.Policies {
		pol := &p.Policies[i]
		if pol.AsFound == "" {
			continue
		}
		content, err := pol.Content.Fill(p.IDs)
		if err != nil {
			return fmt.Errorf("policy %s: %w", pol.Name, err)
		}
		if !compare.Same(policy.Kind(pol.Type), content, string(pol.AsFound)) {
			return fmt.Errorf("policy %s: the text that AWS has is said to mean what its content does, and does not", pol.Name)
		}
	}
	return nil
}

// Over goes on from what [Check] found of the same plan with the same options,
// but for opts.Before: it asks of the states before and between alone, and
// returns what Check would.
func (r *Result) Over(p *guardrails.Plan, opts Options) (*Result, error) {
	required := opts.Required
	if required == nil {
		required = RequiredRequests()
	}
	over := *r
	over.Lost = slices.DeleteFunc(slices.Clone(r.Lost), func(l Loss) bool { return l.When != After && l.When != Waiting })
	if opts.Before != nil {
		if err := over.steps(p, slices.DeleteFunc(slices.Clone(over.Lost), func(l Loss) bool { return l.When != After }), required, opts); err != nil {
			return nil, err
		}
	}
	over.accept(p)
	return &over, nil
}

// accept marks what the plan says may be lost.
func (r *Result) accept(p *guardrails.Plan) {
	for i := range r.Lost {
		r.Lost[i].Accepted = slices.Contains(p.AcceptedLockouts, r.Lost[i].ID)
	}
}

// steps asks of the states before the plan is deployed whole. What is lost now
// and will not be is what the plan mends, unless deploying takes it. Accounts that
// the same policies reach now are asked once.
func (r *Result) steps(p *guardrails.Plan, after []Loss, required []Required, opts Options) error {
	at := p // with new accounts where they wait while they are deployed
	if w, _ := whileNew(p); w != nil {
		at = w
	}
	q, err := diff.InForce(opts.Before, at)
	if err != nil {
		return err
	}
	same, err := unchanged(at, q)
	if err != nil {
		return err
	}
	before, err := r.examine(at, q, Before, []Required{}, opts, same)
	if err != nil {
		return err
	}
	r.Lost = append(r.Lost, deployingOnly(before.lost)...)
	// What denies between denies before or after as well, but for a policy that
	// is written anew at nodes which it has yet to leave.
	q, more, err := diff.Between(opts.Before, p)
	if err != nil || !more {
		return err
	}
	between, err := r.examine(p, q, Between, required, opts, nil)
	if err != nil || len(between.lost) == 0 {
		return err
	}
	if q, err = diff.InForce(opts.Before, p); err != nil {
		return err
	}
	if before, err = r.examine(p, q, Before, required, opts, same); err != nil {
		return err
	}
	known := map[[3]string]bool{}
	for _, l := range slices.Concat(after, before.lost) {
		for _, a := range l.Accounts {
			known[[3]string{l.ID, l.Region, a}] = true
		}
	}
	for _, l := range between.lost {
		l.Accounts = slices.DeleteFunc(l.Accounts, func(a string) bool { return known[[3]string{l.ID, l.Region, a}] })
		if len(l.Accounts) > 0 {
			r.Lost = append(r.Lost, l)
		}
	}
	return nil
}

// whileNew is a plan with the accounts that have yet to be created where they
// wait until they are deployed, and the keys of the others; nil where none waits.
func whileNew(p *guardrails.Plan) (w *guardrails.Plan, others map[string]bool) {
	unit := p.Organization.NewAccounts
	if unit == "" {
		return nil, nil
	}
	q := *p
	q.Accounts, others = slices.Clone(p.Accounts), map[string]bool{}
	for i := range q.Accounts {
		a := &q.Accounts[i]
		if p.IDs["account:"+a.Key] != "" || a.Parent == unit {
			others[a.Key] = true
			continue
		}
		a.Parent = unit
		w = &q
	}
	return w, others
}

// deployingOnly are those of losses that are calls which deploying takes.
func deployingOnly(lost []Loss) []Loss {
	return slices.DeleteFunc(slices.Clone(lost), func(l Loss) bool {
		return !strings.HasPrefix(l.ID, deploying) && l.ID != entering || l.Origin != ""
	})
}

// entering is the required request without which nothing is deployed to an account.
const entering = "enter-as-deploy-role"

// unchanged are the accounts that the same policies reach in both plans, whose
// units and accounts are the same.
func unchanged(p, q *guardrails.Plan) (map[string]bool, error) {
	at := [2]map[string][]string{} // what stands at a node
	for i, plan := range []*guardrails.Plan{p, q} {
		at[i] = map[string][]string{}
		texts := map[string]string{}
		for _, pol := range plan.Policies {
			text, err := pol.Deployed().Fill(q.IDs)
			if err != nil {
				return nil, fmt.Errorf("policy %s: %w", pol.Name, err)
			}
			texts[pol.Type+" "+pol.Name] = pol.Type + text
		}
		for _, a := range plan.Attachments {
			at[i][a.Target] = append(at[i][a.Target], texts[a.Type+" "+a.Policy])
		}
		for _, f := range plan.Elsewhere {
			for _, t := range f.Targets {
				at[i][t] = append(at[i][t], f.Type+string(f.Content))
			}
		}
		for _, t := range plan.NoFullAccess {
			at[i][t] = append(at[i][t], "no full access")
		}
		for _, list := range at[i] {
			slices.Sort(list)
		}
	}
	alike := map[string]bool{org.RootSelector: slices.Equal(at[0][org.RootSelector], at[1][org.RootSelector])}
	parents := map[string]string{}
	for _, u := range p.Units {
		parents[u.Path] = u.Parent
	}
	var unit func(path string) bool
	unit = func(path string) bool {
		yes, ok := alike[path]
		if !ok {
			yes = unit(parents[path]) && slices.Equal(at[0]["unit:"+path], at[1]["unit:"+path])
			alike[path] = yes
		}
		return yes
	}
	same := map[string]bool{}
	for _, a := range p.Accounts {
		ref := "account:" + a.Key
		same[a.Key] = unit(a.Parent) && slices.Equal(at[0][ref], at[1][ref])
	}
	return same, nil
}

// deploying begins the ids of the calls that deploying takes.
const deploying = "deploy-"

// A state is what is lost with some policies in force.
type state struct {
	when          When
	lost, inDoubt []Loss
	losses        map[string]*place
	asked         int
}

// examine asks everything that p takes of the policies of in, but in accounts
// that were asked already.
func (r *Result) examine(p, in *guardrails.Plan, when When, required []Required, opts Options, asked map[string]bool) (*state, error) {
	w, err := trial.New(in, opts.AsOf)
	if err != nil {
		return nil, err
	}
	w.DetachFullAccess(opts.NoFullAccess...)
	a := newAsker(in, required, w.IDs())
	s := &state{when: when, lost: []Loss{}, inDoubt: []Loss{}, losses: map[string]*place{}}
	shapes := map[string]int{}
	var requests [][]ask          // by shape, of the first account that has it
	answers := map[class]*place{} // nil where it is allowed
	total := 0
	for i := range p.Accounts {
		account := p.Accounts[i].Key
		if asked[account] {
			continue
		}
		shape := a.shape(account)
		at, known := shapes[shape]
		if !known {
			at = len(requests)
			shapes[shape] = at
			requests = append(requests, a.all(account))
		}
		asks, own := requests[at], !known
		total += len(asks)
		for n := range asks {
			like := class{at, n, w.Class(account, asks[n].question.Action)}
			loss, known := answers[like]
			if !known {
				if !own { // the same requests, of this account
					asks, own = a.all(account), true
				}
				s.asked++
				if loss, err = s.ask(w, &asks[n]); err != nil {
					return nil, err
				}
				answers[like] = loss
			}
			if loss != nil {
				loss.in(account)
			}
		}
	}
	for _, list := range [][]Loss{s.lost, s.inDoubt} {
		for i := range list {
			slices.Sort(list[i].Accounts)
			list[i].Mend = mend(p, &list[i])
		}
	}
	r.Asked += s.asked
	if when == After {
		r.Requests = total
	}
	return s, nil
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
func (s *state) ask(w *trial.World, x *ask) (*place, error) {
	decided, err := w.Decide(x.question)
	if err != nil || decided.Decision == eval.Allowed {
		return nil, err
	}
	answer, err := w.Ask(x.question)
	if err != nil {
		return nil, err
	}
	l := Loss{ID: x.id, When: s.when, Level: x.level, Loses: x.loses, Source: x.source, Origin: x.origin, Region: x.region, Answer: answer, Deciders: answer.Deciders()}
	if x.level == Should && x.origin == "" && meant(answer) {
		return nil, nil
	}
	list := &s.lost
	if !answer.Refused() {
		list, l.DependsOn = &s.inDoubt, answer.DependsOn
	}
	same := []string{strconv.FormatBool(answer.Refused()), x.id, x.region, x.who}
	for _, d := range l.Deciders {
		same = append(same, d.Level, d.Document, d.Sid, d.Origin)
	}
	key := strings.Join(same, "\x00")
	if s.losses[key] == nil {
		s.losses[key] = &place{list, len(*list)}
		*list = append(*list, l)
	}
	return s.losses[key], nil
}

// meant reports whether all that refuses a request denies everything: whoever
// asks for that asks for work to stop.
func meant(a *trial.Answer) bool {
	any := false
	for i := range a.Reasons {
		if r := &a.Reasons[i]; r.Decisive {
			if any = a.DeniesEverything(r); !any {
				return false
			}
		}
	}
	return any
}
