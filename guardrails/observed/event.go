package observed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// An envelope is what events come in, and what they are.
type envelope struct {
	Records         []json.RawMessage
	Events          []json.RawMessage
	CloudTrailEvent string
	Detail          json.RawMessage `json:"detail"`
	DecodedMessage  string
	Message         string `json:"message"`
	record
}

// A record is a CloudTrail event, as far as it tells of a request.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	EventTime       string
	EventSource     string
	EventName       string
	EventType       string
	AWSRegion       string
	SourceIPAddress string
	UserAgent       string
	ErrorCode       string
	ErrorMessage    string
	VPCEndpointID   string
	TLSDetails      *struct{ TLSVersion string }
	Resources       []struct{ ARN, AccountID string }
	UserIdentity    *identity
	RecipientID     string `json:"recipientAccountId"`
}

// An identity is CloudTrail's userIdentity.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type identity struct {
	Type           string
	ARN            string
	AccountID      string
	PrincipalID    string
	UserName       string
	InvokedBy      string
	SessionContext struct {
		SessionIssuer  struct{ ARN, AccountID string }
		Attributes     struct{ CreationDate, MFAAuthenticated word }
		SourceIdentity string
		AssumedRoot    word
	}
}

// A word is a string, or a boolean that is meant as one.
type word string

// UnmarshalJSON implements [json.Unmarshaler].
func (w *word) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '"' {
		*w = word(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(w))
}

// maxEnvelopes bounds events within events.
const maxEnvelopes = 4

func readJSON(text []byte, depth int) (*Request, error) {
	if depth > maxEnvelopes {
		return nil, errors.New("the event is wrapped too often")
	}
	if text[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, syntax(err)
		}
		return one(list, depth)
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, syntax(err)
	}
	inner := func(text []byte) (*Request, error) {
		if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
			return nil, errors.New("the event is no JSON object")
		}
		return readJSON(text, depth+1)
	}
	switch {
	case e.Records != nil:
		return one(e.Records, depth)
	case e.Events != nil:
		return one(e.Events, depth)
	case e.CloudTrailEvent != "":
		return inner([]byte(e.CloudTrailEvent))
	case e.DecodedMessage != "":
		return decoded([]byte(e.DecodedMessage))
	case e.EventSource == "" && len(e.Detail) > 0:
		return inner(e.Detail)
	case e.EventName != "" && e.EventSource != "":
		return e.request()
	}
	if r, err := decoded(text); err == nil {
		return r, nil
	}
	for _, m := range []string{e.ErrorMessage, e.Message} {
		if r, ok := message(m); ok {
			return r, nil
		}
	}
	return nil, errors.New("the JSON is no CloudTrail event: it has no eventSource and eventName")
}

func one(list []json.RawMessage, depth int) (*Request, error) {
	if len(list) != 1 {
		return nil, fmt.Errorf("there are %d events, and one is explained at a time", len(list))
	}
	text := bytes.TrimSpace(list[0])
	if len(text) == 0 || text[0] != '{' {
		return nil, errors.New("the event is no JSON object")
	}
	return readJSON(text, depth+1)
}

func syntax(err error) error {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Errorf("the text is not JSON: mistake at byte %d", s.Offset)
	}
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Errorf("the text is no CloudTrail event: at byte %d there is a %s where CloudTrail never writes one", t.Offset, t.Value)
	}
	return errors.New("the text is not JSON")
}

// dated is the API version behind the names of AWS Lambda's calls.
var dated = regexp.MustCompile(`^(.*?)20[0-9]{6}(v[0-9]+)?$`)

// action is the IAM action of the call.
func (e *record) action() (string, error) {
	source := strings.TrimSuffix(strings.TrimSuffix(e.EventSource, ".cn"), ".amazonaws.com")
	if s, ok := awsdata.EventSources.Value[source]; ok {
		source = s
	}
	name := e.EventName
	if m := dated.FindStringSubmatch(name); m != nil && source == "lambda" {
		name = m[1]
	}
	action, ok := awsdata.EventActions.Value[source+":"+name]
	switch {
	case !ok:
		return source + ":" + name, nil
	case action == "":
		return "", fmt.Errorf("%s:%s needs no permission", source, name)
	}
	return action, nil
}

