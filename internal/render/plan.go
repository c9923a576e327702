package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// PlanText writes a plan for a person to read: the organization and the
// digest; the tree, with the guardrails at each node, the lines that asked for
// them and what is left of each quota; exceptions in force; what the proof came to; what each account
// gets, equal accounts together; what the management account's boundary leaves
// out; analyzers; stacks. It says nothing that the
// plan does not. A zero quota is AWS's own.
func PlanText(w io.Writer, p *guardrails.Plan, quotas awsdata.Quotas, opts Options) error {
	quotas = quotas.WithDefaults()
	pg := &page{bufio.NewWriter(w), opts}
	pg.header(p)
	newTree(p, quotas).write(pg)
	pg.exceptions(p.Exceptions)
	pg.proof(opts.Proof)
	pg.baselines(p, quotas)
	pg.notCarried(p.NotCarried)
	pg.analyzers(p.Analyzers)
	pg.stacks(opts.Stacks)
	return pg.Flush()
}

func (p *page) header(plan *guardrails.Plan) {
	o := plan.Organization
	name := Escape(o.Name)
	if id := plan.IDs["organization"]; id != "" {
		name += " (" + Escape(id) + ")"
	}
	fmt.Fprintf(p, "%s %s\n", p.opts.paint(bold, "Organization"), p.opts.paint(bold, name))
	rows := [][]string{
		{"plan", plan.Digest()},
		{"where", fmt.Sprintf("partition %s, home region %s, governed regions %s", Escape(o.Partition), Escape(o.HomeRegion), several(o.Regions, 8))},
		{"holds", Counts(plan)},
	}
	for _, r := range []struct {
		name string
		list []string
	}{
		{"policy types", o.PolicyTypes},
		{"trusted services", o.TrustedServices},
		{"central root access", o.CentralizedRootAccess},
	} {
		if len(r.list) > 0 {
			rows = append(rows, []string{r.name, several(r.list, 6)})
		}
	}
	if o.NewAccounts != "" {
		rows = append(rows, []string{"new accounts", "wait in " + Escape(o.NewAccounts) + " until they are deployed"})
	}
	for i, d := range o.DelegatedAdministrators {
		title := ""
		if i == 0 {
			title = "delegated"
		}
		rows = append(rows, []string{title, fmt.Sprintf("%s to %s  %s", Escape(d.ServicePrincipal), Escape(d.Account), p.opts.paint(faint, Escape(d.Origin)))})
	}
	p.rows("  ", rows)
}

// Counts is one line of how much a plan holds.
func Counts(plan *guardrails.Plan) string {
	boundaries, passwords, roles, groups, analyzers, created := 0, 0, 0, 0, 0, 0
	for _, b := range plan.Baselines {
		boundaries += len(b.Boundaries)
		roles += len(b.Roles)
		groups += len(b.Groups)
		if b.PasswordPolicy != nil {
			passwords++
		}
	}
	for _, r := range plan.Analyzers {
		analyzers += len(r.Analyzers)
	}
	for _, a := range plan.Accounts {
		if plan.IDs["account:"+a.Key] == "" {
			created++
		}
	}
	accounts := plural(len(plan.Accounts), "account")
	if created > 0 {
		accounts += fmt.Sprintf(" (%s to create)", number(created))
	}
	parts := []string{
		accounts + " in " + plural(len(plan.Units), "unit"),
		plural(len(plan.Policies), "policy") + " attached " + times(len(plan.Attachments)),
	}
	for _, c := range []struct {
		n    int
		noun string
	}{{boundaries, "boundary"}, {passwords, "password policy"}, {roles, "role"}, {groups, "group"}, {analyzers, "analyzer"}} {
		if c.n > 0 {
			parts = append(parts, plural(c.n, c.noun))
		}
	}
	return strings.Join(parts, ", ")
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return number(n) + " times"
}

