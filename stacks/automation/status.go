package automation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/stacks"
)

// readStacks reads which stacks the project has, and how they were deployed last.
func (d *driver) readStacks(ctx context.Context) error {
	if d.readLocal() {
		return nil
	}
	ws, err := d.workspace(ctx, d.work, d.env, nil)
	if err != nil {
		return err
	}
	list, err := ws.ListStacks(ctx)
	if err != nil {
		return &Problem{
			Code:    "GR417",
			Summary: "the state in " + d.opts.Backend + " cannot be read: " + firstError(err).Error(),
			Hint:    "check the backend's URL and its credentials",
			Err:     err,
		}
	}
	for _, s := range list {
		name := s.Name[strings.LastIndex(s.Name, "/")+1:]
		if _, ok := stacks.ParseName(name); ok {
			d.exists[name] = true
		}
	}
	return d.readStatus(ctx)
}

// readLocal reads a state folder; false leaves that to the CLI.
func (d *driver) readLocal() bool {
	if d.local = openLocal(d.opts); d.local == nil {
		return false
	}
	names, ok := d.local.names()
	if !ok {
		d.local = nil
		return false
	}
	for _, name := range names {
		if _, ours := stacks.ParseName(name); !ours {
			continue
		}
		dep, ok := d.local.read(name)
		if !ok {
			d.local = nil
			return false
		}
		d.exists[name] = true
		d.known[name], d.digests[name] = dep.outputs()
	}
	return true
}

var errRead = errors.New("the outputs have been read")

// readStatus reads the outputs of all stacks that there are. One process does
// it for all of them: a preview whose program asks the engine for them and
// then fails on purpose, before it has registered anything. That works with
// every backend, takes no lock and writes nothing.
func (d *driver) readStatus(ctx context.Context) error {
	names := slices.Sorted(maps.Keys(d.exists))
	if len(names) == 0 {
		return nil
	}
	var failure error
	program := func(c *pulumi.Context) error {
		failure = errRead
		for _, name := range names {
			o, digest, err := readStack(c, name)
			if err != nil {
				failure = err
				break
			}
			d.known[name], d.digests[name] = o, digest
		}
		return failure
	}
	ws, err := d.workspace(ctx, d.work, d.env, program)
	if err != nil {
		return err
	}
	stack, err := auto.SelectStack(ctx, names[0], ws)
	if err != nil {
		return err
	}
	_, err = stack.Preview(ctx, optpreview.SuppressOutputs(), optpreview.SuppressProgress())
	if errors.Is(failure, errRead) {
		return nil
	}
	if failure == nil {
		failure = err
	}
	return &Problem{
		Code:    "GR417",
		Summary: "the state of stack " + names[0] + " cannot be read: " + firstError(failure).Error(),
		Hint:    "check PULUMI_CONFIG_PASSPHRASE, or the credentials of the secrets provider",
		Err:     failure,
	}
}

type readResourcesArgs struct {
	StackName string `pulumi:"stackName"`
}

type readResourcesResult struct {
	Outputs map[string]map[string]any `pulumi:"outputs"`
}

// componentPrefix begins the types of our components.
const componentPrefix = "orgrails:index:"

// readStack reads a stack's outputs, and the digest that its component
// registered when the last `up` ended. An `up` that begins with another digest
// empties that, so that one which did not end is told from one that did,
// although the outputs of the stack are still those of the last good one.
func readStack(c *pulumi.Context, stack string) (o stacks.Outputs, digest string, err error) {
	var res readResourcesResult
	args := &readResourcesArgs{StackName: c.Organization() + "/" + c.Project() + "/" + stack}
	if err := c.Invoke("pulumi:pulumi:readStackResourceOutputs", args, &res); err != nil {
		return nil, "", fmt.Errorf("read the resources of stack %s: %w", stack, err)
	}
	o = stacks.Outputs{}
	for _, r := range res.Outputs {
		t, _ := r["type"].(string)
		outputs, _ := r["outputs"].(map[string]any)
		switch {
		case t == "pulumi:pulumi:Stack":
			o = outputs
		case strings.HasPrefix(t, componentPrefix):
			digest = stacks.Outputs(outputs).String(stacks.DigestOutput)
		}
	}
	return o, digest, nil
}

// current says that a stack is deployed as the plan says, by its last `up`.
func (d *driver) current(s stacks.Stack) bool {
	if s.Empty && !d.has(s.Name) {
		return true // nothing was placed there, and nothing is to be
	}
	if d.opts.All || d.dirty(s.Name) {
		return false
	}
	o := d.outputs(s.Name)
	if o.String(stacks.DigestOutput) != s.Digest || len(o.StringList(stacks.PendingOutput))+len(o.StringList(stacks.DetachingOutput)) > 0 {
		return false
	}
	organization := d.outputs("organization")
	ids := stacks.IDs(d.plan, organization)
	if len(o.StringList(stacks.WaitingOutput)) > 0 {
		return false
	}
	if (s.Kind == stacks.OrganizationKind || s.Kind == stacks.PoliciesKind) && !maps.Equal(o.StringMap(stacks.AbsentOutput), d.absent) {
		return false
	}
	if s.Kind != stacks.OrganizationKind {
		return o.String(stacks.IDsOutput) == stacks.IDsDigest(d.plan, s, ids)
	}
	for ref, id := range d.plan.IDs { // what the file and the lock file say, AWS must have said
		if ids[ref] != id {
			return false
		}
	}
	return true
}

// dirty says that a stack was never deployed to its end, or that its last `up`
// did not end well.
func (d *driver) dirty(stack string) bool {
	d.mu.Lock()
	digest := d.digests[stack]
	d.mu.Unlock()
	o := d.outputs(stack)
	return !d.has(stack) || digest == "" || digest != o.String(stacks.DigestOutput) || d.readMark(stack) != nil || len(d.localLocks(stack)) > 0
}

// firstError takes what the CLI said out of an error of the SDK, whose text
// has all of stdout and stderr.
func firstError(err error) error {
	if err == nil {
		return nil
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		if i := strings.Index(line, "error: "); i >= 0 {
			return errors.New(strings.TrimSpace(line[i+len("error: "):]))
		}
	}
	return err
}
