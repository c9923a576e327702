//go:build unix

package cli

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// begin runs a program of TestMain, and kills it should it not end.
func begin(t *testing.T, name string, args ...string) (p *exec.Cmd, stdin io.WriteCloser, stdout, stderr *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p = exec.CommandContext(t.Context(), self, args...)
	p.Args[0] = name
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p, in, bufio.NewReader(out), bufio.NewReader(errs)
}

func send(t *testing.T, p *exec.Cmd, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// endsBy wants the program to end by a signal, soon.
func endsBy(t *testing.T, p *exec.Cmd, s syscall.Signal) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second): // it takes milliseconds
		_ = p.Process.Kill()
		<-ended
		t.Errorf("%v did not end by %v", p.Args, s)
		return
	}
	if status, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != s {
		t.Errorf("%v ended by %v, not %v", p.Args, p.ProcessState, s)
	}
}

func says(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	if got, err := r.ReadString('\n'); got != want+"\n" {
		t.Fatalf("%q (%v), want %q", got, err, want)
	}
}

// What is done without AWS ends at the first interrupt, wherever it is.
func TestAnInterruptEndsWhatIsOffline(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		// The organization file never comes to its end.
		pipe := filepath.Join(t.TempDir(), "organization.yaml")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		p, _, _, _ := begin(t, "orgrails", "plan", pipe)
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the program to read
		if err != nil {
			t.Fatal(err)
		}
		send(t, p, s)
		endsBy(t, p, s)
		w.Close()

		// Neither do the cases.
		p, stdin, stdout, _ := begin(t, "orgrails", "evaluate")
		if _, err := io.WriteString(stdin, "{}\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := stdout.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		send(t, p, s)
		endsBy(t, p, s)
	}
}

// A deployment ends what it has begun at the first interrupt, what it runs at
// the second, and itself at the third.
func TestInterruptsOfADeployment(t *testing.T) {
	file, err := filepath.Abs("testdata/organization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, _, stdout, stderr := begin(t, "orgrails-waiting", "up", "--yes", "--as-of", "2026-11-22", file)
	says(t, stdout, "began")
	send(t, p, syscall.SIGINT)
	says(t, stderr, "interrupted: waiting for what AWS has begun; interrupt again to stop at once")
	says(t, stdout, "ending")
	send(t, p, syscall.SIGTERM)
	says(t, stdout, "killed")
	send(t, p, syscall.SIGINT)
	endsBy(t, p, syscall.SIGINT)
}

// Reading AWS keeps what was read at the first interrupt, and ends at the second.
func TestInterruptsOfReading(t *testing.T) {
	p, _, stdout, _ := begin(t, "orgrails-waiting", "init", "--from-aws", "-o", t.TempDir())
	says(t, stdout, "began")
	send(t, p, syscall.SIGTERM)
	says(t, stdout, "ending")
	send(t, p, syscall.SIGINT)
	endsBy(t, p, syscall.SIGINT)
}

// What was brought from a git revision goes at an interrupt.
func TestAnInterruptLeavesNothingOfARevision(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		work, bin, temp := t.TempDir(), t.TempDir(), t.TempDir()
		file, err := os.ReadFile("testdata/organization.yaml")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(work, "organization.yaml")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@acme.example", "commit", "-qm", "a"}} {
			if out, err := exec.Command(git, append([]string{"-C", work}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v: %s", args, err, out)
			}
		}
		// A git that never answers what it is asked of an object.
		began := filepath.Join(bin, "began")
		script := "#!/bin/sh\ncase \"$*\" in *cat-file*) : > '" + began + "'; exec sleep 60;; esac\nexec '" + git + "' \"$@\"\n"
		if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		t.Setenv("TMPDIR", temp)
		p, _, _, stderr := begin(t, "orgrails", "plan", "--against", "git:HEAD", path)
		for range 1000 { // it takes milliseconds
			if _, err := os.Stat(began); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		left := func() []string {
			list, err := filepath.Glob(filepath.Join(temp, "orgrails-git-*"))
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if len(left()) != 1 {
			t.Fatalf("%q are there before the interrupt", left())
		}
		send(t, p, s)
		says(t, stderr, "orgrails: comparing with git:HEAD was interrupted")
		if err := p.Wait(); p.ProcessState.ExitCode() != ExitFailure {
			t.Errorf("%v: it ended by %v", s, err)
		}
		if len(left()) > 0 {
			t.Errorf("%v leaves %q", s, left())
		}
	}
}
