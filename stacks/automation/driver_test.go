package automation

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

// newDriver is a driver over a plan with two accounts, one of them trusted by
// the other, that has read nothing and runs nothing.
func newDriver(t *testing.T) *driver {
	t.Helper()
	hub := guardrails.Text(`{"AWS":"arn:aws:iam::{{id:account:hub}}:role/Hub"}`)
	p := &guardrails.Plan{
		Version:      guardrails.Version,
		IDs:          map[string]string{"organization": "o-a1b2c3d4e5", "account:management": "111111111111", "account:hub": "222222222222", "account:shop": "333333333333"},
		Organization: guardrails.Organization{Partition: "aws", HomeRegion: "eu-central-1", DeployRole: "Deploy"},
		Accounts:     []guardrails.Account{{Key: "hub", Parent: "root"}, {Key: "shop", Parent: "root"}},
		Baselines: []guardrails.Baseline{
			{Account: "hub", Roles: []guardrails.Role{{Name: "Hub"}}},
			{Account: "shop", Roles: []guardrails.Role{{Name: "Admin", Trust: hub}}},
		},
		Analyzers: []guardrails.AnalyzerRegion{{Region: "eu-central-1", Administrator: "hub"}},
	}
	opts, err := Options{Dir: t.TempDir(), Backend: "file:///nowhere"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{plan: p, opts: opts, command: "up", started: time.Now(), work: filepath.Join(opts.Dir, ".orgrails", "work"),
		known: stacks.Known{}, digests: map[string]string{}, reports: map[string]*StackReport{}, exists: map[string]bool{}, made: map[string]bool{}, fresh: map[string]bool{}}
	d.env = d.environment()
	if err := d.choose(); err != nil {
		t.Fatal(err)
	}
	if err := d.workspaceFolder(d.work); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		opts Options
		code string
	}{
		{Options{Backend: "s3://acme"}, "GR412"},
		{Options{Backend: "s3://acme", Env: map[string]string{"PULUMI_SECRETS_PROVIDER": "awskms://alias/x"}}, ""},
		{Options{Backend: "s3://acme", SecretsProvider: "awskms://alias/x"}, ""},
		{Options{Env: map[string]string{"PULUMI_BACKEND_URL": "gs://acme"}}, "GR412"},
		{Options{Backend: "https://api.pulumi.com"}, ""},
		{Options{Env: map[string]string{"PULUMI_BACKEND_URL": ""}}, ""},
	} {
		o, err := c.opts.withDefaults()
		var p *Problem
		if errors.As(err, &p); (p == nil) != (c.code == "") || p != nil && p.Code != c.code {
			t.Errorf("%+v: %v, want %q", c.opts, err, c.code)
		}
		if err == nil && (o.Parallel != 2 || o.Project != Project || !filepath.IsAbs(o.Dir)) {
			t.Errorf("defaults: %+v", o)
		}
	}
}

func TestOnlyKnowsTheStacks(t *testing.T) {
	d := newDriver(t)
	d.list, d.opts.Only = nil, []string{"policies", "organization"}
	if err := d.choose(); err != nil {
		t.Fatal(err)
	}
	if len(d.list) != 2 || d.list[0].Name != "organization" {
		t.Errorf("chosen: %v", d.list)
	}
	d.opts.Only = []string{"polices"}
	var p *Problem
	if err := d.choose(); !errors.As(err, &p) || p.Code != "GR413" || !strings.Contains(p.Summary, `did you mean "policies"?`) {
		t.Errorf("got %v, want GR413", err)
	}
}

func TestOrderAndBlocking(t *testing.T) {
	for _, c := range []struct {
		name   string
		fails  string
		parted bool // the run is interrupted after the first stack
		want   string
	}{
		{"all well", "", false, "organization=changed account-hub=changed account-shop=changed analyzers-eu-central-1=changed policies=changed"},
		{"organization fails", "organization", false, "organization=failed account-hub=blocked account-shop=blocked analyzers-eu-central-1=blocked policies=blocked"},
		{"an account fails", "account-hub", false, "organization=changed account-hub=failed account-shop=changed analyzers-eu-central-1=changed policies=changed"},
		{"interrupted", "", true, "organization=changed account-hub=blocked account-shop=blocked analyzers-eu-central-1=blocked policies=blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDriver(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var mu sync.Mutex
			var order []string
			one := func(_ context.Context, s stacks.Stack) *StackReport {
				mu.Lock()
				order = append(order, s.Name)
				mu.Unlock()
				if c.parted {
					cancel()
				}
				if s.Name == c.fails {
					return &StackReport{Result: ResultFailed, Problem: &Problem{Code: "GR419", Summary: "no"}}
				}
				return &StackReport{Result: ResultChanged}
			}
			err := d.inOrder(ctx, one, func(context.Context) {})
			if c.parted != errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			var got []string
			for _, s := range d.report().Stacks {
				got = append(got, s.Stack.Name+"="+string(s.Result))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, " "), c.want)
			}
			if c.fails == "" && !c.parted {
				if slices.Index(order, "account-hub") > slices.Index(order, "account-shop") || order[0] != "organization" || order[len(order)-1] != "policies" {
					t.Errorf("order %v", order)
				}
			}
		})
	}
}

func TestParallelIsBounded(t *testing.T) {
	d := newDriver(t)
	d.opts.Parallel = 3
	var list []stacks.Stack
	for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		list = append(list, stacks.Stack{Name: n})
	}
	var mu sync.Mutex
	now, most := 0, 0
	d.parallel(t.Context(), list, func(context.Context, stacks.Stack) *StackReport {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
		return &StackReport{Result: ResultUnchanged}
	})
	if most != 3 || len(d.reports) != len(list) {
		t.Errorf("%d at once, %d reports; want 3 and %d", most, len(d.reports), len(list))
	}
}

