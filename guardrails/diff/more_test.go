package diff_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
)

func TestOtherChanges(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                string
	}{
		{"an account that moved", acme, edit(t, "        shop: {id: \"555555555555\", email: shop@acme.example}\n", "", "      accounts:\n        log-archive", "      accounts:\n        shop: {id: \"555555555555\", email: shop@acme.example}\n        log-archive"),
			"moved shop unit:Workloads unit:Security"},
		{"an account that came", acme, edit(t, "        sandbox-1: {", "        sandbox-2: {email: sandbox-2@acme.example}\n        sandbox-1: {"), "added sandbox-2  unit:Sandbox; none none"},
		{"an account that went", acme, edit(t, "        shop: {id: \"555555555555\", email: shop@acme.example}\n", ""), "removed shop unit:Workloads ; unknown unknown"},
		{"an account with another key", acme, edit(t, "        shop: {", "        store: {"), "renamed store (was shop)"},
		{"an account that has been made", acme, edit(t, "sandbox-1: {", "sandbox-1: {id: \"666666666666\", "), "; none none"},
		{"a unit with another key", acme, strings.Replace(edit(t, "    Workloads:\n", "    Apps:\n      was: [Workloads]\n"), "targets: [Workloads]", "targets: [Apps]", 1), "Renamed document; renamed unit Workloads; none none"},
		{"a unit that came", acme, edit(t, "    Security:\n", "    Other: {}\n    Security:\n"), "added unit Other; none none"},
		{"an exception that ended", acme, acme[:strings.Index(acme, "exceptions:")], "removed exception bedrock-us"},
		{"a password policy", acme, acme + "passwordPolicies: {default: {preset: cis-aws-foundations, targets: [Workloads]}}\n", "added password policy  in [payments shop]; none none"},
		{"a role", acme, acme + "roles:\n  Auditor: {targets: [Workloads], managedPolicies: [SecurityAudit], trust: {users: [log-archive/alice]}, mfa: {maxAge: 1h}}\n", "added role Auditor in [payments shop]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := differ(t, c.before, c.after)
			var got []string
			for _, a := range d.Accounts {
				if a.Change == diff.Renamed {
					got = append(got, fmt.Sprintf("renamed %s (was %s)", a.Account, a.Was))
					continue
				}
				got = append(got, fmt.Sprintf("%s %s %s %s", a.Change, a.Account, a.From, a.To))
			}
			for _, x := range d.Documents {
				if x.Change == diff.Renamed {
					got = append(got, "Renamed document")
				}
			}
			for _, x := range d.Exceptions {
				got = append(got, fmt.Sprintf("%s exception %s", x.Change, x.Key))
			}
			for _, o := range d.Others {
				s := fmt.Sprintf("%s %s %s", o.Change, o.What, o.Name)
				if len(o.Accounts) > 0 {
					s += fmt.Sprintf(" in %v", o.Accounts)
				}
				got = append(got, s)
			}
			got = append(got, fmt.Sprintf("%s %s", d.NewlyDenied, d.NewlyAllowed))
			if s := "; " + strings.Join(got, "; "); !strings.Contains(s, c.want) {
				t.Errorf("got %s\nwant %s\n%v %v", s, c.want, d.NotCompared, d.Effects)
			}
		})
	}
}

func TestBoundaries(t *testing.T) {
	before, after := plan(t, acme), plan(t, acme)
	n := 0
	for i := range after.Baselines {
		for j := range after.Baselines[i].Boundaries {
			m := &after.Baselines[i].Boundaries[j]
			m.Document = guardrails.Text(strings.Replace(string(m.Document), `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"},`, 1))
			n++
		}
	}
	if n == 0 {
		t.Fatal("no boundary in the example")
	}
	d, err := diff.Diff(before, after, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Effects) != 1 || d.NewlyAllowed != diff.None || short(d.Effects[0]) != "newly denied by developer in payments, shop" || d.Effects[0].Request.Action != "s3:DeleteBucket" {
		t.Errorf("got %+v", d)
	}
	if d, err = diff.Diff(after, before, diff.Options{}); err != nil || d.NewlyDenied != diff.None || d.NewlyAllowed != diff.Some {
		t.Errorf("the other way round: %+v, %v", d, err)
	}
}

// A statement that asks where an account is says something else of one that
// moved, though the statement is the same.
func TestAMoveUnderAConditionOnThePlace(t *testing.T) {
	before := plan(t, acme)
	const shop = "        shop: {id: \"555555555555\", email: shop@acme.example}\n"
	after := plan(t, edit(t, shop, "", "        sandbox-1: {email: sandbox-1@acme.example}\n", "        sandbox-1: {email: sandbox-1@acme.example}\n"+shop))
	d, err := diff.Diff(before, after, diff.Options{})
	if err != nil || len(d.Accounts) != 1 || d.NewlyDenied != diff.None || d.NewlyAllowed != diff.Some {
		t.Fatalf("got %+v, %v", d, err)
	}
	for _, p := range []*guardrails.Plan{before, after} {
		for i := range p.Policies {
			p.Policies[i].Content = guardrails.Text(strings.Replace(string(p.Policies[i].Content), `"aws:PrincipalArn"`, `"aws:PrincipalOrgPaths"`, 1))
		}
	}
	if d, err = diff.Diff(before, after, diff.Options{}); err != nil || d.NewlyDenied != diff.Unknown {
		t.Errorf("got %+v, %v", d, err)
	}
}

