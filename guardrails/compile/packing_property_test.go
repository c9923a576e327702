package compile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// idsOf are ids for all references of an organization.
func idsOf(a *acme) map[string]string {
	ids := map[string]string{"organization": "o-a1b2c3d4e5", "root": "r-ab12", "account:management": "111111111111"}
	for i, acc := range a.Accounts {
		ids["account:"+acc.Key] = string(rune('2'+i)) + "00000000000"
	}
	for _, u := range a.Units {
		ids["unit:"+u.Path] = "ou-ab12-00000000"
	}
	return ids
}

func filled(t testing.TB, text string, ids map[string]string) policy.Document {
	t.Helper()
	s, err := guardrails.Text(text).Fill(ids)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, guardrails.Text(s))
}

var everything = policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}

// wishedFor are the levels of an account if each guardrail stood where it is
// asked for, in a document of its own.
func wishedFor(t testing.TB, k *compiler, typ catalog.Type, account *org.Account, ids map[string]string) []eval.Level {
	t.Helper()
	var levels []eval.Level
	for n := k.byAccount[account]; n != nil; n = n.parent {
		l := eval.Level{ID: n.selector()}
		if typ == catalog.ServiceControlPolicy {
			l.Policies = append(l.Policies, eval.Document{Name: "FullAWSAccess", Policy: everything})
		}
		for _, p := range n.pieces {
			if p.typ != typ {
				continue
			}
			made, _ := k.narrowed([]*node{n}, p)
			for _, s := range made {
				doc := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{s.Statement}}
				l.Policies = append(l.Policies, eval.Document{Name: p.guardrail, Policy: filled(t, doc.JSON(), ids)})
			}
		}
		levels = append(levels, l)
	}
	slices.Reverse(levels)
	return levels
}

// planned are the levels of an account in a plan.
func planned(t testing.TB, p *guardrails.Plan, typ string, account *org.Account, ids map[string]string) []eval.Level {
	t.Helper()
	targets := []string{"account:" + account.Key}
	for u := account.Unit; u != nil; u = u.Parent {
		targets = append(targets, org.Target{Unit: u}.Ref())
	}
	slices.Reverse(targets)
	var levels []eval.Level
	for _, target := range targets {
		l := eval.Level{ID: target}
		if typ == string(policy.ServiceControlPolicy) {
			l.Policies = append(l.Policies, eval.Document{Name: "FullAWSAccess", Policy: everything})
		}
		for _, at := range p.Attachments {
			if at.Target == target && at.Type == typ {
				i := slices.IndexFunc(p.Policies, func(pol guardrails.Policy) bool { return pol.Name == at.Policy && pol.Type == typ })
				l.Policies = append(l.Policies, eval.Document{Name: at.Policy, Policy: filled(t, string(p.Policies[i].Content), ids)})
			}
		}
		levels = append(levels, l)
	}
	return levels
}

