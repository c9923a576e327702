package config

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A source is one file: its bytes and where its lines begin.
type source struct {
	file string // as the user would type it
	data []byte // without a byte order mark
	bom  int    // bytes of the byte order mark that were taken off
	// lines are the offsets at which lines begin, as editors count them.
	lines []int
	// breaks are the same as YAML counts them; the two differ only in files
	// with a lone carriage return or one of Unicode's own line separators.
	breaks []int
	// runes are the characters in front of each block of blockSize bytes, so
	// that a column is found fast however long its line is.
	runes []int
}

const blockSize = 128

var utf8BOM = []byte("\xef\xbb\xbf")

func newSource(file string, data []byte) *source {
	s := &source{file: file, data: data, lines: []int{0}}
	if bytes.HasPrefix(data, utf8BOM) {
		s.data, s.bom = data[len(utf8BOM):], len(utf8BOM)
	}
	same := true
	breaks := []int{0}
	for i, n := 0, len(s.data); i < n; i++ {
		switch c := s.data[i]; {
		case c == '\n':
			s.lines = append(s.lines, i+1)
			breaks = append(breaks, i+1)
		case c == '\r' && (i+1 >= n || s.data[i+1] != '\n'):
			same = false
			breaks = append(breaks, i+1)
		case c == 0xC2 && i+1 < n && s.data[i+1] == 0x85:
			same = false
			breaks = append(breaks, i+2)
		case c == 0xE2 && i+2 < n && s.data[i+1] == 0x80 && (s.data[i+2] == 0xA8 || s.data[i+2] == 0xA9):
			same = false
			breaks = append(breaks, i+3)
		}
	}
	for i, n := 0, 0; ; i += blockSize {
		s.runes = append(s.runes, n)
		if i+blockSize > len(s.data) {
			break
		}
		n += starts(s.data[i : i+blockSize])
	}
	s.breaks = s.lines
	if !same {
		s.breaks = breaks
	}
	return s
}

// offset is the byte at which the YAML library's line and column (both from
// 1, in characters) stand; it stays inside the file.
func (s *source) offset(line, column int) int {
	line = min(max(line, 1), len(s.breaks))
	want := s.before(s.breaks[line-1]) + max(column, 1) - 1
	block := sort.SearchInts(s.runes, want+1) - 1
	i, n := block*blockSize, s.runes[block]
	for i < len(s.data) && (n < want || !utf8.RuneStart(s.data[i])) {
		if utf8.RuneStart(s.data[i]) {
			n++
		}
		i++
	}
	return i
}

// before counts the characters that begin in front of the byte i.
func (s *source) before(i int) int {
	block := i / blockSize
	return s.runes[block] + starts(s.data[block*blockSize:i])
}

// starts counts the characters that begin in b.
func starts(b []byte) int {
	n := 0
	for _, c := range b {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// pos is the place of the byte i.
func (s *source) pos(i int) diag.Pos {
	i = min(max(i, 0), len(s.data))
	line := sort.SearchInts(s.lines, i+1)
	return diag.Pos{
		Line:   line,
		Column: s.before(i) - s.before(s.lines[line-1]) + 1,
		Byte:   i + s.bom,
	}
}

// span is the range of the bytes from start up to, not including, end.
func (s *source) span(start, end int) diag.Range {
	return diag.Range{File: s.file, Start: s.pos(start), End: s.pos(max(start, end))}
}

// lineEnd is the end of the line that the byte i is in, without white space.
func (s *source) lineEnd(i int) int { return s.endOf(s.lines, i) }

// endOf is the end of the line that the byte i is in, lines being where lines begin.
func (s *source) endOf(lines []int, i int) int {
	end := len(s.data)
	if next := sort.SearchInts(lines, i+1); next < len(lines) {
		end = lines[next]
	}
	for end > i && bytes.IndexByte([]byte(" \t\r\n"), s.data[end-1]) >= 0 {
		end--
	}
	return end
}

// skip is the first byte at or after i that is neither white space, nor a
// comment, nor one of the characters in also.
func (s *source) skip(i int, also string) int {
	for i < len(s.data) {
		c := s.data[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || bytes.IndexByte([]byte(also), c) >= 0:
			i++
		case c == '#':
			i = max(i+1, s.endOf(s.breaks, i))
		default:
			return i
		}
	}
	return i
}
