package templates_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Every action that a template names exists, every wildcard matches one, every
// action takes the resources that it is narrowed to, and every condition key is
// carried by the actions that it is asked of. What AWS documents and the
// reference does not know yet is in awsdata.NewerThanTheReference, and nowhere
// else.
func TestActionsAndKeysAreAWSs(t *testing.T) {
	for _, tm := range load(t).All() {
		if tm.Type == catalog.PasswordPolicyPreset {
			continue
		}
		uses := []map[string]any{}
		if !tm.Check(nil, diag.Range{}).HasErrors() {
			uses = append(uses, nil)
		}
		for _, v := range tm.Vectors {
			uses = append(uses, v.Parameters)
		}
		said, seen := map[string]bool{}, map[string]bool{}
		for _, use := range uses {
			for _, s := range instantiate(t, tm, use).Statements {
				text := policy.Document{Statements: []policy.Statement{s}}.JSON()
				if seen[text] {
					continue
				}
				seen[text] = true
				for _, mistake := range unknown(s) {
					if !said[mistake] {
						t.Errorf("%s: %s: %s", tm.ID, s.Sid, mistake)
					}
					said[mistake] = true
				}
			}
		}
		for _, v := range tm.Vectors {
			a, ok := awsdata.Action(v.Action)
			if !ok && !awsdata.NewerAction(v.Action) {
				t.Errorf("%s: vector %q: no action is named %s", tm.ID, v.Name, v.Action)
			}
			for _, key := range slices.Sorted(maps.Keys(v.Context)) {
				if !a.Carries(key) && !awsdata.NewerKey(v.Action, key) {
					t.Errorf("%s: vector %q: %s does not carry %s", tm.ID, v.Name, v.Action, key)
				}
			}
		}
	}
}

// unknown says what a statement names that AWS does not have, and what it asks
// of requests that never carry it.
func unknown(s policy.Statement) []string {
	var found []string
	for _, p := range slices.Concat(s.Action, s.NotAction) {
		if !listed(p) && len(awsdata.MatchActions(p)) == 0 && !awsdata.NewerAction(p) {
			found = append(found, fmt.Sprintf("no action is named %s", p))
		}
	}
	for _, p := range s.Action {
		if a, ok := awsdata.Action(p); ok && !everything(s) && len(taken(a, s)) == 0 {
			found = append(found, fmt.Sprintf("%s takes no resource such as %s", p, strings.Join(s.Resource, ", ")))
		}
	}
	for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(s.Condition[op])) {
			if !awsdata.GlobalConditionKey(key) {
				found = append(found, unasked(s, op, key)...)
			}
		}
	}
	return found
}

// unasked says which actions of a statement do not carry a condition key.
func unasked(s policy.Statement, op, key string) []string {
	if len(s.NotAction) > 0 {
		if slices.ContainsFunc(rest(s.NotAction), func(a awsdata.ActionInfo) bool { return a.Carries(key) }) {
			return nil
		}
		return []string{fmt.Sprintf("no action beside those of notAction carries %s", key)}
	}
	// Where the operator says what is to be if the key is missing, and in AWS's
	// own lists, it is enough that some action has it.
	aware := strings.HasSuffix(strings.ToLower(op), "ifexists") || strings.EqualFold(op, "Null")
	some := slices.ContainsFunc(s.Action, func(p string) bool { return carried(s, p, key) })
	var found []string
	for _, p := range s.Action {
		if !carried(s, p, key) && (!some || !aware && !listed(p)) {
			found = append(found, fmt.Sprintf("%s does not carry %s", p, key))
			continue
		}
		if a, ok := awsdata.Action(p); ok && s.Effect == policy.Deny && catalog.Negated(op) {
			if types := stray(s, a, key); len(types) > 0 {
				found = append(found, fmt.Sprintf("%s is denied always, as its resources %s never carry %s: narrow the statement to those that do", p, strings.Join(types, ", "), key))
			}
		}
	}
	return found
}

