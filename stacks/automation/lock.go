package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// A lock is what a run that works on a stack leaves in the state backend while
// it works.
type lock struct {
	PID       int       `json:"pid"`
	Username  string    `json:"username"`
	Hostname  string    `json:"hostname"`
	Timestamp time.Time `json:"timestamp"`
}

// lockedError is the CLI's refusal to work on a stack that is locked.
type lockedError struct{ text string }

func (e *lockedError) Error() string { return "the stack is locked by another run" }

var lockLine = regexp.MustCompile(`created by (.*)@(\S+) \(pid (\d+)\) at (\S+)`)

// locks reads the locks out of the refusal: the backend may be anywhere.
func (e *lockedError) locks() []lock {
	var locks []lock
	for _, m := range lockLine.FindAllStringSubmatch(e.text, -1) {
		pid, err := strconv.Atoi(m[3])
		if err != nil {
			continue
		}
		at, err := time.Parse(time.RFC3339, m[4])
		if err != nil {
			continue
		}
		locks = append(locks, lock{PID: pid, Username: m[1], Hostname: m[2], Timestamp: at})
	}
	return locks
}

// localLocks reads the locks of a stack from a state folder.
func (d *driver) localLocks(stack string) []lock {
	if !d.opts.isLocal() {
		return nil
	}
	var locks []lock
	for _, f := range d.lockFiles(stack) {
		src, err := os.ReadFile(f)
		if err != nil {
			continue // released meanwhile
		}
		var l lock
		if json.Unmarshal(src, &l) == nil {
			locks = append(locks, l)
		}
	}
	return locks
}

// release releases the lock of a run that died on this machine. A lock whose
// owner lives, or may live, is a [*Problem] with the way out.
func (d *driver) release(ctx context.Context, stack string, locks []lock) error {
	if len(locks) == 0 {
		return &Problem{Code: "GR408", Summary: "stack " + stack + " is locked by another run",
			Hint: "wait until it ends; when it has died, `pulumi cancel --stack " + stack + "`"}
	}
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("ask for the name of this machine: %w", err)
	}
	for _, l := range locks {
		who := fmt.Sprintf("stack %s is locked by %s on %s (pid %d) since %s", stack, l.Username, l.Hostname, l.PID, l.Timestamp.UTC().Format(time.RFC3339))
		if l.Hostname != host {
			return &Problem{Code: "GR408", Summary: who,
				Hint: "this machine cannot tell whether that run lives: when it has died, `pulumi cancel --stack " + stack + "`, and run the command again"}
		}
		if holds(ctx, l) {
			return &Problem{Code: "GR408", Summary: who + ", and it runs", Hint: "wait until it ends, or interrupt it"}
		}
	}
	ws, err := d.workspace(ctx, d.work, d.env, nil)
	if err != nil {
		return err
	}
	s, err := auto.SelectStack(ctx, stack, ws)
	if err != nil {
		return err
	}
	if err := s.Cancel(ctx); err != nil {
		return fmt.Errorf("release the lock of stack %s: %w", stack, firstError(err))
	}
	d.emit(Event{Kind: Recovered, Stack: stack, Message: fmt.Sprintf("released the lock of a run that died (pid %d)", locks[0].PID)})
	return nil
}

// holds says that the process that made a lock still runs: one that started
// after the lock was made has only its number.
func holds(ctx context.Context, l lock) bool {
	start := startOf(ctx, int32(l.PID))
	return start != 0 && time.UnixMilli(start).Before(l.Timestamp.Add(2*time.Second))
}
