package drift

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/drift/planned"
	"github.com/orgrails/orgrails/internal/live"
)

// A changed is a snapshot to be changed.
type changed struct {
	*live.Snapshot
	ids map[string]string
}

func (c changed) policies(edit func(typ string, list *[]live.Policy)) {
	for i := range c.Policies {
		planned.Edit(&c.Policies[i].Policies, func(list *[]live.Policy) { edit(c.Policies[i].Type, list) })
	}
}

func (c changed) policy(name string, edit func(*live.Policy)) {
	found := false
	c.policies(func(_ string, list *[]live.Policy) {
		for i := range *list {
			if (*list)[i].Name == name {
				edit(&(*list)[i])
				found = true
			}
		}
	})
	if !found {
		panic("no policy is named " + name)
	}
}

func (c changed) content(name, old, new string) {
	c.policy(name, func(p *live.Policy) {
		planned.Edit(&p.Content, func(s *string) {
			if !strings.Contains(*s, old) {
				panic(name + " does not hold " + old + ": " + *s)
			}
			*s = strings.Replace(*s, old, new, 1)
		})
	})
}

func (c changed) attach(name, ref string) {
	c.policy(name, func(p *live.Policy) {
		planned.Edit(&p.Targets, func(l *[]live.Target) { *l = append(*l, live.Target{ID: c.ids[ref]}) })
	})
}

func (c changed) detach(name, ref string) {
	c.policy(name, func(p *live.Policy) {
		planned.Edit(&p.Targets, func(l *[]live.Target) {
			*l = slices.DeleteFunc(*l, func(t live.Target) bool { return t.ID == c.ids[ref] })
		})
	})
}

func (c changed) add(typ string, p live.Policy) {
	c.policies(func(t string, list *[]live.Policy) {
		if t == typ {
			*list = append(*list, p)
		}
	})
}

func (c changed) remove(name string) {
	c.policies(func(_ string, list *[]live.Policy) {
		*list = slices.DeleteFunc(*list, func(p live.Policy) bool { return p.Name == name })
	})
}

func (c changed) iam(key string, edit func(*live.AccountIAM)) {
	planned.Edit(&c.IAM, func(list *[]live.AccountIAM) {
		for i := range *list {
			if (*list)[i].Account == c.ids["account:"+key] {
				edit(&(*list)[i])
			}
		}
	})
}

func (c changed) role(key, name string, edit func(*live.Role)) {
	c.iam(key, func(a *live.AccountIAM) {
		planned.Edit(&a.Roles, func(list *[]live.Role) {
			for i := range *list {
				if (*list)[i].Name == name {
					edit(&(*list)[i])
				}
			}
		})
	})
}

func (c changed) analyzer(region, name string, edit func(*live.Analyzer)) {
	planned.Edit(&c.Analyzers, func(list *[]live.RegionAnalyzers) {
		for i := range *list {
			if (*list)[i].Region == region {
				planned.Edit(&(*list)[i].Analyzers, func(list *[]live.Analyzer) {
					for j := range *list {
						if (*list)[j].Name == name {
							edit(&(*list)[j])
						}
					}
				})
			}
		}
	})
}

func (c changed) account(key string, edit func(*live.Account)) {
	planned.Edit(&c.Accounts, func(list *[]live.Account) {
		for i := range *list {
			if (*list)[i].ID == c.ids["account:"+key] {
				edit(&(*list)[i])
			}
		}
	})
}

func (c changed) unit(path string, edit func(*live.Unit)) {
	planned.Edit(&c.Units, func(list *[]live.Unit) {
		for i := range *list {
			if (*list)[i].ID == c.ids["unit:"+path] {
				edit(&(*list)[i])
			}
		}
	})
}

func drop[T any](a *live.Answer[[]T], is func(T) bool) {
	planned.Edit(a, func(l *[]T) { *l = slices.DeleteFunc(*l, is) })
}

const byHand = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sns:*","Resource":"*"}]}`

