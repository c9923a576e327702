package evaluate

import "fmt"

// A worker decides batches, one after the other.
type worker struct {
	options Options
	cases   decoder
}

func newWorker(o Options) *worker { return &worker{o, decoder{caches: newCaches()}} }

// decide answers the cases of a batch.
func (w *worker) decide(b *batch) {
	if b.tooLong {
		b.answers = appendError(nil, "", tooLong)
		b.counts.Failed++
		return
	}
	b.answers = make([]byte, 0, len(b.text)/4)
	b.lines(func(line string) {
		var ok bool
		if b.answers, ok = w.answer(b.answers, line); ok {
			b.counts.Decided++
		} else {
			b.counts.Failed++
		}
	})
}

var tooLong = fmt.Sprintf("the case is longer than %d MiB", maxCase>>20)

// answer appends the answer to one case, and reports whether it was decided. A
// case that is more than the engine can bear costs its own answer alone.
func (w *worker) answer(out []byte, line string) (_ []byte, ok bool) {
	if len(line) > maxCase {
		return appendError(out, "", tooLong), false
	}
	before := len(out)
	defer func() {
		if v := recover(); v != nil {
			out, ok = appendError(out[:before], w.cases.id, fmt.Sprintf("internal error: %v", v)), false
		}
	}()
	if wrong := w.cases.decode(line); wrong != "" {
		return appendError(out, w.cases.id, wrong), false
	}
	set, err := w.cases.caches.set(w.cases.org, w.cases.policies)
	if err != nil {
		return appendError(out, w.cases.id, err.Error()), false
	}
	request := w.cases.request
	request.Context = nil // that no key stands twice is known already
	if err := request.Check(); err != nil {
		return appendError(out, w.cases.id, "request: "+err.Error()), false
	}
	if w.options.Explain {
		return appendExplanation(out, w.cases.id, set.Explain(&w.cases.request)), true
	}
	return appendResult(out, w.cases.id, set.Authorize(&w.cases.request)), true
}
