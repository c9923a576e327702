package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/internal/awstest/readback"
)

// byHand is what somebody did in the organization before orgrails came.
type byHand struct {
	rootID, policyID, unitID string
}

const foreignSCP = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"account:CloseAccount","Resource":"*"}]}`

// organizeByHand trusts Identity Center, enables tag policies and SCPs,
// attaches a policy to the root and puts payments-prod into a unit of its own.
func (p *place) organizeByHand() byHand {
	p.t.Helper()
	o := p.organizations()
	root := must[*organizations.ListRootsOutput](p.t)(o.ListRoots(p.ctx, &organizations.ListRootsInput{})).Roots[0]
	must[*organizations.EnableAWSServiceAccessOutput](p.t)(o.EnableAWSServiceAccess(p.ctx,
		&organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("sso.amazonaws.com")}))
	for _, kind := range []types.PolicyType{types.PolicyTypeTagPolicy, types.PolicyTypeServiceControlPolicy} {
		must[*organizations.EnablePolicyTypeOutput](p.t)(o.EnablePolicyType(p.ctx,
			&organizations.EnablePolicyTypeInput{RootId: root.Id, PolicyType: kind}))
	}
	policy := must[*organizations.CreatePolicyOutput](p.t)(o.CreatePolicy(p.ctx, &organizations.CreatePolicyInput{
		Name: aws.String("made by hand"), Description: aws.String(""), Content: aws.String(foreignSCP), Type: types.PolicyTypeServiceControlPolicy,
	})).Policy.PolicySummary
	must[*organizations.AttachPolicyOutput](p.t)(o.AttachPolicy(p.ctx, &organizations.AttachPolicyInput{PolicyId: policy.Id, TargetId: root.Id}))
	unit := must[*organizations.CreateOrganizationalUnitOutput](p.t)(o.CreateOrganizationalUnit(p.ctx,
		&organizations.CreateOrganizationalUnitInput{Name: aws.String("Elsewhere"), ParentId: root.Id})).OrganizationalUnit
	id := p.plan().IDs["account:payments-prod"]
	must[*organizations.MoveAccountOutput](p.t)(o.MoveAccount(p.ctx, &organizations.MoveAccountInput{
		AccountId: &id, SourceParentId: root.Id, DestinationParentId: unit.Id,
	}))
	return byHand{*root.Id, *policy.Id, *unit.Id}
}

// survived wants what was done by hand still there.
func (p *place) survived(h byHand) {
	p.t.Helper()
	o := p.organizations()
	trusted := must[*organizations.ListAWSServiceAccessForOrganizationOutput](p.t)(o.ListAWSServiceAccessForOrganization(p.ctx,
		&organizations.ListAWSServiceAccessForOrganizationInput{}))
	if !slices.ContainsFunc(trusted.EnabledServicePrincipals, func(s types.EnabledServicePrincipal) bool { return *s.ServicePrincipal == "sso.amazonaws.com" }) {
		p.t.Error("sso.amazonaws.com is no longer trusted")
	}
	root := must[*organizations.ListRootsOutput](p.t)(o.ListRoots(p.ctx, &organizations.ListRootsInput{})).Roots[0]
	if !slices.ContainsFunc(root.PolicyTypes, func(s types.PolicyTypeSummary) bool {
		return s.Type == types.PolicyTypeTagPolicy && s.Status == types.PolicyTypeStatusEnabled
	}) {
		p.t.Error("TAG_POLICY is no longer enabled")
	}
	if names := p.attachedTo(h.rootID, types.PolicyTypeServiceControlPolicy); !slices.Contains(names, "made by hand") || !slices.Contains(names, "FullAWSAccess") {
		p.t.Errorf("on the root are %v", names)
	}
}

// TestAcme is the life of the example organization: one step after the other,
// on one emulator.
func TestAcme(t *testing.T) {
	p := newPlace(t, filepath.Join("..", "..", "..", "examples", "acme"))
	p.known = []deployRole{p.deployRole()}
	hand := p.organizeByHand()
	step := func(name string, f func(t *testing.T)) {
		t.Helper()
		if !t.Run(name, func(t *testing.T) { p.t = t; p.Emulator.ResetCalls(); f(t) }) {
			t.FailNow()
		}
		p.t = t
	}
	step("reading commands write nothing", func(t *testing.T) {
		p.run(0, "validate")
		p.run(0, "plan")
		p.run(0, "render", "-o", filepath.Join(p.Dir, "rendered"))
		if n := len(p.Emulator.Calls()); n != 0 {
			t.Errorf("validate, plan and render made %d AWS calls", n)
		}
		p.run(0, "preview")
		p.wantWrites()
		if len(p.Emulator.Calls()) == 0 {
			t.Error("preview made no AWS call: it compared with nothing")
		}
	})
	step("empty to full", func(t *testing.T) {
		p.run(0, "up", "--yes")
		p.inPlace()
		p.survived(hand)
		if _, err := os.Stat(filepath.Join(p.Dir, "organization.lock.json")); err != nil {
			t.Errorf("the id of the account that was created is not kept: %v", err)
		}
	})
	step("a second up is empty and skips every stack", func(t *testing.T) {
		out := p.run(0, "up", "--yes")
		p.wantWrites()
		if strings.Contains(out.Stdout+out.Stderr, "updated") {
			t.Errorf("a stack was not skipped:\n%s%s", out.Stdout, out.Stderr)
		}
	})
	step("--all runs every stack and changes nothing", func(t *testing.T) {
		p.run(0, "up", "--yes", "--all")
		p.wantWrites()
		if len(p.Emulator.Calls()) == 0 {
			t.Error("no AWS call was made: nothing ran")
		}
	})
	step("a state that is lost is adopted, and up changes nothing", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Join(p.Dir, ".orgrails")); err != nil {
			t.Fatal(err)
		}
		out := p.run(0, "adopt", "--yes")
		p.wantWrites()
		if strings.Contains(out.Stdout, "adopt: 0 things") || !strings.Contains(out.Stdout, "nothing is left to change") {
			t.Errorf("not everything was adopted:\n%s", out.Stdout)
		}
		p.run(0, "up", "--yes")
		p.wantWrites()
	})
	step("one parameter changes one policy", func(t *testing.T) {
		p.edit(`maxHops: 2`, `maxHops: 3`)
		p.run(0, "up", "--yes")
		p.wantWrites("UpdatePolicy")
		p.inPlace()
	})
	step("an account moves in place", func(t *testing.T) {
		p.edit(`(?m)^ +data-platform: (\{id: .*\})\n`, "")
		p.edit(`(?m)^( +)(payments-dev: .*)$`, "$1$2\n${1}data-platform: {id: \"666666666666\", email: data@acme.example, name: Data Platform}")
		p.run(0, "up", "--yes", "--stack", "organization")
		p.wantWrites("MoveAccount")
		p.run(0, "up", "--yes")
		p.inPlace()
	})
	step("a renamed unit keeps its id", func(t *testing.T) {
		before := p.unitID("Workloads", "NonProd")
		p.edit(`(?m)^( +)NonProd:\n +was: \[Dev\].*$`, "${1}Test:\n$1  was: [NonProd]")
		p.edit(`in: Workloads/NonProd`, "in: Workloads/Test")
		p.run(0, "up", "--yes", "--stack", "organization")
		p.wantWrites("UpdateOrganizationalUnit")
		if after := p.unitID("Workloads", "Test"); after != before {
			t.Errorf("the unit was %s, now it is %s", before, after)
		}
		p.Emulator.ResetCalls()
		p.run(0, "up", "--yes")
		p.wantWrites("UpdatePolicy") // its policy has the unit's path in its name
		p.inPlace()
	})
	step("a changed e-mail or name of an account replaces nothing", func(t *testing.T) {
		p.edit(`data@acme.example, name: Data Platform`, "data-team@acme.example, name: Data Team")
		out := p.run(0, "up", "--yes")
		p.wantWrites()
		for _, s := range []string{"data-platform", "data-team@acme.example", "Data Team"} {
			if !strings.Contains(out.Stderr, s) {
				t.Errorf("nothing is said of %q:\n%s", s, out.Stderr)
			}
		}
		p.edit(`data-team@acme.example, name: Data Team`, "data@acme.example, name: Data Platform")
	})
	step("what leaves the file is removed", func(t *testing.T) {
		p.edit(`(?m)^    - protect-guardduty\n`, "")                     // a guardrail of a document that stays
		p.edit(`(?m)^ +guardrails: +# for this account alone\n.*\n`, "") // the only guardrail of a node
		p.edit(`(?ms)^  Vendor:\n.*?^  Deploy:`, "  Deploy:")            // a role
		p.edit(`(?m)^ +accounts:\n +legacy-shop: .*\n`, "")              // an account, the last of its unit
		out := p.run(0, "up", "--yes")
		for _, want := range []string{"DetachPolicy", "DeletePolicy", "DeleteRole"} {
			if !slices.Contains(p.writes(), want) {
				t.Errorf("no %s among the writing calls: %v", want, p.writes())
			}
		}
		if !strings.Contains(out.Stdout+out.Stderr, "legacy-shop") {
			t.Errorf("nothing is said of the account that left:\n%s%s", out.Stdout, out.Stderr)
		}
		p.inPlace()
		p.alive("888888888888")
	})
	step("an empty unit that leaves the file is deleted", func(t *testing.T) {
		p.moveToRoot("888888888888", p.unitID("Suspended"))
		p.edit(`(?ms)^    Suspended:\n.*?\n\n`, "\n")
		p.edit(`(?m)^.*in: Suspended,.*\n`, "")
		p.run(0, "up", "--yes")
		if !slices.Contains(p.writes(), "DeleteOrganizationalUnit") {
			t.Errorf("the unit was not deleted: %v", p.writes())
		}
		p.inPlace()
		p.alive("888888888888")
		p.survived(hand)
	})
	step("destroy leaves the organization, its units and its accounts", func(t *testing.T) {
		plan := p.plan()
		p.run(0, "destroy", "--yes")
		res, err := readback.Check(p.ctx, plan, p.Config)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range plan.Units {
			if res.IDs["unit:"+u.Path] == "" {
				t.Errorf("unit %s is gone", u.Path)
			}
		}
		for _, a := range plan.Accounts {
			p.alive(res.IDs["account:"+a.Key])
		}
		for ref, id := range res.IDs {
			if ref == "organization" || ref == "account:management" {
				continue
			}
			names := p.attachedTo(id, types.PolicyTypeServiceControlPolicy)
			if !slices.Contains(names, "FullAWSAccess") || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "orgrails-") }) {
				t.Errorf("on %s are %v", ref, names)
			}
		}
		for _, gone := range []string{"role Auditor in security does not exist", "boundary developer in payments-prod does not exist", "analyzer orgrails-external in eu-west-1 does not exist"} {
			if !slices.Contains(res.Problems, gone) {
				t.Errorf("after destroy, reading back does not say: %s", gone)
			}
		}
		for _, kept := range res.Problems {
			if strings.HasPrefix(kept, "password policy") {
				t.Errorf("a password policy was not retained: %s", kept)
			}
		}
		p.survived(hand)
	})
	step("no credential was written or said", func(t *testing.T) { p.noCredentials() })
	if p.asked < 500 {
		t.Errorf("only %d calls were held against the policies of the deploying principals", p.asked)
	}
}

