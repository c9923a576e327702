package draft_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Wherever people come from, the groups and roles of a deployed file come out
// again, exactly.
func TestIdentities(t *testing.T) {
	const roles = `
roles:
  Admin: {targets: [Prod], managedPolicies: [AdministratorAccess], maxSession: 1h}
  Reader: {targets: [root], path: /people/, managedPolicies: [job-function/ViewOnlyAccess], access: {s3: [list, read]}, policies: [{access: {sqs: [read], s3: [read, write]}, name: queues, resources: ["arn:aws:sqs:*:*:a", "arn:aws:s3:::a/*"]}]}
`
	for name, more := range map[string]string{
		"users": `
identity:
  source: iam
  account: lab
  groups:
    readers: {assume: [{role: Reader, in: [root]}]}
    ops: {name: operators, assume: [{role: Reader, in: [Prod]}, {role: Admin, in: [Prod], until: 2027-06-01T06:00:00Z, reason: INC-1}]}
    idle: {assume: []}
` + roles,
		"Identity Center": `
identity:
  source: identity-center
  account: management
  groups:
    readers: {permissionSet: ReadOnly, assume: [{role: Reader, in: [root]}]}
    Ops: {assume: [{role: Reader, in: [Labs]}, {role: Admin, in: [Prod]}]}
` + roles,
		"SAML": `
identity:
  source: saml
  account: lab
  samlProvider: corp
  groups:
    readers: {assume: [{role: Reader, in: [root]}]}
    ops: {name: operators, assume: [{role: Admin, in: [Prod]}]}
` + roles,
		"groups without a grant": `
identity:
  source: iam
  account: lab
  groups:
    idle: {assume: []}
`,
		"services, users and roles": `
roles:
  Made: {targets: [Labs], managedPolicies: [SecurityAudit], trust: {users: [shop/a, management/b/c]}, mfa: {}}
  Other: {targets: [Prod], managedPolicies: [SecurityAudit], trust: {roles: [lab/Made, lab/else/where, shop/x]}, sourceIps: [198.51.100.0/24]}
`,
		"boundaries that are mandatory": `
permissionBoundaries:
  edge: {name: the-edge, template: developer-boundary, targets: [Prod], required: true}
  other: {template: cicd-boundary, targets: [lab], required: true}
roles:
  Build: {targets: [Prod], managedPolicies: [PowerUserAccess], boundary: edge, trust: {saml: {provider: corp}}}
  Glass: {targets: [root], breakGlass: true, managedPolicies: [AdministratorAccess], trust: {users: [management/a]}}
  Lab: {targets: [lab], managedPolicies: [PowerUserAccess], boundary: other, trust: {saml: {provider: corp}}}
`,
		"boundaries that are mandatory within each other": `
permissionBoundaries:
  edge: {template: developer-boundary, targets: [root], required: true}
  other: {template: cicd-boundary, targets: [Labs, management], required: true}
roles:
  Build: {targets: [root], managedPolicies: [PowerUserAccess], boundary: edge, trust: {saml: {provider: corp}}}
  Lab: {targets: [lab, management], managedPolicies: [PowerUserAccess], boundary: other, trust: {saml: {provider: corp}}}
`,
		"a mandatory boundary, but for one account": `
permissionBoundaries:
  edge: {template: developer-boundary, targets: [root], exclude: [lab], required: true}
roles:
  Build: {targets: [Prod], managedPolicies: [PowerUserAccess], boundary: edge, trust: {saml: {provider: corp}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			plan := small(t, more)
			s, want := placed(t, plan, func(s object) {
				if len(plan.Policies) == 0 {
					add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
				}
				dropUnread(s)
			})
			d, again := drafted(t, s)
			sameAsLive(t, s, again)
			if strings.HasPrefix(name, "groups") || name == "users" || name == "SAML" || name == "Identity Center" {
				if !strings.Contains(string(d.File), "\nidentity:\n") {
					t.Errorf("no identity")
				}
			}
			if strings.Contains(name, "mandatory") && strings.Count(string(d.File), "required: true") != strings.Count(more, "required: true") {
				t.Error("a boundary is not mandatory")
			}
			if strings.Contains(string(d.File), "privilegedRoles") {
				t.Error("a parameter is given that the template takes by itself")
			}
			sameAccounts(t, want, inAccounts(t, again, again.IDs))
			if len(d.Notes) > 0 || len(want) == 0 {
				t.Errorf("%q", d.Notes)
			}
			if t.Failed() || testing.Verbose() {
				t.Logf("%s", d.File)
			}
		})
	}
}

// dropUnread takes out of a snapshot the roles that nobody but a service may
// assume: they are not read.
func dropUnread(s object) {
	for _, a := range s["iam"].([]any) {
		a := a.(object)
		var keep []any
		for _, r := range a["roles"].([]any) {
			if trust := r.(object)["trust"].(string); strings.Contains(trust, `"Allow"`) && (strings.Contains(trust, `"AWS"`) || strings.Contains(trust, `"Federated"`)) {
				keep = append(keep, r)
			}
		}
		a["roles"] = keep
	}
}

// A group is taken with all that it may do, or not at all, and with it the
// roles that are granted to it.
func TestGroups(t *testing.T) {
	const more = `
identity:
  source: iam
  account: lab
  groups:
    readers: {assume: [{role: Reader, in: [root]}]}
    ops: {assume: [{role: Admin, in: [Prod], until: 2027-06-01}]}
roles:
  Admin: {targets: [Prod], managedPolicies: [AdministratorAccess]}
  Reader: {targets: [root], managedPolicies: [SecurityAudit]}
`
	for _, test := range []struct {
		name          string
		change        func(object)
		notes         string
		roles, groups int
	}{
		{"nothing", func(object) {}, "", 3, 2},
		{"it may assume more", func(s object) {
			p := of(s, lab, "policies", "orgrails-assume-readers")
			p["document"] = strings.Replace(p["document"].(string), `"Resource":[`, `"Resource":["arn:aws:iam::999999999999:role/X",`, 1)
		}, "1 group not in the file, readers: its policy would say something else", 1, 1},
		{"it is gone", func(s object) {
			for _, a := range s["iam"].([]any) {
				a.(object)["groups"] = []any{}
			}
		}, "2 roles not in the file, Admin, Reader: it is granted to a group that is not in the file", 0, 0},
		{"a role that it may assume is gone", func(s object) {
			for _, a := range s["iam"].([]any) {
				if a := a.(object); a["account"] == shop {
					a["roles"] = slices.DeleteFunc(a["roles"].([]any), func(r any) bool { return r.(object)["name"] == "Reader" })
				}
			}
		}, "1 role not in the file, Reader: it is granted to a group that is not in the file", 1, 1},
		{"it has a path", func(s object) { of(s, lab, "groups", "ops")["path"] = "/people/" }, "1 role not in the file, Admin", 2, 1},
		{"a grant that is over", func(s object) {
			for _, x := range []object{of(s, shop, "roles", "Admin"), of(s, lab, "policies", "orgrails-assume-ops")} {
				for _, key := range []string{"trust", "document"} {
					if text, ok := x[key].(string); ok {
						x[key] = strings.Replace(text, "2027-06-02", "2026-06-02", 1)
					}
				}
			}
		}, "1 role not in the file, Admin of shop: it was granted to a group until a time that is over", 2, 1},
		{"it has other policies, too", func(s object) {
			g := of(s, lab, "groups", "ops")
			g["attachedPolicies"] = append(g["attachedPolicies"].([]string), "arn:aws:iam::aws:policy/SecurityAudit")
		}, "", 3, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := placed(t, small(t, more), test.change)
			d, plan := drafted(t, s)
			sameAsLive(t, s, plan)
			if !reflect.DeepEqual(d.Plan, plan) {
				t.Error("the draft has another plan than its file")
			}
			roles, groups, _ := isThere(t, s, plan)
			if notes := strings.Join(d.Notes, "\n"); roles != test.roles || groups != test.groups || !strings.Contains(notes, test.notes) || test.notes == "" && notes != "" {
				t.Errorf("%d roles, %d groups; %q\n%s", roles, groups, notes, d.File)
			}
		})
	}
}

// What would bring a guardrail that is not in AWS is left out: the policies stay
// what they are.
func TestNothingComesWithRoles(t *testing.T) {
	withoutPolicies := func(s object) {
		for _, pt := range s["policies"].([]any) {
			pt := pt.(object)
			pt["policies"] = slices.DeleteFunc(pt["policies"].([]any), func(p any) bool { return p.(object)["awsManaged"] != true })
		}
		add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
	}
	many := "\nroles:\n"
	for i := range 30 {
		many += fmt.Sprintf("  Many%d: {targets: [root], access: {s3: [list]}, trust: {users: [lab/a]}}\n", 10+i)
	}
	for _, test := range []struct {
		name, more    string
		change        func(object)
		notes         string
		roles, groups int
	}{
		{"groups whose tags nothing protects", `
identity: {source: iam, account: lab, groups: {readers: {assume: [{role: Reader, in: [root]}]}}}
roles: {Reader: {targets: [root], managedPolicies: [SecurityAudit]}, Other: {targets: [Prod], managedPolicies: [SecurityAudit], trust: {users: [lab/a]}}}
`, withoutPolicies, "1 group not in the file, readers: with it the policy orgrails-scp-@lab would not be as it is", 1, 0},
		{"policies of roles that nothing protects", `
roles:
  Reader: {targets: [root], access: {s3: [list]}, trust: {users: [lab/a]}}
  Other: {targets: [Prod], managedPolicies: [SecurityAudit], trust: {users: [lab/a]}}
`, func(s object) {
			withoutPolicies(s)
			add(s, scp, object{"name": "Roles", "content": strings.Replace(roles, "role/platform/*", "role/Reader", 1), "targets": at("r-ab12")})
		}, "1 role not in the file, Reader: with it the policy orgrails-scp-root would not be as it is", 1, 0},
		{"policies of many roles that nothing protects", many, func(s object) {
			withoutPolicies(s)
			add(s, scp, object{"name": "Roles", "content": strings.Replace(roles, "role/platform/*", "role/Many*", 1), "targets": at("r-ab12")})
		}, "30 roles not in the file, Many10, Many11, Many12 and 27 more: with it the policy orgrails-scp-root would not be as it is", 0, 0},
		{"a policy of one role that nothing protects", `
roles:
  Reader: {targets: [root], access: {s3: [list]}, trust: {users: [lab/a]}}
  Vendor: {targets: [root], access: {s3: [list]}, trust: {users: [lab/a]}}
`, func(s object) {
			withoutPolicies(s)
			add(s, scp, object{"name": "Roles", "content": strings.Replace(roles, "role/platform/*", `role/Reader","arn:aws:iam::*:role/Vendor`, 1), "targets": at("r-ab12")})
			add(s, scp, object{"name": "Policies", "content": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["iam:CreatePolicy","iam:CreatePolicyVersion","iam:DeletePolicy","iam:DeletePolicyVersion","iam:SetDefaultPolicyVersion"],"Resource":"arn:aws:iam::*:policy/Reader-access","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}`, "targets": at("r-ab12")})
		}, "1 role not in the file, Vendor: with it the policy orgrails-scp-root would not be as it is", 2, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := placed(t, small(t, test.more), test.change)
			d, plan := drafted(t, s)
			sameAsLive(t, s, plan)
			roles, groups, _ := isThere(t, s, plan)
			if notes := strings.Join(d.Notes, "\n"); roles != test.roles || groups != test.groups || !strings.Contains(notes, test.notes) {
				t.Errorf("%d roles, %d groups; %q\n%s", roles, groups, notes, d.File)
			}
		})
	}
}
