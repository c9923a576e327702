package pack_test

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// As written, statements are merged and left out only where the document would
// have no room for all of them.
func TestAsWrittenMergesOnlyForRoom(t *testing.T) {
	deny := func(guardrail string, actions ...string) pack.Statement {
		return pack.Statement{ID: pack.ID{Guardrail: guardrail}, Statement: policy.Statement{
			Sid: strings.ToUpper(guardrail), Effect: policy.Deny, Action: actions, Resource: policy.Values{"*"},
		}}
	}
	statements := []pack.Statement{deny("a", "s3:DeleteBucket", "s3:PutBucketAcl"), deny("b", "ec2:RunInstances"), deny("c", "s3:PutBucketAcl")}
	sids := func(opts pack.Options) string {
		t.Helper()
		p, ds := pack.Pack(statements, opts)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		accounted(t, statements, p)
		var out []string
		for _, d := range documents(t, p, max(opts.MaxSize, 10_240)) {
			var names []string
			for _, s := range d.Statements {
				names = append(names, s.Sid)
			}
			out = append(out, strings.Join(names, ","))
		}
		return strings.Join(out, " ")
	}
	if got := sids(pack.Options{AsWritten: true}); got != "A,B,C" {
		t.Errorf("with room there are the statements %s", got)
	}
	if got := sids(pack.Options{}); got != "A" {
		t.Errorf("merged there are the statements %s", got)
	}
	if got := sids(pack.Options{AsWritten: true, MaxSize: 200}); got != "A" {
		t.Errorf("without room there are the statements %s", got)
	}
}
