package awsdata

import "testing"

func TestMatchARN(t *testing.T) {
	bucket, object := "arn:${Partition}:s3:::${BucketName}", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
	function, alias := "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Alias}"
	for _, tt := range []struct {
		form, arn string
		ok        bool
	}{
		{bucket, "arn:aws:s3:::logs", true},
		{bucket, "arn:aws:s3:::", false},
		{bucket, "arn:aws:s3:eu-central-1::logs", false},
		{bucket, "arn:aws:s3::222222222222:logs", false},
		{bucket, "arn:aws:sqs:::logs", false},
		{bucket, "arn:amazon:s3:::logs", false},
		{bucket, "logs", false},
		{object, "arn:aws:s3:::logs/2026/11/1.gz", true},
		{object, "arn:aws:s3:::logs", false},
		{object, "arn:aws:s3:::logs/", false},
		{function, "arn:aws:lambda:eu-central-1:222222222222:function:app", true},
		{function, "arn:aws:lambda:eu-middle-1:222222222222:function:app", false},
		{function, "arn:aws:lambda:us-gov-west-1:222222222222:function:app", false},
		{function, "arn:aws-us-gov:lambda:us-gov-west-1:222222222222:function:app", true},
		{function, "arn:aws:lambda::222222222222:function:app", false},
		{function, "arn:aws:lambda:eu-central-1:22222222222:function:app", false},
		{function, "arn:aws:lambda:eu-central-1::function:app", false},
		{alias, "arn:aws:lambda:eu-central-1:222222222222:function:app:live", true},
		{alias, "arn:aws:lambda:eu-central-1:222222222222:function:app", false},
		{"arn:${Partition}:artifact:::agreement/*", "arn:aws:artifact:::agreement/a", true},
		{"arn:${Partition}:${Vendor}:${Region}:*:${ResourceType}:${RecoveryPointId}", "arn:aws:rds:eu-central-1:222222222222:snapshot:awsbackup:job-1", true},
		{"arn:${Partition}:${Vendor}:${Region}:*:${ResourceType}:${RecoveryPointId}", "arn:aws:ec2:eu-central-1::snapshot/snap-1", false},
		{"arn:${Partition}:organizations::${ManagementAccountId}:account/o-${OrganizationId}/${AccountId}", "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/222222222222", true},
	} {
		if _, ok := MatchARN(tt.form, tt.arn); ok != tt.ok {
			t.Errorf("%s has the form %s: %v", tt.arn, tt.form, ok)
		}
	}
	for less, more := range map[string]string{bucket: object, function: alias} {
		x, _ := MatchARN(less, "arn:aws:s3:::logs/1")
		y, _ := MatchARN(more, "arn:aws:s3:::logs/1")
		if less == function {
			x, _ = MatchARN(less, "arn:aws:lambda:eu-central-1:222222222222:function:app:live")
			y, _ = MatchARN(more, "arn:aws:lambda:eu-central-1:222222222222:function:app:live")
		}
		if x >= y {
			t.Errorf("%s says %d, and %s %d", less, x, more, y)
		}
	}
}
