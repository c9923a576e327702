package awstest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Faults are what goes wrong. Shares are between 0 and 1. The same seed and
// the same order of calls give the same faults.
type Faults struct {
	Seed uint64 `json:"seed"`
	// OrganizationsThrottled and OrganizationsConflicts are shares of the
	// Organizations writes: TooManyRequestsException and
	// ConcurrentModificationException.
	OrganizationsThrottled float64 `json:"organizationsThrottled"`
	OrganizationsConflicts float64 `json:"organizationsConflicts"`
	// Finalizing is an organization that AWS has not set up yet, which takes up
	// to an hour: no account is created or invited.
	Finalizing bool `json:"finalizing"`
	// Unavailable is the share of all calls answered with HTTP 503, Throttled the
	// share of all calls, reads among them, that the service throttles. Together
	// they are at most 1.
	Unavailable float64 `json:"unavailable"`
	Throttled   float64 `json:"throttled"`
	// Latency is added to each call before it is forwarded; an Organizations
	// write holds the organization for that time.
	Latency time.Duration `json:"latency"`
	// CallsLost and AnswersLost are shares of all calls whose connection is
	// reset before or after AWS has done what was asked.
	CallsLost   float64 `json:"callsLost"`
	AnswersLost float64 `json:"answersLost"`
	// ExpiredKeys and UnknownKeys are access keys that AWS does not take:
	// ExpiredToken and InvalidClientTokenId (or the service's spelling).
	ExpiredKeys []string `json:"expiredKeys,omitempty"`
	UnknownKeys []string `json:"unknownKeys,omitempty"`
	// KnownKeys, if there are any, are the only keys that AWS takes, besides
	// those that AssumeRole gave out.
	KnownKeys []string `json:"knownKeys,omitempty"`
}

// A Phase is a moment in the life of a call.
type Phase string

const (
	Before Phase = "before" // AWS has not seen the call; if its caller dies now, it never happens
	After  Phase = "after"  // AWS has done it; the caller has not heard
)

// Pause holds one call: the At-th that matches, counted from when the pause
// is set.
type Pause struct {
	At        int    `json:"at"`        // from 1; 0 is 1
	Service   string `json:"service"`   // "" is every service
	Operation string `json:"operation"` // "" is every operation
	Writes    bool   `json:"writes"`    // count writes only
	Phase     Phase  `json:"phase"`     // "" is Before
}

// Paused is a pause that has been set. Reached delivers the call once it is
// held; Resume lets it go, and clears the pause if it was not reached yet.
type Paused struct {
	Reached chan Call
	resume  chan struct{}
	once    sync.Once
	pause   Pause
	seen    int
}

func (p *Paused) Resume() { p.once.Do(func() { close(p.resume) }) }

type faults struct {
	mu     sync.Mutex
	faults Faults
	random *rand.Rand
	paused []*Paused // not reached yet
	held   []*Paused // reached; some may have been let go since
}

// SetFaults replaces the faults, and starts the random sequence anew.
func (e *Emulator) SetFaults(f Faults) {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.faults = f
	e.faults.random = rand.New(rand.NewPCG(f.Seed, 0x6f7267))
}

// PauseAt sets a pause, beside those that are set already.
func (e *Emulator) PauseAt(p Pause) *Paused {
	if p.At == 0 {
		p.At = 1
	}
	if p.Phase == "" {
		p.Phase = Before
	}
	held := &Paused{Reached: make(chan Call, 1), resume: make(chan struct{}), pause: p}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.paused = append(e.faults.paused, held)
	return held
}

// release lets all held calls go and forgets all pauses.
func (f *faults) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range append(f.paused, f.held...) {
		p.Resume()
	}
	f.paused, f.held = nil, nil
}

// forget takes a pause back that has not been reached.
func (f *faults) forget(p *Paused) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = slices.DeleteFunc(f.paused, func(o *Paused) bool { return o == p })
}

// fate is what the dice say about a call. They are thrown for every call,
// whatever it is, so that one fault more does not move all the others.
type fate struct{ throttled, conflict, unavailable, tooMany, lost, answerLost bool }

