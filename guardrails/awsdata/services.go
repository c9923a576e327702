package awsdata

import (
	"slices"
	"strings"
)

// RCPServices are the prefixes of the actions that resource control policies
// may name.
var RCPServices = Datum[[]string]{
	Value: []string{
		"aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory",
		"cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline",
		"cognito-identity", "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer",
		"cost-optimization-hub", "dax", "dsql", "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis",
		"fms", "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb",
		"networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize", "polly", "pricing",
		"resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin", "sqs", "sts",
		"support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2",
		"workspaces", "xray",
	},
	Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html",
	Read:   "2026-11-22",
}

// A TrustedService is a service that an organization can trust.
type TrustedService struct {
	Name      string
	Principal string
	Delegated bool // takes a delegated administrator
	// The service has an enabling call of its own, which makes what it needs;
	// AWS advises against the call of AWS Organizations.
	OwnCall bool
}

// TrustedServices are the service principals for trusted access, sorted by
// principal. The list is not complete: principals that AWS's pages did not
// state are not in it, and an unknown one is no mistake.
var TrustedServices = Datum[[]TrustedService]{
	Value: []TrustedService{
		{"IAM Access Analyzer", "access-analyzer.amazonaws.com", true, false},
		{"Account Management", "account.amazonaws.com", true, false},
		{"Audit Manager", "auditmanager.amazonaws.com", true, false},
		{"Artifact", "aws-artifact-account-sync.amazonaws.com", false, false},
		{"Backup", "backup.amazonaws.com", true, true},
		{"CloudTrail", "cloudtrail.amazonaws.com", true, true},
		{"Compute Optimizer", "compute-optimizer.amazonaws.com", true, false},
		{"Config (rules and conformance packs)", "config-multiaccountsetup.amazonaws.com", true, false},
		{"Config", "config.amazonaws.com", true, false},
		{"Control Tower", "controltower.amazonaws.com", false, true},
		{"Detective", "detective.amazonaws.com", true, false},
		{"DevOps Guru", "devops-guru.amazonaws.com", true, false},
		{"Firewall Manager", "fms.amazonaws.com", true, true},
		{"GuardDuty", "guardduty.amazonaws.com", true, false},
		{"Health", "health.amazonaws.com", true, false},
		{"IAM (central root access)", "iam.amazonaws.com", true, false},
		{"Inspector", "inspector2.amazonaws.com", true, false},
		{"VPC IPAM", "ipam.amazonaws.com", true, true},
		{"Marketplace licences", "license-management.marketplace.amazonaws.com", false, false},
		{"License Manager", "license-manager.amazonaws.com", true, false},
		{"License Manager (member accounts)", "license-manager.member-account.amazonaws.com", true, false},
		{"Macie", "macie.amazonaws.com", true, false},
		{"GuardDuty Malware Protection", "malware-protection.guardduty.amazonaws.com", true, false},
		{"CloudFormation StackSets", "member.org.stacksets.cloudformation.amazonaws.com", true, true},
		{"Resource Access Manager", "ram.amazonaws.com", false, true},
		{"Trusted Advisor", "reporting.trustedadvisor.amazonaws.com", true, false},
		{"Security Hub", "securityhub.amazonaws.com", true, false},
		{"Service Catalog", "servicecatalog.amazonaws.com", true, true},
		{"Service Quotas", "servicequotas.amazonaws.com", false, false},
		{"Systems Manager", "ssm.amazonaws.com", true, false},
		{"IAM Identity Center", "sso.amazonaws.com", true, false},
		{"S3 Storage Lens", "storage-lens.s3.amazonaws.com", true, false},
		{"Tag policies", "tagpolicies.tag.amazonaws.com", false, false},
		{"Well-Architected Tool", "wellarchitected.amazonaws.com", false, false},
	},
	Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html",
	Read:   "2026-11-22",
}

// LookupTrustedService is the service of a service principal.
func LookupTrustedService(principal string) (TrustedService, bool) {
	i, ok := slices.BinarySearchFunc(TrustedServices.Value, principal, func(s TrustedService, p string) int {
		return strings.Compare(s.Principal, p)
	})
	if !ok {
		return TrustedService{}, false
	}
	return TrustedServices.Value[i], true
}
