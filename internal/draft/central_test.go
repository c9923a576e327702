package draft_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// withIAM puts into a snapshot what a plan places into accounts: as AWS hands
// it out, each account with the roles, groups and policies that a reader finds.
func withIAM(t *testing.T, plan *guardrails.Plan, s object) {
	t.Helper()
	ids := maps.Clone(plan.IDs)
	for i, a := range s["accounts"].([]any) {
		if i == 0 {
			ids["account:management"] = a.(object)["id"].(string)
		} else {
			ids["account:"+plan.Accounts[i-1].Key] = a.(object)["id"].(string)
		}
	}
	ids["organization"] = s["organization"].(object)["id"].(string)
	fill := func(text guardrails.Text) string {
		out, err := text.Fill(ids)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := []any{}
	for _, b := range plan.Baselines {
		id := ids["account:"+b.Account]
		policies, roles, groups := []any{}, []any{}, []any{}
		put := func(m guardrails.ManagedPolicy, boundary bool) string {
			arn := "arn:aws:iam::" + id + ":policy" + m.Path + m.Name
			policies = append(policies, object{"arn": arn, "name": m.Name, "path": m.Path, "description": m.Description, "document": fill(m.Document), "boundary": boundary})
			return arn
		}
		for _, m := range b.Boundaries {
			put(m, true)
		}
		for _, r := range b.Roles {
			attached := []string{}
			for _, m := range r.ManagedPolicies {
				attached = append(attached, fill(m))
			}
			for _, m := range r.Policies {
				attached = append(attached, put(m, false))
			}
			slices.Sort(attached)
			roles = append(roles, object{
				"arn": "arn:aws:iam::" + id + ":role" + r.Path + r.Name, "name": r.Name, "path": r.Path, "description": r.Description, "maxSessionDuration": r.MaxSessionDuration,
				"trust": fill(r.Trust), "permissionsBoundary": fill(r.Boundary), "attachedPolicies": attached, "inlinePolicies": []string{}, "tags": object{},
			})
		}
		roles = append(roles, object{
			"arn": "arn:aws:iam::" + id + ":role/OrganizationAccountAccessRole", "name": "OrganizationAccountAccessRole", "path": "/", "description": "", "maxSessionDuration": 3600,
			"trust":               `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + ids["account:management"] + `:root"},"Action":"sts:AssumeRole"}]}`,
			"permissionsBoundary": "", "attachedPolicies": []string{"arn:aws:iam::aws:policy/AdministratorAccess"}, "inlinePolicies": []string{}, "tags": object{},
		})
		for _, g := range b.Groups {
			groups = append(groups, object{"arn": "arn:aws:iam::" + id + ":group/" + g.Name, "name": g.Name, "path": g.Path, "attachedPolicies": []string{put(g.Policy, false)}, "inlinePolicies": []string{}})
		}
		all = append(all, object{"account": id, "passwordPolicy": object{}, "roles": roles, "groups": groups, "policies": policies})
	}
	s["iam"] = all
}

// inAccounts is what a plan places into accounts: a text for each boundary,
// role and group, that two share which are the same.
func inAccounts(t *testing.T, plan *guardrails.Plan, ids map[string]string) map[string]string {
	t.Helper()
	fill := func(text guardrails.Text) string {
		out, err := text.Fill(ids)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	document := func(text guardrails.Text) string {
		doc, ds := policy.Parse("", []byte(fill(text)))
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		list := []string{}
		for _, s := range doc.Statements {
			list = append(list, recognize.Canonical(s))
		}
		slices.Sort(list)
		return strings.Join(list, "\n")
	}
	managed := func(list ...guardrails.ManagedPolicy) (out []string) {
		for _, m := range list {
			out = append(out, fmt.Sprintf("%s%s %q %s", m.Path, m.Name, m.Description, document(m.Document)))
		}
		return out
	}
	all := map[string]string{}
	for _, b := range plan.Baselines {
		in := ids["account:"+b.Account]
		for _, m := range b.Boundaries {
			all[in+" boundary "+m.Name] = fmt.Sprint(managed(m))
		}
		for _, r := range b.Roles {
			var arns []string
			for _, m := range r.ManagedPolicies {
				arns = append(arns, fill(m))
			}
			all[in+" role "+r.Name] = fmt.Sprint(r.Path, r.Name, r.Description, r.MaxSessionDuration, fill(r.Boundary), r.BreakGlass, arns, managed(r.Policies...), document(r.Trust))
		}
		for _, g := range b.Groups {
			all[in+" group "+g.Name] = fmt.Sprint(g.Path, g.Name, managed(g.Policy))
		}
	}
	return all
}

// placed is the snapshot of an organization in which a plan was deployed, IAM
// included, and what there is of it in accounts.
func placed(t *testing.T, plan *guardrails.Plan, change func(object)) (*live.Snapshot, map[string]string) {
	t.Helper()
	ids := maps.Clone(plan.IDs)
	s := deployed(t, plan, func(s object) {
		withIAM(t, plan, s)
		for i, a := range s["accounts"].([]any) {
			if i > 0 {
				ids["account:"+plan.Accounts[i-1].Key] = a.(object)["id"].(string)
			}
		}
		ids["organization"] = s["organization"].(object)["id"].(string)
		if change != nil {
			change(s)
		}
	})
	return s, inAccounts(t, plan, ids)
}

// The boundaries, roles and groups of the example come out again, exactly.
func TestAcmeAccounts(t *testing.T) {
	plan := load(t, filepath.Join("..", "..", "examples", "acme", "organization.yaml"))
	s, want := placed(t, plan, nil)
	d, again := drafted(t, s)
	sameAsLive(t, s, again)
	got := inAccounts(t, again, again.IDs)
	sameAccounts(t, want, got)
	if f := d.Found[len(d.Found)-1]; f.Policy != "developer" || f.Template != "developer-boundary" || len(f.Parameters) != 1 {
		t.Errorf("%+v", f)
	}
	if !reflect.DeepEqual(d.Plan, again) {
		t.Error("the draft has another plan than its file")
	}
	if len(want) != 32 || len(d.Notes) > 0 {
		t.Errorf("%d things were compared; %q", len(want), d.Notes)
	}
	if testing.Verbose() || t.Failed() {
		t.Logf("%s", d.File)
	}
}

func sameAccounts(t *testing.T, want, got map[string]string) {
	t.Helper()
	if reflect.DeepEqual(want, got) {
		return
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s is\n%s\nand comes out as\n%s", name, text, got[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
}
