package e2e

import (
	"encoding/json"
	"slices"

	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/awstest"
)

// A deployRole is what `catalog show deploy-role` allows, by the side of the
// caller: the member accounts, and the management account.
type deployRole struct {
	management string // account id
	actions    map[bool]map[string]bool
}

// deployRole asks for the policies of the file as it is now.
func (p *place) deployRole() deployRole {
	p.t.Helper()
	out, err := p.Run(p.ctx, "catalog", "show", "deploy-role", "--file", p.File(), "--json")
	if err != nil || out.Code != 0 {
		p.t.Fatalf("catalog show deploy-role: %v\n%s", err, out.Stderr)
	}
	var shown struct {
		Member, Management struct{ Document json.RawMessage }
	}
	if err := json.Unmarshal([]byte(out.Stdout), &shown); err != nil {
		p.t.Fatal(err)
	}
	r := deployRole{p.plan().IDs["account:management"], map[bool]map[string]bool{}}
	for management, document := range map[bool]json.RawMessage{false: shown.Member.Document, true: shown.Management.Document} {
		d, ds := policy.Parse("deploy-role", document)
		if ds.HasErrors() || len(d.Statements) == 0 {
			p.t.Fatalf("%v\n%s", ds, document)
		}
		r.actions[management] = map[string]bool{}
		for _, s := range d.Statements {
			for _, a := range s.Action {
				r.actions[management][a] = true
			}
		}
	}
	return r
}

// allowed wants every recorded call of a deployment allowed by the policies of
// the file before it or of the file now, and counts them. The record has no
// ARNs: it is about actions; guardrails/proof asks with resources.
func (p *place) allowed(calls []awstest.Call, policies ...deployRole) {
	p.t.Helper()
	for _, c := range calls {
		action := c.Service + ":" + c.Operation
		if action == "sts:GetCallerIdentity" {
			continue // needs no permission, and no policy can deny it
		}
		p.asked++
		if !slices.ContainsFunc(policies, func(r deployRole) bool { return r.actions[c.Account == r.management][action] }) {
			p.t.Errorf("%s in %s is made, and catalog show deploy-role does not allow it", action, c.Account)
		}
	}
}
