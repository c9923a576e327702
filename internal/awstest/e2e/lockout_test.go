package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLockedOutByWhatIsInForce deploys a policy that denies IAM to everybody,
// whose loss is accepted. The next deployment, which takes it away and changes
// a role, is refused before it does anything: the policy is still in force while
// the accounts are deployed. Deployed first, the policies let the rest pass.
func TestLockedOutByWhatIsInForce(t *testing.T) {
	p := newPlace(t, filepath.Join("testdata", "small"))
	p.run(0, "up", "--yes")
	src, err := os.ReadFile(p.File())
	if err != nil {
		t.Fatal(err)
	}
	lock := `{"Version": "2012-10-17", "Statement": [{"Sid": "NoIAM", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}`
	if err := os.WriteFile(filepath.Join(filepath.Dir(p.File()), "lock.json"), []byte(lock), 0o644); err != nil {
		t.Fatal(err)
	}
	locked := strings.Replace(string(src), "\n  guardrails: [", "\n  guardrails: [{file: lock.json, type: SERVICE_CONTROL_POLICY}, ", 1)
	if locked == string(src) {
		t.Fatal("the file asks for nothing at the root")
	}
	if err := os.WriteFile(p.File(), []byte(locked), 0o644); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()
	out := p.run(1, "up", "--yes")
	if !strings.Contains(out.Stderr, "[GR390]") || !strings.Contains(out.Stderr, "it is denied by lock.json") {
		t.Fatalf("not refused for what it loses:\n%s", out.Stderr)
	}
	p.wantWrites()
	var accept []string
	for _, word := range strings.Fields(out.Stderr) { // each id follows --accept-lockout, perhaps on the next line
		if word == "|" {
			continue
		}
		if n := len(accept); n > 0 && accept[n-1] == "--accept-lockout" {
			accept = append(accept, word)
		} else if word == "--accept-lockout" {
			accept = append(accept, word)
		}
	}
	p.run(0, append([]string{"up", "--yes", "--stack", "organization", "--stack", "policies"}, accept...)...)

	if err := os.WriteFile(p.File(), src, 0o644); err != nil {
		t.Fatal(err)
	}
	p.Emulator.ResetCalls()
	out = p.run(1, "up", "--yes")
	if !strings.Contains(out.Stderr, "with the policies in force now") || !strings.Contains(out.Stderr, "deploy the policies before the rest") {
		t.Fatalf("not refused for what is in force:\n%s", out.Stderr)
	}
	p.wantWrites()
	p.run(1, "preview")
	p.run(0, "up", "--yes", "--stack", "organization", "--stack", "policies")
	p.run(0, "up", "--yes")
	p.inPlace()
}
