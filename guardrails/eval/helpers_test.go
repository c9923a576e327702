package eval_test

import (
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// document parses a policy that has no mistakes.
func document(t testing.TB, src string) eval.Document {
	t.Helper()
	d, ds := policy.Parse("policy.json", []byte(src))
	if ds.HasErrors() {
		t.Fatalf("%s\n%v", src, ds)
	}
	return eval.Document{Policy: d}
}

// statements makes a document of the statements in src.
func statements(t testing.TB, src string) eval.Document {
	t.Helper()
	return document(t, `{"Version":"2012-10-17","Statement":[`+src+`]}`)
}

func documents(t testing.TB, srcs ...string) []eval.Document {
	t.Helper()
	var ds []eval.Document
	for _, src := range srcs {
		ds = append(ds, statements(t, src))
	}
	return ds
}

func compile(t testing.TB, org eval.Organization, p eval.Policies) *eval.Set {
	t.Helper()
	s, err := eval.Compile(org, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	alice    = "arn:aws:iam::222222222222:user/alice"
)
