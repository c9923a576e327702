package eval

// A keyState says what is known of a condition key.
type keyState uint8

const (
	keyMissing keyState = iota // known to be missing, or without values
	keyPresent
	keyUnknown
)

// A keyTable numbers the spellings in which policies mention condition keys,
// so that a request's keys are looked up once. The case of the letters A to Z
// does not tell keys apart.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
type keyTable struct {
	spellings []string
	ids       map[string]int32   // by spelling
	small     map[string][]int32 // by the spelling in small letters
}

func newKeyTable() keyTable {
	return keyTable{ids: map[string]int32{}, small: map[string][]int32{}}
}

func (t *keyTable) intern(key string) int32 {
	id, ok := t.ids[key]
	if !ok {
		id = int32(len(t.spellings))
		t.spellings = append(t.spellings, key)
		t.ids[key] = id
		small := lowerASCII(key)
		t.small[small] = append(t.small[small], id)
	}
	return id
}

// A slot is what a request says of a key in one spelling.
type slot struct {
	round  uint64 // the round it was set in
	state  keyState
	spelt  string // as the request spells it
	values []string
}

// slots are the keys of one request, and room that is used again.
type slots struct {
	round  uint64
	bound  bool // all keys of the request are in their slots
	keys   []slot
	fold   []byte
	pieces []piece
}

// begin forgets the keys of the request before.
func (sl *slots) begin() {
	sl.round++
	sl.bound = false
}

// get is what the request says of a key. The request's own spelling of it is
// tried first, because it mostly is the policy's.
func (sl *slots) get(t *keyTable, r *Request, id int32) (keyState, []string) {
	s := &sl.keys[id]
	if s.round != sl.round && !sl.bound {
		if len(r.Unknown) == 0 {
			if values := r.Context[t.spellings[id]]; len(values) > 0 {
				*s = slot{sl.round, keyPresent, t.spellings[id], values}
				return keyPresent, values
			}
		}
		sl.bind(t, r)
	}
	if s.round != sl.round {
		return keyMissing, nil
	}
	return s.state, s.values
}

// bind takes all keys of a request that any policy mentions.
func (sl *slots) bind(t *keyTable, r *Request) {
	sl.bound = true
	for key, values := range r.Context {
		if len(values) > 0 {
			sl.set(t, key, keyPresent, values)
		}
	}
	for _, key := range r.Unknown {
		sl.set(t, key, keyUnknown, nil)
	}
}

// set fills the slots of a key. Where a request has one key in two spellings,
// that of the policy counts, or else the first in byte order.
func (sl *slots) set(t *keyTable, key string, state keyState, values []string) {
	sl.fold = sl.fold[:0]
	for i := range len(key) {
		sl.fold = append(sl.fold, lower(key[i]))
	}
	for _, id := range t.small[string(sl.fold)] {
		s := &sl.keys[id]
		if s.round == sl.round && s.state == state && (s.spelt == t.spellings[id] || s.spelt < key && key != t.spellings[id]) {
			continue
		}
		*s = slot{sl.round, state, key, values}
	}
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lower(b[i])
	}
	return string(b)
}
