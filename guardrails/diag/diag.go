// Package diag holds what is wrong with a user's input, as values: where it
// is, what it is, what was expected and the way out. Every other package
// appends to a [Diagnostics] and goes on, so that one run shows every mistake.
//
// The package never prints, never exits and never decides what is wrong; the
// writers (text, JSON, SARIF) are elsewhere.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// A Pos is a place in a file. The zero Pos means that the place is not known.
type Pos struct {
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // from 1, in characters (not bytes)
	Byte   int `json:"byte"`   // from 0
}

// A Range is a span of a file: Start is its first character, End the one
// after its last. File is the path as the user would type it.
type Range struct {
	File  string `json:"file"`
	Start Pos    `json:"start"`
	End   Pos    `json:"end"`
}

// IsZero reports whether the range names no place at all.
func (r Range) IsZero() bool { return r == Range{} }

// String is file:line:col, or the file alone where no line is known.
func (r Range) String() string {
	if r.Start.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d:%d", r.File, r.Start.Line, r.Start.Column)
}

// A Severity says whether a diagnostic refuses the input.
type Severity string

// The severities. Only an Error refuses the input; `validate --strict` takes
// a Warning for one.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Related is a second place that a diagnostic is about: the other of two
// duplicates, the line that asked for what does not fit.
type Related struct {
	Range   Range  `json:"range"`
	Message string `json:"message"`
}

// A Diagnostic is one mistake, lower case and without a full stop.
type Diagnostic struct {
	Severity Severity  `json:"severity"`
	Code     string    `json:"code"` // a key of Codes, e.g. "GR012"
	Range    Range     `json:"range"`
	Summary  string    `json:"summary"`        // what is wrong
	Hint     string    `json:"hint,omitempty"` // what was expected, and the way out
	Related  []Related `json:"related,omitempty"`
}

// Diagnostics are collected in the order they were found and shown in the
// order of their places; see [Diagnostics.Sort].
type Diagnostics []Diagnostic

// Errorf appends an error and returns it, so that a hint or a related place can
// be added: ds.Errorf(…).Hint = "…". The pointer is good until the next append.
func (ds *Diagnostics) Errorf(r Range, code, format string, args ...any) *Diagnostic {
	return ds.add(Error, r, code, format, args...)
}

// Warnf appends a warning; see [Diagnostics.Errorf].
func (ds *Diagnostics) Warnf(r Range, code, format string, args ...any) *Diagnostic {
	return ds.add(Warning, r, code, format, args...)
}

func (ds *Diagnostics) add(s Severity, r Range, code, format string, args ...any) *Diagnostic {
	*ds = append(*ds, Diagnostic{Severity: s, Code: code, Range: r, Summary: fmt.Sprintf(format, args...)})
	return &(*ds)[len(*ds)-1]
}

// HasErrors reports whether any of the diagnostics refuses the input.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort puts the diagnostics into the order of their places: file, line,
// column, code. It is stable, so that those of one place stay as found.
func (ds Diagnostics) Sort() {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Range.File, b.Range.File),
			cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
			cmp.Compare(a.Range.Start.Column, b.Range.Start.Column),
			cmp.Compare(a.Code, b.Code),
		)
	})
}
