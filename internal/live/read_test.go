package live

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// small is an organization to read in a test, on time that waits for nobody.
func small() *synthetic {
	return &synthetic{units: 23, accounts: 45, policies: 21, latency: 100 * time.Millisecond, strict: true}
}

func mustRead(t *testing.T, s *Session, opts ReadOptions) *Snapshot {
	t.Helper()
	snap, err := Read(t.Context(), s, opts)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func TestRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := small()
		began := time.Now()
		snap := mustRead(t, w.session(t), ReadOptions{})
		w.wantCalls(t, w.minimum())
		if w.throttled > 0 {
			t.Errorf("AWS throttled %d calls", w.throttled)
		}
		if len(snap.NotRead) > 0 {
			t.Errorf("not read: %+v", snap.NotRead)
		}
		units, _ := snap.Units.Get()
		accounts, _ := snap.Accounts.Get()
		if len(units) != w.units || units[22].Name != "unit 22" || units[22].ParentID != unitID(1) {
			t.Errorf("units: %+v", units)
		}
		if len(accounts) != w.accounts {
			t.Fatalf("accounts: %+v", accounts)
		}
		for i, a := range accounts {
			if p, ok := a.ParentID.Get(); !ok || p != nodeID(w.accountParent(i)) || a.ID != accountID(i) || a.State != "ACTIVE" {
				t.Errorf("account %d: %+v", i, a)
			}
		}
		for _, p := range snap.Policies {
			list, ok := p.Policies.Get()
			if !ok || len(list) != map[string]int{"SERVICE_CONTROL_POLICY": 22, "RESOURCE_CONTROL_POLICY": 1}[p.Type] {
				t.Errorf("%s: %v %+v", p.Type, ok, list)
			}
			for _, v := range list {
				targets, ok := v.Targets.Get()
				content, ok2 := v.Content.Get()
				want := 1
				if v.AWSManaged {
					want = 1 + w.units + w.accounts
				}
				if !ok || !ok2 || len(targets) != want || content != `{"about":"`+v.ID+`"}` {
					t.Errorf("%s: %d targets, content %q", v.ID, len(targets), content)
				}
			}
		}
		all, _ := snap.IAM.Get()
		for i, v := range all {
			roles, _ := v.Roles.Get()
			policies, _ := v.Policies.Get()
			password, _ := v.PasswordPolicy.Get()
			groups, ok := v.Groups.Get()
			if v.Account != accountID(i) || len(roles) != 1 || len(policies) != 1 || !ok || len(groups) != 0 || password.MinimumLength != 14 {
				t.Fatalf("IAM of %s: %+v", v.Account, v)
			}
			session, _ := roles[0].MaxSession.Get()
			said, _ := policies[0].Description.Get()
			if roles[0].Trust != synthTrust || session != 7200 || !policies[0].Boundary || said != "the edge" || policies[0].Document == "" {
				t.Errorf("IAM of %s: %+v %+v", v.Account, roles[0], policies[0])
			}
		}
		regions, _ := snap.Analyzers.Get()
		if len(regions) != 1 || regions[0].Account != accountID(1) || regions[0].Region != "eu-central-1" {
			t.Fatalf("analyzers: %+v", regions)
		}
		analyzers, _ := regions[0].Analyzers.Get()
		unused, _ := analyzers[1].Configuration.Get()
		rules, _ := analyzers[0].ArchiveRules.Get()
		if unused.UnusedAccessAge != 90 || len(rules) != 1 || rules[0].Filter["principal.AWS"].Contains[0] != "999999999999" {
			t.Errorf("analyzers: %+v", analyzers)
		}
		if features, _ := snap.CentralizedRootAccess.Get(); len(features) != 1 || features[0] != "RootSessions" {
			t.Errorf("features: %v", features)
		}
		if snap.Taken.Before(began) || snap.Oldest.After(snap.Taken) || snap.Age(snap.Taken) > time.Minute {
			t.Errorf("taken %v, oldest %v", snap.Taken, snap.Oldest)
		}
		b, err := json.Marshal(snap)
		var again Snapshot
		if err != nil || json.Unmarshal(b, &again) != nil || !reflect.DeepEqual(snap, &again) {
			t.Errorf("the snapshot is another one after JSON: %v", err)
		}
	})
}

