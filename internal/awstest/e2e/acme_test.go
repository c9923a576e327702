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
	step("one parameter changes one policy", func(t *testing.T) {
		p.edit(`(regions: \[)eu-central-1, eu-west-1(\])`, "${1}eu-central-1, eu-west-1, eu-north-1$2")
		p.run(0, "up", "--yes", "--stack", "policies")
		p.wantWrites("UpdatePolicy")
	})
}
