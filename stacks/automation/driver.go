package automation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A driver is one run over the stacks of a plan.
type driver struct {
	plan    *guardrails.Plan
	opts    Options
	command string
	cli     *cli
	env     map[string]string
	work    string         // folder that the CLI runs in
	list    []stacks.Stack // of the plan, those of Only
	live    *live.Session
	local   *local // nil: the CLI reads state
	started time.Time

	mu      sync.Mutex
	exists  map[string]bool
	made    map[string]bool // accounts that this run has created
	fresh   map[string]bool // logical names of accounts that a run has created which did not live to say so
	known   stacks.Known    // outputs of stacks, as far as they have been read or made
	digests map[string]string
	reports map[string]*StackReport

	absent   map[string]string // accounts that are closed or no members, by key, with AWS's word for it
	adoption *surveyor         // of Adopt

	invitations map[string]live.Invitation // open ones, by account id or e-mail; read where it matters
	there       int                        // accounts in AWS's count
	toCreate    int                        // accounts that the organization stack has yet to create

	events sync.Mutex
}

func drive(ctx context.Context, p *guardrails.Plan, opts Options, command string, run func(*driver, context.Context) error) (*Report, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &driver{plan: p, opts: opts, command: command, started: time.Now(),
		known: stacks.Known{}, digests: map[string]string{}, reports: map[string]*StackReport{}, exists: map[string]bool{},
		made: map[string]bool{}, fresh: map[string]bool{}}
	if err := d.choose(); err != nil {
		return nil, err
	}
	if err := d.prepare(ctx); err != nil {
		return nil, err
	}
	if slices.Contains([]string{"up", "preview", "adopt", "refresh", "destroy"}, command) {
		if err := d.census(ctx); err != nil {
			return nil, err
		}
	}
	if command == "up" || command == "preview" {
		if err := d.proveOver(ctx); err != nil {
			return nil, err
		}
	}
	if command == "adopt" {
		if err := d.agree(ctx); err != nil {
			return nil, err
		}
	}
	err = run(d, ctx)
	select {
	case <-opts.Kill: // the CLIs are dead; their providers are not yet
		d.endOwn()
	default:
	}
	return d.report(), err
}

// choose takes the stacks of the plan that the run is about.
func (d *driver) choose() error {
	all := stacks.List(d.plan)
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
		if len(d.opts.Only) == 0 || slices.Contains(d.opts.Only, s.Name) {
			d.list = append(d.list, s)
		}
	}
	for _, name := range d.opts.Only {
		if !slices.Contains(names, name) {
			err := &stacks.UnknownStackError{Name: name, Stacks: names}
			return &Problem{Code: "GR413", Summary: err.Error(), Err: nil}
		}
	}
	return nil
}

// prepare makes the folder that the CLI runs in, and reads which stacks there
// are and how they were deployed last.
func (d *driver) prepare(ctx context.Context) error {
	d.work = filepath.Join(d.opts.Dir, ".orgrails", "work")
	if err := d.workspaceFolder(d.work); err != nil {
		return err
	}
	if d.opts.isLocal() {
		if err := os.MkdirAll(d.opts.stateFolder(), 0o755); err != nil {
			return fmt.Errorf("make the state folder: %w", err)
		}
	}
	d.env = d.environment()
	var err error
	if d.live, err = live.Open(ctx, live.Options{Region: d.plan.Organization.HomeRegion, Env: d.opts.Env}); err != nil {
		return problemOf(err)
	}
	if _, err := d.live.Preflight(ctx, d.plan); err != nil {
		return problemOf(err)
	}
	if d.cli, err = findCLI(ctx, d.opts, envList(d.env)); err != nil {
		return err
	}
	if d.command != "preview" && d.command != "moves" {
		if n := d.endOrphans(ctx); n > 0 {
			d.emit(Event{Kind: Recovered, Message: fmt.Sprintf("ended %d processes that a run which died had left behind", n)})
		}
		if err := d.mendTorn(ctx); err != nil {
			return err
		}
	}
	return d.readStacks(ctx)
}

