package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
)

func TestBuiltinTemplatesAreRight(t *testing.T) {
	ts, ds := BuiltinTemplates()
	if len(ds) > 0 {
		t.Errorf("mistakes:\n%s", show(ds))
	}
	if len(ts) < 15 {
		t.Errorf("%d templates", len(ts))
	}
	c, ds := catalog.New(ts)
	if len(ds) > 0 || len(c.All()) != len(ts) {
		t.Errorf("mistakes:\n%s", show(ds))
	}
	for _, tpl := range ts {
		if want := "templates/" + tpl.ID + ".yaml"; tpl.Range.File != want || tpl.Range.Start.Line == 0 {
			t.Errorf("%s is at %+v", tpl.ID, tpl.Range)
		}
	}
	ts[0].ID = "changed"
	if again, _ := BuiltinTemplates(); again[0].ID == "changed" {
		t.Error("the caller changed the built-in templates")
	}
}

const ownTemplate = `id: our-rule
title: Nobody shares outside
stops: Sharing a resource with an account outside the organization.
breaks: Sharing with partners.
avoid: Where partners need shares.
type: SERVICE_CONTROL_POLICY
severity: medium
references: ["https://docs.aws.amazon.com/ram/latest/userguide/security-iam.html"]
parameters:
  actions: {description: Actions to deny., type: actions, default: ["ram:CreateResourceShare"], minItems: 1}
statements:
  - {sid: DenySharing, effect: Deny, action: ["{{actions}}"], resource: ["*"]}
vectors:
  - {name: a share, expect: deny, principal: "arn:aws:iam::111122223333:role/a", action: "ram:CreateResourceShare"}
  - {name: a look, expect: allow, principal: "arn:aws:iam::111122223333:role/a", action: "ram:GetResourceShares"}
  - {name: another share, expect: deny, principal: "arn:aws:iam::111122223333:user/a", action: "ram:CreateResourceShare"}
  - {name: a list, expect: allow, principal: "arn:aws:iam::111122223333:role/a", action: "ram:ListResources"}
`

func TestParseTemplate(t *testing.T) {
	tpl, ds := ParseTemplate("our-rule.yaml", []byte(ownTemplate))
	if len(ds) > 0 {
		t.Fatal(show(ds))
	}
	if tpl.ID != "our-rule" || tpl.Range.Start.Column != 5 || tpl.Statements[0].Action[0] != "{{actions}}" ||
		tpl.Parameters["actions"].Default.([]any)[0] != "ram:CreateResourceShare" || len(tpl.Vectors) != 4 || *tpl.Parameters["actions"].MinItems != 1 {
		t.Errorf("%+v", tpl)
	}
	for _, text := range []string{"", "- a", "id: x\nid: y", "id: [", "\xff", strings.Repeat("x", MaxFileSize+1)} {
		if _, ds := ParseTemplate("t.yaml", []byte(text)); !ds.HasErrors() {
			t.Errorf("%.20q is a template", text)
		}
	}
}

func TestOwnTemplatesAreLikeBuiltinOnes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "organization.yaml")
	write(t, file, strings.Replace(minimal, "root: {guardrails: [", "templates: [our-rule.yaml]\nroot: {guardrails: [our-rule, ", 1))
	write(t, filepath.Join(dir, "our-rule.yaml"), ownTemplate)
	f, ds, err := Load(file, Options{AsOf: asOf})
	if err != nil || len(ds) > 0 {
		t.Fatal(err, show(ds))
	}
	if _, ok := f.Catalog.Lookup("our-rule"); !ok || f.Organization.Root.Uses[0].Template != "our-rule" {
		t.Error("our-rule is not in the catalogue, or not in use")
	}
	if f.Sources[filepath.Join(dir, "our-rule.yaml")] == nil {
		t.Error("the template is not among the sources")
	}
	// An id that a built-in template has is refused, at the user's file.
	write(t, filepath.Join(dir, "our-rule.yaml"), strings.Replace(ownTemplate, "id: our-rule", "id: deny-all", 1))
	_, ds, err = Load(file, Options{AsOf: asOf})
	if err != nil || !ds.HasErrors() || !strings.HasSuffix(ds[0].Range.File, "our-rule.yaml") {
		t.Error(err, show(ds))
	}
}
