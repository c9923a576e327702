package drift

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/observed"
)

// An Event is a call that CloudTrail recorded.
type Event struct {
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`  // ARN, or a service
	From   string    `json:"from"` // address, or a service
	Call   string    `json:"call"` // organizations:DetachPolicy
	Region string    `json:"region"`
	Agent  string    `json:"agent"` // what made the call, in its own words

	account string
	values  map[string]bool
}

// A trail is how the event that changed something is known: its name, the
// account and region that it was in, and what it names.
type trail struct {
	account, region string // "" for any
	calls           []string
	values          []string // each is in the event
	either          bool     // the account or the values are enough
	name            string   // of a policy of Organizations that is gone: its id is in the event that made it
}

func (t trail) fits(e *Event) bool {
	_, name, _ := strings.Cut(e.Call, ":")
	if !slices.Contains(t.calls, name) || t.region != "" && e.Region != t.region {
		return false
	}
	all := !slices.ContainsFunc(t.values, func(v string) bool { return !e.values[v] })
	here := t.account == "" || e.account == t.account
	if t.either {
		return all && len(t.values) > 0 || t.account != "" && here
	}
	return all && here
}

// ReadEvents reads CloudTrail events: a log file as CloudTrail delivers it, one
// event, a list of them, what LookupEvents answers, or JSON Lines of any of
// these. Calls that were refused, and those that only read, are left out.
func ReadEvents(name string, data []byte) ([]Event, error) {
	var events []Event
	dec := json.NewDecoder(bytes.NewReader(data))
	for n := 1; ; n++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err == io.EOF {
			return events, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s holds no CloudTrail events: value %d is not JSON", name, n)
		}
		if err := unwrap(raw, &events, 0); err != nil {
			return nil, fmt.Errorf("%s: value %d: %w", name, n, err)
		}
	}
}

// record is what is read of an event here, beside what guardrails/observed reads.
type record struct {
	EventTime           time.Time `json:"eventTime"`
	EventSource         string    `json:"eventSource"`
	EventName           string    `json:"eventName"`
	AWSRegion           string    `json:"awsRegion"`
	SourceIPAddress     string    `json:"sourceIPAddress"`
	UserAgent           string    `json:"userAgent"`
	ErrorCode           string    `json:"errorCode"`
	ReadOnly            any       `json:"readOnly"`
	RecipientAccountID  string    `json:"recipientAccountId"`
	RequestParameters   any       `json:"requestParameters"`
	ResponseElements    any       `json:"responseElements"`
	ServiceEventDetails any       `json:"serviceEventDetails"`
	UserIdentity        struct{ ARN, InvokedBy, Type, AccountID string }
	Records             []json.RawMessage
	Events              []json.RawMessage
	CloudTrailEvent     string
	Detail              json.RawMessage `json:"detail"`
}

// maxWrapped bounds events within events.
const maxWrapped = 4

func unwrap(raw json.RawMessage, events *[]Event, depth int) error {
	if depth > maxWrapped {
		return fmt.Errorf("the event is wrapped too often")
	}
	all := func(list []json.RawMessage) error {
		for _, r := range list {
			if err := unwrap(r, events, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		return all(list)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("it is no CloudTrail event")
	}
	switch {
	case r.Records != nil:
		return all(r.Records)
	case r.Events != nil:
		return all(r.Events)
	case r.CloudTrailEvent != "":
		return unwrap(json.RawMessage(r.CloudTrailEvent), events, depth+1)
	case r.EventSource == "" && len(r.Detail) > 0:
		return unwrap(r.Detail, events, depth+1)
	case r.EventName == "" || r.EventSource == "":
		return fmt.Errorf("it is no CloudTrail event: it has no eventSource and eventName")
	}
	if r.ErrorCode != "" || fmt.Sprint(r.ReadOnly) == "true" {
		return nil
	}
	e := Event{Time: r.EventTime.UTC(), From: r.SourceIPAddress, Region: r.AWSRegion, Agent: r.UserAgent, account: r.RecipientAccountID, values: map[string]bool{}}
	service := strings.TrimSuffix(strings.TrimSuffix(r.EventSource, ".cn"), ".amazonaws.com")
	e.Call = service + ":" + r.EventName
	switch q, err := observed.Read(raw); {
	case r.UserIdentity.ARN != "":
		e.Who = r.UserIdentity.ARN // with its session: a person, often
	case err == nil && q.Principal != "":
		e.Who = q.Principal
	case r.UserIdentity.InvokedBy != "":
		e.Who = r.UserIdentity.InvokedBy
	default:
		e.Who = r.UserIdentity.Type
	}
	if e.account == "" {
		e.account = r.UserIdentity.AccountID
	}
	for _, v := range []any{r.RequestParameters, r.ResponseElements, r.ServiceEventDetails} {
		collect(v, e.values)
	}
	*events = append(*events, e)
	return nil
}

// collect notes every string of a value.
func collect(v any, into map[string]bool) {
	switch v := v.(type) {
	case string:
		into[v] = true
	case []any:
		for _, x := range v {
			collect(x, into)
		}
	case map[string]any:
		for _, x := range v {
			collect(x, into)
		}
	}
}

// Attribute names for each finding the newest event that may have made it.
func (r *Report) Attribute(events []Event) {
	for i := range r.Findings {
		f := &r.Findings[i]
		trails := []trail{f.trail}
		if f.trail.name != "" {
			trails = nil
			for _, id := range made(events, f.trail.name) {
				trails = append(trails, trail{calls: f.trail.calls, values: []string{id}})
			}
		}
		for j := range events {
			e := &events[j]
			if slices.ContainsFunc(trails, func(t trail) bool { return t.fits(e) }) && (f.By == nil || e.Time.After(f.By.Time)) {
				f.By = e
			}
		}
	}
}

// made are the ids of policies of a name that events have made.
func made(events []Event, name string) []string {
	var ids []string
	for i := range events {
		if e := &events[i]; e.Call == "organizations:CreatePolicy" && e.values[name] {
			for v := range e.values {
				if strings.HasPrefix(v, "p-") {
					ids = append(ids, v)
				}
			}
		}
	}
	return ids
}
