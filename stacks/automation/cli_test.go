package automation

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fakeCLI is a CLI that is a shell script; it returns the options to find it with.
func fakeCLI(t *testing.T, script string) Options {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pulumi"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return Options{Dir: dir, Env: map[string]string{"PATH": dir + string(os.PathListSeparator) + os.Getenv("PATH")}}
}

func TestFindCLI(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"of our time", `echo v3.250.0`, ""},
		{"too old", `echo v3.100.0`, "too old"},
		{"without a version", `echo hello`, "does not tell its version"},
		{"broken", `exit 7`, "does not run"},
	} {
		opts := fakeCLI(t, c.script)
		cli, err := findCLI(t.Context(), opts, nil)
		var p *Problem
		switch {
		case c.want == "" && (err != nil || cli.Version().Major != 3):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &p) || p.Code != "GR418" || !strings.Contains(p.Summary, c.want)):
			t.Errorf("%s: got %v, want GR418 %q", c.name, err, c.want)
		}
	}
	var p *Problem
	if _, err := findCLI(t.Context(), Options{Env: map[string]string{"PATH": t.TempDir()}}, nil); !errors.As(err, &p) || p.Code != "GR418" {
		t.Errorf("got %v, want GR418", err)
	}
}

func TestCLIRuns(t *testing.T) {
	opts := fakeCLI(t, `case "$*" in *version*) echo v3.250.0;; *fail*) echo "error: no" >&2; exit 3;; *) echo "$*:$EXTRA";; esac`)
	c, err := findCLI(t.Context(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, string, int, error) {
		return c.Run(t.Context(), opts.Dir, nil, nil, nil, []string{"EXTRA=x"}, args...)
	}
	if out, _, code, err := run("up", "--yes"); err != nil || code != 0 || out != "--non-interactive up --yes:x\n" {
		t.Errorf("up: %q %d %v", out, code, err)
	}
	if out, _, _, err := run("stack", "init", "a"); err != nil || out != "--non-interactive stack init a --no-select:x\n" {
		t.Errorf("stack init: %q %v", out, err)
	}
	for args, want := range map[string]string{"stack select --stack a": "", "stack history --json": "[]", "stack output --json": "{}"} {
		if out, _, _, err := run(strings.Fields(args)...); err != nil || out != want {
			t.Errorf("%s ran a process: %q %v", args, out, err)
		}
	}
	if _, stderr, code, err := run("fail"); err == nil || code != 3 || stderr != "error: no\n" {
		t.Errorf("fail: %q %d %v", stderr, code, err)
	}
}

// An interrupted CLI is asked once and waited for; a killed one is not.
func TestCLIInterruptAndKill(t *testing.T) {
	opts := fakeCLI(t, `case "$*" in *version*) echo v3.250.0; exit;; esac
trap 'echo asked; sleep 0.3; echo ended; exit 0' INT
echo ready > ready
while :; do sleep 0.05; done`)
	kill := make(chan struct{})
	opts.Kill = kill
	c, err := findCLI(t.Context(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := func(ctx context.Context) chan string {
		os.Remove(filepath.Join(opts.Dir, "ready"))
		done := make(chan string, 1)
		go func() {
			out, _, _, _ := c.Run(ctx, opts.Dir, nil, nil, nil, nil, "up")
			done <- out
		}()
		for {
			if _, err := os.Stat(filepath.Join(opts.Dir, "ready")); err == nil {
				return done
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := start(ctx)
	cancel()
	if out := <-done; out != "asked\nended\n" {
		t.Errorf("interrupted: %q", out)
	}
	if _, _, _, err := c.Run(ctx, opts.Dir, nil, nil, nil, nil, "up"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the interrupt: %v", err)
	}
	done = start(t.Context())
	close(kill)
	select {
	case out := <-done:
		if strings.Contains(out, "ended") {
			t.Errorf("killed: %q", out)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the CLI was not killed")
	}
}
