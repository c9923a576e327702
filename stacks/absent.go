package stacks

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
)

// NoMember says of an account that the organization does not have it.
const NoMember = "NO_MEMBER"

// Active says that a status of an account, in AWS's words, is that of one which
// can be worked with.
func Active(status string) bool { return status == "" || status == "ACTIVE" }

// AbsentWords say what is wrong with an account that is closed or no member,
// and the way out.
func AbsentWords(key, id, why string) (code, summary, hint string) {
	if why == NoMember {
		return "GR429", fmt.Sprintf("account %s (%s) is no member of the organization: it is left alone, and nothing is deployed to it", key, id),
			fmt.Sprintf("invite it with `orgrails account invite %s`, or correct its id in the file or in organization.lock.json", key)
	}
	return "GR428", fmt.Sprintf("account %s (%s) is %s: it stays where it is, and nothing is deployed to it", key, id, why),
		"take it out of the file, with its line in organization.lock.json if it has one; AWS Support can open it again within 90 days of its closure"
}

// A Listed is an account as the organization lists it.
type Listed struct{ Email, Status string }

// Absent are the accounts of a plan that are closed or no members, by key, with
// AWS's word for it or [NoMember]; all are the accounts of the organization by
// id. An account without an id is found by its e-mail, which one that is closed
// keeps.
func Absent(p *guardrails.Plan, all map[string]Listed) map[string]string {
	absent, byEmail := map[string]string{}, map[string]Listed{}
	for _, l := range all {
		byEmail[strings.ToLower(l.Email)] = l
	}
	for _, a := range p.Accounts {
		id := p.IDs["account:"+a.Key]
		l, ok := all[id]
		if id == "" {
			l, ok = byEmail[strings.ToLower(a.Email)]
		}
		switch {
		case ok && !Active(l.Status):
			absent[a.Key] = l.Status
		case !ok && id != "":
			absent[a.Key] = NoMember
		}
	}
	return absent
}

// findAbsent is Absent of what the provider lists.
func (o *organizationPlacement) findAbsent() map[string]string {
	all := map[string]Listed{}
	for _, a := range o.live.Accounts {
		all[a.Id] = Listed{Email: a.Email, Status: a.Status}
	}
	return Absent(o.plan, all)
}

// leaveOut registers nothing for an account, so that the state forgets it, and
// says so.
func (o *organizationPlacement) leaveOut(ctx *pulumi.Context, a guardrails.Account, why string, ids pulumi.StringMap) error {
	o.hook.letGo(AccountName(a.Key))
	id := o.plan.IDs["account:"+a.Key]
	for _, l := range o.live.Accounts {
		if id == "" && strings.EqualFold(l.Email, a.Email) {
			id = l.Id
		}
	}
	before, _, err := o.options.Reader.Outputs(ctx, o.stack.Name)
	if err != nil {
		return err
	}
	if had := before.StringMap(AccountIDsOutput)[a.Key]; why == NoMember && had != "" && had != id {
		return fmt.Errorf("account %s: the organization %s has no account %s, and it was %s before: check the id in the file and in "+
			"organization.lock.json", a.Key, o.live.Id, id, had)
	}
	ids[a.Key] = pulumi.String(id)
	code, summary, hint := AbsentWords(a.Key, id, why)
	return ctx.Log.Warn(summary+": "+hint+" ["+code+"]", nil)
}

// absentAccounts are those that the organization stack exported.
func (p placement) absentAccounts(ctx *pulumi.Context) (map[string]string, error) {
	o, _, err := p.options.Reader.Outputs(ctx, organizationStack)
	if err != nil {
		return nil, err
	}
	return o.StringMap(AbsentOutput), nil
}
