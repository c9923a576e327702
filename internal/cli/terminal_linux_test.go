package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal of 100 columns: the end that a person has,
// and the end that a program has.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	fd := int(person.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close(); program.Close() })
	return person, program
}

// onTerminal runs a command line on a terminal where a person types an answer,
// and returns what stands there in the end.
func (w *world) onTerminal(t *testing.T, answer string, want int, args ...string) string {
	t.Helper()
	person, program := terminal(t)
	w.Stdin, w.Stderr = program, program
	var screen bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); io.Copy(&screen, person) }()
	if _, err := person.WriteString(answer); err != nil {
		t.Fatal(err)
	}
	w.drove = nil
	code := w.Main(args)
	program.Close()
	select {
	case <-read:
	case <-time.After(10 * time.Second):
		t.Fatal("the terminal is still open")
	}
	if code != want {
		t.Errorf("orgrails %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, &screen)
	}
	return screen.String()
}

func TestQuestion(t *testing.T) {
	for _, c := range []struct {
		answer string
		code   int
	}{{"y\n", ExitOK}, {"YES\n", ExitOK}, {"n\n", ExitFindings}, {"\n", ExitFindings}, {"yeah\n", ExitFindings}, {"\x04", ExitFindings}} {
		w := newWorld(t)
		screen := w.onTerminal(t, c.answer, c.code, "up")
		contains(t, "the terminal", screen, "Organization acme", "creates", "sandbox-1 <sandbox-1@acme.example>", "up? [y/N] ")
		if drove := len(w.drove) > 0; drove != (c.code == ExitOK) {
			t.Errorf("%q: deployed: %t", c.answer, drove)
		}
		if c.code != ExitOK {
			contains(t, "the terminal", screen, "nothing was changed")
		}
	}
}

func TestLiveViewOnATerminal(t *testing.T) {
	w := newWorld(t)
	screen := w.onTerminal(t, "", ExitOK, "preview")
	contains(t, "the terminal", screen, "✓\x1b[0m organization: done", "✗\x1b[0m policies: failed", "\x1b[?25l", "\x1b[?25h")
	if strings.Contains(w.out.String(), "\x1b") {
		t.Errorf("standard output holds what is for the terminal: %q", w.out.String())
	}
	// A terminal that cannot move its cursor gets lines.
	w.Getenv = func(name string) string { return map[string]string{"TERM": "dumb"}[name] }
	screen = w.onTerminal(t, "", ExitOK, "preview")
	contains(t, "the terminal", screen, "organization: started")
	if strings.Contains(screen, "\x1b") {
		t.Errorf("a dumb terminal got %q", screen)
	}
}
