package compile

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/internal/config"
)

// large is an organization of a number of accounts, a fifth as many units and
// forty guardrails: eight at the root for all, the others at units, with three
// roles, a required boundary and a password policy in every account.
func large(accounts int) *acme {
	a := newAcme()
	var paths []string
	for i := range max(1, accounts/5) {
		path := fmt.Sprintf("U%d", i)
		if i >= 10 {
			path = paths[i/10-1] + "/" + path // ten in each
		}
		paths = append(paths, path)
		u := &org.Unit{Path: path, Key: fmt.Sprintf("U%d", i), Name: path, Parent: a.Root, Range: a.next()}
		if i >= 10 {
			u.Parent = a.Units[len(a.Units)-i+i/10-1]
		}
		u.Parent.Units = append(u.Parent.Units, u)
		a.Units = append(a.Units, u)
	}
	units := slices.Clone(a.Units[len(a.Units)-len(paths):])
	for i := range accounts {
		u := units[i%len(units)]
		acc := &org.Account{Key: fmt.Sprintf("account-%05d", i), Email: "a@acme.example", Unit: u, Range: a.next()}
		u.Accounts = append(u.Accounts, acc)
		a.Accounts = append(a.Accounts, acc)
	}
	slices.SortFunc(a.Units, func(x, y *org.Unit) int { return strings.Compare(x.Path, y.Path) })
	slices.SortFunc(a.Accounts, func(x, y *org.Account) int { return strings.Compare(x.Key, y.Key) })
	for _, id := range []string{"deny-leave-organization", "deny-root-user", "restrict-regions", "protect-cloudtrail", "protect-config", "protect-guardduty", "protect-roles", "data-perimeter-identity"} {
		a.use("root", id)
	}
	for i, u := range units {
		if i < 10 {
			for j := range 3 { // thirty-two in all
				a.use(u.Path, "protect-cloudtrail", "trails", []any{fmt.Sprintf("trail-%d-%d", i, j)})
			}
			continue
		}
		if i%3 == 0 {
			a.use(u.Path, "require-imdsv2")
			a.use(u.Path, "protect-s3-public-access-block")
		}
	}
	a.except(exceptionFor("x", "restrict-regions", a.Accounts[0], a.Accounts[1]), "role/platform/Data")
	a.boundary("developer", true, []string{"U0"}, nil)
	a.PasswordPolicies = []org.PasswordPolicy{{Key: "p", Preset: "cis-aws-foundations", Targets: a.targets("root"), Range: a.next()}}
	for _, key := range []string{"Auditor", "Admin", "Vendor"} {
		a.role(org.Role{Key: key, ManagedPolicies: []string{"SecurityAudit"}, Trust: &org.Trust{Account: "999999999999", ExternalID: "acme"}}, "root")
	}
	return a
}

func builtin(t testing.TB) *catalog.Catalog {
	t.Helper()
	ts, ds := config.BuiltinTemplates()
	c, more := catalog.New(ts)
	if ds.HasErrors() || more.HasErrors() {
		t.Fatal(show(append(ds, more...)))
	}
	return c
}

func BenchmarkCompile(b *testing.B) {
	c := builtin(b)
	for _, n := range []int{10, 100, 1000, 5000, 10000} {
		a := large(n)
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p, ds := Compile(a.Organization, c, Options{AsOf: asOf}); p == nil {
					b.Fatal(show(ds)[:min(2000, len(show(ds)))])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/account")
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p, _ := Compile(a.Organization, c, Options{AsOf: asOf})
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-plan")
			runtime.KeepAlive(p)
		})
	}
}

// BenchmarkPlan is what comes after compiling a large organization.
func BenchmarkPlan(b *testing.B) {
	p, ds := Compile(large(5000).Organization, builtin(b), Options{AsOf: asOf})
	if p == nil {
		b.Fatal(show(ds))
	}
	data := guardrails.Encode(p)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := p.Check(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("digest", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			p.Digest()
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := guardrails.Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
