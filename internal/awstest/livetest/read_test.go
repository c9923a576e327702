package livetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/live"
)

// hasty is a clock on which waiting takes no time: the emulator has no rates
// of its own.
type hasty struct {
	mu  sync.Mutex
	now time.Time
}

func (c *hasty) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *hasty) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
	return ctx.Err()
}

func (b *built) session(t *testing.T) *live.Session {
	t.Helper()
	return b.sessionIn(t.Context(), t)
}

func (b *built) sessionIn(ctx context.Context, t *testing.T) *live.Session {
	t.Helper()
	id, secret := b.e.AccessKey(b.org.ManagementAccount)
	return must(live.Open(ctx, live.Options{Region: regions[0], Env: map[string]string{
		"AWS_ENDPOINT_URL": b.e.URL(), "AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret,
	}}))(t)
}

func (b *built) options() live.ReadOptions {
	return live.ReadOptions{Regions: regions, Clock: &b.clock}
}

// reads are the operations that a read may call; AssumeRole is the one that is
// not a read.
var reads = []string{
	"AssumeRole", "DescribeOrganization", "DescribePolicy", "DescribeResourcePolicy", "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy",
	"GetAnalyzer", "GetCallerIdentity", "ListAWSServiceAccessForOrganization", "ListAccounts", "ListAnalyzers", "ListArchiveRules",
	"ListDelegatedAdministrators", "ListDelegatedServicesForAccount", "ListOrganizationalUnitsForParent", "ListOrganizationsFeatures",
	"ListPolicies", "ListRoles", "ListRoots", "ListTargetsForPolicy",
}

// least is how many calls all of it takes: lists come in pages of 20.
func (b *built) least() int {
	entered := accounts - 1 - 1 // one is closed, one has no role
	targets := 0
	for _, list := range b.policies {
		for _, p := range list {
			targets += max(1, (len(p.targets)+19)/20)
		}
	}
	everything := (1 + units + accounts + 1 + 19) / 20
	return 3 + // GetCallerIdentity, DescribeOrganization, ListRoots
		1 + units + // ListOrganizationalUnitsForParent
		(accounts+1+19)/20 + // ListAccounts
		14 + 1 + // ListPolicies; two pages of service control policies
		42 + targets + 2*everything + // DescribePolicy, ListTargetsForPolicy
		2 + 1 + 2 + 1 + 1 + // trusted services, administrators, their services, resource policy, root access
		entered + 1 + // AssumeRole
		2*(entered+1) + entered + // password policy, details; roles, of which the management account has none
		3 + 1 + 3 // analyzers, configuration, archive rules
}

// wantReads wants nothing but reads, and as many as are needed.
func (b *built) wantReads(t *testing.T, most int) {
	t.Helper()
	calls, answered := b.e.Calls(), 0
	for _, c := range calls {
		if c.Write || !slices.Contains(reads, c.Operation) {
			t.Errorf("a read calls %s:%s", c.Service, c.Operation)
		}
		if !strings.HasPrefix(c.ErrorCode, "Throttling") && c.ErrorCode != "TooManyRequestsException" {
			answered++
		}
	}
	t.Logf("%d calls, %d of them throttled; %d are needed", len(calls), len(calls)-answered, b.least())
	if answered < b.least() || answered > most {
		t.Errorf("%d calls that were not throttled, want %d to %d", answered, b.least(), most)
	}
}

func TestRead(t *testing.T) {
	e := start(t)
	began := time.Now()
	b := build(t, e)
	t.Logf("built in %s, with %d calls", time.Since(began).Round(time.Millisecond), len(e.Calls()))

	t.Run("at once", func(t *testing.T) {
		e.ResetCalls()
		began := time.Now()
		s := must(live.Read(t.Context(), b.session(t), b.options()))(t)
		t.Logf("read in %s", time.Since(began).Round(time.Millisecond))
		b.compare(t, s)
		b.wantReads(t, b.least())
	})
	t.Run("throttled", func(t *testing.T) {
		e.ResetCalls()
		e.SetFaults(awstest.Faults{Seed: 6, Throttled: 0.2})
		defer e.SetFaults(awstest.Faults{})
		s := must(live.Read(t.Context(), b.session(t), b.options()))(t)
		b.compare(t, s)
		b.wantReads(t, b.least())
	})
	t.Run("unavailable and cut off", func(t *testing.T) {
		e.SetFaults(awstest.Faults{Seed: 7, Unavailable: 0.1, Throttled: 0.1, CallsLost: 0.05, AnswersLost: 0.05})
		defer e.SetFaults(awstest.Faults{})
		s := must(live.Read(t.Context(), b.session(t), b.options()))(t)
		b.compare(t, s)
	})
	t.Run("ended and taken up again", func(t *testing.T) { b.resumed(t) })
	t.Run("killed and taken up again", func(t *testing.T) { b.killed(t) })
}

// resumed ends a read three times, while a fifth of the calls are throttled.
func (b *built) resumed(t *testing.T) {
	b.e.ResetCalls()
	b.e.SetFaults(awstest.Faults{Seed: 8, Throttled: 0.2})
	defer b.e.SetFaults(awstest.Faults{})
	dir := filepath.Join(t.TempDir(), ".orgrails", "live")
	const concurrency = 8
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		var requests atomic.Int64
		opts := b.options()
		opts.Cache, opts.Concurrency = dir, concurrency
		traced := live.WithTrace(ctx, func(live.Request) {
			if requests.Add(1) == 160 {
				cancel()
			}
		})
		began := time.Now()
		if s, err := live.Read(ctx, b.sessionIn(traced, t), opts); s != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("a read that was cancelled: %v %v", s, err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %v to end", took)
		}
	}
	opts := b.options()
	opts.Cache = dir
	s := must(live.Read(t.Context(), b.session(t), opts))(t)
	b.compare(t, s)
	// Each run says who it is; what it was at when it ended is asked again: of
	// each of so many at a time at most an account's five calls.
	b.wantReads(t, b.least()+3*(2+5*concurrency))
	b.noCredentials(t, dir)
}

// noCredentials wants no key in what was kept.
func (b *built) noCredentials(t *testing.T, dir string) {
	t.Helper()
	secrets := map[string]bool{"SecretAccessKey": true, "SessionToken": true}
	for _, c := range b.e.Calls() {
		secrets[c.AccessKey] = true
	}
	files := must(filepath.Glob(filepath.Join(dir, "*")))(t)
	if len(files) != 1 || len(secrets) < 50 {
		t.Fatalf("%d files, %d secrets", len(files), len(secrets))
	}
	text := string(must(os.ReadFile(files[0]))(t))
	if info := must(os.Stat(files[0]))(t); info.Mode().Perm() != 0o600 || len(text) < 50_000 {
		t.Errorf("%s: %v, %d bytes", files[0], info.Mode(), len(text))
	}
	for secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is kept", secret)
		}
	}
}
