package guardrails

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Text is a string in which some parts are ids that AWS makes up. In Go the
// references stand in it as {{id:unit:Workloads/Prod}}; in JSON a Text without
// references is a string, one that is a single reference is {"$id": "unit:Workloads/Prod"},
// and any other is the list of its parts, of which no two neighbours are strings.
type Text string

const (
	refOpen  = "{{id:"
	refClose = "}}"
)

// Ref is the text that stands for one id: "organization", "root",
// "unit:Workloads/Prod", "account:payments-prod" or "account:management".
func Ref(name string) Text { return Text(refOpen + name + refClose) }

// split calls literal and ref for the parts of t, in order.
func (t Text) split(literal, ref func(string)) {
	s := string(t)
	for {
		i := strings.Index(s, refOpen)
		if i < 0 {
			break
		}
		j := strings.Index(s[i:], refClose)
		if j < 0 {
			break
		}
		if i > 0 {
			literal(s[:i])
		}
		ref(s[i+len(refOpen) : i+j])
		s = s[i+j+len(refClose):]
	}
	if s != "" {
		literal(s)
	}
}

// Refs returns the names of the references in t, in order, each as often as it occurs.
func (t Text) Refs() []string {
	var refs []string
	t.split(func(string) {}, func(name string) { refs = append(refs, name) })
	return refs
}

// Fill puts ids into the references. It fails on the first that ids lacks.
func (t Text) Fill(ids map[string]string) (string, error) {
	var b strings.Builder
	var missing string
	t.split(func(s string) { b.WriteString(s) }, func(name string) {
		id, ok := ids[name]
		if !ok && missing == "" {
			missing = name
		}
		b.WriteString(id)
	})
	if missing != "" {
		return "", fmt.Errorf("no id is known for %s", missing)
	}
	return b.String(), nil
}

// Lengths are how long the ids that AWS makes up can be, in characters.
type Lengths struct {
	Organization int `json:"organization"`
	Root         int `json:"root"`
	Unit         int `json:"unit"`
	Account      int `json:"account"`
}

func (l Lengths) of(ref string) int {
	switch kind, _, _ := strings.Cut(ref, ":"); kind {
	case "organization":
		return l.Organization
	case "root":
		return l.Root
	case "unit":
		return l.Unit
	case "account":
		return l.Account
	}
	return 0 // Check refuses any other
}

// Size is the number of Unicode characters of t once its references are filled
// in, each counted at its longest. White space counts.
func (t Text) Size(l Lengths) int {
	if !strings.Contains(string(t), refOpen) {
		return utf8.RuneCountInString(string(t))
	}
	n := 0
	t.split(func(s string) { n += utf8.RuneCountInString(s) }, func(name string) { n += l.of(name) })
	return n
}

// check says what keeps t from being written to JSON and read back as it is.
func (t Text) check() error {
	if !utf8.ValidString(string(t)) {
		return errors.New("text is not UTF-8")
	}
	var err error
	t.split(func(s string) {
		if strings.Contains(s, refOpen) && err == nil {
			err = fmt.Errorf("text holds a reference without its end %q", refClose)
		}
	}, func(name string) {
		if !refName(name) && err == nil {
			err = fmt.Errorf("no reference is named %q", name)
		}
	})
	return err
}

// refName reports whether name has the spelling of a reference.
func refName(name string) bool {
	kind, key, ok := strings.Cut(name, ":")
	switch kind {
	case "organization", "root":
		return !ok
	case "unit", "account":
		return ok && plainKey(key, kind == "unit")
	}
	return false
}

func plainKey(key string, path bool) bool {
	for _, c := range []byte(key) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && (c != '/' || !path) {
			return false
		}
	}
	return key != ""
}

// MarshalJSON implements [json.Marshaler].
func (t Text) MarshalJSON() ([]byte, error) {
	var e encoder
	e.text(t, 0)
	var b bytes.Buffer
	if err := json.Compact(&b, e.buf); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// UnmarshalJSON implements [json.Unmarshaler]. It takes the one spelling that
// [Text.MarshalJSON] writes: no literal part holds or makes up a reference.
func (t *Text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '[' {
		part, _, err := textPart(data)
		*t = Text(part)
		return err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) < 2 {
		return errors.New("text is a list of less than two parts; write the part alone, or an empty string")
	}
	var b strings.Builder
	wasLiteral := false
	for _, p := range parts {
		part, literal, err := textPart(p)
		switch {
		case err != nil:
			return err
		case part == "":
			return errors.New("text has an empty part")
		case literal && wasLiteral:
			return errors.New("text has two strings side by side; join them")
		}
		b.WriteString(part)
		wasLiteral = literal
	}
	*t = Text(b.String())
	return nil
}

func textPart(data []byte) (part string, literal bool, err error) {
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &part); err != nil {
			return "", true, err
		}
		if strings.Contains(part, refOpen) {
			return "", true, fmt.Errorf("text holds %q; write a reference as {\"$id\": …}", refOpen)
		}
		return part, true, nil
	}
	var r struct {
		ID *string `json:"$id"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil || r.ID == nil {
		return "", false, errors.New("text is a string, a reference {\"$id\": …} or a list of both")
	}
	if !refName(*r.ID) {
		return "", false, fmt.Errorf("no reference is named %q", *r.ID)
	}
	return string(Ref(*r.ID)), false, nil
}
