// Package drift compares an organization as AWS has it with the plan of its
// file: what somebody changed, took away or added behind the file's back, and
// what that does to access. [Find] makes findings of it; [Against] says what
// deploying the plan would change, as guardrails/diff says it of two plans.
//
// Both are functions of a snapshot, which internal/live reads, and a plan.
// Nothing is asked of AWS, and nothing is written. What the snapshot does not
// hold is not checked, and said; it never counts as missing.
package drift

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// A match says which units and accounts of AWS are those of the plan.
type match struct {
	snap *live.Snapshot
	plan *guardrails.Plan

	ids  map[string]string // of AWS, by the plan's references
	refs map[string]string // the plan's references, by id
	// known are ids, and those of the plan for what is not there any more.
	known map[string]string

	root     live.Root
	units    map[string]live.Unit    // by id
	accounts map[string]live.Account // by id
	// strangers are the ids of units and accounts that the plan does not have,
	// sorted; they have references in refs, too, made from their names.
	strangers []string
	policies  map[string]map[string]*live.Policy // by type, then name; a type that was not read has no map
}

// What a comparison cannot do without.
var errTree = errors.New("the root, the units and the accounts of the organization could not all be read")

func newMatch(snap *live.Snapshot, plan *guardrails.Plan) (*match, error) {
	if want := plan.IDs["organization"]; want != "" && want != snap.Organization.ID {
		return nil, fmt.Errorf("the credentials are of organization %s, and the file is about %s", snap.Organization.ID, want)
	}
	m := &match{
		snap: snap, plan: plan, ids: map[string]string{}, refs: map[string]string{},
		units: map[string]live.Unit{}, accounts: map[string]live.Account{}, policies: map[string]map[string]*live.Policy{},
	}
	root, ok := snap.Root.Get()
	units, ok2 := snap.Units.Get()
	accounts, ok3 := snap.Accounts.Get()
	if !ok || !ok2 || !ok3 {
		return nil, errTree
	}
	m.root = root
	m.pair("organization", snap.Organization.ID)
	m.pair("root", root.ID)
	m.pair("account:management", snap.Organization.ManagementAccount)
	for _, u := range units {
		m.units[u.ID] = u
	}
	for _, a := range accounts {
		m.accounts[a.ID] = a
	}
	for _, of := range snap.Policies {
		list, ok := of.Policies.Get()
		if !ok {
			continue
		}
		m.policies[of.Type] = map[string]*live.Policy{}
		for i := range list {
			m.policies[of.Type][list[i].Name] = &list[i]
		}
	}
	m.matchAccounts()
	m.matchUnits()
	m.nameStrangers()
	m.known = map[string]string{}
	maps.Copy(m.known, plan.IDs)
	maps.Copy(m.known, m.ids)
	return m, nil
}

func (m *match) pair(ref, id string) { m.ids[ref], m.refs[id] = id, ref }

// matchAccounts goes by the ids of the plan, and where it has none by e-mail,
// which no two accounts have in common.
func (m *match) matchAccounts() {
	mail := map[string]string{}
	for id, a := range m.accounts {
		mail[strings.ToLower(a.Email)] = id
	}
	for _, a := range m.plan.Accounts {
		id := cmp.Or(m.plan.IDs["account:"+a.Key], mail[strings.ToLower(a.Email)])
		if _, there := m.accounts[id]; there && m.refs[id] == "" {
			m.pair("account:"+a.Key, id)
		}
	}
}

// matchUnits goes by the ids of the plan, then by names below the same parent,
// and at last by what is in a unit and attached to it: AWS lets a unit be
// renamed, and not be moved.
func (m *match) matchUnits() {
	for _, u := range m.plan.Units { // parents come first
		if id := m.plan.IDs["unit:"+u.Path]; id != "" {
			if _, there := m.units[id]; there {
				m.pair("unit:"+u.Path, id)
			}
			continue
		}
		parent := m.ids[nodeRef(u.Parent)]
		if parent == "" {
			continue
		}
		names := []string{u.Name}
		for _, was := range u.Was {
			names = append(names, was[strings.LastIndexByte(was, '/')+1:])
		}
		for _, name := range names {
			if id := m.child(parent, func(x live.Unit) bool { return x.Name == name }); id != "" {
				m.pair("unit:"+u.Path, id)
				break
			}
		}
		if m.ids["unit:"+u.Path] == "" {
			m.alike(u, parent)
		}
	}
}

