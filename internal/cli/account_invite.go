package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

func (c *Command) accountInvite() *cobra.Command {
	d := &deployment{name: "account invite", writes: true}
	cmd := &cobra.Command{
		Use:   "invite KEY [file]",
		Short: "Invite an account of the file that exists outside of the organization",
		Long: `Invites an account that the file has with its id, and that is no member of the
organization. AWS writes to the account's root user; the account joins when it
accepts, within 15 days, and up then places it. Where an invitation is open
already it is shown, and no other is sent.

The deploy role must be made in the account by hand: AWS makes it only in accounts
that it creates.`,
		Example: `  orgrails account invite payments
  orgrails account invite payments --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return &usageError{"which account?", `give its key in the file; "orgrails account list" lists them`}
			case len(args) > 2:
				return &usageError{fmt.Sprintf("%q is one argument too many", args[2]), "it takes an account and the organization file"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.inviteAccount(cmd.Context(), d, args[0], args[1:])
		},
	}
	cmd.Flags().BoolVarP(&d.yes, "yes", "y", false, "go on without being asked")
	cmd.Flags().BoolVar(&d.json, "json", false, "print the account as JSON")
	asOfFlag(cmd, &d.at)
	return c.traced(cmd, nil)
}

func (c *Command) inviteAccount(ctx context.Context, d *deployment, key string, args []string) error {
	r, err := c.planned(d, args)
	if err != nil {
		return err
	}
	in := automation.Inviting{Account: key, Confirm: func(a automation.Invited) error {
		if d.yes {
			return nil
		}
		return c.confirm(fmt.Sprintf("invite account %s (%s) to the organization?", render.Escape(a.Key), a.ID))
	}}
	a, err := c.Drive.Invite(ctx, r.plan, d.options, in)
	if err != nil {
		return err
	}
	if d.json {
		return json.NewEncoder(c.Stdout).Encode(a)
	}
	done := "is invited"
	if !a.Sent {
		done = "is invited already, and no other invitation was sent"
	}
	_, err = fmt.Fprintf(c.Stdout, "account %s (%s) %s: %s, sent on %s, expires on %s\n"+
		"what remains:\n  the account accepts it, signed in there, or with `aws organizations accept-handshake --handshake-id %[4]s`\n"+
		"  the deploy role is made there, trusting the management account\n  then run `orgrails up`, which places it\n",
		render.Escape(a.Key), a.ID, done, a.Invitation.ID, a.Invitation.Sent.UTC().Format("2006-01-02"), a.Invitation.Until())
	return err
}
