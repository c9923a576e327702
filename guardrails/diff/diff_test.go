package diff_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/config"
)

const acme = `version: 1
organization:
  id: o-a1b2c3d4e5
  name: acme
  managementAccount: {id: "111111111111"}
  homeRegion: eu-central-1
  regions: [eu-central-1, eu-west-1]
root:
  guardrails: [deny-leave-organization, restrict-regions]
  units:
    Sandbox:
      accounts:
        sandbox-1: {email: sandbox-1@acme.example}
    Security:
      accounts:
        log-archive: {id: "333333333333", email: logs@acme.example}
    Workloads:
      guardrails:
        - {template: protect-cloudtrail, parameters: {trails: [org-trail]}}
      accounts:
        payments: {id: "444444444444", email: pay@acme.example}
        shop: {id: "555555555555", email: shop@acme.example}
permissionBoundaries:
  developer: {template: developer-boundary, targets: [Workloads]}
exceptions:
  bedrock-us:
    guardrail: restrict-regions
    principals: [role/platform/DataPlatform]
    accounts: [payments]
    actions: ["bedrock:InvokeModel*"]
    reason: model only offered in us-east-1
    owner: data-platform@acme.example
    expires: 2027-03-31
`

func plan(t testing.TB, source string) *guardrails.Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "organization.yaml")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	asOf := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	f, ds, err := config.Load(path, config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, ds)
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return p
}

// edit is the example with some words replaced, each of which it has once.
func edit(t testing.TB, words ...string) string {
	t.Helper()
	s := acme
	for i := 0; i < len(words); i += 2 {
		if strings.Count(s, words[i]) != 1 {
			t.Fatalf("%q is there %d times", words[i], strings.Count(s, words[i]))
		}
		s = strings.Replace(s, words[i], words[i+1], 1)
	}
	return s
}

func differ(t testing.TB, before, after string) *diff.Difference {
	t.Helper()
	d, err := diff.Diff(plan(t, before), plan(t, after), diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// short is an effect in a line: what changes, where, and by which guardrails.
func short(e diff.Effect) string {
	var by []string
	for _, s := range e.Sources {
		if s.Guardrail == "" {
			s.Guardrail = s.Policy
		}
		by = append(by, s.Guardrail)
	}
	slices.Sort(by)
	s := string(e.Change) + " by " + strings.Join(slices.Compact(by), ", ") + " in " + strings.Join(e.Accounts, ", ")
	if e.Unknown != "" {
		s += ": " + e.Unknown
	}
	return s
}

func TestEffects(t *testing.T) {
	const exception = "accounts: [payments]"
	for _, c := range []struct {
		name, before, after string
		denied, allowed     diff.Verdict
		effects             []string
		guardrails          []string
	}{
		{"nothing", acme, acme, diff.None, diff.None, nil, nil},
		{"a line further down", acme, "\n" + acme, diff.None, diff.None, nil, nil},
		{"a guardrail more", acme, edit(t, "    Security:\n", "    Security:\n      guardrails: [deny-iam-users]\n"), diff.Some, diff.None,
			[]string{"newly denied by deny-iam-users in log-archive"}, []string{"added deny-iam-users at unit:Security"}},
		{"a guardrail less", acme, edit(t, "guardrails: [deny-leave-organization, ", "guardrails: ["), diff.None, diff.Some,
			[]string{"newly allowed by deny-leave-organization in log-archive, payments, sandbox-1, shop"}, []string{"removed deny-leave-organization at root"}},
		{"a parameter", acme, edit(t, "regions: [eu-central-1, eu-west-1]", "regions: [eu-central-1, us-east-1]"), diff.Some, diff.Some,
			nil, []string{"changed restrict-regions at root"}},
		{"a parameter that allows more", acme, edit(t, "regions: [eu-central-1, eu-west-1]", "regions: [eu-central-1, eu-west-1, us-west-2]"), diff.None, diff.Some,
			nil, []string{"changed restrict-regions at root"}},
		{"an exception for one account more", acme, edit(t, exception, "accounts: [payments, shop]"), diff.None, diff.Some,
			[]string{"newly allowed by restrict-regions in shop"}, []string{"changed restrict-regions at root"}},
		{"a guardrail moved down", acme, edit(t, "guardrails: [deny-leave-organization, ", "guardrails: [", "    Security:\n", "    Security:\n      guardrails: [deny-leave-organization]\n"), diff.None, diff.Some,
			[]string{"newly allowed by deny-leave-organization in payments, sandbox-1, shop"}, []string{"moved deny-leave-organization at unit:Security"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := differ(t, c.before, c.after)
			if d.NewlyDenied != c.denied || d.NewlyAllowed != c.allowed {
				t.Errorf("newly denied: %s, want %s; newly allowed: %s, want %s; not compared: %v", d.NewlyDenied, c.denied, d.NewlyAllowed, c.allowed, d.NotCompared)
			}
			var effects, uses []string
			for _, e := range d.Effects {
				if s := short(e); !slices.Contains(effects, s) {
					effects = append(effects, s)
				}
			}
			for _, g := range d.Guardrails {
				if s := string(g.Change) + " " + g.Guardrail + " at " + g.Target; !slices.Contains(uses, s) && !strings.HasPrefix(g.Guardrail, "protect-roles") {
					uses = append(uses, s)
				}
			}
			if c.effects != nil && !slices.Equal(effects, c.effects) || len(c.effects) == 0 && c.denied == diff.None && c.allowed == diff.None && len(effects) > 0 {
				t.Errorf("effects %q, want %q", effects, c.effects)
			}
			if !slices.Equal(uses, c.guardrails) {
				t.Errorf("guardrails %q, want %q", uses, c.guardrails)
			}
			if data, err := json.Marshal(d); err != nil || strings.Contains(strings.ReplaceAll(string(data), `"request":null`, ""), "null") {
				t.Errorf("%v: %s", err, data)
			}
			if same := c.before == c.after || len(c.after) == len(acme)+1; d.Same() != same {
				t.Errorf("same: %v", d.Same())
			}
		})
	}
}
