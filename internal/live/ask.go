package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A reader is one run of [Read].
type reader struct {
	ctx    context.Context
	cancel context.CancelFunc
	opts   ReadOptions
	s      *Session // of the caller; every request of it passes the gate
	caller Caller
	org    Organization
	cache  *cache

	mu      sync.Mutex
	err     error // that ends the run
	notRead []NotRead
	oldest  time.Time
	rooms   map[string]*room // by account
	stages  map[string]*Progress
}

// A question is one thing to ask AWS: the pages of a list count as one.
type question struct {
	what    string // for a person, if it cannot be read
	api     string // organizations:ListRoots
	account string // "" is the organization
	region  string // "" where the service has one for all
	about   string // what else the answer depends on
}

func (q question) key() string {
	return strings.Join([]string{q.api, q.account, q.region, q.about}, " ")
}

// ask returns the answer to a question: one that was kept, or AWS's. Trouble
// is noted: what concerns one question makes it one that is not read, what
// concerns all of them ends the run.
func ask[T any](r *reader, q question, read func(context.Context) (T, error)) Answer[T] {
	var v T
	if at, ok := r.cache.get(q.key(), &v); ok {
		r.heard(at)
		return answered(v)
	}
	if r.ctx.Err() != nil {
		return Answer[T]{}
	}
	at := r.opts.Clock.Now()
	account := q.account
	if account == "" {
		account = r.caller.Account
	}
	v, err := read(withCall(r.ctx, account))
	if err != nil {
		r.failed(q, err)
		return Answer[T]{}
	}
	r.heard(at)
	if err := r.cache.put(q.key(), v); err != nil {
		r.stop(fmt.Errorf("keep what was read: %w", err))
	}
	return answered(v)
}

// heard notes the age of an answer.
func (r *reader) heard(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.oldest.IsZero() || at.Before(r.oldest) {
		r.oldest = at
	}
}

// stop ends the run.
func (r *reader) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && r.ctx.Err() == nil {
		r.err = err
	}
	r.cancel()
}

// errNoted is for a question that failed for a reason which stands in NotRead
// already.
var errNoted = errors.New("noted already")

// errIncomplete is an answer without what it is about.
var errIncomplete = errors.New("AWS's answer lacks what was asked for")

func (r *reader) failed(q question, err error) {
	if errors.Is(err, errNoted) || r.ctx.Err() != nil {
		return
	}
	if fatal := r.fatal(q, err); fatal != nil {
		r.stop(fatal)
		return
	}
	r.missing(q, why(err))
}

// missing notes that something was not read.
func (r *reader) missing(q question, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notRead = append(r.notRead, NotRead{What: q.what, API: q.api, Account: q.account, Region: q.region, Reason: reason})
}

// fatal is the error that a failure stands for when it concerns everything
// else, too. In a Region of its own a question can meet credentials that are
// not known there, and an endpoint that does not exist: the Region is off.
func (r *reader) fatal(q question, err error) error {
	if kindOf(err) == throttled {
		return &Error{Code: "GR421", Summary: fmt.Sprintf("AWS throttles %s, and has done so %d times in a row", q.api, tries[throttled]),
			Hint: "run the command again later; what has been read so far is kept and not read again", Err: err}
	}
	problem := r.s.credentialProblem(err)
	if problem == nil || q.region != "" && !slices.Contains(expiredCodes, code(err)) {
		return nil
	}
	return problem
}

// each does something n times, some of it at the same time.
func (r *reader) each(n int, f func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, r.opts.Concurrency) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || r.ctx.Err() != nil {
					return
				}
				f(i)
			}
		})
	}
	group.Wait()
}

// together does several things at the same time.
func together(fs ...func()) {
	var group sync.WaitGroup
	for _, f := range fs {
		group.Go(f)
	}
	group.Wait()
}

// Progress is how far one kind of thing has been read. Total grows while more
// is found.
type Progress struct {
	What        string // units, policies, accounts, …
	Done, Total int
}

// progress adds to what is done and to be done of a kind.
func (r *reader) progress(what string, done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.stages[what]
	if p == nil {
		p = &Progress{What: what}
		r.stages[what] = p
	}
	p.Done, p.Total = p.Done+done, p.Total+total
	if r.opts.Progress != nil {
		r.opts.Progress(*p)
	}
}
