package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// expiresSoon is how long before its end an exception is warned about.
const expiresSoon = 14 * 24 * time.Hour

// exceptions resolves who is spared from what.
func (l *loader) exceptions() {
	force := l.inForce()
	l.names.force = force
	for _, key := range sorted(l.doc.Exceptions) {
		in := l.doc.Exceptions[key]
		e := org.Exception{
			Key:       string(key),
			Guardrail: in.Guardrail,
			Reason:    in.Reason,
			Owner:     in.Owner,
			Ticket:    in.Ticket,
			Expires:   l.instant(in.Expires, in.rng("expires")),
			Range:     l.doc.keyRange("exceptions", string(key)),
			InPolicy:  in.EnforceExpiry == "inPolicy",
		}
		if e.InPolicy && e.Expires.IsZero() && !in.has("expires") {
			l.ds.Errorf(in.rng("enforceExpiry"), "GR018", "the exception %q has no end that a policy could keep", key).Hint = "add expires, or remove enforceExpiry"
		}
		for i, a := range in.Actions {
			if a != "" {
				e.Actions = append(e.Actions, string(a))
				e.ActionRanges = append(e.ActionRanges, in.rng("actions", i))
			}
		}
		for i, p := range in.Principals {
			if p != "" {
				e.Principals = append(e.Principals, org.Principal{Pattern: string(p), Range: in.rng("principals", i)})
				l.spares(string(p), in.rng("principals", i))
			}
		}
		known := l.exceptionAccounts(&in, &e)
		l.said(&in)
		l.ends(&in, &e)
		t := l.excepted(&in, force)
		if t != nil {
			l.exceptionReach(&in, &e, t)
			if known {
				l.forceAt(&in, &e, force[t.ID])
			}
		}
		if in.n != nil && !in.has("principals") && !in.has("accounts") && !in.has("actions") {
			l.ds.Errorf(e.Range, "GR043", "the exception %q spares nobody and nothing", key).
				Hint = "add principals, accounts or actions; to take a guardrail away, remove it from the lists that name it"
		}
		l.o.Exceptions = append(l.o.Exceptions, e)
	}
}

// exceptionAccounts resolves the accounts of an exception; it reports whether
// all of them could be.
func (l *loader) exceptionAccounts(in *Exception, e *org.Exception) bool {
	known := true
	for i, line := range in.Accounts {
		s, at := string(line), in.rng("accounts", i)
		if !matches(line, s) {
			known = false // reported by the schema
			continue
		}
		if id, err := org.ParseAccountID(s); err == nil {
			if own := l.accountByID(id); own != nil {
				e.Accounts = append(e.Accounts, own)
			} else {
				e.AccountIDs = append(e.AccountIDs, id)
			}
			continue
		}
		if strings.Trim(s, "0123456789") == "" {
			l.ds.Errorf(at, "GR014", "%s is malformed", quote(s)).Hint = "expected the key of an account, or an account id: twelve digits"
			known = false
			continue
		}
		if a := l.account(s, at); a != nil {
			e.Accounts = append(e.Accounts, a)
		} else {
			known = false
		}
	}
	return known
}

func (l *loader) accountByID(id org.AccountID) *org.Account {
	if l.names.byID == nil {
		l.names.byID = map[org.AccountID]*org.Account{}
		for _, a := range append([]*org.Account{l.o.Management}, l.o.Accounts...) {
			if a.ID != "" {
				l.names.byID[a.ID] = a
			}
		}
	}
	return l.names.byID[id]
}

// spares refuses a pattern that every role or user matches: the exception
// would take the guardrail away.
func (l *loader) spares(pattern string, r diag.Range) {
	if !matches(PrincipalPattern(""), pattern) {
		return
	}
	kind, rest, _ := strings.Cut(pattern, "/")
	if strings.Trim(rest, "*?/") == "" {
		l.ds.Errorf(r, "GR045", "%s is every %s", quote(pattern), kind).
			Hint = "name the principals that need it, such as role/platform/DataPlatform or role/platform/*"
	}
}

// said refuses texts that say nothing.
func (l *loader) said(in *Exception) {
	for _, f := range []struct{ key, text string }{{"reason", in.Reason}, {"owner", in.Owner}, {"ticket", in.Ticket}} {
		if f.text != "" && strings.TrimSpace(f.text) == "" {
			l.ds.Errorf(in.rng(f.key), "GR046", "the %s of the exception is blank", f.key).
				Hint = "an exception says why it is there and who answers for it"
		}
	}
}

// ends warns of exceptions that have expired or soon will.
func (l *loader) ends(in *Exception, e *org.Exception) {
	if e.Expires.IsZero() {
		return
	}
	r := in.rng("expires")
	switch left := e.Expires.Sub(l.asOf); {
	case left <= 0:
		l.ds.Warnf(r, "GR041", "the exception %q expired on %s and is left out", e.Key, lastDay(e.Expires)).
			Hint = "remove it, or agree on a later day with " + quote(e.Owner)
	case left <= expiresSoon:
		l.ds.Warnf(r, "GR042", "the exception %q expires in %s", e.Key, plural(int((left+24*time.Hour-1)/(24*time.Hour)), "day")).
			Hint = "talk to " + quote(e.Owner) + " about what comes after it"
	}
}

// lastDay is the last day on which something held that ends at t.
func lastDay(t time.Time) string { return t.Add(-time.Nanosecond).UTC().Format(time.DateOnly) }

