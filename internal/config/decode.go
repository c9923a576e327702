package config

import (
	"reflect"
	"strings"
	"sync"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// at remembers the node that a struct was read from, so that every part of
// the file's model can point at its place. It is embedded in each struct.
type at struct{ n *node }

func (a *at) place(n *node) { a.n = n }

// rng is the place of the value under a path of keys and item numbers, or of
// the nearest thing above it that exists.
func (a *at) rng(path ...any) diag.Range { return a.n.at(path...).head() }

// keyRange is the place of a key itself, or of the whole when it has no such key.
func (a *at) keyRange(path ...any) diag.Range {
	if len(path) == 0 {
		return a.n.head()
	}
	key, ok := path[len(path)-1].(string)
	if !ok {
		return a.rng(path...)
	}
	holder := a.n.at(path[:len(path)-1]...)
	if k := holder.keyNode(key); k != nil {
		return k.rng()
	}
	return holder.head()
}

// has reports whether the struct's mapping has the key at all.
func (a *at) has(key string) bool { return a.n.get(key) != nil }

type placed interface{ place(*node) }

// A reader reads itself from a node: types that have more than one shape.
type reader interface{ read(*node) }

// read takes a guardrail that is a plain name; a mapping is read as usual.
func (g *Guardrail) read(n *node) {
	if n.kind == stringNode {
		g.place(n)
		g.Ref = n.text
		return
	}
	decodeStruct(n, reflect.ValueOf(g).Elem())
}

func (r *Regions) read(n *node) {
	r.place(n)
	switch n.kind {
	case stringNode:
		r.Governed = n.text == "governed"
	case listNode:
		decode(n, reflect.ValueOf(&r.List).Elem())
	}
}

func (b *BoundaryGuardrails) read(n *node) {
	b.place(n)
	switch n.kind {
	case stringNode:
		b.Node = n.text
	case listNode:
		decode(n, reflect.ValueOf(&b.List).Elem())
	}
}

// decode sets v from n as far as the types fit. What does not fit has been
// reported by the schema and is left at its zero value.
func decode(n *node, v reflect.Value) {
	if n == nil || n.bad || n.kind == nullNode {
		return
	}
	if v.CanAddr() {
		if r, ok := v.Addr().Interface().(reader); ok {
			r.read(n)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if fits(n.kind, p.Elem().Kind()) {
			decode(n, p.Elem())
			v.Set(p)
		}
	case reflect.Struct:
		if n.kind == mapNode {
			decodeStruct(n, v)
		}
	case reflect.Map:
		decodeMap(n, v)
	case reflect.Slice:
		if n.kind != listNode {
			return
		}
		// Items that do not fit stay as zero values: the numbers of the others are those of the file.
		list := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
		for i, item := range n.items {
			decode(item, list.Index(i))
		}
		v.Set(list)
	case reflect.String:
		if n.kind == stringNode {
			v.SetString(n.text)
		}
	case reflect.Bool:
		if n.kind == boolNode {
			v.SetBool(n.value().(bool))
		}
	case reflect.Int:
		if i := int64(n.number); n.kind == numberNode && float64(i) == n.number {
			v.SetInt(i)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(n.value()))
	default:
		panic("config: no decoding into " + v.Type().String())
	}
}

func fits(k nodeKind, to reflect.Kind) bool {
	switch to {
	case reflect.Struct:
		return k == mapNode
	case reflect.Int:
		return k == numberNode
	case reflect.Bool:
		return k == boolNode
	}
	return true
}

func decodeMap(n *node, v reflect.Value) {
	if n.kind != mapNode {
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.entries))
	for i := range n.entries {
		e := &n.entries[i]
		value := reflect.New(v.Type().Elem()).Elem()
		if p, ok := value.Addr().Interface().(placed); ok {
			p.place(e.value)
		}
		decode(e.value, value)
		m.SetMapIndex(reflect.ValueOf(e.key.text).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}

func decodeStruct(n *node, v reflect.Value) {
	if n.kind != mapNode {
		return
	}
	if p, ok := v.Addr().Interface().(placed); ok {
		p.place(n)
	}
	fields := fieldsOf(v.Type())
	for i := range n.entries {
		if f, ok := fields[n.entries[i].key.text]; ok {
			decode(n.entries[i].value, v.Field(f))
		}
	}
}

var fieldCache sync.Map // reflect.Type -> map[string]int

// fieldsOf maps the keys of a struct's mapping to its fields.
func fieldsOf(t reflect.Type) map[string]int {
	if m, ok := fieldCache.Load(t); ok {
		return m.(map[string]int)
	}
	m := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			m[name] = i
		}
	}
	fieldCache.Store(t, m)
	return m
}
