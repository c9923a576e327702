package eval_test

import (
	"fmt"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A service control policy keeps everybody but break-glass roles from stopping
// trails. Policies are compiled once, and then asked.
func Example() {
	document := func(text string) eval.Document {
		p, problems := policy.Parse("policy.json", []byte(text))
		if problems.HasErrors() {
			panic(problems[0].Summary)
		}
		return eval.Document{Policy: p}
	}
	everything := document(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`)
	trails := document(`{"Version": "2012-10-17", "Statement": [{
		"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*",
		"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/break-glass/*"}}}]}`)
	set, err := eval.Compile(
		eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "111111111111", Accounts: []string{"222222222222"}},
		eval.Policies{
			SCP:      []eval.Level{{ID: "root", Policies: []eval.Document{everything, trails}}},
			Identity: []eval.Document{everything},
		})
	if err != nil {
		panic(err)
	}
	request := eval.Request{
		Principal: "arn:aws:iam::222222222222:role/Admin", Action: "cloudtrail:StopLogging",
		Resource: "arn:aws:cloudtrail:eu-central-1:222222222222:trail/org-trail",
		Context:  map[string][]string{"aws:PrincipalArn": {"arn:aws:iam::222222222222:role/Admin"}},
	}
	result := set.Authorize(&request)
	fmt.Println(result.Decision, result.BlockedBy)

	request.Unknown = []string{"aws:PrincipalArn"} // who asks is not known
	result = set.Authorize(&request)
	fmt.Println(result.Decision, result.DependsOn)
	// Output:
	// ExplicitlyDenied [scp]
	// Depends [aws:PrincipalArn]
}
