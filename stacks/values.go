package stacks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// Outputs are what a stack exported at the end of its last successful `up`.
type Outputs map[string]any

// String is an output that is a string; "" where there is none.
func (o Outputs) String(name string) string {
	s, _ := o[name].(string)
	return s
}

// StringMap is an output that is a map of strings; empty where there is none.
func (o Outputs) StringMap(name string) map[string]string {
	out := map[string]string{}
	m, _ := o[name].(map[string]any)
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

// StringList is an output that is a list of strings; empty where there is none.
func (o Outputs) StringList(name string) []string {
	out := []string{}
	l, _ := o[name].([]any)
	for _, v := range l {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// The names of outputs.
const (
	DigestOutput              = "digest"
	IDsOutput                 = "ids"
	OrganizationIDOutput      = "organizationId"
	RootIDOutput              = "rootId"
	ManagementAccountIDOutput = "managementAccountId"
	UnitIDsOutput             = "unitIds"
	AccountIDsOutput          = "accountIds"
	TrustedServicesOutput     = "trustedServices"
	PolicyTypesOutput         = "policyTypes"
	// WaitingOutput are the keys of accounts that were created and are not in
	// their own units yet.
	WaitingOutput = "waiting"
	// AbsentOutput are the accounts of the plan, by key, that are closed or no
	// members, with AWS's word for it or NoMember; the policies stack exports
	// those that it was deployed without.
	AbsentOutput = "absent"

	AccountIDOutput  = "accountId"
	BoundariesOutput = "boundaries"
	RolesOutput      = "roles"
	AnalyzersOutput  = "analyzers"
	PoliciesOutput   = "policies"
	PendingOutput    = "pending"
	// DetachedOutput are the targets, as references, that FullAWSAccess has been
	// taken from; DetachingOutput those that the next run takes it from.
	DetachedOutput  = "fullAccessDetached"
	DetachingOutput = "fullAccessDetaching"
	// FullAccessIDsOutput are the ids of both by reference: a unit or an account
	// may be called otherwise by the next run.
	FullAccessIDsOutput = "fullAccessIds"
)

// A Reader reads the outputs of another stack of the same project; ok is false
// for a stack that was never deployed.
type Reader interface {
	Outputs(ctx *pulumi.Context, stack string) (o Outputs, ok bool, err error)
}

// Backend reads outputs from the state backend through the engine, which
// registers no resource.
type Backend struct{}

type readStackOutputsArgs struct {
	Name string `pulumi:"name"`
}

type readStackOutputsResult struct {
	Outputs map[string]any `pulumi:"outputs"`
}

// Outputs implements [Reader].
func (Backend) Outputs(ctx *pulumi.Context, stack string) (Outputs, bool, error) {
	name := ctx.Organization() + "/" + ctx.Project() + "/" + stack
	var res readStackOutputsResult
	err := ctx.Invoke("pulumi:pulumi:readStackOutputs", &readStackOutputsArgs{Name: name}, &res)
	switch {
	case err != nil && strings.Contains(err.Error(), "unknown stack"):
		return nil, false, nil // the engine has no other way to say it
	case err != nil:
		return nil, false, fmt.Errorf("read outputs of stack %s: %w", stack, err)
	}
	return res.Outputs, true, nil
}

// Known reads outputs that the caller has read already.
type Known map[string]Outputs

// Outputs implements [Reader].
func (k Known) Outputs(_ *pulumi.Context, stack string) (Outputs, bool, error) {
	o, ok := k[stack]
	return o, ok, nil
}

// A MissingError says that a stack cannot be deployed yet, because another one
// has not been, or not with this plan.
type MissingError struct {
	Stack string   // the stack that cannot be deployed
	From  string   // the stack to deploy first
	Refs  []string // what is missing; empty when the outputs are stale
}

func (e *MissingError) Error() string {
	if len(e.Refs) == 0 {
		return fmt.Sprintf("the outputs of stack %s were made from another plan: deploy it first with "+
			"`pulumi up --stack %[1]s`, or all stacks in order with `orgrails up`", e.From)
	}
	what := e.Refs[0]
	if n := len(e.Refs) - 1; n > 0 {
		what += fmt.Sprintf(" (and %d more)", n)
	}
	return fmt.Sprintf("no id is known yet for %s: deploy stack %s first with `pulumi up --stack %[2]s`, "+
		"or all stacks in order with `orgrails up`", what, e.From)
}

// IDs merges the ids that a plan knows with those that the organization stack
// exported. The exported ones win: they are what was deployed. A unit whose key
// has changed since keeps its id.
func IDs(p *guardrails.Plan, organization Outputs) map[string]string {
	ids := maps.Clone(p.IDs)
	if ids == nil {
		ids = map[string]string{}
	}
	set := func(ref, id string) {
		if id != "" {
			ids[ref] = id
		}
	}
	set("organization", organization.String(OrganizationIDOutput))
	set("root", organization.String(RootIDOutput))
	set("account:"+Management, organization.String(ManagementAccountIDOutput))
	for path, id := range organization.StringMap(UnitIDsOutput) {
		set("unit:"+path, id)
	}
	for _, u := range p.Units {
		for _, was := range u.Was {
			if ref := "unit:" + u.Path; ids[ref] == "" {
				set(ref, ids["unit:"+was])
			}
		}
	}
	for key, id := range organization.StringMap(AccountIDsOutput) {
		set("account:"+key, id)
	}
	return ids
}

// Resolve returns the ids that a stack needs: the plan's own, and where those
// do not suffice what the organization stack exported, given its outputs. It
// fails with a [*MissingError] when that stack was never deployed, or not with
// this plan.
func Resolve(p *guardrails.Plan, s Stack, organization Outputs) (map[string]string, error) {
	missing := lacking(p.IDs, Refs(p, s))
	if len(missing) == 0 {
		return p.IDs, nil
	}
	if len(organization) == 0 {
		return nil, &MissingError{Stack: s.Name, From: organizationStack, Refs: missing}
	}
	if organization.String(DigestOutput) != digest(p, Stack{Kind: OrganizationKind}) {
		return nil, &MissingError{Stack: s.Name, From: organizationStack}
	}
	ids := IDs(p, organization)
	if missing = lacking(ids, missing); len(missing) > 0 {
		return nil, &MissingError{Stack: s.Name, From: organizationStack, Refs: missing}
	}
	return ids, nil
}

// resolve reads the organization stack's outputs only when the plan lacks an
// id. In a preview they may be stale, and what they lack is left out.
func resolve(ctx *pulumi.Context, p *guardrails.Plan, s Stack, r Reader) (map[string]string, error) {
	if len(lacking(p.IDs, Refs(p, s))) == 0 {
		return p.IDs, nil
	}
	o, _, err := r.Outputs(ctx, organizationStack)
	if err != nil {
		return nil, err
	}
	if ctx.DryRun() {
		return IDs(p, o), nil
	}
	return Resolve(p, s, o)
}

func lacking(ids map[string]string, refs []string) []string {
	var missing []string
	for _, r := range refs {
		if ids[r] == "" {
			missing = append(missing, r)
		}
	}
	return slices.Clip(missing)
}

// filled is a text with its ids, as an input. In a preview a text whose ids are
// not known yet is an unknown value; otherwise that is an error.
func filled(ctx *pulumi.Context, t guardrails.Text, ids map[string]string) (pulumi.StringOutput, error) {
	s, err := t.Fill(ids)
	switch {
	case err == nil:
		return pulumi.String(s).ToStringOutput(), nil
	case ctx.DryRun():
		return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) string { return "" }).(pulumi.StringOutput), nil
	default:
		return pulumi.StringOutput{}, err
	}
}
