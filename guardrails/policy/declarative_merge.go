package policy

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Merge adds the settings of another document for the same node. What both
// append or remove is joined, and of the operators that policies below may use
// those remain that both allow. A setting that both give another value stays as
// it is, and conflict is called with its path: between two policies of one node
// AWS takes the one attached first, which is nobody's intention.
// https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html
func (d *Declarative) Merge(other *Declarative, conflict func(path string)) {
	d.merge(other, "", conflict)
}

func (d *Declarative) merge(o *Declarative, path string, conflict func(string)) {
	switch {
	case !o.sets():
	case !d.sets():
		d.Assign, d.Append, d.Remove = o.Assign, o.Append, o.Remove
	case d.Assign != nil || o.Assign != nil:
		if !reflect.DeepEqual(normal(d.Assign), normal(o.Assign)) {
			conflict(path)
		}
	default:
		added, taken := set(append(slices.Clone(d.Append), o.Append...)), set(append(slices.Clone(d.Remove), o.Remove...))
		if slices.ContainsFunc(added, func(s string) bool { return slices.Contains(taken, s) }) {
			conflict(path)
			return
		}
		d.Append, d.Remove = added, taken
	}
	d.ChildOperators = both(d.ChildOperators, o.ChildOperators)
	for _, name := range slices.Sorted(maps.Keys(o.Members)) {
		known, mine, ok := memberOf(d.Members, name)
		if !ok {
			if d.Members == nil {
				d.Members = map[string]*Declarative{}
			}
			mine = &Declarative{}
			d.Members[name] = mine
		}
		mine.merge(o.Members[name], joinPath(path, known), conflict)
	}
}

// normal is a value in which the order of a list does not matter.
func normal(v any) any {
	if list, ok := v.([]string); ok {
		return set(list)
	}
	return v
}

// both are the operators that two lists allow; nil is all.
func both(a, b []string) []string {
	a, b = narrowed(a), narrowed(b)
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	kept := slices.DeleteFunc(slices.Clone(a), func(op string) bool { return !slices.Contains(b, op) })
	if len(kept) == 0 {
		return []string{opNone}
	}
	return kept
}

// narrowed is what a list of operators allows: nil for all.
func narrowed(list []string) []string {
	if slices.Contains(list, opAll) {
		return nil
	}
	return list
}

// An Effective is what the policies of one type from the root down to a node
// come to there, as DescribeEffectivePolicy shows it.
type Effective struct {
	members map[string]*Effective
	value   any      // a string, a Literal or a list; nil: not set
	above   []string // the operators that the policies so far leave to those below; nil: all
	next    []string // above, and what the policy being taken leaves
}

// Merge takes the policy of the next node below. refused is called for each
// operator that a policy above keeps from changing a value, with the path of
// the setting; as AWS does, it is left out.
func (e *Effective) Merge(d *Declarative, refused func(path, operator string)) {
	e.take(d, "", e.above, refused)
	e.settle()
}

func (e *Effective) take(d *Declarative, path string, may []string, refused func(path, operator string)) {
	use := func(op string, value any) {
		switch {
		case reflect.DeepEqual(e.value, value):
		case may == nil || slices.Contains(may, op):
			e.value = value
		default:
			refused(path, op)
		}
	}
	list := func() []string { l, _ := e.value.([]string); return slices.Clone(l) }
	if d.Assign != nil {
		use(opAssign, normal(d.Assign))
	}
	if d.Append != nil {
		use(opAppend, set(append(list(), d.Append...)))
	}
	if d.Remove != nil && e.value != nil {
		use(opRemove, slices.DeleteFunc(list(), func(s string) bool { return slices.Contains(d.Remove, s) }))
	}
	e.next = both(e.above, d.ChildOperators)
	for _, name := range slices.Sorted(maps.Keys(d.Members)) {
		known, child, ok := memberOf(e.members, name)
		left := may // a new part is one more of this group
		if ok {
			left = child.above
		} else {
			if e.members == nil {
				e.members = map[string]*Effective{}
			}
			child = &Effective{}
			e.members[name] = child
		}
		child.take(d.Members[name], joinPath(path, known), left, refused)
	}
}

// settle makes what a policy leaves to those below hold.
func (e *Effective) settle() {
	e.above = both(e.above, e.next)
	for _, m := range e.members {
		m.settle()
	}
}

// Value is the value of a setting: a string, a [Literal] or a sorted list of
// strings, nil where it is not set. The path is that of [Declarative.Settings].
func (e *Effective) Value(path string) any {
	if path == "" {
		return e.value
	}
	// Names may hold full stops: the longest that the path begins with is meant.
	for _, name := range slices.SortedFunc(maps.Keys(e.members), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) {
		rest, ok := cutFold(path, name)
		if !ok || rest == "." || rest != "" && rest[0] != '.' {
			continue
		}
		if v := e.members[name].Value(strings.TrimPrefix(rest, ".")); v != nil {
			return v
		}
	}
	return nil
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
