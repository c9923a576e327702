package stacks

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// An Adopted is what is known about a stack before things that exist in AWS
// are taken into its state.
type Adopted struct {
	IDs map[string]string // by reference: what the provider and the outputs are made from
	// Found are the ids by which Pulumi imports what exists, by logical name.
	Found map[string]string
	// Detached are the targets, as references, that FullAWSAccess is not
	// attached to although AWS attaches it everywhere: an allow list has taken
	// its place before.
	Detached []string
}

// Adoption returns a program that takes things which exist in AWS into the
// state of a stack, under the names, below the component, with the provider
// and under the guards that [Program] gives them. It asks for nothing: every
// property is what AWS says, so that nothing can differ and nothing is
// updated. It exports no digest: only an `up` can say that a stack is as the
// plan says.
//
// It is for a state of its own, which has nothing else in it: what it does not
// register would be deleted.
func Adoption(p *guardrails.Plan, s Stack, a Adopted) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error { return shallow(func() error { return adopt(ctx, p, s, a) }) }
}

func adopt(ctx *pulumi.Context, p *guardrails.Plan, s Stack, a Adopted) error {
	hook, err := registerGuard(ctx, p, Options{OnRefusal: func(Refusal) {}})
	if err != nil {
		return err
	}
	region := p.Organization.HomeRegion
	if s.Kind == AnalyzersKind {
		region = s.Key
	}
	provider, err := newProvider(ctx, p, AccountOf(p, s), region, a.IDs, hook)
	if err != nil {
		return err
	}
	c := &removal{}
	props := pulumi.Map{DigestOutput: pulumi.String(s.Digest)}
	if err := ctx.RegisterComponentResourceV2(componentToken(s.Kind), s.Name, props, c, pulumi.Provider(provider)); err != nil {
		return fmt.Errorf("register the component of %s: %w", s.Name, err)
	}
	names := LogicalNames(p, s)
	var below, level []pulumi.Resource // of lower ranks, and of this one
	before := -1
	for _, name := range inRank(names, a.Found) {
		typ := names[name].Type
		// What writes to Organizations is one chain, as in the programs; elsewhere
		// what comes later is deleted first.
		if r := rank[typ]; r != before || s.Kind == OrganizationKind || s.Kind == PoliciesKind {
			below, level, before = append(slices.Clip(below), level...), nil, r
			if s.Kind == OrganizationKind || s.Kind == PoliciesKind {
				below = below[max(0, len(below)-1):]
			}
		}
		opts := []pulumi.ResourceOption{
			pulumi.Parent(c), pulumi.Import(pulumi.ID(a.Found[name])), pulumi.IgnoreChanges([]string{"*"}), pulumi.DependsOn(below),
		}
		var r pulumi.CustomResourceState
		if err := ctx.RegisterResource(typ, name, pulumi.Map{}, &r, append(opts, kept(typ, hook)...)...); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
		level = append(level, &r)
	}
	for name, v := range a.outputs(p, s, names) {
		ctx.Export(name, v)
	}
	return ctx.RegisterResourceOutputs(c, pulumi.Map{})
}

// kept are the options that decide, from the state alone, what happens to a
// resource that leaves the file.
func kept(typ string, hook *guard) []pulumi.ResourceOption {
	switch typ {
	case organizationType:
		return []pulumi.ResourceOption{pulumi.RetainOnDelete(true), pulumi.Protect(true), guarded(hook)}
	case accountType:
		return []pulumi.ResourceOption{pulumi.RetainOnDelete(true), guarded(hook)}
	case unitType, analyzerType:
		return []pulumi.ResourceOption{guarded(hook)}
	case passwordPolicyType:
		return []pulumi.ResourceOption{pulumi.RetainOnDelete(true)}
	}
	return nil
}

// Ignored are the properties of a type that a deployment leaves as AWS has them.
func Ignored(typ string) []string {
	switch typ {
	case accountType:
		return []string{"name", "email", "roleName", "iamUserAccessToBilling"}
	case managedPolicyType:
		return []string{"description"}
	}
	return nil
}

// Untold are inputs of ours that AWS has no word for, so that an import cannot
// tell them: they are in no resource, but say how the provider goes about it.
func Untold(typ string) map[string]any {
	if typ == roleType {
		return map[string]any{"forceDetachPolicies": true}
	}
	return nil
}

// Unasked are inputs that an import makes of what AWS has, and that no program
// of ours gives: what is attached to a role is another resource's.
func Unasked(typ string) []string {
	if typ == roleType {
		return []string{"managedPolicyArns", "inlinePolicies"}
	}
	return nil
}

func componentToken(k Kind) string {
	switch k {
	case OrganizationKind:
		return OrganizationToken
	case AccountKind:
		return AccountBaselineToken
	case AnalyzersKind:
		return AnalyzersToken
	case PoliciesKind:
		return PoliciesToken
	}
	panic(fmt.Sprintf("no stack is of kind %q", k))
}

// rank is the order of types within a stack: what has a lower one is there
// first, and goes last.
var rank = map[string]int{
	organizationType: 0, featuresType: 1, unitType: 2, accountType: 3, administratorType: 4,
	managedPolicyType: 0, passwordPolicyType: 0, roleType: 1, groupType: 1, roleAttachmentsType: 2, groupAttachmentType: 2,
	analyzerType: 0, archiveRuleType: 1,
	policyType: 0, attachmentType: 1,
}

func inRank(names map[string]Identity, found map[string]string) []string {
	return slices.SortedFunc(maps.Keys(found), func(x, y string) int {
		return cmp.Or(cmp.Compare(rank[names[x].Type], rank[names[y].Type]), cmp.Compare(x, y))
	})
}

// outputs are what other stacks need to be previewed.
func (a Adopted) outputs(p *guardrails.Plan, s Stack, names map[string]Identity) pulumi.Map {
	byPrefix := func(typ, prefix string) pulumi.StringMap {
		out := pulumi.StringMap{}
		for name, id := range a.Found {
			if rest, ok := strings.CutPrefix(name, prefix); ok && names[name].Type == typ {
				out[rest] = pulumi.String(id)
			}
		}
		return out
	}
	switch s.Kind {
	case OrganizationKind:
		return pulumi.Map{
			OrganizationIDOutput:      pulumi.String(a.IDs["organization"]),
			RootIDOutput:              pulumi.String(a.IDs["root"]),
			ManagementAccountIDOutput: pulumi.String(a.IDs["account:"+Management]),
			UnitIDsOutput:             byPrefix(unitType, UnitName("")),
			AccountIDsOutput:          byPrefix(accountType, AccountName("")),
		}
	case AccountKind:
		return pulumi.Map{
			AccountIDOutput:  pulumi.String(a.IDs["account:"+s.Key]),
			BoundariesOutput: byPrefix(managedPolicyType, boundaryName(s.Name, "")),
		}
	case AnalyzersKind:
		return pulumi.Map{AccountIDOutput: pulumi.String(a.IDs["account:"+AccountOf(p, s)])}
	}
	return pulumi.Map{PoliciesOutput: byPrefix(policyType, PolicyName("")), DetachedOutput: pulumi.ToStringArray(a.Detached)}
}