// Each case is a change, and the findings that it must make: kind, what, where,
// severity and stack.
var changes = []struct {
	name   string
	change func(changed)
	want   []string
}{
	{"spelling", func(c changed) {
		c.content("orgrails-scp-root", `{"Version":"2012-10-17",`, "{\n  \"Version\" : \"2012-10-17\",")
		c.content("orgrails-scp-Suspended", `"Action":"*"`, `"Action":["*"]`)
	}, nil},
	{"policy edited", func(c changed) {
		c.content("orgrails-scp-root", `"organizations:LeaveOrganization"`, `"organizations:LeaveNothing"`)
	}, []string{"policy-edited SCP orgrails-scp-root @ error policies"}},
	{"policy edited, and means the same", func(c changed) {
		c.content("orgrails-scp-Suspended", `"Sid":"`, `"Sid":"Other`)
	}, []string{"policy-edited SCP orgrails-scp-Suspended @ warning policies"}},
	{"policy nobody understands", func(c changed) {
		c.policy("orgrails-scp-Suspended", func(p *live.Policy) { p.Content = planned.Answer("{") })
	}, []string{"policy-edited SCP orgrails-scp-Suspended @ warning policies"}},
	{"policy detached", func(c changed) { c.detach("orgrails-scp-Workloads/Prod", "unit:Workloads/Prod") },
		[]string{"policy-detached SCP orgrails-scp-Workloads/Prod @unit:Workloads/Prod error policies"}},
	{"policy attached elsewhere", func(c changed) { c.attach("orgrails-scp-Suspended", "account:payments-dev") },
		[]string{"policy-attached-elsewhere SCP orgrails-scp-Suspended @account:payments-dev warning "}},
	{"policy deleted", func(c changed) { c.remove("orgrails-scp-Security") },
		[]string{"policy-deleted SCP orgrails-scp-Security @ error policies"}},
	{"policy of others", func(c changed) {
		c.add(serviceControl, live.Policy{ID: "p-1", Name: "sns", Content: planned.Answer(byHand), Targets: planned.Answer([]live.Target{{ID: c.ids["unit:Security"]}, {ID: c.ids["root"]}})})
		c.add(serviceControl, live.Policy{ID: "p-2", Name: "unused", Content: planned.Answer(byHand), Targets: planned.Answer([]live.Target{})})
	}, []string{"policy-foreign SCP sns @root warning ", "policy-foreign SCP sns @unit:Security warning "}},
	{"policy of an earlier file", func(c changed) {
		c.add(serviceControl, live.Policy{ID: "p-1", Name: "orgrails-scp-Old", Content: planned.Answer(byHand), Targets: planned.Answer([]live.Target{{ID: c.ids["root"]}})})
		c.add(serviceControl, live.Policy{ID: "p-2", Name: "orgrails-scp-Older", Content: planned.Answer(byHand), Targets: planned.Answer([]live.Target{})})
	}, []string{"policy-left SCP orgrails-scp-Old @root warning ", "policy-left SCP orgrails-scp-Older @ note "}},
	{"FullAWSAccess", func(c changed) { c.detach("FullAWSAccess", "account:security") },
		[]string{"full-access-missing SCP FullAWSAccess @account:security error "}},
	{"unit renamed", func(c changed) { c.unit("Workloads/Prod", func(u *live.Unit) { u.Name = "Production" }) },
		[]string{"unit-renamed unit Workloads/Prod @unit:Workloads/Prod warning organization"}},
	{"unit deleted", func(c changed) {
		drop(&c.Units, func(u live.Unit) bool { return u.ID == c.ids["unit:Suspended"] })
		c.account("legacy-shop", func(a *live.Account) { a.ParentID = planned.Answer(c.ids["root"]) })
		c.detach("orgrails-scp-Suspended", "unit:Suspended")
		c.detach("FullAWSAccess", "unit:Suspended")
	}, []string{"account-moved account legacy-shop @account:legacy-shop error organization", "unit-missing unit Suspended @unit:Suspended error organization"}},
	{"unit unknown", func(c changed) {
		planned.Edit(&c.Units, func(l *[]live.Unit) {
			*l = append(*l, live.Unit{ID: "ou-ab12-99999999", Name: "Späti 24", ParentID: c.ids["unit:Workloads"]})
		})
	}, []string{"unit-unknown unit Späti 24 @unit:Workloads warning "}},
	{"account moved", func(c changed) {
		c.account("payments-prod", func(a *live.Account) { a.ParentID = planned.Answer(c.ids["unit:Sandbox"]) })
	}, []string{"account-moved account payments-prod @account:payments-prod error organization"}},
	{"account gone", func(c changed) {
		drop(&c.Accounts, func(a live.Account) bool { return a.ID == "666666666666" })
		drop(&c.IAM, func(a live.AccountIAM) bool { return a.Account == "666666666666" })
	}, []string{"account-gone account data-platform @account:data-platform error "}},
	{"account yet to be made", func(c changed) {
		drop(&c.Accounts, func(a live.Account) bool { return a.ID == c.ids["account:sandbox-1"] })
		drop(&c.IAM, func(a live.AccountIAM) bool { return a.Account == c.ids["account:sandbox-1"] })
	}, []string{"account-gone account sandbox-1 @account:sandbox-1 warning organization"}},
	{"account suspended", func(c changed) { c.account("legacy-shop", func(a *live.Account) { a.State = "SUSPENDED" }) },
		[]string{"account-suspended account legacy-shop @account:legacy-shop error "}},
	{"account renamed", func(c changed) {
		c.account("security", func(a *live.Account) { a.Name, a.Email = "Sec", strings.ToUpper(a.Email) })
	}, []string{"account-renamed name of account security @account:security note "}},
	{"account unknown", func(c changed) {
		planned.Edit(&c.Accounts, func(l *[]live.Account) {
			*l = append(*l, live.Account{ID: "999999999991", Name: "security", Email: "x@acme.example", State: "ACTIVE", ParentID: planned.Answer(c.ids["unit:Sandbox"])},
				live.Account{ID: "999999999992", Name: "old", Email: "y@acme.example", State: "CLOSED", ParentID: planned.Answer(c.ids["root"])})
		})
	}, []string{"account-unknown account security @unit:Sandbox warning "}},
	{"settings", func(c changed) {
		planned.Edit(&c.TrustedServices, func(l *[]string) { *l = []string{"iam.amazonaws.com", "config.amazonaws.com"} })
		planned.Edit(&c.CentralizedRootAccess, func(l *[]string) { *l = []string{"RootSessions"} })
		planned.Edit(&c.Root, func(r *live.Root) { r.PolicyTypes = r.PolicyTypes[1:] })
		planned.Edit(&c.DelegatedAdministrators, func(l *[]live.DelegatedAdministrator) {
			(*l)[0].Services = planned.Answer([]string{"iam.amazonaws.com"})
		})
	}, []string{
		"central-root-access-off central root access RootCredentialsManagement @ error organization",
		"delegated-administrator-gone delegated administrator of access-analyzer.amazonaws.com @account:security error organization",
		"policy-type-off policy type RESOURCE_CONTROL_POLICY @root error organization",
		"trusted-service-off trusted access of access-analyzer.amazonaws.com @ error organization",
	}},
	{"password policy", func(c changed) {
		c.iam("payments-prod", func(a *live.AccountIAM) {
			planned.Edit(&a.PasswordPolicy, func(p *live.PasswordPolicy) {
				p.MinimumLength, p.RequireSymbols, p.MaxAge, p.PreventReuseOfCount = p.MinimumLength-1, !p.RequireSymbols, 0, p.PreventReuseOfCount-1
			})
		})
		c.iam("security", func(a *live.AccountIAM) {
			planned.Edit(&a.PasswordPolicy, func(p *live.PasswordPolicy) { p.MinimumLength++ })
		})
		c.iam("management", func(a *live.AccountIAM) { a.PasswordPolicy = planned.Answer(live.PasswordPolicy{}) })
	}, []string{
		"password-policy-changed password policy: minimumPasswordLength @account:security note account-security",
		"password-policy-deleted password policy @account:management error account-management",
		"password-policy-weaker password policy: maxPasswordAge @account:payments-prod error account-payments-prod",
		"password-policy-weaker password policy: minimumPasswordLength @account:payments-prod error account-payments-prod",
		"password-policy-weaker password policy: passwordReusePrevention @account:payments-prod error account-payments-prod",
		"password-policy-weaker password policy: requireSymbols @account:payments-prod error account-payments-prod",
	}},
	{"role deleted", func(c changed) {
		c.iam("payments-prod", func(a *live.AccountIAM) { drop(&a.Roles, func(r live.Role) bool { return r.Name == "Admin" }) })
	}, []string{"role-deleted role Admin @account:payments-prod error account-payments-prod"}},
	{"role changed", func(c changed) {
		c.role("payments-prod", "Deploy", func(r *live.Role) {
			r.Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
			r.Boundary, r.AttachedPolicies, r.InlinePolicies = "", []string{"arn:aws:iam::aws:policy/AdministratorAccess"}, []string{"more"}
			r.Description, r.MaxSession, r.Path = planned.Answer("mine"), planned.Answer(43200), "/x/"
		})
	}, []string{
		"role-boundary boundary of role Deploy @account:payments-prod error account-payments-prod",
		"role-policies inline policies of role Deploy @account:payments-prod error ",
		"role-policies policies of role Deploy @account:payments-prod error account-payments-prod",
		"role-settings description of role Deploy @account:payments-prod note account-payments-prod",
		"role-settings path of role Deploy @account:payments-prod warning account-payments-prod",
		"role-settings session duration of role Deploy @account:payments-prod warning account-payments-prod",
		"role-trust trust of role Deploy @account:payments-prod error account-payments-prod",
	}},
	{"boundary", func(c changed) {
		open := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
		c.iam("payments-prod", func(a *live.AccountIAM) {
			planned.Edit(&a.Policies, func(l *[]live.ManagedPolicy) {
				for i := range *l {
					if (*l)[i].Name == "developer" {
						(*l)[i].Document = open
					}
				}
			})
		})
		c.iam("payments-dev", func(a *live.AccountIAM) {
			drop(&a.Policies, func(p live.ManagedPolicy) bool { return p.Name == "developer" })
		})
	}, []string{
		"boundary-deleted boundary developer @account:payments-dev error account-payments-dev",
		"boundary-edited boundary developer @account:payments-prod error account-payments-prod",
	}},
	{"groups", func(c changed) {
		c.iam("identity", func(a *live.AccountIAM) {
			drop(&a.Groups, func(g live.Group) bool { return g.Name == "auditors" })
			planned.Edit(&a.Groups, func(l *[]live.Group) { (*l)[0].AttachedPolicies = []string{} })
			drop(&a.Policies, func(p live.ManagedPolicy) bool { return p.Name == "orgrails-assume-platform-engineers" })
		})
	}, []string{
		"group-deleted group auditors @account:identity error account-identity",
		"group-policies policy of group on-call @account:identity error account-identity",
		"managed-policy-deleted policy orgrails-assume-platform-engineers @account:identity error account-identity",
	}},
	{"policy of a group edited", func(c changed) {
		c.iam("identity", func(a *live.AccountIAM) {
			planned.Edit(&a.Policies, func(l *[]live.ManagedPolicy) { (*l)[0].Document = byHand })
		})
	}, []string{"managed-policy-edited policy orgrails-assume-auditors @account:identity error account-identity"}},
	{"analyzers", func(c changed) {
		planned.Edit(&c.Analyzers, func(l *[]live.RegionAnalyzers) {
			for i := range *l {
				if (*l)[i].Region == "eu-west-1" {
					(*l)[i].Analyzers = planned.Answer([]live.Analyzer{})
				}
			}
		})
		c.analyzer("eu-central-1", "orgrails-unused", func(a *live.Analyzer) {
			planned.Edit(&a.Configuration, func(c *live.AnalyzerConfiguration) { c.UnusedAccessAge++ })
			a.ArchiveRules = planned.Answer([]live.ArchiveRule{})
		})
		c.analyzer("eu-central-1", "orgrails-external", func(a *live.Analyzer) {
			planned.Edit(&a.ArchiveRules, func(l *[]live.ArchiveRule) {
				yes := true
				(*l)[0].Filter = map[string]live.Criterion{"isPublic": {Exists: &yes}}
				*l = append(*l, live.ArchiveRule{Name: "all", Filter: map[string]live.Criterion{"isPublic": {Eq: []string{"true"}}}})
			})
		})
	}, []string{
		"analyzer-changed unused access age of analyzer orgrails-unused @eu-central-1 error analyzers-eu-central-1",
		"analyzer-deleted analyzer orgrails-external @eu-west-1 error analyzers-eu-west-1",
		"archive-rule-changed archive rule vendor-audit of analyzer orgrails-external @eu-central-1 warning analyzers-eu-central-1",
		"archive-rule-deleted archive rule build-roles of analyzer orgrails-unused @eu-central-1 warning analyzers-eu-central-1",
		"archive-rule-unknown archive rule all of analyzer orgrails-external @eu-central-1 warning ",
	}},
}

