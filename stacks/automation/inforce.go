package automation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

// proveOver hands to Options.Prove what is in force, before anything is
// deployed over it.
func (d *driver) proveOver(ctx context.Context) error {
	if d.opts.Prove == nil || !d.has(policiesStack) {
		return nil
	}
	dep, err := d.state(ctx, policiesStack)
	if err != nil {
		return err
	}
	before, err := inForce(d.plan, d.outputs("organization"), d.outputs(policiesStack), dep.Resources)
	if err != nil {
		return err
	}
	if len(before.Policies) == 0 {
		return nil
	}
	return d.opts.Prove(before)
}

const policiesStack = "policies"

// inForce is what the state says is deployed, as far as it decides requests:
// the units and accounts, by what the organization stack exported, and the
// policies with their attachments. What the state does not have, such as where
// an account was, is as the plan says.
func inForce(p *guardrails.Plan, organization, policies stacks.Outputs, resources []apitype.ResourceV3) (*guardrails.Plan, error) {
	before := &guardrails.Plan{
		Version: guardrails.Version, IDs: map[string]string{}, IDLengths: p.IDLengths, Organization: p.Organization,
		Elsewhere: p.Elsewhere, Exceptions: []guardrails.Exception{}, NoFullAccess: []string{},
	}
	refs := map[string]string{} // by id
	known := func(ref, id string) {
		if id != "" {
			before.IDs[ref], refs[id] = id, ref
		}
	}
	known("organization", organization.String(stacks.OrganizationIDOutput))
	known("root", organization.String(stacks.RootIDOutput))
	known("account:"+stacks.Management, organization.String(stacks.ManagementAccountIDOutput))
	units := organization.StringMap(stacks.UnitIDsOutput)
	for _, path := range slices.Sorted(maps.Keys(units)) {
		parent := "root"
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			parent = path[:i]
		}
		before.Units = append(before.Units, guardrails.Unit{Path: path, Name: path, Parent: parent})
		known("unit:"+path, units[path])
	}
	accounts := organization.StringMap(stacks.AccountIDsOutput)
	for _, key := range slices.Sorted(maps.Keys(accounts)) {
		before.Accounts = append(before.Accounts, guardrails.Account{Key: key, Parent: "root"})
		known("account:"+key, accounts[key])
	}
	for _, f := range stacks.Former(p, before.IDs, policies, stacks.DetachedOutput) {
		before.NoFullAccess = append(before.NoFullAccess, f.Target)
	}
	slices.Sort(before.NoFullAccess)
	names := map[string]guardrails.Policy{} // by id
	for _, r := range resources {
		if r.Type != "aws:organizations/policy:Policy" || r.ID == "" {
			continue
		}
		pol := guardrails.Policy{Type: text(r.Inputs, "type"), Name: text(r.Inputs, "name"), Content: guardrails.Text(text(r.Inputs, "content"))}
		if pol.Name == "" || pol.Content == "" {
			return nil, fmt.Errorf("the state of stack %s has a policy, %s, without a name or a content", policiesStack, r.URN.Name())
		}
		names[string(r.ID)] = pol
		before.Policies = append(before.Policies, pol)
	}
	for _, r := range resources {
		if r.Type != "aws:organizations/policyAttachment:PolicyAttachment" {
			continue
		}
		pol, ref := names[text(r.Outputs, "policyId")], refs[text(r.Outputs, "targetId")]
		if pol.Name != "" && ref != "" {
			before.Attachments = append(before.Attachments, guardrails.Attachment{Target: ref, Type: pol.Type, Policy: pol.Name})
		}
	}
	return before, nil
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}
