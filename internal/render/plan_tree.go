package render

import (
	"fmt"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// How many alike neighbours of the tree are listed before they are counted.
const (
	maxAccounts = 12
	maxUnits    = 24
)

// A tree is the organization of a plan, from the root down.
type tree struct {
	plan     *guardrails.Plan
	quotas   awsdata.Quotas
	units    map[string][]guardrails.Unit    // by parent
	accounts map[string][]guardrails.Account // by parent
	attached map[string][]guardrails.Policy  // by target
	quiet    map[string]bool                 // by unit: nothing at it nor below but accounts that exist
	below    map[string]int                  // accounts at and below a unit
}

func newTree(p *guardrails.Plan, quotas awsdata.Quotas) *tree {
	t := &tree{
		plan: p, quotas: quotas,
		units:    map[string][]guardrails.Unit{},
		accounts: map[string][]guardrails.Account{},
		attached: map[string][]guardrails.Policy{},
		quiet:    map[string]bool{},
		below:    map[string]int{},
	}
	for _, u := range p.Units {
		t.units[u.Parent] = append(t.units[u.Parent], u)
	}
	for _, a := range p.Accounts {
		t.accounts[a.Parent] = append(t.accounts[a.Parent], a)
	}
	policies := map[string]guardrails.Policy{}
	for _, pol := range p.Policies {
		policies[pol.Type+" "+pol.Name] = pol
	}
	for _, a := range p.Attachments {
		t.attached[a.Target] = append(t.attached[a.Target], policies[a.Type+" "+a.Policy])
	}
	for _, u := range t.units["root"] {
		t.survey(u)
	}
	return t
}

// survey finds what is quiet and how many accounts are below.
func (t *tree) survey(u guardrails.Unit) {
	quiet, n := len(t.attached["unit:"+u.Path]) == 0 && len(u.Was) == 0, len(t.accounts[u.Path])
	for _, a := range t.accounts[u.Path] {
		quiet = quiet && t.plain(a)
	}
	for _, c := range t.units[u.Path] {
		t.survey(c)
		quiet = quiet && t.quiet[c.Path]
		n += t.below[c.Path]
	}
	t.quiet[u.Path], t.below[u.Path] = quiet, n
}

// plain reports whether there is nothing to say of an account but that it is there.
func (t *tree) plain(a guardrails.Account) bool {
	return t.plan.IDs["account:"+a.Key] != "" && len(t.attached["account:"+a.Key]) == 0
}

func (t *tree) write(p *page) {
	p.heading("Units, accounts and policies")
	fmt.Fprintln(p, "  "+p.opts.paint(bold, "root")+t.id("root"))
	t.node(p, "root", "root", "  ")
	if m := t.attached["account:management"]; len(m) > 0 {
		fmt.Fprintln(p, "  "+p.opts.paint(bold, "management"))
		t.policies(p, m, "  ")
	}
	if len(t.plan.Attachments) > 0 {
		p.paragraph("  ", p.opts.paint(faint, "slots count the policy that AWS itself attaches to every node (FullAWSAccess, RCPFullAWSAccess)"))
	}
}

// id is the id of a node in brackets, where the plan knows it.
func (t *tree) id(ref string) string {
	if id := t.plan.IDs[ref]; id != "" {
		return " (" + Escape(id) + ")"
	}
	return ""
}

// An item is what stands below a node: one account or unit, or several alike.
type item struct {
	line string
	open func(indent string) // writes what is below it; nil for nothing
}

// node writes the policies, accounts and units of one node below its name.
func (t *tree) node(p *page, ref, parent, indent string) {
	items := t.items(p, parent)
	bar := indent + "│ "
	if len(items) == 0 {
		bar = indent + "  "
	}
	t.policies(p, t.attached[ref], bar)
	for i, it := range items {
		branch, under := "├─ ", "│  "
		if i == len(items)-1 {
			branch, under = "└─ ", "   "
		}
		fmt.Fprintln(p, indent+p.opts.paint(faint, branch)+it.line)
		if it.open != nil {
			it.open(indent + under)
		}
	}
}

func (t *tree) items(p *page, parent string) []item {
	var items []item
	var plain []guardrails.Account
	created := 0
	for _, a := range t.accounts[parent] {
		if t.plain(a) {
			plain = append(plain, a)
		}
	}
	for _, a := range t.accounts[parent] {
		known := t.plan.IDs["account:"+a.Key] != ""
		if t.plain(a) && len(plain) > maxAccounts {
			continue
		}
		if !known && len(t.attached["account:"+a.Key]) == 0 {
			if created++; created > maxAccounts {
				continue
			}
		}
		items = append(items, t.account(p, a, known))
	}
	if more := created - maxAccounts; more > 0 {
		items = append(items, item{line: "and " + plural(more, "more account") + " to create"})
	}
	if n := len(plain); n > maxAccounts {
		items = append(items, item{line: fmt.Sprintf("%s, %s to %s", plural(n, "account"), Escape(plain[0].Key), Escape(plain[n-1].Key))})
	}
	return append(items, t.unitItems(p, parent)...)
}

func (t *tree) account(p *page, a guardrails.Account, known bool) item {
	line := p.opts.paint(cyan, Escape(a.Key))
	if known {
		line += " " + Escape(t.plan.IDs["account:"+a.Key])
	}
	if a.Name != a.Key {
		line += fmt.Sprintf(" %q", a.Name)
	}
	if !known {
		line += " " + p.opts.paint(green, "NEW") + " " + Escape(a.Email)
	}
	it := item{line: line}
	if policies := t.attached["account:"+a.Key]; len(policies) > 0 {
		it.open = func(indent string) { t.policies(p, policies, indent) }
	}
	return it
}

func (t *tree) unitItems(p *page, parent string) []item {
	var items []item
	var quiet []guardrails.Unit
	for _, u := range t.units[parent] {
		if t.quiet[u.Path] {
			quiet = append(quiet, u)
		}
	}
	for _, u := range t.units[parent] {
		if t.quiet[u.Path] && len(quiet) > maxUnits {
			continue
		}
		key := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
		line := p.opts.paint(bold, Escape(key)) + t.id("unit:"+u.Path)
		if u.Name != key {
			line += fmt.Sprintf(" %q", u.Name)
		}
		if len(u.Was) > 0 {
			line += " " + p.opts.paint(yellow, "was "+several(u.Was, 3))
		}
		items = append(items, item{line, func(indent string) { t.node(p, "unit:"+u.Path, u.Path, indent) }})
	}
	if n := len(quiet); n > maxUnits {
		accounts := 0
		for _, u := range quiet {
			accounts += t.below[u.Path]
		}
		first, last := quiet[0].Path, quiet[n-1].Path
		items = append(items, item{line: fmt.Sprintf("%s without policies of their own, %s to %s, with %s", plural(n, "unit"),
			Escape(first[strings.LastIndexByte(first, '/')+1:]), Escape(last[strings.LastIndexByte(last, '/')+1:]), plural(accounts, "account"))})
	}
	return items
}

// policies writes what is attached to a node: each document with its room,
// and below it the guardrails in it with the lines that asked for them.
func (t *tree) policies(p *page, attached []guardrails.Policy, indent string) {
	slots := map[string]int{}
	for _, pol := range attached {
		slots[pol.Type]++
	}
	for _, pol := range attached {
		room := number(pol.Size) + " characters"
		if q, ok := policyQuota(t.quotas, pol.Type); ok {
			used := slots[pol.Type] + q.always
			room = fmt.Sprintf("%s of %s characters, %s left; %d of %d slots, %d left",
				number(pol.Size), number(q.size), number(q.size-pol.Size), used, q.slots, q.slots-used)
		}
		name := Escape(pol.Name)
		if len(pol.Was) > 0 {
			name += " (was " + several(pol.Was, 3) + ")"
		}
		fmt.Fprintf(p, "%s%s %s  %s\n", indent, p.opts.paint(bold, short(pol.Type)), name, p.opts.paint(faint, room))
		if pol.Pending != nil {
			p.paragraph(indent+"    ", pending(pol.Pending))
		}
		p.rows(indent+"    ", t.guardrails(p, pol.Statements))
	}
}

// guardrails is a row for each guardrail of a document, in its order.
func (t *tree) guardrails(p *page, statements []guardrails.Statement) [][]string {
	type ask struct{ guardrail, origin string }
	var order []ask
	exceptions := map[ask][]string{}
	seen := map[ask]bool{}
	for _, s := range statements {
		k := ask{s.Guardrail, s.Origin}
		if !seen[k] {
			seen[k] = true
			order = append(order, k)
		}
		exceptions[k] = append(exceptions[k], s.Exceptions...)
	}
	var rows [][]string
	for _, k := range order {
		row := []string{Escape(k.guardrail), p.opts.paint(faint, Escape(k.origin))}
		if e := unique(exceptions[k]); len(e) > 0 {
			row = append(row, p.opts.paint(yellow, "except "+several(e, 4)))
		}
		rows = append(rows, row)
	}
	return rows
}

func pending(n *guardrails.Pending) string {
	var needs []string
	for _, b := range n.Needs {
		needs = append(needs, b.Policy)
	}
	until := fmt.Sprintf("until every account below has its boundary (%s): ", several(unique(needs), 3))
	if n.Content == "" {
		return until + "not attached"
	}
	return until + "without the statements that require it"
}

// A quota is what AWS sets for the policies of one type.
type quota struct {
	size, slots int
	always      int // of the slots, those of the policy that AWS itself attaches
}

func policyQuota(q awsdata.Quotas, policyType string) (quota, bool) {
	switch policyType {
	case "SERVICE_CONTROL_POLICY":
		return quota{q.SCPSize, q.SCPPerTarget, 1}, true
	case "RESOURCE_CONTROL_POLICY":
		return quota{q.RCPSize, q.RCPPerTarget, 1}, true
	case "DECLARATIVE_POLICY_EC2":
		return quota{q.EC2PolicySize, q.EC2PolicyPerTarget, 0}, true
	case "AISERVICES_OPT_OUT_POLICY":
		return quota{q.AIPolicySize, q.AIPolicyPerTarget, 0}, true
	case "TAG_POLICY":
		return quota{q.TagPolicySize, q.TagPolicyPerTarget, 0}, true
	case "BACKUP_POLICY":
		return quota{q.BackupPolicySize, q.BackupPolicyPerTarget, 0}, true
	}
	return quota{}, false
}

// short is what people call a policy type.
func short(policyType string) string {
	switch policyType {
	case "SERVICE_CONTROL_POLICY":
		return "SCP"
	case "RESOURCE_CONTROL_POLICY":
		return "RCP"
	case "DECLARATIVE_POLICY_EC2":
		return "EC2"
	case "AISERVICES_OPT_OUT_POLICY":
		return "AI"
	case "TAG_POLICY":
		return "TAG"
	case "BACKUP_POLICY":
		return "BACKUP"
	}
	return Escape(policyType)
}