// A partition that does not tell where accounts are is asked in the way that
// takes fewer calls.
func TestParentsWithoutPaths(t *testing.T) {
	for name, want := range map[string]struct {
		units, accounts int
		op              string
		calls           int
	}{
		"by parent":  {units: 3, accounts: 50, op: "ListAccountsForParent", calls: 4},
		"by account": {units: 30, accounts: 5, op: "ListParents", calls: 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &synthetic{units: want.units, accounts: want.accounts, noPaths: true}
				snap := mustRead(t, w.session(t), ReadOptions{OrganizationOnly: true})
				accounts, _ := snap.Accounts.Get()
				for i, a := range accounts {
					if p, _ := a.ParentID.Get(); p != nodeID(w.accountParent(i)) {
						t.Errorf("account %d is in %q", i, p)
					}
				}
				if w.calls[want.op] != want.calls || w.calls["AssumeRole"] != 0 || snap.IAM.IsRead() || snap.Analyzers.IsRead() || len(snap.NotRead) != 2 {
					t.Errorf("calls %v, not read %+v", w.calls, snap.NotRead)
				}
			})
		})
	}
}

func TestWhatIsNotReadIsNamed(t *testing.T) {
	const page = "<html>500</html>"
	denied := `{"__type":"AccessDeniedException","Message":"no"}`
	xml := func(code string) string {
		return "<ErrorResponse><Error><Code>" + code + "</Code><Message>no</Message></Error></ErrorResponse>"
	}
	for _, c := range []struct {
		op, account string
		status      int
		body        string
		want        NotRead
		missing     func(*Snapshot) bool
		calls       int
	}{
		{"DescribeResourcePolicy", "", 400, denied, NotRead{What: "the organization's resource policy", API: "organizations:DescribeResourcePolicy", Reason: "AccessDeniedException: no"},
			func(s *Snapshot) bool { return s.ResourcePolicy.IsRead() }, 1},
		{"ListAWSServiceAccessForOrganization", "", 500, page, NotRead{What: "the services with trusted access", API: "organizations:ListAWSServiceAccessForOrganization", Reason: "the answer is not one of AWS's (HTTP 500), 3 times"},
			func(s *Snapshot) bool { return s.TrustedServices.IsRead() }, 3},
		{"ListDelegatedAdministrators", "", 200, page, NotRead{What: "the delegated administrators", API: "organizations:ListDelegatedAdministrators", Reason: "the answer is not one of AWS's (HTTP 200), 3 times"},
			func(s *Snapshot) bool { return s.DelegatedAdministrators.IsRead() || s.Analyzers.IsRead() }, 3},
		{"ListRoots", "", 200, "{}", NotRead{What: "the root and its policy types", API: "organizations:ListRoots", Reason: "AWS's answer lacks what was asked for"},
			func(s *Snapshot) bool { return s.Root.IsRead() || s.Units.IsRead() || !s.Accounts.IsRead() }, 1},
		{"ListOrganizationsFeatures", "", 500, page, NotRead{What: "centralized root access", API: "iam:ListOrganizationsFeatures", Reason: "the answer is not one of AWS's (HTTP 500), 3 times"},
			func(s *Snapshot) bool { return s.CentralizedRootAccess.IsRead() }, 3},
		{"ListAccounts", "", 503, `{"__type":"ServiceUnavailable","Message":"later"}`, NotRead{What: "the accounts", API: "organizations:ListAccounts", Reason: "ServiceUnavailable: later, 8 times"},
			func(s *Snapshot) bool { return s.Accounts.IsRead() || s.IAM.IsRead() }, 8},
		{"AssumeRole", synthManagement, 403, xml("AccessDenied"), NotRead{What: "everything in the account: the role arn:aws:iam::100000000001:role/OrganizationAccountAccessRole cannot be assumed", API: "sts:AssumeRole", Account: accountID(1), Reason: "AccessDenied: no"},
			func(s *Snapshot) bool { return accountOf(s, 1).Roles.IsRead() || !accountOf(s, 0).Roles.IsRead() }, 3},
		{"GetAccountAuthorizationDetails", accountID(2), 403, xml("AccessDenied"), NotRead{What: "the roles, groups and customer managed policies", API: "iam:GetAccountAuthorizationDetails", Account: accountID(2), Reason: "AccessDenied: no"},
			func(s *Snapshot) bool {
				a := accountOf(s, 2)
				return a.Roles.IsRead() || a.Groups.IsRead() || a.Policies.IsRead() || !a.PasswordPolicy.IsRead() || !accountOf(s, 1).Roles.IsRead()
			}, 4},
		{"ListRoles", accountID(3), 403, xml("AccessDenied"), NotRead{What: "descriptions and session durations of the roles", API: "iam:ListRoles", Account: accountID(3), Reason: "AccessDenied: no"},
			func(s *Snapshot) bool {
				roles, ok := accountOf(s, 3).Roles.Get()
				return !ok || roles[0].Description.IsRead() || roles[0].MaxSession.IsRead()
			}, 4},
		{"GET /analyzer", "", 403, `{"__type":"UnrecognizedClientException","message":"no"}`, NotRead{What: "the analyzers", API: "access-analyzer:ListAnalyzers", Account: accountID(1), Region: "eu-central-1", Reason: "UnrecognizedClientException: no"},
			func(s *Snapshot) bool { r, _ := s.Analyzers.Get(); return r[0].Analyzers.IsRead() }, 1},
	} {
		t.Run(c.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &synthetic{units: 2, accounts: 4, policies: 1, override: func(op, account string, n int) (int, string, bool) {
					return c.status, c.body, op == c.op && (c.account == "" || c.account == account)
				}}
				snap := mustRead(t, w.session(t), ReadOptions{})
				named := 0
				for _, n := range snap.NotRead {
					if n == c.want {
						named++
					}
				}
				if named != 1 {
					t.Errorf("not read: %+v\nwant once %+v", snap.NotRead, c.want)
				}
				if c.missing(snap) {
					t.Errorf("what was not read passes for read, or the other way round: %+v", snap)
				}
				if w.calls[c.op] != c.calls {
					t.Errorf("%d calls, want %d", w.calls[c.op], c.calls)
				}
			})
		})
	}
}

