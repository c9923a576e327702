package eval_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// shown is an explanation as lines.
func shown(x eval.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %v %v\n", x.Decision, x.BlockedBy, x.DependsOn)
	for _, r := range x.Reasons {
		mark := " "
		if r.Decisive {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %s %d %s %v: %s\n", mark, r.Layer, r.Statement, r.Origin, r.Matched, r.Text)
		for _, c := range r.Conditions {
			fmt.Fprintf(&b, "    %s %s %v, request %v: %v\n", c.Operator, c.Key, c.Policy, c.Request, c.Held)
		}
	}
	return b.String()
}

func explained(t *testing.T) (*eval.Set, *eval.Request) {
	t.Helper()
	regions := statements(t, `{"Sid":"Regions","Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}},
		{"Sid":"Other","Effect":"Deny","Action":"s3:*","Resource":"*"}`)
	regions.Name, regions.Origins = "orgrails-scp-root", []string{"organization.yaml:14:5"}
	full := statements(t, allowAll)
	full.Name = "FullAWSAccess"
	s := compile(t, member, eval.Policies{
		Identity: documents(t, allowAll), Boundary: documents(t, `{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`),
		SCP: []eval.Level{{ID: "r-1", Policies: []eval.Document{full, regions}}, {ID: "ou-1", Policies: []eval.Document{full}}},
		RCP: []eval.Level{{ID: "r-1", Policies: documents(t, effect("Deny", `"Principal":"*"`))}},
	})
	return s, &eval.Request{Principal: alice, Action: "ec2:RunInstances", Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {"us-east-1"}, "aws:PrincipalArn": {alice}}}
}

