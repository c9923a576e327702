package evaluate

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

const (
	chunk = 256 << 10 // bytes that are asked for at once
	// maxCase is the longest case that is read, in bytes. The longest policy
	// that AWS takes has 40,000 characters.
	maxCase = 64 << 20
)

// A batch is some cases that follow each other, and their answers.
type batch struct {
	text    string // whole lines
	tooLong bool   // one case was longer than maxCase: text is empty
	answers []byte
	counts  Counts
	done    chan struct{} // closed when the answers are there
}

func newBatch(text string) *batch { return &batch{text: text, done: make(chan struct{})} }

// lines calls each for the lines that hold more than white space.
func (b *batch) lines(each func(line string)) {
	for rest := b.text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if strings.Trim(line, " \t\r") != "" {
			each(line)
		}
	}
}

// A reader cuts the input into batches: the lines that are there, as soon as
// they are there, so that whoever writes a case and waits for its answer gets it.
type reader struct {
	in      io.Reader
	buf     []byte // buf[:n] is read and not yet given out
	n       int
	started bool
	discard bool // up to the end of a line that is too long
	ended   error
}

// next is the next batch, or nil. The error, [io.EOF] at the end, is about
// what comes behind it.
func (r *reader) next() (*batch, error) {
	for {
		if r.ended != nil {
			if r.n > 0 && r.ended == io.EOF {
				return r.cut(r.n), io.EOF // a last line without its end
			}
			return nil, r.ended
		}
		if len(r.buf)-r.n < chunk {
			r.buf = append(r.buf[:r.n], make([]byte, max(chunk, r.n))...)
		}
		n, err := r.in.Read(r.buf[r.n : r.n+min(chunk, len(r.buf)-r.n)])
		if n < 0 || n > chunk {
			return nil, fmt.Errorf("a reader gave %d bytes", n)
		}
		if err != nil {
			r.ended = err
		}
		fresh := r.buf[r.n : r.n+n]
		r.n += n
		if r.discard {
			end := bytes.IndexByte(fresh, '\n')
			if end < 0 {
				r.n = 0
				continue
			}
			r.keep(r.n - n + end + 1)
			r.discard = false
			fresh = r.buf[:r.n]
		}
		if end := bytes.LastIndexByte(fresh, '\n'); end >= 0 {
			return r.cut(r.n - len(fresh) + end + 1), nil
		}
		if r.n > maxCase {
			r.n, r.discard = 0, true
			b := newBatch("")
			b.tooLong = true
			return b, nil
		}
	}
}

// cut is a batch of the first n bytes.
func (r *reader) cut(n int) *batch {
	text := string(r.buf[:n])
	if !r.started {
		r.started = true
		text = strings.TrimPrefix(text, "\ufeff") // a byte order mark, which some editors write
	}
	r.keep(n)
	return newBatch(text)
}

// keep lets go of the first n bytes, and of a buffer that was made for a line
// that was unusually long.
func (r *reader) keep(n int) {
	rest := r.buf[n:r.n]
	if len(r.buf) > 4*chunk && len(rest) < chunk {
		r.buf = append(make([]byte, 0, 2*chunk), rest...)
		r.buf = r.buf[:cap(r.buf)]
	} else {
		copy(r.buf, rest)
	}
	r.n = len(rest)
}
