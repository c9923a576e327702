package recognize_test

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/config"
)

// The sets that come with the tool are found again in one document each.
func TestSets(t *testing.T) {
	c, env := load(t), environment()
	sets, ds := config.BuiltinSets()
	if ds.HasErrors() || len(sets) < 5 {
		t.Fatalf("%d sets: %v", len(sets), ds)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, set := range sets {
		for _, typ := range []catalog.Type{catalog.ServiceControlPolicy, catalog.ResourceControlPolicy} {
			var list []policy.Statement
			var want []string
			for _, m := range set.Members {
				tpl, ok := c.Lookup(m.Template)
				if !ok || tpl.Type != typ {
					continue
				}
				made, ok := instantiate(c, env, m.Template, m.Parameters)
				if !ok {
					t.Fatalf("%s: %s makes nothing", set.Name, m.Template)
				}
				list = append(list, made...)
				want = append(want, m.Template)
			}
			if len(list) == 0 {
				continue
			}
			list = perturbed(t, r, list)
			uses, rest := recognize.Statements(c, typ, env, list, recognize.Options{})
			same(t, c, env, typ, list, uses, rest)
			var got []string
			for _, u := range uses {
				got = append(got, u.Template)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || len(rest) > 0 {
				t.Errorf("%s, %s: found %v and %d statements more, want %v", set.Name, typ, got, len(rest), want)
			}
		}
	}
}

// Of the example's guardrails those are found that no exception narrows.
func TestAcme(t *testing.T) {
	file, ds, err := config.Load(filepath.Join("..", "..", "examples", "acme", "organization.yaml"), config.Options{})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, ds)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	env := catalog.ExampleEnv()
	env.Values["organization.identityAccounts"] = []string{}
	env.Values["organization.exemptPrincipals"] = []string{"role/" + env.DeployRole}
	ids := maps.Clone(plan.IDs)
	for i, a := range plan.Accounts {
		if ids["account:"+a.Key] == "" {
			ids["account:"+a.Key] = string(rune('1'+i)) + "00000000000"
		}
	}
	for ref, id := range ids {
		if key, ok := strings.CutPrefix(ref, "account:"); ok {
			env.Accounts[key], env.Accounts[id] = id, id
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	found := map[string]map[string]any{}
	for _, p := range plan.Policies {
		content, err := p.Content.Fill(ids)
		if err != nil {
			t.Fatal(err)
		}
		doc, ds := policy.Parse(p.Name, []byte(content))
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		list := perturbed(t, r, doc.Statements)
		uses, rest := recognize.Statements(file.Catalog, catalog.Type(p.Type), env, list, recognize.Options{})
		same(t, file.Catalog, env, catalog.Type(p.Type), list, uses, rest)
		for _, u := range uses {
			found[p.Name+" "+u.Template] = u.Parameters
		}
	}
	list := func(items ...any) []any { return items }
	for key, want := range map[string]map[string]any{
		"orgrails-scp-root deny-leave-organization":                  nil,
		"orgrails-scp-root deny-root-user":                           nil,
		"orgrails-scp-root protect-cloudtrail":                       {"trails": list("org-trail")},
		"orgrails-scp-root protect-guardduty":                        nil,
		"orgrails-scp-root restrict-regions":                         {"services": list("bedrock:InvokeModel*")},
		"orgrails-scp-Security protect-config":                       nil,
		"orgrails-scp-Suspended deny-all":                            {"allowedRoles": list("role/BreakGlass")},
		"orgrails-scp-@payments-prod protect-roles":                  {"roles": list("role/payments/*")},
		"orgrails-scp-Workloads/NonProd require-imdsv2":              nil,
		"orgrails-scp-Workloads/Prod require-imdsv2":                 nil,
		"orgrails-scp-Workloads/Prod protect-s3-public-access-block": nil,
	} {
		got, ok := found[key]
		if services, is := got["services"].([]any); is && len(services) == 1 {
			got["services"] = want["services"] // the case of actions was changed
		}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: found %v (%t), want %v", key, got, ok, want)
		}
	}
	templates := map[string]bool{}
	for key := range found {
		templates[key[strings.LastIndexByte(key, ' ')+1:]] = true
	}
	t.Logf("%d templates of the example were found: %v", len(templates), slices.Sorted(maps.Keys(templates)))
	if len(templates) < 10 {
		t.Error("fewer than ten")
	}
}

// What only nearly says what a template says is not taken for it, and what
// says the same in other words is.
func TestMeaning(t *testing.T) {
	c, env := load(t), environment()
	for _, test := range []struct {
		name, statement, want string
	}{
		{"as it is", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount","organizations:AcceptHandshake"],"Resource":"*"}`, "deny-leave-organization"},
		{"one action said twice, by a pattern", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","organizations:Leave?rganization","account:CloseAccount","organizations:AcceptHandshake"],"Resource":"*"}`, ""},
		{"a resource beside all resources", `{"Effect":"Deny","Action":["organizations:leaveorganization","account:CloseAccount","organizations:AcceptHandshake"],"Resource":["*","arn:aws:s3:::b"]}`, "deny-leave-organization"},
		{"an action less", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"}`, ""},
		{"an action more", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount","organizations:AcceptHandshake","s3:GetObject"],"Resource":"*"}`, ""},
		{"a condition more", `{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount","organizations:AcceptHandshake"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, ""},
		{"allowed", `{"Effect":"Allow","Action":["organizations:LeaveOrganization","account:CloseAccount","organizations:AcceptHandshake"],"Resource":"*"}`, ""},
		{"without the deploy role spared", `{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1"]}}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc, ds := policy.Parse("p", []byte(`{"Version":"2012-10-17","Statement":[`+test.statement+`]}`))
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			uses, rest := recognize.Statements(c, catalog.ServiceControlPolicy, env, doc.Statements, recognize.Options{})
			if got := ""; len(uses) == 1 {
				if got = uses[0].Template; got != test.want {
					t.Errorf("found %s, want %q", got, test.want)
				}
			} else if test.want != "" || len(rest) != 1 {
				t.Errorf("found %v, want %q", uses, test.want)
			}
		})
	}
}
