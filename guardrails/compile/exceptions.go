package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// An exception is one that is in force, and what became of it.
type exception struct {
	*org.Exception
	below    map[*node][]*org.Account // its accounts, by each node above them
	typ      catalog.Type             // of its guardrail, once it met it
	policies map[string]bool          // names of the policies that it narrows
	hits     map[string]bool          // its actions that the guardrail denies
	reached  map[*org.Account]bool    // its accounts in which the guardrail is in force
	met      bool                     // the guardrail is in force where the exception reaches
	narrowed bool                     // it narrows a statement of the guardrail
	refused  map[string]bool          // what has been said already
}

// exceptionsInForce leaves out what has expired, which is the safe side; the
// reader of the file has warned about it.
func (k *compiler) exceptionsInForce() {
	for i := range k.o.Exceptions {
		e := &k.o.Exceptions[i]
		if ended(e.Expires, k.asOf) {
			continue
		}
		x := &exception{
			Exception: e, below: map[*node][]*org.Account{}, policies: map[string]bool{},
			hits: map[string]bool{}, reached: map[*org.Account]bool{}, refused: map[string]bool{},
		}
		for _, a := range e.Accounts {
			for n := k.byAccount[a]; n != nil; n = n.parent {
				x.below[n] = append(x.below[n], a)
			}
		}
		k.spared = append(k.spared, x)
	}
}

// ended reports whether something that ends at t is over; the zero time is no end.
func ended(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }

// actionRange is where one of the exception's actions stands.
func (x *exception) actionRange(action string) diag.Range {
	if i := slices.Index(x.Actions, action); i < len(x.ActionRanges) {
		return x.ActionRanges[i]
	}
	return x.Range
}

// refuse says once that the exception cannot be honoured.
func (k *compiler) refuse(x *exception, r diag.Range, code, hint, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if !x.refused[what] {
		x.refused[what] = true
		k.ds.Errorf(r, code, "%s", what).Hint = hint
	}
}

// exceptionsOf are the exceptions from a guardrail, in the order of their keys.
func (k *compiler) exceptionsOf(guardrail string) []*exception {
	if k.from == nil {
		k.from = map[string][]*exception{}
		for _, x := range k.spared {
			k.from[x.Guardrail] = append(k.from[x.Guardrail], x)
		}
	}
	return k.from[guardrail]
}

// An exempting is an exception with what it means at nodes that have one document.
type exempting struct {
	*exception
	exemption
	narrows bool // a statement of the piece
}

// narrowed is what is left of a piece that holds at some nodes once the
// exceptions are made from it, and which of them narrowed it. The nodes have
// one document: an exemption for an account of one of them says nothing of the
// accounts of the others.
func (k *compiler) narrowed(nodes []*node, p *piece) ([]stated, []*exception) {
	if !p.template {
		return p.statements, nil
	}
	var made []*exempting
	for _, x := range k.exceptionsOf(p.guardrail) {
		if e, ok := k.met(nodes, p, x); ok {
			made = append(made, &exempting{exception: x, exemption: e})
		}
	}
	out := make([]stated, 0, len(p.statements))
	for _, s := range p.statements {
		out = append(out, k.less(p, s, made)...)
	}
	var by []*exception
	for _, x := range made {
		if x.narrows {
			x.narrowed = true
			by = append(by, x.exception)
		}
	}
	return out, by
}

// less is what is left of a statement of a piece once exceptions are made from
// it: it denies what the statement does, unless an exception that is still in
// force spares the request. First come the statements that deny at all times,
// then those that end exceptions.
func (k *compiler) less(p *piece, s stated, made []*exempting) []stated {
	left, ends := []stated{s}, []stated(nil)
	for i, x := range made {
		var narrows bool
		if left, narrows = k.narrowBy(left, x); narrows {
			x.narrows = true
			ends = append(ends, k.endsOf(p, s, made, i)...)
		}
	}
	return append(left, ends...)
}

// met is what an exception means for a piece at nodes. It is false where it has
// nothing to say there.
func (k *compiler) met(nodes []*node, p *piece, x *exception) (exemption, bool) {
	x.typ = p.typ
	if p.declared != nil {
		k.refuse(x, x.Range, "GR311", "ask for the guardrail at the units and accounts where it is to hold",
			"the exception %s is from %s, a %s, which denies no request that could be spared", x.Key, p.guardrail, spoken(p.typ))
		return exemption{}, false
	}
	e, ok := k.exemption(nodes, p, x)
	if !ok {
		return e, false
	}
	x.met = true
	for _, a := range k.belowOf(x, nodes) {
		x.reached[a] = true
	}
	return e, true
}

