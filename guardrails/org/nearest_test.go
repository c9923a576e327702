package org

import (
	"fmt"
	"testing"
	"time"
)

func TestNearest(t *testing.T) {
	o := example()
	p := func(in, out string) Placement {
		return Placement{Targets: targets(t, o, in), Exclude: targets(t, o, out)}
	}
	got := o.Nearest([]Placement{
		p("root management", ""), // 0
		p("A", "a2"),             // 1
		p("A/B", ""),             // 2
		p("a1", ""),              // 3
		p("A/B direct", ""),      // 4
		p("A/B b1", "b1"),        // 5, excludes what it would reach
	})
	for key, want := range map[string]string{
		"management": "0 management []",
		"direct":     "4 direct []",
		"a1":         "3 a1 []",
		"a2":         "0 root []", // excluded from the nearer one
		"b1":         "2 A/B [4]",
	} {
		a, _ := o.Account(key)
		tied := []int{}
		for _, other := range got[a].Tied {
			tied = append(tied, other.Index)
		}
		if s := fmt.Sprint(got[a].Index, got[a].Target, tied); s != want {
			t.Errorf("%s: got %s, want %s", key, s, want)
		}
	}
}

func TestNearestReachesNobody(t *testing.T) {
	o := example()
	if got := o.Nearest(nil); len(got) != 0 {
		t.Error(got)
	}
	if got := o.Nearest([]Placement{{Targets: targets(t, o, "C")}, {Targets: targets(t, o, "A"), Exclude: targets(t, o, "root")}}); len(got) != 0 {
		t.Error(got)
	}
}

func TestPasswordPolicyOf(t *testing.T) {
	o := example()
	o.PasswordPolicies = []PasswordPolicy{{Key: "all", Targets: targets(t, o, "root")}, {Key: "b", Targets: targets(t, o, "A/B")}}
	got := o.PasswordPolicyOf()
	b1, _ := o.Account("b1")
	a1, _ := o.Account("a1")
	if got[b1].Index != 1 || got[a1].Index != 0 || len(got) != 4 {
		t.Error(got)
	}
}

// large is an organization of 5,000 accounts in 1,000 units.
func large() *Organization {
	o := &Organization{Management: &Account{Key: "management"}, Root: &Unit{Path: "root"}}
	for i := range 1000 {
		parent := o.Root
		if i >= 10 {
			parent = o.Units[(i-10)/10]
		}
		u := &Unit{Path: fmt.Sprintf("%s/u%04d", parent.Path, i), Parent: parent}
		parent.Units = append(parent.Units, u)
		o.Units = append(o.Units, u)
	}
	for i := range 5000 {
		u := o.Units[i%1000]
		a := &Account{Key: fmt.Sprintf("a%05d", i), Unit: u}
		u.Accounts = append(u.Accounts, a)
		o.Accounts = append(o.Accounts, a)
	}
	return o
}

// Overlapping targets cost no more than the tree: naming every unit must not
// walk each subtree again.
func TestSelectorsAreLinear(t *testing.T) {
	o := large()
	var all []Target
	for _, u := range o.Units {
		all = append(all, Target{Unit: u})
	}
	placements := make([]Placement, 1000)
	for i, u := range o.Units {
		placements[i].Targets = []Target{{Unit: u}, {Unit: o.Root}}
	}
	start := time.Now()
	for range 20 {
		if n := len(o.AccountsBelow(all, nil)); n != 5000 {
			t.Fatal(n)
		}
		if n := len(o.Nearest(placements)); n != 5000 {
			t.Fatal(n)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("20 rounds over 5,000 accounts took %s", d)
	}
}

func BenchmarkAccountsBelow(b *testing.B) {
	o := large()
	for b.Loop() {
		o.AccountsBelow([]Target{{Unit: o.Root}}, []Target{{Unit: o.Units[0]}})
	}
}
