package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// syntaxErrors say in our words what the YAML library found: the first row
// whose text the library's message holds is used.
var syntaxErrors = []struct{ library, summary, hint string }{
	{"tab", "a tab stands where YAML takes spaces only", "indent with spaces"},
	{"mapping values are not allowed", "a second \": \" in one line, or a line that is indented too far", "put a value that holds \": \" in quotes, or indent the key like those beside it"},
	{"block sequence entries are not allowed", "a list item \"- \" cannot begin here", "begin the list on a line of its own"},
	{"mapping keys are not allowed", "a key cannot begin here", "begin the mapping on a line of its own"},
	{"could not find expected ':'", "a key without its \":\"", "write \"key: value\""},
	{"expected ',' or ']'", "the list is not closed", "add a comma between the items or close the list with \"]\""},
	{"expected ',' or '}'", "the mapping is not closed", "add a comma between the entries or close the mapping with \"}\""},
	{"expected '-' indicator", "a line that is not a list item stands among list items", "begin it with \"- \", or indent it like the key that it belongs to"},
	{"did not find expected key", "this line is neither a key of the mapping above nor closes it", "indent it exactly like the keys that it belongs to"},
	{"did not find expected node content", "a value is missing here", "write the value or remove the comma before it"},
	{"found unexpected end of stream", "a quoted text is not closed", "close it with the quotation mark that it began with"},
	{"found unexpected document indicator", "a quoted text is not closed before the document ends", "close it with the quotation mark that it began with"},
	{"unknown escape character", "an escape that YAML does not know in a text in double quotes", "write \\\\ for a backslash, or use single quotes"},
	{"Unicode character", "an escape that is no character", "write the character itself, or as \\UHHHHHHHH; YAML has no pairs of \\u"},
	{"hexadecimal number", "an escape without its hexadecimal digits", "write \\xHH or \\uHHHH, or use single quotes"},
	{"cannot start any token", "a value cannot begin with this character", "put the value in quotes"},
	{"unknown anchor", "an alias of an anchor that is not in the file before it", "define it with &name before using *name"},
	{"alphabetic or numeric character", "an anchor or alias without a name", "write &name and *name, or put the value in quotes"},
	{"comment without preceding whitespace", "a comment needs a space in front of its #", "add a space, or put the value in quotes"},
	{"exceeded max depth", "lists and mappings are nested too deep", "look for a bracket that is not closed"},
	{"control characters", "the file holds a control character", "remove it"},
	{"undefined tag handle", "a tag with a prefix that the file does not declare", "remove the tag"},
	{"incompatible YAML document", "the directive %YAML asks for a version of YAML that is not read", "remove the line, or write %YAML 1.2"},
	{"directive", "a line that begins with % is a YAML directive, and this one cannot be read", "remove it"},
	{"block scalar", "a text block cannot be read", "write | or > and then the text, indented, on the following lines"},
	{"indentation", "the indentation is not that of the lines above", "indent with the same number of spaces"},
	{"<document start>", "text stands after the end of the document", "the whole file is one mapping: indent nothing at its top level"},
}

// syntaxError appends what the YAML library refused, in our words.
func syntaxError(src *source, err error, ds *diag.Diagnostics) {
	message, at := "", 0
	var le *yaml.LoadError
	var les *yaml.LoadErrors
	if errors.As(err, &les) && len(les.Errors) > 0 {
		le = les.Errors[0]
	} else if !errors.As(err, &le) {
		le = nil
	}
	var opened diag.Range
	if le != nil {
		message = le.Message + " " + le.ContextMsg
		if le.Mark.Line > 0 {
			at = src.offset(le.Mark.Line, le.Mark.Column)
		}
		if le.ContextMark.Line > 0 && le.ContextMark != le.Mark {
			from := src.offset(le.ContextMark.Line, le.ContextMark.Column)
			opened = src.span(from, from+1)
		}
	}
	summary, hint := "this is not valid YAML", "look at this line and the one above for a missing colon, quotation mark, bracket or indentation"
	for _, row := range syntaxErrors {
		if strings.Contains(message, row.library) {
			summary, hint = row.summary, row.hint
			break
		}
	}
	if at < len(src.data) && tabbed(src, at) {
		summary, hint = syntaxErrors[0].summary, syntaxErrors[0].hint
	}
	where, code := src.span(at, min(at+1, len(src.data))), "GR003"
	if strings.Contains(message, "end of stream") && !opened.IsZero() {
		where, opened = opened, diag.Range{} // where it began says more than where the file ends
	}
	if strings.Contains(message, "max depth") {
		code = "GR005"
	}
	if open := unclosed(src.data); open >= 0 && strings.Contains(message, "expected node content") && at >= len(bytes.TrimRight(src.data, " \t\r\n")) {
		what, bracket := "list", "]"
		if src.data[open] == '{' {
			what, bracket = "mapping", "}"
		}
		where, summary, hint = src.span(open, open+1), "the "+what+" is not closed", fmt.Sprintf("close it with %q", bracket)
	}
	d := ds.Errorf(where, code, "%s", summary)
	d.Hint = hint
	if !opened.IsZero() {
		d.Related = []diag.Related{{Range: opened, Message: "it began here"}}
	}
}

// unclosed is the last bracket that nothing closes, or -1. It knows texts in
// quotes and comments well enough to point at the right place.
func unclosed(data []byte) int {
	var open []int
	for i := 0; i < len(data); i++ {
		begins := i == 0 || bytes.IndexByte([]byte(" \t\n[{,:"), data[i-1]) >= 0
		switch c := data[i]; {
		case c == '[' || c == '{':
			open = append(open, i)
		case (c == ']' || c == '}') && len(open) > 0:
			open = open[:len(open)-1]
		case c == '#' && begins:
			i += max(0, bytes.IndexByte(data[i:], '\n'))
		case (c == '"' || c == '\'') && begins:
			for i++; i < len(data) && data[i] != c; i++ {
				if c == '"' && data[i] == '\\' {
					i++
				}
			}
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}

// tabbed reports whether a tab is in the white space in front of the byte at.
func tabbed(src *source, at int) bool {
	if src.data[at] == '\t' {
		return true
	}
	for i := at - 1; i >= 0 && (src.data[i] == ' ' || src.data[i] == '\t'); i-- {
		if src.data[i] == '\t' {
			return true
		}
	}
	return false
}
