package draft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// A kept is what a policy of the file keeps of what it is in AWS, where the
// file alone would have it otherwise.
type kept struct {
	from        *candidate
	file        string // of the document that AWS has; "" where the file comes to it
	description bool
}

// keep notes what the policies of the draft must keep, so that nothing is
// rewritten when they are adopted, and makes the plan again with it.
func (d *drafter) keep() error {
	for _, c := range d.list {
		if c.way != taken && c.way != own {
			continue
		}
		p := d.planned(c)
		if p == nil {
			continue
		}
		k := kept{from: c, description: p.Description != c.Description}
		if content, err := p.Content.Fill(d.plan.IDs); err == nil && !sameJSON(content, c.content) {
			k.file = c.file // the document of the policy's own
			if c.way == taken {
				k.file = "policies/as-found/" + strings.TrimPrefix(c.file, "policies/")
			}
		}
		if k.file != "" || k.description {
			d.kept = append(d.kept, k)
		}
	}
	if len(d.kept) == 0 {
		return nil
	}
	d.keptDocuments(d.docs)
	if err := d.again(); err != nil {
		return err
	}
	// Whether a text means the same may be too hard a question: it is not kept then.
	undecided := false
	for i := range d.kept {
		if k := &d.kept[i]; k.file != "" && d.planned(k.from).AsFound == "" {
			if k.file != k.from.file {
				delete(d.docs, k.file)
			}
			k.file, undecided = "", true
			d.notef("the policy %q will be written anew: whether its text means what the guardrails do could not be decided", k.from.Name)
		}
	}
	d.kept = slices.DeleteFunc(d.kept, func(k kept) bool { return k.file == "" && !k.description })
	if undecided {
		return d.again()
	}
	return nil
}

// planned is the plan's policy of a candidate; nil for none.
func (d *drafter) planned(c *candidate) *guardrails.Policy {
	for i := range d.plan.Policies {
		if p := &d.plan.Policies[i]; p.Type == string(c.typ) && p.Name == c.Name {
			return p
		}
	}
	return nil
}

// again makes the plan of the draft as it is now.
func (d *drafter) again() error {
	dir, err := os.MkdirTemp("", "orgrails-draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plan, ds, err := d.compile(dir)
	if err != nil {
		return err
	}
	if plan == nil {
		return fmt.Errorf("the file that comes out is refused: %s", firstError(ds))
	}
	d.plan = plan
	return nil
}

// keptDocuments adds the documents that AWS has and no other line names.
func (d *drafter) keptDocuments(docs map[string][]byte) {
	for _, k := range d.kept {
		if k.file != "" && k.file != k.from.file {
			docs[k.file] = pretty(k.from.content)
		}
	}
}

// asFoundIn writes what policies keep.
func (d *drafter) asFoundIn(p *page) {
	if len(d.kept) == 0 {
		return
	}
	p.blank()
	p.comment(0, "What these policies keep of what they were before this file: nothing is rewritten until their guardrails change.")
	p.add(0, "asFound:")
	for _, k := range d.kept {
		var m mapping
		if k.file != "" {
			m = append(m, pair{"file", k.file})
		}
		if k.description {
			m = append(m, pair{"description", k.from.Description})
		}
		p.add(1, "%s: %s", plain(k.from.Name), flow(m))
	}
}

// sameJSON reports whether two texts are the same to whoever reads JSON: only
// white space and the order of keys may differ.
func sameJSON(a, b string) bool {
	read := func(s string) (v any) {
		dec := json.NewDecoder(bytes.NewReader([]byte(s)))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			return s
		}
		return v
	}
	return reflect.DeepEqual(read(a), read(b))
}
