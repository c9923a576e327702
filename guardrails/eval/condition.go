package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A quantifier is the set operator in front of a condition operator.
type quantifier uint8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// A condition is one operator and one key of a statement, made ready.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
type condition struct {
	id       int32 // equal conditions have one number, so that a request meets them once
	class    class
	set      quantifier
	ifExists bool
	negated  bool
	key      int32
	values   []value
	among    map[string]struct{} // the values of a long list for StringEquals

	operator, keyText string // as the statement spells them
	texts             []string
}

// longList is from where on a list of strings is looked up rather than walked.
const longList = 8

func (b builder) newConditions(cs policy.Conditions, variables bool) ([]*condition, error) {
	var out []*condition
	for _, operator := range sortedKeys(cs) {
		set, op, ifExists, ok := policy.SplitOperator(operator)
		if !ok {
			return nil, fmt.Errorf("no condition operator is named %q", operator)
		}
		for _, key := range sortedKeys(cs[operator]) {
			as := spelled(variables, cs[operator][key], operator, key)
			c, ok := b.conditions[as]
			if !ok {
				c = &condition{
					id: int32(len(b.conditions)), class: classes[op], ifExists: ifExists, negated: strings.Contains(op, "Not"),
					key: b.keys.intern(key), operator: operator, keyText: key, texts: cs[operator][key],
				}
				switch set {
				case "ForAllValues":
					c.set = forAllValues
				case "ForAnyValue":
					c.set = forAnyValue
				}
				c.addValues(variables, b.keys.intern)
				b.conditions[as] = c
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// sortedKeys is [slices.Sorted] of [maps.Keys] in one allocation.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (c *condition) addValues(variables bool, intern func(string) int32) {
	plain := true
	c.values = make([]value, 0, len(c.texts))
	for _, text := range c.texts {
		v := newValue(c.class, text, variables, intern)
		plain = plain && v.pattern.form == exact
		c.values = append(c.values, v)
	}
	if c.class == stringEquals && plain && len(c.values) > longList {
		c.among = map[string]struct{}{}
		for _, v := range c.values {
			c.among[v.pattern.text] = struct{}{}
		}
	}
}

// A memo is what was found out in a round of an evaluation: the round, and in
// the last two bits a Truth.
type memo uint64

func (m memo) of(round uint64) bool          { return uint64(m)>>2 == round }
func (m memo) truth() Truth                  { return Truth(m & 3) }
func newMemo(round uint64, truth Truth) memo { return memo(round<<2 | uint64(truth)) }

// holds says whether a condition holds for a request.
func (e *evaluation) holds(c *condition) Truth {
	m := &e.conditionMemo[c.id]
	if !m.of(e.round) {
		*m = newMemo(e.round, e.decide(c))
	}
	return m.truth()
}

// decide says whether a condition holds for a request.
//
// A missing key makes an operator false, a negated one true; with IfExists and
// ForAllValues it is true, with ForAnyValue false. A set operator takes values
// that are all empty strings as none. A negated operator asks that no value of
// the policy match: of any value of the request, of every one (ForAllValues)
// or of at least one (ForAnyValue).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (e *evaluation) decide(c *condition) Truth {
	state, values := e.key(c.key)
	if state == keyUnknown {
		return Unknown
	}
	if c.class == null {
		return c.null(state)
	}
	switch {
	case state == keyMissing && c.ifExists, state == keyMissing && c.set == forAllValues:
		return Yes
	case state == keyMissing && c.set == forAnyValue:
		return No
	case state == keyMissing:
		return truth(c.negated)
	}
	switch c.set {
	case forAllValues:
		if allEmpty(values) {
			return Yes
		}
		t := Yes
		for _, v := range values {
			if t = min(t, e.compare(c, v).flip(c.negated)); t == No {
				break
			}
		}
		return t
	case forAnyValue:
		if allEmpty(values) {
			return No
		}
		t := No
		for _, v := range values {
			if t = max(t, e.compare(c, v).flip(c.negated)); t == Yes {
				break
			}
		}
		return t
	}
	t := No
	for _, v := range values {
		if t = max(t, e.compare(c, v)); t == Yes {
			break
		}
	}
	return t.flip(c.negated)
}

// null is the operator Null: true asks for a key that is missing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
func (c *condition) null(state keyState) Truth {
	for i := range c.values {
		if v := &c.values[i]; v.ok && v.boolean == (state == keyMissing) {
			return Yes
		}
	}
	return No
}

func allEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// flip is the opposite, if asked for.
func (t Truth) flip(negate bool) Truth {
	if negate {
		return Yes - t
	}
	return t
}

// compare says whether one value of the request matches any of the policy's,
// not regarding negation.
func (e *evaluation) compare(c *condition, got string) Truth {
	if c.among != nil {
		_, ok := c.among[got]
		return truth(ok)
	}
	o := observed{text: got}
	t := No
	for i := range c.values {
		if t = max(t, e.matchValue(c.class, &c.values[i], &o)); t == Yes {
			break
		}
	}
	return t
}
