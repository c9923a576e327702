package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// Diagnostics writes ds in the order of their places, a blank line between
// them, each as
//
//	file:line:col: what is wrong [CODE]
//	14 |   - template: deny-leave-org
//	   |               ^~~~~~~~~~~~~~ the way out
//
// with the source line where files, by path, has the file. A hint that does
// not fit beside the underline stands below it, and related places follow in
// the same form. Files are bytes that may be broken: nothing in them
// reaches the terminal unescaped.
func Diagnostics(w io.Writer, ds diag.Diagnostics, files map[string][]byte, opts Options) error {
	ds = slices.Clone(ds)
	ds.Sort()
	src := &sources{files: files, starts: map[string][]int{}}
	b := bufio.NewWriter(w)
	for i, d := range ds {
		if i > 0 {
			fmt.Fprintln(b)
		}
		writeDiagnostic(b, d, src, opts)
	}
	return b.Flush()
}

func writeDiagnostic(w io.Writer, d diag.Diagnostic, src *sources, opts Options) {
	if place := Escape(d.Range.String()); place != "" {
		fmt.Fprint(w, opts.paint(bold, place+":"), " ")
	}
	color := red
	if d.Severity == diag.Warning {
		color = yellow
		fmt.Fprint(w, opts.paint(yellow, "warning:"), " ")
	}
	fmt.Fprint(w, opts.paint(bold, Escape(d.Summary)))
	if d.Code != "" {
		fmt.Fprint(w, " ", opts.paint(faint, "["+d.Code+"]"))
	}
	fmt.Fprintln(w)
	writeSnippet(w, d.Range, src, Escape(d.Hint), color, opts)
	for _, r := range d.Related {
		fmt.Fprintf(w, "%s %s\n", opts.paint(bold, Escape(r.Range.String())+":"), Escape(r.Message))
		writeSnippet(w, r.Range, src, "", cyan, opts)
	}
}

// writeSnippet writes the source line, its underline and the hint.
func writeSnippet(w io.Writer, r diag.Range, src *sources, hint string, color style, opts Options) {
	number := fmt.Sprint(r.Start.Line)
	width := opts.width()
	s, ok := src.snip(r, width-len(number)-3)
	if !ok {
		if hint != "" {
			for _, l := range wrap(hint, width-2) {
				fmt.Fprintf(w, "  %s\n", l)
			}
		}
		return
	}
	gutter := strings.Repeat(" ", len(number))
	fmt.Fprintln(w, strings.TrimRight(opts.paint(faint, number+" |")+" "+s.text, " "))
	fmt.Fprint(w, opts.paint(faint, gutter+" |"), " ", strings.Repeat(" ", s.start), opts.paint(color, s.mark))
	beside := len(number) + 3 + s.start + len(s.mark) + 1 + columns(hint)
	switch {
	case hint == "":
		fmt.Fprintln(w)
	case beside <= width:
		fmt.Fprintln(w, " "+opts.paint(color, hint))
	default:
		fmt.Fprintln(w)
		for _, l := range wrap(hint, width-len(number)-3) {
			fmt.Fprintln(w, opts.paint(faint, gutter+" |"), opts.paint(color, l))
		}
	}
}

// Summary counts what was found, for the line after the diagnostics: "2 errors,
// 1 warning"; "" where there are none.
func Summary(ds diag.Diagnostics) string {
	errors, warnings := 0, 0
	for _, d := range ds {
		if d.Severity == diag.Error {
			errors++
		} else {
			warnings++
		}
	}
	var parts []string
	if errors > 0 {
		parts = append(parts, plural(errors, "error"))
	}
	if warnings > 0 {
		parts = append(parts, plural(warnings, "warning"))
	}
	return strings.Join(parts, ", ")
}

// DiagnosticsJSON is the machine's form of ds: an array, in the order of the
// places, empty where there are none.
func DiagnosticsJSON(ds diag.Diagnostics) ([]byte, error) {
	ds = append(diag.Diagnostics{}, ds...)
	ds.Sort()
	return encode(ds)
}

// encode writes JSON for people and machines: indented, < and & as they are, one line end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
