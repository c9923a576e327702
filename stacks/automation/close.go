package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A Closing is the wish to close an account.
type Closing struct {
	Account     string // its id, or its key in the file or in the state
	StillInFile bool   // close it although the file has it
	// Confirm is called with the account, before it is closed; an error ends
	// the run. nil confirms.
	Confirm func(Closed) error
}

// A Closed is an account that is closed, or about to be.
type Closed struct {
	Key    string `json:"key,omitempty"` // "" where neither the file nor the state has it
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Before string `json:"before"` // its status before: one that was closed already is not closed again
	InFile bool   `json:"inFile"`
	// Forgotten are the stacks and resources that left the state.
	Forgotten []string `json:"forgotten"`
}

// CloseAccount closes an account, and takes it, and the stack of what was
// deployed in it, out of the state: nothing of it can be read or changed any
// more. It refuses the management account, delegated administrators, and an
// account that the plan has unless that is wanted.
func CloseAccount(ctx context.Context, p *guardrails.Plan, opts Options, c Closing) (*Closed, error) {
	var closed *Closed
	_, err := drive(ctx, p, opts, "account close", func(d *driver, ctx context.Context) error {
		var err error
		closed, err = d.closeAccount(ctx, c)
		return err
	})
	return closed, err
}

func (d *driver) closeAccount(ctx context.Context, c Closing) (*Closed, error) {
	a, err := d.closable(ctx, c)
	if err != nil {
		return nil, err
	}
	organization := stacks.Stack{Name: "organization", Kind: stacks.OrganizationKind}
	dep, err := d.unlocked(ctx, organization) // before: what is closed must also be forgotten
	if err != nil {
		return nil, err
	}
	if len(dep.Pending) > 0 {
		return nil, &Problem{Code: "GR423", Summary: "a run of up died while it deployed stack organization, and what it was doing is not settled",
			Hint: "run `orgrails up`, which puts that right, and close the account after it"}
	}
	if a.Before == "ACTIVE" {
		if c.Confirm != nil {
			if err := c.Confirm(*a); err != nil {
				return nil, err
			}
		}
		if err := d.live.CloseAccount(ctx, a.ID); err != nil {
			p := problemOf(err)
			return nil, &Problem{Code: "GR426", Summary: fmt.Sprintf("AWS does not close account %s: %s", a.ID, p.Summary), Err: err,
				Hint: "nothing was changed; AWS closes three accounts at a time, and within 30 days 20 % of them or 250: `orgrails account list` shows those that are PENDING_CLOSURE"}
		}
	}
	if err := d.forgetAccount(ctx, a, organization); err != nil {
		return a, fmt.Errorf("account %s is closed, and is still in the state: run the command again: %w", a.ID, err)
	}
	return a, nil
}

