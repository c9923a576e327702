package automation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// cli is the Pulumi CLI. It implements [auto.PulumiCommand] in place of the
// SDK's own for three reasons: an interrupted run lets the CLI end what AWS has
// begun, however long that takes; what the SDK asks after every operation,
// which events have told already, costs no process; and no stack is selected,
// which would write to a file that concurrent runs share.
type cli struct {
	path    string
	version semver.Version
	kill    <-chan struct{}
}

var _ auto.PulumiCommand = (*cli)(nil)

// oldest is the oldest CLI that knows resource hooks on every operation we use.
var oldest = semver.MustParse("3.220.0")

// findCLI looks for the CLI on PATH and asks for its version.
func findCLI(ctx context.Context, opts Options, env []string) (*cli, error) {
	hint := fmt.Sprintf("install Pulumi %s or newer: https://www.pulumi.com/docs/install/", oldest)
	path, err := lookPath("pulumi", opts.getenv("PATH"))
	if err != nil {
		return nil, &Problem{Code: "GR418", Summary: "the Pulumi CLI is not on PATH", Hint: hint, Err: err}
	}
	c := &cli{path: path, kill: opts.Kill}
	out, _, _, err := c.Run(ctx, opts.Dir, nil, nil, nil, env, "version")
	if err != nil {
		return nil, &Problem{Code: "GR418", Summary: "the Pulumi CLI does not run: " + err.Error(), Hint: hint, Err: err}
	}
	if c.version, err = semver.ParseTolerant(strings.TrimSpace(out)); err != nil {
		return nil, &Problem{Code: "GR418", Summary: "the Pulumi CLI does not tell its version: " + err.Error(), Hint: hint, Err: err}
	}
	if c.version.LT(oldest) {
		return nil, &Problem{Code: "GR418", Summary: fmt.Sprintf("the Pulumi CLI is %s, too old", c.version), Hint: hint}
	}
	return c, nil
}

// Version implements [auto.PulumiCommand].
func (c *cli) Version() semver.Version { return c.version }

// answered are the commands that need no process, with their answers.
func answered(args []string) (string, bool) {
	switch {
	case len(args) >= 2 && args[0] == "stack" && args[1] == "select":
		return "", true
	case len(args) >= 2 && args[0] == "stack" && args[1] == "history":
		return "[]", true
	case len(args) >= 2 && args[0] == "stack" && args[1] == "output":
		return "{}", true
	}
	return "", false
}

// Run implements [auto.PulumiCommand].
func (c *cli) Run(ctx context.Context, dir string, stdin io.Reader, stdouts, stderrs []io.Writer, env []string, args ...string) (string, string, int, error) {
	if answer, ok := answered(args); ok {
		return answer, "", 0, nil
	}
	if err := ctx.Err(); err != nil {
		return "", "", -1, err
	}
	if len(args) >= 2 && args[0] == "stack" && args[1] == "init" {
		args = append(slices.Clone(args), "--no-select")
	}
	if !slices.Contains(args, "--non-interactive") {
		args = append([]string{"--non-interactive"}, args...)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(c.path, args...)
	cmd.Dir, cmd.Stdin = dir, stdin
	cmd.Env = slices.Concat(os.Environ(), env, []string{"PULUMI_AUTOMATION_API=true"})
	cmd.Stdout = io.MultiWriter(append(stdouts, &stdout)...)
	cmd.Stderr = io.MultiWriter(append(stderrs, &stderr)...)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return "", "", -1, fmt.Errorf("start the Pulumi CLI: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	err := c.wait(ctx, cmd.Process, ended)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	return stdout.String(), stderr.String(), code, err
}

// wait waits for the CLI to end. When the context is cancelled it is asked
// once to stop, as by Ctrl-C: it then starts nothing more, and ends when what
// was begun has ended. When the run is killed, so is it.
func (c *cli) wait(ctx context.Context, p *os.Process, ended <-chan error) error {
	cancelled, kill := ctx.Done(), c.kill
	for {
		select {
		case err := <-ended:
			return err
		case <-cancelled:
			cancelled = nil
			interrupt(p)
		case <-kill:
			kill = nil
			killGroup(p)
		}
	}
}

// lookPath is exec.LookPath for a PATH that need not be this process's.
func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil && filepath.IsAbs(p) {
			return p, nil
		}
	}
	return "", exec.ErrNotFound
}
