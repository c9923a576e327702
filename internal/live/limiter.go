package live

import (
	"context"
	"sync"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// A Clock tells the time and waits. Tests give one on which waiting takes none.
type Clock interface {
	Now() time.Time
	// Sleep returns early, with the context's error, when the context ends.
	Sleep(context.Context, time.Duration) error
}

// wallClock is the machine's.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// How a bucket reacts to throttling: it pauses, twice as long each time, and
// goes on at half its rate; every call that gets through gives some back.
const (
	firstPause = 500 * time.Millisecond
	longPause  = 20 * time.Second
	slowest    = 1.0 / 16 // of the rate
	recovery   = 1.0 / 20 // of the rate, with each call
)

// A bucket lets the calls of one operation through at a rate. Other users of
// the same quota are not seen, only felt: AWS throttles.
type bucket struct {
	mu     sync.Mutex
	clock  Clock
	full   awsdata.Rate
	rate   float64 // a second, now
	tokens float64
	at     time.Time // when tokens was right
	paused time.Time // no call before
	row    int       // throttled calls, one after the other
	turn   chan struct{}
}

// newBucket leaves one call of the burst to AWS's own bucket, for requests
// that reach it closer together than they were sent.
func newBucket(clock Clock, r awsdata.Rate) *bucket {
	r.Burst = max(1, r.Burst-1)
	return &bucket{clock: clock, full: r, rate: r.PerSecond, tokens: r.Burst, at: clock.Now(), turn: make(chan struct{}, 1)}
}

// longestWait is how long a call sleeps before it looks at the rate again,
// which may have recovered.
const longestWait = time.Second

// take waits for a token. Calls wait one behind the other, so that each waits
// at the rate of its turn.
func (b *bucket) take(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.turn }()
	for d := b.claim(); ; d = b.claim() {
		if d <= 0 {
			return ctx.Err()
		}
		if err := b.clock.Sleep(ctx, min(d, longestWait)); err != nil {
			return err
		}
	}
}

// claim takes a token, or says how long there will be none.
func (b *bucket) claim() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill()
	if wait := b.paused.Sub(b.at); wait > 0 {
		return wait
	}
	if b.tokens < 1 {
		return max(time.Microsecond, time.Duration((1-b.tokens)/b.rate*float64(time.Second)))
	}
	b.tokens--
	return 0
}

func (b *bucket) refill() {
	now := b.clock.Now()
	b.tokens = min(b.full.Burst, b.tokens+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
}

// heard adapts to an answer.
func (b *bucket) heard(throttled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill()
	if !throttled {
		b.row = 0
		b.rate = min(b.full.PerSecond, b.rate+b.full.PerSecond*recovery)
		return
	}
	pause := longPause
	if b.row < 5 {
		pause = firstPause << b.row
	}
	b.row++
	b.rate = max(b.full.PerSecond*slowest, b.rate/2)
	b.tokens = min(b.tokens, 0)
	if until := b.at.Add(pause); until.After(b.paused) {
		b.paused = until
	}
}

// A limiter has a bucket for everything that AWS counts by itself.
type limiter struct {
	clock   Clock
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

type bucketKey struct{ service, operation, account, region string }

// of is the bucket of an operation that is called in an account and a Region.
func (l *limiter) of(service, operation, account, region string) *bucket {
	key, rate := bucketKey{service, operation, account, region}, awsdata.UnpublishedRate.Value
	switch service {
	case "Organizations":
		if r, ok := awsdata.OrganizationsRates.Value[operation]; ok {
			rate = r
		}
	case "STS":
		key.operation, rate = "", awsdata.STSRate.Value
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		b = newBucket(l.clock, rate)
		l.buckets[key] = b
	}
	return b
}