// request reads the request of an event.
func (e *record) request() (*Request, error) {
	if e.EventType != "" && e.EventType != "AwsApiCall" {
		return nil, fmt.Errorf("an event of the type %s is no call that was authorized", e.EventType)
	}
	action, err := e.action()
	if err != nil {
		return nil, err
	}
	r := &Request{Action: action, Context: map[string][]string{}}
	if err := e.who(r); err != nil {
		return nil, err
	}
	e.resource(r)
	if m, ok := message(e.ErrorMessage); ok {
		r.Action, r.Denial = m.Action, m.Denial // the action that was asked for, whatever the call is named
		if m.Resource != "" {
			r.Resource, r.Owner = m.Resource, m.Owner
		}
	} else if e.ErrorMessage != "" {
		r.Denial.Text = e.ErrorMessage
	}
	if r.Resource == "" {
		r.note("the event does not name the resource")
	}
	r.set("aws:RequestedRegion", e.AWSRegion)
	r.set("aws:CurrentTime", e.EventTime)
	r.set("aws:UserAgent", e.UserAgent)
	r.set("aws:SourceVpce", e.VPCEndpointID)
	if ip, err := netip.ParseAddr(e.SourceIPAddress); err == nil && e.VPCEndpointID == "" {
		r.set("aws:SourceIp", ip.String())
	}
	if e.TLSDetails != nil {
		r.set("aws:SecureTransport", "true")
		r.set("aws:TlsVersion", strings.TrimPrefix(e.TLSDetails.TLSVersion, "TLSv"))
	}
	return r, nil
}

// resource is the one that the event names: the longest, where the others are
// what it is in, as a bucket is to an object.
func (e *record) resource(r *Request) {
	for _, res := range e.Resources {
		if len(res.ARN) > len(r.Resource) {
			r.Resource = res.ARN
		}
	}
	for _, res := range e.Resources {
		if res.ARN != r.Resource && !strings.HasPrefix(r.Resource, res.ARN+"/") && res.ARN != "" {
			r.Resource = ""
			return
		}
		if res.AccountID != "" {
			r.Owner = res.AccountID
		}
	}
}

// who reads who asked.
func (e *record) who(r *Request) error {
	u := e.UserIdentity
	switch {
	case u == nil:
		return errors.New("the event has no userIdentity, and does not say who asked")
	case u.Type == "AWSService":
		r.Principal = u.InvokedBy
		r.set("aws:PrincipalIsAWSService", "true")
		if u.InvokedBy == "" {
			return errors.New("the event does not say which service asked")
		}
		return nil
	case u.ARN == "" && u.AccountID == "anonymous":
		return nil
	case accountIn(u.ARN) == "":
		return fmt.Errorf("the event does not say who asked: its userIdentity is of the type %q, without an ARN", u.Type)
	}
	r.session(u.ARN)
	if issuer := u.SessionContext.SessionIssuer.ARN; issuer != "" {
		r.PrincipalArn, r.Notes = issuer, nil // with its path
	}
	r.set("aws:userid", u.PrincipalID)
	if u.Type == "IAMUser" {
		r.set("aws:username", u.UserName)
	}
	r.set("aws:MultiFactorAuthPresent", string(u.SessionContext.Attributes.MFAAuthenticated))
	r.set("aws:TokenIssueTime", string(u.SessionContext.Attributes.CreationDate))
	r.set("aws:SourceIdentity", u.SessionContext.SourceIdentity)
	r.set("aws:AssumedRoot", string(u.SessionContext.AssumedRoot))
	r.set("aws:PrincipalIsAWSService", "false")
	if u.InvokedBy == "" {
		r.set("aws:ViaAWSService", "false")
	} else {
		r.note("a service made the call for who asked: whether with their credentials or a role's, the event does not say")
	}
	return nil
}
