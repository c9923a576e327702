package stacks

import (
	"fmt"
	"runtime/debug"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// Options of a program. The zero value is what plain `pulumi up` uses.
type Options struct {
	// Imports are ids of objects that exist in AWS but not in the state, by
	// logical name: those that a run which died had been creating.
	Imports map[string]string
	// Made are the logical names of accounts among Imports that a run which died
	// has created: they are new, while others are imported where they are wanted.
	Made map[string]bool
	// Reader reads the outputs of other stacks; nil is [Backend].
	Reader Reader
	// AllowReplace lets an analyzer be replaced, whose findings are then lost.
	AllowReplace bool
	// OnRefusal is called for each resource whose deletion or replacement is
	// refused, also in a preview; nil for none.
	OnRefusal func(Refusal)
}

// Program returns the Pulumi program of one stack of a plan. It fails for a
// name that the plan has no stack of, listing the right ones.
//
// The program refuses to delete or replace what a deployment must never
// destroy, in a preview as well, and to use values of another stack that were
// made from another plan.
func Program(p *guardrails.Plan, stack string, opts Options) (pulumi.RunFunc, error) {
	if opts.Reader == nil {
		opts.Reader = Backend{}
	}
	if opts.OnRefusal == nil {
		opts.OnRefusal = func(Refusal) {}
	}
	var names []string
	for _, s := range List(p) {
		if s.Name == stack {
			return func(ctx *pulumi.Context) error { return shallow(func() error { return run(ctx, p, s, opts) }) }, nil
		}
		names = append(names, s.Name)
	}
	return nil, &UnknownStackError{Name: stack, Stacks: names}
}

// An UnknownStackError names a stack that the plan does not have.
type UnknownStackError struct {
	Name   string
	Stacks []string // what there is, in deployment order
}

func (e *UnknownStackError) Error() string {
	s := fmt.Sprintf("no stack is named %q", e.Name)
	if near := diag.Nearest(e.Name, e.Stacks); len(near) > 0 {
		s += fmt.Sprintf(": did you mean %q?", near[0])
	}
	s += " the file has: "
	const most = 12
	for i, n := range e.Stacks {
		if i == most {
			return s + fmt.Sprintf(", and %d more", len(e.Stacks)-most)
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

func run(ctx *pulumi.Context, p *guardrails.Plan, s Stack, opts Options) error {
	ids, err := resolve(ctx, p, s, opts.Reader)
	if err != nil {
		return err
	}
	hook, err := registerGuard(ctx, p, opts)
	if err != nil {
		return err
	}
	account, region := Management, p.Organization.HomeRegion
	switch s.Kind {
	case AccountKind:
		account = s.Key
	case AnalyzersKind:
		account, region = analyzersOf(p, s.Key).Administrator, s.Key
	}
	provider, err := newProvider(ctx, p, account, region, ids, hook)
	if err != nil {
		return err
	}
	place := placement{plan: p, stack: s, ids: ids, options: opts, hook: hook, placed: new([]any)}
	base := []pulumi.ResourceOption{pulumi.Provider(provider)}
	var outputs pulumi.Map
	switch s.Kind {
	case OrganizationKind:
		outputs, err = place.organization(ctx, provider, base...)
	case AccountKind:
		outputs, err = place.baseline(ctx, base...)
	case AnalyzersKind:
		outputs, err = place.analyzers(ctx, base...)
	case PoliciesKind:
		outputs, err = place.policies(ctx, base...)
	default:
		panic(fmt.Sprintf("no stack is of kind %q", s.Kind))
	}
	if err != nil {
		return err
	}
	for name, v := range outputs {
		ctx.Export(name, v)
	}
	return nil
}

// shallow runs a function on a stack of its own. The engine writes the call
// stack of each registration into the state, with every checkpoint; the frames
// of whoever runs the program would be more than half of it.
func shallow(f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("the program panicked: %v\n%s", r, debug.Stack())
			}
		}()
		done <- f()
	}()
	return <-done
}

// Removal returns a program that holds nothing of a plan, so that `up` takes
// away what is in the stack: password policies stay, as they do on destroy. It
// is not for the organization stack, which is never destroyed.
func Removal() pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		hook, err := registerGuard(ctx, &guardrails.Plan{}, Options{})
		if err != nil {
			return err
		}
		// Something must bind the hook, or the program may end before the
		// engine has it; it goes with the stack.
		c := &removal{}
		if err := ctx.RegisterComponentResourceV2("orgrails:index:Removal", ctx.Stack(), pulumi.Map{}, c, guarded(hook)); err != nil {
			return fmt.Errorf("register the removal of %s: %w", ctx.Stack(), err)
		}
		return ctx.RegisterResourceOutputs(c, pulumi.Map{})
	}
}

type removal struct {
	pulumi.ResourceState
}

// A placement is one stack being placed.
type placement struct {
	plan    *guardrails.Plan
	stack   Stack
	ids     map[string]string
	options Options
	hook    *guard
	placed  *[]any // URNs of what the stack holds, as outputs
}

// holds notes that the stack is deployed only when a resource is.
func (p placement) holds(r pulumi.Resource) { *p.placed = append(*p.placed, r.URN()) }

// child are the options of a resource below a component.
func (p placement) child(parent pulumi.Resource, name string, more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	opts := append([]pulumi.ResourceOption{pulumi.Parent(parent)}, more...)
	if id := p.options.Imports[name]; id != "" {
		opts = append(opts, pulumi.Import(pulumi.ID(id)))
	}
	return opts
}

func (p placement) fill(ctx *pulumi.Context, t guardrails.Text) (pulumi.StringOutput, error) {
	return filled(ctx, t, p.ids)
}

// finish adds what every stack exports, and registers a component's outputs.
// The digest comes of all that the stack holds: where something has failed,
// nothing is exported, and what the stack exported before stays.
func (p placement) finish(ctx *pulumi.Context, c pulumi.Resource, outputs pulumi.Map) (pulumi.Map, error) {
	digest := p.stack.Digest
	outputs[DigestOutput] = pulumi.All(*p.placed...).ApplyT(func([]any) string { return digest })
	outputs[IDsOutput] = pulumi.String(IDsDigest(p.plan, p.stack, p.ids))
	return outputs, ctx.RegisterResourceOutputs(c, outputs)
}

// newProvider makes the one provider of a stack. It holds a region, a role and
// the only account it may write to; credentials and the endpoint are the
// environment's.
func newProvider(ctx *pulumi.Context, p *guardrails.Plan, account, region string, ids map[string]string, hook *guard) (*aws.Provider, error) {
	id := ids["account:"+account]
	if id == "" {
		return nil, &MissingError{Stack: ctx.Stack(), From: organizationStack, Refs: []string{"account:" + account}}
	}
	args := &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(id)},
	}
	if account != Management {
		args.AssumeRole = &aws.ProviderAssumeRoleArgs{
			RoleArn:     pulumi.String(DeployRoleARN(p, id)),
			SessionName: pulumi.String(SessionName),
		}
	}
	provider, err := aws.NewProvider(ctx, "aws", args, guarded(hook))
	if err != nil {
		return nil, fmt.Errorf("register the AWS provider: %w", err)
	}
	return provider, nil
}

// SessionName is the role session name of every deployment: what CloudTrail
// shows of it.
const SessionName = "orgrails"

// DeployRoleARN is the ARN of the role that is assumed in a member account.
func DeployRoleARN(p *guardrails.Plan, account string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", p.Organization.Partition, account, p.Organization.DeployRole)
}
