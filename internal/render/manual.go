package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// A Text writes a page of a manual: titles, fields with their explanations,
// paragraphs and blocks. Everything is escaped; errors of the writer are kept
// for Flush.
type Text struct {
	p     page
	begun bool
}

// NewText begins a page.
func NewText(w io.Writer, opts Options) *Text {
	return &Text{p: page{bufio.NewWriter(w), opts}}
}

// Title begins a part of the page.
func (t *Text) Title(s string) {
	if t.begun {
		fmt.Fprintln(&t.p)
	}
	t.begun = true
	fmt.Fprintln(&t.p, t.p.opts.paint(bold, Escape(s)))
}

// Fields writes names and, beside each, what there is to say of it.
func (t *Text) Fields(fields [][2]string) {
	width := 0
	for _, f := range fields {
		width = max(width, min(columns(Escape(f[0])), 36))
	}
	for _, f := range fields {
		name := Escape(f[0])
		indent := "  " + strings.Repeat(" ", width) + "  "
		lead := "  " + name + strings.Repeat(" ", max(width-columns(name), 0)) + "  "
		for _, l := range wrap(Escape(f[1]), max(t.p.opts.width()-columns(indent), 24)) {
			fmt.Fprintln(&t.p, strings.TrimRight(lead+l, " "))
			lead = indent
		}
	}
}

// Paragraph writes running text.
func (t *Text) Paragraph(s string) { t.p.paragraph("  ", Escape(s)) }

// Block writes lines as they are.
func (t *Text) Block(s string) {
	for l := range strings.Lines(s) {
		fmt.Fprintln(&t.p, strings.TrimRight("  "+Escape(strings.TrimSuffix(l, "\n")), " "))
	}
}

// Flush writes what is left, and returns the first error there was.
func (t *Text) Flush() error { return t.p.Flush() }
