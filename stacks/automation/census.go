package automation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// census reads the accounts of the organization, and where it matters its open
// invitations, and notes which accounts of the plan are closed or no members,
// and how many are to be created.
func (d *driver) census(ctx context.Context) error {
	all, err := d.live.Accounts(ctx)
	if err != nil {
		return problemOf(err)
	}
	listed := map[string]stacks.Listed{}
	emails := map[string]bool{}
	for id, a := range all {
		listed[id] = stacks.Listed{Email: a.Email, Status: a.Status}
		emails[a.Email] = true
	}
	d.absent = stacks.Absent(d.plan, listed)
	for _, a := range d.plan.Accounts {
		if d.plan.IDs["account:"+a.Key] == "" && !emails[strings.ToLower(a.Email)] {
			d.toCreate++
		}
	}
	outside := false
	for _, why := range d.absent {
		outside = outside || why == stacks.NoMember
	}
	if d.toCreate > 0 || outside {
		if d.invitations, err = d.live.Invitations(ctx); err != nil {
			return problemOf(err)
		}
	}
	d.there = len(all) + len(d.invitations)
	return nil
}

// room says whether the organization takes the accounts that are to be created.
// AWS does not tell its quota without a service of its own: where the file
// states it more is refused, and where AWS's first one would be passed, warned of.
func (d *driver) room() (refusal *Problem, warning string) {
	quota := d.plan.Organization.AccountQuota
	first := awsdata.AccountQuota.Value
	what := func(most int) string {
		return fmt.Sprintf("the organization has %d accounts, closed ones and open invitations included, %d are to be created, and AWS takes %d", d.there, d.toCreate, most)
	}
	switch {
	case d.toCreate == 0:
	case quota > 0 && d.there+d.toCreate > quota:
		return &Problem{Code: "GR430", Summary: what(quota), Hint: raiseQuota + "; then state it in organization.quotas.accounts"}, ""
	case quota == 0 && d.there <= first && d.there+d.toCreate > first:
		return nil, what(first) + " until the quota is raised: " + raiseQuota + "; state it in organization.quotas.accounts [GR430]"
	}
	return nil, ""
}

// absentReport is the report of a stack whose account is closed or no member;
// nil of another.
func (d *driver) absentReport(s stacks.Stack) *StackReport {
	key := stacks.AccountOf(d.plan, s)
	why := d.absent[key]
	if why == "" || d.goes(s) || !slices.ContainsFunc(d.list, func(l stacks.Stack) bool { return l.Name == s.Name }) {
		return nil
	}
	return &StackReport{Result: ResultAbsent, Problem: d.absentProblem(key, why)}
}

// goes says that a stack is to be taken away whose account is closed: nobody
// can reach what it holds, and AWS deletes that with the account.
func (d *driver) goes(s stacks.Stack) bool {
	why := d.absent[stacks.AccountOf(d.plan, s)]
	return d.command == "destroy" && s.Kind == stacks.AccountKind && why != "" && why != stacks.NoMember
}

func (d *driver) absentProblem(key, why string) *Problem {
	id := stacks.IDs(d.plan, d.outputs("organization"))["account:"+key]
	code, summary, hint := stacks.AbsentWords(key, id, why)
	for _, a := range d.plan.Accounts {
		for _, party := range []string{id, strings.ToLower(a.Email)} {
			if i, ok := d.invitations[party]; ok && a.Key == key && why == stacks.NoMember {
				hint = invitedHint(i)
			}
		}
	}
	return &Problem{Code: code, Summary: summary, Hint: hint}
}

// invitedHint is what is left to do once an account is invited.
func invitedHint(i live.Invitation) string {
	return fmt.Sprintf("it is invited (%s): once it has accepted, until %s, up places and deploys it; its deploy role must be made there by hand", i.ID, i.Until())
}
