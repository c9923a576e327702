package awsdata

import (
	"slices"
	"strings"
)

// The actions of services that answer in one region for all, or that must work
// before a region is chosen: a guardrail on regions leaves them alone. AWS
// publishes two lists, for its sample policy and for AWS Control Tower, and
// each lacks what the other has; [GlobalServiceActions] merges them.
var (
	SampleGlobalActions = Datum[[]string]{
		Value: []string{
			"a4b:*", "acm:*", "aws-marketplace-management:*", "aws-marketplace:*", "aws-portal:*", "budgets:*", "ce:*",
			"chime:*", "cloudfront:*", "config:*", "cur:*", "directconnect:*", "ec2:DescribeRegions",
			"ec2:DescribeTransitGateways", "ec2:DescribeVpnGateways", "fms:*", "globalaccelerator:*", "health:*",
			"iam:*", "importexport:*", "kms:*", "mobileanalytics:*", "networkmanager:*", "organizations:*",
			"pricing:*", "route53-recovery-cluster:*", "route53-recovery-control-config:*",
			"route53-recovery-readiness:*", "route53:*", "route53domains:*", "s3:GetAccountPublic*",
			"s3:ListAllMyBuckets", "s3:ListMultiRegionAccessPoints", "s3:PutAccountPublic*", "shield:*", "sts:*",
			"support:*", "trustedadvisor:*", "waf-regional:*", "waf:*", "wafv2:*", "wellarchitected:*",
		},
		Source: "https://github.com/aws-samples/service-control-policy-examples/blob/main/Region-controls/Deny-access-to-AWS-based-on-the-requested-AWS-region.json https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
		Read:   "2026-11-22",
	}
	ControlTowerGlobalActions = Datum[[]string]{
		Value: []string{
			"a4b:*", "access-analyzer:*", "account:*", "acm:*", "activate:*", "artifact:*",
			"aws-marketplace-management:*", "aws-marketplace:*", "aws-portal:*", "billing:*", "billingconductor:*",
			"budgets:*", "ce:*", "chatbot:*", "chime:*", "cloudfront:*", "cloudtrail:LookupEvents",
			"compute-optimizer:*", "config:*", "consoleapp:*", "consolidatedbilling:*", "cur:*",
			"datapipeline:GetAccountLimits", "devicefarm:*", "directconnect:*", "ec2:DescribeRegions",
			"ec2:DescribeTransitGateways", "ec2:DescribeVpnGateways", "ecr-public:*", "fms:*", "freetier:*",
			"globalaccelerator:*", "health:*", "iam:*", "importexport:*", "invoicing:*", "iq:*", "kms:*",
			"license-manager:ListReceivedLicenses", "lightsail:Get*", "mobileanalytics:*", "networkmanager:*",
			"notifications-contacts:*", "notifications:*", "organizations:*", "payments:*", "pricing:*",
			"quicksight:DescribeAccountSubscription", "resource-explorer-2:*", "route53-recovery-cluster:*",
			"route53-recovery-control-config:*", "route53-recovery-readiness:*", "route53:*", "route53domains:*",
			"s3:CreateMultiRegionAccessPoint", "s3:DeleteMultiRegionAccessPoint",
			"s3:DescribeMultiRegionAccessPointOperation", "s3:GetAccountPublicAccessBlock", "s3:GetBucketLocation",
			"s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetMultiRegionAccessPoint",
			"s3:GetMultiRegionAccessPointPolicy", "s3:GetMultiRegionAccessPointPolicyStatus",
			"s3:GetStorageLensConfiguration", "s3:GetStorageLensDashboard", "s3:ListAllMyBuckets",
			"s3:ListMultiRegionAccessPoints", "s3:ListStorageLensConfigurations", "s3:PutAccountPublicAccessBlock",
			"s3:PutMultiRegionAccessPointPolicy", "savingsplans:*", "shield:*", "sso:*", "sts:*", "support:*",
			"supportapp:*", "supportplans:*", "sustainability:*", "tag:GetResources", "tax:*", "trustedadvisor:*",
			"vendor-insights:ListEntitledSecurityProfiles", "waf-regional:*", "waf:*", "wafv2:*",
		},
		Source: "https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html",
		Read:   "2026-11-22",
	}
)

// GlobalServiceActions merges AWS's two lists, sorted, without the actions
// that a pattern of the list covers. The caller may change the result.
func GlobalServiceActions() []string {
	all := slices.Concat(SampleGlobalActions.Value, ControlTowerGlobalActions.Value)
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(a string) bool {
		return slices.ContainsFunc(all, func(wide string) bool {
			stem, ok := strings.CutSuffix(wide, "*")
			return ok && a != wide && strings.HasPrefix(a, stem)
		})
	})
}
