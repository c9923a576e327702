package awstest

import (
	"sync"
	"time"
)

// Call is one call in the record.
type Call struct {
	Sequence  int       `json:"sequence"` // from 1, in the order of arrival
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended,omitzero"` // zero while the call is in flight
	Service   string    `json:"service"`
	Operation string    `json:"operation"`
	Account   string    `json:"account"` // of the caller
	Region    string    `json:"region"`
	AccessKey string    `json:"accessKey"`
	Write     bool      `json:"write"`
	Status    int       `json:"status,omitempty"`
	ErrorCode string    `json:"errorCode,omitempty"`
	Target    string    `json:"target,omitempty"` // what it is about, in a few words
	UserAgent string    `json:"userAgent,omitempty"`
}

// recorder keeps the calls since the last reset.
type recorder struct {
	mu    sync.Mutex
	next  int // sequence number given last
	first int // sequence number of calls[0]
	calls []Call
}

func (r *recorder) begin(q *request) Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	if len(r.calls) == 0 {
		r.first = r.next
	}
	c := Call{
		Sequence: r.next, Started: time.Now(),
		Service: q.service, Operation: q.operation, Account: q.account, Region: q.region, AccessKey: q.accessKey,
		Write: q.writes(), Target: q.summary(), UserAgent: q.http.UserAgent(),
	}
	r.calls = append(r.calls, c)
	return c
}

func (r *recorder) end(c Call, a *answer) Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Ended, c.Status, c.ErrorCode = time.Now(), a.status, a.code
	if i := c.Sequence - r.first; i >= 0 && i < len(r.calls) && r.calls[i].Sequence == c.Sequence {
		r.calls[i] = c
	}
	return c
}

// Calls is the record since the start or the last reset, in the order of
// arrival, calls in flight included.
func (e *Emulator) Calls() []Call {
	r := &e.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Call(nil), r.calls...)
}

// ResetCalls empties the record. Sequence numbers go on.
func (e *Emulator) ResetCalls() {
	r := &e.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}
