package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orgrails/orgrails/guardrails/policy"
)

func declarative(typ string) bool { return policy.Kind(typ).IsDeclarative() }

// spoken is what people call a type of declarative policies.
func spoken(typ string) string {
	switch typ {
	case "AISERVICES_OPT_OUT_POLICY":
		return "AI services opt-out"
	case "BACKUP_POLICY":
		return "backup"
	case "DECLARATIVE_POLICY_EC2":
		return "declarative EC2"
	case "TAG_POLICY":
		return "tag"
	}
	return typ
}

// merge puts those of a list together that have a key in common, and sorts the
// list by the key.
func merge[T any](list *[]T, key func(*T) string, into func(into, from *T)) {
	at := map[string]int{}
	var out []T
	for i := range *list {
		x := &(*list)[i]
		k := key(x)
		if j, ok := at[k]; ok {
			into(&out[j], x)
			continue
		}
		at[k] = len(out)
		out = append(out, *x)
	}
	slices.SortStableFunc(out, func(a, b T) int { return cmp.Compare(key(&a), key(&b)) })
	*list = append((*list)[:0], out...)
}

// finish sorts what has been found and says what it comes to.
func (d *Difference) finish() {
	merge(&d.Others, func(o *Other) string { return fmt.Sprintf("%q", []string{o.What, o.Name, string(o.Change)}) },
		func(into, o *Other) { into.Accounts = append(into.Accounts, o.Accounts...) })
	for i := range d.Others {
		slices.Sort(d.Others[i].Accounts)
	}
	d.uncompared()
	merge(&d.NotCompared, func(n *NotCompared) string { return n.What }, func(into, n *NotCompared) {
		into.MayDeny, into.MayAllow = into.MayDeny || n.MayDeny, into.MayAllow || n.MayAllow
	})
	d.NotCompared = slices.DeleteFunc(d.NotCompared, func(n NotCompared) bool { return !n.MayDeny && !n.MayAllow })
	slices.SortFunc(d.Accounts, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Change, b.Change), cmp.Compare(a.Account, b.Account))
	})
	slices.SortFunc(d.Exceptions, func(a, b Exception) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(d.Documents, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	source := func(e *Effect) string { return fmt.Sprintf("%q", e.Sources) }
	slices.SortStableFunc(d.Effects, func(a, b Effect) int {
		return cmp.Or(-cmp.Compare(a.Change, b.Change), cmp.Compare(a.Type, b.Type), cmp.Compare(source(&a), source(&b)), slices.Compare(a.Accounts, b.Accounts))
	})
	verdict := func(change Kind, may func(NotCompared) bool) Verdict {
		v := None
		for _, e := range d.Effects {
			if e.Change == change && e.Request != nil {
				return Some
			}
			if e.Change == change {
				v = Unknown
			}
		}
		if slices.ContainsFunc(d.NotCompared, may) {
			v = Unknown
		}
		return v
	}
	d.NewlyDenied = verdict(Denied, func(n NotCompared) bool { return n.MayDeny })
	d.NewlyAllowed = verdict(Allowed, func(n NotCompared) bool { return n.MayAllow })
}

// uncompared says what of the accounts' own changes was not worked out.
func (d *Difference) uncompared() {
	for _, o := range d.Others {
		for _, p := range baselineParts {
			if p.name == o.What && p.open != "" {
				d.NotCompared = append(d.NotCompared, NotCompared{p.open, o.Change != Added, o.Change != Removed})
			}
		}
		if o.What == trust {
			d.NotCompared = append(d.NotCompared, NotCompared{"who may assume the roles whose trust changed", true, true})
		}
	}
}
