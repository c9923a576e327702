package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	awslive "github.com/orgrails/orgrails/internal/live"
)

// traced adds --trace to a command that calls AWS; check refuses flags before
// the file is made, nil for nothing.
func (c *Command) traced(cmd *cobra.Command, check func(*cobra.Command) error) *cobra.Command {
	var file string
	cmd.Flags().StringVar(&file, "trace", "", "add a line of JSON for each request to AWS to this `file`, - for standard error; never credentials")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("trace") {
			return run(cmd, args)
		}
		if check != nil {
			if err := check(cmd); err != nil {
				return err
			}
		}
		t, err := c.openTrace(file)
		if err != nil {
			return err
		}
		cmd.SetContext(awslive.WithTrace(cmd.Context(), t.request))
		err = run(cmd, args)
		if failed := t.close(); err == nil {
			err = failed
		}
		return err
	}
	return cmd
}

// A trace writes requests as lines of JSON.
type trace struct {
	mu    sync.Mutex
	out   io.Writer
	close func() error
	err   error // of the first line that could not be written
}

func (c *Command) openTrace(file string) (*trace, error) {
	switch file {
	case "":
		return nil, &usageError{"--trace names no file", "give one, as in --trace trace.jsonl, or - for standard error"}
	case "-":
		c.tracing = true
		t := &trace{out: c.Stderr}
		t.close = func() error { return t.failed() }
		return t, nil
	}
	if info, err := os.Stat(c.path(file)); err == nil && info.Mode().IsRegular() && info.Size() > 0 && !isTrace(c.path(file)) {
		return nil, &usageError{fmt.Sprintf("%s is there already, and no trace", file), "name another file, as in --trace trace.jsonl: lines are added only to what --trace wrote"}
	}
	f, err := os.OpenFile(c.path(file), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	t := &trace{out: f}
	t.close = func() error {
		if err := f.Close(); err != nil && t.err == nil {
			t.err = err
		}
		return t.failed()
	}
	return t, nil
}

// isTrace reports whether a file begins as a trace does.
func isTrace(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, len(traceBegins))
	_, err = io.ReadFull(f, begin)
	return err == nil && string(begin) == traceBegins
}

func (t *trace) failed() error {
	if t.err != nil {
		return fmt.Errorf("write the trace: %w", t.err)
	}
	return nil
}

// traceBegins is how each line of a trace does.
const traceBegins = `{"time":"`

// A requestJSON is a request as docs/cli.md describes it.
type requestJSON struct {
	Time      string `json:"time"`
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Host      string `json:"host,omitempty"`
	Region    string `json:"region,omitempty"`
	Account   string `json:"account,omitempty"`
	Role      string `json:"role,omitempty"`
	ID        string `json:"requestId,omitempty"`
	Attempt   int    `json:"attempt"`
	Took      int64  `json:"milliseconds"`
	Status    int    `json:"status"`
	Error     string `json:"error,omitempty"`
}

// request writes one line. Whatever becomes of it, the request was made.
func (t *trace) request(r awslive.Request) {
	line, err := json.Marshal(requestJSON{
		Time: r.At.UTC().Format("2006-01-02T15:04:05.000Z"), Service: r.Service, Operation: r.Operation, Host: r.Host, Region: r.Region,
		Account: r.Account, Role: r.Role, ID: r.ID, Attempt: r.Try, Took: r.Took.Round(time.Millisecond).Milliseconds(), Status: r.Status, Error: r.Code,
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		_, err = t.out.Write(append(line, '\n'))
	}
	if t.err == nil {
		t.err = err
	}
}

// redraws reports whether standard error is a terminal on which lines are drawn
// again, and no trace is written between them.
func (c *Command) redraws() bool {
	return !c.tracing && isTerminal(c.Stderr) && c.Getenv("TERM") != "dumb"
}
