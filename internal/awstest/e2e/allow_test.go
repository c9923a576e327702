package e2e

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// order are the attachments and detachments since the last reset, in the order
// in which AWS saw them.
func (p *place) order() []string {
	var ops []string
	for _, c := range p.Emulator.Calls() {
		if c.Write && c.ErrorCode == "" && (c.Operation == "AttachPolicy" || c.Operation == "DetachPolicy") {
			ops = append(ops, c.Operation)
		}
	}
	return ops
}

// TestAllowList puts a list in the place of FullAWSAccess, and takes it away
// again, with the real engine: a node always has a policy that allows.
func TestAllowList(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	p.run(0, "up", "--yes")
	p.Emulator.ResetCalls()
	const list = `allowList: [ec2, s3, iam, sts, cloudtrail, support, health, ce, billing, account, signin, organizations]`
	p.edit(`(    Workloads:\n)`, "${1}      "+list+"\n")
	p.run(0, "up", "--yes")
	if got := p.order(); !slices.Equal(got, []string{"AttachPolicy", "DetachPolicy"}) {
		t.Fatalf("attached and detached: %v", got)
	}
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes", "--all")
	p.wantWrites()

	p.edit(`      allowList: \[ec2, `, "      allowList: [ec2, kms, ") // the list itself changes in one step
	p.run(0, "up", "--yes")
	p.wantWrites("UpdatePolicy")
	p.inPlace()

	p.Emulator.ResetCalls()
	p.edit(`      allowList: .*\n`, "")
	p.run(0, "up", "--yes")
	if got := p.order(); !slices.Equal(got, []string{"AttachPolicy", "DetachPolicy"}) {
		t.Fatalf("attached and detached: %v", got)
	}
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes", "--all") // what was given back belongs to nobody, and stays
	p.wantWrites()
	p.run(0, "up", "--yes", "--all")
	p.wantWrites()
	p.inPlace()

	p.edit(`(    Workloads:\n)`, "${1}      "+list+"\n")
	p.run(0, "up", "--yes")
	p.Emulator.ResetCalls()
	p.run(0, "destroy", "--yes")
	if got := p.order(); len(got) == 0 || got[0] != "AttachPolicy" {
		t.Errorf("destroy begins with %v", got)
	}
	full := "p-FullAWSAccess"
	out := must[*organizations.ListTargetsForPolicyOutput](t)(p.organizations().ListTargetsForPolicy(p.ctx, &organizations.ListTargetsForPolicyInput{PolicyId: &full}))
	units := 0
	for _, target := range out.Targets {
		if target.Type == types.TargetTypeOrganizationalUnit {
			units++
		}
	}
	if units != 3 {
		t.Errorf("FullAWSAccess is attached to %d units, want 3", units)
	}
}

// TestAllowListOfRenamedUnit gives a unit with an allow list other keys: it does
// not lose FullAWSAccess a second time, and gets it back.
func TestAllowListOfRenamedUnit(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	const list = `allowList: [ec2, s3, iam, sts, cloudtrail, support, health, ce, billing, account, signin, organizations]`
	p.edit(`(    Workloads:\n)`, "${1}      "+list+"\n")
	p.run(0, "up", "--yes")
	p.inPlace()

	p.edit(`    Workloads:\n`, "    Apps:\n      was: [Workloads]\n")
	p.edit(`targets: \[Workloads\]`, "targets: [Apps]")
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	if got := p.order(); len(got) > 0 {
		t.Errorf("attached and detached: %v", got)
	}
	p.inPlace()

	p.edit(`    Apps:\n      was: \[Workloads\]\n`, "    Work:\n      was: [Apps, Workloads]\n")
	p.edit(`targets: \[Apps\]`, "targets: [Work]")
	p.edit(`      allowList: .*\n`, "") // the list goes with the name
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes")
	if got := p.order(); !slices.Equal(got, []string{"AttachPolicy", "DetachPolicy"}) {
		t.Errorf("attached and detached: %v", got)
	}
	p.inPlace()
	p.Emulator.ResetCalls()
	p.run(0, "up", "--yes", "--all")
	p.wantWrites()
}
