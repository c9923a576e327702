package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// kinds of things, in the order in which they are shown.
var thingKinds = []string{"boundary", "passwords", "role", "group"}

// baselines writes what is placed into the accounts: a line for each account
// (for those that get the same, one line), then each thing with its details.
func (p *page) baselines(plan *guardrails.Plan, quotas awsdata.Quotas) {
	type like struct {
		accounts []string
		line     string
	}
	var order []*like
	byThings := map[string]*like{}
	ts := newThings()
	for _, b := range plan.Baselines {
		got := ts.of(b)
		if len(got) == 0 {
			continue
		}
		key := fmt.Sprint(got) // of pointers
		l := byThings[key]
		if l == nil {
			l = &like{line: contents(b)}
			byThings[key] = l
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
		p.paragraph("  ", p.opts.paint(cyan, alike(l.accounts)))
		p.paragraph("      ", l.line)
	}
	slices.SortStableFunc(ts.all, func(a, b *thing) int {
		return cmp.Or(cmp.Compare(slices.Index(thingKinds, a.kind), slices.Index(thingKinds, b.kind)), cmp.Compare(a.name, b.name))
	})
	p.heading("Boundaries, password policies, roles and groups")
	for _, t := range ts.all {
		t.write(p, quotas)
		p.detail("in", []string{alike(t.accounts)})
	}
}

// alike names accounts: "4 accounts: a, b, c, d".
func alike(accounts []string) string {
	if len(accounts) == 1 {
		return Escape(accounts[0])
	}
	return plural(len(accounts), "account") + ": " + several(accounts, 6)
}

// contents is what an account gets, in a line of names.
func contents(b guardrails.Baseline) string {
	var parts []string
	add := func(one, many string, names []string) {
		switch len(names) {
		case 0:
		case 1:
			parts = append(parts, one+" "+Escape(names[0]))
		default:
			parts = append(parts, many+" "+several(names, 12))
		}
	}
	var boundaries, roles, groups []string
	for _, m := range b.Boundaries {
		boundaries = append(boundaries, m.Name)
	}
	for _, r := range b.Roles {
		roles = append(roles, r.Name)
	}
	for _, g := range b.Groups {
		groups = append(groups, g.Name)
	}
	add("boundary", "boundaries", boundaries)
	if b.PasswordPolicy != nil {
		parts = append(parts, fmt.Sprintf("passwords of %d characters", b.PasswordPolicy.MinimumPasswordLength))
	}
	add("role", "roles", roles)
	add("group", "groups", groups)
	return strings.Join(parts, "; ")
}

// title begins a thing: what it is, its name, what there is to say of it in a
// few words, and the line that asked for it.
func (p *page) title(kind, name, about, origin string) {
	line := fmt.Sprintf("  %-9s  %s", kind, p.opts.paint(bold, name))
	if about != "" {
		line += "  " + about
	}
	fmt.Fprintln(p, line+"  "+p.opts.paint(faint, Escape(origin)))
}

func (p *page) boundary(m guardrails.ManagedPolicy, quotas awsdata.Quotas) {
	p.title("boundary", Escape(m.Name), room(m.Size, quotas.ManagedPolicySize), m.Origin)
}

func (p *page) passwords(pw *guardrails.PasswordPolicy) {
	p.title("passwords", fmt.Sprintf("at least %d characters", pw.MinimumPasswordLength), "", pw.Origin)
	p.detail("", passwords(pw))
}

func (p *page) role(r guardrails.Role, quotas awsdata.Quotas) {
	name := Escape(r.Name)
	if r.BreakGlass {
		name += " (break-glass)"
	}
	p.title("role", name, "sessions of "+seconds(r.MaxSessionDuration), r.Origin)
	p.detail("assumed by", trusted(r.Trust))
	var may []string
	for _, arn := range r.ManagedPolicies {
		may = append(may, policyName(arn))
	}
	for _, m := range r.Policies {
		may = append(may, Escape(m.Name)+", "+room(m.Size, quotas.ManagedPolicySize))
	}
	p.detail("may", may)
	if r.Boundary != "" {
		p.detail("boundary", []string{policyName(r.Boundary)})
	}
}

// policyName is the name in the ARN of a managed policy.
func policyName(arn guardrails.Text) string {
	_, name, found := strings.Cut(string(arn), ":policy/")
	if !found {
		return Escape(string(arn))
	}
	return Escape(name)
}

func (p *page) group(g guardrails.Group, quotas awsdata.Quotas) {
	p.title("group", Escape(g.Name), room(g.Policy.Size, quotas.ManagedPolicySize), g.Origin)
	p.detail("may assume", assumable(g.Policy.Document))
}

// detail writes a list below a thing.
func (p *page) detail(title string, list []string) {
	if len(list) > 0 {
		p.paragraph("             ", strings.TrimSpace(title+" "+strings.Join(list, "; ")))
	}
}

// room says how much of a quota is used and left.
func room(size, quota int) string {
	return fmt.Sprintf("%s of %s characters, %s left", number(size), number(quota), number(quota-size))
}

// passwords is what a password policy asks beside the length.
func passwords(pw *guardrails.PasswordPolicy) []string {
	var parts, needs []string
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
	return parts
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
