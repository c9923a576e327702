package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/orgrails/orgrails/internal/render"
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// look is how text for w is laid out: in colour on a terminal that has it,
// unless NO_COLOR is set, and as wide as the terminal.
func (c *Command) look(w io.Writer) render.Options {
	var opts render.Options
	if c.Getenv("CLICOLOR_FORCE") != "" && c.Getenv("CLICOLOR_FORCE") != "0" {
		opts.Color = true
	}
	if isTerminal(w) {
		opts.Color = c.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil {
			opts.Width = width
		}
	}
	if c.Getenv("NO_COLOR") != "" {
		opts.Color = false
	}
	return opts
}

// confirm asks on the terminal whether to go on. Elsewhere it refuses: a
// change needs somebody's yes.
func (c *Command) confirm(question string) error {
	if !c.canAsk() {
		return &usageError{"there is no terminal to ask on", "give --yes to go on without being asked"}
	}
	fmt.Fprintf(c.Stderr, "%s [y/N] ", question)
	answer, err := bufio.NewReader(c.Stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &refusal{what: "nothing was changed"}
}

// canAsk says that there is a terminal to ask on.
func (c *Command) canAsk() bool { return isTerminal(c.Stdin) && isTerminal(c.Stderr) }
