package live

import (
	"bytes"
	"encoding/json"
	"errors"
)

// An Answer is what AWS answered to one question, or nothing when it could not
// be asked or would not say. The zero Answer is the latter, so that what was
// not read can never pass for an empty list. In JSON it is null.
type Answer[T any] struct {
	value T
	read  bool
}

// answered is the answer v.
func answered[T any](v T) Answer[T] { return Answer[T]{v, true} }

// Get returns what was read, and whether it was.
func (a Answer[T]) Get() (T, bool) { return a.value, a.read }

// IsRead reports whether there is an answer.
func (a Answer[T]) IsRead() bool { return a.read }

var errNullAnswer = errors.New("an answer that was read is null in JSON: an empty list must not be nil")

// MarshalJSON writes the answer itself, or null when there is none.
func (a Answer[T]) MarshalJSON() ([]byte, error) {
	if !a.read {
		return []byte("null"), nil
	}
	b, err := json.Marshal(a.value)
	if err == nil && bytes.Equal(b, []byte("null")) {
		return nil, errNullAnswer
	}
	return b, err
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Answer[T]) UnmarshalJSON(b []byte) error {
	*a = Answer[T]{}
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		return nil
	}
	a.read = true
	return json.Unmarshal(b, &a.value)
}

// A NotRead names something that is missing from a snapshot, and why.
type NotRead struct {
	What    string `json:"what"`              // the roles, in words for a person
	API     string `json:"api"`               // iam:ListRoles; "" when nothing was asked
	Account string `json:"account,omitempty"` // that it is about; "" for the organization
	Region  string `json:"region,omitempty"`  // of what is asked in each Region
	Reason  string `json:"reason"`            // what AWS said
}