// child is the id of the unit below a parent, that is not matched yet.
func (m *match) child(parent string, is func(live.Unit) bool) string {
	for _, id := range sortedKeys(m.units) {
		if u := m.units[id]; u.ParentID == parent && m.refs[id] == "" && is(u) {
			return id
		}
	}
	return ""
}

// alike matches a unit with the one of another name that has most of its
// accounts and attachments.
func (m *match) alike(u guardrails.Unit, parent string) {
	taken := map[string]bool{} // names of the plan's units below the parent
	for _, other := range m.plan.Units {
		if other.Parent == u.Parent {
			taken[other.Name] = true
		}
	}
	best, most := "", 0
	for _, id := range sortedKeys(m.units) {
		x := m.units[id]
		if x.ParentID != parent || m.refs[id] != "" || taken[x.Name] {
			continue
		}
		n := 0
		for _, a := range m.plan.Accounts {
			if account, ok := m.accounts[m.ids["account:"+a.Key]]; ok && a.Parent == u.Path {
				if at, _ := account.ParentID.Get(); at == id {
					n++
				}
			}
		}
		for _, a := range m.plan.Attachments {
			if a.Target == "unit:"+u.Path && attached(m.policies[a.Type][a.Policy], id) {
				n++
			}
		}
		if n > most {
			best, most = id, n
		}
	}
	if best != "" {
		m.pair("unit:"+u.Path, best)
	}
}

func attached(p *live.Policy, target string) bool {
	if p == nil {
		return false
	}
	targets, _ := p.Targets.Get()
	return slices.ContainsFunc(targets, func(t live.Target) bool { return t.ID == target })
}

// nameStrangers gives references to what the plan does not have: a name that a
// reference may have, or else the id.
func (m *match) nameStrangers() {
	taken := map[string]bool{}
	for _, u := range m.plan.Units {
		taken["unit:"+u.Path] = true
	}
	for _, a := range m.plan.Accounts {
		taken["account:"+a.Key] = true
	}
	give := func(kind, above, name, id string) {
		key := plain(name)
		if key == "" || taken[kind+above+key] {
			key = id
		}
		taken[kind+above+key] = true
		m.pair(kind+above+key, id)
		m.strangers = append(m.strangers, id)
	}
	for waiting := sortedKeys(m.units); len(waiting) > 0; {
		var still []string
		for _, id := range waiting {
			u := m.units[id]
			parent, known := m.refs[u.ParentID]
			switch {
			case m.refs[id] != "":
			case !known:
				still = append(still, id)
			case parent == "root":
				give("unit:", "", u.Name, id)
			default:
				give("unit:", strings.TrimPrefix(parent, "unit:")+"/", u.Name, id)
			}
		}
		if len(still) == len(waiting) {
			break // below a unit that is not in the list
		}
		waiting = still
	}
	for _, id := range sortedKeys(m.accounts) {
		if m.refs[id] == "" {
			give("account:", "", strings.ToLower(m.accounts[id].Name), id)
		}
	}
	slices.Sort(m.strangers)
}

// plain is a name with what no key may have left out; "" where nothing is left.
func plain(name string) string {
	key := strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			return c
		case c == ' ', c == '.':
			return '-'
		}
		return -1
	}, name)
	if key == "root" || key == "management" {
		return ""
	}
	return key
}

// isStranger reports whether the plan does not have a unit or an account.
func (m *match) isStranger(id string) bool {
	_, found := slices.BinarySearch(m.strangers, id)
	return found
}

// nodeRef is the reference of a parent: "root" or a unit's path.
func nodeRef(parent string) string {
	if parent == "root" {
		return parent
	}
	return "unit:" + parent
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
