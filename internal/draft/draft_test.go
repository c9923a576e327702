package draft_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/draft"
	"github.com/orgrails/orgrails/internal/live"
)

// inAWS is what a plan, or a snapshot, comes to: by type and name of a policy
// its statements and the ids it is attached to.
func inAWS(t *testing.T, typ, name, content string, targets []string) string {
	t.Helper()
	var list []string
	if kind := policy.Kind(typ); kind.IsDeclarative() {
		doc, ds := policy.ParseDeclarative(name, []byte(content), kind)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		list = append(list, doc.JSON())
	} else {
		doc, ds := policy.Parse(name, []byte(content))
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		for _, s := range doc.Statements {
			list = append(list, recognize.Canonical(s))
		}
	}
	slices.Sort(list)
	return strings.Join(append(list, slices.Sorted(slices.Values(targets))...), "\n")
}

// sameAsLive wants a plan to have the policies of a snapshot, less those that
// others manage and those named.
// sameJSON is whether two texts are the same but for white space and the order
// of keys: AWS's provider finds no difference then.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		t.Errorf("no JSON: %s, %s", a, b)
	}
	return reflect.DeepEqual(x, y)
}

func sameAsLive(t *testing.T, s *live.Snapshot, plan *guardrails.Plan, left ...string) {
	t.Helper()
	got, want := map[string]string{}, map[string]string{}
	asFound, descriptions := map[string]string{}, map[string]string{}
	for _, p := range plan.Policies {
		content, err := p.Content.Fill(plan.IDs)
		if err != nil {
			t.Fatal(err)
		}
		if p.AsFound != "" {
			asFound[p.Type+" "+p.Name] = string(p.AsFound)
		} else {
			asFound[p.Type+" "+p.Name] = content
		}
		descriptions[p.Type+" "+p.Name] = p.Description
		var at []string
		for _, a := range plan.Attachments {
			if a.Policy == p.Name && a.Type == p.Type {
				at = append(at, plan.IDs[a.Target])
			}
		}
		got[p.Type+" "+p.Name] = inAWS(t, p.Type, p.Name, content, at)
	}
	for _, pt := range s.Policies {
		policies, _ := pt.Policies.Get()
		for _, p := range policies {
			content, _ := p.Content.Get()
			targets, _ := p.Targets.Get()
			if p.AWSManaged || len(targets) == 0 || slices.Contains(left, pt.Type+" "+p.Name) || !slices.Contains(catalog.GuardrailTypes(), catalog.Type(pt.Type)) ||
				slices.ContainsFunc(plan.Elsewhere, func(f guardrails.ForeignPolicy) bool { return f.Name == p.Name && f.Type == pt.Type }) {
				continue
			}
			var at []string
			for _, target := range targets {
				at = append(at, target.ID)
			}
			want[pt.Type+" "+p.Name] = inAWS(t, pt.Type, p.Name, content, at)
			if name := pt.Type + " " + p.Name; !sameJSON(t, asFound[name], content) || descriptions[name] != p.Description {
				t.Errorf("%s would be written anew:\n%s %q\nas\n%s %q", name, content, p.Description, asFound[name], descriptions[name])
			}
		}
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is\n%s\nand the plan has\n%s", name, want[name], got[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("the plan has %s, which is not there", name)
		}
	}
	if len(want) == 0 {
		t.Error("nothing was compared")
	}
}

// What was deployed from the example comes out again.
func TestAcme(t *testing.T) {
	plan := load(t, filepath.Join("..", "..", "examples", "acme", "organization.yaml"))
	s := deployed(t, plan, nil)
	d, again := drafted(t, s)
	sameAsLive(t, s, again)
	if len(d.Notes) > 0 || len(again.Elsewhere) > 0 {
		t.Errorf("%q, %v", d.Notes, again.Elsewhere)
	}
}

// add puts a policy into a snapshot.
func add(s object, typ string, p object) {
	for _, pt := range s["policies"].([]any) {
		if pt := pt.(object); pt["type"] == typ {
			pt["policies"] = append(pt["policies"].([]any), p)
			return
		}
	}
	s["policies"] = append(s["policies"].([]any), object{"type": typ, "policies": []any{p}})
}

