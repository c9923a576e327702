// Package cli is the command line of orgrails: it reads arguments, calls the
// packages that do the work, and writes what they return.
//
// A command's results go to standard output and everything else (mistakes,
// progress, questions) to standard error, so that output can be piped. Nothing
// is asked where there is no terminal. The exit code says how it went: see
// [ExitOK] and the others. The reference is docs/cli.md, whose examples are run
// by this package's tests.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

// The exit codes.
const (
	ExitOK       = 0 // clean; changes that are to be made are clean
	ExitFindings = 1 // mistakes in the file, refused changes
	ExitUsage    = 2 // arguments that cannot be understood
	ExitFailure  = 3 // could not run, or not to the end: no file, no network, no credentials
)

// A Command is the tool with the world it runs in.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Dir            string           // working directory; "" is that of the process
	Now            func() time.Time // what --as-of is when it is not given
	Version        string           // of the tool
	Drive          Driver           // what deploys
	Read           ReadFunc         // what reads an organization from AWS

	tracing bool // a trace goes to standard error
}

// New is the tool in the world of this process.
func New(version string) *Command {
	return &Command{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Version: version,
		Drive: Driver{
			Preview: automation.Preview, Up: automation.Up, Refresh: automation.Refresh, Destroy: automation.Destroy,
			Adopt: automation.Adopt, Moves: automation.FindMoves, Accounts: automation.Accounts, Invite: automation.InviteAccount, Close: automation.CloseAccount,
		},
		Read: readAWS,
	}
}

// Main runs one command line, without the name of the program, and returns the
// exit code. An interrupt ends the process, but for what is [interruptible].
func (c *Command) Main(args []string) (code int) {
	defer func() {
		if v := recover(); v != nil {
			c.notef("internal error: %v%s", v, where())
			c.hintf("this is a bug; report it with the command and the file at %s", issues)
			code = ExitFailure
		}
	}()
	root := c.root()
	root.SetArgs(args)
	if err := unknownCommand(root, args); err != nil {
		return c.exit(err)
	}
	return c.exit(root.ExecuteContext(context.Background()))
}

// interruptible is a context for work with AWS, which is not to be left half
// done, and for work that leaves files behind if nobody takes them away: the first interrupt ends the context, and the next one the process,
// unless somebody else listens.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer cancel()
		defer signal.Stop(signals)
		select {
		case <-signals:
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

const issues = "https://github.com/orgrails/orgrails/issues"

// where is the place in this module that a panic came from.
func where() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicked := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked = true
		case panicked && strings.HasPrefix(f.Function, "github.com/orgrails/orgrails"):
			return fmt.Sprintf(" (%s:%d)", filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// root is the tree of commands.
func (c *Command) root() *cobra.Command {
	cobra.EnableCommandSorting = false // the order of use
	root := &cobra.Command{
		Use:   "orgrails",
		Short: "Guardrails for an AWS organization, proved before they are deployed",
		Long: `orgrails turns one file that describes an AWS organization into guardrails that
are proved before they are deployed, and deploys them with Pulumi.

Every command takes the file as its one optional argument; the default is
./organization.yaml. Start with "orgrails validate", then "orgrails plan".`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // unknownCommand has seen to them
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(
		&cobra.Group{ID: "begin", Title: "To begin:"},
		&cobra.Group{ID: "offline", Title: "Without AWS:"},
		&cobra.Group{ID: "deploy", Title: "With AWS:"},
		&cobra.Group{ID: "more", Title: "Reference:"},
	)
	for _, group := range []struct {
		id       string
		commands []*cobra.Command
	}{
		{"begin", []*cobra.Command{c.initialize()}},
		{"offline", []*cobra.Command{c.validate(), c.plan(), c.test(), c.explain(), c.evaluate(), c.compare(), c.pack(), c.render()}},
		{"deploy", []*cobra.Command{c.preview(), c.up(), c.refresh(), c.destroy(), c.drift(), c.adopt(), c.account()}},
		{"more", []*cobra.Command{c.catalog(), c.schema(), c.version()}},
	} {
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
	return root
}

// path is a path as the user typed it, seen from the process.
func (c *Command) path(p string) string {
	if c.Dir == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// notef writes one line about the run to standard error.
func (c *Command) notef(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "orgrails: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// hintf writes the way out of what notef said.
func (c *Command) hintf(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "orgrails: hint: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// oneLine is a text that came from anywhere on one line, safe for a terminal.
func oneLine(s string) string {
	var parts []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			parts = append(parts, l)
		}
	}
	return render.Escape(strings.Join(parts, "; "))
}
