package automation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// runVariable marks every process of a run: the Pulumi CLI and the providers
// it starts inherit it. Its value names the process that the run belongs to,
// and the state it works on.
const runVariable = "ORGRAILS_RUN"

// runs counts the runs of this process.
var runs atomic.Int64

// thisRun is the mark of a run: pid, start time in milliseconds, a number, and
// a hash of backend and project.
func thisRun(opts Options) string {
	pid := int32(os.Getpid())
	return fmt.Sprintf("%d.%d.%d.%s", pid, startOf(context.Background(), pid), runs.Add(1), stateHash(opts))
}

func stateHash(opts Options) string {
	sum := sha256.Sum256([]byte(opts.Backend + "\x00" + opts.Project))
	return hex.EncodeToString(sum[:6])
}

// startOf is when a process started, in milliseconds; 0 when there is none. One
// that has ended and that nobody has asked about yet, a zombie, is none.
func startOf(ctx context.Context, pid int32) int64 {
	p, err := process.NewProcessWithContext(ctx, pid)
	if err != nil {
		return 0
	}
	if status, err := p.StatusWithContext(ctx); err == nil && slices.Contains(status, process.Zombie) {
		return 0
	}
	ms, err := p.CreateTimeWithContext(ctx)
	if err != nil {
		return 0
	}
	return ms
}

// alive says whether the process that a mark names still runs. Another process
// may have got its number, but not its start time.
func alive(ctx context.Context, mark string) bool {
	pid, start, _ := strings.Cut(mark, ".")
	start, _, _ = strings.Cut(start, ".")
	n, err := strconv.ParseInt(pid, 10, 32)
	if err != nil {
		return false
	}
	ms, err := strconv.ParseInt(start, 10, 64)
	if err != nil {
		return false
	}
	got := startOf(ctx, int32(n))
	return got != 0 && got-ms < 1000 && ms-got < 1000
}

// marked are the processes whose run's mark is as wanted.
func marked(ctx context.Context, want func(mark string) bool) []*process.Process {
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil
	}
	var list []*process.Process
	for _, p := range all {
		if p.Pid == int32(os.Getpid()) {
			continue
		}
		env, err := p.EnvironWithContext(ctx)
		if err != nil {
			continue // another user's, or gone
		}
		for _, e := range env {
			if mark, ok := strings.CutPrefix(e, runVariable+"="); ok && want(mark) {
				list = append(list, p)
				break
			}
		}
	}
	return list
}

// endOrphans ends the processes of runs over the same state that died: Pulumi
// CLIs are asked to stop first, so that they can write what they know; then
// they are ended, and so are the providers that they leave behind. It returns
// how many there were.
func (d *driver) endOrphans(ctx context.Context) int {
	hash := "." + stateHash(d.opts)
	orphans := marked(ctx, func(mark string) bool { return strings.HasSuffix(mark, hash) && !alive(ctx, mark) })
	if len(orphans) == 0 {
		return 0
	}
	var clis []*process.Process
	for _, p := range orphans {
		if name, _ := p.NameWithContext(ctx); name == "pulumi" || name == "pulumi.exe" {
			_ = p.SendSignalWithContext(ctx, syscall.SIGINT)
			clis = append(clis, p)
		}
	}
	gone(ctx, clis, 5*time.Second) // a CLI whose program has gone ends in well under one
	kill(ctx, orphans)
	return len(orphans)
}

// endOwn ends what a run that is killed has started.
func (d *driver) endOwn() {
	ctx := context.Background() // the run's own has been cancelled
	kill(ctx, marked(ctx, func(mark string) bool { return mark == d.env[runVariable] }))
}

func kill(ctx context.Context, list []*process.Process) {
	for _, p := range list {
		_ = p.KillWithContext(ctx)
	}
	gone(ctx, list, 5*time.Second)
}

// gone waits until none of the processes runs any more.
func gone(ctx context.Context, ps []*process.Process, patience time.Duration) bool {
	for until := time.Now().Add(patience); ; {
		running := false
		for _, p := range ps {
			status, err := p.StatusWithContext(ctx)
			if err == nil && !slices.Contains(status, process.Zombie) {
				running = true
			}
		}
		if !running || ctx.Err() != nil {
			return !running
		}
		if time.Now().After(until) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
}
