package policy

import (
	"sort"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A text is a source with an index, so that a byte offset becomes a line and a
// column (in characters) in little time, on one line of ten megabytes too.
//
// The index is made when the first place is asked for: most documents have
// nothing wrong.
type text struct {
	file  string
	src   string
	lines []int // offset of the first byte of each line
	runes []int // characters before each multiple of step
}

const step = 4096

func newText(file, src string) *text { return &text{file: file, src: src} }

func (t *text) index() {
	if t.lines != nil {
		return
	}
	src := t.src
	t.lines = []int{0}
	n := 0
	for i := range len(src) {
		c := src[i]
		if i%step == 0 {
			t.runes = append(t.runes, n)
		}
		if utf8.RuneStart(c) {
			n++
		}
		if c == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	if len(src)%step == 0 {
		t.runes = append(t.runes, n)
	}
}

// runesBefore counts the characters that start before off.
func (t *text) runesBefore(off int) int {
	n := t.runes[off/step]
	for i := off / step * step; i < off; i++ {
		if utf8.RuneStart(t.src[i]) {
			n++
		}
	}
	return n
}

func (t *text) pos(off int) diag.Pos {
	t.index()
	off = min(max(off, 0), len(t.src))
	line := sort.SearchInts(t.lines, off+1) - 1
	return diag.Pos{
		Line:   line + 1,
		Column: t.runesBefore(off) - t.runesBefore(t.lines[line]) + 1,
		Byte:   off,
	}
}

func (t *text) span(start, end int) diag.Range {
	return diag.Range{File: t.file, Start: t.pos(start), End: t.pos(end)}
}