// inForce lists the nodes at which each template is asked for.
func (l *loader) inForce() map[string][]org.Target {
	force := map[string][]org.Target{}
	add := func(t org.Target, uses []org.GuardrailUse) {
		for _, u := range uses {
			if u.Template != "" {
				force[u.Template] = append(force[u.Template], t)
			}
		}
	}
	add(org.Target{Unit: l.o.Root}, l.o.Root.Uses)
	for _, u := range l.o.Units {
		add(org.Target{Unit: u}, u.Uses)
	}
	for _, a := range l.o.Accounts {
		add(org.Target{Account: a}, a.Uses)
	}
	for _, b := range l.doc.PermissionBoundaries { // those of a node are in force at it
		for i := range b.Guardrails.List {
			g := &b.Guardrails.List[i]
			uses, set := l.setNamed(g.Ref, g.rng())
			if !set {
				uses = []org.GuardrailUse{{Template: or(g.Ref, g.Template)}}
			}
			add(org.Target{Account: l.o.Management}, uses)
		}
	}
	return force
}

// carries reports whether a boundary carries guardrails into the management
// account, where no policy of the organization holds.
func (l *loader) carries() bool {
	for _, b := range l.doc.PermissionBoundaries {
		if b.has("guardrails") {
			return true
		}
	}
	return false
}

// excepted is the template that an exception is from; nil when it is none that
// an exception can be from, which has been reported.
func (l *loader) excepted(in *Exception, force map[string][]org.Target) *catalog.Template {
	r := in.rng("guardrail")
	if in.Guardrail == "" {
		return nil
	}
	t, ok := l.catalog.Lookup(in.Guardrail)
	if !ok {
		if l.brokenTemplates {
			return nil
		}
		d := l.ds.Errorf(r, "GR022", "no template is named %s", quote(in.Guardrail))
		if l.isSet(in.Guardrail) {
			d.Hint = "this is a set; an exception is from one template"
			return nil
		}
		inUse := sorted(force)
		d.Hint = diag.DidYouMean(in.Guardrail, append(inUse, l.catalog.IDs("")...))
		if near := diag.Nearest(in.Guardrail, inUse); len(near) > 0 {
			d.Hint = "did you mean " + quote(near[0]) + "?"
		}
		return nil
	}
	if !slices.Contains(guardrailTypes, t.Type) {
		l.ds.Errorf(r, "GR033", "%s is of the type %s; exceptions are from guardrails", t.ID, t.Type).
			Hint = "it has no exceptions: change where it is placed, with targets and exclude"
		return nil
	}
	if t.Type.IsDeclarative() {
		l.ds.Errorf(r, "GR033", "%s is of the type %s, which denies no request that could be spared", t.ID, t.Type).
			Hint = "ask for it at the units and accounts where it is to hold, or with other parameters nearer to the accounts"
		return nil
	}
	if len(force[t.ID]) == 0 {
		d := l.ds.Errorf(r, "GR040", "the guardrail %s is not in force anywhere", t.ID)
		d.Hint = "remove the exception, or ask for the guardrail in root, a unit or an account"
		for name, set := range l.o.Sets {
			if slices.ContainsFunc(set, func(u org.GuardrailUse) bool { return u.Template == t.ID }) {
				d.Hint = fmt.Sprintf("the set %q holds it, but no node names the set", name)
				break
			}
		}
		return nil
	}
	return t
}

// exceptionReach checks what the policy type of a guardrail allows an
// exception to say.
func (l *loader) exceptionReach(in *Exception, e *org.Exception, t *catalog.Template) {
	if t.Type == catalog.ServiceControlPolicy {
		for i, line := range in.Accounts {
			s := string(line)
			if _, err := org.ParseAccountID(s); err == nil && slices.Contains(e.AccountIDs, org.AccountID(s)) {
				l.ds.Errorf(in.rng("accounts", i), "GR044", "the account %s is not one of the organization", s).
					Hint = fmt.Sprintf("%s is a service control policy, which holds for member accounts alone", t.ID)
			}
			if s == org.ManagementSelector && !l.carries() {
				l.ds.Errorf(in.rng("accounts", i), "GR044", "the management account needs no exception").
					Hint = "service control policies never hold for it, and no boundary carries them there; remove it"
			}
		}
		return
	}
	if len(e.Principals) > 0 && !in.has("accounts") {
		l.ds.Errorf(in.keyRange("principals"), "GR044", "the principals of an exception from a resource control policy need accounts").
			Hint = "add accounts: [keys or ids]; without them a principal of that name in any account of the world would be spared"
	}
}

// forceAt refuses accounts at which the guardrail is not in force.
func (l *loader) forceAt(in *Exception, e *org.Exception, nodes []org.Target) {
	if t, _ := l.catalog.Lookup(e.Guardrail); t.Type != catalog.ServiceControlPolicy {
		return // a resource control policy spares callers, wherever they are
	}
	for i, line := range in.Accounts {
		s := string(line)
		a := l.names.accounts[s]
		if id, err := org.ParseAccountID(s); err == nil {
			a = l.accountByID(id)
		}
		if a == nil || a == l.o.Management {
			continue
		}
		if !slices.ContainsFunc(nodes, func(t org.Target) bool { return t.Distance(a) >= 0 }) {
			d := l.ds.Errorf(in.rng("accounts", i), "GR040", "the guardrail %s is not in force at %s", e.Guardrail, a.Key)
			d.Hint = "remove the account: it needs no exception"
		}
	}
}
