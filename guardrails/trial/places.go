package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// A Place is where a request is put: the accounts at and below a target, or
// one that would be made there.
type Place struct {
	World        *World
	Accounts     []string // keys, sorted
	Hypothetical bool     // the account is made up
	Refused      string   // why none could be made there; ""
}

// Place finds the accounts at and below a target. Where there is none, the
// plan is made once more with an account there. The organization, the
// catalogue and the options are those that the world's plan was made with; the
// organization is changed meanwhile, and is as before on return.
func (w *World) Place(o *org.Organization, c *catalog.Catalog, opts compile.Options, t org.Target) (Place, error) {
	places, err := w.everywhere(o, c, opts, []org.Target{t})
	if err != nil {
		return Place{}, err
	}
	return places(t), nil
}

// everywhere is Place for many targets: a plan is made once for all that have
// no accounts.
func (w *World) everywhere(o *org.Organization, c *catalog.Catalog, opts compile.Options, targets []org.Target) (func(org.Target) Place, error) {
	with := *o
	with.Accounts = slices.Clone(o.Accounts)
	made := map[*org.Unit]string{}
	for _, t := range targets {
		if t.Unit == nil || made[t.Unit] != "" || len(o.AccountsBelow([]org.Target{t}, nil)) > 0 {
			continue
		}
		a := newAccount(&with, t.Unit)
		made[t.Unit] = a.Key
		defer func(before []*org.Account) { t.Unit.Accounts = before }(t.Unit.Accounts)
	}
	for _, a := range with.Accounts {
		if made[a.Unit] == a.Key {
			a.Unit.Accounts = []*org.Account{a}
		}
	}
	var imagined *World
	refused := ""
	if len(made) > 0 {
		p, ds := compile.Compile(&with, c, opts)
		if p == nil {
			first := ds[slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })]
			refused = "an account there would be refused: " + first.Summary
		} else {
			var err error
			if imagined, err = New(p, opts.AsOf); err != nil {
				return nil, err
			}
		}
	}
	return func(t org.Target) Place {
		if key := made[t.Unit]; t.Unit != nil && key != "" {
			return Place{World: imagined, Accounts: []string{key}, Hypothetical: true, Refused: refused}
		}
		p := Place{World: w}
		for _, a := range o.AccountsBelow([]org.Target{t}, nil) {
			p.Accounts = append(p.Accounts, a.Key)
		}
		return p
	}, nil
}

// newAccount adds an account that is not in the file to a copy of it.
func newAccount(o *org.Organization, u *org.Unit) *org.Account {
	for n := 1; ; n++ {
		key := fmt.Sprintf("new-account-%d", n)
		i, taken := slices.BinarySearchFunc(o.Accounts, key, func(a *org.Account, key string) int { return strings.Compare(a.Key, key) })
		if taken {
			continue
		}
		a := &org.Account{Key: key, Name: key, Email: key + "@example.com", Unit: u, Range: u.Range}
		o.Accounts = slices.Insert(o.Accounts, i, a)
		return a
	}
}

// Makes reports whether the plan makes a role, "role/path/name", in an account.
func (w *World) Makes(as, account string) bool {
	return w.role(account, strings.TrimPrefix(as, "role/"), false) != nil
}
