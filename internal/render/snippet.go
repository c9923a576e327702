package render

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// tabWidth is how many columns a tab of a source line is shown as.
const tabWidth = 4

// A snippet is the part of one source line that is shown, and the underline
// that goes below it.
type snippet struct {
	text  string // what is shown of the line
	start int    // columns before the underline
	mark  string // ^~~~
}

// sources are the files that diagnostics point into, with where their lines start.
type sources struct {
	files  map[string][]byte
	starts map[string][]int
	// Where the character last looked for was: diagnostics come in order, and
	// a line may be the whole of a large file.
	file       string
	start      int // of the line, in the file
	char, byte int // of the character, in the line
}

// line returns line n (from 1) of a file from its character skip (from 0) on,
// without its line end, and whether the file has the line.
func (s *sources) line(file string, n, skip int) ([]byte, bool) {
	src, ok := s.files[file]
	if !ok || n < 1 {
		return nil, false
	}
	starts, ok := s.starts[file]
	if !ok {
		starts = []int{0}
		for i, c := range src {
			if c == '\n' {
				starts = append(starts, i+1)
			}
		}
		s.starts[file] = starts
	}
	if n > len(starts) {
		return nil, false
	}
	src = src[starts[n-1]:]
	if n < len(starts) {
		src = src[:starts[n]-1-starts[n-1]]
	}
	src = bytes.TrimSuffix(src, []byte("\r"))
	if s.file != file || s.start != starts[n-1] || s.char > skip {
		s.file, s.start, s.char, s.byte = file, starts[n-1], 0, 0
	}
	for s.char < skip && s.byte < len(src) {
		_, size := utf8.DecodeRune(src[s.byte:])
		s.byte += size
		s.char++
	}
	return src[s.byte:], true
}

// A cell is one character of a source line as it is shown.
type cell struct {
	text  string
	width int
}

// reach is how many characters on either side of the start of a span are
// looked at; no terminal shows more.
const reach = 2000

// cells lays the start of a source line out: tabs become spaces, what cannot
// be seen is spelled out. more says that the line goes on.
func cells(src []byte) (out []cell, more bool) {
	for len(src) > 0 {
		if len(out) == 2*reach {
			return out, true
		}
		r, n := utf8.DecodeRune(src)
		text := shown(r, n, src[0])
		src = src[n:]
		if r == '\t' {
			text = strings.Repeat(" ", tabWidth)
		}
		out = append(out, cell{text, columns(text)})
	}
	return out, false
}

// snip shows the first line of a range in at most width columns: a long line
// is cut to a window around the range, ellipses standing for the rest. It
// reports whether there is such a line.
func (s *sources) snip(r diag.Range, width int) (snippet, bool) {
	from := max(r.Start.Column-1, 0)
	skip := max(from-reach, 0)
	text, ok := s.line(r.File, r.Start.Line, skip)
	if !ok {
		return snippet{}, false
	}
	all, after := cells(text)
	from = min(from-skip, len(all))
	to := from + 1 // an empty range is shown as one character
	switch {
	case r.End.Line > r.Start.Line:
		to = len(all)
	case r.End.Line == r.Start.Line:
		to = from + r.End.Column - r.Start.Column
	}
	to = min(max(to, from+1), len(all))

	first, last := window(all, from, to, width)
	var b strings.Builder
	start, mark := 0, 0
	if first > 0 || skip > 0 {
		b.WriteString("…")
		start++
	}
	for i := first; i < last; i++ {
		b.WriteString(all[i].text)
		switch {
		case i < from:
			start += all[i].width
		case i < to:
			mark += all[i].width
		}
	}
	if last < len(all) || after {
		b.WriteString("…")
	}
	return snippet{
		text:  strings.TrimRight(b.String(), " "),
		start: start,
		mark:  "^" + strings.Repeat("~", max(mark-1, 0)),
	}, true
}

// window chooses the cells to show: all of them where they fit, else as much
// of the span [from, to) as fits, with a third of the free room before it.
func window(all []cell, from, to, width int) (first, last int) {
	total := 0
	for _, c := range all {
		total += c.width
	}
	if total <= width {
		return 0, len(all)
	}
	room := width - 2 // an ellipsis at either end
	span := 0
	for i := from; i < to; i++ {
		span += all[i].width
	}
	first = from
	for before := max(room-span, 0) / 3; first > 0 && all[first-1].width <= before; first-- {
		before -= all[first-1].width
	}
	used := 0
	for last = first; last < len(all) && used+all[last].width <= room; last++ {
		used += all[last].width
	}
	// At the end of the line what is left over goes before the span.
	for first > 0 && used+all[first-1].width <= room {
		first--
		used += all[first].width
	}
	return first, last
}
