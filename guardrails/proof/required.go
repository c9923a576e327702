package proof

// A Level says what becomes of a plan that loses a request.
type Level string

// The levels.
const (
	Must   Level = "must"   // nobody, or nobody in time, could mend the loss: the plan is refused
	Should Level = "should" // work stops, and whoever is left can mend it: the plan is warned of
)

// A Required is a request that must work whatever guardrails there are, in
// every member account where Who and If have a meaning.
//
// In Who, Resource and the values of Context stand {account}, {management},
// {organization}, {partition}, {region}, {global} (the region of services with
// one endpoint), {suffix} (amazonaws.com) and {role},
// the deploy role. Nothing else in braces does.
type Required struct {
	ID    string // lower case, with hyphens
	Loses string // what no longer works when it is refused
	Level Level
	// Who asks: "break-glass" is each break-glass role that the plan makes in
	// the account, "management" some role of the management account, "role/…",
	// "user/…" and "root" are of the account itself, anything else is an ARN or
	// a service.
	Who      string
	Action   string
	Resource string // ARN, or "*"
	// Context are condition keys that every such request carries. What is not
	// here, does not follow from Who, and is not certain to be missing is unknown.
	Context map[string]string
	// If says where the request is made at all: "" is everywhere, "beside:G"
	// where the plan has the governor G beside orgrails, "root:F" where it has the feature F
	// of central root access, "analyzers" where it has analyzers, "not-deploy"
	// where Who is not the deploy role.
	If     string
	Source string // the incident, or AWS's page
}

// Pages that several requests come from.
const (
	pageAccess      = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html"
	pageBreakGlass  = "https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/break-glass-access.html"
	pageControl     = "https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html"
	pageStackSets   = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html"
	pageStackSetOrg = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html"
	pageLinked      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html"
	pageService     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html"
	pageRoot        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html"
	pageAccelerator = "https://docs.aws.amazon.com/solutions/latest/landing-zone-accelerator-on-aws/working-with-solution-specific-variables.html"
	pageAccelRole   = "https://docs.aws.amazon.com/solutions/latest/landing-zone-accelerator-on-aws/administrative-role.html"
	pageBoundary    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
	pageBilling     = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/billing-permissions-ref.html"
	pageCloudTrail  = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
	pageConfig      = "https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html"
	issueQuarantine = "https://github.com/aws-samples/aws-secure-environment-accelerator/issues/1186"
	issueDeployRole = "https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/1179"
	issueStackSets  = "https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/850"
)

// Who governs accounts beside orgrails: conditions of requests that are theirs.
const (
	besideTower       = "beside:control-tower"
	besideAccelerator = "beside:landing-zone-accelerator"
	besideStackSets   = "beside:stack-sets"
)

// Roles and sessions that several requests are made by or about.
const (
	anyRole    = "arn:{partition}:iam::{account}:role/application"
	stackSets  = "role/stacksets-exec-0123456789abcdef0123456789abcdef"
	selfStacks = "role/AWSCloudFormationStackSetExecutionRole"
	tower      = "role/AWSControlTowerExecution"
	// The Accelerator's role that deploys, one that its stacks make, and the role
	// of the AWS CDK by which its stacks are deployed.
	accelerator = "role/AWSAccelerator-Deployment-Role"
	accelRole   = "arn:{partition}:iam::{account}:role/AWSAccelerator-OperationsStack-1-Lambda"
	accelCDK    = "role/cdk-accel-cfn-exec-role-{account}-{region}"
	signedIn    = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef"
	aBucket     = "arn:{partition}:s3:::logs-{account}"
	anObject    = "arn:{partition}:s3:::logs-{account}/AWSLogs/{account}/object"
	aKey        = "arn:{partition}:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555"
	aQueue      = "arn:{partition}:sqs:{region}:{account}:work"
	aSecret     = "arn:{partition}:secretsmanager:{region}:{account}:secret:database-AbCdEf"
	aStack      = "arn:{partition}:cloudformation:{region}:{account}:stack/StackSet-baseline-11111111-2222-3333-4444-555555555555/11111111-2222-3333-4444-555555555555"
)

