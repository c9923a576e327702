package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/diff"
)

// sampleDifference has every part of a difference.
func sampleDifference() *diff.Difference {
	region := map[string][]string{"aws:PrincipalArn": {"arn:aws:iam::444444444444:role/Admin"}, "aws:RequestedRegion": {"us-east-1"}, "aws:SourceIp": {"203.0.113.9"}}
	return &diff.Difference{
		Before: "sha256:aa", After: "sha256:bb", NewlyDenied: diff.Some, NewlyAllowed: diff.Some,
		Effects: []diff.Effect{
			{Change: diff.Denied, Type: "SERVICE_CONTROL_POLICY", Accounts: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, ActionKnown: true,
				Sources: []diff.Source{{Guardrail: "restrict-regions", Sid: "Regions", Policy: "orgrails-scp-root", Target: "root", Origin: "organization.yaml:9:3"}},
				Request: &diff.Request{Principal: "arn:aws:iam::444444444444:role/Admin", Action: "ec2:RunInstances", Resource: "*", Context: region}},
			{Change: diff.Denied, Type: "SERVICE_CONTROL_POLICY", Accounts: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, ActionKnown: true,
				Sources: []diff.Source{{Guardrail: "restrict-regions", Sid: "Regions2", Policy: "orgrails-scp-root", Target: "root", Origin: "organization.yaml:9:3"}},
				Request: &diff.Request{Principal: "arn:aws:iam::444444444444:role/Admin", Action: "account:EnableRegion", Resource: "*"}},
			{Change: diff.Denied, Type: "RESOURCE_CONTROL_POLICY", Accounts: []string{"payments"}, Unknown: "it hangs on what the policy variable ${aws:`x`} stands for",
				Sources: []diff.Source{{Guardrail: "policies/own.json", Target: "unit:Workloads/Prod", Origin: "organization.yaml:12:3"}, {Guardrail: "policies/own.json", Target: "account:payments", Origin: "organization.yaml:14:3"}}},
			{Change: diff.Allowed, Type: "PERMISSIONS_BOUNDARY", Accounts: []string{"payments"}, Sources: []diff.Source{{Policy: "developer", Origin: "organization.yaml:30:3"}},
				Request: &diff.Request{Principal: "arn:aws:iam::444444444444:role/Admin", Action: "s3:NewAction", Resource: "arn:aws:s3:::b|<b>", Context: map[string][]string{"aws:PrincipalTag/x": {""}}}},
		},
		NotCompared: []diff.NotCompared{{What: "what the groups that came, went or changed may do", MayAllow: true}, {What: "who may assume the roles whose trust changed", MayDeny: true, MayAllow: true}},
		Guardrails: []diff.Guardrail{
			{Change: diff.Added, Type: "SERVICE_CONTROL_POLICY", Guardrail: "deny-iam-users", Target: "unit:Security", Sids: []string{"A"}, After: "organization.yaml:13:3"},
			{Change: diff.Changed, Type: "SERVICE_CONTROL_POLICY", Guardrail: "restrict-regions", Target: "root", Sids: []string{"B"}, Before: "organization.yaml:9:3", After: "organization.yaml:10:3"},
			{Change: diff.Moved, Type: "SERVICE_CONTROL_POLICY", Guardrail: "protect-config", Target: "root", From: "unit:Workloads", Sids: []string{"C"}, Before: "organization.yaml:9:3", After: "organization.yaml:11:3"},
			{Change: diff.Removed, Type: "SERVICE_CONTROL_POLICY", Policy: "aws-guardrails-AbCdEf", Target: "unit:Workloads", Sids: []string{""}, Before: "organization.yaml:44:5"},
		},
		Exceptions: []diff.Exception{{Change: diff.Removed, Key: "bedrock-us", Guardrail: "restrict-regions", Expires: "2027-04-01T00:00:00Z", Origin: "organization.yaml:40:3"}},
		Documents: []diff.Document{
			{Change: diff.Changed, Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-Apps", Was: "orgrails-scp-Workloads", Attached: []string{}, Detached: []string{}},
			{Change: diff.Moved, Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-root", Attached: []string{"root", "account:x"}, Detached: []string{"unit:Security"}},
		},
		Accounts: []diff.Account{{Change: diff.Added, Account: "new", To: "root"}, {Change: diff.Moved, Account: "shop", Was: "store", From: "unit:Workloads", To: "unit:Security"}},
		Others:   []diff.Other{{Change: diff.Changed, What: "trust of role", Name: "Admin", Accounts: []string{"payments"}}, {Change: diff.Added, What: "unit", Name: "Other", Accounts: []string{}}},
	}
}

func TestDifference(t *testing.T) {
	d := sampleDifference()
	var text, comment, data bytes.Buffer
	if err := DifferenceText(&text, d, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "difference.txt", text.String())
	if err := DifferenceMarkdown(&comment, d); err != nil {
		t.Fatal(err)
	}
	golden(t, "difference.md", comment.String())
	if err := DifferenceJSON(&data, d); err != nil {
		t.Fatal(err)
	}
	var back diff.Difference
	if err := json.Unmarshal(data.Bytes(), &back); err != nil || !reflect.DeepEqual(&back, d) {
		t.Errorf("%v: got %+v", err, back)
	}
}

func TestAStatementAtManyNodes(t *testing.T) {
	d := sampleDifference()
	for i := range 40 {
		d.Effects[0].Sources = append(d.Effects[0].Sources, diff.Source{Guardrail: "g", Target: fmt.Sprint("unit:U", i), Origin: "o:1:1"})
	}
	var b bytes.Buffer
	if err := DifferenceText(&b, d, Options{}); err != nil || !strings.Contains(b.String(), "and g at U1  o:1:1, and 38 more\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestDifferenceHeadlines(t *testing.T) {
	one := diff.Effect{Change: diff.Denied, Accounts: []string{"a"}, Request: &diff.Request{}}
	open := []diff.NotCompared{{What: "x", MayDeny: true}}
	for _, c := range []struct {
		d    diff.Difference
		want string
	}{
		{diff.Difference{}, "Nothing differs."},
		{diff.Difference{NewlyDenied: diff.None, NewlyAllowed: diff.Unknown, Others: []diff.Other{{}}}, "Nothing loses access. It is not known whether anything gains access."},
		{diff.Difference{NewlyDenied: diff.Some, NewlyAllowed: diff.None, Effects: []diff.Effect{one}}, "1 account loses access. Nothing gains access."},
		{diff.Difference{NewlyDenied: diff.Some, NewlyAllowed: diff.None, Effects: []diff.Effect{one}, NotCompared: open}, "1 account loses access, and more may. Nothing gains access."},
	} {
		if got := strings.Join(headline(&c.d), " "); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// No name can turn a line of a terminal or of a comment into something else.
func TestDifferenceOfHostileNames(t *testing.T) {
	const evil = "x`\n### @everyone <script> \x1b[31m``"
	d := sampleDifference()
	d.Guardrails[0].Guardrail, d.Accounts[0].Account, d.Effects[2].Unknown = evil, evil, evil
	for format, write := range map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return DifferenceText(w, d, Options{}) },
		"markdown": func(w io.Writer) error { return DifferenceMarkdown(w, d) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if s := b.String(); strings.Contains(s, "\n### @") || strings.Contains(s, "\x1b") {
			t.Errorf("%s:\n%s", format, s)
		}
	}
	if got, want := code(evil), "``` "+Escape(evil)+" ```"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A comment on a pull request takes 65,536 characters.
func TestCommentsAreShort(t *testing.T) {
	d := sampleDifference()
	effects, guardrails := d.Effects, d.Guardrails
	for i := range 5000 {
		e := d.Effects[i%3]
		e.Accounts = []string{fmt.Sprint("account-", i)}
		effects = append(effects, e)
		guardrails = append(guardrails, d.Guardrails[i%3])
		d.Accounts = append(d.Accounts, diff.Account{Change: diff.Added, Account: fmt.Sprintf("account-%d", i), To: "root"})
	}
	for i := range 40 {
		e := d.Effects[0]
		r := *e.Request
		e.Change, r.Context = diff.Allowed, map[string][]string{}
		for j := range 10 {
			r.Context[fmt.Sprintf("aws:PrincipalTag/%d", j)] = []string{strings.Repeat("x", 200)}
		}
		e.Sources, e.Request = []diff.Source{{Guardrail: fmt.Sprint("g", i%20), Target: "root", Origin: "o:1:1"}}, &r
		effects = append(effects, e, e, e, e, e)
	}
	d.Effects, d.Guardrails = effects, guardrails
	var b bytes.Buffer
	if err := DifferenceMarkdown(&b, d); err != nil || b.Len() > 65_536 || !strings.Contains(b.String(), "- and 4,977 more\n") || !strings.Contains(b.String(), "  - and 5 more\n") {
		t.Errorf("%v: %d characters\n%s", err, b.Len(), b.String())
	}
}
