package awsdata

import "strings"

// A Newer is something that AWS documents and the Service Authorization
// Reference, as it was read, does not know: an action, or that an action
// carries a condition key or takes a resource.
type Newer struct {
	Action   string // s3:PutBucketAcl
	Key      string // condition key that the action carries
	Resource string // form of the ARNs that the action takes; with neither, the action itself is new
	Page     string // AWS's page that says so
	Read     string // the day it was read
}

// NewerThanTheReference are the actions, condition keys and resources that
// [ServiceAuthorization] lacks. A test fails for an entry that it knows by now.
var NewerThanTheReference = Datum[[]Newer]{
	Value: []Newer{
		// The reference has the two keys in its table of keys, and at no action.
		{Action: "states:InvokeHTTPEndpoint", Key: "states:HTTPEndpoint", Page: "https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html", Read: "2026-11-22"},
		{Action: "states:InvokeHTTPEndpoint", Key: "states:HTTPMethod", Page: "https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html", Read: "2026-11-22"},
		{Action: "states:InvokeHTTPEndpoint", Resource: "arn:${Partition}:states:${Region}:${Account}:stateMachine:${StateMachineName}", Page: "https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html", Read: "2026-11-29"},

		// A recovery point of Amazon EBS is the snapshot, of which the reference's form for all vendors has no part.
		{Action: "backup:DeleteRecoveryPoint", Resource: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Page: "https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html", Read: "2026-11-29"},
		{Action: "backup:StartRestoreJob", Resource: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Page: "https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html", Read: "2026-11-29"},

		// A model that a global inference profile calls has no region.
		{Action: "bedrock:InvokeModel", Resource: "arn:${Partition}:bedrock:::foundation-model/${ResourceId}", Page: "https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html", Read: "2026-11-29"},

		// Documents and automations of Amazon have no account.
		{Action: "ssm:StartAutomationExecution", Resource: "arn:${Partition}:ssm:${Region}::automation-definition/${AutomationDefinitionName}:${VersionId}", Page: "https://docs.aws.amazon.com/systems-manager/latest/userguide/security_iam_service-with-iam.html", Read: "2026-11-29"},
		{Action: "ssm:StartAutomationExecution", Resource: "arn:${Partition}:ssm:${Region}::document/${DocumentName}", Page: "https://docs.aws.amazon.com/systems-manager/latest/userguide/security_iam_service-with-iam.html", Read: "2026-11-29"},
	},
	Source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
	Read:   "2026-11-22",
}

// NewerAction reports whether an action is one that the reference lacks.
func NewerAction(name string) bool {
	for _, n := range NewerThanTheReference.Value {
		if n.Key == "" && n.Resource == "" && strings.EqualFold(n.Action, name) {
			return true
		}
	}
	return false
}

// NewerKey reports whether an action carries a condition key that the reference
// does not say it carries.
func NewerKey(action, key string) bool {
	for _, n := range NewerThanTheReference.Value {
		if n.Key != "" && strings.EqualFold(n.Action, action) && isKey(n.Key, key) {
			return true
		}
	}
	return false
}

// NewerResource reports whether an action takes a resource that the reference
// does not say it takes.
func NewerResource(action, arn string) bool {
	for _, n := range NewerThanTheReference.Value {
		if n.Resource != "" && strings.EqualFold(n.Action, action) {
			if _, ok := MatchARN(n.Resource, arn); ok {
				return true
			}
		}
	}
	return false
}
