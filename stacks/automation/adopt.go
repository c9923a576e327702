package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/stacks"
)

// adopt takes what was found into the state, stack by stack, and previews each.
//
// The engine imports a stack's things into a state of their own, in a folder
// of this run, where there is nothing to update or delete; what it has read
// there is then written into the stack's state in one piece. So a run that dies
// has adopted a stack or has not, and nothing has to be healed.
func (d *driver) adopt(ctx context.Context) error {
	d.queue()
	return d.inOrder(ctx, d.adoptOne, func(context.Context) {})
}

func (d *driver) adoptOne(ctx context.Context, s stacks.Stack) *StackReport {
	found := d.adoption.of(s.Name)
	if found.Problem != nil {
		return &StackReport{Result: ResultBlocked, Problem: found.Problem}
	}
	n := found.Count(ThingFound)
	if n == 0 && d.current(s) {
		return &StackReport{Result: ResultSkipped}
	}
	d.emit(Event{Kind: Started, Stack: s.Name})
	if n > 0 {
		if err := d.adoptStack(ctx, s, found.Things); err != nil {
			return &StackReport{Result: ResultFailed, Problem: problemOf(err)}
		}
	}
	r := d.previewNow(ctx, s)
	r.Adopted = n
	return r
}

// adoptStack takes things into the state of a stack.
func (d *driver) adoptStack(ctx context.Context, s stacks.Stack, things []Thing) error {
	a := stacks.Adopted{IDs: d.adoption.ids, Found: map[string]string{}}
	if s.Kind == stacks.PoliciesKind {
		a.Detached = d.adoption.detached
	}
	for _, t := range things {
		if t.Standing == ThingFound {
			a.Found[t.Name] = t.ID
		}
	}
	imported, err := d.imported(ctx, s, stacks.Adoption(d.plan, s, a))
	if err != nil {
		return err
	}
	stack, err := d.open(ctx, s.Name, nil)
	if err != nil {
		return err
	}
	raw, err := stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("read the state of stack %s: %w", s.Name, firstError(err))
	}
	var outputs stacks.Outputs
	if raw.Deployment, outputs, err = joined(raw.Deployment, imported); err != nil {
		return fmt.Errorf("edit the state of stack %s: %w", s.Name, err)
	}
	if err := stack.Import(ctx, raw); err != nil {
		return fmt.Errorf("write the state of stack %s: %w", s.Name, firstError(err))
	}
	d.learn(s.Name, outputs)
	d.mu.Lock()
	delete(d.digests, s.Name)
	d.mu.Unlock()
	if s.Kind == stacks.OrganizationKind {
		return d.tellCreated(outputs)
	}
	return nil
}

// imported runs a program that only imports, in a state of its own, and
// returns that state. A preview comes first: were anything to be made, changed
// or deleted, nothing is run.
func (d *driver) imported(ctx context.Context, s stacks.Stack, program pulumi.RunFunc) (json.RawMessage, error) {
	folder := filepath.Join(d.work, "adopt", s.Name)
	if err := os.RemoveAll(folder); err != nil { // of a run that died
		return nil, fmt.Errorf("make a folder to import into: %w", err)
	}
	defer os.RemoveAll(folder)
	if err := os.MkdirAll(filepath.Join(folder, "state"), 0o755); err != nil {
		return nil, fmt.Errorf("make a folder to import into: %w", err)
	}
	dir := filepath.Join(folder, "work")
	env, err := d.previewFolder(folder, dir)
	if err != nil {
		return nil, err
	}
	env[skipCheckpoints] = "true" // a run that dies leaves nothing to go on from
	ws, err := d.workspace(ctx, dir, env, program)
	if err != nil {
		return nil, err
	}
	stack, err := auto.NewStack(ctx, s.Name, ws)
	if err != nil {
		return nil, firstError(err)
	}
	for try := 1; ; try++ {
		c, err := d.importOnce(ctx, s, stack)
		if err == nil {
			break
		}
		if try == attempts || ctx.Err() != nil || !passing(c, err) || !sleep(ctx, time.Duration(try)*500*time.Millisecond) {
			return nil, err
		}
		d.emit(Event{Kind: Retrying, Stack: s.Name, Message: problemOf(err).Summary})
	}
	raw, err := stack.Export(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was imported into stack %s: %w", s.Name, firstError(err))
	}
	return raw.Deployment, nil
}

func (d *driver) importOnce(ctx context.Context, s stacks.Stack, stack auto.Stack) (*collector, error) {
	c := newCollector(d, s.Name, true)
	ch, wait := c.follow()
	_, err := stack.Preview(ctx, optpreview.EventStreams(ch), optpreview.SuppressProgress(), optpreview.SuppressOutputs())
	wait()
	if err = c.failure(err); err != nil {
		return c, err
	}
	for _, op := range c.changes {
		if op.Op != string(apitype.OpImport) {
			return c, &Problem{Code: "GR424", Summary: fmt.Sprintf("Pulumi would %s %s to import it", op.Op, op.Name),
				Hint: "nothing was done; this is a bug, or one of the AWS provider: report it"}
		}
	}
	c = newCollector(d, s.Name, false)
	ch, wait = c.follow()
	_, err = stack.Up(ctx, optup.EventStreams(ch), optup.SuppressProgress(), optup.SuppressOutputs())
	wait()
	return c, c.failure(err)
}
