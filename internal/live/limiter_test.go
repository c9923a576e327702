package live

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// handClock goes on when somebody sleeps, and only then.
type handClock struct {
	now   time.Time
	slept []time.Duration
}

func newHandClock() *handClock {
	return &handClock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return nil
}

// takes makes n calls, and returns how long they took.
func takes(t *testing.T, c *handClock, b *bucket, n int) time.Duration {
	t.Helper()
	began := c.now
	for range n {
		if err := b.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c.now.Sub(began).Round(time.Millisecond)
}

func TestBucket(t *testing.T) {
	c := newHandClock()
	b := newBucket(c, awsdata.Rate{PerSecond: 5, Burst: 8})
	if d := takes(t, c, b, 7); d != 0 {
		t.Errorf("seven of a burst of eight took %v", d)
	}
	if d := takes(t, c, b, 50); d != 10*time.Second {
		t.Errorf("50 calls at 5 a second took %v", d)
	}
	c.now = c.now.Add(time.Hour)
	if d := takes(t, c, b, 8); d != 200*time.Millisecond {
		t.Errorf("after an hour a burst and one more took %v", d)
	}
}

// Throttling makes a bucket pause, longer each time, and then slower; calls
// that get through make it faster again, up to the rate.
func TestBucketAdapts(t *testing.T) {
	c := newHandClock()
	b := newBucket(c, awsdata.Rate{PerSecond: 10, Burst: 1})
	takes(t, c, b, 1)
	for i, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 20 * time.Second, 20 * time.Second} {
		b.heard(true)
		if d := takes(t, c, b, 1); d < want || d > want+2*time.Second {
			t.Errorf("after refusal %d the next call waited %v, want %v", i+1, d, want)
		}
	}
	if b.rate != 10*slowest {
		t.Errorf("the rate is %v", b.rate)
	}
	for range 40 {
		b.heard(false)
	}
	takes(t, c, b, 2)
	if d := takes(t, c, b, 100); b.rate != 10 || d != 10*time.Second {
		t.Errorf("at the rate %v, 100 calls took %v", b.rate, d)
	}
}

// A pause that begins while a call waits for its token is its pause, too.
func TestBucketPausesThoseThatWait(t *testing.T) {
	c := newHandClock()
	b := newBucket(c, awsdata.Rate{PerSecond: 1, Burst: 1})
	takes(t, c, b, 1)
	wait := b.claim()
	b.heard(true) // another call is refused meanwhile
	c.now = c.now.Add(wait)
	b.mu.Lock()
	b.paused = c.now.Add(3 * time.Second)
	b.mu.Unlock()
	if left := b.claim(); left != 3*time.Second {
		t.Errorf("%v are left of the pause", left)
	}
}

// A call waits at the rate that is, and not at the one that was when it began
// to wait.
func TestBucketForgetsWhatWasSlow(t *testing.T) {
	c := newHandClock()
	b := newBucket(c, awsdata.Rate{PerSecond: 2, Burst: 1})
	takes(t, c, b, 1)
	for range 6 {
		b.heard(true)
	}
	c.now = b.paused
	if d := takes(t, c, b, 1); d > time.Second { // of the time of the pause
		t.Fatalf("waited %v", d)
	}
	if wait := b.claim(); wait < 7*time.Second {
		t.Fatalf("it is not slow: %v", wait)
	}
	for range 20 { // others get through
		b.heard(false)
	}
	if d := takes(t, c, b, 4); d > 2*time.Second {
		t.Errorf("four calls at two a second took %v", d)
	}
}

// busyClock is a handClock on which something happens while the first sleeps.
type busyClock struct {
	*handClock
	meanwhile func()
}

func (c *busyClock) Sleep(ctx context.Context, d time.Duration) error {
	if c.meanwhile != nil {
		c.meanwhile()
		c.meanwhile = nil
	}
	return c.handClock.Sleep(ctx, d)
}

// A call that waits at a slow rate looks again before that wait is over.
func TestBucketLooksAgain(t *testing.T) {
	c := &busyClock{handClock: newHandClock()}
	b := newBucket(c, awsdata.Rate{PerSecond: 2, Burst: 1})
	for range 6 {
		b.heard(true)
	}
	c.now = b.paused
	b.claim()
	c.meanwhile = func() {
		for range 20 {
			b.heard(false)
		}
	}
	if d := takes(t, c.handClock, b, 1); d > 2*longestWait {
		t.Errorf("waited %v", d)
	}
}

func TestBucketOfNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newBucket(newHandClock(), awsdata.Rate{PerSecond: 1, Burst: 1}).take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("took a token: %v", err)
	}
}

func TestLimiterKnowsWhatAWSCounts(t *testing.T) {
	l := &limiter{clock: newHandClock(), buckets: map[bucketKey]*bucket{}}
	of := func(service, op, account, region string) *bucket { return l.of(service, op, account, region) }
	if of("Organizations", "DescribePolicy", "1", "r").full.PerSecond != 2 || of("Organizations", "DescribeResourcePolicy", "1", "r").full != (awsdata.Rate{PerSecond: awsdata.UnpublishedRate.Value.PerSecond, Burst: awsdata.UnpublishedRate.Value.Burst - 1}) {
		t.Error("rates of Organizations")
	}
	if of("IAM", "ListRoles", "1", "r") == of("IAM", "ListRoles", "2", "r") || of("IAM", "ListRoles", "1", "r") == of("IAM", "GetRole", "1", "r") {
		t.Error("accounts and operations of IAM share a rate")
	}
	if of("STS", "AssumeRole", "1", "r") != of("STS", "GetCallerIdentity", "1", "r") || of("STS", "AssumeRole", "1", "r") == of("STS", "AssumeRole", "1", "s") {
		t.Error("STS counts all operations of a Region together")
	}
	if of("STS", "AssumeRole", "1", "r").full.PerSecond != 600 {
		t.Error("rate of STS")
	}
}
