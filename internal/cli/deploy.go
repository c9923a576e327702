package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/stacks"
	"github.com/orgrails/orgrails/stacks/automation"
)

// A DriveFunc takes a plan's stacks one way.
type DriveFunc func(context.Context, *guardrails.Plan, automation.Options) (*automation.Report, error)

// A Driver is what deploys: stacks/automation, with Pulumi.
type Driver struct {
	Preview, Up, Refresh, Destroy, Adopt DriveFunc

	Moves    MovesFunc // nil for none
	Accounts AccountsFunc
	Invite   InviteFunc
	Close    CloseFunc
}

// A deployment is one run over the stacks, as its command and flags say.
type deployment struct {
	name    string
	run     DriveFunc
	writes  bool // to AWS: it asks before
	options automation.Options
	at      instant
	yes     bool
	json    bool
	plan    string                // file of a reviewed plan
	digest  string                // of the reviewed plan
	accept  *[]string             // ids of requests that must work and may be lost; nil where nothing is proved
	before  func(*compiled) error // called with the plan before anything is asked or done; nil for nothing
}

// driving makes a command from what the commands that drive stacks have in common.
func (c *Command) driving(d *deployment, cmd *cobra.Command) *cobra.Command {
	cmd.Args = atMost(1)
	f := cmd.Flags()
	f.StringVar(&d.options.Backend, "backend", "", "`URL` of the Pulumi state backend (default PULUMI_BACKEND_URL, else the folder .orgrails/state)")
	f.StringVar(&d.options.SecretsProvider, "secrets-provider", "", "what encrypts secrets in state, such as awskms://alias/pulumi; a remote backend needs one")
	f.Var((*howMany)(&d.options.Parallel), "parallel", "how many account and analyzer stacks run at once (default 2; each takes some 300 MB)")
	f.StringArrayVar(&d.options.Only, "stack", nil, "run this stack only; may be given several times")
	f.StringVar(&d.plan, "plan", "", "deploy this reviewed plan, a `file` that \"orgrails plan -o\" wrote")
	f.StringVar(&d.digest, "digest", "", "digest of the reviewed plan; without it the file must still give the same plan, byte for byte")
	f.BoolVar(&d.json, "json", false, "print events as JSON lines, the report last")
	asOfFlag(cmd, &d.at)
	if d.writes {
		f.BoolVarP(&d.yes, "yes", "y", false, "go on without being asked")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.drive(cmd.Context(), d, args) }
	return c.traced(cmd, nil)
}

func (c *Command) preview() *cobra.Command {
	d := &deployment{name: "preview", run: c.Drive.Preview, writes: false}
	cmd := c.driving(d, &cobra.Command{
		Use:   "preview [file]",
		Short: "Say what up would change",
		Long: `Asks Pulumi what would change in each stack. Reads AWS and writes to nothing.
A stack that needs what another has yet to make is shown as deferred.`,
		Example: `  orgrails preview
  orgrails preview --stack policies`,
	})
	cmd.Flags().BoolVar(&d.options.All, "all", false, "also preview stacks that are as the plan says already")
	d.accept = acceptFlag(cmd)
	replaceFlags(cmd, &d.options)
	return cmd
}

func (c *Command) up() *cobra.Command {
	d := &deployment{name: "up", run: c.Drive.Up, writes: true}
	cmd := c.driving(d, &cobra.Command{
		Use:   "up [file]",
		Short: "Deploy the plan",
		Long: `Deploys the plan: the organization, then what is placed into the accounts and the
analyzers, then the policies. Stacks that are as the plan says are left out. A run
that was interrupted or killed is taken up where it stopped by running up again.

The ids of accounts that were created are written to organization.lock.json
beside the file: commit it.`,
		Example: `  orgrails up
  orgrails up --yes --json
  orgrails up --plan plan.json --digest sha256:… --yes`,
	})
	cmd.Flags().BoolVar(&d.options.All, "all", false, "also run stacks that are as the plan says already")
	d.accept = acceptFlag(cmd)
	replaceFlags(cmd, &d.options)
	return cmd
}

// replaceFlags are the flags that allow what is otherwise refused.
func replaceFlags(cmd *cobra.Command, o *automation.Options) {
	cmd.Flags().BoolVar(&o.AllowReplace, "allow-replace", false, "let analyzers be replaced, whose findings are then lost")
	cmd.Flags().BoolVar(&o.RemoveLeft, "remove-left", false, "take away what is deployed in accounts that left the file")
}

func (c *Command) refresh() *cobra.Command {
	d := &deployment{name: "refresh", run: c.Drive.Refresh, writes: false}
	return c.driving(d, &cobra.Command{
		Use:     "refresh [file]",
		Short:   "Read what is deployed into Pulumi's state",
		Long:    `Reads what is deployed into the state of every stack. Nothing is written to AWS.`,
		Example: `  orgrails refresh`,
	})
}

func (c *Command) destroy() *cobra.Command {
	d := &deployment{name: "destroy", run: c.Drive.Destroy, writes: true}
	return c.driving(d, &cobra.Command{
		Use:   "destroy [file]",
		Short: "Take away the guardrails; organization, units and accounts stay",
		Long: `Takes away policies and their attachments, analyzers, and what is placed into the
accounts, in this order. Password policies stay. The organization, its units and
its accounts stay as they are, with FullAWSAccess on every node: Pulumi forgets them.`,
		Example: `  orgrails destroy --yes`,
	})
}

