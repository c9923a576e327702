package eval

// A keyState says what is known of a condition key.
type keyState uint8

const (
	keyMissing keyState = iota // known to be missing, or without values
	keyPresent
	keyUnknown
)

// A keyTable numbers the condition keys that policies mention, so that the
// keys of a request are looked up once. Keys differ by more than the case of
// their letters A to Z.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
type keyTable struct {
	ids   map[string]int32 // in small letters, and as the policies spell them
	count int32
}

func (t *keyTable) intern(key string) int32 {
	if id, ok := t.ids[key]; ok {
		return id
	}
	small := lowerASCII(key)
	id, ok := t.ids[small]
	if !ok {
		id = t.count
		t.count++
		t.ids[small] = id
	}
	t.ids[key] = id
	return id
}

// A slot is what a request says of one key.
type slot struct {
	round  uint64 // the round it was set in
	state  keyState
	spelt  string // as the request spells it
	values []string
}

// slots are the keys of one request, and room that is used again.
type slots struct {
	round  uint64
	keys   []slot
	fold   []byte
	pieces []piece
	allow  []Truth
}

// bind takes the keys of a request that any policy mentions. Of two spellings
// of one key the first in byte order counts.
func (sl *slots) bind(t *keyTable, r *Request) {
	if len(sl.keys) < int(t.count) {
		sl.keys = make([]slot, t.count)
	}
	sl.round++
	for key, values := range r.Context {
		if len(values) > 0 {
			sl.set(t, key, keyPresent, values)
		}
	}
	for _, key := range r.Unknown {
		sl.set(t, key, keyUnknown, nil)
	}
}

func (sl *slots) set(t *keyTable, key string, state keyState, values []string) {
	id, ok := t.ids[key]
	if !ok {
		sl.fold = sl.fold[:0]
		for i := range len(key) {
			sl.fold = append(sl.fold, lower(key[i]))
		}
		if id, ok = t.ids[string(sl.fold)]; !ok {
			return
		}
	}
	s := &sl.keys[id]
	if s.round == sl.round && s.state == state && s.spelt < key {
		return
	}
	*s = slot{round: sl.round, state: state, spelt: key, values: values}
}

// get is what the request says of a key.
func (sl *slots) get(id int32) (keyState, []string) {
	if s := &sl.keys[id]; s.round == sl.round {
		return s.state, s.values
	}
	return keyMissing, nil
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
