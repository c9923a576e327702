package awsdata

import "strings"

// A Newer is something that AWS documents and the Service Authorization
// Reference, as it was read, does not know: an action, or that an action
// carries a condition key.
type Newer struct {
	Action string // s3:PutBucketAcl
	Key    string // condition key that the action carries; "" when the action itself is new
	Page   string // AWS's page that says so
	Read   string // the day it was read
}

// NewerThanTheReference are the actions and condition keys that
// [ServiceAuthorization] lacks. A test fails for an entry that it knows by now.
var NewerThanTheReference = Datum[[]Newer]{
	Value: []Newer{
		// The reference has the two keys in its table of keys, and at no action.
		{"states:InvokeHTTPEndpoint", "states:HTTPEndpoint", "https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html", "2026-11-22"},
		{"states:InvokeHTTPEndpoint", "states:HTTPMethod", "https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html", "2026-11-22"},
	},
	Source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
	Read:   "2026-11-22",
}

// NewerAction reports whether an action is one that the reference lacks.
func NewerAction(name string) bool {
	for _, n := range NewerThanTheReference.Value {
		if n.Key == "" && strings.EqualFold(n.Action, name) {
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