// narrowBy makes one exception from what is left of a statement.
func (k *compiler) narrowBy(statements []stated, x *exempting) (out []stated, narrows bool) {
	for _, s := range statements {
		made, _, hits, bad := x.apply(s.Statement)
		for _, h := range hits {
			x.hits[h] = true
		}
		k.conflicts(x.exception, bad)
		touched := s.Effect == policy.Deny && len(bad) == 0 && (len(x.exemption.actions) == 0 || len(hits) > 0)
		for i, m := range made {
			next := stated{Statement: m, exceptions: s.exceptions}
			if touched && i == len(made)-1 { // the one that denies what is excepted
				next.exceptions = append(slices.Clone(s.exceptions), x.Key)
				narrows = true
			}
			out = append(out, next)
		}
	}
	return out, narrows
}

// endsOf are the statements that end one of the exceptions from a statement in
// the policy: they deny what the statement does to those whom it spares, from
// its end on, less whom an exception spares that ends later or with a
// deployment. One that ends before needs no sparing any more.
func (k *compiler) endsOf(p *piece, s stated, made []*exempting, i int) []stated {
	x := made[i]
	if x.policyEnd().IsZero() {
		return nil
	}
	_, excepted, _, bad := x.apply(s.Statement)
	if excepted == nil || len(bad) > 0 {
		return nil // refused already
	}
	var later []*exempting
	who := x.exemption
	for _, y := range made {
		if end := y.policyEnd(); end.IsZero() || end.After(x.Expires) {
			later = append(later, y)
			who = who.without(y.exemption)
		}
	}
	if who.nobody() {
		return nil
	}
	end, ok := who.after(*excepted, x.Expires)
	if !ok {
		k.refuse(x.exception, x.Range, "GR315", "leave enforceExpiry out: the exception then ends with the first deployment after its end",
			"the exception %s cannot end in the policy: %s of %s asks for principals or times already", x.Key, cmp.Or(s.Sid, "a statement"), p.guardrail)
		return nil
	}
	out := []stated{{Statement: end}}
	for _, y := range later {
		if meets := y.meeting(who); !meets.nobody() {
			out, _ = k.narrowBy(out, &exempting{exception: y.exception, exemption: meets})
		}
	}
	return out
}

// policyEnd is when the policy ends the exception; zero for never.
func (x *exception) policyEnd() time.Time {
	if !x.InPolicy {
		return time.Time{}
	}
	return x.Expires
}

// belowOf are the exception's accounts below some nodes. The management account
// is below none, and is a node of its own for the boundary that carries
// guardrails there.
func (k *compiler) belowOf(x *exception, nodes []*node) []*org.Account {
	var out []*org.Account
	for _, n := range nodes {
		if n.account != nil && n.account == k.o.Management && slices.Contains(x.Accounts, n.account) {
			out = append(out, n.account)
			continue
		}
		out = append(out, x.below[n]...)
	}
	return out
}

// exemption is what an exception means at nodes that have one document. It is
// false where the exception has nothing to say there.
func (k *compiler) exemption(nodes []*node, p *piece, x *exception) (exemption, bool) {
	e := exemption{actions: x.Actions}
	var ids []string
	pinned := len(x.Accounts)+len(x.AccountIDs) > 0
	if p.typ == catalog.ResourceControlPolicy {
		// The accounts are those of the principals, wherever the resource is.
		for _, a := range x.Accounts {
			ids = append(ids, ref(a))
			x.reached[a] = true
		}
		for _, id := range x.AccountIDs {
			ids = append(ids, string(id))
		}
		if !pinned {
			k.refuse(x, x.Range, "GR313", "add accounts: the accounts of these principals, by key or by id",
				"the exception %s names no accounts, and %s is a resource control policy, which meets principals of every account there is", x.Key, p.guardrail)
			return e, false
		}
	} else {
		for _, a := range k.belowOf(x, nodes) {
			ids = append(ids, ref(a))
		}
		for _, id := range x.AccountIDs {
			k.refuse(x, x.Range, "GR313", "take it out: an SCP never reaches other accounts",
				"the exception %s names the account %s, which is not in this organization", x.Key, id)
		}
		for _, a := range x.Accounts {
			if a == k.o.Management && k.carrier == nil {
				k.refuse(x, x.Range, "GR313", "take it out: no SCP reaches the management account",
					"the exception %s names the management account, where %s is not in force", x.Key, p.guardrail)
			}
		}
		if pinned && len(ids) == 0 {
			return e, false // its accounts are elsewhere
		}
	}
	switch {
	case len(x.Principals) == 0 && !pinned:
		k.refuse(x, x.Range, "GR311", "name principals or accounts, or remove the guardrail",
			"the exception %s spares everybody", x.Key)
		return e, false
	case len(x.Principals) == 0:
		e.accounts = ids
	case !pinned:
		for _, pr := range x.Principals {
			e.principals = append(e.principals, k.iamARN("*", pr.Pattern))
		}
	default:
		for _, id := range ids {
			for _, pr := range x.Principals {
				e.principals = append(e.principals, k.iamARN(id, pr.Pattern))
			}
		}
	}
	for _, a := range x.Actions {
		if service, _, _ := strings.Cut(a, ":"); strings.ContainsAny(service, "*?") {
			k.refuse(x, x.actionRange(a), "GR312", "name the service: bedrock:InvokeModel*; or leave actions out to except all that it denies",
				"the exception %s names the actions %s, which are wider than any guardrail", x.Key, a)
			return e, false
		}
	}
	return e, true
}

