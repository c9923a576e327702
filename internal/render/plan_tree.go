package render

import (
	"fmt"
	"slices"
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
	units    map[string][]guardrails.Unit          // by parent
	accounts map[string][]guardrails.Account       // by parent
	attached map[string][]guardrails.Policy        // by target
	others   map[string][]guardrails.ForeignPolicy // by target
	shared   map[string]int                        // how many nodes a policy is attached to
	quiet    map[string]bool                       // by unit: nothing at it nor below but accounts that exist
	below    map[string]int                        // accounts at and below a unit
}

func newTree(p *guardrails.Plan, quotas awsdata.Quotas) *tree {
	t := &tree{
		plan: p, quotas: quotas,
		units:    map[string][]guardrails.Unit{},
		accounts: map[string][]guardrails.Account{},
		attached: map[string][]guardrails.Policy{},
		others:   map[string][]guardrails.ForeignPolicy{},
		shared:   map[string]int{},
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
		t.shared[a.Type+" "+a.Policy]++
	}
	for _, f := range p.Elsewhere {
		for _, target := range f.Targets {
			t.others[target] = append(t.others[target], f)
		}
	}
	for _, u := range t.units["root"] {
		t.survey(u)
	}
	return t
}

// survey finds what is quiet and how many accounts are below.
func (t *tree) survey(u guardrails.Unit) {
	quiet, n := len(t.attached["unit:"+u.Path])+len(t.others["unit:"+u.Path]) == 0 && len(u.Was) == 0, len(t.accounts[u.Path])
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
	return t.plan.IDs["account:"+a.Key] != "" && len(t.attached["account:"+a.Key])+len(t.others["account:"+a.Key]) == 0
}

