package automation

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/stacks"
)

const imported = `{"resources":[
	{"urn":"urn:stack","type":"pulumi:pulumi:Stack","outputs":{"accountId":"1","boundaries":{"developer":"arn:d"}}},
	{"urn":"urn:provider","type":"pulumi:providers:aws","custom":true,"id":"new"},
	{"urn":"urn:component","type":"orgrails:index:AccountBaseline","provider":"urn:provider::new","inputs":{"digest":"d"},"outputs":{"digest":"d"}},
	{"urn":"urn:a","type":"aws:iam/role:Role","custom":true,"id":"A","provider":"urn:provider::new","ignoreChanges":["*"],"inputs":{"maxSessionDuration":3600,"forceDetachPolicies":false},"outputs":{"forceDetachPolicies":false}},
	{"urn":"urn:b","type":"aws:iam/policy:Policy","custom":true,"id":"B","provider":"urn:provider::new","ignoreChanges":["*"]}]}`

func TestJoinedWithNothing(t *testing.T) {
	state, outputs, err := joined(json.RawMessage(`{"manifest":{"version":"v3"},"secrets_providers":{"type":"passphrase"}}`), json.RawMessage(imported))
	if err != nil {
		t.Fatal(err)
	}
	dep, err := parseDeployment(apitype.UntypedDeployment{Deployment: state})
	if err != nil {
		t.Fatal(err)
	}
	if len(dep.Resources) != 5 || outputs.String(stacks.AccountIDOutput) != "1" {
		t.Fatalf("%d resources, outputs %v", len(dep.Resources), outputs)
	}
	if _, digest := dep.outputs(); digest != "" {
		t.Errorf("the component exports the digest %s", digest)
	}
	role := dep.Resources[3]
	if role.Inputs["forceDetachPolicies"] != true || role.Outputs["forceDetachPolicies"] != true || len(role.IgnoreChanges) > 0 || role.Inputs["maxSessionDuration"] != float64(3600) {
		t.Errorf("the role is %+v", role)
	}
	if p := dep.Resources[4]; !slices.Equal(p.IgnoreChanges, []string{"description"}) {
		t.Errorf("of the policy is ignored %v", p.IgnoreChanges)
	}
	var all map[string]any
	if err := json.Unmarshal(state, &all); err != nil || all["secrets_providers"] == nil {
		t.Errorf("the state lost its secrets provider: %s", state)
	}
}

func TestJoinedWithSome(t *testing.T) {
	had := `{"resources":[
		{"urn":"urn:stack","type":"pulumi:pulumi:Stack","outputs":{"digest":"d","accountId":"1","boundaries":{}}},
		{"urn":"urn:provider","type":"pulumi:providers:aws","custom":true,"id":"old"},
		{"urn":"urn:component","type":"orgrails:index:AccountBaseline","outputs":{"digest":"d","accountId":"1"}},
		{"urn":"urn:b","type":"aws:iam/policy:Policy","custom":true,"id":"B","provider":"urn:provider::old","inputs":{"name":"ours"}}]}`
	state, outputs, err := joined(json.RawMessage(had), json.RawMessage(imported))
	if err != nil {
		t.Fatal(err)
	}
	dep, err := parseDeployment(apitype.UntypedDeployment{Deployment: state})
	if err != nil {
		t.Fatal(err)
	}
	if len(dep.Resources) != 5 {
		t.Fatalf("%d resources", len(dep.Resources))
	}
	if b := dep.Resources[3]; b.Inputs["name"] != "ours" {
		t.Errorf("what the state had has changed: %+v", b)
	}
	if a := dep.Resources[4]; a.ID != "A" || a.Provider != "urn:provider::old" {
		t.Errorf("what was imported has another provider: %+v", a)
	}
	o, digest := dep.outputs()
	if digest != "" || o.String(stacks.DigestOutput) != "d" || o.StringMap(stacks.BoundariesOutput)["developer"] != "arn:d" || outputs.String(stacks.DigestOutput) != "d" {
		t.Errorf("outputs %v, digest of the component %q", o, digest)
	}
}
