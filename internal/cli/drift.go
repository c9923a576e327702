package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/drift"
	awslive "github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A drifting is one run of drift, as its flags say.
type drifting struct {
	live   liveFlags
	events []string
	strict bool
	format string
	fix    bool
	up     *deployment
}

func (c *Command) drift() *cobra.Command {
	d := &drifting{up: &deployment{name: "up", run: c.Drive.Up, writes: true}}
	var asJSON bool
	format := &choice{"text", []string{"text", "json", "sarif"}}
	cmd := &cobra.Command{
		Use:   "drift [file]",
		Short: "Say what AWS has otherwise than the file says, and put it right",
		Long: `Reads the organization and compares it with the plan: policies that were edited,
deleted, detached or attached by somebody else; accounts in another unit, and those
that nobody knows; roles, boundaries, password policies, analyzers; what was switched
off. Each is said with the line of the file, what it does to access, and, where
CloudTrail events are given, who did it. Exits 1 when there is any.

AWS is read, and nothing in it is changed, but with --fix: that deploys the stacks
that have drifted, as up does, and reads again.`,
		Example: `  orgrails drift
  orgrails drift --events events.json --format sarif > drift.sarif
  orgrails drift --fix --yes`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON {
				format.value = "json"
			}
			if err := exclusive(cmd, "json", "format"); err != nil {
				return err
			}
			if err := d.live.check(); err != nil {
				return err
			}
			if d.fix && format.value != "text" {
				return &usageError{"--fix writes text", "leave out --json and --format, or run drift without --fix"}
			}
			for _, name := range []string{"yes", "backend", "secrets-provider", "parallel", "allow-replace", "accept-lockout"} {
				if !d.fix && cmd.Flags().Changed(name) {
					return &usageError{fmt.Sprintf("--%s belongs to --fix", name), "nothing is changed without it"}
				}
			}
			d.format = format.value
			return c.runDrift(cmd.Context(), d, args)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&d.events, "events", nil, "name who changed what, by the CloudTrail events in this `file`; may be given several times")
	f.BoolVar(&d.strict, "strict", false, "exit 1 also where something could not be checked")
	f.Var(format, "format", "how findings are written")
	f.BoolVar(&asJSON, "json", false, "short for --format json")
	d.live.add(cmd)
	asOfFlag(cmd, &d.up.at)
	f.BoolVar(&d.fix, "fix", false, "deploy the stacks that have drifted, so that they are as the file says")
	f.BoolVarP(&d.up.yes, "yes", "y", false, "with --fix: go on without being asked")
	f.StringVar(&d.up.options.Backend, "backend", "", "with --fix: `URL` of the Pulumi state backend, as for up")
	f.StringVar(&d.up.options.SecretsProvider, "secrets-provider", "", "with --fix: what encrypts secrets in state, as for up")
	f.Var((*howMany)(&d.up.options.Parallel), "parallel", "with --fix: how many account and analyzer stacks run at once")
	f.BoolVar(&d.up.options.AllowReplace, "allow-replace", false, "with --fix: let analyzers be replaced, whose findings are then lost")
	d.up.accept = acceptFlag(cmd)
	return c.traced(cmd, nil)
}

// runDrift reads, says what was found, and puts it right where it is asked to.
func (c *Command) runDrift(ctx context.Context, d *drifting, args []string) error {
	events, err := c.events(d.events)
	if err != nil {
		return err
	}
	r, err := c.compileFor(&deployment{at: d.up.at}, args)
	if err != nil {
		return err
	}
	s, report, err := c.drifted(ctx, d.live, r, events)
	if err != nil {
		return err
	}
	if err := c.writeDrift(d, r, report); err != nil {
		return err
	}
	if d.fix && !report.Clean() {
		if report, err = c.fix(ctx, d, r, s, report, args); err != nil {
			return err
		}
	}
	if !report.Clean() || d.strict && len(report.NotChecked) > 0 {
		return errFindings
	}
	return nil
}

