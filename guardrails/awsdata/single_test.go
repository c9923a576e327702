package awsdata

import "testing"

func TestRegionOf(t *testing.T) {
	for _, c := range []struct{ partition, region, action, want string }{
		{"aws", "eu-central-1", "iam:CreateRole", "us-east-1"},
		{"aws", "eu-central-1", "access-analyzer:CreateAnalyzer", "eu-central-1"},
		{"aws", "eu-central-1", "sts:AssumeRole", "eu-central-1"},
		{"aws-cn", "cn-north-1", "organizations:ListRoots", "cn-northwest-1"},
		{"aws-cn", "cn-northwest-1", "iam:GetRole", "cn-north-1"},
		{"aws-us-gov", "us-gov-east-1", "iam:GetRole", "us-gov-west-1"},
	} {
		if got := RegionOf(c.partition, c.region, c.action); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.action, c.region, got, c.want)
		}
	}
}