func kinds(r *Report) []string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, string(f.Kind)+" "+f.What+" @"+f.Where+" "+string(f.Severity)+" "+f.Stack)
	}
	slices.Sort(list)
	return list
}

func TestKinds(t *testing.T) {
	p := acme(t)
	seen := map[Kind]bool{}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			s := planned.Snapshot(p, asOf)
			c.change(changed{s, planned.IDs(p)})
			r := find(t, s, p)
			if got := kinds(r); !slices.Equal(got, c.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, n := range r.NotChecked {
				if !strings.Contains(n.Reason, "which AWS has yet to make") || c.name != "account yet to be made" {
					t.Errorf("not checked: %v", n)
				}
			}
			for _, f := range r.Findings {
				seen[f.Kind] = true
				if f.Expected != "" && f.Origin == "" && !slices.Contains([]Kind{FullAccessMissing, TrustedServiceOff, PolicyTypeOff, RootAccessOff, RootAccessOn}, f.Kind) {
					t.Errorf("%s %s has no line", f.Kind, f.What)
				}
				if f.Stack == "" && f.Hint == "" {
					t.Errorf("%s %s has no way out", f.Kind, f.What)
				}
			}
			if _, err := Against(s, p, diff.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	elsewhere := []Kind{FullAccessBack, ForeignGone, RootAccessOn} // in the tests below
	for _, k := range Kinds {
		if !seen[k.Kind] && !slices.Contains(elsewhere, k.Kind) {
			t.Errorf("no case makes a finding of the kind %s", k.Kind)
		}
	}
}

const others = `version: 1
organization:
  id: o-a1b2c3d4e5
  name: other
  managementAccount: {id: "111111111111"}
  homeRegion: eu-central-1
  regions: [eu-central-1]
  centralizedRootAccess: [RootCredentialsManagement]
root:
  guardrails: [deny-leave-organization]
  units:
    Play:
      allowList: [s3, ec2, iam, sts, organizations, access-analyzer, logs, cloudtrail, kms]
      accounts: {play: {id: "222222222222", email: play@other.example}}
    Idle: {}
managedElsewhere:
  policies:
    aws-guardrails-A: {type: SERVICE_CONTROL_POLICY, targets: [Play]}
    aws-guardrails-B: {type: SERVICE_CONTROL_POLICY, targets: [Play]}
roles:
  Auditor: {targets: [root], managedPolicies: [SecurityAudit], trust: {account: "999999999999", externalId: other-1a2b}}
`

func otherPlan(t *testing.T) *guardrails.Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "organization.yaml")
	if err := os.WriteFile(path, []byte(others), 0o644); err != nil {
		t.Fatal(err)
	}
	return compiled(t, path)
}

