package policy

import (
	"sort"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A text is a source with an index, so that a byte offset becomes a line and a
// column (in characters) in little time, on one line of ten megabytes too.
type text struct {
	file  string
	src   []byte
	lines []int // offset of the first byte of each line
	runes []int // characters before each multiple of step
}

const step = 4096

func newText(file string, src []byte) *text {
	t := &text{file: file, src: src, lines: []int{0}}
	n := 0
	for i, c := range src {
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
	return t
}

// runesBefore counts the characters that start before off.
func (t *text) runesBefore(off int) int {
	n := t.runes[off/step]
	for _, c := range t.src[off/step*step : off] {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

func (t *text) pos(off int) diag.Pos {
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
