package policy

import (
	"slices"
	"strings"
)

// operators are the condition operators, as AWS spells them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = []string{
	"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
	"BinaryEquals", "Bool",
	"DateEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateLessThan", "DateLessThanEquals", "DateNotEquals",
	"IpAddress", "NotIpAddress", "Null",
	"NumericEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericLessThan", "NumericLessThanEquals", "NumericNotEquals",
	"StringEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
}

// Operators lists the condition operators, without set prefixes and IfExists.
func Operators() []string { return slices.Clone(operators) }

// SplitOperator takes a condition operator apart: "ForAllValues" or
// "ForAnyValue", the operator as AWS spells it, and whether IfExists stands
// behind it. Upper and lower case count alike. It is false for what is no
// operator of AWS's, such as NullIfExists.
func SplitOperator(s string) (set, operator string, ifExists, ok bool) {
	if prefix, rest, found := strings.Cut(s, ":"); found {
		for _, known := range []string{"ForAllValues", "ForAnyValue"} {
			if strings.EqualFold(prefix, known) {
				set = known
			}
		}
		if set == "" {
			return "", "", false, false
		}
		s = rest
	}
	if stem, suffix := len(s)-len("IfExists"), "IfExists"; stem > 0 && strings.EqualFold(s[stem:], suffix) {
		s, ifExists = s[:stem], true
	}
	i := slices.IndexFunc(operators, func(op string) bool { return strings.EqualFold(op, s) })
	if i < 0 || ifExists && operators[i] == "Null" {
		return "", "", false, false
	}
	return set, operators[i], ifExists, true
}

// KnownOperator reports whether s is a condition operator in AWS's own
// spelling, with or without a set prefix and IfExists.
func KnownOperator(s string) bool {
	set, op, ifExists, ok := SplitOperator(s)
	if set != "" {
		op = set + ":" + op
	}
	if ifExists {
		op += "IfExists"
	}
	return ok && op == s
}