// ofAccount is what a service tells when it acts for a resource of the account.
func ofAccount(arn string) map[string]string {
	return map[string]string{"aws:SourceAccount": "{account}", "aws:SourceOrgID": "{organization}", "aws:SourceArn": arn}
}

// linked is a service-linked role.
func linked(service, name string) string { return "role/aws-service-role/" + service + "/" + name }

// RequiredRequests are the requests that must work in every organization.
func RequiredRequests() []Required {
	return []Required{
		// Into the account, from the management account.
		{entering, "the management account cannot enter the account, and nothing can be deployed to it", Must, "management", "sts:AssumeRole", "arn:{partition}:iam::{account}:role/{role}", nil, "", pageAccess},
		{"enter-as-access-role", "the management account cannot enter the account by the role that AWS Organizations makes", Should, "management", "sts:AssumeRole", "arn:{partition}:iam::{account}:role/OrganizationAccountAccessRole", nil, "", pageAccess},
		{"enter-as-control-tower", "AWS Control Tower cannot enter the account", Must, "arn:{partition}:iam::{management}:role/service-role/AWSControlTowerStackSetRole", "sts:AssumeRole", "arn:{partition}:iam::{account}:" + tower, nil, besideTower, "https://github.com/superwerker/superwerker/issues/177"},
		{"enter-as-stack-set", "stack sets with roles of their own cannot enter the account", Should, "arn:{partition}:iam::{management}:role/AWSCloudFormationStackSetAdministrationRole", "sts:AssumeRole", "arn:{partition}:iam::{account}:" + selfStacks, nil, "", pageStackSets},
		{"enter-as-root-session", "no root session can be had in the account, and a bucket or queue that locks everybody out stays locked", Must, "management", "sts:AssumeRoot", "arn:{partition}:iam::{account}:root", map[string]string{"sts:TaskPolicyArn": "arn:{partition}:iam::aws:policy/root-task/S3UnlockBucketPolicy"}, "root:RootSessions", pageRoot},

		// What the deploy role needs to mend what went wrong.
		{"deploy-role-sees-itself", "the deploy role cannot see why it is denied", Must, "role/{role}", "iam:GetRole", "arn:{partition}:iam::{account}:role/{role}", nil, "", issueDeployRole},
		{"deploy-role-lists-roles", "the deploy role cannot find what it deployed", Must, "role/{role}", "iam:ListRoles", "*", nil, "", issueDeployRole},
		{"deploy-role-mends-trust", "nobody can mend a trust policy that shut people out", Must, "role/{role}", "iam:UpdateAssumeRolePolicy", anyRole, nil, "", issueDeployRole},
		{"deploy-role-attaches-policy", "nobody can give a role back what it lost", Must, "role/{role}", "iam:AttachRolePolicy", anyRole, map[string]string{"iam:PolicyARN": "arn:{partition}:iam::aws:policy/AdministratorAccess"}, "", issueDeployRole},
		{"deploy-role-creates-role", "nobody can make a new way in", Must, "role/{role}", "iam:CreateRole", "arn:{partition}:iam::{account}:role/recovery", map[string]string{"iam:PermissionsBoundary": ""}, "", issueDeployRole},
		{"deploy-role-removes-boundary", "nobody can take a boundary away that lets nothing through", Must, "role/{role}", "iam:DeleteRolePermissionsBoundary", anyRole, nil, "", issueDeployRole},
		{"deploy-role-links-services", "services cannot be set up that need a service-linked role", Must, "role/{role}", "iam:CreateServiceLinkedRole", "arn:{partition}:iam::{account}:role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer", map[string]string{"iam:AWSServiceName": "access-analyzer.amazonaws.com"}, "analyzers", pageLinked},
		{"deploy-role-reads-organization", "the account cannot tell its organization", Should, "role/{role}", "organizations:DescribeOrganization", "*", nil, "", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_permissions_overview.html"},
		{"deploy-role-reads-events", "nobody can look up what denied whom", Should, "role/{role}", "cloudtrail:LookupEvents", "*", nil, "", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html"},
		{"deploy-role-reads-parameters", "a pipeline cannot read its own parameters", Should, "role/{role}", "ssm:GetParameter", "arn:{partition}:ssm:{region}:{account}:parameter/pipeline/version", nil, "", "https://github.com/aws-samples/landing-zone-accelerator-on-aws-for-tse-se/issues/3"},
		{"access-role-sees-itself", "the role that AWS Organizations makes can do nothing", Should, "role/OrganizationAccountAccessRole", "iam:GetRole", "arn:{partition}:iam::{account}:role/OrganizationAccountAccessRole", nil, "not-deploy", pageAccess},
		{"access-role-mends-trust", "the role that AWS Organizations makes can mend nothing", Should, "role/OrganizationAccountAccessRole", "iam:UpdateAssumeRolePolicy", anyRole, nil, "not-deploy", pageAccess},

		// Break-glass.
		{"break-glass-sees-account", "break-glass cannot tell where it is", Must, "break-glass", "iam:GetAccountSummary", "*", nil, "", pageBreakGlass},
		{"break-glass-lists-roles", "break-glass cannot see who may enter", Must, "break-glass", "iam:ListRoles", "*", nil, "", pageBreakGlass},
		{"break-glass-mends-trust", "break-glass cannot let people in again", Must, "break-glass", "iam:UpdateAssumeRolePolicy", anyRole, nil, "", pageBreakGlass},
		{"break-glass-attaches-policy", "break-glass cannot give a role back what it lost", Must, "break-glass", "iam:AttachRolePolicy", anyRole, map[string]string{"iam:PolicyARN": "arn:{partition}:iam::aws:policy/ReadOnlyAccess"}, "", pageBreakGlass},
		{"break-glass-sees-instances", "break-glass cannot see what runs", Must, "break-glass", "ec2:DescribeInstances", "*", nil, "", pageBreakGlass},
		{"break-glass-closes-ports", "break-glass cannot shut an open port", Must, "break-glass", "ec2:RevokeSecurityGroupIngress", "arn:{partition}:ec2:{region}:{account}:security-group/sg-0123456789abcdef0", nil, "", "https://docs.aws.amazon.com/security-ir/latest/userguide/welcome.html"},
		{"break-glass-reaches-instances", "break-glass cannot enter an instance", Must, "break-glass", "ssm:StartSession", "arn:{partition}:ec2:{region}:{account}:instance/i-0123456789abcdef0", nil, "", "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html"},
		{"break-glass-reads-events", "break-glass cannot see what happened", Must, "break-glass", "cloudtrail:LookupEvents", "*", nil, "", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html"},
		{"break-glass-sees-alarms", "break-glass cannot see what is alarmed", Should, "break-glass", "cloudwatch:DescribeAlarms", "*", nil, "", pageBreakGlass},
		{"break-glass-opens-case", "break-glass cannot ask AWS for help", Must, "break-glass", "support:CreateCase", "*", nil, "", "https://docs.aws.amazon.com/awssupport/latest/user/case-management.html"},
		{"break-glass-sees-health", "break-glass cannot see that the fault is AWS's", Should, "break-glass", "health:DescribeEvents", "*", nil, "", "https://docs.aws.amazon.com/health/latest/ug/what-is-aws-health.html"},
		{"break-glass-mends-name", "break-glass cannot point a name elsewhere", Should, "break-glass", "route53:ChangeResourceRecordSets", "arn:{partition}:route53:::hostedzone/Z0123456789ABCDEFGHIJ", nil, "", "https://github.com/awsdocs/aws-organizations-docs/issues/8"},
		{"break-glass-reads-secret", "break-glass cannot read what a system signs in with", Should, "break-glass", "secretsmanager:GetSecretValue", aSecret, nil, "", pageBreakGlass},
		{"break-glass-uses-key", "break-glass cannot read what is encrypted", Should, "break-glass", "kms:Decrypt", aKey, nil, "", pageBreakGlass},

		// AWS Control Tower, stack sets and the Landing Zone Accelerator.
		{"control-tower-creates-stack", "AWS Control Tower cannot set the account up", Must, tower, "cloudformation:CreateStack", aStack, nil, besideTower, pageControl},
		{"control-tower-records", "AWS Control Tower cannot switch AWS Config on", Must, tower, "config:PutConfigurationRecorder", "*", nil, besideTower, pageControl},
		{"control-tower-trails", "AWS Control Tower cannot set up its trail", Must, tower, "cloudtrail:CreateTrail", "arn:{partition}:cloudtrail:{region}:{account}:trail/aws-controltower-BaselineCloudTrail", nil, besideTower, pageControl},
		{"control-tower-creates-role", "AWS Control Tower cannot make its roles", Must, tower, "iam:CreateRole", "arn:{partition}:iam::{account}:role/aws-controltower-AdministratorExecutionRole", map[string]string{"iam:PermissionsBoundary": ""}, besideTower, pageControl},
		{"control-tower-deletes-stack", "AWS Control Tower cannot let the account go", Should, tower, "cloudformation:DeleteStack", aStack, nil, besideTower, "https://docs.aws.amazon.com/controltower/latest/userguide/unmanage-account.html"},
		{"stack-sets-create-stack", "stack sets cannot set a new account up", Must, stackSets, "cloudformation:CreateStack", aStack, nil, besideStackSets, issueStackSets},
		{"stack-sets-see-role", "stack sets cannot see the roles they make", Must, stackSets, "iam:GetRole", anyRole, nil, besideStackSets, issueQuarantine},
		{"stack-sets-update-stack", "stack sets cannot change what they made", Must, stackSets, "cloudformation:UpdateStack", aStack, nil, besideStackSets, pageStackSetOrg},
		{"stack-sets-delete-stack", "stack sets cannot remove what they made", Should, stackSets, "cloudformation:DeleteStack", aStack, nil, besideStackSets, pageStackSetOrg},
		{"stack-sets-describe-stack", "stack sets cannot tell how far they are", Should, stackSets, "cloudformation:DescribeStacks", "*", nil, besideStackSets, pageStackSetOrg},
		{"enter-as-accelerator", "the Landing Zone Accelerator cannot enter the account by its role that deploys", Must, "management", "sts:AssumeRole", "arn:{partition}:iam::{account}:" + accelerator, nil, besideAccelerator, pageAccelRole},
		{"accelerator-creates-stack", "the Landing Zone Accelerator cannot set the account up", Must, accelerator, "cloudformation:CreateStack", aStack, nil, besideAccelerator, pageAccelerator},
		{"accelerator-updates-stack", "the Landing Zone Accelerator cannot change what it made", Must, accelerator, "cloudformation:UpdateStack", aStack, nil, besideAccelerator, issueDeployRole},
		{"accelerator-creates-role", "the stacks of the Landing Zone Accelerator cannot make their roles", Must, accelerator, "iam:CreateRole", accelRole, map[string]string{"iam:PermissionsBoundary": ""}, besideAccelerator, issueDeployRole},
		{"accelerator-deletes-stack", "the Landing Zone Accelerator cannot remove what it made", Should, accelerator, "cloudformation:DeleteStack", aStack, nil, besideAccelerator, pageAccelerator},
		{"accelerator-cdk-creates-role", "stacks that the Landing Zone Accelerator deploys by the role of the AWS CDK cannot make their roles", Should, accelCDK, "iam:CreateRole", accelRole, map[string]string{"iam:PermissionsBoundary": ""}, besideAccelerator, pageAccelerator},
		{"own-stack-sets-create-stack", "stack sets with roles of their own cannot deploy", Should, selfStacks, "cloudformation:CreateStack", aStack, nil, "", pageStackSets},
		{"own-stack-sets-see-role", "stack sets with roles of their own cannot see the roles they make", Should, selfStacks, "iam:GetRole", anyRole, nil, "", "https://github.com/aws-samples/aws-secure-environment-accelerator/issues/561"},

		// Service-linked roles, which no policy of an organization reaches.
		{"linked-organizations", "AWS Organizations cannot make the roles of trusted services", Must, linked("organizations.amazonaws.com", "AWSServiceRoleForOrganizations"), "iam:CreateServiceLinkedRole", "arn:{partition}:iam::{account}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO", nil, "", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html"},
		{"linked-sign-in", "IAM Identity Center cannot place its roles, and nobody can be let in", Must, linked("sso.amazonaws.com", "AWSServiceRoleForSSO"), "iam:AttachRolePolicy", "arn:{partition}:iam::{account}:" + signedIn, nil, "", "https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html"},
		{"linked-stack-sets", "stack sets cannot make their role in a new account", Must, linked("member.org.stacksets.cloudformation.amazonaws.com", "AWSServiceRoleForCloudFormationStackSetsOrgMember"), "iam:CreateRole", "arn:{partition}:iam::{account}:" + stackSets, nil, "", pageStackSetOrg},
		{"linked-config", "AWS Config cannot record", Must, linked("config.amazonaws.com", "AWSServiceRoleForConfig"), "ec2:DescribeInstances", "*", nil, "", "https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html"},
		{"linked-trail", "the organization's trail cannot see the organization", Must, linked("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"), "organizations:DescribeOrganization", "*", nil, "", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/using-service-linked-roles.html"},
		{"linked-analyzer", "IAM Access Analyzer cannot read policies", Must, linked("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer"), "s3:GetBucketPolicy", aBucket, nil, "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-using-service-linked-roles.html"},
		{"linked-guardduty", "Amazon GuardDuty cannot look at instances", Must, linked("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty"), "ec2:DescribeInstances", "*", nil, "", "https://docs.aws.amazon.com/guardduty/latest/ug/using-service-linked-roles.html"},
		{"linked-scaling-key", "instances with encrypted volumes do not start", Must, linked("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"), "kms:CreateGrant", aKey, nil, "", "https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html"},
		{"linked-support", "AWS Support cannot look at the account when asked to", Must, linked("support.amazonaws.com", "AWSServiceRoleForSupport"), "ec2:DescribeInstances", "*", nil, "", "https://docs.aws.amazon.com/awssupport/latest/user/using-service-linked-roles-sup.html"},

		// Services that write logs, as themselves.
		{"cloudtrail-finds-bucket", "CloudTrail stops: it cannot see the bucket's access list", Must, "cloudtrail.{suffix}", "s3:GetBucketAcl", aBucket, ofAccount("arn:{partition}:cloudtrail:{region}:{account}:trail/org-trail"), "", pageCloudTrail},
		{"cloudtrail-writes", "CloudTrail stops: nobody can tell afterwards who did what", Must, "cloudtrail.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:cloudtrail:{region}:{account}:trail/org-trail"), "", pageCloudTrail},
		{"cloudtrail-encrypts", "CloudTrail stops: it cannot encrypt", Must, "cloudtrail.{suffix}", "kms:GenerateDataKey", aKey, ofAccount("arn:{partition}:cloudtrail:{region}:{account}:trail/org-trail"), "", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"},
		{"cloudtrail-finds-key", "no trail can be set up with the key", Should, "cloudtrail.{suffix}", "kms:DescribeKey", aKey, ofAccount("arn:{partition}:cloudtrail:{region}:{account}:trail/org-trail"), "", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"},
		{"config-finds-bucket", "AWS Config stops: it cannot see the bucket's access list", Must, "config.{suffix}", "s3:GetBucketAcl", aBucket, ofAccount("arn:{partition}:config:{region}:{account}:configuration-recorder/default"), "", pageConfig},
		{"config-lists-bucket", "AWS Config stops: it cannot tell that the bucket is there", Must, "config.{suffix}", "s3:ListBucket", aBucket, ofAccount("arn:{partition}:config:{region}:{account}:configuration-recorder/default"), "", pageConfig},
		{"config-writes", "AWS Config stops: nothing is recorded", Must, "config.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:config:{region}:{account}:configuration-recorder/default"), "", pageConfig},
		{"config-encrypts", "AWS Config stops: it cannot encrypt", Must, "config.{suffix}", "kms:GenerateDataKey", aKey, ofAccount("arn:{partition}:config:{region}:{account}:configuration-recorder/default"), "", "https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html"},
		{"flow-logs-find-bucket", "flow logs stop: the bucket's access list cannot be read", Should, "delivery.logs.{suffix}", "s3:GetBucketAcl", aBucket, ofAccount("arn:{partition}:logs:{region}:{account}:*"), "", "https://github.com/terraform-aws-modules/terraform-aws-s3-bucket/pull/245"},
		{"flow-logs-write", "flow logs stop", Should, "delivery.logs.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:logs:{region}:{account}:*"), "", "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html"},
		{"balancer-logs-write", "access logs of load balancers stop", Should, "logdelivery.elasticloadbalancing.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/web/0123456789abcdef"), "", "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"},
		{"bucket-logs-write", "access logs of buckets stop", Should, "logging.s3.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:s3:::data-{account}"), "", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"},
		{"findings-write", "findings of Amazon GuardDuty are no longer kept", Should, "guardduty.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:guardduty:{region}:{account}:detector/0123456789abcdef0123456789abcdef"), "", "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html"},
		{"inventory-writes", "inventories of buckets stop", Should, "s3.{suffix}", "s3:PutObject", anObject, ofAccount("arn:{partition}:s3:::data-{account}"), "", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html"},

		// Services that use keys and queues, as themselves.
		{"logs-encrypt", "encrypted log groups take no more", Must, "logs.{region}.{suffix}", "kms:GenerateDataKey", aKey, nil, "", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"},
		{"logs-decrypt", "encrypted log groups cannot be read", Should, "logs.{region}.{suffix}", "kms:Decrypt", aKey, nil, "", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"},
		{"events-encrypt", "events do not reach encrypted topics and queues", Should, "events.{suffix}", "kms:GenerateDataKey", aKey, ofAccount("arn:{partition}:events:{region}:{account}:rule/alarm"), "", "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"},
		{"alarms-encrypt", "alarms do not reach encrypted topics", Should, "cloudwatch.{suffix}", "kms:GenerateDataKey", aKey, ofAccount("arn:{partition}:cloudwatch:{region}:{account}:alarm:root-used"), "", "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"},
		{"topics-decrypt", "messages do not reach encrypted queues", Should, "sns.{suffix}", "kms:Decrypt", aKey, ofAccount("arn:{partition}:sns:{region}:{account}:alarms"), "", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"},
		{"topics-send", "messages of topics do not reach queues", Should, "sns.{suffix}", "sqs:SendMessage", aQueue, ofAccount("arn:{partition}:sns:{region}:{account}:alarms"), "", "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"},
		{"buckets-send", "events of buckets do not reach queues", Should, "s3.{suffix}", "sqs:SendMessage", aQueue, ofAccount("arn:{partition}:s3:::data-{account}"), "", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"},
		{"events-send", "events do not reach queues", Should, "events.{suffix}", "sqs:SendMessage", aQueue, ofAccount("arn:{partition}:events:{region}:{account}:rule/alarm"), "", "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"},

		// Services that take up a role, as themselves.
		{"instances-take-role", "instances have no credentials", Must, "ec2.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html"},
		{"functions-take-role", "functions do not run", Must, "lambda.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"},
		{"tasks-take-role", "containers do not start", Must, "ecs-tasks.{suffix}", "sts:AssumeRole", anyRole, ofAccount("arn:{partition}:ecs:{region}:{account}:task/web/0123456789abcdef0123456789abcdef"), "", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"},
		{"pods-take-role", "pods have no credentials", Should, "pods.eks.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"},
		{"pods-tag-session", "pods have no credentials: their session cannot be tagged", Should, "pods.eks.{suffix}", "sts:TagSession", anyRole, nil, "", "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"},
		{"stacks-take-role", "CloudFormation cannot deploy with a role", Should, "cloudformation.{suffix}", "sts:AssumeRole", anyRole, nil, "", pageService},
		{"builds-take-role", "builds do not run", Should, "codebuild.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"},
		{"backups-take-role", "backups stop", Must, "backup.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html"},
		{"config-takes-role", "AWS Config stops: it cannot take up its role", Should, "config.{suffix}", "sts:AssumeRole", anyRole, nil, "", "https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html"},
		{"servers-take-role", "servers outside of AWS have no credentials", Should, "rolesanywhere.{suffix}", "sts:AssumeRole", anyRole, ofAccount("arn:{partition}:rolesanywhere:{region}:{account}:trust-anchor/11111111-2222-3333-4444-555555555555"), "", "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"},
		{"servers-name-source", "servers outside of AWS have no credentials: their source identity cannot be set", Should, "rolesanywhere.{suffix}", "sts:SetSourceIdentity", anyRole, ofAccount("arn:{partition}:rolesanywhere:{region}:{account}:trust-anchor/11111111-2222-3333-4444-555555555555"), "", "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"},

		// People, by an identity provider.
		{"saml-sign-in", "nobody signs in by IAM Identity Center", Must, "arn:{partition}:iam::{account}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE", "sts:AssumeRoleWithSAML", "arn:{partition}:iam::{account}:" + signedIn, nil, "", "https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html"},
		{"saml-tags-session", "nobody signs in whose provider sends attributes", Should, "arn:{partition}:iam::{account}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE", "sts:TagSession", "arn:{partition}:iam::{account}:" + signedIn, nil, "", "https://docs.aws.amazon.com/singlesignon/latest/userguide/abac.html"},
		{"signed-in-calls", "whoever signs in can do nothing", Should, signedIn, "iam:ListRoles", "*", nil, "", "https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html"},
		{"signed-in-command-line", "the command line cannot sign in", Should, signedIn, "signin:AuthorizeOAuth2Access", "*", nil, "", "https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html"},
		{"signed-in-regions", "the console cannot list regions", Should, signedIn, "ec2:DescribeRegions", "*", nil, "", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html"},
		{"signed-in-buckets", "the console cannot list buckets", Should, signedIn, "s3:ListAllMyBuckets", "*", map[string]string{"aws:RequestedRegion": "{global}"}, "", "https://github.com/aws-samples/aws-secure-environment-accelerator/pull/801"},
		{"signed-in-case", "nobody can ask AWS for help", Should, signedIn, "support:CreateCase", "*", nil, "", "https://docs.aws.amazon.com/awssupport/latest/user/case-management.html"},
		{"signed-in-health", "nobody sees that the fault is AWS's", Should, signedIn, "health:DescribeEvents", "*", nil, "", "https://docs.aws.amazon.com/health/latest/ug/what-is-aws-health.html"},
		{"signed-in-bill", "nobody sees what the account costs", Should, signedIn, "ce:GetCostAndUsage", "*", nil, "", pageBilling},
		{"signed-in-billing", "nobody sees the account's bills", Should, signedIn, "billing:GetBillingViewData", "*", nil, "", pageBilling},
		{"signed-in-contact", "nobody can say whom AWS is to warn", Should, signedIn, "account:PutAlternateContact", "*", nil, "", "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html"},

		// Root sessions from the management account.
		{"root-session-unlocks-bucket", "a bucket that denies everybody stays locked", Must, "root", "s3:DeleteBucketPolicy", aBucket, map[string]string{"aws:AssumedRoot": "true"}, "root:RootSessions", pageRoot},
		{"root-session-unlocks-queue", "a queue that denies everybody stays locked", Must, "root", "sqs:SetQueueAttributes", aQueue, map[string]string{"aws:AssumedRoot": "true"}, "root:RootSessions", pageRoot},
		{"root-session-removes-password", "a root user's password cannot be removed", Should, "root", "iam:DeleteLoginProfile", "arn:{partition}:iam::{account}:root", map[string]string{"aws:AssumedRoot": "true"}, "root:RootCredentialsManagement", pageRoot},
	}
}