// conflicts refuses each of the exception's actions that lies across patterns
// of a statement, naming a few of them.
func (k *compiler) conflicts(x *exception, bad []conflict) {
	for _, action := range x.Actions {
		var outside, wider []string
		for _, c := range bad {
			switch {
			case c.action != action:
			case c.not:
				outside = append(outside, c.pattern)
			default:
				wider = append(wider, c.pattern)
			}
		}
		if len(outside) > 0 {
			k.refuse(x, x.actionRange(action), "GR312", "name actions that lie outside of what it leaves alone",
				"the exception %s names %s, of which %s does not deny %s", x.Key, action, x.Guardrail, list(outside))
		}
		if len(wider) > 0 {
			k.refuse(x, x.actionRange(action), "GR312", fmt.Sprintf("except %s as a whole, or leave actions out", list(wider)),
				"the exception %s names %s, which is a part of %s, and no statement of %s can be split there", x.Key, action, list(wider), x.Guardrail)
		}
	}
}

// unhonourable refuses what the exceptions ask for and cannot have, and lists
// the others in the plan.
func (k *compiler) unhonourable() {
	for _, x := range k.spared {
		if len(x.refused) == 0 {
			k.unmet(x)
		}
		expires := ""
		if !x.Expires.IsZero() {
			expires = x.Expires.UTC().Format(time.RFC3339)
		}
		k.plan.Exceptions = append(k.plan.Exceptions, guardrails.Exception{
			Key: x.Key, Guardrail: x.Guardrail, Reason: x.Reason, Owner: x.Owner, Ticket: x.Ticket,
			Expires: expires, InPolicy: x.InPolicy && expires != "", Policies: sortedKeysOf(x.policies), Origin: k.origin(x.Range),
		})
	}
	slices.SortFunc(k.plan.Exceptions, func(a, b guardrails.Exception) int { return cmp.Compare(a.Key, b.Key) })
}

func (k *compiler) unmet(x *exception) {
	if !x.met {
		where := "anywhere"
		if len(x.Accounts) > 0 {
			where = "in its accounts"
		}
		k.refuse(x, x.Range, "GR311", "remove the exception, or ask for the guardrail",
			"the exception %s would spare nobody: %s is not in force %s", x.Key, x.Guardrail, where)
		return
	}
	for _, a := range x.Accounts {
		if !x.reached[a] {
			k.refuse(x, x.Range, "GR311", "take the account out of the exception",
				"the exception %s names the account %s, where %s is not in force", x.Key, a.Key, x.Guardrail)
		}
	}
	for _, a := range x.Actions {
		if !x.hits[a] {
			k.refuse(x, x.actionRange(a), "GR312", "take it out, or name the action that was denied",
				"the exception %s names %s, which %s does not deny", x.Key, a, x.Guardrail)
		}
	}
	noDocument := x.narrowed && k.ds.HasErrors() // which has been said
	notCarried := func(n guardrails.NotCarried) bool { return n.Guardrail == x.Guardrail }
	switch {
	case len(x.policies) > 0 || len(x.refused) > 0 || noDocument:
	case x.narrowed && slices.ContainsFunc(k.plan.NotCarried, notCarried):
		k.refuse(x, x.Range, "GR311", "remove the exception, or name the guardrail before others among those that the boundary is to carry",
			"the exception %s would spare nobody: %s is not carried into the management account", x.Key, x.Guardrail)
	default:
		k.refuse(x, x.Range, "GR311", "remove the exception", "the exception %s would spare nobody: %s denies nothing", x.Key, x.Guardrail)
	}
}

func sortedKeysOf(set map[string]bool) []string {
	keys := sortedKeys(set)
	if keys == nil {
		return []string{}
	}
	return keys
}
