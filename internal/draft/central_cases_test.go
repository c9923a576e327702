package draft_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// isThere wants all that a plan places into accounts to be there, exactly: the
// draft of a snapshot is of nothing else.
func isThere(t *testing.T, s *live.Snapshot, plan *guardrails.Plan) (roles, groups, boundaries int) {
	t.Helper()
	same := func(what, planned, is string) {
		t.Helper()
		spell := func(text string) string {
			doc, ds := policy.Parse("", []byte(text))
			if ds.HasErrors() {
				t.Fatal(what, ds)
			}
			var list []string
			for _, s := range doc.Statements {
				list = append(list, recognize.Canonical(s))
			}
			slices.Sort(list)
			return strings.Join(list, "\n")
		}
		if a, b := spell(planned), spell(is); a != b {
			t.Errorf("%s would be\n%s\nand is\n%s", what, a, b)
		}
	}
	fill := func(text guardrails.Text) string {
		out, err := text.Fill(plan.IDs)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all, _ := s.IAM.Get()
	for _, b := range plan.Baselines {
		id := plan.IDs["account:"+b.Account]
		i := slices.IndexFunc(all, func(a live.AccountIAM) bool { return a.Account == id })
		if i < 0 {
			if len(b.Boundaries)+len(b.Roles)+len(b.Groups) > 0 {
				t.Errorf("%s was not read, and has %+v", id, b)
			}
			continue
		}
		haveRoles, _ := all[i].Roles.Get()
		haveGroups, _ := all[i].Groups.Get()
		havePolicies, _ := all[i].Policies.Get()
		managed := func(m guardrails.ManagedPolicy) string {
			arn := "arn:aws:iam::" + id + ":policy" + m.Path + m.Name
			j := slices.IndexFunc(havePolicies, func(p live.ManagedPolicy) bool { return p.ARN == arn })
			if j < 0 {
				t.Fatalf("%s is not there", arn)
			}
			same(arn, fill(m.Document), havePolicies[j].Document)
			return arn
		}
		for _, m := range b.Boundaries {
			boundaries++
			managed(m)
		}
		for _, r := range b.Roles {
			roles++
			j := slices.IndexFunc(haveRoles, func(l live.Role) bool { return l.Name == r.Name && l.Path == r.Path })
			if j < 0 {
				t.Fatalf("no role %s in %s", r.Name, id)
			}
			l := haveRoles[j]
			same("the trust of "+l.ARN, fill(r.Trust), l.Trust)
			var arns []string
			for _, m := range r.ManagedPolicies {
				arns = append(arns, fill(m))
			}
			for _, m := range r.Policies {
				arns = append(arns, managed(m))
			}
			slices.Sort(arns)
			description, _ := l.Description.Get()
			session, _ := l.MaxSession.Get()
			planned := fmt.Sprintf("%q %d %q %q", r.Description, r.MaxSessionDuration, fill(r.Boundary), arns)
			if is := fmt.Sprintf("%q %d %q %q", description, session, l.Boundary, l.AttachedPolicies); planned != is || len(l.Tags)+len(l.InlinePolicies) > 0 {
				t.Errorf("%s would be %s, and is %s with %v and %v", l.ARN, planned, is, l.Tags, l.InlinePolicies)
			}
		}
		for _, g := range b.Groups {
			groups++
			arn := managed(g.Policy)
			if !slices.ContainsFunc(haveGroups, func(l live.Group) bool {
				return l.Name == g.Name && l.Path == g.Path && slices.Contains(l.AttachedPolicies, arn)
			}) {
				t.Errorf("no group %s in %s", g.Name, id)
			}
		}
	}
	return roles, groups, boundaries
}

// of finds things of an account in a snapshot.
func of(s object, account, kind, name string) object {
	for _, a := range s["iam"].([]any) {
		if a := a.(object); a["account"] == account {
			for _, x := range a[kind].([]any) {
				if x := x.(object); x["name"] == name {
					return x
				}
			}
		}
	}
	return nil
}

// make puts a role into an account of a snapshot.
func makeRole(s object, account, name, trust string, change object) {
	role := object{
		"arn": "arn:aws:iam::" + account + ":role/" + name, "name": name, "path": "/", "description": "", "maxSessionDuration": 3600, "trust": trust,
		"permissionsBoundary": "", "attachedPolicies": []string{"arn:aws:iam::aws:policy/SecurityAudit"}, "inlinePolicies": []string{}, "tags": object{},
	}
	for key, v := range change {
		role[key] = v
	}
	for _, a := range s["iam"].([]any) {
		if a := a.(object); a["account"] == account {
			a["roles"] = append(a["roles"].([]any), role)
		}
	}
}

func makePolicy(s object, account, path, name, document string, boundary bool) {
	for _, a := range s["iam"].([]any) {
		if a := a.(object); a["account"] == account {
			a["policies"] = append(a["policies"].([]any), object{"arn": "arn:aws:iam::" + account + ":policy" + path + name, "name": name, "path": path, "description": "", "document": document, "boundary": boundary})
		}
	}
}

func letting(principal, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"` + condition + `}]}`
}

const (
	shop, lab, manager = "222222222222", "333333333333", "111111111111"
	vendor             = `{"AWS":"arn:aws:iam::999999999999:root"}`
	external           = `{"StringEquals":{"sts:ExternalId":"acme-7f3c"}}`
	reads              = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}`
)

// Roles, groups and boundaries as people made them: what the file says exactly
// is taken, and of the rest the reason is named.
func TestAccounts(t *testing.T) {
	for _, test := range []struct {
		name                      string
		change                    func(object)
		want, not                 []string
		notes                     string
		roles, groups, boundaries int
	}{
		{"an account with an external id", func(s object) { makeRole(s, shop, "Vendor", letting(vendor, external), nil) },
			[]string{"Vendor:", "targets: [Prod]", `trust: {account: "999999999999", externalId: acme-7f3c}`}, nil, "", 1, 0, 0},
		{"an account by its id alone", func(s object) { makeRole(s, shop, "Vendor", letting(`{"AWS":"999999999999"}`, external), nil) },
			[]string{`trust: {account: "999999999999", externalId: acme-7f3c}`}, nil, "", 0, 0, 0},
		{"everywhere", func(s object) {
			for _, id := range []string{shop, lab, manager} {
				makeRole(s, id, "Vendor", letting(vendor, external), object{"description": "Audits: everything", "maxSessionDuration": 5400, "path": "/v/", "arn": "arn:aws:iam::" + id + ":role/v/Vendor"})
			}
		}, []string{"targets: [management, root]", `path: "/v/"`, `description: "Audits: everything"`, "maxSession: 1h30m", "managedPolicies: [SecurityAudit]"}, nil, "", 3, 0, 0},
		{"users with multi-factor authentication", func(s object) {
			makeRole(s, shop, "Admin", letting(`{"AWS":["arn:aws:iam::111111111111:user/break/glass","arn:aws:iam::333333333333:user/b"]}`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"90"},"IpAddress":{"aws:SourceIp":["198.51.100.0/24","203.0.113.7/32"]}}`), nil)
		}, []string{"mfa: {maxAge: 1m30s}", `sourceIps: ["198.51.100.0/24", "203.0.113.7/32"]`, "trust: {users: [lab/b, management/break/glass]}"}, nil, "", 1, 0, 0},
		{"a role of another account", func(s object) {
			makeRole(s, shop, "Reader", letting(`{"AWS":"arn:aws:iam::333333333333:role/app/worker"}`, ""), nil)
		}, []string{"trust: {roles: [lab/app/worker]}"}, nil, "", 1, 0, 0},
		{"a role of the file", func(s object) {
			makeRole(s, lab, "Hub", letting(vendor, external), nil)
			makeRole(s, shop, "Reader", letting(`{"AWS":"arn:aws:iam::333333333333:root"}`, `{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::333333333333:role/Hub"}}`), nil)
		}, []string{"trust: {roles: [lab/Hub]}"}, nil, "", 2, 0, 0},
		{"a role of the file, as its ARN", func(s object) {
			makeRole(s, lab, "Hub", letting(vendor, external), nil)
			makeRole(s, shop, "Reader", letting(`{"AWS":"arn:aws:iam::333333333333:role/Hub"}`, ""), nil)
		}, nil, []string{"\n  Reader:"}, "1 role not in the file, Reader: its trust would say something else", 1, 0, 0},
		{"a SAML provider", func(s object) {
			makeRole(s, shop, "People", strings.Replace(letting(`{"Federated":"arn:aws:iam::222222222222:saml-provider/corp"}`, `{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`), "sts:AssumeRole", "sts:AssumeRoleWithSAML", 1), nil)
		}, []string{"trust: {saml: {provider: corp}}"}, nil, "", 1, 0, 0},
		{"an OpenID Connect provider, with wildcards", func(s object) {
			makeRole(s, shop, "Build", strings.Replace(letting(`{"Federated":"arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"}`,
				`{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/infra:*"}}`), "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", 1), nil)
		}, []string{`subjects: ["repo:acme/infra:*"]`}, nil, "", 1, 0, 0},
		{"everybody who has a token", func(s object) {
			makeRole(s, shop, "Build", strings.Replace(letting(`{"Federated":"arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"}`,
				`{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}`), "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", 1), nil)
		}, nil, []string{"\n  Build:"}, "1 role not in the file, Build: orgrails refuses it: the subject", 0, 0, 0},
		{"a provider of another account", func(s object) {
			makeRole(s, shop, "People", strings.Replace(letting(`{"Federated":"arn:aws:iam::333333333333:saml-provider/corp"}`, `{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`), "sts:AssumeRole", "sts:AssumeRoleWithSAML", 1), nil)
		}, nil, []string{"\n  People:"}, "1 role not in the file, People of shop: its trust lets in several kinds of principals", 0, 0, 0},
		{"users, of whom some need multi-factor authentication", func(s object) {
			trust := letting(`{"AWS":"arn:aws:iam::333333333333:user/a"}`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)
			makeRole(s, shop, "A", strings.Replace(trust, `"Statement":[`, `"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:user/b"},"Action":"sts:AssumeRole"},`, 1), nil)
		}, nil, []string{"\nroles:"}, "1 role not in the file, A of shop: the statements of its trust differ in multi-factor authentication", 0, 0, 0},
		{"with the tags of a session", func(s object) {
			makeRole(s, shop, "Build", strings.Replace(letting(vendor, external), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession"]`, 1), nil)
		}, nil, []string{"\nroles:"}, "1 role not in the file, Build of shop: its trust allows other actions", 0, 0, 0},
		{"whole accounts", func(s object) {
			makeRole(s, shop, "A", letting(`{"AWS":"arn:aws:iam::333333333333:root"}`, ""), nil)
			makeRole(s, shop, "B", letting(`{"AWS":"*"}`, ""), nil)
			makeRole(s, shop, "C", letting(`"*"`, `{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`), nil)
			makeRole(s, shop, "D", letting(vendor, ""), nil)
		}, nil, []string{"roles:"}, "2 roles not in the file, A of shop, C of shop: its trust lets in a whole account", 0, 0, 0},
		{"what the file cannot say", func(s object) {
			makeRole(s, shop, "A", letting(vendor, external), object{"tags": object{"team": "blue"}})
			makeRole(s, shop, "B", letting(vendor, external), object{"inlinePolicies": []string{"more"}})
			makeRole(s, shop, "C", letting(vendor, external), object{"permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"})
			makeRole(s, shop, "D", letting(vendor, `{"StringEquals":{"sts:ExternalId":["a1","b2"]}}`), nil)
			makeRole(s, shop, "E", letting(vendor, `{"StringEquals":{"sts:ExternalId":"acme-7f3c","aws:PrincipalTag/a":"b"}}`), nil)
			makeRole(s, shop, "F", letting(`{"AWS":["arn:aws:iam::333333333333:user/a","arn:aws:iam::333333333333:role/b"]}`, ""), nil)
			makeRole(s, shop, "G", letting(`{"AWS":"AIDACKCEVSQ6C2EXAMPLE"}`, ""), nil)
			makeRole(s, shop, "H", letting(vendor, external), object{"maxSessionDuration": nil})
			makeRole(s, shop, "I", letting(`{"AWS":"arn:aws:iam::333333333333:user/a"}`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`), nil)
			makeRole(s, shop, "J", letting(vendor, external), object{"description": "東京"})
			makeRole(s, shop, "K", letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::222222222222:policy/unread"}})
		}, nil, []string{"roles:"}, "", 0, 0, 0},
		{"a path that no plan takes", func(s object) {
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"path": "/a:b/", "arn": "arn:aws:iam::222222222222:role/a:b/Vendor"})
		}, nil, []string{"roles:"}, "1 role not in the file, Vendor of shop: the file does not take its name or its path", 0, 0, 0},
		{"a placeholder", func(s object) {
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"description": "{{x}}"})
			makePolicy(s, shop, "/", "edge", strings.Replace(reads, "s3:Get*", "s3:{{x}}", 1), true)
		}, nil, []string{"\nroles:", "\npermissionBoundaries:"}, "1 permissions boundary not in the file, edge: orgrails refuses it", 0, 0, 0},
		{"made by others", func(s object) {
			for _, name := range []string{"AWSReservedSSO_Admin_0123456789abcdef", "aws-controltower-Admin", "stacksets-exec-1", "AWSControlTowerExecution", "AWSAccelerator-Pipeline"} {
				makeRole(s, shop, name, letting(vendor, external), nil)
			}
		}, []string{"# not taken: 8 roles that AWS or its services made"}, []string{"roles:"}, "", 0, 0, 0},
		{"another in one account", func(s object) {
			makeRole(s, shop, "Vendor", letting(vendor, external), nil)
			makeRole(s, lab, "Vendor", letting(vendor, external), object{"maxSessionDuration": 7200})
			makeRole(s, manager, "Vendor", letting(vendor, external), nil)
		}, []string{"targets: [Prod, management]"}, nil, "1 role not in the file, Vendor of lab: in other accounts a role of its name is another", 2, 0, 0},
		{"names in other cases", func(s object) {
			makeRole(s, shop, "Vendor", letting(vendor, external), nil)
			makeRole(s, lab, "vendor", letting(vendor, external), nil)
		}, nil, nil, "1 role not in the file", 1, 0, 0},
		{"policies of its own", func(s object) {
			for _, id := range []string{shop, lab} {
				makePolicy(s, id, "/", "Vendor-reading", reads, false)
				makeRole(s, id, "Vendor", letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::" + id + ":policy/Vendor-reading"}})
			}
		}, []string{"targets: [root]", "policies: [{file: policies/vendor-reading.json, name: reading}]"}, []string{"managedPolicies"}, "", 2, 0, 0},
		{"a policy of the account", func(s object) {
			makePolicy(s, shop, "/", "reading", reads, false)
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::222222222222:policy/reading", "arn:aws:iam::aws:policy/SecurityAudit"}})
		}, []string{`managedPolicies: ["arn:aws:iam::222222222222:policy/reading", SecurityAudit]`}, nil, "", 1, 0, 0},
		{"a policy of an odd path", func(s object) {
			makePolicy(s, shop, "/a:b/", "reading", reads, false)
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::222222222222:policy/a:b/reading"}})
		}, nil, []string{"\nroles:"}, "1 role not in the file, Vendor of shop: it has a policy whose path the file does not take", 0, 0, 0},
		{"a document in which variables are none", func(s object) {
			makePolicy(s, shop, "/", "Vendor-reading", `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::${aws:username}"}]}`, false)
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::222222222222:policy/Vendor-reading"}})
		}, nil, []string{"\nroles:"}, "1 role not in the file, Vendor of shop: of a policy of it: the version of its document has no variables", 0, 0, 0},
		{"tags", func(s object) {
			makeRole(s, shop, "A", letting(vendor, external), object{"tags": object{"team": "blue"}})
			makeRole(s, lab, "B", letting(vendor, external), object{"tags": object{"team": "blue"}})
		}, []string{"# not as in AWS: 2 roles not in the file, A of shop, B of lab: it has tags, which the file does not know"}, []string{"\nroles:"}, "", 0, 0, 0},
		{"inline policies", func(s object) {
			makeRole(s, shop, "A", letting(vendor, external), object{"inlinePolicies": []string{"more"}})
		}, nil, []string{"\nroles:"}, "1 role not in the file, A of shop: it has inline policies", 0, 0, 0},
		{"a description that names a file", func(s object) {
			for i, file := range []string{"policies/deep/r.json", "policies/../../../etc/x.json", "policies/.git/x.json", "organization.lock.json", "/etc/x.json"} {
				name := fmt.Sprint("R", i)
				makePolicy(s, shop, "/", name+"-reading", reads, false)
				of(s, shop, "policies", name+"-reading")["description"] = "orgrails, policy of the role " + name + " from " + file
				makeRole(s, shop, name, letting(vendor, external), object{"attachedPolicies": []string{"arn:aws:iam::222222222222:policy/" + name + "-reading"}})
			}
		}, []string{"file: policies/deep/r.json", "file: policies/r1-reading.json", "file: policies/r2-reading.json", "file: policies/r3-reading.json", "file: policies/r4-reading.json"}, nil, "", 5, 0, 0},
		{"a boundary", func(s object) {
			for _, id := range []string{shop, lab} {
				makePolicy(s, id, "/", "edge", reads, true)
				makeRole(s, id, "Vendor", letting(vendor, external), object{"permissionsBoundary": "arn:aws:iam::" + id + ":policy/edge"})
			}
		}, []string{"edge: {file: policies/edge.json, targets: [root]}", "boundary: edge"}, nil, "", 2, 0, 2},
		{"a boundary that is another in one account", func(s object) {
			for _, id := range []string{shop, lab, manager} {
				doc := reads
				if id == lab {
					doc = strings.ReplaceAll(reads, "s3:", "sqs:")
				}
				makePolicy(s, id, "/", "edge", doc, true)
				makeRole(s, id, "Vendor", letting(vendor, external), object{"permissionsBoundary": "arn:aws:iam::" + id + ":policy/edge"})
			}
		}, []string{"edge: {file: policies/edge.json, targets: [Prod, management]}", "targets: [Prod, management]\n    managedPolicies"}, nil, "1 role not in the file, Vendor of lab: its permissions boundary is not in the file", 2, 0, 2},
		{"a boundary with a path", func(s object) {
			makePolicy(s, shop, "/bounds/", "edge", reads, true)
			makeRole(s, shop, "Vendor", letting(vendor, external), object{"permissionsBoundary": "arn:aws:iam::222222222222:policy/bounds/edge"})
		}, nil, []string{"permissionBoundaries", "roles:"}, "1 permissions boundary not in the file, edge of shop: it has a path", 0, 0, 0},
		{"an account that was not read", func(s object) {
			for _, id := range []string{shop, lab} {
				makeRole(s, id, "Vendor", letting(vendor, external), nil)
			}
			for _, a := range s["iam"].([]any) {
				if a := a.(object); a["account"] == lab {
					a["roles"], a["groups"], a["policies"] = nil, nil, nil
				}
			}
		}, []string{"targets: [Prod]"}, nil, "", 1, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := small(t, "")
			s, _ := placed(t, plan, func(s object) {
				add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
				test.change(s)
			})
			d, again := drafted(t, s)
			text := string(d.File)
			flat := strings.ReplaceAll(text, "\n# ", " ")
			for _, want := range test.want {
				if !strings.Contains(text, want) && !strings.Contains(flat, strings.TrimPrefix(want, "# ")) {
					t.Errorf("the file does not hold %s:\n%s", want, text)
				}
			}
			for _, not := range test.not {
				if strings.Contains(text, not) {
					t.Errorf("the file holds %s:\n%s", not, text)
				}
			}
			if notes := strings.Join(d.Notes, "\n"); !strings.Contains(notes, test.notes) {
				t.Errorf("the notes are %q, want %q", notes, test.notes)
			}
			if test.name == "an account by its id alone" {
				return // what AWS keeps is the ARN
			}
			sameAsLive(t, s, again)
			if roles, groups, boundaries := isThere(t, s, again); roles != test.roles || groups != test.groups || boundaries != test.boundaries {
				t.Errorf("%d roles, %d groups, %d boundaries; %q\n%s", roles, groups, boundaries, d.Notes, text)
			}
		})
	}
}

// Whatever is changed in the accounts of the example, nothing wrong is taken.
func TestChangedAccounts(t *testing.T) {
	plan := load(t, filepath.Join("..", "..", "examples", "acme", "organization.yaml"))
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 1))
		var done []string
		s, _ := placed(t, plan, func(s object) {
			for range 1 + r.IntN(3) {
				accounts := s["iam"].([]any)
				a := accounts[r.IntN(len(accounts))].(object)
				kind := []string{"roles", "roles", "policies", "groups"}[r.IntN(4)]
				list := a[kind].([]any)
				if len(list) == 0 {
					continue
				}
				i := r.IntN(len(list))
				x := list[i].(object)
				what := r.IntN(6)
				done = append(done, fmt.Sprint(kind, " ", x["arn"], " ", what))
				switch {
				case what == 0:
					a[kind] = slices.Delete(list, i, i+1)
				case kind == "groups":
					x["attachedPolicies"] = []string{}
				case kind == "policies":
					x["document"] = reads
				case what == 1:
					x["trust"] = letting(vendor, external)
				case what == 2:
					x["maxSessionDuration"] = 7200
				case what == 3:
					x["attachedPolicies"] = []string{}
				case what == 4:
					x["permissionsBoundary"] = ""
				case what == 5:
					x["description"] = "another"
				}
			}
		})
		d, again := drafted(t, s)
		sameAsLive(t, s, again)
		isThere(t, s, again)
		if t.Failed() {
			t.Fatalf("%q\n%s", done, d.File)
		}
	}
}
