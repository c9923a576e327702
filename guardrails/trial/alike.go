package trial

import (
	"regexp"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var accountIDs = regexp.MustCompile(`\d{12}`)

// alike is the same text for questions that can only have the same answer: the
// same documents reach both accounts, at as many levels, and none of them says
// anything of either account or of its place. An organization of thousands of
// accounts has few that differ.
func (w *World) alike(q Question, p principal) string {
	id := w.ids["account:"+q.Account]
	if w.special == nil {
		w.special = map[string]bool{}
		note := func(t guardrails.Text) {
			text, err := t.Fill(w.ids)
			if err != nil {
				return
			}
			for _, m := range accountIDs.FindAllString(text, -1) {
				w.special[m] = true
			}
			w.byPath = w.byPath || strings.Contains(strings.ToLower(text), "orgpaths")
		}
		for _, pol := range w.plan.Policies {
			note(pol.Content)
		}
		for _, f := range w.plan.Elsewhere {
			note(f.Content)
		}
		for _, b := range w.plan.Baselines {
			for _, d := range b.Boundaries {
				note(d.Document)
			}
			for _, r := range b.Roles {
				for _, d := range r.Policies {
					note(d.Document)
				}
			}
		}
	}
	if w.special[id] || w.byPath || strings.Contains(q.Resource, id) {
		return q.Account
	}
	parts := []string{p.policies}
	nodes := w.chain(q.Account)
	for i, node := range nodes {
		for _, typ := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy} {
			for _, d := range w.attached[string(typ)+" "+target(i, len(nodes), node)] {
				parts = append(parts, d.Name)
			}
		}
		parts = append(parts, "/")
	}
	return strings.Join(parts, "\x00")
}

// named are resources that Deny statements which reach an account name: one
// for each pattern, with something in place of its wildcards.
func (w *World) named(account string) []string {
	var out []string
	seen := map[string]bool{}
	fill := func(parts []string) string {
		for i, with := range map[int]string{3: w.plan.Organization.HomeRegion, 4: w.ids["account:"+account]} {
			if parts[i] == "*" {
				parts[i] = with
			}
		}
		return strings.NewReplacer("*", "any", "?", "x").Replace(strings.Join(parts, ":"))
	}
	for _, typ := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy} {
		for _, l := range w.levels(account, string(typ)) {
			for _, d := range l.Policies {
				for _, s := range d.Policy.Statements {
					if s.Effect != policy.Deny {
						continue
					}
					for _, r := range s.Resource {
						parts := policy.SplitARN(r)
						if len(parts) != 6 || seen[r] {
							continue
						}
						seen[r] = true
						out = append(out, fill(parts))
					}
				}
			}
		}
	}
	return out
}

// organization is what the engine has to know of the organization for one
// question: whether who asks and who owns the resource are of it.
func (w *World) organization(ids ...string) eval.Organization {
	o := eval.Organization{ID: w.org.ID, ManagementAccount: w.org.ManagementAccount}
	for _, id := range ids {
		if w.keys[id] != "" {
			o.Accounts = append(o.Accounts, id)
		}
	}
	return o
}
