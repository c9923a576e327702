package automation

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

func TestExplain(t *testing.T) {
	state := func(name string, v any) *apitype.StepEventStateMetadata {
		return &apitype.StepEventStateMetadata{Inputs: map[string]any{name: v}}
	}
	doc := func(statements string) string { return `{"Version":"2012-10-17","Statement":[` + statements + `]}` }
	const a = `{"Sid":"A","Effect":"Deny","Action":"s3:*","Resource":"*"}`
	for want, m := range map[string]apitype.StepEventMetadata{
		"the plan has it and AWS does not: up creates it":                            {Op: apitype.OpCreate},
		"the state has it and the file does not: up deletes it":                      {Op: apitype.OpDelete, Old: &apitype.StepEventStateMetadata{}},
		"the state has it and the file does not: up forgets it, and it stays in AWS": {Op: apitype.OpDelete, Old: &apitype.StepEventStateMetadata{RetainOnDelete: true}},
		`description differs, name differs: AWS has "a", the plan "b": up changes it`: {
			Op: apitype.OpUpdate, Diffs: []string{"name", "description"}, Old: state("name", "a"), New: state("name", "b")},
		`session duration differs: AWS has "7200", the plan "3600": up changes it`: {Op: apitype.OpUpdate, Diffs: []string{"maxSessionDuration"}, Old: state("maxSessionDuration", 7200), New: state("maxSessionDuration", 3600)},
		`path differs: AWS has "/a/", the plan "/", which can only be changed by making it anew: up replaces it`: {
			Op: apitype.OpReplace, Diffs: []string{"path"}, Old: state("path", "/a/"), New: state("path", "/")},
		"attached policies differ; only AWS has arn:x: up changes it": {
			Op: apitype.OpUpdate, Diffs: []string{"policyArns[0]", "policyArns[1]"}, Old: state("policyArns", []any{"arn:x", "arn:y"}), New: state("policyArns", []any{"arn:y"})},
		"policy text differs: only the plan has statement B; not the same is statement A: up changes it": {
			Op: apitype.OpUpdate, Diffs: []string{"content"}, Old: state("content", doc(a)),
			New: state("content", doc(`{"Sid":"A","Effect":"Deny","Action":"s3:Get*","Resource":"*"},{"Sid":"B","Effect":"Deny","Action":"ec2:*","Resource":"*"}`))},
		"it differs: up changes it": {Op: apitype.OpUpdate},
		"":                          {Op: apitype.OpSame},
	} {
		if got := explain(m); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
