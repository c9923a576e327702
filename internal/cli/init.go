package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/draft"
	awslive "github.com/orgrails/orgrails/internal/live"
)

// An initialization is one run of init.
type initialization struct {
	*Command
	dir, home, role  string
	regions          []string
	organizationOnly bool
	maxAge           time.Duration
}

func (c *Command) initialize() *cobra.Command {
	i := &initialization{Command: c}
	fromAWS := false
	check := func(cmd *cobra.Command) error {
		for _, name := range []string{"home-region", "role", "regions", "organization-only", "max-age", "trace"} {
			if !fromAWS && cmd.Flags().Changed(name) {
				return &usageError{fmt.Sprintf("--%s is about what is read from AWS", name), "give --from-aws too"}
			}
		}
		return nil
	}
	cmd := &cobra.Command{
		Use:   "init [--from-aws] [-o folder]",
		Short: "Write an organization file: to start with, or of the organization that AWS has",
		Long: `Writes organization.yaml into a folder: a small one to start with, or with
--from-aws that of the organization which the credentials are of, with the policy
documents that it names under policies/.

Reading changes nothing in AWS. The file has the tree with its ids; the policies,
as guardrails of the catalogue where their statements are such, and as documents
of their own where not, under their names; password policies and analyzers; and
the permissions boundaries, roles and groups of which it says exactly what they
are. What others manage, such as the policies of AWS Control Tower, is
managedElsewhere. The plan of the file has exactly the policies and attachments
that are there, spelled as they are (asFound), so that "orgrails adopt" leaves
nothing to change; what could not be read, or cannot be said in the file, is
named in it.

What AWS answered is kept in the folder, in .orgrails/live, so that a run that
was ended goes on where it stopped.

A file that is there already is left alone, unless init wrote it and nobody has
changed it since.`,
		Example: `  orgrails init
  orgrails init --from-aws -o acme
  orgrails init --from-aws -o acme --role Audit --regions eu-central-1,eu-west-1`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := check(cmd); err != nil {
				return err
			}
			if !fromAWS {
				return i.starter()
			}
			return i.fromAWS(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&fromAWS, "from-aws", false, "write the organization that AWS has, read-only")
	f.StringVarP(&i.dir, "output", "o", ".", "`folder` to write to")
	f.StringVar(&i.home, "home-region", "", "home `Region` of the organization (default that of the environment)")
	f.StringVar(&i.role, "role", "OrganizationAccountAccessRole", "`role` that is assumed in member accounts to read, and later to deploy")
	f.StringSliceVar(&i.regions, "regions", nil, "governed `Regions`, in which analyzers are looked for (default the home Region)")
	f.BoolVar(&i.organizationOnly, "organization-only", false, "enter no member account: leave out password policies, roles and analyzers")
	f.DurationVar(&i.maxAge, "max-age", 0, "take answers that are kept up to so old, such as 30m; answers of a run that was ended are always taken up for an hour")
	return c.traced(cmd, check)
}

// files are where the files of a run go, by path in its folder.
type files map[string][]byte

// starter writes the file to start with.
func (i *initialization) starter() error {
	if err := i.write(files{config.DefaultFile: []byte(starterFile)}); err != nil {
		return err
	}
	fmt.Fprintf(i.Stdout, "%s: written; fill in the ids and addresses, then run \"orgrails plan\"\n", oneLine(i.shown(config.DefaultFile)))
	return nil
}

// fromAWS reads the organization and writes its file.
func (i *initialization) fromAWS(ctx context.Context) error {
	if err := i.mayWrite(files{config.DefaultFile: nil}); err != nil {
		return err // before minutes of reading
	}
	for _, r := range append(slices.Clone(i.regions), i.home) {
		if _, ok := awsdata.PartitionOf(r); r != "" && !ok {
			return &usageError{fmt.Sprintf("no Region is named %q", r), "expected one such as eu-central-1"}
		}
	}
	watch := i.watch()
	opts := awslive.ReadOptions{
		Role: i.role, OrganizationOnly: i.organizationOnly, Regions: i.regions, MaxAge: i.maxAge,
		Cache: filepath.Join(i.path(i.dir), ".orgrails", "live"), Progress: watch.progress,
	}
	if err := ignored(filepath.Join(i.path(i.dir), ".orgrails", "live")); err != nil {
		return fmt.Errorf("make a folder for what is read: %w", err)
	}
	ctx, stop := interruptible(ctx)
	snap, home, err := i.Read(ctx, i.home, opts)
	stop()
	watch.close()
	if err != nil {
		return awsFailure(err)
	}
	d, err := draft.Make(snap, draft.Options{HomeRegion: home, Regions: i.regions, DeployRole: path.Base(i.role)})
	if err != nil {
		for _, n := range snap.NotRead {
			i.notef("not read: %s: %s", n.What, n.Reason)
		}
		return &failure{"write the organization's file: " + err.Error(), "fix what could not be read, and run it again: answers are kept for an hour"}
	}
	out := files{config.DefaultFile: d.File}
	maps.Copy(out, d.Documents)
	if err := i.write(out); err != nil {
		return err
	}
	i.report(snap, d)
	return i.lockedOut(d)
}

// lockedOut says which requests that must work the policies in AWS refuse
// already: validate refuses a plan that does.
func (i *initialization) lockedOut(d *draft.Draft) error {
	r, err := proof.Check(d.Plan, proof.Options{AsOf: i.Now().UTC()})
	if err != nil {
		return fmt.Errorf("prove the plan of the file: %w", err)
	}
	var ids []string
	for _, l := range r.Lost {
		if l.Level == proof.Must && !slices.Contains(ids, l.ID) {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	i.notef("the policies that are in AWS refuse requests that must work: %s", strings.Join(ids, ", "))
	i.hintf("\"orgrails validate %s\" says which statement does, and what would spare them; --accept-lockout accepts one", i.shown(config.DefaultFile))
	return nil
}

// awsFailure is an error of reading AWS with its way out.
func awsFailure(err error) error {
	var problem *awslive.Error
	if errors.As(err, &problem) {
		what := problem.Summary
		if r := problem.Reason(); r != "" {
			what += ": " + r
		}
		return &failure{what + " [" + problem.Code + "]", problem.Hint}
	}
	return err
}

// report says what was found, and what is not in the file.
func (i *initialization) report(snap *awslive.Snapshot, d *draft.Draft) {
	units, _ := snap.Units.Get()
	accounts, _ := snap.Accounts.Get()
	line := fmt.Sprintf("%s: %s in %s", i.shown(config.DefaultFile), count(len(accounts), "account"), count(len(units), "unit"))
	line += inAccounts(d.Plan)
	if n := len(d.Documents); n > 0 {
		line += fmt.Sprintf(", %s under %s", count(n, "document"), i.shown("policies"))
	}
	if age := snap.Age(i.Now()); age >= time.Minute {
		line += fmt.Sprintf("; the oldest answer of AWS is %s old", age.Round(time.Minute))
	}
	fmt.Fprintln(i.Stdout, oneLine(line))
	for _, f := range d.Found {
		line := fmt.Sprintf("  %s is %s", f.Policy, f.Template)
		if len(f.Parameters) > 0 {
			params, err := json.Marshal(f.Parameters)
			if err == nil {
				line += " with " + string(params) + ", which were inferred"
			}
		}
		fmt.Fprintln(i.Stdout, "  "+oneLine(line))
	}
	for _, n := range snap.NotRead {
		where := strings.TrimSpace(n.Account + " " + n.Region)
		if where != "" && !strings.Contains(n.What, where) {
			where = " of " + where
		} else {
			where = ""
		}
		i.notef("not read: %s%s: %s", n.What, where, n.Reason)
	}
	for _, n := range d.Notes {
		i.notef("%s", n)
	}
}

// inAccounts counts the roles, groups and boundaries of a file by their names.
func inAccounts(p *guardrails.Plan) (text string) {
	roles, groups, boundaries := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, b := range p.Baselines {
		for _, r := range b.Roles {
			roles[r.Name] = true
		}
		for _, g := range b.Groups {
			groups[g.Name] = true
		}
		for _, m := range b.Boundaries {
			boundaries[m.Name] = true
		}
	}
	for _, x := range []struct {
		names map[string]bool
		noun  string
	}{{roles, "role"}, {groups, "group"}, {boundaries, "permissions boundary"}} {
		if n := len(x.names); n > 0 {
			text += ", " + count(n, x.noun)
		}
	}
	return text
}

// shown is a path in the folder as the user would type it.
func (i *initialization) shown(name string) string { return filepath.Join(i.dir, name) }

// writtenFile keeps what init wrote, so that a file which somebody has changed
// since is told from one that nobody has.
const writtenFile = "init.json"

// written are the hashes of what a former run wrote, by path in the folder: two
// of a file that it may have been about to write when it was killed.
func (i *initialization) written() map[string]string {
	var w map[string]string
	data, err := os.ReadFile(filepath.Join(i.path(i.dir), ".orgrails", writtenFile))
	if err != nil || json.Unmarshal(data, &w) != nil {
		return map[string]string{}
	}
	return w
}

func hashOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// mayWrite refuses to overwrite what init did not write, or somebody changed.
func (i *initialization) mayWrite(out files) error {
	known := i.written()
	for _, name := range slices.Sorted(maps.Keys(out)) {
		data, err := os.ReadFile(filepath.Join(i.path(i.dir), filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("look at what is there: %w", err)
		case known[name] == "":
			return &usageError{fmt.Sprintf("%s is there already", i.shown(name)), "name another folder with -o, or move it away: init overwrites nothing that it did not write"}
		case !wrote(known[name], data):
			return &usageError{fmt.Sprintf("%s was changed since init wrote it", i.shown(name)), "name another folder with -o and compare the two, or move it away"}
		}
	}
	return nil
}

// wrote reports whether data is what was written: of a run that was killed while
// it wrote, what was there before, or what it was about to write.
func wrote(known string, data []byte) bool {
	return slices.Contains(strings.Fields(known), hashOf(data))
}

// write puts the files of a run into its folder, and takes away those of a
// former run that are no longer wanted. Killed at any moment, it leaves what a
// further run overwrites; the organization file comes after what it names.
func (i *initialization) write(out files) error {
	if err := i.mayWrite(out); err != nil {
		return err
	}
	dir := i.path(i.dir)
	if err := os.MkdirAll(filepath.Join(dir, ".orgrails"), 0o755); err != nil {
		return err
	}
	before, now, both := i.written(), map[string]string{}, map[string]string{}
	maps.Copy(both, before)
	for name, data := range out {
		now[name] = hashOf(data)
		both[name] = strings.TrimSpace(before[name] + " " + now[name])
	}
	if err := i.keepWritten(both); err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(out))
	if i := slices.Index(names, config.DefaultFile); i >= 0 {
		names = append(slices.Delete(names, i, i+1), config.DefaultFile)
	}
	for _, name := range names {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := writeFile(at, out[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if data, err := os.ReadFile(at); out[name] == nil && filepath.IsLocal(filepath.FromSlash(name)) && err == nil && wrote(before[name], data) {
			if err := os.Remove(at); err != nil {
				return fmt.Errorf("take away what a former run wrote: %w", err)
			}
		}
	}
	return i.keepWritten(now)
}

func (i *initialization) keepWritten(hashes map[string]string) error {
	data, err := json.MarshalIndent(hashes, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(i.path(i.dir), ".orgrails", writtenFile), append(data, '\n'))
}

// ignored makes the folder of what the tool keeps, which git leaves out.
func ignored(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ignore := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return nil
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o644)
}

// A watch shows how the reading goes on: in one line of a terminal, and
// elsewhere in a line for each kind of thing that has been read.
type watch struct {
	out      io.Writer
	terminal bool
	mu       sync.Mutex
	stages   map[string]awslive.Progress
	order    []string
	drawn    time.Time
	open     bool // a line without an end stands there
}

func (i *initialization) watch() *watch {
	return &watch{out: i.Stderr, terminal: i.redraws(), stages: map[string]awslive.Progress{}}
}

func (w *watch) progress(p awslive.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.stages[p.What]; !ok {
		w.order = append(w.order, p.What)
	}
	w.stages[p.What] = p
	if now := time.Now(); w.terminal && (now.Sub(w.drawn) > 100*time.Millisecond) {
		w.drawn = now
		var parts []string
		for _, what := range w.order {
			s := w.stages[what]
			parts = append(parts, fmt.Sprintf("%s %d/%d", s.What, s.Done, s.Total))
		}
		fmt.Fprintf(w.out, "\r\x1b[Kreading: %s", strings.Join(parts, ", "))
		w.open = true
	}
}

func (w *watch) clear() {
	if w.open {
		fmt.Fprint(w.out, "\r\x1b[K")
		w.open = false
	}
}

// close ends the view with what was read.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clear()
	for _, what := range w.order {
		s := w.stages[what]
		fmt.Fprintf(w.out, "orgrails: read %d of %d %s\n", s.Done, s.Total, oneLine(s.What))
	}
}

// starterFile is the file to start with.
const starterFile = `# An AWS organization and what must hold in it. Every key is explained in
# docs/organization-file.md; "orgrails catalog list" lists the guardrails.
version: 1
organization:
  # id: o-a1b2c3d4e5                        # when the organization exists already
  name: example
  managementAccount: {id: "111111111111"}   # yours
  homeRegion: eu-central-1
  regions: [eu-central-1]                   # governed Regions: the default of guardrails about Regions

root:                                       # the tree; the root is a node like any other
  guardrails: [baseline]                    # the name of a set below, or of a guardrail
  units:
    Security:
      accounts:
        # An account with an id exists and is taken over; one without is created.
        log-archive: {email: log-archive@example.com}
    Workloads:
      guardrails:
        - require-imdsv2
        - {template: restrict-instance-types, parameters: {types: ["t3.*", "t4g.*", "m7g.*"]}}
      accounts:
        first: {email: first@example.com, name: First workload}
    Suspended:
      guardrails: [deny-all]

sets:                                       # "orgrails catalog sets" lists those that come with orgrails
  baseline:
    - deny-leave-organization
    - restrict-regions                      # organization.regions, unless parameters say others
    - protect-cloudtrail
    - protect-roles                         # whoever a guardrail spares is protected

tests:                                      # run by "orgrails test" and before every deployment
  - {name: no account leaves, as: role/Anyone, in: root, action: "organizations:LeaveOrganization", expect: deny, by: deny-leave-organization}
`
