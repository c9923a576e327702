package awsdata

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every variable of the package that holds a table says where it was read and
// when. The reference of actions is a file, which says so itself.
func TestEveryTableHasSourceAndDate(t *testing.T) {
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for name, f := range pkgs["awsdata"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				if n := spec.Names[0].Name; n == "authorizationFile" || n == "ServiceAuthorization" {
					continue
				}
				fields := map[string]string{}
				if len(spec.Values) == 1 {
					if lit, ok := spec.Values[0].(*ast.CompositeLit); ok {
						for _, e := range lit.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								if v, ok := kv.Value.(*ast.BasicLit); ok {
									fields[kv.Key.(*ast.Ident).Name] = strings.Trim(v.Value, `"`)
								}
							}
						}
					}
				}
				tables++
				if _, err := time.Parse(time.DateOnly, fields["Read"]); err != nil {
					t.Errorf("%s: %v", spec.Names[0].Name, err)
				}
				for _, page := range strings.Split(fields["Source"], " ") {
					if !regexp.MustCompile(`^(https://(docs\.aws\.amazon\.com|github\.com/aws(-samples)?)/|github\.com/aws/)`).MatchString(page) {
						t.Errorf("%s: the source %q is none of AWS's", spec.Names[0].Name, page)
					}
				}
			}
		}
	}
	if tables < 10 {
		t.Errorf("found %d tables", tables)
	}
}

func TestEveryQuotaIsInExactlyOneTable(t *testing.T) {
	tables := []Quotas{OrganizationsQuotas.Value, IAMQuotas.Value, AccessAnalyzerQuotas.Value}
	for i, f := range reflect.VisibleFields(reflect.TypeFor[Quotas]()) {
		set := 0
		for _, q := range tables {
			if !reflect.ValueOf(q).Field(i).IsZero() {
				set++
			}
		}
		if set != 1 {
			t.Errorf("%s stands in %d tables", f.Name, set)
		}
	}
}

func TestAQuotaCanBeOverridden(t *testing.T) {
	q := Quotas{SCPSize: 5120}.WithDefaults()
	if q.SCPSize != 5120 || q.SCPPerTarget != 10 || q.ManagedPolicySize != 6144 || q.ArchiveRulesPerAnalyzer != 100 {
		t.Errorf("%+v", q)
	}
	if (Quotas{}).WithDefaults() != q.Or(Quotas{}).restored(t) {
		t.Error("the zero value is not AWS's own numbers")
	}
}

// restored undoes the override, to compare everything else.
func (q Quotas) restored(t *testing.T) Quotas {
	t.Helper()
	q.SCPSize = OrganizationsQuotas.Value.SCPSize
	return q
}

func TestRegions(t *testing.T) {
	seen := map[string]string{}
	for _, p := range Partitions.Value {
		for _, r := range p.Regions {
			if other, twice := seen[r.Name]; twice {
				t.Errorf("%s is in %s and %s", r.Name, other, p.Name)
			}
			seen[r.Name] = p.Name
			if got, ok := PartitionOf(r.Name); !ok || got.Name != p.Name {
				t.Errorf("PartitionOf(%s) = %s", r.Name, got.Name)
			}
		}
		if _, ok := LookupPartition(p.Name); !ok || seen[p.GlobalRegion] != p.Name {
			t.Errorf("%s: global region %s", p.Name, p.GlobalRegion)
		}
		if names := RegionNames(p.Name); len(names) != len(p.Regions) || !slices.IsSorted(names) {
			t.Errorf("%s: %v", p.Name, names)
		}
	}
	if _, ok := PartitionOf("eu-central-9"); ok {
		t.Error("a region is known that does not exist")
	}
	if len(RegionNames("aws-nowhere")) != 0 || len(RegionNames("")) != len(seen) {
		t.Error("regions of no partition")
	}
}

func TestGlobalServiceActions(t *testing.T) {
	got := GlobalServiceActions()
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Error("not sorted, or not unique")
	}
	for _, want := range []string{"iam:*", "wellarchitected:*", "access-analyzer:*", "s3:GetAccountPublic*", "s3:GetBucketLocation"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if slices.Contains(got, "s3:GetAccountPublicAccessBlock") {
		t.Error("an action stands beside the pattern that covers it")
	}
	got[0] = "changed"
	if GlobalServiceActions()[0] == "changed" {
		t.Error("the caller can change the table")
	}
}

func TestServices(t *testing.T) {
	if !slices.IsSorted(RCPServices.Value) || len(RCPServices.Value) < 50 {
		t.Error("RCP services")
	}
	for _, s := range RCPServices.Value {
		if !ServiceKnown(s) {
			t.Errorf("the reference knows no service %s", s)
		}
	}
	if !slices.IsSortedFunc(TrustedServices.Value, func(a, b TrustedService) int { return strings.Compare(a.Principal, b.Principal) }) {
		t.Error("trusted services are not sorted")
	}
	if s, ok := LookupTrustedService("ram.amazonaws.com"); !ok || !s.OwnCall || s.Delegated {
		t.Errorf("%+v", s)
	}
	if _, ok := LookupTrustedService("nothing.amazonaws.com"); ok {
		t.Error("a service is known that does not exist")
	}
}

func TestReferenceLength(t *testing.T) {
	for name, want := range map[string]int{"organization": 34, "root": 34, "unit:Workloads/Prod": 68, "account:payments-prod": 12, "account:management": 12} {
		if got, ok := ReferenceLength(name); !ok || got != want {
			t.Errorf("%s: %d", name, got)
		}
	}
	if _, ok := ReferenceLength("policy:x"); ok {
		t.Error("policy:x has a length")
	}
}

func TestRanges(t *testing.T) {
	if r := PasswordPolicy.Value.MinimumLength; r.Holds(5) || !r.Holds(6) || !r.Holds(128) || r.Holds(129) {
		t.Errorf("%+v", r)
	}
}

func TestGovernors(t *testing.T) {
	if !slices.IsSortedFunc(Governors.Value, func(a, b Governor) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("governors are not sorted")
	}
	for name, want := range map[string]string{
		"aws-guardrails-AbCdEf": "control-tower", "AWSAccelerator-Core-Guardrails-1": "landing-zone-accelerator", "ours": "", "my-aws-guardrails-x": "",
	} {
		if g, ok := GovernorOfPolicy(name); g.Key != want || ok != (want != "") {
			t.Errorf("the policy %s is of %q, want %q", name, g.Key, want)
		}
	}
	for _, g := range Governors.Value {
		if _, ok := LookupTrustedService(g.Trusted); !ok && g.Trusted != "" {
			t.Errorf("%s: no service %s", g.Key, g.Trusted)
		}
	}
}
