package compile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
)

// What stands at one node becomes one document for each type, and each setting
// knows the line that asked for it.
func TestDeclarativePolicies(t *testing.T) {
	a := newAcme()
	a.use("root", "console-off")
	a.use("root", "hops")
	a.use("root", "protect-roles")
	a.use("Workloads/Prod", "tags")
	a.use("Workloads/Prod", "tags", "keys", []any{"Stage"}, "values", []any{"prod", "test"})
	a.ask("payments", org.GuardrailUse{Range: a.next(), File: "ai.json", Type: "AISERVICES_OPT_OUT_POLICY", Source: []byte(`{"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}`)})
	p, ds := a.compile(t)
	if len(ds) > 0 {
		t.Fatalf("diagnostics:\n%s", show(ds))
	}
	var got []string
	for _, at := range p.Attachments {
		if at.Type != "SERVICE_CONTROL_POLICY" {
			got = append(got, at.Target+" "+at.Type+" "+at.Policy)
		}
	}
	want := []string{
		"account:payments AISERVICES_OPT_OUT_POLICY orgrails-ai-@payments",
		"root DECLARATIVE_POLICY_EC2 orgrails-ec2-root",
		"unit:Workloads/Prod TAG_POLICY orgrails-tag-Workloads/Prod",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("attached %q", got)
	}
	if want := []string{"AISERVICES_OPT_OUT_POLICY", "DECLARATIVE_POLICY_EC2", "SERVICE_CONTROL_POLICY", "TAG_POLICY"}; !reflect.DeepEqual(p.Organization.PolicyTypes, want) {
		t.Errorf("types %v", p.Organization.PolicyTypes)
	}
	ec2 := declared(t, p, "orgrails-ec2-root")
	if want := `{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":"2"}},"serial_console_access":{"status":{"@@assign":"disabled","@@operators_allowed_for_child_policies":["@@none"]}}}}`; string(ec2.Content) != want || ec2.Size != len(want) {
		t.Errorf("%d %s", ec2.Size, ec2.Content)
	}
	if ec2.Description != "orgrails, declarative policy for EC2 of root: console-off, hops" {
		t.Errorf("%q", ec2.Description)
	}
	var from []string
	for _, s := range append(ec2.Statements, declared(t, p, "orgrails-tag-Workloads/Prod").Statements...) {
		from = append(from, s.Sid+" "+s.Guardrail)
		if s.Origin == "" {
			t.Errorf("%s has no origin", s.Sid)
		}
	}
	if want := []string{
		"ec2_attributes.instance_metadata_defaults.http_put_response_hop_limit hops", "ec2_attributes.serial_console_access.status console-off",
		"tags.Owner.tag_key tags", "tags.Stage.tag_key tags", "tags.Stage.tag_value tags",
	}; !slices.Equal(from, want) {
		t.Errorf("%q", from)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	again, err := guardrails.Decode(guardrails.Encode(p))
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("decoded otherwise: %v", err)
	}
}

func declared(t testing.TB, p *guardrails.Plan, name string) guardrails.Policy {
	t.Helper()
	i := slices.IndexFunc(p.Policies, func(pol guardrails.Policy) bool { return pol.Name == name })
	if i < 0 {
		t.Fatalf("no policy is named %s", name)
	}
	return p.Policies[i]
}

// Ids that AWS makes up are references in names too, and count at their longest.
func TestDeclarativeReferences(t *testing.T) {
	a := newAcme()
	a.use("root", "backups", "accounts", []any{"payments"})
	p, ds := a.compile(t)
	if ds.HasErrors() {
		t.Fatal(show(ds))
	}
	pol := declared(t, p, "orgrails-backup-root")
	ref := string(guardrails.Ref("account:payments"))
	if n := strings.Count(string(pol.Content), ref); n != 2 || pol.Size != len(pol.Content)-n*(len(ref)-12) {
		t.Errorf("%d %s", pol.Size, pol.Content)
	}
}