// events reads the CloudTrail events of files.
func (c *Command) events(files []string) ([]drift.Event, error) {
	var all []drift.Event
	for _, name := range files {
		data, err := unpacked(c.path(name))
		if err != nil {
			return nil, fmt.Errorf("read the events: %w", err)
		}
		events, err := drift.ReadEvents(name, data)
		if err != nil {
			return nil, &failure{err.Error(), "give log files of CloudTrail, or what \"aws cloudtrail lookup-events\" prints"}
		}
		all = append(all, events...)
	}
	return all, nil
}

// unpacked is what is in a file, which may be packed as CloudTrail's log files are.
func unpacked(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if data, err = io.ReadAll(io.LimitReader(r, mostEvents+1)); err == nil && len(data) > mostEvents {
		err = errors.New("it is longer than 1 GiB unpacked")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// mostEvents bounds what a packed file becomes.
const mostEvents = 1 << 30

// drifted reads AWS and compares.
func (c *Command) drifted(ctx context.Context, l liveFlags, r *compiled, events []drift.Event) (*awslive.Snapshot, *drift.Report, error) {
	s, err := c.snapshot(ctx, r, l)
	if err != nil {
		return nil, nil, err
	}
	report, err := drift.Find(s, r.plan, drift.Options{Quotas: r.file.Organization.Quotas})
	if err != nil {
		return nil, nil, unmatched(err)
	}
	line := settingsLine(r)
	for i := range report.Findings {
		if f := &report.Findings[i]; f.Origin == "" && f.Stack == organizationStack && f.Expected != "" {
			f.Origin = line // the plan keeps no line of a setting
		}
	}
	report.Attribute(events)
	return s, report, nil
}

const organizationStack = "organization"

// settingsLine is where the file says what holds for the organization.
func settingsLine(r *compiled) string {
	n := 0
	for l := range bytes.Lines(r.file.Sources[r.path]) {
		if n++; bytes.HasPrefix(l, []byte("organization:")) {
			return fmt.Sprintf("%s:%d:1", filepath.Base(r.path), n)
		}
	}
	return filepath.Base(r.path)
}

// writeDrift writes what was found.
func (c *Command) writeDrift(d *drifting, r *compiled, report *drift.Report) error {
	switch d.format {
	case "json":
		enc := json.NewEncoder(c.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			*drift.Report
			Plan string `json:"plan"` // digest
		}{report, r.plan.Digest()})
	case "sarif":
		out, err := driftSARIF(report, filepath.Dir(r.path), c.Version)
		if err != nil {
			return err
		}
		_, err = c.Stdout.Write(out)
		return err
	}
	return driftText(c.Stdout, report, c.look(c.Stdout))
}

// fix deploys the stacks that have drifted, and looks again. What is in force
// is not what the state says, so the deployment is proved over what was read,
// too.
func (c *Command) fix(ctx context.Context, d *drifting, r *compiled, s *awslive.Snapshot, report *drift.Report, args []string) (*drift.Report, error) {
	var only []string
	for _, stack := range stacks.List(r.plan) {
		if slices.Contains(report.Stacks(), stack.Name) {
			only = append(only, stack.Name)
		}
	}
	if len(only) == 0 {
		c.notef("no deployment puts right what was found")
		return report, nil
	}
	inForce, err := drift.InForce(s, r.plan)
	if err != nil {
		return nil, unmatched(err)
	}
	up := d.up
	up.options.Only, up.options.All, up.options.Refresh = only, true, true
	up.before = func(now *compiled) error {
		if now.plan.Digest() != r.plan.Digest() {
			return &refusal{"the organization file has changed since AWS was read", "run drift again"}
		}
		return c.proveOver(up, now, inForce)
	}
	if err := c.drive(ctx, up, args); err != nil {
		return nil, err
	}
	l := d.live
	l.maxAge = 0 // the read before came to its end: nothing of it is taken
	_, after, err := c.drifted(ctx, l, r, nil)
	if err != nil {
		return nil, err
	}
	return after, driftText(c.Stdout, after, c.look(c.Stdout))
}
