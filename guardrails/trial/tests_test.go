package trial

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
)

func (f file) run(t *testing.T) ([]Result, diag.Diagnostics) {
	t.Helper()
	before := string(guardrails.Encode(f.plan))
	count := func() (n int) {
		for _, u := range f.Organization.Units {
			n += len(u.Accounts)
		}
		return n
	}
	accounts := count()
	results, err := Tests(f.Organization, f.Catalog, f.plan, opts)
	if err != nil {
		t.Fatal(err)
	}
	if string(guardrails.Encode(f.plan)) != before || count() != accounts {
		t.Error("the tests changed the plan or the organization")
	}
	return results, Diagnostics(f.Organization, results)
}

// Each test, and what it finds: nothing where it passes.
func TestTests(t *testing.T) {
	for _, x := range []struct{ test, accounts, want string }{
		{`as: role/Anyone, in: root, action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, expect: deny, by: restrict-regions`, "dev lonely shop", ""},
		{`as: role/Anyone, in: Workloads, action: "ec2:RunInstances", expect: allow`, "dev shop", ""},
		{`as: role/Anyone, in: management, action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, expect: allow`, "management", ""},
		{`as: role/Anyone, in: Workloads, action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, expect: allow`, "dev shop",
			`test "x": in dev, shop expected allow, but it is denied by restrict-regions [GR370]`},
		{`as: role/Anyone, in: Workloads, action: "ec2:RunInstances", expect: deny`, "dev shop", `test "x": in dev, shop expected deny, but nothing denies it [GR370]`},
		{`as: role/Anyone, in: shop, action: "ec2:RunInstances", expect: deny, by: restrict-regions`, "shop", `test "x": in shop expected deny by restrict-regions, but nothing denies it [GR370]`},
		{`as: role/Anyone, in: shop, action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, expect: deny, by: protect-cloudtrail`, "shop",
			`test "x": in shop expected deny by protect-cloudtrail, but it is denied by restrict-regions [GR371]`},
		// By another guardrail in one account alone.
		{`as: role/Anyone, in: root, action: "cloudtrail:StopLogging", resource: "arn:aws:cloudtrail:us-east-1:444444444444:trail/org-trail", with: {"aws:RequestedRegion": us-east-1}, expect: deny, by: protect-cloudtrail`, "dev lonely shop",
			`test "x": in lonely expected deny by protect-cloudtrail, but it is denied by restrict-regions [GR371]`},
		// Without a resource, for what the guardrails name.
		{`as: role/Admin, in: Workloads, action: "cloudtrail:StopLogging", expect: deny, by: protect-cloudtrail`, "dev shop", ""},
		{`as: role/Admin, in: root, action: "cloudtrail:StopLogging", expect: allow`, "dev shop", ""},
		{`as: role/Anyone, in: lonely, action: "cloudtrail:StopLogging", expect: deny`, "lonely", `test "x": in lonely expected deny, but nothing denies it [GR370]`},
		// A role of the file, by key and by name, only where it is made.
		{`as: role/Admin, in: root, action: "s3:GetObject", expect: allow`, "dev shop", ""},
		{`as: role/Administrator, in: root, action: "s3:GetObject", expect: allow`, "dev shop", ""},
		{`as: role/Reader, in: root, action: "s3:GetObject", expect: allow`, "dev shop", ""},
		{`as: role/Reader, in: dev, action: "s3:PutObject", expect: allow`, "dev", `test "x": in dev expected allow, but no identity policy allows s3:PutObject [GR370]`},
		{`as: role/Reader, in: dev, action: "s3:PutObject", expect: deny, by: restrict-regions`, "dev", `test "x": in dev expected deny by restrict-regions, but no identity policy allows s3:PutObject [GR371]`},
		// A unit without accounts has one that is made up, with all that would be placed into it.
		{`as: role/Admin, in: Workloads/Empty, action: "s3:GetObject", expect: deny, by: deny-all`, "new-account-1", ""},
		{`as: role/Reader, in: Workloads/Empty, action: "s3:GetObject", expect: allow`, "new-account-1",
			`test "x": in a new account of Workloads/Empty expected allow, but it is denied by deny-all [GR370]`},
		// Values of any kind, one or many.
		{`as: role/Anyone, in: shop, action: "ec2:RunInstances", with: {"aws:RequestedRegion": [us-east-1], "aws:MultiFactorAuthAge": 300, "aws:MultiFactorAuthPresent": true}, expect: deny`, "shop", ""},
	} {
		f := load(t, base+"tests:\n  - {name: x, "+x.test+"}\n")
		results, ds := f.run(t)
		if got := strings.Join(results[0].Accounts, " "); got != x.accounts {
			t.Errorf("%s: asked in %s, want %s", x.test, got, x.accounts)
		}
		got := ""
		for _, d := range ds {
			got += d.Summary + " [" + d.Code + "]"
			if d.Hint == "" || d.Range.Start.Line != 21 {
				t.Errorf("%s: %+v", x.test, d)
			}
			if strings.Contains(d.Summary, "denied by") && len(d.Related) == 0 {
				t.Errorf("%s: %s does not say where that was asked for", x.test, d.Summary)
			}
		}
		if got != x.want || results[0].Passed() != (x.want == "") {
			t.Errorf("%s\n got %s\nwant %s", x.test, got, x.want)
		}
	}
}