func TestExplanations(t *testing.T) {
	s, r := explained(t)
	for _, c := range []struct {
		name   string
		change func()
		want   string
	}{
		{"denied", func() {}, `ExplicitlyDenied [boundary scp] []
  rcp -1  no: RCPs do not reach ec2:RunInstances
  scp 0  yes: statement 1 of FullAWSAccess at r-1 allows ec2:RunInstances
* scp 0 organization.yaml:14:5 yes: statement Regions of orgrails-scp-root at r-1 denies ec2:RunInstances
    ArnNotLike aws:PrincipalArn [arn:aws:iam::*:role/BreakGlass], request [arn:aws:iam::222222222222:user/alice]: yes
    StringNotEquals aws:RequestedRegion [eu-west-1 eu-central-1], request [us-east-1]: yes
  scp 0  yes: statement 1 of FullAWSAccess at ou-1 allows ec2:RunInstances
  identity 0  yes: statement 1 allows ec2:RunInstances
  boundary -1  yes: the permissions boundary does not allow ec2:RunInstances
`},
		{"a condition spares, the boundary refuses", func() { r.Context["aws:RequestedRegion"] = []string{"eu-west-1"} }, `ImplicitlyDenied [boundary] []
  rcp -1  no: RCPs do not reach ec2:RunInstances
  scp 0  yes: statement 1 of FullAWSAccess at r-1 allows ec2:RunInstances
  scp 0 organization.yaml:14:5 no: statement Regions of orgrails-scp-root at r-1 does not match: StringNotEquals aws:RequestedRegion ["eu-west-1", "eu-central-1"], and the request has "eu-west-1"
    ArnNotLike aws:PrincipalArn [arn:aws:iam::*:role/BreakGlass], request [arn:aws:iam::222222222222:user/alice]: yes
    StringNotEquals aws:RequestedRegion [eu-west-1 eu-central-1], request [eu-west-1]: no
  scp 0  yes: statement 1 of FullAWSAccess at ou-1 allows ec2:RunInstances
  identity 0  yes: statement 1 allows ec2:RunInstances
* boundary -1  yes: the permissions boundary does not allow ec2:RunInstances
`},
		{"unknown", func() { r.Action, r.Unknown = "ec2:DescribeImages", []string{"AWS:RequestedRegion"} }, `Depends [] [AWS:RequestedRegion]
  rcp -1  no: RCPs do not reach ec2:DescribeImages
  scp 0  yes: statement 1 of FullAWSAccess at r-1 allows ec2:DescribeImages
* scp 0 organization.yaml:14:5 unknown: statement Regions of orgrails-scp-root at r-1 denies ec2:DescribeImages if what is unknown agrees
    ArnNotLike aws:PrincipalArn [arn:aws:iam::*:role/BreakGlass], request [arn:aws:iam::222222222222:user/alice]: yes
    StringNotEquals aws:RequestedRegion [eu-west-1 eu-central-1], request []: unknown
  scp 0  yes: statement 1 of FullAWSAccess at ou-1 allows ec2:DescribeImages
  identity 0  yes: statement 1 allows ec2:DescribeImages
  boundary 0  yes: statement 1 allows ec2:DescribeImages
`},
		{"the management account", func() { r.Principal, r.Unknown = "arn:aws:iam::111111111111:user/admin", nil }, `Allowed [] []
  rcp -1  no: the management account 111111111111 is exempt
  scp -1  no: the management account 111111111111 is exempt
* identity 0  yes: statement 1 allows ec2:DescribeImages
* boundary 0  yes: statement 1 allows ec2:DescribeImages
`},
		{"outside", func() { r.Principal, r.ResourceAccount = stranger, "222222222222" }, `ImplicitlyDenied [resource] []
  rcp -1  no: RCPs do not reach ec2:DescribeImages
  scp -1  no: the account 999999999999 is not in the organization
  identity 0  yes: statement 1 allows ec2:DescribeImages
  boundary 0  yes: statement 1 allows ec2:DescribeImages
* resource -1  yes: no statement of the resource's policy allows ec2:DescribeImages
`},
		{"a service", func() { r.Principal, r.Action = "ec2.amazonaws.com", "s3:GetObject" }, `ExplicitlyDenied [rcp resource] []
  scp -1  no: SCPs reach principals of member accounts alone
* rcp 0  yes: statement 1 at r-1 denies s3:GetObject
  identity 0  yes: statement 1 allows s3:GetObject
  resource -1  yes: no statement of the resource's policy allows s3:GetObject
`},
		{"service-linked", func() { r.Principal, r.Action = ecsRole, "s3:GetObject" }, `Allowed [] []
  rcp -1  no: service-linked roles are exempt
  scp -1  no: service-linked roles are exempt
* identity 0  yes: statement 1 allows s3:GetObject
`},
	} {
		c.change()
		if got := shown(s.Explain(r)); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}

func TestDependsOn(t *testing.T) {
	for _, c := range []struct {
		set     setting
		unknown []string
		want    string
	}{
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:b":"1","aws:a":"1"}}}`}, []string{"aws:b", "AWS:A", "aws:c"}, "Depends [] [AWS:A aws:b]"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:b":"1","aws:a":"1"}}}`}, []string{"aws:b"}, "ImplicitlyDenied [identity] []"},
		{setting{identity: allowAll + `,{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:b":"1"}}}`}, []string{"aws:b"}, "Allowed [] []"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bucket/${aws:b}"}`}, []string{"aws:b"}, "Depends [] [aws:b]"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::bucket/${aws:b}","*"]}`}, []string{"aws:b"}, "Allowed [] []"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:known":"${aws:b, 'x'}"}}}`}, []string{"aws:b"}, "Depends [] [aws:b]"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:known":["${aws:b}","value"]}}}`}, []string{"aws:b"}, "Allowed [] []"},
		{setting{identity: allowAll + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:b":"true"}}}`}, []string{"aws:b"}, "Depends [] [aws:b]"},
		// It is refused in any case; whether by a denial is what it hangs on.
		{setting{scp: allowList, identity: `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:b":"true"}}}`}, []string{"aws:b"}, "Depends [identity scp] [aws:b]"},
		{setting{identity: denyGet + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:b":"true"}}}`}, []string{"aws:b"}, "ExplicitlyDenied [identity] []"},
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:b":"true"}}}`, boundary: allowList}, []string{"aws:b"}, "ImplicitlyDenied [boundary] []"},
		{setting{resource: `{"Effect":"Allow","Principal":` + aws(alice) + `,"Action":"*","Resource":"*","Condition":{"Bool":{"aws:b":"true"}}}`}, []string{"aws:b"}, "Depends [] [aws:b]"},
		// What is said to be unknown is, even if the context has it.
		{setting{identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:known":"value"}}}`}, []string{"AWS:Known"}, "Depends [] [AWS:Known]"},
	} {
		s := compile(t, member, c.set.policies(t))
		r := &eval.Request{Principal: alice, Action: "s3:GetObject", Resource: object, Context: map[string][]string{"aws:known": {"value"}}, Unknown: c.unknown}
		res := s.Authorize(r)
		if got := fmt.Sprintf("%v %v %v", res.Decision, res.BlockedBy, res.DependsOn); got != c.want {
			t.Errorf("%+v: %s, not %s", c.set, got, c.want)
		}
		if res.Refused() != (len(res.BlockedBy) > 0) {
			t.Errorf("%+v: refused is %v", c.set, res.Refused())
		}
		if x := s.Explain(r); !slices.Equal(x.DependsOn, res.DependsOn) {
			t.Errorf("%+v: explained %v", c.set, x.Result)
		}
	}
}

func TestDecisionsAllocateNothing(t *testing.T) {
	s := chain(t, "")
	r := chainRequest
	if n := testing.AllocsPerRun(200, func() { s.Authorize(&r) }); n != 0 {
		t.Errorf("%v allocations for what is allowed", n)
	}
	denied := chainRequest
	denied.Context = map[string][]string{"aws:RequestedRegion": {"us-west-2"}}
	if n := testing.AllocsPerRun(200, func() { s.Authorize(&denied) }); n != 0 {
		t.Errorf("%v allocations for what is denied", n)
	}
	if got := s.Authorize(&denied).Decision; got != eval.ExplicitlyDenied {
		t.Error(got)
	}
}

func TestSetsServeManyAtOnce(t *testing.T) {
	s := chain(t, "")
	done := make(chan bool)
	for i := range 8 {
		go func() {
			ok := true
			for range 500 {
				r := chainRequest
				want := eval.Allowed
				if i%2 == 1 {
					r.Context = map[string][]string{"aws:RequestedRegion": {"us-west-2"}}
					want = eval.ExplicitlyDenied
				}
				ok = ok && s.Authorize(&r).Decision == want
			}
			done <- ok
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("a decision is wrong when others are made at once")
		}
	}
}
