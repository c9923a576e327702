package automation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/stacks"
)

// Moves are the accounts of a plan that a deployment would move to another
// unit, with what is in force for them now, by the state, and what will be.
type Moves struct {
	Accounts []Move
	// Before and After have no other accounts, and no policies but service and
	// resource control policies.
	Before, After *guardrails.Plan
}

// A Move is of one account.
type Move struct {
	Account  string `json:"account"` // key
	From, To string // paths, or root
}

// FindMoves finds the accounts that Up would move. It reads the state, and of
// AWS only whose the credentials are; accounts that the state does not have yet
// are left out. nil where none would be moved.
func FindMoves(ctx context.Context, p *guardrails.Plan, opts Options) (*Moves, error) {
	var m *Moves
	_, err := drive(ctx, p, opts, "moves", func(d *driver, ctx context.Context) error {
		if !d.has("organization") {
			return nil
		}
		organization, err := d.state(ctx, "organization")
		if err != nil {
			return err
		}
		moves := moved(p, organization.Resources)
		if len(moves) == 0 {
			return nil
		}
		var policies deployment
		if d.has(policiesStack) {
			if policies, err = d.state(ctx, policiesStack); err != nil {
				return err
			}
		}
		before, err := inForce(p, d.outputs("organization"), d.outputs(policiesStack), policies.Resources)
		if err != nil {
			return err
		}
		m, err = narrowed(p, before, moves)
		return err
	})
	return m, err
}

// moved compares where the state has the accounts with where the plan has them.
func moved(p *guardrails.Plan, resources []apitype.ResourceV3) []Move {
	paths := map[string]string{} // of units by id, "root" where it is none
	for _, r := range resources {
		if path, ok := strings.CutPrefix(r.URN.Name(), stacks.UnitName("")); ok && strings.HasSuffix(string(r.Type), ":OrganizationalUnit") && !r.Delete {
			paths[string(r.ID)] = path
		}
	}
	now := map[string]string{} // paths by former ones
	for _, u := range p.Units {
		for _, was := range u.Was {
			now[was] = u.Path
		}
	}
	for _, u := range p.Units {
		delete(now, u.Path)
	}
	at := map[string]string{} // paths by logical name
	for _, r := range resources {
		if string(r.Type) != accountPulumiType || r.Delete {
			continue
		}
		parent := text(r.Outputs, "parentId")
		switch path, ok := paths[parent]; {
		case ok:
			at[r.URN.Name()] = path
		case strings.HasPrefix(parent, "r-"):
			at[r.URN.Name()] = "root"
		}
	}
	var moves []Move
	for _, a := range p.Accounts {
		from := at[stacks.AccountName(a.Key)]
		if to := now[from]; from != "" && from != a.Parent && to != a.Parent {
			moves = append(moves, Move{a.Key, from, a.Parent})
		}
	}
	return moves
}

// narrowed are the two plans with the accounts that move alone.
func narrowed(p, inForce *guardrails.Plan, moves []Move) (*Moves, error) {
	from := map[string]string{}
	for _, m := range moves {
		from[m.Account] = m.From
	}
	others := func(ref string) bool {
		key, ok := strings.CutPrefix(ref, "account:")
		return ok && from[key] == ""
	}
	narrow := func(q guardrails.Plan) *guardrails.Plan {
		q.Accounts = slices.DeleteFunc(slices.Clone(q.Accounts), func(a guardrails.Account) bool { return from[a.Key] == "" })
		q.Policies = slices.DeleteFunc(slices.Clone(q.Policies), func(x guardrails.Policy) bool { return !decides(x.Type) })
		q.Attachments = slices.DeleteFunc(slices.Clone(q.Attachments), func(a guardrails.Attachment) bool { return !decides(a.Type) || others(a.Target) })
		q.NoFullAccess = slices.DeleteFunc(slices.Clone(q.NoFullAccess), others)
		q.Elsewhere = slices.Clone(q.Elsewhere)
		for i := range q.Elsewhere {
			q.Elsewhere[i].Targets = slices.DeleteFunc(slices.Clone(q.Elsewhere[i].Targets), others)
		}
		q.Baselines, q.Analyzers, q.Exceptions, q.NotCarried = nil, nil, nil, nil
		return &q
	}
	m := &Moves{Accounts: moves, Before: narrow(*inForce), After: narrow(*p)}
	for i := range m.Before.Accounts {
		a := &m.Before.Accounts[i]
		a.Parent = from[a.Key]
	}
	for i := range m.Before.Policies {
		if err := describe(&m.Before.Policies[i], p); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// decides says that policies of a type allow or deny requests.
func decides(typ string) bool {
	return typ == string(policy.ServiceControlPolicy) || typ == string(policy.ResourceControlPolicy)
}

// describe spells a policy that is in force as a plan does, with its ids in the
// order of their references no more, and says of each statement what the plan
// says of the one in its place; of others only their Sid is known.
func describe(pol *guardrails.Policy, p *guardrails.Plan) error {
	doc, ds := policy.Parse(pol.Name, []byte(pol.Content))
	if ds.HasErrors() {
		return fmt.Errorf("the state of stack %s: policy %s: %s", policiesStack, pol.Name, ds[0].Summary)
	}
	known := map[string]guardrails.Statement{}
	for _, x := range p.Policies {
		if x.Type == pol.Type && x.Name == pol.Name {
			for _, s := range x.Statements {
				known[s.Sid] = guardrails.Statement{Sid: s.Sid, Guardrail: s.Guardrail, Origin: s.Origin, Exceptions: s.Exceptions}
			}
		}
	}
	pol.Content = guardrails.Text(doc.JSON())
	pol.Statements = []guardrails.Statement{}
	for _, s := range doc.Statements {
		st, ok := known[s.Sid]
		if !ok || s.Sid == "" {
			st = guardrails.Statement{Sid: s.Sid, Exceptions: []string{}}
		}
		pol.Statements = append(pol.Statements, st)
	}
	return nil
}
