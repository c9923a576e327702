package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/orgrails/orgrails/stacks"
)

// mendTorn puts right the state files that a run which died was writing: one
// that is no JSON document is replaced by the copy that the engine keeps beside
// it, or, where that is none either, taken away. What the lost state knew is
// found in AWS by name, as after every run that died. A file whose lock is held
// by a living process is left alone.
func (d *driver) mendTorn(ctx context.Context) error {
	if !d.opts.isLocal() {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(d.opts.stateFolder(), ".pulumi", "stacks", d.opts.Project, "*.json"))
	if err != nil {
		return fmt.Errorf("look for the state files: %w", err)
	}
	for _, file := range files {
		stack := strings.TrimSuffix(filepath.Base(file), ".json")
		if _, ours := stacks.ParseName(stack); !ours || whole(file) || d.heldByLiving(ctx, stack) {
			continue
		}
		if copied := file + ".bak"; whole(copied) {
			src, err := os.ReadFile(copied)
			if err == nil {
				err = writeWhole(file, src)
			}
			if err != nil {
				return fmt.Errorf("take back the state of stack %s: %w", stack, err)
			}
			d.emit(Event{Kind: Recovered, Stack: stack, Message: "the state was half-written when a run died: the copy before it is taken back"})
			continue
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("take away the half-written state of stack %s: %w", stack, err)
		}
		for _, lock := range d.lockFiles(stack) {
			_ = os.Remove(lock) // its owner is dead, and `pulumi cancel` needs a state
		}
		d.emit(Event{Kind: Recovered, Stack: stack, Message: "the first state was half-written when a run died: it is made anew from what AWS has"})
	}
	return nil
}

// whole says that a file is a JSON document.
func whole(file string) bool {
	src, err := os.ReadFile(file)
	return err == nil && json.Valid(src)
}

func writeWhole(file string, src []byte) error {
	if err := os.WriteFile(file+".new", src, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// heldByLiving says that a lock of the stack may be of a run that goes on.
func (d *driver) heldByLiving(ctx context.Context, stack string) bool {
	host, err := os.Hostname()
	for _, l := range d.localLocks(stack) {
		if err != nil || l.Hostname != host || holds(ctx, l) {
			return true
		}
	}
	return false
}

func (d *driver) lockFiles(stack string) []string {
	files, _ := filepath.Glob(filepath.Join(d.opts.stateFolder(), ".pulumi", "locks", "organization", d.opts.Project, stack, "*.json"))
	return files
}
