package evaluate

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"testing"
)

// smallCase is a case as people write them: a full chain of three levels, an
// identity policy, an RCP, a dozen context keys, about 1.5 KB. variant makes
// the request another one, and policies make its own documents others.
func smallCase(variant, policies int) string {
	text := fmt.Sprintf(`{"id":"case-%d","org":{"id":"o-a1b2c3d4e5","managementAccount":"111111111111","accounts":["111111111111","222222222222","333333333333"]},`+
		`"request":{"principal":"arn:aws:sts::222222222222:assumed-role/Admin/alice","action":"ec2:RunInstances","resource":"arn:aws:ec2:eu-central-1:222222222222:instance/i-%d","resourceAccount":"222222222222",`+
		`"context":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/Admin","aws:PrincipalAccount":"222222222222","aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:RequestedRegion":"eu-central-1","aws:SourceIp":"198.51.100.7","aws:SecureTransport":"true","aws:CalledVia":["cloudformation.amazonaws.com"],"ec2:InstanceType":"t3.micro"}},`+
		`"policies":{"identity":[{"name":"Admin","policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}],`+
		`"scp":[{"id":"r-a1b2","policies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]},{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}]}]},`+
		`{"id":"ou-a1b2-11111111","policies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}]},{"id":"222222222222","policies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}]}],`+
		`"rcp":[]}}`+"\n", variant, variant%97)
	for _, own := range []string{`"Statement":[{"Effect":"Deny"`, `"Admin","policy":{"Version":"2012-10-17","Statement":[{`} {
		text = strings.ReplaceAll(text, own, strings.Replace(own, `[{`, fmt.Sprintf(`[{"Sid":"Set%d",`, policies), 1))
	}
	return text
}

// endless gives the same cases again and again, up to a number of bytes.
type endless struct {
	text string
	at   int
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), e.left)], e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	e.left -= n
	return n, nil
}

// BenchmarkEvaluate measures cases from end to end. In "same policies" all
// come with one set, as an organization's do; in "other policies" only FullAWSAccess
// comes twice within what is kept, as in generated cases. The collector is set as
// the command sets it.
func BenchmarkEvaluate(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(GCPercent))
	for _, bm := range []struct {
		name string
		sets int
	}{{"same policies", 1}, {"other policies", 20_000}} {
		for _, explain := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/explain=%v", bm.name, explain), func(b *testing.B) {
				var text strings.Builder
				const cases = 20_000
				for i := range cases {
					text.WriteString(smallCase(i, i%bm.sets))
				}
				whole := text.String()
				b.SetBytes(int64(len(whole)) / cases)
				b.ReportAllocs()
				b.ResetTimer()
				in := &endless{text: whole, left: len(whole) / cases * b.N}
				counts, err := Run(b.Context(), in, io.Discard, Options{Explain: explain})
				if err != nil || counts.Failed > 1 { // the last case may be cut
					b.Fatal(counts, err)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
			})
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	line := strings.TrimSuffix(smallCase(1, 1), "\n")
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	var d decoder
	for b.Loop() {
		if wrong := d.decode(line); wrong != "" {
			b.Fatal(wrong)
		}
	}
}