func TestOthers(t *testing.T) {
	p := otherPlan(t)
	s := planned.Snapshot(p, asOf)
	if r := find(t, s, p); !r.Clean() {
		t.Fatalf("before:\n%s", lines(r))
	}
	c := changed{s, planned.IDs(p)}
	c.attach("FullAWSAccess", "unit:Play")
	c.remove("aws-guardrails-A")
	c.detach("aws-guardrails-B", "unit:Play")
	c.attach("aws-guardrails-B", "root")
	planned.Edit(&s.CentralizedRootAccess, func(l *[]string) { *l = append(*l, "RootSessions") })
	want := []string{
		"central-root-access-on central root access RootSessions @ warning organization",
		"full-access-back SCP FullAWSAccess @unit:Play error ",
		"policy-foreign SCP aws-guardrails-B @root warning ",
		"policy-foreign-gone SCP aws-guardrails-A @ warning ",
		"policy-foreign-gone SCP aws-guardrails-B @unit:Play warning ",
	}
	r := find(t, s, p)
	if got := kinds(r); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, f := range r.Findings {
		if f.Kind == FullAccessBack && !strings.HasPrefix(f.Origin, "organization.yaml:13:") {
			t.Errorf("the allow list is asked for at %q", f.Origin)
		}
	}
}