// stray are the resource types of an action that a statement reaches and that
// do not carry a key, so that a negated operator holds for each request on
// them: AWS asks policies once for each resource of a call. Another condition
// that does not hold there spares them.
func stray(s policy.Statement, a awsdata.ActionInfo, key string) []string {
	if carriedOn(a, nil, key) {
		return nil
	}
	var types []string
	for _, r := range taken(a, s) {
		spared := carriedOn(a, &r, key)
		for op, keys := range s.Condition {
			low := strings.ToLower(op)
			holdsWithout := catalog.Negated(op) || strings.HasSuffix(low, "ifexists") || strings.HasPrefix(low, "forallvalues:")
			for other, values := range keys {
				if low == "null" {
					holdsWithout = slices.Contains(values, "true")
				}
				spared = spared || !holdsWithout && !carriedOn(a, &r, other)
			}
		}
		if !spared {
			types = append(types, r.Type)
		}
	}
	return types
}

// listed reports whether a pattern is of one of AWS's own lists, which hold
// services that the reference no longer has.
func listed(pattern string) bool {
	return slices.Contains(awsdata.GlobalServiceActions(), pattern) || slices.Contains(catalog.ExampleEnv().Values["data.rcpServices"].([]string), pattern)
}

// carried reports whether the action of a name, or one that a pattern matches,
// carries a key on a resource of the statement.
func carried(s policy.Statement, pattern, key string) bool {
	if awsdata.NewerKey(pattern, key) {
		return true
	}
	return slices.ContainsFunc(awsdata.MatchActions(pattern), func(a awsdata.ActionInfo) bool {
		if everything(s) {
			return a.Carries(key) || awsdata.NewerKey(a.Name, key)
		}
		return carriedOn(a, nil, key) || slices.ContainsFunc(taken(a, s), func(r awsdata.ActionResource) bool { return carriedOn(a, &r, key) })
	})
}

// carriedOn reports whether an action carries a key on a resource type; with
// none, whether it does so on each.
func carriedOn(a awsdata.ActionInfo, r *awsdata.ActionResource, key string) bool {
	a.Resources = nil
	if r != nil {
		a.Resources = []awsdata.ActionResource{*r}
	}
	return a.Carries(key)
}

// everything reports whether a statement is about all resources.
func everything(s policy.Statement) bool {
	return s.Resource == nil || slices.Contains(s.Resource, "*")
}

// taken are the resource types of an action that a statement reaches.
func taken(a awsdata.ActionInfo, s policy.Statement) []awsdata.ActionResource {
	if everything(s) {
		return a.Resources
	}
	prefix, _, _ := strings.Cut(a.Name, ":")
	service, _ := awsdata.LookupService(prefix)
	var types []awsdata.ActionResource
	for _, r := range a.Resources {
		t, _ := service.Resource(r.Type)
		if slices.ContainsFunc(t.ARNs, func(arn string) bool {
			return slices.ContainsFunc(s.Resource, func(pattern string) bool { return meet(arn, pattern) })
		}) {
			types = append(types, r)
		}
	}
	return types
}

// meet reports whether some ARN matches both patterns, in which * and ${…}
// stand for any text of one part of an ARN.
func meet(x, y string) bool {
	xs, ys := strings.SplitN(starred(x), ":", 6), strings.SplitN(starred(y), ":", 6)
	if len(xs) != len(ys) {
		return false
	}
	for i := range xs {
		if !overlap(xs[i], ys[i], map[[2]int]bool{}) {
			return false
		}
	}
	return true
}

// starred puts * for each ${…}.
func starred(arn string) string {
	for {
		before, after, ok := strings.Cut(arn, "${")
		if !ok {
			return arn
		}
		_, after, _ = strings.Cut(after, "}")
		arn = before + "*" + after
	}
}

// overlap reports whether some text matches both patterns. tried are the pairs
// of remaining lengths that lead nowhere.
func overlap(x, y string, tried map[[2]int]bool) bool {
	at := [2]int{len(x), len(y)}
	if tried[at] {
		return false
	}
	tried[at] = true
	switch {
	case x == "" && y == "":
		return true
	case strings.HasPrefix(x, "*") && (overlap(x[1:], y, tried) || y != "" && overlap(x, y[1:], tried)):
		return true
	case strings.HasPrefix(y, "*") && (overlap(x, y[1:], tried) || x != "" && overlap(x[1:], y, tried)):
		return true
	}
	return x != "" && y != "" && x[0] != '*' && y[0] != '*' && (x[0] == y[0] || x[0] == '?' || y[0] == '?') && overlap(x[1:], y[1:], tried)
}

