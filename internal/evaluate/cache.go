package evaluate

import (
	"hash/maphash"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// cacheSize bounds what a worker keeps of each kind, in bytes of its spelling.
// Cases mostly come with the same few sets of policies, and sets with the same
// few documents.
const cacheSize = 4 << 20

// A cache keeps what was made lately, by the spelling it was made from: two
// generations, of which the older is dropped when the younger is full.
// Whatever is asked for again and again stays. What is asked for once, as in
// generated cases, never comes in: it would only be in the way of the garbage
// collector.
type cache[T any] struct {
	young, old map[string]T
	size       int // of young
	limit      int
	once       [1 << 12]uint64 // hashes of what was asked for once
	seed       maphash.Seed
}

func newCache[T any](limit int) cache[T] {
	return cache[T]{young: map[string]T{}, limit: limit, seed: maphash.MakeSeed()}
}

// get is what was made of key, or makes it.
func (c *cache[T]) get(key []byte, build func() T) T {
	if v, ok := c.young[string(key)]; ok {
		return v
	}
	v, ok := c.old[string(key)]
	if !ok {
		v = build()
		h := maphash.Bytes(c.seed, key)
		if last := &c.once[h%uint64(len(c.once))]; *last != h {
			*last = h
			return v
		}
	}
	const overhead = 1024 // of an entry, whatever its spelling
	n := len(key) + overhead
	if n > c.limit {
		return v
	}
	if c.size+n > c.limit {
		c.old, c.young, c.size = c.young, map[string]T{}, 0
	}
	c.young[string(key)] = v
	c.size += n
	return v
}

// A set is compiled policies, or what is wrong with them.
type set struct {
	policies *eval.Set
	err      error
}

// A document is a parsed policy document, or what is wrong with it, without
// the place of the document in its case.
type document struct {
	policy policy.Document
	wrong  string
}

// caches are what a worker keeps.
type caches struct {
	sets      cache[set]
	documents cache[document]
	key       []byte
}

func newCaches() *caches {
	return &caches{sets: newCache[set](cacheSize), documents: newCache[document](cacheSize)}
}

// set compiles the organization and the policies of a case.
func (c *caches) set(organization, policies string) (*eval.Set, error) {
	c.key = append(append(append(c.key[:0], organization...), '\n'), policies...)
	s := c.sets.get(c.key, func() set {
		p, err := c.compile(organization, policies)
		return set{p, err}
	})
	return s.policies, s.err
}

// document parses a policy document.
func (c *caches) document(src string) document {
	return c.documents.get([]byte(src), func() document { return parse(strings.Clone(src)) })
}
