package awsdata

import "strings"

// A Governor is a service or a solution of AWS that sets accounts up and
// attaches policies to them, and may do so beside orgrails.
type Governor struct {
	Key      string
	Name     string
	Policies string // what the names of its policies of Organizations begin with; "" where it attaches none
	Roles    string // what the names of the roles begin with by which it works in member accounts
	Trusted  string // service principal that is trusted where it is used; "" where none tells
}

// Governors are sorted by key. The Accelerator's names are those of its
// default prefix.
var Governors = Datum[[]Governor]{
	Value: []Governor{
		{"control-tower", "AWS Control Tower", "aws-guardrails-", "AWSControlTowerExecution", "controltower.amazonaws.com"},
		{"landing-zone-accelerator", "Landing Zone Accelerator on AWS", "AWSAccelerator-", "AWSAccelerator-", ""},
		{"stack-sets", "CloudFormation StackSets", "", "stacksets-exec-", "member.org.stacksets.cloudformation.amazonaws.com"},
	},
	Source: "https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html https://docs.aws.amazon.com/solutions/latest/landing-zone-accelerator-on-aws/working-with-solution-specific-variables.html https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html",
	Read:   "2026-11-29",
}

// GovernorOfPolicy is who gives policies such a name.
func GovernorOfPolicy(name string) (Governor, bool) {
	for _, g := range Governors.Value {
		if g.Policies != "" && strings.HasPrefix(name, g.Policies) {
			return g, true
		}
	}
	return Governor{}, false
}
