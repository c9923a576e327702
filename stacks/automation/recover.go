package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A standing is where a stack stands before it is deployed.
type standing struct {
	used    bool              // its state has resources
	imports map[string]string // ids of objects that AWS has and the state lacks, by logical name
	before  map[string]bool   // ids of objects of others that have the names of ours
	began   time.Time         // what is older is not ours
}

// heal puts right what a run that died left behind in a stack: it releases the
// lock, looks every object up that was being created, and drops the pending
// operations from the state. Objects that the plan has are imported by the
// next `up`; those that it no longer has are put into the state, so that the
// next `up` deletes them.
func (d *driver) heal(ctx context.Context, s stacks.Stack) (*standing, error) {
	st := &standing{imports: map[string]string{}, before: map[string]bool{}, began: time.Now()}
	m := d.readMark(s.Name)
	if d.died(ctx, m) {
		d.emit(Event{Kind: Recovered, Stack: s.Name, Message: "a run died while it deployed this stack: what it left is looked up"})
	}
	dep, err := d.unlocked(ctx, s)
	if err != nil {
		return nil, err
	}
	if m != nil && m.Whole && m.Digest != s.Digest && len(dep.Resources) == 0 {
		if err := d.takeLeftovers(ctx, s, m); err != nil {
			return nil, err
		}
		if dep, err = d.unlocked(ctx, s); err != nil {
			return nil, err
		}
	}
	have := map[string]bool{}
	for _, r := range dep.Resources {
		if r.Custom && !strings.HasPrefix(string(r.Type), "pulumi:") && !r.Delete {
			have[r.URN.Name()] = true
			st.used = true
		}
	}
	if err := d.takeInventory(ctx, s, st, have); err != nil {
		return nil, err
	}
	if m != nil && (d.died(ctx, m) || m.Whole) {
		st.began, st.before = m.Began, map[string]bool{}
		for _, id := range m.Before {
			st.before[id] = true
		}
		if err := d.findAll(ctx, s, st, have); err != nil {
			return nil, err
		}
		if err := d.findFresh(ctx, s, st); err != nil {
			return nil, err
		}
	}
	lost, err := d.findPending(ctx, s, dep, m, have, st)
	if err != nil || len(dep.Pending)+len(lost) == 0 {
		return st, err
	}
	if err := d.edit(ctx, s.Name, lost); err != nil {
		return nil, err
	}
	st.used = st.used || len(lost) > 0
	if n := len(dep.Pending); n > 0 {
		d.emit(Event{Kind: Recovered, Stack: s.Name, Message: fmt.Sprintf("cleared %d operations that a run which died had not ended", n)})
	}
	return st, nil
}

// unlocked reads the state of a stack, after it has released the lock of a run
// that died. A stack that does not exist has an empty one.
func (d *driver) unlocked(ctx context.Context, s stacks.Stack) (deployment, error) {
	if !d.has(s.Name) {
		return deployment{}, nil
	}
	if locks := d.localLocks(s.Name); len(locks) > 0 {
		if err := d.release(ctx, s.Name, locks); err != nil {
			return deployment{}, err
		}
	}
	return d.state(ctx, s.Name)
}

// state reads the state of a stack.
func (d *driver) state(ctx context.Context, name string) (deployment, error) {
	if d.local != nil {
		if dep, ok := d.local.read(name); ok {
			return dep, nil
		}
	}
	stack, err := d.open(ctx, name, nil)
	if err != nil {
		return deployment{}, err
	}
	raw, err := stack.Export(ctx)
	if err != nil {
		return deployment{}, fmt.Errorf("read the state of stack %s: %w", name, firstError(err))
	}
	return parseDeployment(raw)
}

// edit drops the pending operations from a stack's state and adds resources to it.
func (d *driver) edit(ctx context.Context, name string, more []apitype.ResourceV3) error {
	stack, err := d.open(ctx, name, nil)
	if err != nil {
		return err
	}
	raw, err := stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("read the state of stack %s: %w", name, firstError(err))
	}
	if raw.Deployment, err = withoutPending(raw.Deployment, more); err != nil {
		return fmt.Errorf("edit the state of stack %s: %w", name, err)
	}
	if err := stack.Import(ctx, raw); err != nil {
		return fmt.Errorf("write the state of stack %s: %w", name, firstError(err))
	}
	return nil
}

