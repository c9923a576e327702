package stacks

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// A Refusal is a deletion or replacement that a deployment refuses.
type Refusal struct {
	Name string // logical name
	Type string // Pulumi type
	ID   string // id in AWS
	Why  string // lower case, with the way out
}

func (r Refusal) Error() string { return fmt.Sprintf("%s (%s): %s", r.Name, r.ID, r.Why) }

const (
	guardHook        = "orgrails-guard" // a name that is in state for ever
	organizationType = "aws:organizations/organization:Organization"
	accountType      = "aws:organizations/account:Account"
	unitType         = "aws:organizations/organizationalUnit:OrganizationalUnit"
	analyzerType     = "aws:accessanalyzer/analyzer:Analyzer"
)

// registerGuard registers the hook that refuses. The engine records its name
// with each resource that has it and refuses to delete such a resource where
// no hook of that name is registered, so every program registers it, before
// any resource. A hook before creation would be wrong: the deletion is then
// already recorded, and the next `up` finishes the replacement.
func registerGuard(ctx *pulumi.Context, p *guardrails.Plan, opts Options) (*guard, error) {
	kept := keptNames(p, opts)
	g := &guard{gone: map[string]bool{}}
	hook, err := ctx.RegisterResourceHook(guardHook, func(args *pulumi.ResourceHookArgs) error {
		why, ok := kept[string(args.Type)+" "+args.Name]
		if !ok || g.isGone(args.Name) {
			return nil
		}
		r := Refusal{Name: args.Name, Type: string(args.Type), ID: string(args.ID), Why: why}
		opts.OnRefusal(r)
		return r
	}, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("register the hook that guards against deletion: %w", err)
	}
	g.ResourceHook = hook
	return g, nil
}

// A guard is the hook, and the accounts that it does not guard: those that AWS
// has closed or that are no members are forgotten, and nothing is done to them.
type guard struct {
	*pulumi.ResourceHook
	mu   sync.Mutex
	gone map[string]bool // logical names
}

func (g *guard) letGo(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone[name] = true
}

func (g *guard) isGone(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.gone[name]
}

// keptNames says why a resource of the plan must not be deleted, by type and
// logical name. What left the plan may go: an account is then forgotten, not closed.
func keptNames(p *guardrails.Plan, opts Options) map[string]string {
	kept := map[string]string{
		organizationType + " " + organizationName(): "the organization is never deleted or replaced by a deployment",
	}
	for _, a := range p.Accounts {
		kept[accountType+" "+AccountName(a.Key)] = fmt.Sprintf("account %s is in the file, and an account is never closed or "+
			"replaced by a deployment: undo the change, or close it with `orgrails account close`", a.Key)
	}
	for _, u := range p.Units {
		kept[unitType+" "+UnitName(u.Path)] = fmt.Sprintf("unit %s is in the file, and AWS cannot move a unit: "+
			"check its parent in AWS and the id that the file gives", u.Path)
	}
	if opts.AllowReplace {
		return kept
	}
	for _, r := range p.Analyzers {
		for _, a := range r.Analyzers {
			kept[analyzerType+" "+analyzerName(analyzersPrefix+r.Region, a.Name)] = fmt.Sprintf("analyzer %s in %s can only be "+
				"changed by replacing it, and its findings are lost with it: undo the change, or allow it with --allow-replace", a.Name, r.Region)
		}
	}
	return kept
}

// guarded puts a resource under the guard.
func guarded(g *guard) pulumi.ResourceOption {
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeDelete: []*pulumi.ResourceHook{g.ResourceHook}})
}