// What was not decided is never called none.
func TestABudgetThatIsTooSmall(t *testing.T) {
	before, after := plan(t, acme), plan(t, edit(t, "regions: [eu-central-1, eu-west-1]", "regions: [eu-central-1, us-east-1]"))
	unknown := 0
	for _, budget := range []int{1, 10, 100, 1000, 10_000, 100_000} {
		d, err := diff.Diff(before, after, diff.Options{Budget: budget})
		if err != nil || d.NewlyDenied == diff.None || d.NewlyAllowed == diff.None {
			t.Errorf("with a budget of %d: %v, %s, %s", budget, err, d.NewlyDenied, d.NewlyAllowed)
		}
		if d.NewlyDenied == diff.Unknown {
			unknown++
		}
	}
	if unknown == 0 {
		t.Error("every budget was enough: the test sees nothing")
	}
}

func TestTwoOrganizations(t *testing.T) {
	if _, err := diff.Diff(plan(t, acme), plan(t, edit(t, "o-a1b2c3d4e5", "o-b1b2c3d4e5")), diff.Options{}); err == nil {
		t.Error("plans of two organizations are compared")
	}
}

// reach are the policies of an account as AWS has them, level by level.
func reach(t *testing.T, p *guardrails.Plan, ids map[string]string, account, typ string) []eval.Level {
	t.Helper()
	parents := map[string]string{}
	for _, u := range p.Units {
		parents["unit:"+u.Path] = u.Parent
	}
	for _, a := range p.Accounts {
		parents["account:"+a.Key] = a.Parent
	}
	all := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	var levels []eval.Level
	for ref := "account:" + account; ref != ""; {
		l := eval.Level{ID: ref}
		if typ == "SERVICE_CONTROL_POLICY" {
			l.Policies = []eval.Document{{Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{all}}}}
		}
		for _, a := range p.Attachments {
			if a.Target != ref || a.Type != typ {
				continue
			}
			for _, pol := range p.Policies {
				if pol.Type != typ || pol.Name != a.Policy {
					continue
				}
				text, err := pol.Content.Fill(ids)
				if err != nil {
					t.Fatal(err)
				}
				doc, ds := policy.Parse(pol.Name, []byte(text))
				if ds.HasErrors() {
					t.Fatal(ds)
				}
				l.Policies = append(l.Policies, eval.Document{Name: pol.Name, Policy: doc})
			}
		}
		levels = append([]eval.Level{l}, levels...)
		switch parent := parents[ref]; {
		case ref == "root":
			ref = ""
		case parent == "root":
			ref = parent
		default:
			ref = "unit:" + parent
		}
	}
	return levels
}

