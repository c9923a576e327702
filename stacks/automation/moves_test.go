package automation

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks"
)

// An account moves where its unit is another one, and not another key of it.
func TestMoved(t *testing.T) {
	res := func(typ, name, id, parent string) apitype.ResourceV3 {
		return apitype.ResourceV3{URN: resource.URN("urn:pulumi:organization::orgrails::" + typ + "::" + name), Type: tokens.Type(typ), ID: resource.ID(id), Outputs: map[string]any{"parentId": parent}}
	}
	const unit = "aws:organizations/organizationalUnit:OrganizationalUnit"
	state := []apitype.ResourceV3{
		res(unit, stacks.UnitName("Dev"), "ou-1", "r-1"), res(unit, stacks.UnitName("Old"), "ou-2", "r-1"), res(unit, stacks.UnitName("Gone"), "ou-3", "r-1"),
		res(accountPulumiType, stacks.AccountName("stays"), "1", "ou-1"),
		res(accountPulumiType, stacks.AccountName("renamed"), "2", "ou-2"),
		res(accountPulumiType, stacks.AccountName("moves"), "3", "ou-1"),
		res(accountPulumiType, stacks.AccountName("rises"), "4", "ou-3"),
		res(accountPulumiType, stacks.AccountName("falls"), "5", "r-1"),
		res(accountPulumiType, stacks.AccountName("left"), "6", "ou-1"),
	}
	p := &guardrails.Plan{
		Units: []guardrails.Unit{{Path: "Dev", Was: []string{}}, {Path: "New", Was: []string{"Old"}}},
		Accounts: []guardrails.Account{
			{Key: "falls", Parent: "Dev"}, {Key: "moves", Parent: "New"}, {Key: "new", Parent: "Dev"},
			{Key: "renamed", Parent: "New"}, {Key: "rises", Parent: "root"}, {Key: "stays", Parent: "Dev"},
		},
	}
	var got []string
	for _, m := range moved(p, state) {
		got = append(got, fmt.Sprint(m))
	}
	if want := []string{"{falls root Dev}", "{moves Dev New}", "{rises Gone root}"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What is in force has its ids in the order of their references, and is spelled
// anew; its statements are those of the plan.
func TestPolicyInForceIsSpelledAsInAPlan(t *testing.T) {
	pol := guardrails.Policy{Type: "SERVICE_CONTROL_POLICY", Name: "p",
		Content: `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":["iam:B","iam:A"],"Resource":"*"},{"Sid":"B","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`}
	p := &guardrails.Plan{Policies: []guardrails.Policy{{Type: pol.Type, Name: "p", Statements: []guardrails.Statement{{Sid: "A", Guardrail: "protect-a", Origin: "organization.yaml:1:1"}}}}}
	if err := describe(&pol, p); err != nil {
		t.Fatal(err)
	}
	parts, err := pol.Parts()
	if err != nil || len(parts) != 2 || pol.Statements[0].Guardrail != "protect-a" || pol.Statements[1].Sid != "B" || pol.Statements[1].Guardrail != "" {
		t.Errorf("%v, %+v, %v", parts, pol.Statements, err)
	}
}
