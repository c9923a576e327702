package draft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A mapping is written in its order.
type (
	mapping []pair
	pair    struct {
		key   string
		value any
	}
)

var (
	bare = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./@+=-]*( [A-Za-z0-9_./@+=-]+)*$`)
	word = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}
)

// plain is a string as YAML has it: as it is, where that can be nothing else,
// and in quotes elsewhere.
func plain(s string) string {
	if bare.MatchString(s) && !word[strings.ToLower(s)] {
		return s
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // it is a string
	}
	out := strings.TrimSuffix(b.String(), "\n")
	// JSON leaves these, and YAML takes them for ends of lines or for nothing.
	return strings.NewReplacer("\u007f", `\u007f`, "\u0085", `\u0085`, "\ufeff", `\ufeff`).Replace(out)
}

// flow writes a value on one line.
func flow(v any) string {
	switch v := v.(type) {
	case string:
		return plain(v)
	case raw:
		return string(v)
	case bool:
		return fmt.Sprint(v)
	case int:
		return fmt.Sprint(v)
	case []string:
		return "[" + strings.Join(mapped(v, plain), ", ") + "]"
	case []any:
		return "[" + strings.Join(mapped(v, flow), ", ") + "]"
	case map[string]any:
		var m mapping
		for _, key := range sortedKeys(v) {
			m = append(m, pair{key, v[key]})
		}
		return flow(m)
	case mapping:
		var parts []string
		for _, p := range v {
			parts = append(parts, plain(p.key)+": "+flow(p.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	panic(fmt.Sprintf("draft: no way to write a %T", v))
}

func mapped[T any](list []T, f func(T) string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

// A page is a text that is written line by line.
type page struct {
	lines []string
}

// add writes a line, so many levels deep.
func (p *page) add(depth int, format string, args ...any) {
	p.lines = append(p.lines, strings.Repeat("  ", depth)+fmt.Sprintf(format, args...))
}

// comment writes a text as comments, whatever is in it.
func (p *page) comment(depth int, text string) {
	for _, line := range wrap(text, 100-2*depth) {
		p.add(depth, "# %s", line)
	}
}

func (p *page) blank() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != "" {
		p.lines = append(p.lines, "")
	}
}

func (p *page) bytes() []byte { return []byte(strings.Join(p.lines, "\n") + "\n") }

// wrap breaks a text into lines, and spells what ends lines or controls terminals.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(printable(text)) {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return slices.Concat(lines, []string{line})
}

func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
