package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

// running is the folder of marks: one file for each stack whose `up` has begun
// and not ended well.
const running = "running"

// A mark says that an `up` of a stack has begun and not ended well.
type mark struct {
	Run string `json:"run"` // whose it is: the value of ORGRAILS_RUN; "" when it has failed
	// Creating are creations that nobody has answered: they may have happened.
	Creating []creation `json:"creating,omitempty"`
	// Began is when, and Before what was there then, by id, of the things that
	// do not tell when they were made.
	Began  time.Time `json:"began,omitzero"`
	Before []string  `json:"before,omitempty"`
	// Whole says that the state is written only when the run ends.
	Whole bool `json:"whole,omitempty"`
	// Digest is that of the stack, and Plan what was deployed, when Whole.
	Digest string           `json:"digest,omitempty"`
	Plan   *guardrails.Plan `json:"plan,omitempty"`
}

type creation struct {
	URN    string         `json:"urn"`
	Type   string         `json:"type"`
	Inputs map[string]any `json:"inputs"`
}

func (d *driver) markFile(stack string) string { return filepath.Join(d.work, running, stack) }

// readMark reads the mark of a stack; nil when there is none. One that cannot
// be read says only that there is one.
func (d *driver) readMark(stack string) *mark {
	src, err := os.ReadFile(d.markFile(stack))
	if err != nil {
		return nil
	}
	m := &mark{}
	_ = json.Unmarshal(src, m)
	return m
}

func (d *driver) writeMark(stack string, m mark) error {
	src, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(d.markFile(stack), append(src, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("mark stack %s as running: %w", stack, err)
	}
	return nil
}

// begin marks a stack as being deployed.
func (d *driver) begin(s stacks.Stack, st *standing, whole bool) error {
	m := mark{Run: d.env[runVariable], Began: st.began, Before: slices.Sorted(maps.Keys(st.before)), Whole: whole}
	if whole {
		m.Digest, m.Plan = s.Digest, planOf(d.plan)
	}
	return d.writeMark(s.Name, m)
}

// end takes the mark away.
func (d *driver) end(stack string) { _ = os.Remove(d.markFile(stack)) }

// failedMark notes that an `up` has failed, with what it was creating and got
// no answer about: the next run looks that up as if the run had died.
func (d *driver) failedMark(stack string, c *collector) {
	m := mark{}
	if begun := d.readMark(stack); begun != nil && begun.Whole {
		m = *begun // the state may never have been written
		m.Run = ""
	}
	if c != nil {
		for _, f := range c.failed {
			if f.Op == string(apitype.OpCreate) && f.Inputs != nil && !alreadyThere(f.Error) {
				m.Creating = append(m.Creating, creation{URN: f.URN, Type: f.Type, Inputs: f.Inputs})
			}
		}
	}
	_ = d.writeMark(stack, m) // the stack's own failure matters more
}

// died says that the run which began a stack did not live to end it.
func (d *driver) died(ctx context.Context, m *mark) bool {
	return m != nil && m.Run != "" && m.Run != d.env[runVariable] && !alive(ctx, m.Run)
}

// pending are the creations of a mark, as the state would have them.
func (m *mark) pending() []apitype.OperationV2 {
	if m == nil {
		return nil
	}
	var ops []apitype.OperationV2
	for _, c := range m.Creating {
		ops = append(ops, apitype.OperationV2{Type: apitype.OperationTypeCreating, Resource: apitype.ResourceV3{
			URN: resource.URN(c.URN), Type: tokens.Type(c.Type), Custom: true, Inputs: c.Inputs,
		}})
	}
	return ops
}
