package render

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// baselines writes what is placed into the accounts. Accounts that get the
// same, but for their own ids, are written once.
func (p *page) baselines(plan *guardrails.Plan, quotas awsdata.Quotas) {
	type like struct {
		accounts []string
		first    guardrails.Baseline
	}
	var order []*like
	byPrint := map[uint64]*like{}
	for _, b := range plan.Baselines {
		if len(b.Boundaries)+len(b.Roles)+len(b.Groups) == 0 && b.PasswordPolicy == nil {
			continue
		}
		print := fingerprint(b)
		l := byPrint[print]
		if l == nil {
			l = &like{first: b}
			byPrint[print] = l
			order = append(order, l)
		}
		l.accounts = append(l.accounts, b.Account)
	}
	if len(order) == 0 {
		return
	}
	p.heading("In the accounts")
	// What most accounts get comes first.
	slices.SortStableFunc(order, func(a, b *like) int { return len(b.accounts) - len(a.accounts) })
	for _, l := range order {
		title := several(l.accounts, 6)
		if n := len(l.accounts); n > 1 {
			title = plural(n, "account") + ": " + title
		}
		p.paragraph("  ", p.opts.paint(bold, title))
		p.baseline(l.first, quotas)
	}
}

// fingerprint is equal for the baselines of two accounts that get the same.
func fingerprint(b guardrails.Baseline) uint64 {
	h := fnv.New64a()
	own := string(guardrails.Ref("account:" + b.Account))
	text := func(t guardrails.Text) { io.WriteString(h, strings.ReplaceAll(string(t), own, "{{own}}")+"\x00") }
	managed := func(m guardrails.ManagedPolicy) {
		fmt.Fprintf(h, "%q %q %q %d %q", m.Name, m.Path, m.Description, m.Size, m.Origin)
		text(m.Document)
	}
	for _, m := range b.Boundaries {
		io.WriteString(h, "boundary")
		managed(m)
	}
	if b.PasswordPolicy != nil {
		fmt.Fprintf(h, "password %+v", *b.PasswordPolicy)
	}
	for _, r := range b.Roles {
		fmt.Fprintf(h, "role %q %q %q %d %t %q", r.Name, r.Path, r.Description, r.MaxSessionDuration, r.BreakGlass, r.Origin)
		text(r.Trust)
		text(r.Boundary)
		for _, arn := range r.ManagedPolicies {
			text(arn)
		}
		for _, m := range r.Policies {
			managed(m)
		}
	}
	for _, g := range b.Groups {
		fmt.Fprintf(h, "group %q %q %q", g.Name, g.Path, g.Origin)
		managed(g.Policy)
	}
	return h.Sum64()
}

// baseline writes what one account gets.
func (p *page) baseline(b guardrails.Baseline, quotas awsdata.Quotas) {
	origin := func(s string) string { return p.opts.paint(faint, Escape(s)) }
	for _, m := range b.Boundaries {
		fmt.Fprintf(p, "    boundary  %s  %s  %s\n", Escape(m.Name), room(m.Size, quotas.ManagedPolicySize), origin(m.Origin))
	}
	if pw := b.PasswordPolicy; pw != nil {
		fmt.Fprintf(p, "    passwords  %s\n", origin(pw.Origin))
		p.paragraph("          ", passwords(pw))
	}
	for _, r := range b.Roles {
		name := Escape(r.Name)
		if r.BreakGlass {
			name += " " + p.opts.paint(yellow, "break-glass")
		}
		fmt.Fprintf(p, "    role  %s  sessions of %s  %s\n", name, seconds(r.MaxSessionDuration), origin(r.Origin))
		p.detail("assumed by", trusted(r.Trust))
		var may []string
		for _, arn := range r.ManagedPolicies {
			_, name, _ := strings.Cut(string(arn), ":policy/")
			may = append(may, Escape(name))
		}
		for _, m := range r.Policies {
			may = append(may, Escape(m.Name)+", "+room(m.Size, quotas.ManagedPolicySize))
		}
		p.detail("may", may)
		if r.Boundary != "" {
			_, name, _ := strings.Cut(string(r.Boundary), ":policy/")
			p.detail("boundary", []string{Escape(name)})
		}
	}
	for _, g := range b.Groups {
		fmt.Fprintf(p, "    group %s  %s  %s\n", Escape(g.Name), room(g.Policy.Size, quotas.ManagedPolicySize), origin(g.Origin))
		p.detail("may assume", assumable(g.Policy.Document))
	}
}

// detail writes a list below a role or a group.
func (p *page) detail(title string, list []string) {
	if len(list) > 0 {
		p.paragraph("          ", title+" "+strings.Join(list, "; "))
	}
}

// room says how much of a quota is used and left.
func room(size, quota int) string {
	return fmt.Sprintf("%s of %s characters, %s left", number(size), number(quota), number(quota-size))
}

func passwords(pw *guardrails.PasswordPolicy) string {
	parts := []string{fmt.Sprintf("at least %d characters", pw.MinimumPasswordLength)}
	var needs []string
	for _, n := range []struct {
		set  bool
		name string
	}{
		{pw.RequireUppercaseCharacters, "upper case"}, {pw.RequireLowercaseCharacters, "lower case"},
		{pw.RequireNumbers, "numbers"}, {pw.RequireSymbols, "symbols"},
	} {
		if n.set {
			needs = append(needs, n.name)
		}
	}
	if len(needs) > 0 {
		parts = append(parts, "with "+strings.Join(needs, ", "))
	}
	if pw.MaxPasswordAge > 0 {
		expire := "expire after " + plural(pw.MaxPasswordAge, "day")
		if pw.HardExpiry {
			expire += ", then only an administrator can reset them"
		}
		parts = append(parts, expire)
	}
	if pw.PasswordReusePrevention > 0 {
		parts = append(parts, fmt.Sprintf("none of the last %d again", pw.PasswordReusePrevention))
	}
	if !pw.AllowUsersToChangePassword {
		parts = append(parts, "users may not change theirs")
	}
	return strings.Join(parts, "; ")
}

// assumable lists the roles that a group's policy lets its members assume,
// and in how many accounts.
func assumable(doc guardrails.Text) []string {
	parsed, ds := policy.Parse("group policy", []byte(doc))
	if ds.HasErrors() {
		return []string{"nothing: the policy cannot be read"}
	}
	accounts := map[string][]string{}
	var roles []string
	for _, s := range parsed.Statements {
		if s.Effect != policy.Allow {
			continue
		}
		for _, arn := range s.Resource {
			m := arnForm.FindStringSubmatch(arn)
			if m == nil || m[2] != "role" {
				continue
			}
			if accounts[m[3]] == nil {
				roles = append(roles, m[3])
			}
			accounts[m[3]] = append(accounts[m[3]], accountName(m[1]))
		}
	}
	slices.Sort(roles)
	var out []string
	for _, r := range roles {
		in := accounts[r]
		slices.Sort(in)
		out = append(out, Escape(r)+" in "+several(slices.Compact(in), 4))
	}
	return out
}
