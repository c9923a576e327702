package render

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
)

// A page is a text being written.
type page struct {
	*bufio.Writer
	opts Options
}

func (p *page) heading(title string) {
	fmt.Fprintf(p, "\n%s\n", p.opts.paint(bold, title))
}

// rows writes lines of cells, the cells of a column below each other, each
// line after indent. Cells have been escaped; the last of a line is not padded.
func (p *page) rows(indent string, rows [][]string) {
	var widths []int
	for _, r := range rows {
		for i, c := range r[:max(len(r)-1, 0)] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], min(columns(c), 60))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		b.WriteString(indent)
		for i, c := range r {
			b.WriteString(c)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", max(widths[i]-columns(c), 0)+2))
			}
		}
		fmt.Fprintln(p, strings.TrimRight(b.String(), " "))
	}
}

// paragraph writes text after indent, the lines that follow below its start.
func (p *page) paragraph(indent, text string) {
	for _, l := range wrap(text, max(p.opts.width()-columns(indent), 24)) {
		fmt.Fprintln(p, strings.TrimRight(indent+l, " "))
	}
}

// several lists names up to limit, and counts the rest: "a, b, c and 409 more".
func several(names []string, limit int) string {
	shown := make([]string, 0, limit)
	for _, n := range names[:min(limit, len(names))] {
		shown = append(shown, Escape(n))
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		s += " and " + number(more) + " more"
	}
	return s
}

// origins lists the places that asked for something.
func origins(places []string) string {
	return several(unique(slices.Clone(places)), 2)
}
