package guardrails

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// A Text is a string in which some parts are ids that AWS makes up. In Go the
// references stand in it as {{id:unit:Workloads/Prod}}; in JSON a Text without
// references is a string, one that is a single reference is {"$id": "unit:Workloads/Prod"},
// and any other is the list of its parts.
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

type ref struct {
	ID string `json:"$id"`
}

// MarshalJSON implements [json.Marshaler].
func (t Text) MarshalJSON() ([]byte, error) {
	var parts []any
	t.split(func(s string) { parts = append(parts, s) }, func(name string) { parts = append(parts, ref{name}) })
	var v any = parts
	switch len(parts) {
	case 0:
		v = ""
	case 1:
		v = parts[0]
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON implements [json.Unmarshaler]. It is strict: a literal part
// that looks like a reference is refused.
func (t *Text) UnmarshalJSON(data []byte) error {
	parts := []json.RawMessage{data}
	if d := bytes.TrimSpace(data); len(d) > 0 && d[0] == '[' {
		if err := json.Unmarshal(data, &parts); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, p := range parts {
		if p = bytes.TrimSpace(p); len(p) > 0 && p[0] == '"' {
			var s string
			if err := json.Unmarshal(p, &s); err != nil {
				return err
			}
			if strings.Contains(s, refOpen) {
				return fmt.Errorf("text holds %q; write a reference as {\"$id\": …}", refOpen)
			}
			b.WriteString(s)
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(p))
		dec.DisallowUnknownFields()
		var r ref
		if err := dec.Decode(&r); err != nil {
			return fmt.Errorf("text is a string, a reference {\"$id\": …} or a list of both: %w", err)
		}
		if r.ID == "" || strings.ContainsAny(r.ID, "{}\"") {
			return fmt.Errorf("no reference is named %q", r.ID)
		}
		b.WriteString(string(Ref(r.ID)))
	}
	*t = Text(b.String())
	return nil
}