// allowed asks the engine, with all policies of an account.
func allowed(t *testing.T, p *guardrails.Plan, account string, r *eval.Request) bool {
	t.Helper()
	ids := map[string]string{"account:sandbox-1": "666666666666", "root": "r-ab12", "unit:Workloads": "ou-ab12-11111111", "unit:Security": "ou-ab12-22222222", "unit:Sandbox": "ou-ab12-33333333"}
	for ref, id := range p.IDs {
		ids[ref] = id
	}
	all := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	set, err := eval.Compile(eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "111111111111", Accounts: []string{ids["account:"+account]}}, eval.Policies{
		Identity: []eval.Document{{Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{all}}}},
		SCP:      reach(t, p, ids, account, "SERVICE_CONTROL_POLICY"),
		RCP:      reach(t, p, ids, account, "RESOURCE_CONTROL_POLICY"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return set.Authorize(r).Decision == eval.Allowed
}

// What is said of access is what the engine says of the plans themselves: each
// request is a witness in its account, and no other request contradicts.
func TestTheEngineAgrees(t *testing.T) {
	variants := []string{
		acme,
		edit(t, "guardrails: [deny-leave-organization, ", "guardrails: [deny-root-user, "),
		edit(t, "regions: [eu-central-1, eu-west-1]", "regions: [eu-central-1, us-east-1]"),
		edit(t, "accounts: [payments]", "accounts: [payments, shop]"),
		edit(t, "role/platform/DataPlatform", "role/platform/Other"),
		edit(t, "trails: [org-trail]", "trails: [other-trail]"),
		edit(t, "    Security:\n", "    Security:\n      guardrails: [deny-iam-users, protect-config]\n"),
	}
	ids := map[string]string{"payments": "444444444444", "shop": "555555555555", "log-archive": "333333333333", "sandbox-1": "666666666666"}
	actions := []string{"organizations:LeaveOrganization", "bedrock:InvokeModel", "ec2:RunInstances", "cloudtrail:StopLogging", "iam:CreateUser", "config:DeleteConfigurationRecorder", "s3:GetObject", "iam:UpdateRole"}
	roles := []string{":role/Admin", ":role/platform/DataPlatform", ":role/platform/Other", ":role/OrganizationAccountAccessRole", ":root"}
	resources := []string{"*", "arn:aws:cloudtrail:eu-central-1:444444444444:trail/org-trail", "arn:aws:cloudtrail:eu-central-1:444444444444:trail/other-trail"}
	var plans []*guardrails.Plan
	for _, v := range variants {
		plans = append(plans, plan(t, v))
	}
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[diff.Kind]int{}
	for i, before := range plans {
		for j, after := range plans {
			d, err := diff.Diff(before, after, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			back, err := diff.Diff(after, before, diff.Options{})
			if err != nil || back.NewlyAllowed != d.NewlyDenied || back.NewlyDenied != d.NewlyAllowed {
				t.Errorf("%d and %d: %s, %s, and the other way round %s, %s", i, j, d.NewlyDenied, d.NewlyAllowed, back.NewlyDenied, back.NewlyAllowed)
			}
			affected := map[diff.Kind]map[string]bool{diff.Denied: {}, diff.Allowed: {}}
			for _, e := range d.Effects {
				if e.Request == nil {
					t.Fatalf("%d and %d: %+v", i, j, e)
				}
				if e.Type == "PERMISSIONS_BOUNDARY" {
					continue // it reaches those who have it
				}
				for _, a := range e.Accounts {
					affected[e.Change][a] = true
				}
				q := &eval.Request{Principal: e.Request.Principal, Action: e.Request.Action, Resource: e.Request.Resource, ResourceAccount: e.Request.ResourceAccount, Context: e.Request.Context}
				if e.Accounts[0] == "sandbox-1" {
					continue // its id is made up
				}
				if b, a := allowed(t, before, e.Accounts[0], q), allowed(t, after, e.Accounts[0], q); b == a || b != (e.Change == diff.Denied) {
					t.Errorf("%d and %d: %s: allowed before %v, after %v: %+v", i, j, short(e), b, a, q)
				}
			}
			for range 60 {
				account := []string{"payments", "shop", "log-archive", "sandbox-1"}[r.IntN(4)]
				arn := "arn:aws:iam::" + ids[account] + roles[r.IntN(len(roles))]
				q := &eval.Request{Principal: arn, Action: actions[r.IntN(len(actions))], Resource: resources[r.IntN(len(resources))], ResourceAccount: ids[account], Context: map[string][]string{
					"aws:PrincipalArn": {arn}, "aws:PrincipalAccount": {ids[account]}, "aws:RequestedRegion": {[]string{"eu-central-1", "us-east-1", "eu-west-1"}[r.IntN(3)]},
				}}
				b, a := allowed(t, before, account, q), allowed(t, after, account, q)
				kind := diff.Denied
				if a {
					kind = diff.Allowed
				}
				if a == b {
					continue
				}
				seen[kind]++
				if !affected[kind][account] {
					t.Errorf("%d and %d: %s in %s, which no effect says: %+v", i, j, kind, account, q)
				}
			}
		}
	}
	if seen[diff.Denied] < 20 || seen[diff.Allowed] < 20 {
		t.Errorf("random requests found only %v", seen)
	}
}

func TestTwiceTheSame(t *testing.T) {
	before, after := plan(t, acme), plan(t, edit(t, "regions: [eu-central-1, eu-west-1]", "regions: [us-east-1]", "homeRegion: eu-central-1", "homeRegion: us-east-1", "accounts: [payments]", "accounts: [shop]"))
	var first []byte
	for range 5 {
		d, err := diff.Diff(before, after, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(d)
		if err != nil || first != nil && !slices.Equal(first, data) {
			t.Fatalf("differs: %v\n%s\n%s", err, first, data)
		}
		first = data
	}
}

// generated is a large organization, with some words replaced.
func generated(b *testing.B, accounts int, words ...string) *guardrails.Plan {
	b.Helper()
	path := filepath.Join(b.TempDir(), "organization.yaml")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(words...).Replace(string(orggen.YAML(orggen.Of(accounts))))), 0o644); err != nil {
		b.Fatal(err)
	}
	f, ds, err := config.Load(path, config.Options{})
	if err != nil || ds.HasErrors() {
		b.Fatal(err, ds)
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{})
	if ds.HasErrors() {
		b.Fatal(ds)
	}
	return p
}

func BenchmarkDiff(b *testing.B) {
	for _, n := range []int{500, 5_000, 10_000} {
		before := generated(b, n)
		for _, c := range []struct {
			name  string
			words []string
		}{
			{"none", nil},
			{"one-guardrail", []string{"guardrails: [deny-iam-users]", "guardrails: [protect-guardduty]"}},
			{"root", []string{"eu-central-1, eu-west-1]", "eu-central-1, us-east-1]", "deny-leave-organization, ", "", "accounts: [account-0]", "accounts: [account-0, account-7]"}},
		} {
			after := generated(b, n, c.words...)
			b.Run(fmt.Sprintf("%d/%s", n, c.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d, err := diff.Diff(before, after, diff.Options{})
					if err != nil || d.Same() != (c.name == "none") {
						b.Fatal(err, d)
					}
				}
			})
		}
	}
}
