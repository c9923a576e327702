package observed

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The shapes of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html,
// and what services, the CLI and people's clipboards make of them.
func TestMessages(t *testing.T) {
	const user, session = "arn:aws:iam::777788889999:user/JohnDoe", "arn:aws:sts::777788889999:assumed-role/Admin/alice"
	for _, m := range []struct {
		text, principal, action, resource string
		denial                            Denial
	}{
		{"User: " + user + " is not authorized to perform: codecommit:ListRepositories because no service control policy allows the codecommit:ListRepositories action",
			user, "codecommit:ListRepositories", "", Denial{"scp", false, "because no service control policy"}},
		{"User: " + user + " is not authorized to perform: codecommit:ListRepositories with an explicit deny in a service control policy",
			user, "codecommit:ListRepositories", "", Denial{"scp", true, "with an explicit deny in a service control policy"}},
		{"User: " + user + " is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:777788889999:secret:* with an explicit deny in a resource control policy",
			user, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:777788889999:secret:*", Denial{"rcp", true, "with an explicit deny in a resource control policy"}},
		{"User: " + user + " is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/a key\" with an explicit deny in a resource-based policy",
			user, "s3:GetObject", "arn:aws:s3:::b/a key", Denial{"resource", true, "with an explicit deny in a resource-based policy"}},
		{"User: arn:aws:iam::123456789012:user/MaryMajor is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b because no VPC endpoint policy allows the s3:GetObject action",
			"arn:aws:iam::123456789012:user/MaryMajor", "s3:GetObject", "arn:aws:s3:::b", Denial{"vpce", false, "because no VPC endpoint policy"}},
		{"User: " + user + " is not authorized to perform: sts:AssumeRole because no role trust policy allows the sts:AssumeRole action",
			user, "sts:AssumeRole", "", Denial{"resource", false, "because no role trust policy"}},
		{"User: " + user + " is not authorized to perform: codedeploy:ListDeployments on resource: arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* because no permissions boundary allows the codedeploy:ListDeployments action",
			user, "codedeploy:ListDeployments", "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*", Denial{"boundary", false, "because no permissions boundary"}},
		{"User: " + user + " is not authorized to perform: sso:ListX with an explicit deny in a permissions boundary",
			user, "sso:ListX", "", Denial{"boundary", true, "with an explicit deny in a permissions boundary"}},
		{"User: " + user + " is not authorized to perform: codedeploy:ListDeployments because no session policy allows the codedeploy:ListDeployments action",
			user, "codedeploy:ListDeployments", "", Denial{"session", false, "because no session policy"}},
		{"User: " + user + " is not authorized to perform: codedeploy:ListDeployments with an explicit deny in an identity-based policy: arn:aws:iam::777788889999:policy/p",
			user, "codedeploy:ListDeployments", "", Denial{"identity", true, "with an explicit deny in an identity-based policy"}},
		{"\nAn error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. User:\n  " + session +
			" is not\nauthorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-central-1:777788889999:instance/* with an explicit deny in a service control policy. Encoded authorization failure message: AbC-_9",
			session, "ec2:RunInstances", "arn:aws:ec2:eu-central-1:777788889999:instance/*", Denial{"scp", true, "with an explicit deny in a service control policy"}},
		{"User: " + session + " is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::777788889999:user/x.",
			session, "iam:CreateUser", "arn:aws:iam::777788889999:user/x", Denial{}},
		{"User: anonymous is not authorized to perform: es:ESHttpGet because no resource-based policy allows the es:ESHttpGet action",
			"", "es:ESHttpGet", "", Denial{"resource", false, "because no resource-based policy"}},
		{`{"message":"User: ` + user + ` is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9999:x/y"}`,
			user, "execute-api:Invoke", "arn:aws:execute-api:us-east-1:********9999:x/y", Denial{}},
	} {
		r, err := Read([]byte(m.text))
		if err != nil {
			t.Errorf("%s: %v", m.text, err)
			continue
		}
		if r.Principal != m.principal || r.Action != m.action || r.Resource != m.resource || r.Denial != m.denial {
			t.Errorf("%s\n got %+v", m.text, r)
		}
		if (r.Resource == "") != strings.Contains(strings.Join(r.Notes, " "), "does not name the resource") {
			t.Errorf("%s: notes %q", m.text, r.Notes)
		}
	}
}

func TestSessionsHaveTheArnOfTheirRole(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:sts::777788889999:assumed-role/Admin/alice":                              "arn:aws:iam::777788889999:role/Admin",
		"arn:aws-cn:sts::777788889999:assumed-role/Admin/a/b":                             "arn:aws-cn:iam::777788889999:role/Admin",
		"arn:aws:sts::777788889999:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/al": "arn:aws:iam::777788889999:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
		"arn:aws:sts::777788889999:federated-user/bob":                                    "arn:aws:sts::777788889999:federated-user/bob",
		"arn:aws:iam::777788889999:root":                                                  "arn:aws:iam::777788889999:root",
	} {
		r := &Request{Context: map[string][]string{}}
		r.session(arn)
		if r.PrincipalArn != want || r.Account != "777788889999" {
			t.Errorf("%s: %+v", arn, r)
		}
		if strings.Contains(arn, "assumed-role") != (len(r.Notes) == 1) {
			t.Errorf("%s: notes %q", arn, r.Notes)
		}
	}
}

