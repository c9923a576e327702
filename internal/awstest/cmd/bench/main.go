// Command bench measures a deployment: wall time, the memory of all its
// processes together, and the bytes of state written, for one stack or all, at
// a number of accounts. docs/benchmarks.md says how its figures were made.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
	"github.com/orgrails/orgrails/internal/config/orggen"
)

func main() {
	orgrails := flag.String("orgrails", "bin/orgrails", "the orgrails command")
	accounts := flag.String("accounts", "100", "numbers of accounts, separated by commas")
	stacks := flag.String("stacks", "organization,policies", "stacks to deploy, in order, separated by commas")
	adopt := flag.Bool("adopt", false, "lose the state after that, and adopt what was deployed")
	flag.Parse()
	if err := run(*orgrails, *accounts, strings.Split(*stacks, ","), *adopt); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// A row is one deployment of one stack.
type row struct {
	Accounts     int     `json:"accounts"`
	Stack        string  `json:"stack"`
	Run          string  `json:"run"` // first, unchanged, adopt
	Seconds      float64 `json:"seconds"`
	PeakMB       float64 `json:"peakMB"` // resident, orgrails and every process below it
	StateMB      float64 `json:"stateMB"`
	WrittenMB    float64 `json:"writtenMB"` // by the Pulumi CLI, checkpoints for the greatest part
	AWSCalls     int     `json:"awsCalls"`
	WritingCalls int     `json:"writingCalls"`
}

func run(orgrails, accounts string, stacks []string, adopt bool) error {
	orgrails, err := filepath.Abs(orgrails)
	if err != nil {
		return err
	}
	for _, text := range strings.Split(accounts, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("number of accounts: %w", err)
		}
		if err := measure(context.Background(), orgrails, n, stacks, adopt); err != nil {
			return err
		}
	}
	return nil
}

func measure(ctx context.Context, orgrails string, n int, stacks []string, adopt bool) error {
	dir, err := os.MkdirTemp("", "orgrails-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	example := filepath.Join(dir, "example")
	if err := os.MkdirAll(example, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(example, "organization.yaml"), orggen.YAML(orggen.Of(n)), 0o644); err != nil {
		return err
	}
	started := time.Now()
	w, err := world.New(ctx, orgrails, example, filepath.Join(dir, "work"), awstest.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	fmt.Fprintf(os.Stderr, "%d accounts made in %.0f s\n", n, time.Since(started).Seconds())
	names := []string{"first", "unchanged"}
	if adopt {
		names = append(names, "adopt")
	}
	for _, name := range names {
		command := "up"
		if name == "adopt" {
			command = "adopt"
			if err := os.RemoveAll(filepath.Join(w.Dir, ".orgrails")); err != nil {
				return err
			}
		}
		for _, stack := range stacks {
			r, err := deploy(ctx, w, command, stack)
			if err != nil {
				return err
			}
			r.Accounts, r.Stack, r.Run = n, stack, name
			if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// deploy runs `orgrails up`, or adopt, for one stack and watches its processes.
func deploy(ctx context.Context, w *world.World, command, stack string) (row, error) {
	w.Emulator.ResetCalls()
	args := []string{command, "--yes", "--stack", stack}
	if command == "up" {
		args = append(args, "--all")
	}
	cmd := w.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return row{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var r row
	written := map[int32]uint64{}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return row{}, fmt.Errorf("%s %s: %w", command, stack, err)
			}
			r.Seconds = time.Since(started).Seconds()
			for _, b := range written {
				r.WrittenMB += float64(b) / 1e6
			}
			r.StateMB = float64(size(filepath.Join(w.Dir, ".orgrails", "state", ".pulumi", "stacks"))) / 1e6
			for _, c := range w.Emulator.Calls() {
				r.AWSCalls++
				if c.Write {
					r.WritingCalls++
				}
			}
			return r, nil
		case <-tick.C:
			r.PeakMB = max(r.PeakMB, watch(int32(cmd.Process.Pid), written))
		}
	}
}

// watch sums the resident memory, in MB, of a process and all below it, and
// keeps what each pulumi process has written so far.
func watch(pid int32, written map[int32]uint64) float64 {
	p, err := process.NewProcess(pid)
	if err != nil {
		return 0
	}
	all := []*process.Process{p}
	for i := 0; i < len(all); i++ {
		below, _ := all[i].Children()
		all = append(all, below...)
	}
	var mb float64
	for _, q := range all {
		if m, err := q.MemoryInfo(); err == nil {
			mb += float64(m.RSS) / 1e6
		}
		name, _ := q.Name()
		if io, err := q.IOCounters(); err == nil && name == "pulumi" {
			written[q.Pid] = io.WriteBytes
		}
	}
	return mb
}

func size(dir string) (bytes int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(d.Name(), ".json") {
			if info, err := d.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	return bytes
}
