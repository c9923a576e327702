package stacks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	nodes, err := p.nodes(ctx)
	if err != nil {
		return nil, nil, err
	}
	absent, err := p.absentAccounts(ctx)
	if err != nil {
		return nil, nil, err
	}
	was := slices.Concat(Former(p.plan, nodes, before, DetachedOutput), Former(p.plan, nodes, before, DetachingOutput))
	known := before.StringMap(FullAccessIDsOutput)
	attach := func(target, id string, more ...pulumi.ResourceOption) error {
		to := pulumi.String(id).ToStringOutput()
		if id == "" {
			var err error
			if to, err = p.fill(ctx, guardrails.Ref(target)); err != nil {
				return fmt.Errorf("target of FullAWSAccess: %w", err)
			}
		}
		name := attachmentName("FullAWSAccess", target)
		r, err := organizations.NewPolicyAttachment(ctx, name, &organizations.PolicyAttachmentArgs{PolicyId: pulumi.String(fullAccessID), TargetId: to},
			p.child(c, name, append(more, pulumi.DependsOn(last))...)...)
		if err != nil {
			return fmt.Errorf("register the attachment of FullAWSAccess to %s: %w", target, err)
		}
		last = []pulumi.Resource{r}
		p.holds(r)
		return nil
	}
	for _, target := range p.plan.NoFullAccess {
		if key, ok := strings.CutPrefix(target, "account:"); ok && absent[key] == NoMember {
			continue
		}
		switch id := p.ids[target]; {
		case slices.ContainsFunc(was, func(f FormerTarget) bool { return f.Target == target }):
			detached = append(detached, target)
		case id == "" && ctx.DryRun():
			detaching = append(detaching, target) // a node that has yet to be made
		default:
			if err := attach(target, id, pulumi.Import(pulumi.ID(id+":"+fullAccessID))); err != nil {
				return nil, nil, err
			}
			detaching = append(detaching, target)
		}
	}
	for _, f := range was {
		if slices.Contains(p.plan.NoFullAccess, f.Target) {
			continue
		}
		var aliases []pulumi.Alias
		if f.Was != f.Target {
			aliases = append(aliases, pulumi.Alias{Name: pulumi.String(attachmentName("FullAWSAccess", f.Was))})
		}
		if err := attach(f.Target, cmp.Or(nodes[f.Target], known[f.Was]), pulumi.RetainOnDelete(true), pulumi.Aliases(aliases)); err != nil {
			return nil, nil, err
		}
	}
	return detached, detaching, nil
}

// nodes are the ids of the plan's root, units and accounts by reference, "" of
// those that are not known. The stack's own ids need not have those at which no
// policy is any more.
func (p placement) nodes(ctx *pulumi.Context) (map[string]string, error) {
	refs := []string{"root"}
	for _, u := range p.plan.Units {
		refs = append(refs, "unit:"+u.Path)
	}
	for _, a := range p.plan.Accounts {
		refs = append(refs, "account:"+a.Key)
	}
	ids := p.ids
	if len(lacking(ids, refs)) > 0 {
		o, _, err := p.options.Reader.Outputs(ctx, organizationStack)
		if err != nil {
			return nil, err
		}
		ids = IDs(p.plan, o)
	}
	nodes := map[string]string{}
	for _, ref := range refs {
		nodes[ref] = ids[ref]
	}
	return nodes, nil
}

// A FormerTarget is a node that an earlier run took FullAWSAccess from.
type FormerTarget struct {
	Target string // reference
	Was    string // the reference that the run knew it by
}

// Former are the nodes in an output of the policies stack, such as
// DetachedOutput, by what they are called among nodes, which are ids by
// reference. Those that are gone are left out.
func Former(p *guardrails.Plan, nodes map[string]string, policies Outputs, output string) []FormerTarget {
	now := map[string]string{}
	for ref, id := range nodes {
		if id != "" {
			now[id] = ref
		}
	}
	for _, u := range p.Units {
		for _, w := range u.Was {
			now["unit:"+w] = "unit:" + u.Path
		}
	}
	ids := policies.StringMap(FullAccessIDsOutput)
	var all []FormerTarget
	for _, was := range policies.StringList(output) {
		id := ids[was]
		for _, ref := range []string{now[id], was, now[was]} {
			if other, ok := nodes[ref]; ok && (id == "" || other == "" || other == id) {
				all = append(all, FormerTarget{ref, was})
				break
			}
		}
	}
	return all
}