func accountOf(s *Snapshot, i int) AccountIAM {
	all, ok := s.IAM.Get()
	if !ok {
		return AccountIAM{}
	}
	return all[i]
}

// None is another thing than not read.
func TestNoneIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &synthetic{units: 0, accounts: 2, override: func(op, _ string, _ int) (int, string, bool) {
			switch op {
			case "DescribeResourcePolicy":
				return 400, `{"__type":"ResourcePolicyNotFoundException","Message":"no"}`, true
			case "GetAccountPasswordPolicy":
				return 404, "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>", true
			case "ListOrganizationsFeatures":
				return 400, "<ErrorResponse><Error><Code>ServiceAccessNotEnabledException</Code></Error></ErrorResponse>", true
			}
			return 0, "", false
		}}
		snap := mustRead(t, w.session(t), ReadOptions{})
		policy, ok := snap.ResourcePolicy.Get()
		features, ok2 := snap.CentralizedRootAccess.Get()
		password, ok3 := accountOf(snap, 1).PasswordPolicy.Get()
		units, ok4 := snap.Units.Get()
		if !ok || policy.Content != "" || !ok2 || len(features) != 0 || !ok3 || password.Custom || !ok4 || len(units) != 0 || len(snap.NotRead) != 0 {
			t.Errorf("%+v", snap)
		}
	})
}

