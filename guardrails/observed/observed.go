// Package observed reads requests that AWS has seen: AccessDenied messages,
// decoded authorization messages and CloudTrail events. It turns each into a
// [Request] with what the text says of it, and notes what it does not say;
// nothing is guessed, and nothing is asked of AWS.
//
// guardrails/trial puts such a request to a plan.
package observed

import (
	"bytes"
	"errors"
	"strings"
)

// A Request is what is known of a request that AWS has seen.
type Request struct {
	Principal    string // ARN, service ("ec2.amazonaws.com"), or "" for an anonymous caller
	PrincipalArn string // what aws:PrincipalArn was; "" where that is not known
	Account      string // id of the account that asked; "" where that is not known
	Owner        string // id of the resource's account; "" where that is not known
	Action       string
	Resource     string              // ARN; "" where that is not known
	Context      map[string][]string // condition keys that are known
	Complete     bool                // the context is all that the request had
	Denial       Denial
	Notes        []string // what the text leaves open, a sentence each
}

// A Denial is what AWS says of why it denied.
type Denial struct {
	Layer    string // "scp", "rcp", "identity", "resource", "boundary", "session", "vpce"; "" where AWS does not say
	Explicit bool   // a statement denies; otherwise none allows
	Text     string // AWS's own words; "" for none
}

// Read reads an AccessDenied message, a decoded authorization message or a
// CloudTrail event, as it is printed or pasted: a message may stand anywhere
// in the text and be broken into lines; an event may be in a list of one
// ("Records", or "Events" of lookup-events), or the detail of an EventBridge
// event. The error says what is missing.
func Read(text []byte) (*Request, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	switch {
	case len(text) == 0:
		return nil, errors.New("there is nothing to read")
	case text[0] == '{' || text[0] == '[':
		return readJSON(text, 0)
	}
	r, ok := message(string(text))
	if !ok {
		return nil, errors.New(`the text is no AccessDenied message ("User: … is not authorized to perform: …") and no CloudTrail event`)
	}
	return r, nil
}

// set notes the value of a condition key, where there is one.
func (r *Request) set(key, value string) {
	if value != "" {
		r.Context[key] = []string{value}
	}
}

func (r *Request) note(s string) { r.Notes = append(r.Notes, s) }

// accountIn is the account id in an ARN; "" where there is none.
func accountIn(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || len(parts[4]) != 12 || strings.Trim(parts[4], "0123456789") != "" {
		return ""
	}
	return parts[4]
}

// session notes what follows from the ARN of who asked. The ARN of a role's
// session does not say the path of the role.
func (r *Request) session(arn string) {
	r.Principal = arn
	r.Account = accountIn(arn)
	r.set("aws:PrincipalAccount", r.Account)
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	if kind != "assumed-role" {
		r.PrincipalArn = arn
		return
	}
	role, _, _ := strings.Cut(name, "/")
	r.PrincipalArn = parts[0] + ":" + parts[1] + ":iam::" + r.Account + ":role/" + role
	if strings.HasPrefix(role, "AWSReservedSSO_") {
		r.PrincipalArn = parts[0] + ":" + parts[1] + ":iam::" + r.Account + ":role/aws-reserved/sso.amazonaws.com/" + role
		r.note("the role is taken to be of the Identity Center instance in us-east-1: in another Region its path has the Region")
		return
	}
	r.note("the session does not say the path of its role; a role of the file is known by its name, any other is taken to have none")
}