// Each event of testdata has what is read of it beside it.
func TestEvents(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) < 5 {
		t.Fatalf("%d events", len(files))
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var both struct {
			Event json.RawMessage
			Want  *Request
			Error string
		}
		if err := json.Unmarshal(text, &both); err != nil {
			t.Fatal(f, err)
		}
		got, err := Read(both.Event)
		if both.Error != "" {
			if err == nil || err.Error() != both.Error {
				t.Errorf("%s: %v", f, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if !reflect.DeepEqual(got, both.Want) {
			out, _ := json.MarshalIndent(got, "", "  ")
			t.Errorf("%s:\n%s", f, out)
		}
	}
}

// The action is not always the name of the call.
func TestActions(t *testing.T) {
	for call, want := range map[string]string{
		"monitoring.amazonaws.com PutMetricAlarm": "cloudwatch:PutMetricAlarm", "s3.amazonaws.com ListObjectsV2": "s3:ListBucket", "ec2.amazonaws.com RunInstances": "ec2:RunInstances",
		"lambda.amazonaws.com CreateFunction20150331": "lambda:CreateFunction", "lambda.amazonaws.com Invoke": "lambda:InvokeFunction", "s3.amazonaws.com.cn GetObject": "s3:GetObject",
		"athena.amazonaws.com Get20200101": "athena:Get20200101",
	} {
		source, name, _ := strings.Cut(call, " ")
		if got, err := (&record{EventSource: source, EventName: name}).action(); got != want || err != nil {
			t.Errorf("%s: %s %v", call, got, err)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "there is nothing to read",
		"access denied":       `the text is no AccessDenied message ("User: … is not authorized to perform: …") and no CloudTrail event`,
		"{":                   "the text is not JSON: mistake at byte 1",
		"[]":                  "there are 0 events, and one is explained at a time",
		`{"Records":[{},{}]}`: "there are 2 events, and one is explained at a time",
		`{"Records":[7]}`:     "the event is no JSON object",
		`{}`:                  "the JSON is no CloudTrail event: it has no eventSource and eventName",
		`{"eventName":7}`:     "the text is no CloudTrail event: at byte 14 there is a number where CloudTrail never writes one",
		`{"detail":{"detail":{"detail":{"detail":{"detail":{"detail":{}}}}}}}`:                                                                 "the event is wrapped too often",
		`{"eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity"}`:                                                                  "sts:GetCallerIdentity needs no permission",
		`{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn"}`:                                     "an event of the type AwsConsoleSignIn is no call that was authorized",
		`{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}`:                                                                           "the event has no userIdentity, and does not say who asked",
		`{"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"type":"AWSAccount","accountId":"1","principalId":"AIDA"}}`: `the event does not say who asked: its userIdentity is of the type "AWSAccount", without an ARN`,
	} {
		if r, err := Read([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %+v %v", text, r, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b because no x policy"))
	f.Add([]byte(`{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"arn":"arn:aws:iam::777788889999:user/x"}}]}`))
	f.Add([]byte(`{"DecodedMessage":"{\"allowed\":false,\"context\":{\"action\":\"s3:GetObject\"}}"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(text)
		if (r == nil) == (err == nil) {
			t.Fatal(r, err)
		}
		if r != nil && !strings.Contains(r.Action, ":") {
			t.Errorf("the action %q", r.Action)
		}
	})
}
