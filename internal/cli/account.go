package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

// Functions that a [Driver] lists, invites and closes accounts with.
type (
	AccountsFunc func(context.Context, *guardrails.Plan, automation.Options) ([]automation.AccountRow, error)
	InviteFunc   func(context.Context, *guardrails.Plan, automation.Options, automation.Inviting) (*automation.Invited, error)
	CloseFunc    func(context.Context, *guardrails.Plan, automation.Options, automation.Closing) (*automation.Closed, error)
)

func (c *Command) account() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "List the accounts of the file and of AWS; invite or close one",
		Long: `Lists the accounts of the file beside those of AWS, invites one that exists outside
of the organization, and closes one by its id.

Accounts are created and moved by editing the file and running up. No deployment
ever closes one.`,
		Annotations: map[string]string{otherwise: "an account is created through the file: add it and run up; it is moved the same way"},
		Args:        cobra.ArbitraryArgs, // unknownCommand has seen to them
		RunE:        func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.accountList(), c.accountInvite(), c.accountClose())
	return cmd
}

func (c *Command) accountList() *cobra.Command {
	d := &deployment{name: "account list"}
	cmd := &cobra.Command{
		Use:   "list [file]",
		Short: "The accounts of the file and of AWS, side by side",
		Long: `Lists the accounts of the file beside those of AWS, and where they differ: those that
are invited and have not accepted among them. Reads AWS and writes nothing.`,
		Example: `  orgrails account list`,
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := c.planned(d, args)
			if err != nil {
				return err
			}
			rows, err := c.Drive.Accounts(cmd.Context(), r.plan, d.options)
			if err != nil {
				return err
			}
			return c.accounts(d, rows)
		},
	}
	cmd.Flags().BoolVar(&d.json, "json", false, "print them as JSON")
	asOfFlag(cmd, &d.at)
	return c.traced(cmd, nil)
}

// accounts writes a table, the differences below each account.
func (c *Command) accounts(d *deployment, rows []automation.AccountRow) error {
	if d.json {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return render.Escape(s)
	}
	fmt.Fprintln(w, "KEY\tID\tSTATUS\tUNIT\tE-MAIL\tDIFFERS")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", dash(r.Key), dash(r.ID), dash(r.Status), dash(r.Unit), dash(r.Email), dash(strings.Join(r.Differs, "; ")))
	}
	return w.Flush()
}

func (c *Command) accountClose() *cobra.Command {
	d := &deployment{name: "account close"}
	var confirmed string
	closing := automation.Closing{}
	cmd := &cobra.Command{
		Use:   "close ID|KEY [file]",
		Short: "Close an account",
		Long: `Closes a member account, after its id has been typed again: on a terminal when asked,
elsewhere with --confirm. AWS keeps what is in a closed account for 90 days, in which
AWS Support can open it again; after that it is gone.

Refused are the management account, a delegated administrator, and an account that
the file still has. The account, and the stack of what was deployed in it, leave
Pulumi's state.`,
		Example: `  orgrails account close 444444444444
  orgrails account close payments --confirm 444444444444`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return &usageError{"which account?", `give its id or its key; "orgrails account list" lists them`}
			case len(args) > 2:
				return &usageError{fmt.Sprintf("%q is one argument too many", args[2]), "it takes an account and the organization file"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			closing.Account = args[0]
			closing.Confirm = func(a automation.Closed) error { return c.typedAgain(a, confirmed) }
			return c.closeAccount(cmd.Context(), d, closing, args[1:])
		},
	}
	f := cmd.Flags()
	f.StringVar(&confirmed, "confirm", "", "the account's `id`, typed again")
	f.BoolVar(&closing.StillInFile, "still-in-file", false, "close it although the file has it")
	f.StringVar(&d.options.Backend, "backend", "", "`URL` of the Pulumi state backend (default PULUMI_BACKEND_URL, else the folder .orgrails/state)")
	f.StringVar(&d.options.SecretsProvider, "secrets-provider", "", "what encrypts secrets in state, such as awskms://alias/pulumi; a remote backend needs one")
	f.BoolVar(&d.json, "json", false, "print the account as JSON")
	asOfFlag(cmd, &d.at)
	return c.traced(cmd, nil)
}

func (c *Command) closeAccount(ctx context.Context, d *deployment, closing automation.Closing, args []string) error {
	r, err := c.planned(d, args)
	if err != nil {
		return err
	}
	d.options.Dir = filepath.Dir(r.path)
	ctx, stop := interruptible(ctx)
	defer stop()
	a, err := c.Drive.Close(ctx, r.plan, d.options, closing)
	if err != nil {
		return err
	}
	if d.json {
		return json.NewEncoder(c.Stdout).Encode(a)
	}
	return c.closed(a)
}

// closed says what remains of an account.
func (c *Command) closed(a *automation.Closed) error {
	var b strings.Builder
	if a.Before == "ACTIVE" {
		fmt.Fprintf(&b, "account %s (%s): AWS closes it now, which takes some minutes\n", a.ID, render.Escape(a.Name))
	} else {
		fmt.Fprintf(&b, "account %s (%s) is %s already: it was not closed again\n", a.ID, render.Escape(a.Name), render.Escape(a.Before))
	}
	if len(a.Forgotten) > 0 {
		fmt.Fprintf(&b, "left the state: %s\n", render.Escape(strings.Join(a.Forgotten, ", ")))
	}
	b.WriteString("what remains:\n")
	if a.Before == "ACTIVE" {
		fmt.Fprintf(&b, "  AWS Support can open it again until %s; then it and what is in it is gone for ever, its e-mail included\n", a.Until(c.Now()))
	}
	b.WriteString("  it stays in its unit, SUSPENDED, with the policies that are attached to it; those of the file leave it with the next up\n")
	if a.InFile {
		fmt.Fprintf(&b, "  take account %s out of the file: until then each up names it, and leaves it alone\n", render.Escape(a.Key))
	}
	if a.Key != "" {
		fmt.Fprintf(&b, "  its line in organization.lock.json, if it has one, can go\n")
	}
	_, err := io.WriteString(c.Stdout, b.String())
	return err
}

// typedAgain wants the id of the account that is about to be closed.
func (c *Command) typedAgain(a automation.Closed, confirmed string) error {
	who := fmt.Sprintf("account %s, %s <%s>", a.ID, a.Name, a.Email)
	if confirmed != "" {
		if confirmed != a.ID {
			return &usageError{fmt.Sprintf("--confirm %s is not the id of %s", confirmed, who), "nothing was changed"}
		}
		return nil
	}
	if !isTerminal(c.Stdin) || !isTerminal(c.Stderr) {
		return &usageError{"there is no terminal to ask on, and " + who + " would be closed", "type its id again with --confirm"}
	}
	fmt.Fprintf(c.Stderr, "%s\nAWS closes it, and after 90 days all that is in it is gone.\nType the account's id again to close it: ", oneLine(who))
	answer, err := bufio.NewReader(c.Stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return fmt.Errorf("read the answer: %w", err)
	}
	if strings.TrimSpace(answer) != a.ID {
		return &refusal{what: "that is not its id: nothing was changed"}
	}
	return nil
}
