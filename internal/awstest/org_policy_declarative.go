package awstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// outermost is the one name that a document of a declarative policy type
// begins with.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
var outermost = map[string]string{
	"DECLARATIVE_POLICY_EC2":    "ec2_attributes",
	"AISERVICES_OPT_OUT_POLICY": "services",
	"TAG_POLICY":                "tags",
	"BACKUP_POLICY":             "plans",
}

// malformedDeclarative says what is wrong with a document in Organizations'
// inheritance syntax: its outermost name, operators that there are not, and
// settings without one.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
func malformedDeclarative(policyType, content string) string {
	var doc map[string]any
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		return "it is not a JSON object"
	}
	first := outermost[policyType]
	if _, ok := doc[first]; !ok || len(doc) != 1 {
		return "it must hold " + first + " and nothing else"
	}
	return malformedPart(doc)
}

func malformedPart(part map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(part)) {
		list, isList := part[name].([]any)
		switch name {
		case "@@assign":
			if _, isObject := part[name].(map[string]any); isObject || part[name] == nil {
				return name + " must be a value or a list of values"
			}
		case "@@append", "@@remove":
			if !isList {
				return name + " must be a list"
			}
		case "@@operators_allowed_for_child_policies":
			known := []any{"@@all", "@@none", "@@assign", "@@append", "@@remove"}
			if !isList || slices.ContainsFunc(list, func(v any) bool { return !slices.Contains(known, v) }) {
				return name + " must be a list of operators"
			}
		default:
			below, ok := part[name].(map[string]any)
			switch {
			case strings.HasPrefix(name, "@@"):
				return "there is no operator " + name
			case !ok:
				return name + " has no operator"
			}
			if why := malformedPart(below); why != "" {
				return why
			}
		}
	}
	return ""
}
