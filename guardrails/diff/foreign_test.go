package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
)

const (
	shopLine = "        shop: {id: \"555555555555\", email: shop@acme.example}\n"
	archive  = "      accounts:\n        log-archive"
	denyS3   = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:*"],"Resource":["*"]}]}`
	denyPath = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:*"],"Resource":["*"],"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-*/r-*/ou-abcd-22222222/*"]}}}]}`
)

// Policies that others manage are compared where their content is known, and
// what is not known is never called none.
func TestPoliciesOfOthers(t *testing.T) {
	moved := edit(t, shopLine, "", archive, strings.Replace(archive, "        log-archive", shopLine+"        log-archive", 1))
	fx := func(typ, content string, targets ...string) []guardrails.ForeignPolicy {
		return []guardrails.ForeignPolicy{{Type: typ, Name: "fx", Content: guardrails.Text(content), Targets: targets, Origin: "organization.yaml:40:5"}}
	}
	scp := func(content string, targets ...string) []guardrails.ForeignPolicy {
		return fx("SERVICE_CONTROL_POLICY", content, targets...)
	}
	security, workloads := "unit:Security", "unit:Workloads"
	for _, c := range []struct {
		name            string
		move            bool
		before, after   []guardrails.ForeignPolicy
		denied, allowed diff.Verdict
		others          string // and guardrails
	}{
		{"an account moves under one that asks for the place", true, scp(denyPath, "root"), scp(denyPath, "root"), diff.Unknown, diff.Some, ""},
		{"an account moves under one that may ask for the place", true, scp("", "root"), scp("", "root"), diff.Unknown, diff.Some, ""},
		{"an account moves under one that does not ask", true, scp(denyS3, "root"), scp(denyS3, "root"), diff.None, diff.Some, ""},
		{"an account moves away from one of unknown content", true, scp("", workloads), scp("", workloads), diff.Unknown, diff.Some, ""},
		{"one of unknown content comes where nobody is", false, nil, scp("", "account:management"), diff.None, diff.None, "added policy that others manage fx"},
		{"one of unknown content comes", false, nil, scp("", workloads), diff.Unknown, diff.None, "added policy that others manage fx"},
		{"one of unknown content goes", false, scp("", workloads), nil, diff.None, diff.Unknown, "removed policy that others manage fx"},
		{"one of unknown content is attached elsewhere", false, scp("", workloads), scp("", security), diff.Unknown, diff.Unknown, "changed policy that others manage fx"},
		{"one of unknown content stays", false, scp("", workloads), scp("", workloads), diff.None, diff.None, ""},
		{"a content is not given any more", false, scp(denyS3, workloads), scp("", workloads), diff.Unknown, diff.Unknown, "changed policy that others manage fx"},
		{"a content is given", false, scp("", workloads), scp(denyS3, workloads), diff.Unknown, diff.Unknown, "changed policy that others manage fx"},
		{"one of known content comes", false, nil, scp(denyS3, workloads), diff.Some, diff.None, "added policy that others manage fx; added fx at unit:Workloads"},
		{"a known content changes", false, scp(denyPath, workloads), scp(denyS3, workloads), diff.Some, diff.None, "changed policy that others manage fx; changed fx at unit:Workloads"},
		{"a declarative one comes", false, nil, fx("TAG_POLICY", "", workloads), diff.Unknown, diff.Unknown, "added policy that others manage fx"},
		{"a declarative one that denies nothing comes", false, nil, fx("BACKUP_POLICY", "", workloads), diff.None, diff.None, "added policy that others manage fx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := plan(t, acme), plan(t, acme)
			if c.move {
				after = plan(t, moved)
			}
			if c.before != nil {
				before.Elsewhere = c.before
			}
			if c.after != nil {
				after.Elsewhere = c.after
			}
			d, err := diff.Diff(before, after, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d.NewlyDenied != c.denied || d.NewlyAllowed != c.allowed {
				t.Errorf("newly denied %s, want %s; newly allowed %s, want %s; not compared %v, effects %v", d.NewlyDenied, c.denied, d.NewlyAllowed, c.allowed, d.NotCompared, d.Effects)
			}
			var got []string
			for _, o := range d.Others {
				if c.move {
					break
				}
				got = append(got, fmt.Sprintf("%s %s %s", o.Change, o.What, o.Name))
			}
			for _, g := range d.Guardrails {
				if !c.move {
					got = append(got, fmt.Sprintf("%s %s%s at %s", g.Change, g.Guardrail, g.Policy, g.Target))
				}
			}
			if s := strings.Join(got, "; "); s != c.others {
				t.Errorf("got %s\nwant %s", s, c.others)
			}
			if same := !c.move && c.others == ""; d.Same() != same {
				t.Errorf("same: %v", d.Same())
			}
		})
	}
}
