package stacks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

// Units and accounts that are called otherwise since the last run are those
// from which it took FullAWSAccess: nothing is imported that is not there.
func TestFullAccessOfRenamedNodes(t *testing.T) {
	const work, workloads, security, pay = "unit:Work", "unit:Workloads", "unit:Security", "account:pay"
	ids := map[string]any{work: "ou-ab12-22222222", workloads: "ou-ab12-22222222", security: "ou-ab12-11111111", pay: "444444444444"}
	for _, c := range []struct {
		name                 string
		detached, detaching  []any // by the run before
		known                map[string]any
		lists                []string // of the plan
		dryRun               bool
		registered           string
		detachedNow, takenOf string
	}{
		{"a unit", []any{work}, nil, ids, []string{workloads}, false, "", workloads, "ou-ab12-22222222"},
		{"a unit, in a preview", []any{work}, nil, ids, []string{workloads}, true, "", workloads, ""},
		{"a unit whose id was not exported", []any{work}, nil, nil, []string{workloads}, false, "", workloads, "ou-ab12-22222222"},
		{"a unit about to lose it", nil, []any{work}, ids, []string{workloads}, false, "", workloads, "ou-ab12-22222222"},
		{"an account", []any{pay}, nil, ids, []string{"account:payments"}, false, "", "account:payments", "444444444444"},
		{"a unit without a list", []any{work}, nil, ids, nil, false,
			`policies-FullAWSAccess-on-unit:Workloads to ou-ab12-22222222, import "", was [policies-FullAWSAccess-on-unit:Work]`, "", ""},
		{"an account without a list", nil, []any{pay}, ids, nil, false,
			`policies-FullAWSAccess-on-account:payments to 444444444444, import "", was [policies-FullAWSAccess-on-account:pay]`, "", ""},
		{"a unit that is made anew", []any{workloads}, nil, map[string]any{workloads: "ou-ab12-99999999"}, []string{workloads}, false,
			`policies-FullAWSAccess-on-unit:Workloads to ou-ab12-22222222, import "ou-ab12-22222222:p-FullAWSAccess", was []`, "", "ou-ab12-22222222"},
		{"an account that is gone", []any{"account:gone"}, nil, map[string]any{"account:gone": "999999999999"}, nil, false, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := fixture()
			p.NoFullAccess = c.lists
			for _, target := range c.lists {
				p.Attachments = append(p.Attachments, guardrails.Attachment{Target: target, Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-Workloads"})
			}
			known := deployed()
			if c.dryRun { // the organization has yet to be deployed
				units := maps.Clone(known[organizationStack][UnitIDsOutput].(map[string]any))
				units["Work"] = units["Workloads"]
				delete(units, "Workloads")
				known[organizationStack][UnitIDsOutput] = units
			}
			known[policiesStack] = Outputs{DetachedOutput: c.detached, DetachingOutput: c.detaching, FullAccessIDsOutput: c.known}
			program, err := Program(p, policiesStack, Options{Reader: known})
			if err != nil {
				t.Fatal(err)
			}
			m := &monitor{organization: live()}
			if err := m.run(t, policiesStack, c.dryRun, program); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range m.resources(t) {
				if strings.Contains(r.Name, "FullAWSAccess") {
					got = append(got, fmt.Sprintf("%s to %v, import %q, was %v", r.Name, r.Inputs["targetId"], r.Import, r.Aliases))
				}
			}
			if s := strings.Join(got, "; "); s != c.registered {
				t.Errorf("registered %s\nwant %s", s, c.registered)
			}
			o := Outputs(m.outputs)
			if s := strings.Join(o.StringList(DetachedOutput), " "); s != c.detachedNow {
				t.Errorf("detached %q, want %q", s, c.detachedNow)
			}
			if s := strings.Join(slices.Collect(maps.Values(o.StringMap(FullAccessIDsOutput))), " "); !c.dryRun && s != c.takenOf {
				t.Errorf("exported ids %q, want %q", s, c.takenOf)
			}
		})
	}
}