// A stack is skipped only when its last `up` ended well, with this plan and
// these ids.
func TestSkipping(t *testing.T) {
	whole := func(d *driver, name string) {
		s := d.list[slices.IndexFunc(d.list, func(s stacks.Stack) bool { return s.Name == name })]
		d.exists[name], d.digests[name] = true, s.Digest
		d.known[name] = stacks.Outputs{stacks.DigestOutput: s.Digest, stacks.IDsOutput: stacks.IDsDigest(d.plan, s, d.plan.IDs)}
	}
	for _, c := range []struct {
		name   string
		stack  string
		change func(*driver)
		want   bool
	}{
		{"as it was", "account-shop", func(*driver) {}, true},
		{"--all", "account-shop", func(d *driver) { d.opts.All = true }, false},
		{"never deployed", "account-shop", func(d *driver) { d.exists = map[string]bool{} }, false},
		{"another plan", "account-shop", func(d *driver) {
			d.known["account-shop"][stacks.DigestOutput] = "sha256:x"
			d.digests["account-shop"] = "sha256:x"
		}, false},
		{"begun with another plan, and not ended", "account-shop", func(d *driver) { d.digests["account-shop"] = "" }, false},
		{"begun, and not ended", "account-shop", func(d *driver) { _ = d.begin(stacks.Stack{Name: "account-shop"}, &standing{}, false) }, false},
		{"another id", "account-shop", func(d *driver) { d.plan.IDs["account:hub"] = "999999999999" }, false},
		{"an id that it does not use", "account-hub", func(d *driver) { d.plan.IDs["account:shop"] = "999999999999" }, true},
		{"a policy waits", "policies", func(d *driver) { d.known["policies"][stacks.PendingOutput] = []any{"orgrails-scp-root"} }, false},
		{"an account has joined", "policies", func(d *driver) {
			d.known["policies"][stacks.AbsentOutput] = map[string]any{"shop": stacks.NoMember}
		}, false},
		{"the file says another account id", "organization", func(d *driver) {
			d.known["organization"][stacks.AccountIDsOutput] = map[string]any{"shop": "999999999999"}
		}, false},
		{"an account waits", "organization", func(d *driver) {
			d.known["organization"][stacks.AccountIDsOutput] = map[string]any{"shop": "333333333333"}
			d.known["organization"][stacks.WaitingOutput] = []any{"shop"}
		}, false},
		{"an account was closed", "organization", func(d *driver) {
			d.known["organization"][stacks.AccountIDsOutput] = map[string]any{"shop": "333333333333"}
			d.absent = map[string]string{"shop": "SUSPENDED"}
		}, false},
		{"an account was opened again", "organization", func(d *driver) {
			d.known["organization"][stacks.AccountIDsOutput] = map[string]any{"shop": "333333333333"}
			d.known["organization"][stacks.AbsentOutput] = map[string]any{"shop": "SUSPENDED"}
		}, false},
		{"the organization as it was", "organization", func(d *driver) {
			d.known["organization"][stacks.AccountIDsOutput] = map[string]any{"shop": "333333333333"}
		}, true},
	} {
		d := newDriver(t)
		whole(d, c.stack)
		c.change(d)
		s := d.list[slices.IndexFunc(d.list, func(s stacks.Stack) bool { return s.Name == c.stack })]
		if got := d.current(s); got != c.want {
			t.Errorf("%s: current = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatLeftTheFile(t *testing.T) {
	d := newDriver(t)
	for _, name := range []string{"organization", "account-gone", "account-hub", "account-management", "analyzers-us-east-1", "policies"} {
		d.exists[name] = true
	}
	got := map[string]bool{}
	for _, s := range d.left() {
		got[s.Name] = d.accountLeft(s)
	}
	if len(got) != 3 || !got["account-gone"] || got["account-management"] || got["analyzers-us-east-1"] {
		t.Errorf("left: %v", got)
	}
	d.opts.RemoveLeft = true
	if s, _ := stacks.ParseName("account-gone"); d.accountLeft(s) {
		t.Error("account-gone stays although it was asked to be taken away")
	}
	d.opts.Only = []string{"policies"}
	if len(d.left()) > 0 {
		t.Error("a run over some stacks is about nothing that left")
	}
}

func TestLocalBackend(t *testing.T) {
	for _, c := range []struct{ backend, folder, url string }{
		{"file:///x/state", "/x/state", "file:///x/state?metadata=skip"},
		{"file:///x/state?no_tmp_dir=true", "/x/state", "file:///x/state?no_tmp_dir=true"},
		{"s3://acme", "", "s3://acme"},
	} {
		o := Options{Backend: c.backend}
		if o.isLocal() && o.stateFolder() != filepath.FromSlash(c.folder) || o.backendURL() != c.url {
			t.Errorf("%s: folder %s, url %s", c.backend, o.stateFolder(), o.backendURL())
		}
	}
}

func TestRelativeBackendIsOfTheWorkingFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, backend := range []string{"file://./state", "file://state?no_tmp_dir=true"} {
		o, err := Options{Backend: backend}.withDefaults()
		if got, _ := filepath.EvalSymlinks(filepath.Dir(o.stateFolder())); err != nil || got != dir || filepath.Base(o.stateFolder()) != "state" {
			t.Errorf("%s: folder %s, %v", backend, o.stateFolder(), err)
		}
	}
}
