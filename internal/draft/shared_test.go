package draft_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
)

// defaulted are service control policies of the catalogue that need no parameters.
func defaulted(n int) string {
	ts, _ := config.BuiltinTemplates()
	var ids []string
	for _, t := range catalog.Known(ts).All() {
		needs := false
		for _, p := range t.Parameters {
			needs = needs || p.Default == nil
		}
		if t.Type == catalog.ServiceControlPolicy && !needs && t.ID != "require-permissions-boundary" && t.ID != "deny-all" && len(ids) < n {
			ids = append(ids, t.ID)
		}
	}
	return strings.Join(ids, ", ")
}

// Policies of ours come out as they are whatever their names come from: several
// sets, templates and documents that nodes share, and parts of what had no room
// in one document.
func TestSharedAndSplit(t *testing.T) {
	document := func(i int) []byte {
		return []byte(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::b%d-%s"}]}`, i, strings.Repeat("x", 4000)))
	}
	two := func(guardrails string) string {
		return fmt.Sprintf(`
    A: {id: ou-ab12-00000003, guardrails: [%s], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
    B: {id: ou-ab12-00000004, guardrails: [%s], accounts: {bb: {id: "555555555555", email: b@acme.example}}}
`, guardrails, guardrails)
	}
	one := func(guardrails string) string {
		return fmt.Sprintf(`
    A: {id: ou-ab12-00000003, guardrails: [%s], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
`, guardrails)
	}
	const file = "{file: policies/%s.json, type: SERVICE_CONTROL_POLICY}"
	a, b, c := fmt.Sprintf(file, "a"), fmt.Sprintf(file, "b"), fmt.Sprintf(file, "c")
	for _, test := range []struct{ name, more, policy string }{
		{"a set and a template", two("base, require-imdsv2") + "sets: {base: [deny-leave-organization, deny-root-user]}\n", "shared:base+require-imdsv2"},
		{"two sets", two("base, more") + "sets: {base: [deny-leave-organization, deny-root-user], more: [require-imdsv2]}\n", "shared:base+more"},
		{"a set and a template with parameters", two("base, {template: restrict-instance-types, parameters: {types: [t3.*]}}") + "sets: {base: [deny-leave-organization]}\n", "shared:base+restrict-instance-types~"},
		{"a set of policies of two types", two("base") + "sets: {base: [deny-leave-organization, data-perimeter-identity]}\n", "rcp-shared:base"},
		{"a document", two(a), "shared:policies/a.json"},
		{"a set and a document", two("base, "+a) + "sets: {base: [deny-leave-organization, deny-root-user]}\n", "shared:base+policies/a.json"},
		{"a set of a template and a document", two("base") + "sets: {base: [deny-leave-organization, " + a + "]}\n", "shared:base"},
		{"documents in two parts", one(a + ", " + b + ", " + c + ", deny-root-user"), "scp-A.2"},
		{"guardrails in two parts", one(defaulted(40)), "scp-A.2"},
		{"guardrails in three parts", one(defaulted(66)), "scp-A.3"},
		{"guardrails in four parts", one(defaulted(84)), "scp-A.4"},
		{"a set in two parts", two("base") + "sets: {base: [" + defaulted(40) + "]}\n", "shared:base.2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := planOf(t, map[string][]byte{"organization.yaml": []byte(smallText + test.more), "policies/a.json": document(1), "policies/b.json": document(2), "policies/c.json": document(3)})
			named := false
			for _, p := range plan.Policies {
				named = named || strings.Contains(p.Name, test.policy)
			}
			if !named {
				t.Fatalf("no policy of %s: %v", test.policy, plan.Attachments)
			}
			s := deployed(t, plan, nil)
			d, again := drafted(t, s)
			sameAsLive(t, s, again)
			if len(again.Elsewhere) > 0 || len(d.Notes) > 0 || strings.Contains(string(d.File), "not taken") {
				t.Errorf("%v; %q\n%s", again.Elsewhere, d.Notes, d.File)
			}
		})
	}
}

// Parts are joined whatever else there is that comes out otherwise.
func TestPartsBesideOthers(t *testing.T) {
	plan := planOf(t, map[string][]byte{"organization.yaml": []byte(smallText + fmt.Sprintf(`
    A: {id: ou-ab12-00000003, guardrails: [%s], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
`, defaulted(32)))})
	s := deployed(t, plan, func(s object) {
		add(s, scp, object{"name": "orgrails-scp-Staging", "content": denyMake, "targets": at("ou-ab12-00000002")})
	})
	d, again := drafted(t, s)
	sameAsLive(t, s, again, scp+" orgrails-scp-Staging")
	if len(again.Policies) != 3 || len(d.Documents) > 0 {
		t.Errorf("%d policies\n%s", len(again.Policies), d.File)
	}
}

// Names of parts that orgrails would make one are left out, whatever is tried.
func TestPartsThatAreNone(t *testing.T) {
	s := deployed(t, planOf(t, map[string][]byte{"organization.yaml": []byte(smallText)}), func(s object) {
		add(s, scp, object{"name": "orgrails-scp-Labs", "content": denyMake, "targets": at("ou-ab12-00000001")})
		add(s, scp, object{"name": "orgrails-scp-Labs.2", "content": leave, "targets": at("ou-ab12-00000001")})
		add(s, scp, object{"name": "orgrails-scp-Labs.3", "content": strings.Replace(denyMake, "Create", "Delete", 1), "targets": at("ou-ab12-00000001")})
		add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
	})
	d, again := drafted(t, s)
	sameAsLive(t, s, again, scp+" orgrails-scp-Labs", scp+" orgrails-scp-Labs.2", scp+" orgrails-scp-Labs.3")
	if strings.Count(string(d.File), "# not taken: the policy") != 3 {
		t.Errorf("%s", d.File)
	}
}
