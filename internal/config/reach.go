package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// reachable checks roles against everything that leads to them: that somebody
// may assume each, that their boundaries are where they are, and that nobody
// in a member account comes into the management account unnoticed.
func (l *loader) reachable() {
	granted := map[string][]org.Grant{}
	broken := l.doc.n.at("identity").bad
	if id := l.o.Identity; id != nil {
		for _, g := range id.Groups {
			for _, grant := range g.Assume {
				granted[grant.Role] = append(granted[grant.Role], grant)
			}
		}
	}
	for i := range l.o.Roles {
		r := &l.o.Roles[i]
		in := l.doc.Roles[RoleName(r.Key)]
		if r.Trust == nil && len(granted[r.Key]) == 0 && !in.has("trust") && !broken && in.n != nil && in.n.kind == mapNode {
			l.ds.Errorf(r.Range, "GR061", "nobody may assume the role %q", r.Key).
				Hint = "let a group assume it in identity.groups, or add trust"
		}
		l.boundaryReach(r, &in)
		l.chained(r, &in)
		l.intoManagement(r, &in, granted[r.Key])
	}
}

// boundaryReach wants a role's boundary in each account that has the role.
func (l *loader) boundaryReach(r *org.Role, in *Role) {
	i := slices.IndexFunc(l.o.PermissionBoundaries, func(b org.PermissionBoundary) bool { return b.Key == r.Boundary })
	if r.Boundary == "" || i < 0 {
		return
	}
	b := &l.o.PermissionBoundaries[i]
	placed := map[*org.Account]bool{}
	for _, a := range l.o.AccountsBelow(b.Targets, b.Exclude) {
		placed[a] = true
	}
	var without []string
	for _, a := range l.o.AccountsBelow(r.Targets, r.Exclude) {
		if !placed[a] {
			without = append(without, a.Key)
		}
	}
	if len(without) > 0 {
		d := l.ds.Errorf(in.rng("boundary"), "GR049", "the boundary %q is not placed in %s", b.Key, some(without))
		d.Hint = "a role's boundary must be in its own account: add the role's targets to the boundary's"
		boundary := l.doc.PermissionBoundaries[Key(b.Key)]
		d.Related = []diag.Related{{Range: boundary.keyRange("targets"), Message: "the boundary's targets are here"}}
	}
}

// some lists the first three names and counts the rest.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// chained notes that a role's session cannot hand on more than an hour.
func (l *loader) chained(r *org.Role, in *Role) {
	longest := awsdata.Sessions.Value.ChainedMax
	if r.Trust != nil && len(r.Trust.Roles) > 0 && r.MaxSession > time.Duration(longest)*time.Second {
		l.ds.Warnf(in.rng("maxSession"), "GR055", "sessions of the role %s end after %s for the roles that it trusts", r.Key, spoken(longest)).
			Hint = "AWS ends the session of a role that another role assumed after that time, whatever maxSession says"
	}
}

// intoManagement warns of roles in the management account that somebody in a
// member account may assume.
func (l *loader) intoManagement(r *org.Role, in *Role, grants []org.Grant) {
	if !l.madeIn(r)[l.o.Management] {
		return
	}
	var from []string
	note := func(a *org.Account) {
		if a != nil && a != l.o.Management && !slices.Contains(from, a.Key) {
			from = append(from, a.Key)
		}
	}
	if t := r.Trust; t != nil {
		for _, u := range t.Users {
			note(u.Account)
		}
		for _, o := range t.Roles {
			note(o.Account)
		}
	}
	for _, g := range grants {
		if slices.ContainsFunc(g.In, func(t org.Target) bool { return t.Account == l.o.Management }) {
			note(l.o.Identity.Account)
		}
	}
	if len(from) > 0 {
		at := r.Range
		for i, t := range in.Targets {
			if t == org.ManagementSelector {
				at = in.rng("targets", i)
			}
		}
		d := diag.Diagnostic{
			Severity: diag.Warning, Code: "GR065", Range: at,
			Summary: fmt.Sprintf("the role %s in the management account may be assumed from %s", r.Key, some(from)),
			Hint:    "no guardrail holds in the management account: whoever controls that account controls the organization; keep such roles to accounts as well guarded",
		}
		l.ds = append(l.ds, d)
	}
}
