package draft

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
)

// A kept is what a policy of the file keeps of what it is in AWS, where the
// file alone would have it otherwise.
type kept struct {
	from        *candidate
	file        string // of the document that AWS has; "" where the file comes to it
	description bool
}

// keep notes what the policies of a plan must keep, so that nothing is
// rewritten when they are adopted. It reports whether there is any such thing.
func (d *drafter) keep(plan *guardrails.Plan) bool {
	d.kept = nil
	for _, c := range d.list {
		if c.way != taken && c.way != own {
			continue
		}
		at := slices.IndexFunc(plan.Policies, func(p guardrails.Policy) bool { return p.Type == string(c.typ) && p.Name == c.Name })
		if at < 0 {
			continue
		}
		p := &plan.Policies[at]
		k := kept{from: c, description: p.Description != c.Description}
		if content, err := p.Content.Fill(plan.IDs); err == nil && !sameJSON(content, c.content) && p.Pending == nil {
			k.file = c.file // the document of the policy's own
			if c.way == taken {
				k.file = "policies/as-found/" + c.file[len("policies/"):]
			}
		}
		if k.file != "" || k.description {
			d.kept = append(d.kept, k)
		}
	}
	return len(d.kept) > 0
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
