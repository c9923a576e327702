package e2e

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/orgrails/orgrails/internal/awstest"
)

// killPoints is how many places of a deployment the process is killed at.
const killPoints = 20

// TestKilled kills the whole process group of `orgrails up` at twenty of its
// writing calls, half of them before AWS has seen the call and half after AWS
// carried it out but before the answer came, and then wants one more `up` to
// heal everything by itself.
func TestKilled(t *testing.T) {
	example := filepath.Join("testdata", "small")
	whole := newPlace(t, example)
	whole.Emulator.ResetCalls()
	whole.run(0, "up", "--yes")
	total := len(whole.writes())
	whole.inPlace()
	if total < killPoints {
		t.Fatalf("a deployment makes %d writing calls: fewer than there are points to kill it at", total)
	}
	for i := range killPoints {
		at := 1 + i*(total-1)/(killPoints-1)
		phase := awstest.Before
		if i%2 == 1 {
			phase = awstest.After
		}
		t.Run(fmt.Sprintf("%s write %d of %d", phase, at, total), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, example)
			call := p.killAt(awstest.Pause{At: at, Writes: true, Phase: phase})
			t.Logf("killed at %s %s %s", call.Service, call.Operation, call.Target)
			out := p.run(0, "up", "--yes")
			if !strings.Contains(out.Stdout+out.Stderr, "recovered") {
				t.Errorf("the recovery is not said:\n%s%s", out.Stdout, out.Stderr)
			}
			p.inPlace()
			p.noOrphans()
			p.Emulator.ResetCalls()
			p.run(0, "up", "--yes", "--all")
			p.wantWrites()
		})
	}
}

// killAt starts `orgrails up`, waits until the call is held, and kills the
// process group as a lost machine would. The held call then goes on.
func (p *place) killAt(at awstest.Pause) awstest.Call {
	p.t.Helper()
	held := p.Emulator.PauseAt(at)
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Minute)
	defer cancel()
	cmd := p.Command(ctx, "up", "--yes")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case call := <-held.Reached:
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
			p.t.Fatal(err)
		}
		<-done
		held.Resume()
		return call
	case <-done:
		p.t.Fatalf("the deployment ended before the call to kill it at:\n%s", out.String())
	case <-ctx.Done():
		cmd.Process.Kill()
		p.t.Fatalf("the call to kill it at never came:\n%s", out.String())
	}
	return awstest.Call{}
}

// noOrphans wants no process left that was started for this place.
func (p *place) noOrphans() {
	p.t.Helper()
	all, err := process.ProcessesWithContext(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	mark := "PULUMI_HOME=" + filepath.Join(p.Dir, ".pulumi-home")
	for _, q := range all {
		env, err := q.Environ()
		if err != nil {
			continue // ended meanwhile
		}
		for _, kv := range env {
			if kv == mark {
				line, _ := q.Cmdline()
				p.t.Errorf("process %d is left: %s", q.Pid, line)
			}
		}
	}
}