// closable finds an account, and refuses one that must not be closed.
func (d *driver) closable(ctx context.Context, c Closing) (*Closed, error) {
	refuse := func(hint, format string, args ...any) error {
		return &Problem{Code: "GR425", Summary: fmt.Sprintf(format, args...), Hint: hint}
	}
	const list = "`orgrails account list` lists the accounts"
	caller, err := d.live.Preflight(ctx, d.plan)
	if err != nil {
		return nil, problemOf(err)
	}
	all, err := d.live.Accounts(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	keys := d.accountKeys(all)
	id := c.Account
	if _, ok := all[id]; !ok {
		for k, key := range keys {
			if key == c.Account {
				id = k
			}
		}
	}
	there, ok := all[id]
	switch {
	case id == caller.ManagementAccount || c.Account == stacks.Management:
		return nil, refuse("AWS closes it only when it is the last account: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delete-org.html",
			"account %s is the management account", caller.ManagementAccount)
	case !ok:
		return nil, refuse(list, "the organization has no account %s", c.Account)
	}
	a := &Closed{Key: keys[id], ID: id, Name: there.Name, Email: there.Email, Before: there.Status, Forgotten: []string{}}
	a.InFile = slices.ContainsFunc(d.plan.Accounts, func(p guardrails.Account) bool { return p.Key == a.Key })
	if !there.Active() {
		return a, nil
	}
	services, err := d.live.Administers(ctx, id)
	if err != nil {
		return nil, problemOf(err)
	}
	if len(services) > 0 {
		return nil, refuse("make another account the delegated administrator in the file, and run `orgrails up` first",
			"account %s is delegated administrator of %s", id, strings.Join(services, ", "))
	}
	if a.InFile && !c.StillInFile {
		return nil, refuse("take it out of the file and run `orgrails up`, which forgets it; or close it all the same with --still-in-file",
			"account %s is %s in the file", id, a.Key)
	}
	return a, nil
}

// accountKeys are the keys that the file and the state have for accounts, by id.
func (d *driver) accountKeys(all map[string]live.Standing) map[string]string {
	keys := map[string]string{}
	for name := range maps.Clone(d.known) {
		if s, ok := stacks.ParseName(name); ok && s.Kind == stacks.AccountKind {
			keys[d.outputs(name).String(stacks.AccountIDOutput)] = s.Key
		}
	}
	for key, id := range d.outputs("organization").StringMap(stacks.AccountIDsOutput) {
		keys[id] = key
	}
	for _, a := range d.plan.Accounts {
		id := d.plan.IDs["account:"+a.Key]
		if id == "" {
			for _, there := range all {
				if there.Email == strings.ToLower(a.Email) {
					id = there.ID
				}
			}
		}
		keys[id] = a.Key
	}
	delete(keys, "")
	return keys
}

// forgetAccount takes an account out of the state of the organization, and the
// stack of the account away.
func (d *driver) forgetAccount(ctx context.Context, a *Closed, organization stacks.Stack) error {
	if d.has(organization.Name) {
		stack, err := d.open(ctx, organization.Name, nil)
		if err != nil {
			return err
		}
		raw, err := stack.Export(ctx)
		if err != nil {
			return fmt.Errorf("read the state of stack %s: %w", organization.Name, firstError(err))
		}
		var gone []string
		if raw.Deployment, gone, err = withoutAccount(raw.Deployment, a.ID); err != nil {
			return fmt.Errorf("edit the state of stack %s: %w", organization.Name, err)
		}
		if len(gone) > 0 {
			if err := stack.Import(ctx, raw); err != nil {
				return fmt.Errorf("write the state of stack %s: %w", organization.Name, firstError(err))
			}
			a.Forgotten = append(a.Forgotten, gone...)
		}
	}
	if s := "account-" + a.Key; a.Key != "" && d.has(s) {
		if err := d.forget(ctx, s); err != nil {
			return err
		}
		a.Forgotten = append(a.Forgotten, "stack "+s)
	}
	return nil
}

// withoutAccount is a state without an account, and the names of what left it.
func withoutAccount(state json.RawMessage, id string) (json.RawMessage, []string, error) {
	all, err := decoded(state)
	if err != nil {
		return nil, nil, err
	}
	urns := map[string]bool{}
	var gone []string
	var kept []map[string]any
	for _, r := range objects(all["resources"]) {
		if text(r, "type") == "aws:organizations/account:Account" && text(r, "id") == id {
			urn := text(r, "urn")
			urns[urn] = true
			gone = append(gone, urn[strings.LastIndex(urn, "::")+2:])
			continue
		}
		kept = append(kept, r)
	}
	if len(gone) == 0 {
		return state, nil, nil
	}
	for _, r := range kept {
		r["dependencies"] = without(r["dependencies"], urns)
		if by, ok := r["propertyDependencies"].(map[string]any); ok {
			for k, v := range by {
				by[k] = without(v, urns)
			}
		}
		if outputs, ok := r["outputs"].(map[string]any); ok {
			if ids, ok := outputs[stacks.AccountIDsOutput].(map[string]any); ok {
				maps.DeleteFunc(ids, func(_ string, v any) bool { return v == id })
			}
		}
	}
	all["resources"] = kept
	out, err := json.Marshal(all)
	return out, gone, err
}

func without(list any, urns map[string]bool) []any {
	l, _ := list.([]any)
	return slices.DeleteFunc(slices.Clone(l), func(v any) bool { s, _ := v.(string); return urns[s] })
}

// reopening is how long AWS keeps what is in a closed account.
const reopening = 90 * 24 * time.Hour

// Until is the day up to which AWS Support can open the account again.
func (c Closed) Until(now time.Time) string { return now.Add(reopening).UTC().Format(time.DateOnly) }