// rest are the actions that no pattern matches.
func rest(patterns policy.Values) []awsdata.ActionInfo {
	matched := map[string]bool{}
	for _, p := range patterns {
		for _, a := range awsdata.MatchActions(p) {
			matched[a.Name] = true
		}
	}
	return slices.DeleteFunc(awsdata.MatchActions("*"), func(a awsdata.ActionInfo) bool { return matched[a.Name] })
}

// The test above sees what it is there for.
func TestUnknownActionsAndKeysAreSeen(t *testing.T) {
	boundary := func(op string) policy.Conditions { return policy.Conditions{op: {"iam:PermissionsBoundary": {"x"}}} }
	tokens := policy.Conditions{"StringNotEquals": {"ec2:MetadataHttpTokens": {"required"}}}
	for name, s := range map[string]policy.Statement{
		"an action":                      {Action: policy.Values{"s3:PutBucketAcls"}},
		"a wildcard":                     {Action: policy.Values{"s3:Putt*"}},
		"a service":                      {NotAction: policy.Values{"s4:*"}},
		"a key of another action":        {Action: policy.Values{"iam:PassRole"}, Condition: boundary("StringLike")},
		"a key of one action of two":     {Action: policy.Values{"iam:CreateRole", "iam:PassRole"}, Condition: boundary("StringLike")},
		"a key of nothing":               {NotAction: policy.Values{"iam:*"}, Condition: boundary("StringLike")},
		"a misspelt global key":          {Action: policy.Values{"*"}, Condition: policy.Conditions{"ArnLike": {"aws:PrincipleArn": {"*"}}}},
		"a key without its tag's name":   {Action: policy.Values{"*"}, Condition: policy.Conditions{"StringLike": {"aws:ResourceTag": {"*"}}}},
		"a resource of another action":   {Action: policy.Values{"s3:PutObject"}, Resource: policy.Values{"arn:aws:s3:::logs"}},
		"a key of another resource":      {Action: policy.Values{"ec2:RunInstances"}, Resource: policy.Values{"arn:aws:ec2:*:*:volume/*"}, Condition: tokens},
		"a resource that lacks the key":  {Effect: policy.Deny, Action: policy.Values{"ec2:RunInstances"}, Resource: policy.Values{"*"}, Condition: tokens},
		"a resource beside one with it":  {Effect: policy.Deny, Action: policy.Values{"ec2:RunInstances"}, Resource: policy.Values{"arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*"}, Condition: tokens},
		"a key that may be missing, too": {Action: policy.Values{"iam:PassRole"}, Condition: boundary("StringLikeIfExists")},
	} {
		if len(unknown(s)) == 0 {
			t.Errorf("%s: no mistake is seen", name)
		}
	}
	for name, s := range map[string]policy.Statement{
		"everything":                 {Action: policy.Values{"*"}, Condition: policy.Conditions{"StringLike": {"aws:ResourceTag/x": {"*"}}}},
		"AWS's own list":             {NotAction: awsdata.GlobalServiceActions(), Condition: policy.Conditions{"StringLike": {"aws:RequestedRegion": {"*"}}}},
		"a key that may be missing":  {Action: policy.Values{"iam:CreateRole", "iam:PassRole"}, Condition: boundary("StringLikeIfExists")},
		"a wildcard of some with it": {Action: policy.Values{"iam:Create*"}, Condition: boundary("StringLike")},
		"a narrowed resource":        {Effect: policy.Deny, Action: policy.Values{"ec2:RunInstances"}, Resource: policy.Values{"arn:aws:ec2:*:*:instance/*"}, Condition: tokens},
		"another condition that spares": {Effect: policy.Deny, Action: policy.Values{"ec2:RunInstances"}, Resource: policy.Values{"*"}, Condition: policy.Conditions{
			"StringNotEquals": {"ec2:MetadataHttpTokens": {"required"}}, "Null": {"ec2:MetadataHttpTokens": {"false"}}}},
	} {
		if got := unknown(s); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