func (t *tree) write(p *page) {
	p.heading("Units, accounts and policies")
	fmt.Fprintln(p, "  "+p.opts.paint(bold, "root")+t.id("root"))
	t.node(p, "root", "root", "  ")
	if m := t.attached["account:management"]; len(m) > 0 {
		fmt.Fprintln(p, "  "+p.opts.paint(bold, "management"))
		t.policies(p, "account:management", "  ")
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
	t.policies(p, ref, bar)
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
	if ref := "account:" + a.Key; len(t.attached[ref])+len(t.others[ref]) > 0 {
		it.open = func(indent string) { t.policies(p, ref, indent) }
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
func (t *tree) policies(p *page, ref, indent string) {
	slots := map[string]int{}
	for _, pol := range t.attached[ref] {
		slots[pol.Type]++
	}
	for _, f := range t.others[ref] {
		slots[f.Type]++
	}
	for _, pol := range t.attached[ref] {
		size := pol.Size
		if pol.AsFound != "" {
			size = pol.AsFound.Size(t.plan.IDLengths)
		}
		room := number(size) + " characters"
		if q, ok := policyQuota(t.quotas, pol.Type); ok {
			used := slots[pol.Type] + q.always
			if short(pol.Type) == "SCP" && slices.Contains(t.plan.NoFullAccess, ref) {
				used-- // FullAWSAccess is not there
			}
			room = fmt.Sprintf("%s of %s characters, %s left; %d of %d slots, %d left",
				number(size), number(q.size), number(q.size-size), used, q.slots, q.slots-used)
		}
		name := Escape(pol.Name)
		if len(pol.Was) > 0 {
			name += " (was " + several(pol.Was, 3) + ")"
		}
		if n := t.shared[pol.Type+" "+pol.Name]; n > 1 {
			room += fmt.Sprintf("; at %d nodes", n)
		}
		if pol.AsFound != "" {
			room += "; spelled as in AWS"
		}
		fmt.Fprintf(p, "%s%s %s  %s\n", indent, p.opts.paint(bold, short(pol.Type)), name, p.opts.paint(faint, room))
		if pol.Pending != nil {
			p.paragraph(indent+"    ", pending(pol.Pending))
		}
		p.rows(indent+"    ", t.guardrails(p, ref, pol.Statements))
	}
	for _, f := range t.others[ref] {
		known := "managed elsewhere"
		if f.Content == "" {
			known += ", its content is not known"
		}
		fmt.Fprintf(p, "%s%s %s  %s\n", indent, p.opts.paint(bold, short(f.Type)), Escape(f.Name), p.opts.paint(faint, known+"  "+Escape(f.Origin)))
	}
}

// An asking is one use of a guardrail.
type asking struct {
	guardrail, origin string
	exceptions        []string
	lines             int      // further lines
	askedAt           []string // where it stands at another node
	merged            bool
}

// askings are the uses of guardrails in a document, in its order.
func askings(statements []guardrails.Statement) []*asking {
	var order []*asking
	by := map[[2]string]*asking{}
	add := func(guardrail, origin string, exceptions []string) *asking {
		key := [2]string{guardrail, origin}
		a := by[key]
		if a == nil {
			a = &asking{guardrail: guardrail, origin: origin}
			by[key] = a
			order = append(order, a)
		}
		a.exceptions = append(a.exceptions, exceptions...)
		return a
	}
	for _, s := range statements {
		if s.Packed == nil {
			add(s.Guardrail, s.Origin, s.Exceptions)
			continue
		}
		for _, m := range s.Packed.Merged {
			add(m.Guardrail, m.Origin, m.Exceptions).merged = len(s.Packed.Merged) > 1
		}
		if len(s.Packed.Merged) == 0 {
			a := add(s.Guardrail, s.Origin, s.Exceptions)
			a.lines, a.askedAt = len(s.Packed.Lines), s.Packed.AskedAt
		}
	}
	return order
}

// guardrails is a row for each guardrail of a document, in its order.
func (t *tree) guardrails(p *page, ref string, statements []guardrails.Statement) [][]string {
	var rows [][]string
	for _, a := range askings(statements) {
		row := []string{Escape(a.guardrail), p.opts.paint(faint, Escape(a.origin))}
		if e := unique(a.exceptions); len(e) > 0 {
			row = append(row, p.opts.paint(yellow, "except "+several(e, 4)))
		}
		var notes []string
		if len(a.askedAt) > 0 {
			notes = append(notes, t.moved(ref, a.askedAt))
		}
		if a.lines > 0 {
			notes = append(notes, "and "+plural(a.lines, "further line"))
		}
		if a.merged {
			notes = append(notes, "merged with others")
		}
		if len(notes) > 0 {
			row = append(row, p.opts.paint(faint, strings.Join(notes, "; ")))
		}
		if a.guardrail == guardrails.AllowList {
			row[0] = "what is allowed, in the place of FullAWSAccess"
		}
		rows = append(rows, row)
	}
	return rows
}

// moved says of a guardrail that stands at another node than was asked why it does.
func (t *tree) moved(ref string, askedAt []string) string {
	var names []string
	for _, at := range askedAt {
		names = append(names, at[strings.IndexByte(at, ':')+1:])
	}
	if len(askedAt) == 1 && t.above(askedAt[0], ref) {
		return "asked for at " + Escape(names[0]) + ", which takes no more"
	}
	return "asked for at " + several(names, 4) + ", which is all below; what comes there later inherits it"
}

// above reports whether a node, by reference, is above another.
func (t *tree) above(node, ref string) bool {
	if node == "root" {
		return ref != "root"
	}
	path := strings.TrimPrefix(node, "unit:")
	if key, ok := strings.CutPrefix(ref, "account:"); ok {
		for _, a := range t.plan.Accounts {
			if a.Key == key {
				return a.Parent == path || strings.HasPrefix(a.Parent, path+"/")
			}
		}
	}
	return strings.HasPrefix(strings.TrimPrefix(ref, "unit:"), path+"/")
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
	size, ok := map[string]int{
		"SERVICE_CONTROL_POLICY": q.SCPSize, "RESOURCE_CONTROL_POLICY": q.RCPSize, "DECLARATIVE_POLICY_EC2": q.EC2PolicySize,
		"AISERVICES_OPT_OUT_POLICY": q.AIPolicySize, "TAG_POLICY": q.TagPolicySize, "BACKUP_POLICY": q.BackupPolicySize,
	}[policyType]
	slots, always := q.PoliciesPerTarget(policyType)
	return quota{size, slots, always}, ok
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
