package guardrails

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxSize is the largest plan that [Decode] reads, in bytes: several times
// that of ten thousand accounts with ten roles each.
const MaxSize = 512 << 20

// Decode reads a plan as [Encode] wrote it, byte for byte, and checks it: what
// it returns passes [Plan.Check] and encodes to data again. A plan is
// untrusted wherever it is read, so nothing is made up for what is missing and
// nothing unknown is passed over.
func Decode(data []byte) (*Plan, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("plan of %d bytes; at most %d are read", len(data), MaxSize)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var p Plan
	err := dec.Decode(&p)
	if err != nil || p.Version != Version {
		// Another version has other fields: say that rather than name one of them.
		var v struct {
			Version *int `json:"version"`
		}
		if json.Unmarshal(data, &v) == nil {
			switch {
			case v.Version == nil:
				return nil, errors.New("plan has no version; is this a file that `orgrails plan -o` wrote?")
			case *v.Version != Version:
				return nil, versionError(*v.Version)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", plain(data, err))
	}
	if rest := bytes.TrimSpace(data[dec.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("plan has more behind its end, from line %d", lineAt(data, dec.InputOffset()+1))
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	c := compare{want: data}
	p.write(&c)
	if c.at != len(data) || c.differs {
		return nil, fmt.Errorf("plan is not spelled as orgrails writes it, from line %d: a name twice, a value missing, or the file was formatted anew; make it again with `orgrails plan -o`", lineAt(data, int64(c.at)))
	}
	return &p, nil
}

func versionError(v int) error {
	return fmt.Errorf("plan has version %d, and this orgrails reads version %d; make the plan again with `orgrails plan -o`, or use the orgrails that wrote it", v, Version)
}

// plain turns what encoding/json says into words without Go's types.
func plain(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: not JSON", lineAt(data, syntax.Offset))
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: a %s where %s has none", lineAt(data, kind.Offset), kind.Value, kind.Field)
	}
	return err
}

func lineAt(data []byte, offset int64) int {
	return bytes.Count(data[:min(int(offset), len(data))], []byte("\n")) + 1
}

// compare is a writer that knows how far what is written equals want.
type compare struct {
	want    []byte
	at      int
	differs bool
}

func (c *compare) Write(b []byte) (int, error) {
	if c.differs {
		return len(b), nil
	}
	rest := c.want[c.at:]
	for i := range b {
		if i == len(rest) || b[i] != rest[i] {
			c.at, c.differs = c.at+i, true
			return len(b), nil
		}
	}
	c.at += len(b)
	return len(b), nil
}