// Hoisting, sharing, packing, merging and pushing down move statements; they
// never change an answer, in any account, at quotas that are wide or narrow.
func TestSpreadingNeverChangesAnAnswer(t *testing.T) {
	seen := map[string]int{}
	organizations := 1_500
	if testing.Short() {
		organizations = 200
	}
	for seed := range organizations {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		a := someOrganization(r)
		opts := Options{AsOf: asOf}
		if r.IntN(3) > 0 {
			opts.Quotas.SCPSize = []int{900, 1_500, 2_500, 4_000}[r.IntN(4)]
			opts.Quotas.SCPPerTarget = 2 + r.IntN(3)
			opts.Quotas.RCPSize = []int{700, 5_120}[r.IntN(2)]
		}
		k := start(a.Organization, testCatalog(t), opts)
		k.wishes()
		ids := idsOf(a)
		asked := map[string][]eval.Level{}
		for _, acc := range a.Accounts {
			asked["scp"+acc.Key] = wishedFor(t, k, catalog.ServiceControlPolicy, acc, ids)
			asked["rcp"+acc.Key] = wishedFor(t, k, catalog.ResourceControlPolicy, acc, ids)
		}
		p, ds := Compile(a.Organization, testCatalog(t), opts)
		if ds.HasErrors() {
			seen["refused"]++
			continue
		}
		for _, pol := range p.Policies {
			for _, s := range pol.Statements {
				if s.Packed != nil && len(s.Packed.Merged) > 0 {
					seen["merged"]++
				}
				if s.Packed != nil && len(s.Packed.AskedAt) > 0 {
					seen["moved"]++
				}
				if len(s.Exceptions) > 1 {
					seen["excepted from more than once"]++
				}
				if strings.HasSuffix(s.Sid, "After") {
					seen["ended in the policy"]++
				}
			}
			if strings.HasSuffix(pol.Name, ".2") {
				seen["in several documents"]++
			}
		}
		for i, at := range p.Attachments {
			if slices.ContainsFunc(p.Attachments[:i], func(b guardrails.Attachment) bool { return b.Policy == at.Policy }) {
				seen["shared"]++
			}
		}
		for _, acc := range a.Accounts {
			o := eval.Organization{ID: ids["organization"], ManagementAccount: ids["account:management"], Accounts: []string{ids["account:"+acc.Key]}}
			compiled := func(scp, rcp []eval.Level) *eval.Set {
				all := eval.Document{Name: "all", Policy: everything}
				anyone := eval.Document{Name: "resource", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
					{Effect: policy.Allow, Principal: &policy.Principal{Everyone: true}, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}}
				s, err := eval.Compile(o, eval.Policies{Identity: []eval.Document{all}, Resource: &anyone, SCP: scp, RCP: rcp})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			before := compiled(asked["scp"+acc.Key], asked["rcp"+acc.Key])
			after := compiled(planned(t, p, "SERVICE_CONTROL_POLICY", acc, ids), planned(t, p, "RESOURCE_CONTROL_POLICY", acc, ids))
			if seed%30 == 0 { // for every request there can be
				for kind, typ := range map[policy.Kind]string{policy.ServiceControlPolicy: "scp", policy.ResourceControlPolicy: "rcp"} {
					r, err := compare.Compare(kind, asked[typ+acc.Key], planned(t, p, string(kind), acc, ids), compare.Options{Organization: ids["organization"], Account: ids["account:"+acc.Key]})
					if err != nil || r.Lost.Witness != nil || r.Gained.Witness != nil || r.Lost.Unknown != "" || r.Gained.Unknown != "" {
						t.Fatalf("organization %d: %s: %s: lost %+v, gained %+v, %v", seed, acc.Key, kind, r.Lost, r.Gained, err)
					}
					seen["compared"]++
				}
			}
			for range 30 {
				q := someRequest(r, ids["account:"+acc.Key])
				want, got := before.Authorize(q), after.Authorize(q)
				if got.Decision != want.Decision {
					for _, l := range planned(t, p, "SERVICE_CONTROL_POLICY", acc, ids) {
						for _, d := range l.Policies {
							t.Log(l.ID, d.Name, d.Policy.JSON())
						}
					}
					t.Fatalf("organization %d: %s: %+v: packed says %v, and wanted is %v", seed, acc.Key, q, got.Decision, want.Decision)
				}
				seen[got.Decision.String()]++
			}
		}
	}
	t.Log(seen)
	for _, what := range []string{"merged", "moved", "shared", "in several documents", "ended in the policy", "excepted from more than once", "compared"} {
		if seen[what] < organizations/100 {
			t.Errorf("only %d %s: the test sees little", seen[what], what)
		}
	}
	if seen["refused"] > organizations/3 {
		t.Errorf("%d of %d organizations are refused", seen["refused"], organizations)
	}
}

// excepted are actions that an exception from a guardrail may name.
var excepted = map[string][]string{
	"protect-trails":   {"cloudtrail:StopLogging", "cloudtrail:DeleteTrail"},
	"restrict-regions": {"bedrock:InvokeModel", "ec2:RunInstances"},
}

// someOrganization asks for guardrails at single nodes, at all units and
// accounts below a node, and at some of them, with exceptions from them.
func someOrganization(r *rand.Rand) *acme {
	a := newAcme()
	below := map[string][]string{
		"root": {"Security", "Workloads", "Sandbox"}, "Workloads": {"Workloads/Prod", "Workloads/NonProd"},
		"Workloads/Prod": {"payments", "shop"}, "Security": {"log", "identity"},
	}
	all := []string{"root", "Security", "Workloads", "Workloads/Prod", "Workloads/NonProd", "Sandbox", "payments", "play", "identity"}
	asked := map[string]bool{}
	for range 1 + r.IntN(7) {
		id := []string{"deny-leave-organization", "protect-trails", "protect-trails", "protect-trails", "restrict-regions", "perimeter", "protect-saml-providers"}[r.IntN(7)]
		asked[id] = true
		var params []any
		if id == "protect-trails" {
			var trails []any
			for i := range 1 + r.IntN(12) {
				trails = append(trails, string(rune('a'+i))+[]string{"", "*", "-organization-trail"}[r.IntN(3)])
			}
			params = []any{"trails", trails}
		}
		nodes := []string{all[r.IntN(len(all))]}
		if list := below[nodes[0]]; list != nil && r.IntN(2) == 0 {
			nodes = list[r.IntN(2)*r.IntN(2):] // all of them, or all but one
		}
		for _, n := range nodes {
			a.use(n, id, params...)
		}
	}
	a.use("root", "protect-roles", "roles", []any{"role/Data", "role/team/*-ops", "role/R*"})
	accounts := []string{"log", "identity", "payments", "shop", "dev", "play"}
	for i, id := range sortedKeys(asked) {
		if r.IntN(2) == 0 {
			continue
		}
		a.use("root", id) // somewhere it is in force for every account
		for n := range 1 + r.IntN(4) {
			x := org.Exception{Key: "x" + string(rune('a'+i)) + string(rune('0'+n)), Guardrail: id}
			if id == "perimeter" || r.IntN(2) == 0 {
				x.Accounts = []*org.Account{a.find(accounts[r.IntN(len(accounts))])}
			}
			if actions := excepted[id]; actions != nil && r.IntN(3) == 0 {
				x.Actions = actions[:1+r.IntN(len(actions))]
			}
			if r.IntN(2) == 0 {
				x.Expires = asOf.Add(time.Duration(1+r.IntN(50)) * 24 * time.Hour)
				x.InPolicy = r.IntN(2) == 0
			}
			a.except(x, [][]string{{"role/Data"}, {"role/team/*-ops"}, {"role/Data", "role/team/*-ops"}}[r.IntN(3)]...)
		}
	}
	for i := range r.IntN(3) {
		a.boundary("b"+string(rune('0'+i)), r.IntN(2) == 0, []string{all[r.IntN(len(all))]}, nil)
	}
	return a
}

func someRequest(r *rand.Rand, account string) *eval.Request {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	principal := "arn:aws:iam::" + account + ":role/" + pick("Data", "Data", "team/x-ops", "team/x-ops", "R0", "R1", "OrganizationAccountAccessRole", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_1", "other")
	q := &eval.Request{
		Principal: principal, ResourceAccount: account,
		Action: pick("organizations:LeaveOrganization", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "s3:GetObject", "sqs:SendMessage",
			"iam:CreateRole", "iam:PassRole", "iam:DeletePolicy", "bedrock:InvokeModel", "ec2:RunInstances"),
		Resource: pick("*", "arn:aws:cloudtrail:eu-central-1:"+account+":trail/a", "arn:aws:iam::"+account+":role/Data", "arn:aws:iam::"+account+":role/R0", "arn:aws:s3:::x/y"),
		Context: map[string][]string{
			"aws:PrincipalArn": {principal}, "aws:PrincipalAccount": {account}, "aws:RequestedRegion": {pick("eu-central-1", "us-east-1")},
			"aws:PrincipalOrgID": {pick("o-a1b2c3d4e5", "o-zzzzzzzzzz")}, "aws:PrincipalIsAWSService": {"false"},
			"aws:CurrentTime": {asOf.Add(time.Duration(r.IntN(80)-20) * 24 * time.Hour).Format(time.RFC3339)},
		},
	}
	if strings.HasPrefix(q.Action, "cloudtrail:") {
		q.Resource = "arn:aws:cloudtrail:eu-central-1:" + account + ":trail/" + pick("a", "b", "a-organization-trail")
	}
	if r.IntN(3) == 0 {
		q.Context["iam:PermissionsBoundary"] = []string{"arn:aws:iam::" + account + ":policy/" + pick("b0", "b1", "none")}
	}
	if r.IntN(4) == 0 {
		q.Unknown = []string{"aws:RequestedRegion"}
	}
	return q
}
