package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// Policies is the component of the policies stack.
type Policies struct {
	pulumi.ResourceState
}

// PoliciesToken is the component's Pulumi type.
const PoliciesToken = "orgrails:index:Policies"

// policies places the policies and then their attachments, in one chain:
// Organizations refuses concurrent writes. FullAWSAccess, which AWS attaches
// everywhere, is among them only where an allow list takes its place; see
// [placement.fullAccess].
func (p placement) policies(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (pulumi.Map, error) {
	c := &Policies{}
	props := pulumi.Map{DigestOutput: pulumi.String(p.stack.Digest)}
	if err := ctx.RegisterComponentResourceV2(PoliciesToken, p.stack.Name, props, c, opts...); err != nil {
		return nil, fmt.Errorf("register the policies: %w", err)
	}
	absent, err := p.absentAccounts(ctx)
	if err != nil {
		return nil, err
	}
	missing, err := p.missingBoundaries(ctx, absent)
	if err != nil {
		return nil, err
	}
	var last []pulumi.Resource
	made, ids, pending := map[string]*organizations.Policy{}, pulumi.StringMap{}, []string{}
	for _, pol := range p.plan.Policies {
		content := pol.Deployed()
		if lack := missing[pol.Name]; len(lack) > 0 {
			content = pol.Pending.Content
			pending = append(pending, pol.Name)
			if err := ctx.Log.Warn(pendingMessage(pol, lack), nil); err != nil {
				return nil, err
			}
		}
		if content == "" {
			continue
		}
		policy, err := p.policy(ctx, c, pol, content, last)
		if err != nil {
			return nil, err
		}
		made[pol.Name], ids[pol.Name] = policy, policy.ID().ToStringOutput()
		last = []pulumi.Resource{policy}
	}
	was := p.formerNames()
	for _, a := range p.plan.Attachments {
		if key, ok := strings.CutPrefix(a.Target, "account:"); ok && absent[key] == NoMember {
			continue
		}
		policy, ok := made[a.Policy]
		if !ok {
			if slices.Contains(pending, a.Policy) {
				continue
			}
			return nil, fmt.Errorf("the plan attaches policy %s, which it does not have", a.Policy)
		}
		target, err := p.fill(ctx, guardrails.Ref(a.Target))
		if err != nil {
			return nil, fmt.Errorf("target of policy %s: %w", a.Policy, err)
		}
		name := attachmentName(a.Policy, a.Target)
		r, err := organizations.NewPolicyAttachment(ctx, name, &organizations.PolicyAttachmentArgs{
			PolicyId: policy.ID(),
			TargetId: target,
		}, p.child(c, name, pulumi.DependsOn(last), pulumi.Aliases(was.attachment(a)))...)
		if err != nil {
			return nil, fmt.Errorf("register the attachment of policy %s to %s: %w", a.Policy, a.Target, err)
		}
		last = []pulumi.Resource{r}
		p.holds(r)
	}
	detached, detaching, err := p.fullAccess(ctx, c, last)
	if err != nil {
		return nil, err
	}
	taken := pulumi.StringMap{}
	for _, target := range slices.Concat(detached, detaching) {
		if taken[target], err = p.fill(ctx, guardrails.Ref(target)); err != nil {
			return nil, fmt.Errorf("target of FullAWSAccess: %w", err)
		}
	}
	return p.finish(ctx, c, pulumi.Map{
		PoliciesOutput: ids, PendingOutput: pulumi.ToStringArray(pending),
		DetachedOutput: pulumi.ToStringArray(detached), DetachingOutput: pulumi.ToStringArray(detaching),
		FullAccessIDsOutput: taken, AbsentOutput: pulumi.ToStringMap(absent),
	})
}

func (p placement) policy(ctx *pulumi.Context, c pulumi.Resource, pol guardrails.Policy, content guardrails.Text, last []pulumi.Resource) (*organizations.Policy, error) {
	text, err := p.fill(ctx, content)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", pol.Name, err)
	}
	var aliases []pulumi.Alias
	for _, w := range pol.Was {
		aliases = append(aliases, pulumi.Alias{Name: pulumi.String(PolicyName(w))})
	}
	name := PolicyName(pol.Name)
	policy, err := organizations.NewPolicy(ctx, name, &organizations.PolicyArgs{
		Name:        pulumi.String(pol.Name),
		Type:        pulumi.String(pol.Type),
		Description: pulumi.String(pol.Description),
		Content:     text,
	}, p.child(c, name, pulumi.DependsOn(last), pulumi.Aliases(aliases))...)
	if err != nil {
		return nil, fmt.Errorf("register policy %s: %w", pol.Name, err)
	}
	return policy, nil
}

// missingBoundaries returns, by policy, the needs that are not met: the
// account's stack has not exported the boundary. Nothing is missing in an account
// that is closed or no member.
func (p placement) missingBoundaries(ctx *pulumi.Context, absent map[string]string) (map[string][]guardrails.BoundaryNeed, error) {
	has := map[string]map[string]string{}
	missing := map[string][]guardrails.BoundaryNeed{}
	for _, pol := range p.plan.Policies {
		if pol.Pending == nil {
			continue
		}
		for _, n := range pol.Pending.Needs {
			if absent[n.Account] != "" {
				continue
			}
			if _, ok := has[n.Account]; !ok {
				o, _, err := p.options.Reader.Outputs(ctx, accountPrefix+n.Account)
				if err != nil {
					return nil, err
				}
				has[n.Account] = o.StringMap(BoundariesOutput)
			}
			if has[n.Account][n.Policy] == "" {
				missing[pol.Name] = append(missing[pol.Name], n)
			}
		}
	}
	return missing, nil
}

func pendingMessage(pol guardrails.Policy, lack []guardrails.BoundaryNeed) string {
	what := "without the statements that require a boundary"
	if pol.Pending.Content == "" {
		what = "not at all"
	}
	var where []string
	for _, n := range lack {
		where = append(where, fmt.Sprintf("%s in %s", n.Policy, n.Account))
	}
	const most = 3
	more := ""
	if len(where) > most {
		more = fmt.Sprintf(" and %d more", len(where)-most)
		where = where[:most]
	}
	return fmt.Sprintf("policy %s is deployed %s: missing are boundary %s%s; deploy these accounts, then the policies again [GR415]",
		pol.Name, what, strings.Join(where, ", "), more)
}

// former holds what policies and units were called before.
type former struct {
	policies map[string][]string // by name
	targets  map[string][]string // by reference
}

func (p placement) formerNames() former {
	f := former{map[string][]string{}, map[string][]string{}}
	for _, pol := range p.plan.Policies {
		f.policies[pol.Name] = pol.Was
	}
	for _, u := range p.plan.Units {
		for _, w := range u.Was {
			f.targets["unit:"+u.Path] = append(f.targets["unit:"+u.Path], "unit:"+w)
		}
	}
	return f
}

// attachment are the names an attachment may have had: every former name of
// its policy, at every former name of its target.
func (f former) attachment(a guardrails.Attachment) []pulumi.Alias {
	var aliases []pulumi.Alias
	for _, policy := range append([]string{a.Policy}, f.policies[a.Policy]...) {
		for _, target := range append([]string{a.Target}, f.targets[a.Target]...) {
			if policy != a.Policy || target != a.Target {
				aliases = append(aliases, pulumi.Alias{Name: pulumi.String(attachmentName(policy, target))})
			}
		}
	}
	return aliases
}
