package org

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// example is the tree
//
//	root: direct
//	  A: a1 a2
//	    B: b1
//	  C
func example() *Organization {
	o := &Organization{Management: &Account{Key: "management"}}
	o.Root = &Unit{Path: "root", Key: "root"}
	unit := func(parent *Unit, path string, accounts ...string) *Unit {
		u := &Unit{Path: path, Key: path[strings.LastIndex(path, "/")+1:], Parent: parent}
		parent.Units = append(parent.Units, u)
		o.Units = append(o.Units, u)
		for _, key := range accounts {
			a := &Account{Key: key, Unit: u}
			u.Accounts = append(u.Accounts, a)
			o.Accounts = append(o.Accounts, a)
		}
		return u
	}
	a := unit(o.Root, "A", "a1", "a2")
	unit(a, "A/B", "b1")
	unit(o.Root, "C")
	direct := &Account{Key: "direct", Unit: o.Root}
	o.Root.Accounts = append(o.Root.Accounts, direct)
	o.Accounts = append(o.Accounts, direct)
	return o
}

func targets(t *testing.T, o *Organization, selectors string) []Target {
	var out []Target
	for _, s := range strings.Fields(selectors) {
		target, ok := o.Select(s)
		if !ok {
			t.Fatalf("nothing is named %q", s)
		}
		out = append(out, target)
	}
	return out
}

func keys(accounts []*Account) string {
	var out []string
	for _, a := range accounts {
		out = append(out, a.Key)
	}
	return strings.Join(out, " ")
}

func TestParseAccountID(t *testing.T) {
	for _, s := range []string{"", "12345678901", "1234567890123", "12345678901a", " 12345678901", "١٢٣٤٥٦٧٨٩٠١٢"} {
		if id, err := ParseAccountID(s); err == nil || id != "" {
			t.Errorf("%q is an account id", s)
		}
	}
	if id, err := ParseAccountID("012345678901"); err != nil || id != "012345678901" {
		t.Error(id, err)
	}
}

func TestAccountsBelow(t *testing.T) {
	o := example()
	for _, c := range []struct{ targets, exclude, want string }{
		{"root", "", "a1 a2 b1 direct"},
		{"root management", "", "a1 a2 b1 direct management"},
		{"management", "", "management"},
		{"A", "", "a1 a2 b1"},
		{"A/B A A a1", "", "a1 a2 b1"},
		{"C", "", ""},
		{"", "", ""},
		{"root", "A/B", "a1 a2 direct"},
		{"root", "A a1", "direct"},
		{"A", "root", ""},
		{"root management", "management", "a1 a2 b1 direct"},
		{"b1", "A/B", ""},
	} {
		if got := keys(o.AccountsBelow(targets(t, o, c.targets), targets(t, o, c.exclude))); got != c.want {
			t.Errorf("%q without %q: got %q, want %q", c.targets, c.exclude, got, c.want)
		}
	}
}

func TestSelect(t *testing.T) {
	o := example()
	for selector, ref := range map[string]string{
		"root": "root", "A/B": "unit:A/B", "b1": "account:b1", "management": "account:management",
	} {
		target, ok := o.Select(selector)
		if !ok || target.Ref() != ref || target.String() != selector {
			t.Errorf("%q: %q %q %v", selector, target.Ref(), target, ok)
		}
	}
	for _, selector := range []string{"", "B", "A/", "/A", "Root", "A/b1"} {
		if target, ok := o.Select(selector); ok {
			t.Errorf("%q names %v", selector, target)
		}
	}
	if (Target{}).Ref() != "" || (Target{}).String() != "" {
		t.Error("no target has a name")
	}
}

func TestDistance(t *testing.T) {
	o := example()
	b1, _ := o.Account("b1")
	for selector, want := range map[string]int{"b1": 0, "A/B": 1, "A": 2, "root": 3, "C": -1, "a1": -1, "management": -1} {
		if got := targets(t, o, selector)[0].Distance(b1); got != want {
			t.Errorf("from b1 to %s: %d, want %d", selector, got, want)
		}
	}
	for selector, want := range map[string]int{"root": -1, "management": 0} {
		if got := targets(t, o, selector)[0].Distance(o.Management); got != want {
			t.Errorf("from management to %s: %d, want %d", selector, got, want)
		}
	}
}

func TestAboveAndDepth(t *testing.T) {
	o := example()
	b1, _ := o.Account("b1")
	var paths []string
	for _, u := range b1.Above() {
		paths = append(paths, fmt.Sprint(u.Path, u.Depth()))
	}
	if got := strings.Join(paths, " "); got != "root0 A1 A/B2" {
		t.Error(got)
	}
	if len(o.Management.Above()) != 0 {
		t.Error("something is above the management account")
	}
}

// An account is below targets exactly when one of them is at some distance.
func TestAccountsBelowAgreesWithDistance(t *testing.T) {
	o := example()
	all := targets(t, o, "root management A A/B C a1 a2 b1 direct")
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() []Target {
		var out []Target
		for range r.IntN(4) {
			out = append(out, all[r.IntN(len(all))])
		}
		return out
	}
	near := func(ts []Target, a *Account) bool {
		return slices.ContainsFunc(ts, func(t Target) bool { return t.Distance(a) >= 0 })
	}
	for range 2000 {
		in, out := pick(), pick()
		got := o.AccountsBelow(in, out)
		if !slices.IsSortedFunc(got, func(a, b *Account) int { return strings.Compare(a.Key, b.Key) }) {
			t.Fatalf("not sorted: %s", keys(got))
		}
		for _, a := range append(slices.Clone(o.Accounts), o.Management) {
			if want := near(in, a) && !near(out, a); slices.Contains(got, a) != want {
				t.Fatalf("%v without %v: %s is there: %v", in, out, a.Key, !want)
			}
		}
	}
}
