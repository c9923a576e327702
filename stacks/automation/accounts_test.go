package automation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

func TestAccountRows(t *testing.T) {
	p := &guardrails.Plan{
		IDs:   map[string]string{"account:a": "1", "account:gone": "9"},
		Units: []guardrails.Unit{{Path: "W", Name: "Work", Parent: "root"}, {Path: "W/P", Name: "Prod", Parent: "W"}},
		Accounts: []guardrails.Account{
			{Key: "a", Name: "A", Email: "a@acme.example", Parent: "W/P"}, {Key: "b", Name: "B", Email: "B@acme.example", Parent: "root"},
			{Key: "gone", Name: "G", Email: "g@acme.example", Parent: "root"}, {Key: "new", Name: "N", Email: "n@acme.example", Parent: "root"},
		},
	}
	all := map[string]live.Standing{
		"1": {ID: "1", Name: "A", Email: "a@acme.example", Status: "ACTIVE"},
		"2": {ID: "2", Name: "Bee", Email: "b@acme.example", Status: "SUSPENDED"},
		"3": {ID: "3", Name: "M", Email: "m@acme.example", Status: "ACTIVE"},
		"4": {ID: "4", Name: "X", Email: "x@acme.example", Status: "ACTIVE"},
	}
	var got []string
	for _, r := range rows(p, "3", all, map[string]string{"1": "Work/Prod", "2": "Work", "3": "root", "4": "root"}) {
		got = append(got, fmt.Sprintf("%s %s %s %s: %s", r.Key, r.ID, r.Status, r.Unit, strings.Join(r.Differs, "; ")))
	}
	want := []string{
		"a 1 ACTIVE Work/Prod: ",
		"b 2 SUSPENDED Work: its id is in neither the file nor organization.lock.json: up and adopt find it by its e-mail; the file has it, and AWS has closed it: take it out of the file; the file has it in root; AWS calls it Bee",
		"gone   : the organization has no account 9",
		"new   : up creates it",
		"management 3 ACTIVE root: ",
		" 4 ACTIVE root: the file does not have it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWithoutAccount(t *testing.T) {
	state := `{"manifest":{},"resources":[
		{"urn":"urn:s","type":"pulumi:pulumi:Stack","outputs":{"accountIds":{"a":"1","b":"2"}}},
		{"urn":"x::organization-account-a","type":"aws:organizations/account:Account","id":"1"},
		{"urn":"x::organization-account-b","type":"aws:organizations/account:Account","id":"2","dependencies":["x::organization-account-a","x::u"],
		 "propertyDependencies":{"parentId":["x::organization-account-a"]}}]}`
	out, gone, err := withoutAccount(json.RawMessage(state), "1")
	if err != nil || !slices.Equal(gone, []string{"organization-account-a"}) {
		t.Fatal(gone, err)
	}
	if s := string(out); strings.Contains(s, "account-a") || strings.Contains(s, `"a":"1"`) || !strings.Contains(s, `"b":"2"`) || !strings.Contains(s, `"dependencies":["x::u"]`) {
		t.Errorf("the state is %s", s)
	}
	if out, gone, err := withoutAccount(json.RawMessage(state), "7"); err != nil || gone != nil || string(out) != state {
		t.Errorf("without an account that is not in it: %s %v %v", out, gone, err)
	}
}
