package awsdata

// EventSources are the services whose name in CloudTrail's eventSource is not
// the prefix of their actions: prefixes by the eventSource's first label.
var EventSources = Datum[map[string]string]{
	Value: map[string]string{
		"email":             "ses",
		"monitoring":        "cloudwatch",
		"tagging":           "tag",
		"entitlement":       "aws-marketplace",
		"metering":          "aws-marketplace",
		"models-v2-lex":     "lex",
		"runtime-v2-lex":    "lex",
		"streams.dynamodb":  "dynamodb",
		"data-cloudtrail":   "cloudtrail-data",
		"resource-explorer": "resource-explorer-2",
	},
	Source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
	Read:   "2026-11-22",
}

// EventActions are the calls that are authorized by an action of another name:
// actions by service prefix and eventName. "" is a call that needs no
// permission. What is not here has the action of its own name.
var EventActions = Datum[map[string]string]{
	Value: map[string]string{
		"dynamodb:BatchExecuteStatement": "dynamodb:PartiQLSelect",
		"dynamodb:DescribeEndpoints":     "",
		"dynamodb:ExecuteStatement":      "dynamodb:PartiQLSelect",
		"dynamodb:ExecuteTransaction":    "dynamodb:PartiQLSelect",
		"dynamodb:TransactGetItems":      "dynamodb:GetItem",
		"dynamodb:TransactWriteItems":    "dynamodb:PutItem",
		"lambda:Invoke":                  "lambda:InvokeFunction",
		"s3:CompleteMultipartUpload":     "s3:PutObject",
		"s3:CopyObject":                  "s3:PutObject",
		"s3:CreateMultipartUpload":       "s3:PutObject",
		"s3:DeleteBucketAnalytics":       "s3:PutAnalyticsConfiguration",
		"s3:DeleteBucketCors":            "s3:PutBucketCORS",
		"s3:DeleteBucketEncryption":      "s3:PutEncryptionConfiguration",
		"s3:DeleteBucketInventory":       "s3:PutInventoryConfiguration",
		"s3:DeleteBucketLifecycle":       "s3:PutLifecycleConfiguration",
		"s3:DeleteBucketMetrics":         "s3:PutMetricsConfiguration",
		"s3:DeleteBucketReplication":     "s3:PutReplicationConfiguration",
		"s3:DeleteBucketTagging":         "s3:PutBucketTagging",
		"s3:DeleteObjects":               "s3:DeleteObject",
		"s3:DeletePublicAccessBlock":     "s3:PutBucketPublicAccessBlock",
		"s3:GetBucketEncryption":         "s3:GetEncryptionConfiguration",
		"s3:GetBucketLifecycle":          "s3:GetLifecycleConfiguration",
		"s3:GetBucketReplication":        "s3:GetReplicationConfiguration",
		"s3:HeadBucket":                  "s3:ListBucket",
		"s3:HeadObject":                  "s3:GetObject",
		"s3:ListBuckets":                 "s3:ListAllMyBuckets",
		"s3:ListMultipartUploads":        "s3:ListBucketMultipartUploads",
		"s3:ListObjects":                 "s3:ListBucket",
		"s3:ListObjectVersions":          "s3:ListBucketVersions",
		"s3:ListObjectsV2":               "s3:ListBucket",
		"s3:ListParts":                   "s3:ListMultipartUploadParts",
		"s3:PutBucketCors":               "s3:PutBucketCORS",
		"s3:PutBucketEncryption":         "s3:PutEncryptionConfiguration",
		"s3:PutBucketLifecycle":          "s3:PutLifecycleConfiguration",
		"s3:PutBucketReplication":        "s3:PutReplicationConfiguration",
		"s3:PutPublicAccessBlock":        "s3:PutBucketPublicAccessBlock",
		"s3:UploadPart":                  "s3:PutObject",
		"s3:UploadPartCopy":              "s3:PutObject",
		"sts:GetCallerIdentity":          "",
		"sts:GetSessionToken":            "",
	},
	Source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
	Read:   "2026-11-22",
}
