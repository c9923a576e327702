package config

import "testing"

func TestLoadAcme(t *testing.T) {
	f, ds, err := Load("../../examples/acme/organization.yaml", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		t.Errorf("%s: %s [%s]\n  %s", d.Range, d.Summary, d.Code, d.Hint)
	}
	if got := len(f.Organization.Accounts); got != 8 {
		t.Errorf("%d member accounts", got)
	}
}