func at(ids ...string) []any {
	list := []any{}
	for _, id := range ids {
		list = append(list, object{"id": id, "type": "ROOT"})
	}
	return list
}

// small is a plan of two units and two accounts.
func small(t *testing.T, more string) *guardrails.Plan {
	return planOf(t, map[string][]byte{"organization.yaml": []byte(smallText + more)})
}

const smallText = `version: 1
organization:
  id: o-a1b2c3d4e5
  name: acme
  managementAccount: {id: "111111111111"}
  homeRegion: eu-central-1
root:
  id: r-ab12
  units:
    Prod: {id: ou-ab12-00000001, accounts: {shop: {id: "222222222222", email: shop@acme.example}}}
    Labs:
      id: ou-ab12-00000002
      accounts: {lab: {id: "333333333333", email: lab@acme.example}}
`

const (
	scp      = "SERVICE_CONTROL_POLICY"
	denyMake = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"}]}`
	leave    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:closeaccount","organizations:AcceptHandshake"],"Resource":["*"]}]}`
	trails   = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:PutEventConfiguration","cloudtrail:PutEventSelectors","cloudtrail:PutInsightSelectors","cloudtrail:StopLogging","cloudtrail:UpdateTrail"],"Resource":"arn:aws:cloudtrail:*:*:trail/audit","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}},
{"Effect":"Deny","Action":["cloudtrail:DeleteEventDataStore","cloudtrail:PutEventConfiguration","cloudtrail:PutInsightSelectors","cloudtrail:StopEventDataStoreIngestion","cloudtrail:UpdateEventDataStore"],"Resource":"arn:aws:cloudtrail:*:*:eventdatastore/*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}]}`
	roles = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["iam:AttachRolePolicy","iam:CreateRole","iam:DeleteRole","iam:DeleteRolePermissionsBoundary","iam:DeleteRolePolicy","iam:DetachRolePolicy","iam:PassRole","iam:PutRolePermissionsBoundary","iam:PutRolePolicy","iam:TagRole","iam:UntagRole","iam:UpdateAssumeRolePolicy","iam:UpdateRole","iam:UpdateRoleDescription"],"Resource":["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::*:role/platform/*"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}}`
	full  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// What is in AWS, and how it gets into the file.
func TestPolicies(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(object)
		want   []string // in the file
		not    []string
		notes  string   // in the notes
		left   []string // policies that the plan need not have
	}{
		{"a guardrail of the catalogue keeps its policy's name", func(s object) {
			add(s, scp, object{"name": "Nobody leaves", "content": leave, "targets": at("r-ab12")})
		}, []string{"- {template: deny-leave-organization, policy: Nobody leaves}"}, []string{"- {file"}, "", nil},
		{"the rest is a document in the same policy", func(s object) {
			add(s, scp, object{"name": "Base", "content": strings.Replace(leave, `"Statement":[`, `"Statement":[{"Sid":"A","Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"},`, 1), "targets": at("ou-ab12-00000001")})
		}, []string{"- {template: deny-leave-organization, policy: Base}", "- {file: policies/base.json, type: SERVICE_CONTROL_POLICY, policy: Base}"}, nil, "", nil},
		{"a policy at a unit and at the account below it", func(s object) {
			add(s, scp, object{"name": "Twice", "content": leave, "targets": at("ou-ab12-00000001", "222222222222", "r-ab12")})
		}, []string{"template: deny-leave-organization, policy: Twice"}, []string{"managedElsewhere"}, "", nil},
		{"two policies of one content", func(s object) {
			add(s, scp, object{"name": "One", "content": leave, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Two", "content": leave, "targets": at("r-ab12", "ou-ab12-00000001")})
		}, []string{"policy: One}", "policy: Two}"}, []string{"managedElsewhere"}, "", nil},
		{"a guardrail that spares a role which nothing protects stays a document", func(s object) {
			add(s, scp, object{"name": "Trails", "content": trails, "targets": at("r-ab12")})
		}, []string{"policies/trails.json"}, []string{"template: protect-cloudtrail"}, "which no protect-roles protects", nil},
		{"a role that is spared from a guardrail, and protected", func(s object) {
			add(s, scp, object{"name": "Roles", "content": roles, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Trails", "content": strings.ReplaceAll(trails, `"arn:aws:iam::*:role/OrganizationAccountAccessRole"`, `["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::222222222222:role/platform/Audit"]`), "targets": at("ou-ab12-00000001")})
		}, []string{"template: protect-cloudtrail, parameters: {trails: [audit]}, policy: Trails", "guardrail: protect-cloudtrail", "principals: [role/platform/Audit]", "accounts: [shop]"}, []string{"- {file"}, "", nil},
		{"a role that is spared from one statement of two", func(s object) {
			add(s, scp, object{"name": "Roles", "content": roles, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Trails", "content": strings.Replace(trails, `"arn:aws:iam::*:role/OrganizationAccountAccessRole"`, `["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::222222222222:role/platform/Audit"]`, 1), "targets": at("ou-ab12-00000001")})
		}, []string{"policies/trails.json"}, []string{"exceptions:", "template: protect-cloudtrail"}, "", nil},
		{"a role that is spared, where another policy has the guardrail without", func(s object) {
			add(s, scp, object{"name": "Roles", "content": roles, "targets": at("r-ab12")})
			add(s, scp, object{"name": "All trails", "content": trails, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Trails", "content": strings.ReplaceAll(trails, `"arn:aws:iam::*:role/OrganizationAccountAccessRole"`, `["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::222222222222:role/platform/Audit"]`), "targets": at("ou-ab12-00000001")})
		}, []string{"policies/trails.json", "template: protect-cloudtrail, parameters: {trails: [audit]}, policy: All trails"}, []string{"exceptions:"}, "", nil},
		{"a role that is spared, and not protected", func(s object) {
			add(s, scp, object{"name": "Roles", "content": roles, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Trails", "content": strings.ReplaceAll(trails, `"arn:aws:iam::*:role/OrganizationAccountAccessRole"`, `["arn:aws:iam::*:role/OrganizationAccountAccessRole","arn:aws:iam::222222222222:role/Anyone"]`), "targets": at("ou-ab12-00000001")})
		}, []string{"policies/trails.json", "template: protect-roles"}, []string{"exceptions:"}, "", nil},
		{"a policy of Control Tower is somebody else's", func(s object) {
			add(s, scp, object{"name": "aws-guardrails-AbC", "content": leave, "targets": at("ou-ab12-00000001")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"aws-guardrails-AbC: {type: SERVICE_CONTROL_POLICY, targets: [Prod], file: policies/aws-guardrails-abc.json}", "\n  by: [control-tower]\n", "# AWS Control Tower manages it"}, nil, "", nil},
		{"a policy of the Landing Zone Accelerator is somebody else's", func(s object) {
			add(s, scp, object{"name": "AWSAccelerator-Core-Guardrails-1", "content": leave, "targets": at("ou-ab12-00000001")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"AWSAccelerator-Core-Guardrails-1: {type: SERVICE_CONTROL_POLICY, targets: [Prod], file:", "\n  by: [landing-zone-accelerator]\n", "# Landing Zone Accelerator on AWS manages it"}, nil, "", nil},
		{"services that others are trusted by", func(s object) {
			s["trustedServices"] = []any{"config.amazonaws.com", "controltower.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com"}
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"managedElsewhere:", "\n  by: [control-tower, stack-sets]\n"}, []string{"\n  policies:"}, "", nil},
		{"a policy of AWS's own is somebody else's", func(s object) {
			add(s, scp, object{"name": "New control", "content": leave, "awsManaged": true, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"New control: {type: SERVICE_CONTROL_POLICY, targets: [root]", "# it is AWS's own"}, nil, "", nil},
		{"what orgrails refuses is somebody else's, by its name", func(s object) {
			add(s, scp, object{"name": "Odd", "content": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"nothing","Resource":"*"}]}`, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"Odd: {type: SERVICE_CONTROL_POLICY, targets: [root]}", "# orgrails refuses its content: "}, nil, "", nil},
		{"a content that was not read", func(s object) {
			add(s, scp, object{"name": "Closed", "content": nil, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"Closed: {type: SERVICE_CONTROL_POLICY, targets: [root]}", "# its content was not read"}, nil, "", nil},
		{"targets that were not read", func(s object) {
			add(s, scp, object{"name": "Closed", "content": denyMake, "targets": nil})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, nil, nil, "what it is attached to was not read", nil},
		{"attached to nothing", func(s object) {
			add(s, scp, object{"name": "Old", "content": denyMake, "targets": at()})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"# not taken: 1 policy attached to nothing: Old"}, []string{"policies/old.json"}, "", nil},
		{"attached to the management account too", func(s object) {
			add(s, scp, object{"name": "All", "content": denyMake, "targets": at("r-ab12", "111111111111")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"All: {type: SERVICE_CONTROL_POLICY, targets: [root]"}, nil, "", nil},
		{"a name that is none for the file", func(s object) {
			add(s, scp, object{"name": "Größe", "content": denyMake, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{`"Größe": {type: SERVICE_CONTROL_POLICY, targets: [root]`}, nil, "", nil},
		{"one name for policies of two types", func(s object) {
			add(s, scp, object{"name": "Same", "content": denyMake, "targets": at("r-ab12")})
			add(s, "TAG_POLICY", object{"name": "Same", "content": `{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}`, "targets": at("r-ab12")})
		}, []string{`# not taken: the policy "Same" at root: there is a policy of that name`}, nil, "", []string{"TAG_POLICY Same"}},
		{"a tag policy", func(s object) {
			add(s, "TAG_POLICY", object{"name": "Tags", "content": `{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}`, "targets": at("r-ab12", "ou-ab12-00000002")})
		}, []string{"- {file: policies/tags.json, type: TAG_POLICY, policy: Tags}"}, []string{"managedElsewhere"}, "", nil},
		{"a type that orgrails does not manage", func(s object) {
			add(s, "CHATBOT_POLICY", object{"name": "Chat", "content": `{}`, "targets": at("r-ab12")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"# not taken: 1 policy of the type CHATBOT_POLICY"}, nil, "", nil},
		{"allowing where there is no FullAWSAccess", func(s object) {
			full := s["policies"].([]any)[0].(object)["policies"].([]any)[0].(object)
			full["targets"] = slices.DeleteFunc(full["targets"].([]any), func(x any) bool { return x.(object)["id"] == "ou-ab12-00000002" })
			add(s, scp, object{"name": "Only S3", "content": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "targets": at("ou-ab12-00000002")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"Only S3: {type: SERVICE_CONTROL_POLICY, targets: [Labs]"}, []string{"allowList"}, "FullAWSAccess is not attached to Labs", nil},
		{"an allowing policy beside FullAWSAccess", func(s object) {
			add(s, scp, object{"name": "Full again", "content": full, "targets": at("ou-ab12-00000002")})
		}, []string{"policy: Full again}"}, nil, "", nil},
		{"a name of ours with a content that nothing comes to", func(s object) {
			add(s, scp, object{"name": "orgrails-scp-Staging", "content": denyMake, "targets": at("ou-ab12-00000002")})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{`# not taken: the policy "orgrails-scp-Staging" at Labs`}, nil, "", []string{scp + " orgrails-scp-Staging"}},
		{"a suspended account", func(s object) {
			s["accounts"] = append(s["accounts"].([]any), object{"id": "444444444444", "name": "Gone", "email": "gone@acme.example", "state": "SUSPENDED", "parentId": "r-ab12"})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"# not taken: the account 444444444444, Gone, is suspended"}, []string{"gone@acme.example"}, "", nil},
		{"a suspended account with a policy", func(s object) {
			s["accounts"] = append(s["accounts"].([]any), object{"id": "444444444444", "name": "Gone", "email": "gone@acme.example", "state": "SUSPENDED", "parentId": "r-ab12"})
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("444444444444")})
		}, []string{"gone@acme.example"}, nil, "in the file because policies are attached to it", nil},
		{"what was not read, named once", func(s object) {
			for _, a := range []string{"222222222222", "333333333333"} {
				s["notRead"] = append(s["notRead"].([]any), object{"what": "the password policy", "api": "iam:GetAccountPasswordPolicy", "account": a, "reason": "AccessDenied\nevil: yes"})
			}
			add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
		}, []string{"# not read: the password policy, in 2 places, 222222222222 among them (iam:GetAccountPasswordPolicy): AccessDenied"}, []string{"\nevil"}, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := deployed(t, small(t, ""), test.change)
			d, plan := drafted(t, s)
			sameAsLive(t, s, plan, test.left...)
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
			if notes := strings.Join(d.Notes, "\n"); !strings.Contains(notes, test.notes) || test.notes == "" && notes != "" {
				t.Errorf("the notes are %q, want %q", notes, test.notes)
			}
		})
	}
}

// An allow list of ours, and policies that nodes share, come out as they were.
func TestOurs(t *testing.T) {
	for name, more := range map[string]string{
		"an allow list": `
    Closed:
      id: ou-ab12-00000003
      allowList: [s3, iam, sts, organizations, ec2, cloudformation, kms, signin, support, health, "cloudtrail:*", access-analyzer, account]
      accounts: {closed: {id: "444444444444", email: closed@acme.example}}
`,
		"a template that two units share": `
    A: {id: ou-ab12-00000003, guardrails: [deny-leave-organization], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
    B: {id: ou-ab12-00000004, guardrails: [deny-leave-organization], accounts: {bb: {id: "555555555555", email: b@acme.example}}}
`,
		"a set that two units share": `
    A: {id: ou-ab12-00000003, guardrails: [base], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
    B: {id: ou-ab12-00000004, guardrails: [base], accounts: {bb: {id: "555555555555", email: b@acme.example}}}
sets: {base: [deny-leave-organization, deny-root-user]}
`,
		"a guardrail with the protection that it needs": `
    A: {id: ou-ab12-00000003, guardrails: [protect-cloudtrail], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
`,
		"a declarative policy": `
    A: {id: ou-ab12-00000003, guardrails: [declare-serial-console-off], accounts: {aa: {id: "444444444444", email: a@acme.example}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			plan := small(t, more)
			s := deployed(t, plan, nil)
			d, again := drafted(t, s)
			sameAsLive(t, s, again)
			if len(again.Elsewhere) > 0 || !slices.Equal(again.NoFullAccess, plan.NoFullAccess) || len(d.Notes) > 0 {
				t.Errorf("%v, without full access %v, want %v; %q\n%s", again.Elsewhere, again.NoFullAccess, plan.NoFullAccess, d.Notes, d.File)
			}
		})
	}
}

// An allow list brings the protection of whom it spares, so that guardrails that
// spare the deploy role are taken as such beside it.
func TestAllowListBesideGuardrails(t *testing.T) {
	plan := small(t, `
    Closed:
      id: ou-ab12-00000003
      allowList: [s3, iam, sts, organizations, ec2]
      accounts: {closed: {id: "444444444444", email: closed@acme.example}}
`)
	s := deployed(t, plan, func(s object) {
		add(s, scp, object{"name": "Trails", "content": trails, "targets": at("r-ab12")})
	})
	d, again := drafted(t, s)
	sameAsLive(t, s, again)
	if !slices.Equal(again.NoFullAccess, []string{"unit:Closed"}) || !strings.Contains(string(d.File), "policy: Trails") {
		t.Errorf("%v\n%s", again.NoFullAccess, d.File)
	}
}

// Without the tree there is no file.
func TestTooLittle(t *testing.T) {
	s := deployed(t, small(t, ""), func(s object) { s["units"] = nil })
	if d, err := draft.Make(s, draft.Options{HomeRegion: "eu-central-1"}); d != nil || err == nil {
		t.Error(d, err)
	}
}

// Whatever names there are, the file has them, under keys that it takes.
func FuzzNames(f *testing.F) {
	for _, names := range [][2]string{
		{"Prod", "prod"}, {"Name with  spaces", " lead"}, {"dots.and-dashes_v1.2", "1st"}, {"Größe Ü / 東京 🏯", "東京"}, {"true", "null"}, {"root", "management"},
		{"a: b #c", "- x"}, {"'quoted\"", `back\slash`}, {"tab\there", "line\nbreak"}, {"\u2028\u0085\ufeff", "\x00\x7f"}, {"%", "@"}, {"0x1", "1e3"}, {"*a &b !c", "|"}, {"~", "[]"},
		{strings.Repeat("x", 128), strings.Repeat("y", 50)}, {"\x1b[31mred", "a\rb"}, {"<b>Bold</b>", "javascript:x"}, {"a\x01b", "{{x}}"},
	} {
		f.Add(names[0], names[1])
	}
	f.Fuzz(func(t *testing.T, unit, account string) {
		if !taken(unit, 128) || !taken(account, 50) || strings.Contains(unit, "{{") {
			t.Skip()
		}
		s := deployed(t, small(t, ""), func(s object) {
			s["units"] = append(s["units"].([]any),
				object{"id": "ou-ab12-00000008", "name": unit, "parentId": "r-ab12"}, object{"id": "ou-ab12-00000009", "name": unit + "2", "parentId": "ou-ab12-00000008"})
			s["accounts"] = append(s["accounts"].([]any),
				object{"id": "444444444444", "name": account, "email": "x@acme.example", "state": "ACTIVE", "parentId": "ou-ab12-00000009"},
				object{"id": "555555555555", "name": account, "email": "y@acme.example", "state": "ACTIVE", "parentId": "r-ab12"})
		})
		d, plan := drafted(t, s)
		if len(plan.Units) != 4 || len(plan.Accounts) != 4 {
			t.Fatalf("%d units, %d accounts:\n%s", len(plan.Units), len(plan.Accounts), d.File)
		}
		for _, u := range plan.Units {
			if id := plan.IDs["unit:"+u.Path]; id == "ou-ab12-00000008" && u.Name != unit || id == "ou-ab12-00000009" && u.Name != unit+"2" {
				t.Errorf("%s is %q", id, u.Name)
			}
		}
		for _, a := range plan.Accounts {
			if id := plan.IDs["account:"+a.Key]; id == "444444444444" && a.Name != account && isASCII(account) {
				t.Errorf("%s is %q", id, a.Name)
			}
		}
	})
}

// taken reports whether there may be a unit of the name beside the others.
func taken(s string, most int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) < most && !strings.EqualFold(s, "Prod") && !strings.EqualFold(s, "Labs")
}

// isASCII reports whether a name is printable ASCII and nothing that looks like
// a script or a placeholder.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > 0x7e }) && !strings.ContainsAny(s, "<{&:=")
}

// Names that no people give, of whatever there is, stop nothing: what AWS has is
// in the file, or is said to be left out.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"a\x01b", "a\tb", "a\nb", "a\u0085b", "a\u2028b", "a\x7fb", "{{x}}", "<b>hi", "a\u202eb", " lead", "\x00", "a\\b\"c", "\x1b[31mred", "javascript:x"} {
		for kind, change := range map[string]func(s object){
			"unit":    func(s object) { s["units"].([]any)[0].(object)["name"] = name },
			"account": func(s object) { s["accounts"].([]any)[1].(object)["name"] = name },
			"manager": func(s object) { s["accounts"].([]any)[0].(object)["name"] = name },
			"policy":  func(s object) { add(s, scp, object{"name": name, "content": denyMake, "targets": at("r-ab12")}) },
			"foreign": func(s object) {
				add(s, scp, object{"name": name, "content": denyMake, "targets": at("r-ab12", "111111111111")})
			},
			"unused": func(s object) { add(s, scp, object{"name": name, "content": denyMake, "targets": at()}) },
		} {
			s := deployed(t, small(t, ""), func(s object) {
				add(s, scp, object{"name": "Mine", "content": denyMake, "targets": at("r-ab12")})
				change(s)
			})
			d, plan := drafted(t, s)
			if name == "{{x}}" && (kind == "policy" || kind == "foreign") {
				sameAsLive(t, s, plan, scp+" "+name)
				if !strings.Contains(string(d.File), `# not taken: the policy "{{x}}" at root`) {
					t.Errorf("nothing is said of {{x}}:\n%s", d.File)
				}
				continue
			}
			sameAsLive(t, s, plan)
			if strings.ContainsFunc(string(d.File), func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Errorf("%s %q: the file has control characters\n%q", kind, name, d.File)
			}
			units, _ := s.Units.Get()
			for _, u := range plan.Units {
				if kind == "unit" && plan.IDs["unit:"+u.Path] == units[0].ID && u.Name != name && name != "{{x}}" {
					t.Errorf("the unit is %q, want %q", u.Name, name)
				}
			}
		}
	}
}
