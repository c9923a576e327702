package eval_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// denials are the statements of one SCP of the benchmark, about one service
// each: conditions, wildcards, lists, as guardrails have them.
func denials(i int) string {
	services := []string{"cloudtrail", "config", "guardduty", "iam", "ec2", "s3", "kms", "rds", "lambda", "organizations", "account", "access-analyzer"}
	svc := services[i%len(services)]
	return fmt.Sprintf(`
{"Sid":"Protect%[1]d","Effect":"Deny","Action":["%[2]s:Delete*","%[2]s:Stop*","%[2]s:Update*"],"Resource":"arn:*:%[2]s:*:*:*guarded*",
 "Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:*:iam::*:role/OrganizationAccountAccessRole","arn:*:iam::*:role/break-glass/*"]}}},
{"Sid":"Region%[1]d","Effect":"Deny","NotAction":["a4b:*","budgets:*","ce:*","cloudfront:*","iam:*","organizations:*","route53:*","route53domains:*","s3:GetAccountPublic*","shield:*","sts:*","support:*","waf:*"],"Resource":"*",
 "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1","us-east-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:*:iam::*:role/OrganizationAccountAccessRole"}}},
{"Sid":"Tags%[1]d","Effect":"Deny","Action":["%[2]s:Create*","%[2]s:Run*","*:Tag*"],"Resource":"*",
 "Condition":{"Null":{"aws:RequestTag/owner":"true"},"StringNotLike":{"aws:PrincipalTag/team":["platform-*","security-?"]},"BoolIfExists":{"aws:ViaAWSService":"false"}}}`, i, svc)
}

// chain is an organization of three levels with five SCPs each: FullAWSAccess
// and four documents of three statements that deny.
func chain(b testing.TB, more string) *eval.Set {
	p := eval.Policies{Identity: documents(b, allowAll)}
	for level := range 3 {
		l := eval.Level{ID: fmt.Sprintf("level-%d", level), Policies: documents(b, allowAll)}
		for i := range 4 {
			l.Policies = append(l.Policies, documents(b, denials(level*4+i))...)
		}
		if level == 1 && more != "" {
			l.Policies = append(l.Policies, documents(b, more)...)
		}
		p.SCP = append(p.SCP, l)
	}
	return compile(b, member, p)
}

var member = eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "111111111111", Accounts: []string{"111111111111", "222222222222", "333333333333"}}

var chainRequest = eval.Request{
	Principal: "arn:aws:sts::222222222222:assumed-role/Admin/alice", Action: "ec2:RunInstances",
	Resource: "arn:aws:ec2:eu-central-1:222222222222:instance/*", ResourceAccount: "222222222222",
	Context: map[string][]string{
		"aws:PrincipalArn":      {"arn:aws:iam::222222222222:role/Admin"},
		"aws:PrincipalAccount":  {"222222222222"},
		"aws:RequestedRegion":   {"eu-central-1"},
		"aws:RequestTag/owner":  {"alice"},
		"aws:PrincipalTag/team": {"payments"},
		"aws:ViaAWSService":     {"false"},
		"aws:SourceIp":          {"198.51.100.7"},
	},
}

func others(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"Effect":"Deny","Action":["other%d:Delete*","other%d:Put?hing"],"Resource":"arn:aws:other%d:*:*:thing/*","Condition":{"StringNotEquals":{"aws:PrincipalTag/t%d":"x"}}}`, i, i, i, i)
	}
	return strings.Join(list, ",")
}

func BenchmarkAuthorize(b *testing.B) {
	run := func(name string, s *eval.Set, r eval.Request) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := s.Authorize(&r).Decision; got != eval.Allowed {
					b.Fatal(got)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
	run("chain-3x5", chain(b, ""), chainRequest)
	run("chain-3x5-1000-others", chain(b, others(1000)), chainRequest)
	run("one-allow", compileOne(b), oneRequest)
}

func compileOne(b testing.TB) *eval.Set {
	return compile(b, eval.Organization{}, eval.Policies{Identity: documents(b, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}`)})
}

var oneRequest = eval.Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/key", ResourceAccount: "222222222222"}