func (f *faults) fate() (Faults, fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.random == nil {
		return f.faults, fate{}
	}
	r := f.random
	a, b, c, d := r.Float64(), r.Float64(), r.Float64(), r.Float64()
	return f.faults, fate{
		throttled:   a < f.faults.OrganizationsThrottled,
		conflict:    a >= f.faults.OrganizationsThrottled && a < f.faults.OrganizationsThrottled+f.faults.OrganizationsConflicts,
		unavailable: b < f.faults.Unavailable,
		tooMany:     b >= f.faults.Unavailable && b < f.faults.Unavailable+f.faults.Throttled,
		lost:        c < f.faults.CallsLost,
		answerLost:  d < f.faults.AnswersLost,
	}
}

// before returns the answer of a call that does not get through, or nil.
func (f *faults) before(client context.Context, q *request, c Call) *answer {
	set, fate := f.fate()
	q.fate = fate
	q.latency = set.Latency
	if a := refusedCredentials(set, q); a != nil {
		return a
	}
	if fate.lost {
		return &answer{drop: true, code: "ConnectionLost"}
	}
	if fate.unavailable {
		return unavailable(q, "Service is temporarily unavailable, please retry.")
	}
	if fate.tooMany {
		return tooMany(q)
	}
	if !f.hold(client, c, Before) {
		return &answer{drop: true, code: "CallerGone"}
	}
	if q.service != "organizations" || !c.Write {
		time.Sleep(set.Latency)
	}
	return nil
}

// after holds an answer, or loses it.
func (f *faults) after(client context.Context, q *request, c Call, a *answer) *answer {
	f.hold(client, c, After)
	if q.fate.answerLost {
		lost := *a
		lost.drop = true
		return &lost
	}
	return a
}

// hold waits if the call is one that a pause is set for. It reports whether
// the caller is still there.
func (f *faults) hold(client context.Context, c Call, phase Phase) bool {
	f.mu.Lock()
	var held *Paused
	for _, p := range slices.Clone(f.paused) {
		if p.pause.Phase != phase || !p.pause.matches(c) {
			continue
		}
		if p.seen++; p.seen >= p.pause.At && held == nil {
			held = p
			f.paused = slices.DeleteFunc(f.paused, func(o *Paused) bool { return o == p })
			f.held = append(f.held, p)
			held.Reached <- c
		}
	}
	f.mu.Unlock()
	if held != nil {
		<-held.resume
	}
	return client.Err() == nil
}

func (p Pause) matches(c Call) bool {
	return (p.Service == "" || p.Service == c.Service) && (p.Operation == "" || p.Operation == c.Operation) && (!p.Writes || c.Write)
}

// tooMany is how each service says that it is called too often.
func tooMany(q *request) *answer {
	switch q.service {
	case "organizations":
		return refuse("TooManyRequestsException", "You have sent too many requests in too short a period of time.").with("Type", q.operation).answer(q)
	case "access-analyzer":
		return refuse("ThrottlingException", "Rate exceeded").as(http.StatusTooManyRequests).answer(q)
	}
	return refuse("Throttling", "Rate exceeded").answer(q)
}

// refusedCredentials refuses keys that AWS would not take.
func refusedCredentials(set Faults, q *request) *answer {
	expired, unknown := "ExpiredToken", "InvalidClientTokenId"
	if q.service != "iam" && q.service != "sts" {
		expired, unknown = "ExpiredTokenException", "UnrecognizedClientException"
	}
	switch {
	case slices.Contains(set.ExpiredKeys, q.accessKey):
		return refuse(expired, "The security token included in the request is expired").as(http.StatusForbidden).answer(q)
	case slices.Contains(set.UnknownKeys, q.accessKey),
		len(set.KnownKeys) > 0 && !slices.Contains(set.KnownKeys, q.accessKey) && !q.keyGivenOut && !strings.HasPrefix(q.operation, "AssumeRoleWith"):
		return refuse(unknown, "The security token included in the request is invalid.").as(http.StatusForbidden).answer(q)
	}
	return nil
}