// findPending looks up what was being created. It adds to the imports what the
// plan has, and returns what it does not have.
func (d *driver) findPending(ctx context.Context, s stacks.Stack, dep deployment, m *mark, have map[string]bool, st *standing) ([]apitype.ResourceV3, error) {
	names := stacks.LogicalNames(d.plan, s)
	var lost []apitype.ResourceV3
	for _, op := range append(m.pending(), dep.Pending...) {
		r := op.Resource
		if op.Type == apitype.OperationTypeCreating && r.Custom {
			d.isFresh(string(r.Type), r.URN.Name())
		}
		if op.Type != apitype.OperationTypeCreating || !r.Custom || have[r.URN.Name()] || st.imports[r.URN.Name()] != "" {
			continue
		}
		session, err := d.session(ctx, s)
		if err != nil {
			return nil, err
		}
		id, err := session.Find(ctx, live.Object{Type: string(r.Type), Inputs: r.Inputs})
		if err != nil {
			return nil, err
		}
		if id == "" {
			continue
		}
		d.emit(Event{Kind: Recovered, Stack: s.Name, Message: fmt.Sprintf("%s was being made by a run that died: found it in AWS as %s", r.URN.Name(), id)})
		delete(st.before, id)
		have[r.URN.Name()] = true
		if names[r.URN.Name()].Type == string(r.Type) {
			st.imports[r.URN.Name()] = id
			continue
		}
		parent, provider := dep.component()
		if provider == "" {
			d.emit(Event{Kind: Warning, Stack: s.Name, Message: fmt.Sprintf("%s (%s) was made by a run that died and left the file since: delete it by hand", r.URN.Name(), id)})
			continue
		}
		lost = append(lost, apitype.ResourceV3{URN: r.URN, Custom: true, ID: resourceID(id), Type: r.Type,
			Inputs: r.Inputs, Outputs: maps.Clone(r.Inputs), Parent: parent, Provider: provider})
	}
	return lost, nil
}

// withoutPending is a state without pending operations, and with more resources.
func withoutPending(state json.RawMessage, more []apitype.ResourceV3) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(state, &all); err != nil {
		return nil, err
	}
	delete(all, "pending_operations")
	var resources []json.RawMessage
	if len(all["resources"]) > 0 {
		if err := json.Unmarshal(all["resources"], &resources); err != nil {
			return nil, err
		}
	}
	for _, r := range more {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		resources = append(resources, text)
	}
	var err error
	if all["resources"], err = json.Marshal(nonNil(resources)); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// findFailed looks up what a failed `up` did not get an answer about. What was
// there before the run is not ours and stays alone.
func (d *driver) findFailed(ctx context.Context, s stacks.Stack, c *collector, st *standing) map[string]string {
	found := map[string]string{}
	for _, f := range c.failed {
		if f.Op != string(apitype.OpCreate) || f.Inputs == nil {
			continue
		}
		session, err := d.session(ctx, s)
		if err != nil {
			return found
		}
		o := live.Object{Type: f.Type, Inputs: f.Inputs, Since: st.began}
		id, err := session.Find(ctx, o)
		if err != nil || id == "" || st.before[id] {
			continue
		}
		found[f.Name] = id
		d.isFresh(f.Type, f.Name)
		d.emit(Event{Kind: Recovered, Stack: s.Name, Message: fmt.Sprintf("%s was made although its creation failed: found it in AWS as %s", f.Name, id)})
	}
	return found
}

// session reads in the account and region that a stack writes to.
func (d *driver) session(ctx context.Context, s stacks.Stack) (*live.Session, error) {
	region := d.plan.Organization.HomeRegion
	if s.Kind == stacks.AnalyzersKind {
		region = s.Key
	}
	account := stacks.AccountOf(d.plan, s)
	if account == stacks.Management {
		return d.live.In(region), nil
	}
	id := stacks.IDs(d.plan, d.outputs("organization"))["account:"+account]
	if id == "" {
		id = d.outputs(s.Name).String(stacks.AccountIDOutput) // an account that left the file
	}
	if id == "" {
		return nil, &stacks.MissingError{Stack: s.Name, From: "organization", Refs: []string{"account:" + account}}
	}
	m := live.Member{Key: account, ID: id, RoleARN: stacks.DeployRoleARN(d.plan, id), Session: stacks.SessionName, Region: region}
	if d.created(account) {
		m.Patience = patience
	}
	return d.live.Assume(ctx, m)
}
