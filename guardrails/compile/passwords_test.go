package compile

import (
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/org"
)

func ptr[T any](v T) *T { return &v }

func TestPasswordPolicies(t *testing.T) {
	a := newAcme()
	yes := true
	a.PasswordPolicies = []org.PasswordPolicy{
		{Key: "default", Preset: "cis-passwords", MaxAgeDays: ptr(90), Targets: a.targets("root", "management"), Exclude: a.targets("log"), Range: a.next()},
		{Key: "strict", MinimumLength: ptr(20), RequireUppercase: &yes, RequireLowercase: &yes, RequireNumbers: &yes, RequireSymbols: &yes,
			MaxAgeDays: ptr(0), ReusePrevention: ptr(0), HardExpiry: ptr(false), UsersMayChange: &yes, Targets: a.targets("Workloads/Prod"), Range: a.next()},
	}
	p, _ := a.compile(t)
	want := guardrails.PasswordPolicy{MinimumPasswordLength: 14, RequireNumbers: true, MaxPasswordAge: 90, PasswordReusePrevention: 24, AllowUsersToChangePassword: true, Origin: "organization.yaml:14:3"}
	for _, key := range []string{"management", "dev", "play"} {
		if got := baseline(t, p, key).PasswordPolicy; got == nil || *got != want {
			t.Errorf("%s has %+v, want %+v", key, got, want)
		}
	}
	if got := baseline(t, p, "shop").PasswordPolicy; got == nil || got.MinimumPasswordLength != 20 || got.MaxPasswordAge != 0 {
		t.Errorf("the nearest target wins: %+v", got)
	}
	if baseline(t, p, "log").PasswordPolicy != nil {
		t.Error("log is excluded")
	}
}

func TestRefusedPasswordPolicies(t *testing.T) {
	a := newAcme()
	a.PasswordPolicies = []org.PasswordPolicy{
		{Key: "a", Preset: "cis-passwords", Targets: a.targets("Workloads"), Range: a.next()},
		{Key: "b", Preset: "cis-passwords", Targets: a.targets("Workloads"), Range: a.next()},
		{Key: "c", MinimumLength: ptr(20), Targets: a.targets("Sandbox"), Range: a.next()},
		{Key: "d", Preset: "cis", Targets: a.targets("Security"), Range: a.next()},
		{Key: "e", Preset: "protect-trails", Targets: a.targets("management"), Range: a.next()},
	}
	p, ds := Compile(a.Organization, testCatalog(t), Options{AsOf: asOf})
	d := expect(t, p, ds, "GR330", "organization.yaml:15:", "a and b are equally near")
	if len(d.Related) != 1 || d.Related[0].Range.Start.Line != 14 {
		t.Errorf("%+v", d)
	}
	d = expect(t, p, ds, "GR331", "leaves requireUppercase, requireLowercase, requireNumbers and 5 more unset")
	if !strings.Contains(d.Hint, "all nine") {
		t.Errorf("%+v", d)
	}
	expect(t, p, ds, "GR303", `no password policy preset has the id "cis"`, `did you mean "cis-passwords"`)
	expect(t, p, ds, "GR303", "protect-trails is a service control policy and no password policy preset")
}