func TestDeclarativeMistakes(t *testing.T) {
	t.Run("one setting, two values", func(t *testing.T) {
		a := newAcme()
		a.use("Workloads", "hops")
		a.use("Workloads", "hops", "hops", float64(1))
		d := a.refuses(t, "GR308", "hops and hops set ec2_attributes.instance_metadata_defaults.http_put_response_hop_limit differently at Workloads")
		if len(d.Related) != 1 || d.Range == d.Related[0].Range {
			t.Errorf("%+v", d)
		}
	})
	t.Run("a document of one's own against a template", func(t *testing.T) {
		a := newAcme()
		a.use("root", "tags", "values", []any{"a"})
		a.ask("root", org.GuardrailUse{Range: a.next(), File: "tags.json", Type: "TAG_POLICY", Source: []byte(`{"tags":{"owner":{"tag_value":{"@@assign":["b"]}}}}`)})
		a.refuses(t, "GR308", "tags.json and tags set tags.Owner.tag_value differently at root")
	})
	t.Run("kept from above", func(t *testing.T) {
		a := newAcme()
		a.use("root", "console-off")
		a.ask("Workloads/Prod", org.GuardrailUse{Range: a.next(), File: "on.json", Type: "DECLARATIVE_POLICY_EC2", Source: []byte(`{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"enabled"}}}}`)})
		d := a.refuses(t, "GR309", "on.json sets ec2_attributes.serial_console_access.status at Workloads/Prod, which console-off at root keeps")
		if len(d.Related) != 1 {
			t.Errorf("%+v", d)
		}
	})
	t.Run("a malformed document of one's own", func(t *testing.T) {
		a := newAcme()
		a.ask("root", org.GuardrailUse{Range: a.next(), File: "tags.json", Type: "TAG_POLICY", Source: []byte(`{"tag":{}}`)})
		a.refuses(t, "GR130", `the document has no "tag"`)
	})
	t.Run("an exception", func(t *testing.T) {
		a := newAcme()
		a.use("root", "console-off")
		a.except(exceptionFor("x", "console-off", a.find("payments")))
		a.refuses(t, "GR311", "the exception x is from console-off, a declarative policy for EC2, which denies no request")
	})
}

// The nearest wins, so that a value is asked for again below another; at the
// same place, or with nothing between, it is said once.
func TestDeclarativeNearestWins(t *testing.T) {
	a := newAcme()
	a.use("root", "hops")
	a.use("Workloads", "hops", "hops", float64(1))
	a.use("Workloads/Prod", "hops")
	a.use("payments", "hops")
	p, ds := a.compile(t)
	if len(ds) != 1 || ds[0].Code != "GR305" {
		t.Fatalf("%s", show(ds))
	}
	for _, name := range []string{"root", "Workloads", "Workloads/Prod"} {
		declared(t, p, "orgrails-ec2-"+name)
	}
	if len(p.Policies) != 3 {
		t.Errorf("%d policies", len(p.Policies))
	}
}

// An over-full document names the first guardrail that does not fit any more.
func TestDeclarativeTooLarge(t *testing.T) {
	a := newAcme()
	for i := range 5 {
		a.use("root", "tags", "keys", []any{fmt.Sprintf("Key%d", i)})
	}
	opts := Options{AsOf: asOf, Quotas: quotas(func(q *awsdata.Quotas) { q.TagPolicySize = 150 })}
	p, ds := Compile(a.Organization, testCatalog(t), opts)
	if d := expect(t, p, ds, "GR306", "tags does not fit: the tag policy of root is", "AWS takes 150"); d.Range != a.Root.Uses[3].Range {
		t.Errorf("%+v", d)
	}
	a.use("Workloads", "tags", "keys", []any{"Other"})
	opts.Quotas = quotas(func(q *awsdata.Quotas) { q.TagPolicies = 1 })
	p, ds = Compile(a.Organization, testCatalog(t), opts)
	expect(t, p, ds, "GR307", "2 policies of the type tag policy, and an organization takes 1")
}
