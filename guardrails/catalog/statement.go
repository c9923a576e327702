package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// make puts the values into one statement.
func (s Statement) make(values map[string]value) (policy.Statement, error) {
	var failed error
	texts := func(list []string) policy.Values {
		if list == nil {
			return nil
		}
		out := policy.Values{}
		for _, item := range list {
			more, err := expand(item, values)
			if err != nil && failed == nil {
				failed = err
			}
			out = append(out, more...)
		}
		return out
	}
	made := policy.Statement{
		Sid: s.Sid, Effect: policy.Effect(s.Effect),
		Action: texts(s.Action), NotAction: texts(s.NotAction),
		Resource: texts(s.Resource), NotResource: texts(s.NotResource),
	}
	if s.Principal != "" {
		made.Principal = &policy.Principal{Everyone: true}
	}
	for _, vs := range []policy.Values{made.Action, made.NotAction, made.Resource, made.NotResource} {
		if vs != nil && len(vs) == 0 && failed == nil {
			failed = fmt.Errorf("a list comes out empty that the statement cannot do without")
		}
	}
	for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(s.Condition[op])) {
			keys, err := expand(key, values)
			if err != nil || len(keys) != 1 && op != "Null" {
				return made, fmt.Errorf("the condition key %s does not become one key", key)
			}
			vs := texts(s.Condition[op][key])
			if len(vs) == 0 && failed == nil {
				if Negated(op) {
					continue // "none of nothing" always holds
				}
				failed = fmt.Errorf("the values of %s %s come out empty, so that it would never hold", op, key)
			}
			if len(keys) == 0 {
				continue // each of no keys is missing, and each is there
			}
			if made.Condition == nil {
				made.Condition = policy.Conditions{}
			}
			if made.Condition[op] == nil {
				made.Condition[op] = map[string]policy.Values{}
			}
			for _, key := range keys {
				if _, twice := made.Condition[op][key]; twice && failed == nil {
					failed = fmt.Errorf("the condition key %s comes out twice under %s", key, op)
				}
				made.Condition[op][key] = vs
			}
		}
	}
	return made, failed
}

// Negated reports whether a condition operator, with or without ForAllValues:
// and IfExists, holds when no value matches; such an operator also holds when
// the request lacks the key. ForAnyValue: is none, as it asks for the key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func Negated(operator string) bool {
	op := strings.ToLower(operator)
	op = strings.TrimPrefix(op, "forallvalues:")
	switch strings.TrimSuffix(op, "ifexists") {
	case "stringnotequals", "stringnotequalsignorecase", "stringnotlike", "numericnotequals",
		"datenotequals", "notipaddress", "arnnotequals", "arnnotlike":
		return true
	}
	return false
}

// exempt adds an ARN pattern to those of principals that a Deny spares.
func exempt(s *policy.Statement, pattern string) {
	if s.Condition == nil {
		s.Condition = policy.Conditions{}
	}
	for op, keys := range s.Condition {
		if !strings.EqualFold(op, "ArnNotLike") {
			continue
		}
		for key := range keys {
			if strings.EqualFold(key, "aws:PrincipalArn") {
				keys[key] = append(keys[key], pattern)
				return
			}
		}
		keys["aws:PrincipalArn"] = policy.Values{pattern}
		return
	}
	s.Condition["ArnNotLike"] = map[string]policy.Values{"aws:PrincipalArn": {pattern}}
}
