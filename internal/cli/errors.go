package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/stacks/automation"
)

// A usageError is about the arguments.
type usageError struct{ what, hint string }

func (e *usageError) Error() string { return e.what }

// A refusal is a change that will not be made, or one that went wrong, with
// the reason. What else there is to say has been said.
type refusal struct{ what, hint string }

func (e *refusal) Error() string { return e.what }

// A failure is something that could not be done, with the way out.
type failure struct{ what, hint string }

func (e *failure) Error() string { return e.what }

// Errors that end a run whose reasons have been shown.
var (
	errFindings = errors.New("mistakes were found")
	errFailed   = errors.New("something failed")
)

// problemExit are the problems of a deployment that are not the world's.
var problemExit = map[string]int{
	"GR412": ExitUsage, // a remote backend without a secrets provider
	"GR413": ExitUsage, // a stack that the plan does not have
	// What is refused before anything is done.
	"GR422": ExitFindings,
	"GR423": ExitFindings,
	"GR425": ExitFindings,
	"GR431": ExitFindings,
}

// exit says what an error says, and returns the exit code for it.
func (c *Command) exit(err error) int {
	var usage *usageError
	var refused *refusal
	var failed *failure
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, errFindings):
		return ExitFindings
	case errors.Is(err, errFailed):
		return ExitFailure
	case errors.As(err, &usage):
		c.notef("%s", usage.what)
		if usage.hint != "" {
			c.hintf("%s", usage.hint)
		}
		return ExitUsage
	case errors.As(err, &refused):
		c.notef("%s", refused.what)
		if refused.hint != "" {
			c.hintf("%s", refused.hint)
		}
		return ExitFindings
	case errors.As(err, &failed):
		c.notef("%s", failed.what)
		if failed.hint != "" {
			c.hintf("%s", failed.hint)
		}
		return ExitFailure
	}
	var world *automation.Problem
	if errors.As(err, &world) {
		c.problem("", world)
		if code, ok := problemExit[world.Code]; ok {
			return code
		}
		return ExitFailure
	}
	c.notef("%s", err)
	var path *fs.PathError
	switch {
	case !errors.As(err, &path):
	case filepath.Base(path.Path) == config.DefaultFile && errors.Is(err, fs.ErrNotExist):
		c.hintf("name the file, or run orgrails in the folder that holds %s", config.DefaultFile)
	case errors.Is(err, fs.ErrNotExist):
		c.hintf("is the path right? paths are relative to the folder that orgrails is run in")
	}
	return ExitFailure
}

// otherwise is the annotation of a command that says what to do instead of
// naming a command below it that there is not.
const otherwise = "otherwise"

// unknownCommand finds a first argument that names no command.
func unknownCommand(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	if len(args) > 1 && args[0] == "help" {
		args = args[1:]
	}
	cmd, rest, err := root.Find(args)
	if err != nil || len(rest) == 0 || strings.HasPrefix(rest[0], "-") || !cmd.HasSubCommands() {
		return nil
	}
	if cmd == root && strings.HasPrefix(rest[0], cobra.ShellCompRequestCmd) {
		return nil // what a shell asks
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return &usageError{
		what: fmt.Sprintf("no command is named %q", strings.Join(append(strings.Fields(cmd.CommandPath())[1:], rest[0]), " ")),
		hint: suggest(rest[0], names, cmp.Or(cmd.Annotations[otherwise], fmt.Sprintf("%q lists the commands", cmd.CommandPath()+" --help"))),
	}
}

// suggest is the nearest of the names, or where to look.
func suggest(name string, names []string, otherwise string) string {
	if near := diag.Nearest(name, names); len(near) > 0 {
		return fmt.Sprintf("did you mean %q?", near[0])
	}
	return otherwise
}

// flagError says what is wrong with a flag, in our words.
func flagError(cmd *cobra.Command, err error) error {
	look := fmt.Sprintf("%q lists the flags", cmd.CommandPath()+" --help")
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if unknown.GetSpecifiedShortnames() != "" {
			return &usageError{fmt.Sprintf("no flag is named \"-%s\"", unknown.GetSpecifiedName()), look}
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := "--" + unknown.GetSpecifiedName()
		return &usageError{fmt.Sprintf("no flag is named %q", name), suggest(name, names, look)}
	case errors.As(err, &missing):
		return &usageError{fmt.Sprintf("--%s needs a value", missing.GetFlag().Name), look}
	case errors.As(err, &invalid):
		return &usageError{fmt.Sprintf("--%s cannot be %q", invalid.GetFlag().Name, invalid.GetValue()), flagHint(invalid)}
	}
	return &usageError{err.Error(), look}
}

// flagHint is what a flag's value should have been. Our own values explain
// themselves in their error; those of the flag library do not.
func flagHint(err *pflag.InvalidValueError) string {
	var ours *valueError
	if errors.As(err, &ours) {
		return ours.expected
	}
	if err.GetFlag().Value.Type() == "bool" {
		return "it takes no value, or true or false"
	}
	return "expected " + err.GetFlag().Usage
}

// A valueError says what a flag's value should have been.
type valueError struct{ expected string }

func (e *valueError) Error() string { return e.expected }

// atMost allows up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		expected := "it takes no argument"
		if n == 1 {
			expected = "it takes one argument, the organization file"
		}
		return &usageError{fmt.Sprintf("%q is one argument too many", args[n]), expected}
	}
}