func (p *page) exceptions(list []guardrails.Exception) {
	if len(list) == 0 {
		return
	}
	p.heading("Exceptions in force")
	var rows [][]string
	for _, e := range list {
		until := "for ever"
		if e.Expires != "" {
			until = "until " + Escape(e.Expires)
		}
		if e.InPolicy {
			until += ", kept by the policy"
		}
		rows = append(rows, []string{Escape(e.Key), "from " + Escape(e.Guardrail), until, several(e.Policies, 2), p.opts.paint(faint, Escape(e.Origin))})
		var why []string
		for _, s := range []string{e.Reason, e.Owner, e.Ticket} {
			if s != "" {
				why = append(why, Escape(s))
			}
		}
		rows = append(rows, []string{"", strings.Join(why, ", ")})
	}
	p.rows("  ", rows)
}

func (p *page) proof(r *Proof) {
	if r == nil {
		return
	}
	p.heading("Proof that nobody is locked out")
	asked := plural(r.Requests, "request") + " that must work in " + plural(r.Accounts, "account") + ": "
	if len(r.Lost)+len(r.Accepted) == 0 {
		asked += "none is lost"
	}
	if len(r.Lost) > 0 {
		asked += "lost are " + several(r.Lost, 6)
	}
	if len(r.Accepted) > 0 {
		if len(r.Lost) > 0 {
			asked += "; "
		}
		asked += p.opts.paint(yellow, "accepted as lost: "+several(r.Accepted, 6))
	}
	if r.InDoubt > 0 {
		asked += fmt.Sprintf("; %s on %s", hang(r.InDoubt), several(r.DependOn, 6))
	}
	p.paragraph("  ", asked)
}

// hang is "1 hangs" or "2 hang".
func hang(n int) string {
	if n == 1 {
		return "1 hangs"
	}
	return number(n) + " hang"
}

func (p *page) notCarried(list []guardrails.NotCarried) {
	if len(list) == 0 {
		return
	}
	p.heading("Not carried into the management account")
	boundary := ""
	for _, n := range list {
		if n.Boundary != boundary {
			boundary = n.Boundary
			fmt.Fprintf(p, "  by the boundary %s\n", Escape(boundary))
		}
		fmt.Fprintf(p, "    %s  %s\n", p.opts.paint(bold, Escape(n.Guardrail)), p.opts.paint(faint, Escape(n.Origin)))
		p.paragraph("        ", Escape(n.Reason))
	}
}

func (p *page) analyzers(regions []guardrails.AnalyzerRegion) {
	if len(regions) == 0 {
		return
	}
	p.heading("IAM Access Analyzer")
	var rows [][]string
	for _, r := range regions {
		for i, a := range r.Analyzers {
			region := Escape(r.Region)
			if i > 0 {
				region = ""
			}
			kind := "external access"
			if a.UnusedAccessAge > 0 {
				kind = "unused access, " + plural(a.UnusedAccessAge, "day")
			}
			if n := len(a.ExcludeAccounts); n > 0 {
				kind += ", without " + plural(n, "account")
			}
			if n := len(a.ArchiveRules); n > 0 {
				var names []string
				for _, rule := range a.ArchiveRules {
					names = append(names, rule.Name)
				}
				kind += ", archives " + several(names, 4)
			}
			rows = append(rows, []string{region, Escape(a.Name), kind, "in " + Escape(r.Administrator), p.opts.paint(faint, Escape(a.Origin))})
		}
	}
	p.rows("  ", rows)
}

func (p *page) stacks(list []Stack) {
	if len(list) == 0 {
		return
	}
	p.heading("Stacks, in the order of deployment")
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Kind == list[0].Kind {
			n++
		}
		var names []string
		for _, s := range list[:n] {
			names = append(names, s.Name)
		}
		line := several(names, 6)
		if n > 6 {
			line = plural(n, "stack") + ": " + line
		}
		p.paragraph("  ", line)
		list = list[n:]
	}
}