// unitID follows the names from the root.
func (p *place) unitID(names ...string) string {
	p.t.Helper()
	o := p.organizations()
	id := *must[*organizations.ListRootsOutput](p.t)(o.ListRoots(p.ctx, &organizations.ListRootsInput{})).Roots[0].Id
	for _, name := range names {
		units := must[*organizations.ListOrganizationalUnitsForParentOutput](p.t)(o.ListOrganizationalUnitsForParent(p.ctx,
			&organizations.ListOrganizationalUnitsForParentInput{ParentId: &id})).OrganizationalUnits
		i := slices.IndexFunc(units, func(u types.OrganizationalUnit) bool { return *u.Name == name })
		if i < 0 {
			p.t.Fatalf("no unit %s", strings.Join(names, "/"))
		}
		id = *units[i].Id
	}
	return id
}

// alive wants an account that is active.
func (p *place) alive(id string) {
	p.t.Helper()
	a := must[*organizations.DescribeAccountOutput](p.t)(p.organizations().DescribeAccount(p.ctx, &organizations.DescribeAccountInput{AccountId: &id})).Account
	if a.Status != types.AccountStatusActive {
		p.t.Errorf("account %s is %s", id, a.Status)
	}
}

func (p *place) moveToRoot(account, from string) {
	p.t.Helper()
	root := p.unitID()
	must[*organizations.MoveAccountOutput](p.t)(p.organizations().MoveAccount(p.ctx,
		&organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &root}))
	p.Emulator.ResetCalls()
}
