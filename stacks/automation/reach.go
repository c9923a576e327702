package automation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/orgrails/orgrails/stacks"
)

// patience is how long a new account's deploy role is waited for.
const patience = 3 * time.Minute

func resourceID(id string) resource.ID { return resource.ID(id) }

// reach makes sure that the account a stack writes to can be reached, so that
// a role that is missing there is named before anything else is tried.
func (d *driver) reach(ctx context.Context, s stacks.Stack) error {
	if stacks.AccountOf(d.plan, s) == stacks.Management {
		return nil
	}
	_, err := d.session(ctx, s)
	return err
}

// checkUnits refuses to delete a unit that has accounts or units which the
// plan neither moves nor deletes: AWS would refuse it halfway.
func (d *driver) checkUnits(ctx context.Context, c *collector) error {
	going := map[string]string{} // unit id to logical name
	for _, op := range c.changes {
		if op.Op == "delete" && strings.HasSuffix(op.Type, ":OrganizationalUnit") {
			going[op.ID] = op.Name
		}
	}
	if len(going) == 0 {
		return nil
	}
	ids := stacks.IDs(d.plan, d.outputs("organization"))
	planned := map[string]bool{}
	for _, a := range d.plan.Accounts {
		planned[ids["account:"+a.Key]] = d.absent[a.Key] == ""
	}
	var problems []string
	for id, name := range going {
		accounts, units, err := d.live.Children(ctx, id)
		if err != nil {
			return err
		}
		var stay []string
		for _, a := range accounts {
			if !planned[a] {
				stay = append(stay, "account "+a)
			}
		}
		for _, u := range units {
			if going[u] == "" {
				stay = append(stay, "unit "+u)
			}
		}
		if len(stay) > 0 {
			path := strings.TrimPrefix(name, stacks.UnitName(""))
			problems = append(problems, fmt.Sprintf("unit %s (%s) left the file and still holds %s", path, id, strings.Join(stay, ", ")))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	return &refusedError{&Problem{Code: "GR410", Summary: strings.Join(problems, "; "),
		Hint: "move them to another unit first, or keep the unit in the file: a unit is deleted only when it is empty"}}
}

// alreadyThere says that AWS refused to make something because it is there.
func alreadyThere(text string) bool {
	for _, w := range []string{"AlreadyExists", "DuplicateOrganizationalUnit", "DuplicatePolicy", "AlreadyRegistered", "ConflictException", "EMAIL_ALREADY_EXISTS"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// raiseQuota and finalizing are ways out of what AWS says of new accounts.
const (
	raiseQuota = "have the quota \"Default maximum number of accounts\" raised with Service Quotas (quota L-E619E033 of AWS Organizations, in us-east-1, from the " +
		"management account); accounts that are closed count for 90 days, and open invitations count; in an organization that is new, wait an hour first"
	finalizing = "AWS is still setting the organization up, which takes up to an hour: run the command again then"
)

// hintFor is the way out of what AWS or Pulumi most often say.
func hintFor(text string) string {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	switch {
	case has("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "ACCOUNT_LIMIT_EXCEEDED", "exceeded the allowed number of AWS accounts"):
		return raiseQuota
	case has("EMAIL_ALREADY_EXISTS"):
		return "an AWS account has this e-mail already, and no other can: give the new one an address of its own, such as name+key@; or give the id of the account " +
			"that has it, and invite that with `orgrails account invite`"
	case has("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"):
		return "AWS makes so many accounts a day and no more: run the command again tomorrow, it goes on where it stopped"
	case has("FinalizingOrganization", "FINALIZING_ORGANIZATION"):
		return finalizing
	case has("TooManyRequestsException"):
		return "AWS makes five accounts at a time, and takes few calls a second: wait until those in the making are there, and run the command again"
	case has("Cannot assume IAM Role", "cannot assume role"):
		return "see GR407: the deploy role must exist in the account and trust the management account"
	case alreadyThere(text):
		return "it exists in AWS and is not managed here: give its id in the file if it is a unit or an account, call yours otherwise, or delete it in AWS"
	case has("OrganizationalUnitNotEmpty"):
		return "move the accounts out of the unit first"
	case has("no resource plugin", "could not find plugin", "failed to load plugin", "no such plugin"):
		return "install the AWS provider with `pulumi plugin install resource aws`"
	case has("AccessDenied", "UnauthorizedOperation", "not authorized"):
		return "let these credentials make that call, and run the command again"
	}
	return "put that right and run the command again: it goes on where it stopped"
}
