package policy

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParse reads documents as guardrails are written: small, indented by
// hand, canonical, and one of a megabyte.
func BenchmarkParse(b *testing.B) {
	statement := `{"Sid":"Protect%d","Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:StopLogging","cloudtrail:UpdateTrail"],"Resource":"arn:aws:cloudtrail:*:*:trail/org-trail","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::*:role/break-glass/*"]}}}`
	document := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(statement, i)
		}
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
	}
	indent := strings.NewReplacer(",", ",\n            ", "{", "{\n        ", "[", "[ ")
	for _, c := range []struct{ name, src string }{
		{"scp", document(12)}, {"indented", indent.Replace(document(12))}, {"megabyte", document(3000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			src := []byte(c.src)
			if _, ds := Parse("p.json", src); ds.HasErrors() {
				b.Fatal(ds)
			}
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Parse("p.json", src)
			}
		})
	}
}