// A test may expect that an allow list is what denies.
func TestByAllowList(t *testing.T) {
	listed := strings.Replace(base, "        Prod: {", "        Prod: {allowList: [s3, iam, sts, cloudtrail], ", 1)
	for _, x := range []struct{ test, want string }{
		{`as: role/Anyone, in: shop, action: "sqs:SendMessage", expect: deny, by: allowList`, ""},
		{`as: role/Anyone, in: shop, action: "s3:GetObject", expect: deny, by: allowList`, `test "x": in shop expected deny by allowList, but nothing denies it [GR370]`},
		{`as: role/Anyone, in: Workloads, action: "sqs:SendMessage", expect: deny, by: allowList`, `test "x": in dev expected deny by allowList, but nothing denies it [GR370]`},
		{`as: role/Anyone, in: shop, action: "cloudtrail:StopLogging", expect: deny, by: allowList`, `test "x": in shop expected deny by allowList, but it is denied by protect-cloudtrail [GR371]`},
		{`as: role/Anyone, in: shop, action: "sqs:SendMessage", expect: deny, by: restrict-regions`,
			`test "x": in shop expected deny by restrict-regions, but no SCP at Workloads/Prod allows sqs:SendMessage [GR371]`},
		{`as: role/Reader, in: shop, action: "s3:PutObject", expect: deny, by: allowList`, `test "x": in shop expected deny by allowList, but no identity policy allows s3:PutObject [GR371]`},
		{`as: role/OrganizationAccountAccessRole, in: shop, action: "sqs:SendMessage", expect: deny, by: allowList`, `test "x": in shop expected deny by allowList, but nothing denies it [GR370]`},
	} {
		_, ds := load(t, listed+"tests:\n  - {name: x, "+x.test+"}\n").run(t)
		got := ""
		for _, d := range ds {
			got += d.Summary + " [" + d.Code + "]"
			if strings.Contains(d.Summary, "by restrict-regions, but no SCP") && d.Hint != "if that is right, change by to allowList" {
				t.Errorf("%s: %q", x.test, d.Hint)
			}
			if strings.Contains(d.Summary, "nothing denies it") && !strings.Contains(d.Hint, "or a node above it an allowList without it") {
				t.Errorf("%s: %q", x.test, d.Hint)
			}
		}
		if got != x.want {
			t.Errorf("%s\n got %s\nwant %s", x.test, got, x.want)
		}
	}
}

// What is asked for in a test that fails is underlined whole.
func TestRelatedPlaces(t *testing.T) {
	f := load(t, base+"tests:\n"+`  - {name: x, as: role/Anyone, in: shop, action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, expect: allow}`+"\n")
	_, ds := f.run(t)
	r := ds[0].Related[0]
	if r.Range.Start.Line != 4 || r.Range.End.Column-r.Range.Start.Column != len("restrict-regions") || !strings.Contains(r.Message, "restrict-regions, statement DenyOtherRegions of orgrails-scp-root") {
		t.Errorf("%+v", r)
	}
}

func TestLocate(t *testing.T) {
	f := load(t, base)
	if r := Locate(f.Organization, "policies/own.json:3:1"); r.Start.Line != 3 || !strings.HasSuffix(r.File, "/policies/own.json") {
		t.Error(r)
	}
	if r := Locate(f.Organization, "organization.yaml:3:5, foundation (orgrails)"); r.Start.Line != 3 || !strings.HasSuffix(r.File, "/organization.yaml") {
		t.Error(r)
	}
	if r := Locate(f.Organization, "own.json"); r.Start.Line != 0 || !strings.HasSuffix(r.File, "/own.json") {
		t.Error(r)
	}
}

// Each example of the manual brings about the code of its section.
func TestTheManual(t *testing.T) {
	page, err := os.ReadFile("../../docs/diagnostics/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, m := range regexp.MustCompile("(?s)\n## (GR37[0-9]): .*?\n```yaml test\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		run++
		_, ds := load(t, base+m[2]).run(t)
		if len(ds) == 0 || ds[0].Code != m[1] {
			t.Errorf("the example of %s brings about\n%s", m[1], show(ds))
		}
	}
	if run != 2 {
		t.Errorf("%d examples", run)
	}
}
