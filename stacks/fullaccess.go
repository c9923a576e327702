package stacks

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// fullAccessID is AWS's own policy that allows everything, attached to every
// node from the start.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
const fullAccessID = "p-FullAWSAccess"

// fullAccess takes FullAWSAccess from the nodes at which an allow list takes its
// place, and gives it back where none does any more. A node must have a policy
// that allows at every moment, and Pulumi detaches what is in its state and no
// longer in the program. So it takes two runs: the first attaches the allow
// list, and takes the attachment of FullAWSAccess into the state as it is; the
// second leaves it out, and the engine detaches it. Given back, it is attached
// before anything is detached, and then belongs to nobody again: the next run
// forgets it.
//
// Which of the two it is this stack's own outputs say, of the run before.
func (p placement) fullAccess(ctx *pulumi.Context, c pulumi.Resource, last []pulumi.Resource) (detached, detaching []string, err error) {
	before, _, err := p.options.Reader.Outputs(ctx, p.stack.Name)
	if err != nil {
		return nil, nil, err
	}
	was, prepared := before.StringList(DetachedOutput), before.StringList(DetachingOutput)
	attach := func(target string, more ...pulumi.ResourceOption) error {
		id, err := p.fill(ctx, guardrails.Ref(target))
		if err != nil {
			return fmt.Errorf("target of FullAWSAccess: %w", err)
		}
		name := attachmentName("FullAWSAccess", target)
		r, err := organizations.NewPolicyAttachment(ctx, name, &organizations.PolicyAttachmentArgs{PolicyId: pulumi.String(fullAccessID), TargetId: id},
			p.child(c, name, append(more, pulumi.DependsOn(last))...)...)
		if err != nil {
			return fmt.Errorf("register the attachment of FullAWSAccess to %s: %w", target, err)
		}
		last = []pulumi.Resource{r}
		return nil
	}
	for _, target := range p.plan.NoFullAccess {
		switch id := p.ids[target]; {
		case slices.Contains(was, target), slices.Contains(prepared, target):
			detached = append(detached, target)
		case id == "" && ctx.DryRun():
			detaching = append(detaching, target) // a node that has yet to be made
		default:
			if err := attach(target, pulumi.Import(pulumi.ID(id+":"+fullAccessID))); err != nil {
				return nil, nil, err
			}
			detaching = append(detaching, target)
		}
	}
	for _, target := range slices.Concat(was, prepared) {
		if slices.Contains(p.plan.NoFullAccess, target) || p.ids[target] == "" {
			continue // or the node is gone
		}
		if err := attach(target, pulumi.RetainOnDelete(true)); err != nil {
			return nil, nil, err
		}
	}
	return detached, detaching, nil
}
