package guardrails

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode writes p as JSON: two spaces of indentation, [] for an empty list,
// nothing escaped that JSON does not require, and a line feed at the end.
// Equal plans have equal bytes. It does not check p; see [Plan.Check].
func Encode(p *Plan) []byte {
	var b bytes.Buffer
	p.write(&b)
	return b.Bytes()
}

// Digest is "sha256:" and the hexadecimal SHA-256 of the encoding of p without
// its IDs: an id that becomes known changes no digest.
func (p *Plan) Digest() string {
	q := *p
	q.IDs = map[string]string{}
	h := sha256.New()
	q.write(h)
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// write sends the encoding to w, whose errors are nobody's: a buffer, a hash
// and a comparison have none.
func (p *Plan) write(w io.Writer) {
	e := encoder{w: w, buf: make([]byte, 0, flushAt+4096)}
	e.value(reflect.ValueOf(p).Elem(), 0)
	e.buf = append(e.buf, '\n')
	_, _ = w.Write(e.buf)
}

// flushAt bounds the memory that an encoding to a writer needs.
const flushAt = 64 << 10

// An encoder appends JSON to buf and hands it to w, if there is one, from time
// to time. It does what encoding/json does at several times the speed: the plan
// of thousands of accounts is tens of megabytes, and every digest encodes it.
type encoder struct {
	w   io.Writer
	buf []byte
}

// value writes v, of a type that a plan is made of, indented by depth.
func (e *encoder) value(v reflect.Value, depth int) {
	if e.w != nil && len(e.buf) > flushAt {
		_, _ = e.w.Write(e.buf)
		e.buf = e.buf[:0]
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == textType {
			e.text(Text(v.String()), depth)
		} else {
			e.str(v.String())
		}
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Pointer:
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
		} else {
			e.value(v.Elem(), depth)
		}
	case reflect.Struct:
		e.open('{')
		for i, name := range fieldNames(v.Type()) {
			e.next(i, depth+1)
			e.name(name)
			e.value(v.Field(i), depth+1)
		}
		e.close('}', v.NumField(), depth)
	case reflect.Slice:
		e.open('[')
		for i := range v.Len() {
			e.next(i, depth+1)
			e.value(v.Index(i), depth+1)
		}
		e.close(']', v.Len(), depth)
	case reflect.Map:
		m := v.Interface().(map[string]string)
		e.open('{')
		for i, k := range slices.Sorted(maps.Keys(m)) {
			e.next(i, depth+1)
			e.name(k)
			e.str(m[k])
		}
		e.close('}', len(m), depth)
	default:
		panic("guardrails: a plan holds no " + v.Kind().String())
	}
}

var textType = reflect.TypeFor[Text]()

// fieldNames are the JSON names of the fields of a struct, by its type.
func fieldNames(t reflect.Type) []string {
	if names, ok := planFields[t]; ok {
		return names
	}
	panic("guardrails: " + t.Name() + " is no part of a plan")
}

var planFields = func() map[reflect.Type][]string {
	all := map[reflect.Type][]string{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(t.Elem())
		case reflect.Struct:
			if all[t] != nil {
				return
			}
			all[t] = make([]string, t.NumField())
			for i := range t.NumField() {
				all[t][i] = t.Field(i).Tag.Get("json")
				walk(t.Field(i).Type)
			}
		}
	}
	walk(reflect.TypeFor[Plan]())
	return all
}()

func (e *encoder) open(c byte) { e.buf = append(e.buf, c) }

const spaces = "                                "

// next goes to the line of the element i of a list or an object.
func (e *encoder) next(i, depth int) {
	if i > 0 {
		e.buf = append(e.buf, ',')
	}
	e.buf = append(append(e.buf, '\n'), spaces[:2*depth]...)
}

func (e *encoder) close(c byte, n, depth int) {
	if n > 0 {
		e.buf = append(append(e.buf, '\n'), spaces[:2*depth]...)
	}
	e.buf = append(e.buf, c)
}

func (e *encoder) name(s string) {
	e.str(s)
	e.buf = append(e.buf, ": "...)
}

func (e *encoder) text(t Text, depth int) {
	if !strings.Contains(string(t), refOpen) {
		e.str(string(t))
		return
	}
	n := 0
	t.split(func(string) { n++ }, func(string) { n++ })
	i, in := 0, depth
	part := func() {
		if n > 1 {
			e.next(i, in)
		}
		i++
	}
	if n > 1 {
		e.open('[')
		in++
	}
	t.split(func(s string) {
		part()
		e.str(s)
	}, func(name string) {
		part()
		e.open('{')
		e.next(0, in+1)
		e.name("$id")
		e.str(name)
		e.close('}', 1, in)
	})
	if n > 1 {
		e.close(']', n, depth)
	}
}

const hexDigits = "0123456789abcdef"

// str writes s with the escapes that JSON requires, as policy documents are
// written. Bytes that are no UTF-8 become U+FFFD.
func (e *encoder) str(s string) {
	e.buf = append(e.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				e.buf = append(e.buf, s[start:i]...)
				e.buf = utf8.AppendRune(e.buf, utf8.RuneError)
				start = i + 1
			}
			i += n
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		e.buf = append(e.buf, s[start:i-1]...)
		start = i
		switch c {
		case '"', '\\':
			e.buf = append(e.buf, '\\', c)
		case '\n':
			e.buf = append(e.buf, `\n`...)
		case '\r':
			e.buf = append(e.buf, `\r`...)
		case '\t':
			e.buf = append(e.buf, `\t`...)
		default:
			e.buf = append(e.buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	e.buf = append(append(e.buf, s[start:]...), '"')
}
