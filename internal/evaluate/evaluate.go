// Package evaluate decides requests in bulk: JSON Lines in, JSON Lines out, a
// decision for each case in the order of the cases. It is what `orgrails
// evaluate` runs.
//
// It uses all cores and constant memory, however long the input is. A case
// that cannot be understood is answered with what is wrong with it, and the
// next one is read. What a case and an answer look like is in docs/cli.md;
// what they mean is for guardrails/eval.
package evaluate

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Options are how cases are decided. The zero value is right for most.
type Options struct {
	Explain bool // answers carry their reasons
	Workers int  // how many cases are decided at once; 0 is one for each core
}

// Counts are the cases of one run.
type Counts struct {
	Decided int
	Failed  int // could not be understood
}

// inFlight is how many bytes of cases are held at once, in which one case that
// is longer counts as the whole: it is alone.
const inFlight = 16 << 20

// GCPercent is a setting of the garbage collector for a process that does
// nothing but [Run]: what is held is little and bounded, so that it may wait.
const GCPercent = 300

// Run decides the cases that it reads from in, one on each line, and writes
// their answers to out. It ends with the input, with ctx, or with the first
// error of reading or writing. A read that is waiting when ctx ends is left
// waiting.
func Run(ctx context.Context, in io.Reader, out io.Writer, o Options) (Counts, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // ends what is still going on
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var (
		work  = make(chan *batch, workers)
		order = make(chan *batch, 8*workers)
		held  = newBudget(inFlight)
	)
	go func() {
		defer close(order)
		defer close(work)
		r := reader{in: in}
		for ctx.Err() == nil {
			b, err := r.next()
			if b != nil {
				if !held.take(ctx, len(b.text)) {
					return
				}
				for _, to := range []chan<- *batch{order, work} {
					select {
					case to <- b:
					case <-ctx.Done():
						return
					}
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				cancel(fmt.Errorf("read the cases: %w", err))
				return
			}
		}
	}()
	for range workers {
		go func() {
			w := newWorker(o)
			for b := range work {
				if ctx.Err() == nil {
					w.decide(b)
				}
				close(b.done)
			}
		}()
	}
	var counts Counts
	for {
		var b *batch
		var more bool
		select {
		case b, more = <-order:
		case <-ctx.Done():
			return counts, context.Cause(ctx)
		}
		if !more {
			return counts, context.Cause(ctx)
		}
		select {
		case <-b.done:
		case <-ctx.Done():
			return counts, context.Cause(ctx)
		}
		if _, err := out.Write(b.answers); err != nil {
			return counts, fmt.Errorf("write the answers: %w", err)
		}
		counts.Decided += b.counts.Decided
		counts.Failed += b.counts.Failed
		held.give(len(b.text))
	}
}

// A budget bounds how much is held at once.
type budget struct {
	mu   sync.Mutex
	free sync.Cond
	most int
	held int
}

func newBudget(most int) *budget {
	b := &budget{most: most}
	b.free.L = &b.mu
	return b
}

// take waits until n more fit, or nothing else is held. It reports whether
// they were taken: with ctx done they are not.
func (b *budget) take(ctx context.Context, n int) bool {
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.free.Broadcast()
	})
	defer stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.held > 0 && b.held+n > b.most && ctx.Err() == nil {
		b.free.Wait()
	}
	b.held += n
	return ctx.Err() == nil
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= n
	b.free.Signal()
}