// workspaceFolder makes a folder with the project's settings.
func (d *driver) workspaceFolder(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, running), 0o755); err != nil {
		return fmt.Errorf("make the working folder: %w", err)
	}
	ignore := filepath.Join(d.opts.Dir, ".orgrails", ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("work/\n"), 0o644); err != nil {
			return fmt.Errorf("make the working folder: %w", err)
		}
	}
	settings := fmt.Sprintf("name: %s\nruntime: go\n", d.opts.Project)
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(settings), 0o644); err != nil {
		return fmt.Errorf("write the project's settings: %w", err)
	}
	return nil
}

// environment is what the CLI and its providers get beside our own.
func (d *driver) environment() map[string]string {
	env := map[string]string{}
	maps.Copy(env, d.opts.Env)
	maps.Copy(env, map[string]string{
		"PULUMI_BACKEND_URL":                            d.opts.backendURL(),
		"PULUMI_SKIP_UPDATE_CHECK":                      "true",
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER":      "true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
		"PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_WARNING": "true",
		runVariable: thisRun(d.opts),
	})
	if d.opts.getenv("PULUMI_CONFIG_PASSPHRASE") == "" && d.opts.getenv("PULUMI_CONFIG_PASSPHRASE_FILE") == "" {
		env["PULUMI_CONFIG_PASSPHRASE"] = "" // nothing secret is in state
	}
	return env
}

func envList(env map[string]string) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(env)) {
		list = append(list, k+"="+env[k])
	}
	return list
}

// workspace is the SDK's view of our working folder, with a program.
func (d *driver) workspace(ctx context.Context, dir string, env map[string]string, program pulumi.RunFunc) (auto.Workspace, error) {
	opts := []auto.LocalWorkspaceOption{auto.WorkDir(dir), auto.Pulumi(d.cli), auto.EnvVars(env)}
	if program != nil {
		opts = append(opts, auto.Program(program))
	}
	if d.opts.SecretsProvider != "" && env["PULUMI_BACKEND_URL"] == d.opts.backendURL() {
		opts = append(opts, auto.SecretsProvider(d.opts.SecretsProvider))
	}
	ws, err := auto.NewLocalWorkspace(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("open the Pulumi workspace: %w", err)
	}
	return ws, nil
}

// emit tells one event.
func (d *driver) emit(e Event) {
	d.events.Lock()
	defer d.events.Unlock()
	if e.Time.IsZero() {
		e.Time = time.Now().UTC()
	}
	d.opts.Events(e)
}

// record keeps the outcome of a stack and tells it.
func (d *driver) record(r *StackReport) {
	d.mu.Lock()
	d.reports[r.Stack.Name] = r
	d.mu.Unlock()
	e := Event{Kind: Done, Stack: r.Stack.Name, Counts: r.Counts, Duration: r.Duration, Problem: r.Problem}
	switch r.Result {
	case ResultSkipped:
		e.Kind = Skipped
	case ResultFailed, ResultRefused:
		e.Kind = Failed
	case ResultBlocked, ResultDeferred, ResultLeft, ResultAbsent:
		e.Kind = Blocked
	}
	if r.Problem != nil {
		e.Message = r.Problem.Summary
	}
	d.emit(e)
}

// report puts the outcomes into the order of the plan; stacks that the plan
// does not have come after it, by name.
func (d *driver) report() *Report {
	rep := &Report{Command: d.command, Stacks: []StackReport{}, Duration: time.Since(d.started)}
	d.mu.Lock()
	defer d.mu.Unlock()
	rest := maps.Clone(d.reports)
	for _, s := range d.list {
		if r := d.reports[s.Name]; r != nil {
			rep.Stacks = append(rep.Stacks, *r)
			delete(rest, s.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		rep.Stacks = append(rep.Stacks, *rest[name])
	}
	return rep
}

func (d *driver) has(stack string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.exists[stack]
}

func (d *driver) created(account string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.made[account]
}

func (d *driver) outputs(stack string) stacks.Outputs {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[stack]
}

// reader gives the programs a copy of what is known of other stacks.
func (d *driver) reader() stacks.Known {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.known)
}