func TestWhatEndsARead(t *testing.T) {
	for _, c := range []struct {
		op, body string
		status   int
		code     string
	}{
		{"ListAccounts", `{"__type":"ExpiredTokenException","Message":"old"}`, 400, "GR402"},
		{"ListRoots", `{"__type":"UnrecognizedClientException","Message":"who"}`, 400, "GR402"},
		{"GetCallerIdentity", "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>", 403, "GR402"},
		{"DescribeOrganization", `{"__type":"AWSOrganizationsNotInUseException","Message":"none"}`, 400, "GR406"},
		{"ListPolicies", `{"__type":"TooManyRequestsException","Message":"slow"}`, 400, "GR421"},
		{"AssumeRole", "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", 400, "GR421"},
		{"GET /analyzer", `{"__type":"ExpiredTokenException","message":"old"}`, 403, "GR402"},
	} {
		t.Run(c.op+" "+c.code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &synthetic{units: 2, accounts: 4, override: func(op, _ string, _ int) (int, string, bool) { return c.status, c.body, op == c.op }}
				snap, err := Read(t.Context(), w.session(t), ReadOptions{})
				var e *Error
				if snap != nil || !errors.As(err, &e) || e.Code != c.code || e.Hint == "" {
					t.Errorf("%+v %v, want %s", snap, err, c.code)
				}
			})
		})
	}
}

// A read that is not wanted any more ends at once, wherever it is.
func TestCancelled(t *testing.T) {
	for _, after := range []time.Duration{0, 50 * time.Millisecond, 3 * time.Second, 6 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			began := time.Now()
			snap, err := Read(ctx, small().session(t), ReadOptions{})
			if took := time.Since(began); snap != nil || !errors.Is(err, context.DeadlineExceeded) || took != after {
				t.Errorf("after %v: %v %v", took, snap, err)
			}
		})
	}
}

// What shows a read's progress and its requests holds no credentials.
func TestProgressAndTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var requests []Request
		last, w := map[string]Progress{}, small()
		w.override = func(op, _ string, n int) (int, string, bool) {
			return 400, `{"__type":"TooManyRequestsException","Message":"slow"}`, op == "ListRoots" && n == 0
		}
		s := w.traced(t, func(r Request) { mu.Lock(); requests = append(requests, r); mu.Unlock() })
		mustRead(t, s, ReadOptions{
			Progress: func(p Progress) {
				if p.Done > p.Total || p.Done < last[p.What].Done {
					t.Errorf("%+v after %+v", p, last[p.What])
				}
				last[p.What] = p
			},
		})
		want := map[string]int{"units": 24, "policies": 23, "attachments": 23, "accounts": 45, "delegated administrators": 1, "regions": 1}
		for what, n := range want {
			if p := last[what]; p.Done != n || p.Total != n {
				t.Errorf("%s: %+v, want %d", what, p, n)
			}
		}
		if len(requests) != w.total() || len(last) != len(want) {
			t.Errorf("%d requests in the trace, %d made; %v", len(requests), w.total(), last)
		}
		throttled := 0
		for _, r := range requests {
			if r.Code != "" {
				throttled++
				if r.Operation != "ListRoots" || r.Code != "TooManyRequestsException" || r.Status != 400 || r.Try != 1 {
					t.Errorf("%+v", r)
				}
			}
			if r.Took != w.latency || r.Service == "" || r.Operation == "" || r.Region == "" || r.At.IsZero() || r.Account == "" || r.Host == "" {
				t.Errorf("%+v", r)
			}
		}
		text, _ := json.Marshal(requests)
		if throttled != 1 || strings.Contains(string(text), "secret") || strings.Contains(string(text), "AKIA") {
			t.Errorf("%d throttled; %s", throttled, text[:200])
		}
	})
}
