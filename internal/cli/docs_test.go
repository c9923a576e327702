package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/drift/planned"
	awslive "github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
	"github.com/orgrails/orgrails/stacks/automation"
)

const reference = "../../docs/cli.md"

// A block is one fenced block of the reference.
type block struct {
	info  string // what stands after the fence
	start int    // line of its first line, from 0
	lines []string
}

func blocks(t *testing.T, lines []string) []block {
	t.Helper()
	var all []block
	for i := 0; i < len(lines); i++ {
		info, ok := strings.CutPrefix(lines[i], "```")
		if !ok {
			continue
		}
		b := block{info: info, start: i + 1}
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			b.lines = append(b.lines, lines[i])
		}
		all = append(all, b)
	}
	return all
}

// TestReference runs every example of docs/cli.md, and wants what it prints.
// A line … stands for any lines, and … in a line for anything. The commands
// that deploy have a driver that tells of a deployment without one: the real
// one is run by the end-to-end tests.
func TestReference(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	w := newWorld(t)
	w.Drive = pretend(w.Now)
	w.Version = "1.0.0"
	var out []string
	from, examples := 0, 0
	for _, b := range blocks(t, lines) {
		switch {
		case b.info == "yaml" && examples == 0:
			w.commitTwice(t, strings.Join(b.lines, "\n")+"\n")
			broken := strings.ReplaceAll(strings.Join(b.lines, "\n"), "template: protect-cloudtrail", "template: protect-cloudtrial")
			w.write(t, "broken.yaml", strings.ReplaceAll(broken, "accounts: [payments]", "accounts: [payment]")+"\n")
			continue
		case !strings.HasPrefix(b.info, "console"):
			if lang, name, ok := strings.Cut(b.info, " "); ok {
				text := strings.Join(b.lines, "\n") + "\n"
				if lang == "yaml" { // what the file above has beside
					text = w.read(t, "organization.yaml") + text
				}
				w.write(t, name, text)
			}
			continue
		}
		var got []string
		for _, l := range b.lines {
			command, ok := strings.CutPrefix(l, "$ orgrails ")
			if !ok {
				continue
			}
			examples++
			got = append(got, l)
			var both bytes.Buffer
			w.Stdout, w.Stderr = &both, &both
			command, input, _ := strings.Cut(command, " < ")
			w.Stdin = strings.NewReader(w.read(t, input))
			w.Read = detached(t, w)
			if strings.HasPrefix(command, "init ") {
				w.Read = pretendRead(t)
			}
			w.Main(strings.Fields(command))
			said := strings.ReplaceAll(both.String(), w.dir+string(filepath.Separator), "")
			got = append(got, strings.Split(strings.TrimSuffix(said, "\n"), "\n")...)
		}
		if !matches(b.lines, got) {
			t.Errorf("%s:%d: the example prints\n%s", reference, b.start+1, strings.Join(got, "\n"))
		}
		out = append(out, lines[from:b.start]...)
		if strings.Contains(strings.Join(b.lines, "\n"), "…\n") || b.info == "console" && matches(b.lines, got) {
			got = b.lines
		}
		out = append(out, got...)
		from = b.start + len(b.lines)
	}
	if examples < 15 {
		t.Errorf("only %d examples were found", examples)
	}
	if *update {
		out = append(out, lines[from:]...)
		if err := os.WriteFile(reference, []byte(strings.Join(out, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// commitTwice puts the organization file into a git repository: first without
// its exceptions, then whole.
func (w *world) commitTwice(t *testing.T, file string) {
	t.Helper()
	for name, value := range gitWorld {
		t.Setenv(name, value)
	}
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", append([]string{"-C", w.dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	git("init", "-q", "-b", "main")
	less, _, _ := strings.Cut(file, "exceptions:\n")
	for _, content := range []string{less, file} {
		w.write(t, "organization.yaml", content)
		git("add", "organization.yaml")
		git("commit", "-q", "-m", "Change the file")
	}
}

// matches compares what an example should print with what it prints.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "…" {
		return matches(want[1:], got) || len(got) > 0 && matches(want, got[1:])
	}
	if len(got) == 0 {
		return false
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want[0]), "…", ".*") + "$"
	return regexp.MustCompile(pattern).MatchString(got[0]) && matches(want[1:], got[1:])
}

func (w *world) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read is a file of the world; nothing where there is no name.
func (w *world) read(t *testing.T, name string) string {
	t.Helper()
	if name == "" {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pretendRead answers with an organization that was read before.
func pretendRead(t *testing.T) ReadFunc {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "snapshot.json"))
	if err != nil {
		t.Fatal(err)
	}
	return func(_ context.Context, home string, opts awslive.ReadOptions) (*awslive.Snapshot, string, error) {
		var s awslive.Snapshot
		if err := json.Unmarshal(data, &s); err != nil {
			return nil, "", err
		}
		opts.Progress(awslive.Progress{What: "accounts", Done: 4, Total: 4})
		return &s, cmp.Or(home, "eu-central-1"), nil
	}
}

// inPlace reads an organization in which the plan of the world's file is in
// place, but for what is changed.
func inPlace(t *testing.T, w *world, change func(*awslive.Snapshot)) ReadFunc {
	return func(_ context.Context, home string, _ awslive.ReadOptions) (*awslive.Snapshot, string, error) {
		r, err := w.compile(nil, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
		if err != nil || r.plan == nil {
			t.Fatal(err, r.ds)
		}
		s := planned.Snapshot(r.plan, w.Now().Add(-4*time.Second))
		change(s)
		return s, home, nil
	}
}

// policies changes each policy of a snapshot.
func policies(s *awslive.Snapshot, change func(*awslive.Policy)) {
	for i := range s.Policies {
		planned.Edit(&s.Policies[i].Policies, func(list *[]awslive.Policy) {
			for j := range *list {
				change(&(*list)[j])
			}
		})
	}
}

// detached reads an organization in which somebody detached a policy and made an account.
func detached(t *testing.T, w *world) ReadFunc {
	return inPlace(t, w, func(s *awslive.Snapshot) {
		policies(s, func(p *awslive.Policy) {
			if p.Name == "orgrails-scp-Workloads" {
				p.Targets = planned.Answer([]awslive.Target{})
			}
		})
		planned.Edit(&s.Accounts, func(list *[]awslive.Account) {
			*list = append(*list, awslive.Account{ID: "555555555555", Name: "Shadow", Email: "shadow@acme.example", State: "ACTIVE", ParentID: planned.Answer("r-ab12")})
		})
	})
}

// nearly reads an organization in which one thing could not be read.
func nearly(t *testing.T, w *world) ReadFunc {
	return inPlace(t, w, func(s *awslive.Snapshot) {
		policies(s, func(p *awslive.Policy) {
			if p.Name == "orgrails-scp-root" {
				p.Content = planned.Unread[string]()
			}
		})
		s.NotRead = append(s.NotRead, awslive.NotRead{What: "the content", API: "organizations:DescribePolicy", Reason: "AccessDenied: no"})
	})
}

// pretend is a driver that tells of the deployment of a plan: units and
// policies are created, everything else is as it is.
func pretend(now func() time.Time) Driver {
	drive := func(command string) DriveFunc {
		return func(_ context.Context, p *guardrails.Plan, o automation.Options) (*automation.Report, error) {
			r := &automation.Report{Command: command, Duration: 42 * time.Second}
			if command == "adopt" {
				return adopting(p, o, r)
			}
			list := stacks.List(p)
			if command == "destroy" {
				slices.Reverse(list)
			}
			for _, s := range list {
				o.Events(automation.Event{Kind: automation.Queued, Stack: s.Name})
				sr := automation.StackReport{Stack: s, Result: automation.ResultUnchanged, Counts: automation.Counts{}, Duration: 3 * time.Second}
				if command == "destroy" || command == "up" || command == "preview" {
					sr.Changes = changed(p, s, map[string]string{"destroy": "delete"}[command])
				}
				o.Events(automation.Event{Kind: automation.Started, Stack: s.Name})
				for _, c := range sr.Changes {
					sr.Result = automation.ResultChanged
					sr.Counts[c.Op]++
					if command != "preview" {
						c.State = "done"
					}
					o.Events(automation.Event{Kind: automation.Resource, Stack: s.Name, Resource: &c})
				}
				o.Events(automation.Event{Kind: automation.Done, Stack: s.Name, Counts: sr.Counts, Duration: sr.Duration})
				r.Stacks = append(r.Stacks, sr)
			}
			if command == "up" {
				return r, o.Created(map[string]string{"sandbox-1": "123456789012"})
			}
			return r, nil
		}
	}
	return Driver{
		Preview: drive("preview"), Up: drive("up"), Refresh: drive("refresh"), Destroy: drive("destroy"), Adopt: drive("adopt"),
		Accounts: func(_ context.Context, p *guardrails.Plan, _ automation.Options) ([]automation.AccountRow, error) {
			return []automation.AccountRow{
				{Key: "log-archive", ID: "333333333333", Email: "logs@acme.example", Unit: "Security", Status: "ACTIVE"},
				{Key: "payments", ID: "444444444444", Email: "pay@acme.example", Unit: "root", Status: "ACTIVE", Differs: []string{"the file has it in Workloads"}},
				{Key: "sandbox-1", Email: "sandbox-1@acme.example", Differs: []string{"up creates it"}},
				{Key: "management", ID: "111111111111", Email: "root@acme.example", Unit: "root", Status: "ACTIVE"},
				{ID: "555555555555", Email: "old@acme.example", Unit: "Sandbox", Status: "ACTIVE", Differs: []string{"the file does not have it"}},
				{ID: "666666666666", Status: "INVITED", Differs: []string{"the file does not have it", "invited, and not accepted yet; the invitation h-a1b2c3d4e5f6g7h8 expires on 2026-12-07"}},
			}, nil
		},
		Invite: func(_ context.Context, p *guardrails.Plan, _ automation.Options, in automation.Inviting) (*automation.Invited, error) {
			if in.Account != "payments" {
				return nil, &automation.Problem{Code: "GR431", Summary: "account " + in.Account + " has no id in the file", Hint: "give the id of an account that exists; up creates one without"}
			}
			a := automation.Invited{Key: "payments", ID: p.IDs["account:payments"], Email: "pay@acme.example"}
			if err := in.Confirm(a); err != nil {
				return nil, err
			}
			a.Sent = true
			a.Invitation = &awslive.Invitation{ID: "h-a1b2c3d4e5f6g7h8", Account: a.ID, Sent: now(), Expires: now().AddDate(0, 0, 15)}
			return &a, nil
		},
		Close: func(_ context.Context, _ *guardrails.Plan, _ automation.Options, c automation.Closing) (*automation.Closed, error) {
			if c.Account == "payments" && !c.StillInFile {
				return nil, &automation.Problem{Code: "GR425", Summary: "account 444444444444 is payments in the file",
					Hint: "take it out of the file and run `orgrails up`, which forgets it; or close it all the same with --still-in-file"}
			}
			a := automation.Closed{Key: "old", ID: "555555555555", Name: "old", Email: "old@acme.example", Before: "ACTIVE", Forgotten: []string{"stack account-old"}}
			return &a, c.Confirm(a)
		},
	}
}

// adopting tells of an organization in which somebody has made the units, the
// accounts and one policy, which reads otherwise.
func adopting(p *guardrails.Plan, o automation.Options, r *automation.Report) (*automation.Report, error) {
	survey := &automation.Survey{}
	for _, s := range stacks.List(p) {
		in := automation.StackSurvey{Stack: s, Things: []automation.Thing{}}
		out := automation.StackReport{Stack: s, Result: automation.ResultUnchanged, Counts: automation.Counts{}}
		names := stacks.LogicalNames(p, s)
		for i, name := range slices.Sorted(maps.Keys(names)) {
			t := automation.Thing{Name: name, Type: names[name].Type, Standing: automation.ThingFound, ID: fmt.Sprintf("id-%d", i+1)}
			c := automation.Operation{Name: name, Type: t.Type, Op: "update", State: "planned", Why: "policy text differs: only the plan has statement RestrictRegions: up changes it"}
			if s.Kind == stacks.PoliciesKind && name != stacks.PolicyName("orgrails-scp-root") {
				t.Standing, t.ID, c.Op, c.Why = automation.ThingAbsent, "", "create", "the plan has it and AWS does not: up creates it"
			} else {
				out.Adopted++
			}
			if s.Kind == stacks.PoliciesKind {
				out.Result, out.Changes = automation.ResultChanged, append(out.Changes, c)
				out.Counts[c.Op]++
			}
			in.Things = append(in.Things, t)
		}
		survey.Stacks, r.Stacks = append(survey.Stacks, in), append(r.Stacks, out)
	}
	return r, o.Agree(survey)
}

func changed(p *guardrails.Plan, s stacks.Stack, op string) []automation.Operation {
	var all []automation.Operation
	add := func(kind, name string) {
		all = append(all, automation.Operation{Name: s.Name + "-" + name, Type: kind, Op: cmp.Or(op, "create"), State: "planned"})
	}
	switch s.Kind {
	case stacks.OrganizationKind:
		if op == "delete" {
			return nil // it is forgotten
		}
		for _, u := range p.Units {
			add("aws:organizations/organizationalUnit:OrganizationalUnit", "unit-"+u.Path)
		}
		for _, a := range p.Accounts {
			if p.IDs["account:"+a.Key] == "" {
				add("aws:organizations/account:Account", "account-"+a.Key)
			}
		}
	case stacks.PoliciesKind:
		for _, pol := range p.Policies {
			add("aws:organizations/policy:Policy", pol.Name)
		}
		for _, a := range p.Attachments {
			add("aws:organizations/policyAttachment:PolicyAttachment", a.Policy+"-on-"+a.Target)
		}
		if op == "delete" {
			slices.Reverse(all)
		}
	}
	return all
}

// The reference has a section for each command, and says each of its flags.
func TestReferenceIsComplete(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "\n## ")
	sections := map[string]string{}
	for _, s := range strings.Split(text, "\n## ") {
		title, body, _ := strings.Cut(s, "\n")
		for _, name := range strings.Split(title, ", ") {
			sections[name] = body
		}
	}
	driving := sections["up"]
	seen := 0
	for _, cmd := range newWorld(t).root().Commands() {
		section, ok := sections[cmd.Name()]
		if !ok {
			t.Errorf("docs/cli.md has no section %q", cmd.Name())
			continue
		}
		seen++
		if cmd.Flags().Lookup("backend") != nil {
			section += driving
		}
		for _, c := range append([]*cobra.Command{cmd}, cmd.Commands()...) {
			c.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" && !strings.Contains(section, "--"+f.Name) {
					t.Errorf("the section %q does not say --%s", cmd.Name(), f.Name)
				}
			})
		}
	}
	if seen < 10 {
		t.Errorf("only %d commands were looked at", seen)
	}
}
