package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/config/orggen"
)

// large is a plan for a number of accounts, five in each unit and ten units in
// each above, with guardrails at the root, above and at every third unit, two
// exceptions in each unit above, and roles and a boundary in every account.
func large(t testing.TB, accounts int) *guardrails.Plan {
	t.Helper()
	var b strings.Builder
	b.WriteString(`version: 1
organization: {id: o-a1b2c3d4e5, name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, regions: [eu-central-1, eu-west-1]}
root:
  guardrails: [` + sane + `]
  units:
`)
	for i := range (accounts + 49) / 50 {
		fmt.Fprintf(&b, "    Top%d:\n      guardrails: [require-imdsv2]\n      units:\n", i)
		for j := range 10 {
			fmt.Fprintf(&b, "        Unit%d:\n", j)
			if j%3 == 0 {
				fmt.Fprintf(&b, "          guardrails: [{template: protect-cloudtrail, parameters: {trails: [trail-%d-%d]}}]\n", i, j)
			}
			b.WriteString("          accounts:\n")
			for k := range 5 {
				n := i*50 + j*5 + k
				fmt.Fprintf(&b, "            a%05d: {id: \"%012d\", email: a%05d@acme.example}\n", n, 200000000000+n, n)
			}
		}
	}
	b.WriteString("exceptions:\n")
	for i := range min(200, accounts/25) {
		fmt.Fprintf(&b, "  e%05d: {guardrail: require-imdsv2, principals: [role/R%d], accounts: [a%05d], reason: r, owner: o, expires: 2027-03-31}\n", i, i%5, i*25)
	}
	b.WriteString(`permissionBoundaries: {developer: {template: developer-boundary, targets: [root], required: true}}
passwordPolicies: {default: {preset: cis-aws-foundations, targets: [root]}}
roles:
  Reader: {targets: [root], managedPolicies: [ReadOnlyAccess], boundary: developer, trust: {users: [management/alice]}}
  BreakGlass: {targets: [root], breakGlass: true, trust: {users: [management/alice]}, managedPolicies: [AdministratorAccess]}
`)
	path := filepath.Join(t.TempDir(), "organization.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	f, ds, err := config.Load(path, config.Options{AsOf: asOf})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, show(ds))
	}
	p, ds := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf})
	if p == nil {
		t.Fatal(show(ds))
	}
	return p
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		p := large(b, n)
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Check(p, Options{AsOf: asOf})
				if err != nil {
					b.Fatal(err)
				}
				if r.Refuses() {
					b.Fatalf("lost:\n%s", list(r.Lost))
				}
				b.ReportMetric(float64(r.Requests), "requests")
				b.ReportMetric(float64(r.Asked), "asked")
			}
		})
	}
}

// BenchmarkWhole is what a pull request takes: the plan of a file, packed; the
// proof that it locks nobody out, over what is deployed and between; and how it
// differs from what is. Five accounts to a unit, 40 guardrails, 200 exceptions.
func BenchmarkWhole(b *testing.B) {
	for _, n := range []int{1250, 5000, 10000, 20000} {
		size := orggen.Of(n)
		size.Exceptions = 200
		source := string(orggen.YAML(size))
		read := func(text string) *config.File {
			path := filepath.Join(b.TempDir(), "organization.yaml")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			f, ds, err := config.Load(path, config.Options{AsOf: asOf})
			if err != nil || ds.HasErrors() {
				b.Fatal(err, show(ds))
			}
			return f
		}
		old, new := read(source), read(strings.ReplaceAll(source, "maxHops: 2", "maxHops: 3"))
		before, ds := compile.Compile(old.Organization, old.Catalog, compile.Options{AsOf: asOf})
		if before == nil {
			b.Fatal(show(ds))
		}
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, ds := compile.Compile(new.Organization, new.Catalog, compile.Options{AsOf: asOf})
				if p == nil {
					b.Fatal(show(ds))
				}
				r, err := Check(p, Options{AsOf: asOf, Before: before})
				if err != nil || r.Refuses() {
					b.Fatalf("%v lost:\n%s", err, list(r.Lost))
				}
				d, err := diff.Diff(before, p, diff.Options{})
				if err != nil || d.NewlyAllowed != diff.Some {
					b.Fatal(err, d.NewlyAllowed)
				}
				b.ReportMetric(float64(r.Requests), "requests")
				b.ReportMetric(float64(len(p.Policies)), "policies")
			}
		})
	}
}
