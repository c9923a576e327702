package config

import (
	"github.com/orgrails/orgrails/guardrails/org"
)

// exceptions resolves who is spared from what.
func (l *loader) exceptions() {
	for _, key := range sorted(l.doc.Exceptions) {
		in := l.doc.Exceptions[key]
		e := org.Exception{
			Key:       string(key),
			Guardrail: in.Guardrail,
			Actions:   text(in.Actions),
			Reason:    in.Reason,
			Owner:     in.Owner,
			Ticket:    in.Ticket,
			Expires:   l.instant(in.Expires, in.rng("expires")),
			Range:     l.doc.keyRange("exceptions", string(key)),
		}
		for i, p := range in.Principals {
			if p != "" {
				e.Principals = append(e.Principals, org.Principal{Pattern: string(p), Range: in.rng("principals", i)})
			}
		}
		for i, s := range in.Accounts {
			if id, err := org.ParseAccountID(s); err == nil {
				if own := l.accountByID(id); own != nil {
					e.Accounts = append(e.Accounts, own)
				} else {
					e.AccountIDs = append(e.AccountIDs, id)
				}
			} else if a := l.account(s, in.rng("accounts", i)); a != nil {
				e.Accounts = append(e.Accounts, a)
			}
		}
		l.o.Exceptions = append(l.o.Exceptions, e)
	}
}

func (l *loader) accountByID(id org.AccountID) *org.Account {
	if l.o.Management.ID == id {
		return l.o.Management
	}
	for _, a := range l.o.Accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}
