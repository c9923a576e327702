package observed

import (
	"encoding/json"
	"errors"
	"strings"
)

// A list of an authorization message.
type items[T any] struct{ Items []T }

// decoded reads what sts:DecodeAuthorizationMessage returns: the request with
// every condition key that it had.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func decoded(text []byte) (*Request, error) {
	var m struct {
		Allowed      *bool
		ExplicitDeny bool
		Context      struct {
			Principal  struct{ ARN string }
			Action     string
			Resource   string
			Conditions items[struct {
				Key    string
				Values items[struct{ Value string }]
			}]
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, syntax(err)
	}
	if m.Allowed == nil || !strings.Contains(m.Context.Action, ":") {
		return nil, errors.New("the JSON is no decoded authorization message")
	}
	r := &Request{Action: m.Context.Action, Context: map[string][]string{}, Complete: true, Denial: Denial{Explicit: m.ExplicitDeny}}
	r.session(m.Context.Principal.ARN)
	r.Resource, r.Owner = m.Context.Resource, accountIn(m.Context.Resource)
	for _, c := range m.Context.Conditions.Items {
		values := []string{}
		for _, v := range c.Values.Items {
			values = append(values, v.Value)
		}
		r.Context[c.Key] = values
	}
	return r, nil
}
