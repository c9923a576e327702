package draft_test

import (
	"slices"
	"strings"
	"testing"
)

// Services that are trusted besides those that the file needs are named; what
// the plan would turn on is said.
func TestTrustedServices(t *testing.T) {
	s := deployed(t, small(t, ""), func(s object) {
		add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		s["trustedServices"] = []string{"cloudtrail.amazonaws.com", "config.amazonaws.com", "guardduty.amazonaws.com", "ram.amazonaws.com", "sso.amazonaws.com"}
		s["delegatedAdministrators"] = []any{object{"account": lab, "services": []string{"guardduty.amazonaws.com", "macie.amazonaws.com"}}}
	})
	d, plan := drafted(t, s)
	if want := "# not in the file, and left on: trusted access of 4 services: cloudtrail.amazonaws.com, config.amazonaws.com, ram.amazonaws.com and 1 more\n"; !strings.Contains(strings.ReplaceAll(string(d.File), "\n# ", " "), strings.TrimPrefix(want, "# ")) {
		t.Errorf("%s", d.File)
	}
	note := "trusted access of macie.amazonaws.com is off in AWS, and its plan turns it on, since the account lab administers the service"
	if !slices.Equal(d.Notes, []string{note}) || !slices.Equal(plan.Organization.TrustedServices, []string{"guardduty.amazonaws.com", "macie.amazonaws.com"}) {
		t.Errorf("%q, %v", d.Notes, plan.Organization.TrustedServices)
	}
}
