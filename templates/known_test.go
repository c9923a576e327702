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

// Every action that a template names exists, every wildcard matches one, and
// every condition key is carried by the actions that it is asked of. What AWS
// documents and the reference does not know yet is in
// awsdata.NewerThanTheReference, and nowhere else.
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
		said := map[string]bool{}
		for _, use := range uses {
			for _, s := range instantiate(t, tm, use).Statements {
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
				if !carries(a, v.Action, key) {
					t.Errorf("%s: vector %q: %s does not carry %s", tm.ID, v.Name, v.Action, key)
				}
			}
		}
	}
}

// unknown says what a statement names that AWS does not have.
func unknown(s policy.Statement) []string {
	var found []string
	patterns := slices.Concat(s.Action, s.NotAction)
	for _, p := range patterns {
		if !listed(p) && len(awsdata.MatchActions(p)) == 0 && !awsdata.NewerAction(p) {
			found = append(found, fmt.Sprintf("no action is named %s", p))
		}
	}
	for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(s.Condition[op])) {
			if awsdata.GlobalConditionKey(key) {
				continue
			}
			if len(s.NotAction) > 0 {
				if !slices.ContainsFunc(rest(s.NotAction), func(a awsdata.ActionInfo) bool { return a.Carries(key) }) {
					found = append(found, fmt.Sprintf("no action beside those of notAction carries %s", key))
				}
				continue
			}
			// Where the operator says what is to be if the key is missing, and
			// in AWS's own lists, it is enough that some action has it.
			aware := strings.HasSuffix(strings.ToLower(op), "ifexists") || strings.EqualFold(op, "Null")
			some := slices.ContainsFunc(s.Action, func(p string) bool { return carried(p, key) })
			var without []string
			for _, p := range s.Action {
				if !carried(p, key) && (!some || !aware && !listed(p)) {
					without = append(without, p)
				}
			}
			if len(without) > 0 {
				found = append(found, fmt.Sprintf("%s is not carried by %s", key, strings.Join(without, ", ")))
			}
		}
	}
	return found
}

// listed reports whether a pattern is of one of AWS's own lists, which hold
// services that the reference no longer has.
func listed(pattern string) bool {
	return slices.Contains(awsdata.GlobalServiceActions(), pattern) || slices.Contains(catalog.ExampleEnv().Values["data.rcpServices"].([]string), pattern)
}

// carried reports whether the action of a name, or one that a pattern matches,
// carries a key.
func carried(pattern, key string) bool {
	if a, ok := awsdata.Action(pattern); ok || awsdata.NewerAction(pattern) {
		return carries(a, pattern, key)
	}
	return slices.ContainsFunc(awsdata.MatchActions(pattern), func(a awsdata.ActionInfo) bool { return carries(a, a.Name, key) })
}

func carries(a awsdata.ActionInfo, name, key string) bool {
	return a.Carries(key) || awsdata.NewerKey(name, key)
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
	for name, s := range map[string]policy.Statement{
		"an action":                    {Action: policy.Values{"s3:PutBucketAcls"}},
		"a wildcard":                   {Action: policy.Values{"s3:Putt*"}},
		"a service":                    {NotAction: policy.Values{"s4:*"}},
		"a key of another action":      {Action: policy.Values{"iam:PassRole"}, Condition: policy.Conditions{"StringLike": {"iam:PermissionsBoundary": {"*"}}}},
		"a key of one action of two":   {Action: policy.Values{"iam:CreateRole", "iam:PassRole"}, Condition: policy.Conditions{"StringLike": {"iam:PermissionsBoundary": {"*"}}}},
		"a key of nothing":             {NotAction: policy.Values{"iam:*"}, Condition: policy.Conditions{"StringLike": {"iam:PermissionsBoundary": {"*"}}}},
		"a misspelt global key":        {Action: policy.Values{"*"}, Condition: policy.Conditions{"ArnLike": {"aws:PrincipleArn": {"*"}}}},
		"a key without its tag's name": {Action: policy.Values{"*"}, Condition: policy.Conditions{"StringLike": {"aws:ResourceTag": {"*"}}}},
	} {
		if len(unknown(s)) == 0 {
			t.Errorf("%s: no mistake is seen", name)
		}
	}
	for name, s := range map[string]policy.Statement{
		"everything":                 {Action: policy.Values{"*"}, Condition: policy.Conditions{"StringLike": {"aws:ResourceTag/x": {"*"}}}},
		"AWS's own list":             {NotAction: awsdata.GlobalServiceActions(), Condition: policy.Conditions{"StringLike": {"aws:RequestedRegion": {"*"}}}},
		"a key that may be missing":  {Action: policy.Values{"iam:CreateRole", "iam:PassRole"}, Condition: policy.Conditions{"StringLikeIfExists": {"iam:PermissionsBoundary": {"*"}}}},
		"a wildcard of some with it": {Action: policy.Values{"iam:Create*"}, Condition: policy.Conditions{"StringLike": {"iam:PermissionsBoundary": {"*"}}}},
	} {
		if got := unknown(s); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
