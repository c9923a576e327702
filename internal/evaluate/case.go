package evaluate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
)

// A decoder reads cases, one after the other, into the same memory: what one
// case leaves is gone with the next.
type decoder struct {
	scanner
	id       string // as it is spelled; "" where there is none
	org      string // as it is spelled
	policies string // as it is spelled
	request  eval.Request
	mistake  string   // the first mistake that is none of syntax
	values   []string // of context
	lowered  map[string]string
	caches   *caches
}

// decode reads one line. It returns what is wrong with it, or "". The id is
// known afterwards even when something else is wrong.
func (d *decoder) decode(line string) string {
	context := d.request.Context
	if context == nil {
		context = map[string][]string{}
	}
	clear(context)
	*d = decoder{
		request: eval.Request{Context: context, Unknown: d.request.Unknown[:0]},
		values:  d.values[:0], lowered: d.lowered, caches: d.caches,
	}
	d.reset(line)
	if !utf8.ValidString(line) {
		return "the case is not UTF-8"
	}
	var has members
	d.object(func(name string) {
		switch name {
		case "id":
			d.once(&has, 1, "id")
			c := d.peek()
			raw := d.value()
			if d.id = raw; c == '{' || c == '[' || !d.ok() {
				d.id = ""
				d.wrong("id: expected a string, found %s", kind(c))
			}
		case "org":
			d.once(&has, 2, "org")
			d.org = d.value()
		case "request":
			d.once(&has, 4, "request")
			d.readRequest()
		case "policies":
			d.once(&has, 8, "policies")
			d.policies = d.value()
		default:
			d.value()
		}
	})
	d.end()
	if d.err != "" {
		return d.err
	}
	d.need(has, 2, "org")
	d.need(has, 4, "request")
	d.need(has, 8, "policies")
	return d.mistake
}

// members are the names of an object that were met, a bit for each.
type members uint

func (d *decoder) once(has *members, bit members, name string) {
	if *has&bit != 0 {
		d.wrong("%s stands twice", name)
	}
	*has |= bit
}

func (d *decoder) need(has, bit members, name string) {
	if has&bit == 0 {
		d.wrong("%s is missing", name)
	}
}

func (d *decoder) ok() bool { return d.err == "" }

// wrong keeps the first mistake.
func (d *decoder) wrong(format string, args ...any) {
	if d.mistake == "" && d.ok() {
		d.mistake = fmt.Sprintf(format, args...)
	}
}

func (d *decoder) readRequest() {
	if !d.is('{', "request", "an object") {
		return
	}
	var has members
	r := &d.request
	d.object(func(name string) {
		switch name {
		case "principal":
			d.once(&has, 1, "request.principal")
			if d.peek() == 'n' {
				d.value()
				return
			}
			r.Principal = d.nonEmpty("request.principal")
		case "action":
			d.once(&has, 2, "request.action")
			r.Action = d.nonEmpty("request.action")
		case "resource":
			d.once(&has, 4, "request.resource")
			r.Resource = d.nonEmpty("request.resource")
		case "resourceAccount":
			d.once(&has, 8, "request.resourceAccount")
			r.ResourceAccount = d.nonEmpty("request.resourceAccount")
			if _, err := org.ParseAccountID(r.ResourceAccount); err != nil {
				d.wrong("request.resourceAccount: %v", err)
			}
		case "context":
			d.once(&has, 16, "request.context")
			d.readContext()
		case "unknown":
			d.once(&has, 32, "request.unknown")
			d.readUnknown()
		default:
			d.value()
		}
	})
	d.need(has, 1, "request.principal")
	d.need(has, 2, "request.action")
	d.need(has, 4, "request.resource")
	d.need(has, 8, "request.resourceAccount")
}

// is wants a value to begin with open. A value that does not is skipped.
func (d *decoder) is(open byte, path, what string) bool {
	c := d.peek()
	if c == open {
		return true
	}
	d.value()
	d.wrong("%s: expected %s, found %s", path, what, kind(c))
	return false
}

// text reads a string that is not empty.
func (d *decoder) nonEmpty(path string) string {
	if !d.is('"', path, "a string") {
		return ""
	}
	s := d.str()
	if s == "" {
		d.wrong("%s is empty", path)
	}
	return s
}

// scalar reads a value of a condition key: a string, or a number or boolean in
// its own spelling, as AWS takes them in conditions.
func (d *decoder) scalar(key string) string {
	switch c := d.peek(); c {
	case '"':
		return d.str()
	case '{', '[', 'n':
		d.value()
		d.wrong("request.context: %s: expected a string, found %s", key, kind(c))
		return ""
	}
	return d.value()
}

func (d *decoder) readContext() {
	if !d.is('{', "request.context", "an object") {
		return
	}
	d.object(func(key string) {
		low := d.lower(key)
		if _, twice := d.request.Context[low]; twice {
			d.wrong("request.context: %q stands twice", key)
		}
		from := len(d.values)
		if d.peek() == '[' {
			d.list(func(int) { d.values = append(d.values, d.scalar(key)) })
		} else {
			d.values = append(d.values, d.scalar(key))
		}
		d.request.Context[low] = d.values[from:len(d.values):len(d.values)]
	})
}

func (d *decoder) readUnknown() {
	if !d.is('[', "request.unknown", "a list of strings") {
		return
	}
	d.list(func(int) { d.request.Unknown = append(d.request.Unknown, d.nonEmpty("request.unknown")) })
}

// maxLowered bounds the spellings of condition keys that are remembered.
const maxLowered = 4096

// lower is a condition key in small letters: keys are the same in either case.
func (d *decoder) lower(key string) string {
	if low, ok := d.lowered[key]; ok {
		return low
	}
	if d.lowered == nil || len(d.lowered) == maxLowered {
		d.lowered = map[string]string{}
	}
	low := strings.ToLower(key)
	if len(key) < 256 {
		d.lowered[strings.Clone(key)] = low
	}
	return low
}
