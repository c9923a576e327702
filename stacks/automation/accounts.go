package automation

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// An AccountRow is one account, as the file and as AWS have it.
type AccountRow struct {
	Key    string `json:"key,omitempty"` // in the file; "" where the file does not have it
	ID     string `json:"id,omitempty"`  // "" where AWS does not have it
	Name   string `json:"name"`
	Email  string `json:"email"`
	Unit   string `json:"unit,omitempty"`   // in AWS, by the names from the root down; root for the root itself
	Status string `json:"status,omitempty"` // AWS's word: ACTIVE, SUSPENDED, PENDING_CLOSURE; INVITED where it is no member yet
	// Invitation is an open one, where the account is no member.
	Invitation *live.Invitation `json:"invitation,omitempty"`
	// Differs says how the file and AWS differ; empty where they do not.
	Differs []string `json:"differs"`

	wanted string // the id in the file
}

// Accounts lists the accounts of the plan and those of AWS, side by side:
// first those of the plan by key, then the others by id. It only reads AWS.
func Accounts(ctx context.Context, p *guardrails.Plan, opts Options) ([]AccountRow, error) {
	s, err := live.Open(ctx, live.Options{Region: p.Organization.HomeRegion, Env: opts.Env})
	if err != nil {
		return nil, problemOf(err)
	}
	caller, err := s.Preflight(ctx, p)
	if err != nil {
		return nil, problemOf(err)
	}
	all, err := s.Accounts(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	units, err := s.Places(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	open, err := s.Invitations(ctx)
	if err != nil {
		return nil, problemOf(err)
	}
	return invitedRows(rows(p, caller.ManagementAccount, all, units), open), nil
}

// invitedRows are the rows with the open invitations: of accounts of the file,
// and at the end of others.
func invitedRows(list []AccountRow, open map[string]live.Invitation) []AccountRow {
	open = maps.Clone(open)
	for i := range list {
		r := &list[i]
		for _, party := range []string{r.wanted, strings.ToLower(r.Email)} {
			if in, ok := open[party]; ok && r.Status == "" {
				r.invited(in)
				delete(open, party)
				break
			}
		}
	}
	for _, party := range slices.Sorted(maps.Keys(open)) {
		r := AccountRow{ID: party, Differs: []string{"the file does not have it"}}
		if strings.Contains(party, "@") {
			r.ID, r.Email = "", party
		}
		r.invited(open[party])
		list = append(list, r)
	}
	return list
}

// invited notes an open invitation.
func (r *AccountRow) invited(in live.Invitation) {
	r.Invitation, r.Status = &in, "INVITED"
	r.Differs = append(r.Differs, "invited, and not accepted yet; the invitation "+in.ID+" expires on "+in.Until())
}

func rows(p *guardrails.Plan, management string, all map[string]live.Standing, units map[string]string) []AccountRow {
	byEmail := map[string]string{}
	for id, a := range all {
		byEmail[a.Email] = id
	}
	paths := map[string]string{"root": "root"} // units by their names, as AWS has them
	for _, u := range p.Units {
		paths[u.Path] = u.Name
		if u.Parent != "root" {
			paths[u.Path] = paths[u.Parent] + "/" + u.Name
		}
	}
	var list []AccountRow
	seen := map[string]bool{}
	for _, a := range p.Accounts {
		r := AccountRow{Key: a.Key, ID: p.IDs["account:"+a.Key], Name: a.Name, Email: a.Email, Differs: []string{}}
		given := r.ID != ""
		r.wanted = r.ID
		if !given {
			r.ID = byEmail[strings.ToLower(a.Email)]
		}
		there, ok := all[r.ID]
		differs := func(yes bool, what string) {
			if yes {
				r.Differs = append(r.Differs, what)
			}
		}
		switch {
		case !ok && given:
			differs(true, "the organization has no account "+r.ID)
			r.ID = ""
		case !ok:
			differs(true, "up creates it")
		default:
			seen[r.ID] = true
			r.Status, r.Unit = there.Status, units[r.ID]
			differs(!given, "its id is in neither the file nor organization.lock.json: up and adopt find it by its e-mail")
			differs(!there.Active(), "the file has it, and AWS has closed it: take it out of the file")
			if new := p.Organization.NewAccounts; new != "" && r.Unit == paths[new] && a.Parent != new {
				differs(true, "it waits in "+paths[new]+" until it is deployed, and is then moved to "+paths[a.Parent])
			} else {
				differs(paths[a.Parent] != r.Unit, "the file has it in "+paths[a.Parent])
			}
			differs(there.Name != a.Name, "AWS calls it "+there.Name)
			differs(there.Email != strings.ToLower(a.Email), "its e-mail in AWS is "+there.Email)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b AccountRow) int { return cmp.Compare(a.Key, b.Key) })
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if seen[id] {
			continue
		}
		a := all[id]
		r := AccountRow{ID: id, Name: a.Name, Email: a.Email, Unit: units[id], Status: a.Status, Differs: []string{}}
		switch {
		case id == management:
			r.Key = stacks.Management
		case a.Active():
			r.Differs = append(r.Differs, "the file does not have it")
		}
		list = append(list, r)
	}
	return list
}