// drive runs a deployment: the plan, a question, Pulumi, the report.
func (c *Command) drive(ctx context.Context, d *deployment, args []string) error {
	r, err := c.planned(d, args)
	if err != nil {
		return err
	}
	plan, path := r.plan, r.path
	if err := knownStacks(plan, d.options.Only); err != nil {
		return err
	}
	if d.before != nil {
		if err := d.before(r); err != nil {
			return err
		}
	}
	d.options.Dir = filepath.Dir(path)
	asks := d.writes && !d.yes
	if asks {
		c.summarize(d, plan)
	}
	if !asks || c.canAsk() {
		if err := c.moves(ctx, d, plan); err != nil {
			return err
		}
	}
	if asks {
		if err := c.confirm(d.name + "?"); err != nil {
			return err
		}
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	view := c.view(d)
	kill, release := second(view)
	defer release()
	d.options.Kill = kill
	d.options.Events = view.event
	d.options.Created = func(ids map[string]string) error {
		how := "created"
		if d.name == "adopt" {
			how = "adopted"
		}
		written, err := lock(d.options.Dir, how, ids)
		for _, line := range written {
			view.note(line)
		}
		return err
	}
	if d.name == "adopt" {
		d.options.Agree = func(s *automation.Survey) error { return c.agree(d, s) }
	}
	if d.accept != nil {
		d.options.Prove = func(inForce *guardrails.Plan) error { return c.proveOver(d, r, inForce) }
	}
	report, err := d.run(ctx, plan, d.options)
	view.close()
	if report != nil {
		if err := c.outcome(d, report); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return &refusal{d.name + " was interrupted", `run it again: it goes on where it stopped`}
	case err != nil:
		return err
	}
	return verdict(report)
}

// proveOver puts the requests that must work to the policies that are in force
// while the plan is deployed over others, and refuses to deploy it when one is
// lost. What is lost in accounts that the run leaves alone does not count.
func (c *Command) proveOver(d *deployment, r *compiled, inForce *guardrails.Plan) error {
	only := d.options.Only
	return c.provedOver(r, inForce, c.at(d.at), func(l *proof.Loss) bool {
		return len(only) == 0 || l.When != proof.Before || slices.ContainsFunc(only, func(stack string) bool {
			return strings.HasPrefix(stack, "analyzers-") || slices.Contains(l.Accounts, strings.TrimPrefix(stack, "account-"))
		})
	})
}

// provedOver says what is lost while the plan is deployed over another one, of
// what counts, and fails when that refuses the deployment.
func (c *Command) provedOver(r *compiled, inForce *guardrails.Plan, asOf time.Time, counts func(*proof.Loss) bool) error {
	result, err := r.proof.Over(r.plan, proof.Options{AsOf: asOf, Before: inForce})
	if err != nil {
		return fmt.Errorf("prove the deployment: %w", err)
	}
	result.Lost = slices.DeleteFunc(result.Lost, func(l proof.Loss) bool { return l.When == proof.After || l.When == proof.Waiting || !counts(&l) })
	at := *r
	crowds, err := c.crowds(r, inForce)
	if err != nil {
		return err
	}
	at.ds = slices.DeleteFunc(proof.Diagnostics(r.file.Organization, r.plan, result), func(x diag.Diagnostic) bool { return x.Code == "GR393" })
	at.ds = append(at.ds, crowds...)
	if err := c.diagnose(c.Stderr, &at); err != nil {
		return err
	}
	if at.ds.HasErrors() {
		return errFindings
	}
	return nil
}

// crowds says at which nodes there are too few slots for what comes before what
// goes.
func (c *Command) crowds(r *compiled, inForce *guardrails.Plan) (ds diag.Diagnostics, err error) {
	crowds, err := diff.Crowded(inForce, r.plan, r.file.Organization.Quotas.WithDefaults())
	if err != nil {
		return nil, fmt.Errorf("count the policies at each node: %w", err)
	}
	for _, x := range crowds {
		ds.Errorf(diag.Range{File: r.path}, "GR394", "%s would hold %d policies of the type %s while the plan is deployed, and AWS takes %d: %s before %s",
			strings.TrimPrefix(strings.TrimPrefix(x.Target, "unit:"), "account:"), x.Needs, x.Type, x.Most, comes(x.New, "comes", "come"), comes(x.Old, "goes", "go")).Hint =
			"take the guardrails of the node away in a deployment of its own, and ask for them again in the next"
	}
	return ds, nil
}

// comes is a list with its verb.
func comes(names []string, one, several string) string {
	switch len(names) {
	case 0:
		return "nothing " + one
	case 1:
		return names[0] + " " + one
	}
	return names[0] + more(len(names)-1) + " " + several
}

// verdict is what the exit code says of a report: a stack that failed weighs
// more than one that was refused, which weighs more than one that was not tried.
func verdict(r *automation.Report) error {
	if r.Clean() {
		return nil
	}
	for _, s := range r.Stacks {
		if s.Result == automation.ResultFailed {
			return errFailed
		}
	}
	return errFindings
}

// knownStacks refuses the name of a stack that the plan does not have.
func knownStacks(p *guardrails.Plan, only []string) error {
	var names []string
	known := map[string]bool{}
	for _, s := range stacks.List(p) {
		names = append(names, s.Name)
		known[s.Name] = true
	}
	for _, name := range only {
		if !known[name] {
			return &usageError{fmt.Sprintf("no stack is named %q", name), suggest(name, names, fmt.Sprintf("the plan has %d stacks; \"orgrails plan\" lists them", len(names)))}
		}
	}
	return nil
}

// second closes the channel at the second interrupt: the first, which ends the
// context, lets running stacks end what AWS has begun. A third ends the process.
func second(v view) (kill <-chan struct{}, release func()) {
	ch := make(chan struct{})
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 0 {
				signal.Stop(signals)
				close(ch)
				return
			}
			v.note("interrupted: waiting for what AWS has begun; interrupt again to stop at once")
		}
	}()
	var once sync.Once
	return ch, func() {
		once.Do(func() {
			signal.Stop(signals)
			close(done)
		})
	}
}