// What drift does to access is said of the policy that does it.
func TestEffects(t *testing.T) {
	p := acme(t)
	s := planned.Snapshot(p, asOf)
	c := changed{s, planned.IDs(p)}
	c.content("orgrails-scp-root", `"organizations:LeaveOrganization"`, `"organizations:LeaveNothing"`)
	c.add(serviceControl, live.Policy{ID: "p-1", Name: "sns", Content: planned.Answer(byHand), Targets: planned.Answer([]live.Target{{ID: c.ids["unit:Sandbox"]}})})
	got := map[string]bool{}
	for _, f := range find(t, s, p).Findings {
		for _, e := range f.Effects {
			if e.Request == nil {
				t.Fatalf("%s: %s", f.What, e.Unknown)
			}
			service, _, _ := strings.Cut(e.Request.Action, ":")
			got[f.What+": "+string(e.Change)+" "+service+" "+strings.Join(e.Accounts, ",")] = true
		}
	}
	all := "data-platform,identity,legacy-shop,log-archive,payments-dev,payments-prod,sandbox-1,security"
	for _, want := range []string{
		"SCP orgrails-scp-root: newly allowed organizations " + all,
		"SCP orgrails-scp-root: newly denied organizations " + all,
		"SCP sns: newly denied sns sandbox-1",
	} {
		if !got[want] {
			t.Errorf("no effect %q in %v", want, sortedKeys(got))
		}
	}
	// Deploying takes back what was edited, and leaves what is others'.
	d, err := Against(s, p, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.NewlyDenied != diff.Some || d.NewlyAllowed != diff.Some || len(d.NotCompared) > 0 {
		t.Errorf("%s denied, %s allowed, not compared %v", d.NewlyDenied, d.NewlyAllowed, d.NotCompared)
	}
	for _, e := range d.Effects {
		if strings.HasPrefix(e.Request.Action, "sns:") {
			t.Errorf("a policy of others is taken for ours: %+v", e)
		}
	}
	for _, x := range d.Documents {
		if x.Name != "orgrails-scp-root" {
			t.Errorf("document %+v", x)
		}
	}
}

// A policy that waits for a boundary is the plan's as it is until then.
func TestPending(t *testing.T) {
	p := acme(t)
	i := slices.IndexFunc(p.Policies, func(x guardrails.Policy) bool { return x.Name == "orgrails-scp-Sandbox" })
	pending, err := p.Policies[i].Pending.Content.Fill(planned.IDs(p))
	if err != nil {
		t.Fatal(err)
	}
	for _, there := range []bool{false, true} {
		s := planned.Snapshot(p, asOf)
		c := changed{s, planned.IDs(p)}
		c.policy("orgrails-scp-Sandbox", func(x *live.Policy) { x.Content = planned.Answer(pending) })
		want := []string{"policy-edited SCP orgrails-scp-Sandbox @ error policies"}
		if !there {
			c.iam("sandbox-1", func(a *live.AccountIAM) {
				drop(&a.Policies, func(x live.ManagedPolicy) bool { return x.Name == "developer" })
			})
			want = []string{"boundary-deleted boundary developer @account:sandbox-1 error account-sandbox-1"}
		}
		if got := kinds(find(t, s, p)); !slices.Equal(got, want) {
			t.Errorf("boundary there %v: found %q, want %q", there, got, want)
		}
	}
}

// What was not read is never taken for missing.
func TestNotRead(t *testing.T) {
	p := acme(t)
	for _, c := range []struct {
		name   string
		change func(changed)
		want   []string
		access bool // what depends on it is not known
	}{
		{"an account", func(c changed) {
			c.iam("payments-prod", func(a *live.AccountIAM) { *a = live.AccountIAM{Account: a.Account} })
			c.NotRead = append(c.NotRead, live.NotRead{What: "everything", API: "sts:AssumeRole", Account: "444444444444", Reason: "AccessDenied"})
		}, []string{"the password policy at account:payments-prod: AccessDenied", "the roles, groups and boundaries at account:payments-prod: AccessDenied"}, true},
		{"the policies", func(c changed) {
			for i := range c.Policies {
				c.Policies[i].Policies = planned.Unread[[]live.Policy]()
			}
		}, []string{"the policies of type RESOURCE_CONTROL_POLICY at : ", "the policies of type SERVICE_CONTROL_POLICY at : ", "where FullAWSAccess is attached at : "}, true},
		{"a content", func(c changed) {
			c.policy("orgrails-scp-root", func(p *live.Policy) { p.Content = planned.Unread[string]() })
		},
			[]string{"the content of policy orgrails-scp-root at : "}, true},
		{"attachments", func(c changed) {
			c.policy("orgrails-scp-root", func(p *live.Policy) { p.Targets = planned.Unread[[]live.Target]() })
		}, []string{"where policy orgrails-scp-root is attached at : "}, true},
		{"a place", func(c changed) {
			c.account("payments-prod", func(a *live.Account) { a.ParentID = planned.Unread[string]() })
		}, []string{"which unit account payments-prod is in at account:payments-prod: "}, true},
		{"the settings", func(c changed) {
			c.TrustedServices, c.CentralizedRootAccess, c.DelegatedAdministrators = planned.Unread[[]string](), planned.Unread[[]string](), planned.Unread[[]live.DelegatedAdministrator]()
		}, []string{"central root access at : ", "the delegated administrators at : ", "the trusted services at : "}, true},
		{"the analyzers", func(c changed) { c.Analyzers = planned.Unread[[]live.RegionAnalyzers]() },
			[]string{"the analyzers at eu-central-1: ", "the analyzers at eu-west-1: "}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := planned.Snapshot(p, asOf)
			c.change(changed{s, planned.IDs(p)})
			r := find(t, s, p)
			var got []string
			for _, n := range r.NotChecked {
				got = append(got, n.What+" at "+n.Where+": "+n.Reason)
			}
			slices.Sort(got)
			if !r.Clean() || !slices.Equal(got, c.want) {
				t.Errorf("%s\nwant\n%s", lines(r), strings.Join(c.want, "\n"))
			}
			d, err := Against(s, p, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := diff.None
			if c.access {
				want = diff.Unknown
			}
			if len(d.Documents)+len(d.Guardrails)+len(d.Accounts)+len(d.Others) > 0 || d.NewlyDenied != want || d.NewlyAllowed != want || len(d.NotCompared) == 0 {
				t.Errorf("%s denied, %s allowed: %+v", d.NewlyDenied, d.NewlyAllowed, d)
			}
		})
	}
	// An account that has yet to be made is named in what could not be read.
	s := planned.Snapshot(p, asOf)
	c := changed{s, planned.IDs(p)}
	drop(&c.Accounts, func(a live.Account) bool { return a.ID == c.ids["account:sandbox-1"] })
	c.iam("identity", func(a *live.AccountIAM) { *a = live.AccountIAM{Account: a.Account} })
	c.policy("orgrails-scp-root", func(p *live.Policy) { p.Content = planned.Unread[string]() })
	if _, err := Against(s, p, diff.Options{}); err != nil {
		t.Error(err)
	}
	s = planned.Snapshot(p, asOf)
	s.Units = planned.Unread[[]live.Unit]()
	if _, err := Find(s, p, Options{}); err == nil {
		t.Error("an organization without units was compared")
	}
}

func TestEvents(t *testing.T) {
	event := func(time, name, who, more string) string {
		return `{"eventTime":"` + time + `","eventSource":"organizations.amazonaws.com","eventName":"` + name + `","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7",` +
			`"userIdentity":{"type":"AssumedRole","arn":"` + who + `"},"recipientAccountId":"111111111111"` + more + `}`
	}
	params := `,"requestParameters":{"accountId":"444444444444","destinationParentId":"x"}`
	one := event("2026-11-20T08:00:00Z", "MoveAccount", "arn:aws:sts::111111111111:assumed-role/A/first", params)
	two := event("2026-11-21T08:00:00Z", "MoveAccount", "arn:aws:sts::111111111111:assumed-role/A/second", params)
	failed := event("2026-11-22T08:00:00Z", "MoveAccount", "arn:aws:sts::111111111111:assumed-role/A/failed", params+`,"errorCode":"AccessDenied"`)
	other := event("2026-11-22T09:00:00Z", "MoveAccount", "arn:aws:sts::111111111111:assumed-role/A/other", `,"requestParameters":{"accountId":"555555555555"}`)
	quoted := strings.ReplaceAll(two, `"`, `\"`)
	p := acme(t)
	for name, text := range map[string]string{
		"a log file":    `{"Records":[` + two + "," + one + "," + failed + "," + other + `]}`,
		"JSON Lines":    one + "\n" + two + "\n" + failed + "\n",
		"LookupEvents":  `{"Events":[{"EventName":"MoveAccount","CloudTrailEvent":"` + quoted + `"}]}`,
		"EventBridge":   `{"detail-type":"x","detail":` + two + `}`,
		"a list of all": `[` + one + "," + two + `]`,
	} {
		events, err := ReadEvents("events.json", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := planned.Snapshot(p, asOf)
		c := changed{s, planned.IDs(p)}
		c.account("payments-prod", func(a *live.Account) { a.ParentID = planned.Answer(c.ids["unit:Sandbox"]) })
		r := find(t, s, p)
		r.Attribute(events)
		if len(r.Findings) != 1 || r.Findings[0].By == nil || !strings.HasSuffix(r.Findings[0].By.Who, "/second") {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
	// A policy that is gone is known by the event that made it.
	s := planned.Snapshot(p, asOf)
	changed{s, planned.IDs(p)}.remove("orgrails-scp-Security")
	gone, err := ReadEvents("events.json", []byte(
		event("2026-11-01T08:00:00Z", "CreatePolicy", "arn:aws:iam::111111111111:user/a", `,"responseElements":{"policy":{"policySummary":{"id":"p-1234","name":"orgrails-scp-Security"}}}`)+
			event("2026-11-02T08:00:00Z", "DeletePolicy", "arn:aws:iam::111111111111:user/b", `,"requestParameters":{"policyId":"p-1234"}`)+
			event("2026-11-03T08:00:00Z", "DeletePolicy", "arn:aws:iam::111111111111:user/c", `,"requestParameters":{"policyId":"p-5678"}`)))
	if err != nil {
		t.Fatal(err)
	}
	r := find(t, s, p)
	r.Attribute(gone)
	if len(r.Findings) != 1 || r.Findings[0].By == nil || r.Findings[0].By.Who != "arn:aws:iam::111111111111:user/b" {
		t.Errorf("%+v", r.Findings)
	}
	for _, bad := range []string{"{", "1", `{"a":1}`, `[[[[[[[]]]]]]]`} {
		if _, err := ReadEvents("events.json", []byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// A text that the plan leaves in AWS as it was found has not drifted, and one
// that was edited since has.
func TestAsFound(t *testing.T) {
	p := acme(t)
	i := slices.IndexFunc(p.Policies, func(x guardrails.Policy) bool { return x.Name == "orgrails-scp-Suspended" })
	content, err := p.Policies[i].Content.Fill(planned.IDs(p))
	if err != nil {
		t.Fatal(err)
	}
	// The same, and once more what it denies already.
	p.Policies[i].AsFound = guardrails.Text(strings.Replace(content, `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:instance/none","Condition":{"Bool":{"aws:ViaAWSService":"true","aws:SecureTransport":"false"}}},`, 1))
	s := planned.Snapshot(p, asOf)
	if r := find(t, s, p); !r.Clean() {
		t.Errorf("found %s", lines(r))
	}
	if d, err := Against(s, p, diff.Options{}); err != nil || !d.Same() {
		t.Errorf("%+v %v", d, err)
	}
	changed{s, planned.IDs(p)}.content("orgrails-scp-Suspended", "instance/none", "instance/some")
	if got := kinds(find(t, s, p)); !slices.Equal(got, []string{"policy-edited SCP orgrails-scp-Suspended @ error policies"}) {
		t.Errorf("found %q", got)
	}
	if d, err := Against(s, p, diff.Options{}); err != nil || len(d.Documents) != 1 || d.Documents[0].Name != "orgrails-scp-Suspended" {
		t.Errorf("%+v %v", d, err)
	}
}
